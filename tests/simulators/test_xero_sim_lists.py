"""Lists of the simulated Accounting API: pages, filters, order, If-Modified-Since, caps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from xero_desk import TODAY, Desk, desk_of, frozen_company

from arsync_xero.simulator import Company, Rules


@pytest.fixture
def company() -> Company:
    company = frozen_company()
    dough, rolls = company.add_contact("Dough"), company.add_contact("Rolls", contact_number="R7")
    company.add_invoice(dough, "100", date(2026, 9, 1), date(2026, 10, 1), "A1", reference="north")
    company.add_invoice(dough, "20.50", date(2026, 10, 1), date(2026, 11, 1), "A2", reference="south")
    company.add_invoice(rolls, "7", date(2026, 11, 1), date(2026, 12, 1), "A3")
    company.add_bill(rolls, "55", date(2026, 10, 5), date(2026, 11, 5), "B1")
    company.add_draft(rolls, "9", date(2026, 11, 2), None, "D1")
    company.pay("A2")
    return company


@pytest.fixture
def desk(company: Company) -> Iterator[Desk]:
    with desk_of(company) as desk:
        yield desk


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ('Type=="ACCREC"', {"A1", "A2", "A3", "D1"}),
        ('Type=="ACCREC" AND Status=="AUTHORISED"', {"A1", "A3"}),
        ('Type=="ACCREC"&&Status=="PAID"', {"A2"}),
        ('Status=="PAID" OR Type=="ACCPAY"', {"A2", "B1"}),
        ('Status=="PAID" || InvoiceNumber=="D1" and Type=="ACCPAY"', {"A2"}),
        ('(Status=="PAID" || InvoiceNumber=="D1") and Type=="ACCREC"', {"A2", "D1"}),
        ('Reference=="north"', {"A1"}),
        ('Contact.Name=="Dough"', {"A1", "A2"}),
        ('Contact.ContactNumber=="R7" AND AmountDue>=9', {"B1", "D1"}),
        ("AmountDue>0 AND AmountDue<10", {"A3", "D1"}),
        ("DueDate>=DateTime(2026,11,1) AND DueDate<DateTime(2026, 12, 1)", {"A2", "B1"}),
        ('Date==DateTime(2026,11,01) AND type=="ACCREC"', {"A3"}),
        ("DueDate==null", {"D1"}),
        ('InvoiceNumber.StartsWith("A")', {"A1", "A2", "A3"}),
        ('Type!="ACCREC"', {"B1"}),
    ],
)
def test_where(desk: Desk, where: str, found: set[str]) -> None:
    assert set(desk.numbers(where=where)) == found


def test_where_by_id_needs_a_guid(desk: Desk, company: Company) -> None:
    dough = company.contact("Dough").id
    first = company.invoice("A1").id
    assert set(desk.numbers(where=f'Contact.ContactID==guid("{dough}")')) == {"A1", "A2"}
    assert desk.numbers(where=f'InvoiceID==Guid("{first.upper()}")') == ["A1"]
    refused = desk.get("Invoices", where=f'Contact.ContactID=="{dough}"')
    assert (refused.status_code, refused.json()["Type"]) == (400, "QueryParseException")


@pytest.mark.parametrize(
    "where",
    [
        'Colour=="red"',
        'Type=="ACCREC',
        'Type=="ACCREC" AND',
        "AmountDue>'1'",
        '(Type=="ACCREC"',
        "Type==ACCREC",
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(desk: Desk, where: str) -> None:
    reply = desk.get("Invoices", where=where)
    assert (reply.status_code, reply.json()["Type"]) == (400, "QueryParseException")


def test_lists_of_ids_numbers_contacts_and_statuses(desk: Desk, company: Company) -> None:
    ids = f"{company.invoice('A1').id},{company.invoice('D1').id}"
    assert set(desk.numbers(IDs=ids)) == {"A1", "D1"}
    assert set(desk.numbers(InvoiceNumbers="A2,B1")) == {"A2", "B1"}
    assert set(desk.numbers(ContactIDs=company.contact("Dough").id)) == {"A1", "A2"}
    assert set(desk.numbers(Statuses="PAID,DRAFT")) == {"A2", "D1"}
    assert set(desk.numbers(searchTerm="NORTH")) == {"A1"}


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ("DueDate DESC", ["A3", "A2", "A1"]),
        ("Date", ["A1", "A2", "A3"]),
        ("AmountDue ASC", ["A2", "A3", "A1"]),
    ],
)
def test_order(desk: Desk, order: str, numbers: list[str]) -> None:
    assert desk.numbers(order=order, InvoiceNumbers="A1,A2,A3") == numbers


def test_order_by_id_and_the_default_order_by_update_then_id(desk: Desk, company: Company) -> None:
    by_id = sorted(company.invoices)
    assert [row["InvoiceID"] for row in desk.invoices(order="InvoiceID")] == by_id
    assert [row["InvoiceID"] for row in desk.invoices(order="InvoiceID DESC")] == by_id[::-1]
    assert [row["InvoiceID"] for row in desk.invoices()] == by_id
    company.advance(seconds=1)
    moved = by_id[0]
    company.expect(moved, TODAY)
    assert [row["InvoiceID"] for row in desk.invoices()] == [*by_id[1:], moved]
    assert desk.get("Invoices", order="Shade").status_code == 400


def test_the_page_size_is_clamped_without_a_word() -> None:
    company = frozen_company()
    contact = company.add_contact("Crumb")
    for _ in range(1_001):
        company.add_invoice(contact, "1", TODAY)
    with desk_of(company) as desk:
        asked = {"5000": (1000, 2, 1000), "0": (1, 1001, 1), "-3": (1, 1001, 1), "250": (250, 5, 250)}
        for size, (used, pages, rows) in asked.items():
            body = desk.get("Invoices", page=1, pageSize=size).json()
            assert body["pagination"] == {
                "page": 1,
                "pageSize": used,
                "pageCount": pages,
                "itemCount": 1001,
            }
            assert len(body["Invoices"]) == rows
        assert len(desk.get("Invoices", page=1).json()["Invoices"]) == 100
        assert len(desk.get("Invoices", page=2, pageSize=1000).json()["Invoices"]) == 1
        assert desk.get("Invoices", page=12).json()["Invoices"] == []
        assert desk.get("Invoices", page="first").status_code == 400


def test_only_a_paged_answer_has_pagination_and_line_items(desk: Desk) -> None:
    plain = desk.get("Invoices").json()
    assert "pagination" not in plain
    assert all(row["LineItems"] == [] for row in plain["Invoices"])
    assert all(len(row["LineItems"]) == 1 for row in desk.invoices(page=1))
    for forcing in ({"summaryOnly": "True"}, {"summaryOnly": "true"}, {"Statuses": "PAID"}):
        assert "pagination" in desk.get("Invoices", **forcing).json()


def test_a_summary_lacks_just_its_four_fields(desk: Desk) -> None:
    whole = desk.invoices(page=1, InvoiceNumbers="A2")[0]
    summary = desk.invoices(summaryOnly="True", InvoiceNumbers="A2")[0]
    assert set(whole) - set(summary) == {"LineItems", "Payments", "HasAttachments"}
    assert set(summary) <= set(whole)


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("2026-11-22T12:00:00", 5),
        ("2026-11-22T12:00:00.900Z", 5),
        ("2026-11-22T14:00:00+02:00", 5),
        ("Sun, 22 Nov 2026 12:00:00 GMT", 5),
        ("2026-11-22T12:00:01Z", 1),
        ("2026-11-22T12:00:31Z", 0),
    ],
)
def test_if_modified_since_counts_whole_seconds_of_utc(
    desk: Desk, company: Company, since: str, found: int
) -> None:
    company.advance(seconds=30)
    company.expect("A1", TODAY)
    assert len(desk.invoices({"If-Modified-Since": since})) == found


def test_if_modified_since_works_with_a_filter_and_must_be_readable(desk: Desk, company: Company) -> None:
    company.advance(seconds=30)
    company.void("A3")
    since = {"If-Modified-Since": "2026-11-22T12:00:10Z"}
    assert desk.numbers(since, where='Type=="ACCREC"', page=1) == ["A3"]
    assert desk.numbers(since, where='Type=="ACCPAY"', page=1) == []
    assert desk.get("Invoices", {"If-Modified-Since": "yesterday"}).status_code == 412


def test_about_fifty_ids_fit_in_an_address(desk: Desk, company: Company) -> None:
    one = company.invoice("A1").id
    assert desk.get("Invoices", IDs=",".join([one] * 52)).status_code == 200
    assert desk.get("Invoices", IDs=",".join([one] * 53)).status_code == 414


def test_above_the_cap_only_paged_and_indexed_questions_are_answered(company: Company) -> None:
    with desk_of(company, rules=Rules(record_cap=4)) as desk:
        assert desk.get("Invoices").status_code == 400
        assert desk.get("Invoices", page=1).status_code == 200
        assert desk.get("Invoices", page=1, where='Type=="ACCREC"', order="InvoiceID").status_code == 200
        assert desk.get("Invoices", page=1, where='CurrencyCode=="GBP"').status_code == 400
        assert desk.get("Invoices", page=1, where='Status=="PAID" OR Type=="ACCPAY"').status_code == 400
        assert desk.get("Invoices", page=1, order="DueDate").status_code == 400


def test_a_record_edited_during_paging_shifts_the_pages(desk: Desk, company: Company) -> None:
    first = desk.numbers(page=1, pageSize=2)
    company.advance(seconds=1)
    company.expect(first[0], TODAY)
    second = desk.numbers(page=2, pageSize=2)
    third = desk.numbers(page=3, pageSize=2)
    missed = set(company.numbers) - {*first, *second, *third}
    assert len(missed) == 1
    assert third == [first[0]]


def test_archived_contacts_are_left_out_unless_asked_for(desk: Desk, company: Company) -> None:
    company.archive("Rolls")
    company.add_contact("Erased")
    company.gdpr("Erased")

    def names(**parameters: str) -> set[str]:
        return {row["Name"] for row in desk.get("Contacts", **parameters).json()["Contacts"]}

    assert names() == {"Dough", "Erased"}
    assert names(includeArchived="True") == {"Dough", "Rolls", "Erased"}
    assert names(IDs=company.contact("Rolls").id) == set()
    assert names(where='ContactStatus=="GDPRREQUEST"') == {"Erased"}


def test_payments_can_be_asked_for_by_type_and_day(desk: Desk, company: Company) -> None:
    company.pay("B1", on=TODAY - timedelta(days=1))

    def types(where: str) -> list[str]:
        return [row["PaymentType"] for row in desk.get("Payments", where=where).json()["Payments"]]

    assert types('PaymentType=="ACCRECPAYMENT"') == ["ACCRECPAYMENT"]
    assert types("Date==DateTime(2026,11,21)") == ["ACCPAYPAYMENT"]
