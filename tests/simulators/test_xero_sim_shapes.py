"""The shapes of the simulated answers: envelopes, dates, contacts, credits, the report, XML and gzip."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from xero_desk import NOON_MS, TENANT, Desk, desk_of, frozen_company

from arsync_xero.simulator import Company, Person

ENVELOPE = {"Id", "Status", "ProviderName", "DateTimeUTC"}
LISTED_INVOICE = {
    "Type",
    "InvoiceID",
    "InvoiceNumber",
    "Reference",
    "Payments",
    "CreditNotes",
    "Prepayments",
    "Overpayments",
    "AmountDue",
    "AmountPaid",
    "AmountCredited",
    "SentToContact",
    "CurrencyRate",
    "HasErrors",
    "IsDiscounted",
    "HasAttachments",
    "Contact",
    "DateString",
    "Date",
    "DueDateString",
    "DueDate",
    "Status",
    "LineAmountTypes",
    "LineItems",
    "SubTotal",
    "TotalTax",
    "Total",
    "UpdatedDateUTC",
    "UpdatedDateUTCString",
    "CurrencyCode",
}


@pytest.fixture
def company() -> Company:
    company = frozen_company()
    company.add_contact(
        "Elm",
        "office@elm.example",
        [{"FirstName": "Di", "LastName": "Fox", "EmailAddress": "di@elm.example", "IncludeInEmails": True}],
        first_name="Di",
        payment_days=30,
        groups=("Bakers",),
    )
    company.add_invoice("Elm", "120.00", date(2026, 10, 1), date(2026, 10, 31), "A1", tax="20.00")
    company.add_invoice("Elm", "58.50", date(2026, 11, 1), date(2026, 12, 1), "E1", "EUR", rate="1.17")
    return company


@pytest.fixture
def desk(company: Company) -> Iterator[Desk]:
    with desk_of(company) as desk:
        yield desk


def exact(reply: Any) -> Any:
    return json.loads(reply.content, parse_float=Decimal)


def test_a_listed_invoice(desk: Desk, company: Company) -> None:
    body = desk.get("Invoices", page=1, InvoiceNumbers="A1").json()
    assert set(body) == ENVELOPE | {"pagination", "Invoices"}
    assert (body["Status"], body["DateTimeUTC"]) == ("OK", f"/Date({NOON_MS})/")
    row = body["Invoices"][0]
    assert set(row) == LISTED_INVOICE
    assert (row["Date"], row["DateString"]) == ("/Date(1790812800000+0000)/", "2026-10-01T00:00:00")
    assert (row["DueDate"], row["DueDateString"]) == ("/Date(1793404800000+0000)/", "2026-10-31T00:00:00")
    assert row["UpdatedDateUTC"] == f"/Date({NOON_MS}+0000)/"
    assert row["UpdatedDateUTCString"] == "2026-11-22T12:00:00Z"
    assert row["Contact"] == {
        "ContactID": company.contact("Elm").id,
        "Name": "Elm",
        "Addresses": [],
        "Phones": [],
        "ContactGroups": [],
        "ContactPersons": [],
        "HasValidationErrors": False,
    }


def test_only_a_single_invoice_shows_the_contacts_address(desk: Desk, company: Company) -> None:
    for path in ("Invoices/A1", f"Invoices/{company.invoice('A1').id.upper()}"):
        row = desk.get(path).json()["Invoices"][0]
        assert row["Contact"]["EmailAddress"] == "office@elm.example"
        assert row["Contact"]["ContactPersons"][0]["EmailAddress"] == "di@elm.example"
        assert [line["LineAmount"] for line in row["LineItems"]] == [100.0]


def test_amounts_are_numbers_with_exactly_their_own_digits(desk: Desk) -> None:
    text = desk.get("Invoices", InvoiceNumbers="A1").text
    assert '"Total":120.00,' in text
    assert '"SubTotal":100.00,"TotalTax":20.00' in text


def test_a_payment_shows_on_the_invoice_until_it_is_deleted(desk: Desk, company: Company) -> None:
    paid = company.pay("A1", "20.01", on=date(2026, 11, 20), reference="bacs")
    row = exact(desk.get("Invoices", page=1, InvoiceNumbers="A1"))["Invoices"][0]
    assert (row["AmountDue"], row["AmountPaid"], row["Status"]) == (
        Decimal("99.99"),
        Decimal("20.01"),
        "AUTHORISED",
    )
    assert row["Payments"] == [
        {
            "PaymentID": paid,
            "Date": "/Date(1795132800000+0000)/",
            "Amount": Decimal("20.01"),
            "Reference": "bacs",
            "CurrencyRate": 1,
            "HasAccount": False,
            "HasValidationErrors": False,
        }
    ]
    company.delete_payment(paid)
    row = exact(desk.get("Invoices", page=1, InvoiceNumbers="A1"))["Invoices"][0]
    assert (row["AmountDue"], row["Payments"]) == (Decimal("120.00"), [])
    listed = desk.get(f"Payments/{paid}").json()["Payments"][0]
    assert (listed["Status"], listed["PaymentType"]) == ("DELETED", "ACCRECPAYMENT")
    assert listed["Invoice"]["InvoiceNumber"] == "A1"


def test_a_fully_paid_invoice_says_when(desk: Desk, company: Company) -> None:
    company.pay("A1", on=date(2026, 11, 20))
    row = desk.invoices(InvoiceNumbers="A1")[0]
    assert (row["Status"], row["FullyPaidOnDate"]) == ("PAID", "/Date(1795132800000+0000)/")


def test_credits_of_each_kind_and_what_was_used_of_them(desk: Desk, company: Company) -> None:
    note = company.add_credit_note("Elm", "30", issued=date(2026, 11, 2), number="CN-9")
    over = company.add_overpayment("Elm", "15", on=date(2026, 11, 3))
    pre = company.add_prepayment("Elm", "12", on=date(2026, 11, 4))
    company.allocate(note, "A1", "10")
    company.allocate(over, "A1")
    rows = {
        kind: exact(desk.get(kind, page=1))[kind][0]
        for kind in ("CreditNotes", "Overpayments", "Prepayments")
    }
    shown = {
        kind: (row["ID"], row["Type"], row["RemainingCredit"], row["Status"]) for kind, row in rows.items()
    }
    assert shown == {
        "CreditNotes": (note, "ACCRECCREDIT", Decimal("20.00"), "AUTHORISED"),
        "Overpayments": (over, "RECEIVE-OVERPAYMENT", Decimal("0.00"), "PAID"),
        "Prepayments": (pre, "RECEIVE-PREPAYMENT", Decimal("12.00"), "AUTHORISED"),
    }
    assert rows["CreditNotes"]["CreditNoteNumber"] == "CN-9"
    assert rows["CreditNotes"]["Allocations"][0]["Invoice"]["InvoiceNumber"] == "A1"
    invoice = exact(desk.get("Invoices", page=1, InvoiceNumbers="A1"))["Invoices"][0]
    assert (invoice["AmountDue"], invoice["AmountCredited"]) == (Decimal("95.00"), Decimal("25.00"))
    assert [part["AppliedAmount"] for part in invoice["CreditNotes"]] == [Decimal("10.00")]
    assert [part["AppliedAmount"] for part in invoice["Overpayments"]] == [Decimal("15.00")]


def test_what_a_contact_shows_depends_on_how_it_is_asked_for(desk: Desk, company: Company) -> None:
    heavy = {"Balances", "PaymentTerms"}

    def contact(path: str = "Contacts", **parameters: Any) -> dict[str, Any]:
        return exact(desk.get(path, **parameters))["Contacts"][0]

    plain, paged, summary = contact(), contact(page=1), contact(summaryOnly="true")
    single = contact(f"Contacts/{company.contact('Elm').id}")
    assert heavy <= set(paged)
    assert heavy <= set(single)
    assert not heavy & set(plain)
    assert (plain["ContactPersons"], plain["EmailAddress"]) == ([], "office@elm.example")
    assert not set(summary) & (heavy | {"ContactPersons", "ContactGroups", "Addresses"})
    assert paged["ContactPersons"] == [
        {"FirstName": "Di", "LastName": "Fox", "EmailAddress": "di@elm.example", "IncludeInEmails": True}
    ]
    assert paged["ContactGroups"][0]["Name"] == "Bakers"
    company.edit_contact("Elm", city="Oban", region="Argyll", country="Scotland")
    sent_to = {
        "AddressType": "POBOX",
        "City": "Oban",
        "Region": "Argyll",
        "PostalCode": "",
        "Country": "Scotland",
    }
    assert contact(page=1)["Addresses"][1] == contact()["Addresses"][1] == sent_to
    assert paged["PaymentTerms"] == {"Sales": {"Day": 30, "Type": "DAYSAFTERBILLDATE"}}


def test_balances_are_in_the_base_currency_and_follow_the_day(desk: Desk, company: Company) -> None:
    def receivable() -> dict[str, Decimal]:
        contact = exact(desk.get("Contacts", page=1))["Contacts"][0]
        return contact["Balances"]["AccountsReceivable"]

    assert receivable() == {"Outstanding": Decimal("170.00"), "Overdue": Decimal("120.00")}
    company.add_overpayment("Elm", "30")
    assert receivable() == {"Outstanding": Decimal("140.00"), "Overdue": Decimal("120.00")}
    desk.simulator.advance(days=10)
    desk.sign_in()
    assert receivable() == {"Outstanding": Decimal("140.00"), "Overdue": Decimal("170.00")}


def test_either_reading_of_a_balance_can_be_had(desk: Desk, company: Company) -> None:
    """Its pages do not settle whether credit is taken off and foreign amounts are converted."""
    company.add_overpayment("Elm", "30")
    company.add_prepayment("Elm", "11.70", currency="EUR", rate="1.17")
    company.add_credit_note("Elm", "2")

    def outstanding(*, less: bool, converted: bool) -> Decimal:
        company.balances_less_prepaid, company.balances_in_base = less, converted
        contact = exact(desk.get("Contacts", page=1))["Contacts"][0]
        found: Decimal = contact["Balances"]["AccountsReceivable"]["Outstanding"]
        return found

    # owed are 120.00 and 58.50 EUR, which are 50.00; 11.70 EUR are 10.00
    assert outstanding(less=False, converted=True) == Decimal("168.00")
    assert outstanding(less=True, converted=True) == Decimal("128.00")
    assert outstanding(less=False, converted=False) == Decimal("176.50")
    assert outstanding(less=True, converted=False) == Decimal("134.80")


def test_a_payment_of_a_deposit_carries_a_flag_and_an_amount_as_texts(desk: Desk, company: Company) -> None:
    company.pay("A1", "20.00", batched=True)
    company.pay("A1", "30.00")
    rows = {row["Amount"]: row for row in exact(desk.get("Payments", page=1))["Payments"]}
    batch = rows[Decimal("20.00")]["BatchPayment"]
    assert (batch["Type"], batch["TotalAmount"], batch["IsReconciled"]) == ("RECBATCH", "20.00", "false")
    assert rows[Decimal("20.00")]["IsReconciled"] is False
    assert "BatchPayment" not in rows[Decimal("30.00")]


def test_a_merged_contact_points_to_the_one_that_stays(desk: Desk, company: Company) -> None:
    company.add_contact("Elm Ltd")
    company.merge("Elm", "Elm Ltd")
    rows = desk.get("Contacts", page=1, includeArchived="true").json()["Contacts"]
    by_name = {row["Name"]: row for row in rows}
    assert by_name["Elm"]["ContactStatus"] == "ARCHIVED"
    assert by_name["Elm"]["MergedToContactID"] == by_name["Elm Ltd"]["ContactID"]
    assert "MergedToContactID" not in by_name["Elm Ltd"]
    assert {row["Contact"]["Name"] for row in desk.invoices()} == {"Elm Ltd"}


def test_the_organisation_its_theme_and_its_reminder_switch(desk: Desk, company: Company) -> None:
    row = desk.get("Organisation").json()["Organisations"][0]
    assert (row["OrganisationID"], row["BaseCurrency"], row["Version"]) == (TENANT, "GBP", "UK")
    assert row["Timezone"] == "GMTSTANDARDTIME"
    assert desk.get("BrandingThemes").json()["BrandingThemes"][0]["Name"] == "Standard"
    company.reminders_enabled = True
    assert desk.get("InvoiceReminders/Settings").json()["InvoiceReminders"] == [{"Enabled": True}]


def test_the_aged_report_of_a_contact_as_of_a_day(desk: Desk, company: Company) -> None:
    desk.sign_in("accounting.reports.aged.read")
    company.pay("A1", "20", on=date(2026, 11, 21))
    path = "Reports/AgedReceivablesByContact"
    contact = company.contact("Elm").id

    def lines(day: str) -> list[list[str]]:
        report = desk.get(path, contactID=contact, date=day).json()["Reports"][0]
        assert report["ReportType"] == "AgedReceivablesByContact"
        return [[cell["Value"] for cell in row["Cells"]] for row in report["Rows"][1]["Rows"]]

    assert lines("2026-11-22") == [
        [
            "2026-10-01T00:00:00",
            "A1",
            "2026-10-31T00:00:00",
            "22 days overdue",
            "120.00",
            "20.00",
            "0.00",
            "100.00",
        ],
        ["2026-11-01T00:00:00", "E1", "2026-12-01T00:00:00", "", "50.00", "0.00", "0.00", "50.00"],
        ["Total", "", "", "", "170.00", "20.00", "0.00", "150.00"],
    ]
    assert lines("2026-10-31")[-1] == ["Total", "", "", "", "120.00", "0.00", "0.00", "120.00"]
    assert desk.get(path).status_code == 400


def test_xml_comes_to_whoever_does_not_ask_for_json(desk: Desk) -> None:
    reply = desk.get("Organisation", {"Accept": "*/*"})
    assert reply.headers["Content-Type"].startswith("text/xml")
    root = ElementTree.fromstring(reply.content)
    assert root.findtext("Organisations/Organisation/BaseCurrency") == "GBP"


def test_gzip_for_whoever_takes_it(desk: Desk) -> None:
    assert desk.get("Invoices", {"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    plain = desk.get("Invoices", {"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert int(plain.headers["Content-Length"]) == len(plain.content)


def test_a_connection_stays_open_for_the_next_request(desk: Desk) -> None:
    connection = HTTPConnection(urlsplit(desk.url).netloc, timeout=60)
    used = []
    for _ in range(3):
        connection.request("GET", "/connections", headers={"Authorization": "Bearer none"})
        assert connection.getresponse().read()
        used.append(connection.sock)
    connection.close()
    assert used[0] is not None
    assert used[0] is used[1] is used[2]


def test_nulls_stand_only_where_nothing_is_lost() -> None:
    plain, sparse = frozen_company(), frozen_company(nulls=True)
    for company in (plain, sparse):
        contact = company.add_contact("Ash", persons=[Person("A", "B", "a@ash.example")])
        company.add_contact("Fir")
        for _ in range(8):
            company.add_invoice(contact, "10", date(2026, 11, 1))
    with desk_of(plain) as one, desk_of(sparse) as other:
        for name, key in (("Invoices", "Invoices"), ("Contacts", "Contacts")):
            rows = zip(one.get(name, page=1).json()[key], other.get(name, page=1).json()[key], strict=True)
            nulls = 0
            for full, thin in rows:
                emptied = {field for field, value in thin.items() if value is None}
                nulls += len(emptied)
                assert all(full.get(field) in ("", [], None) for field in emptied)
                assert {k: v for k, v in thin.items() if k not in emptied}.items() <= full.items()
            assert nulls
