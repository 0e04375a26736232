"""The simulated organisation itself: what its verbs do, refuse, and leave unmoved."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from xero_desk import TODAY, desk_of, frozen_company

from arsync_xero.simulator import BookError, Company, Person, demo_company, large_company


@pytest.fixture
def company() -> Company:
    company = frozen_company()
    company.add_contact("Pine")
    company.add_invoice("Pine", "100", TODAY - timedelta(days=40), TODAY - timedelta(days=10), "A1")
    company.add_invoice("Pine", "50", TODAY - timedelta(days=40), TODAY - timedelta(days=10), "A2")
    company.pay("A2", "20")
    company.advance(seconds=60)
    return company


def moved(company: Company, change: Callable[[], object], number: str) -> bool:
    before = company.invoice(number).updated_ms
    change()
    return company.invoice(number).updated_ms != before


def test_a_due_date_moves_the_time_of_update_only_while_nothing_is_paid(company: Company) -> None:
    assert moved(company, lambda: company.redate("A1", TODAY), "A1")
    assert not moved(company, lambda: company.redate("A2", TODAY), "A2")
    assert company.invoice("A2").due == TODAY


def test_sent_to_contact_is_as_silent_on_a_part_paid_invoice(company: Company) -> None:
    assert moved(company, lambda: company.mark_sent("A1"), "A1")
    assert not moved(company, lambda: company.mark_sent("A2"), "A2")


def test_an_unmoved_change_is_seen_by_a_full_read_but_not_since(company: Company) -> None:
    with desk_of(company) as desk:
        assert (
            desk.invoices(summaryOnly="true", InvoiceNumbers="A2")[0]["DueDateString"]
            == "2026-11-12T00:00:00"
        )
        company.redate("A2", date(2026, 12, 24))
        since = {"If-Modified-Since": "2026-11-22T12:00:30Z"}
        assert desk.numbers(since, summaryOnly="true") == []
        assert (
            desk.invoices(summaryOnly="true", InvoiceNumbers="A2")[0]["DueDateString"]
            == "2026-12-24T00:00:00"
        )


def test_balances_and_a_new_name_do_not_move_what_they_show_on(company: Company) -> None:
    before = company.contact("Pine").updated_ms
    company.pay("A1")
    assert company.contact("Pine").updated_ms == before
    assert not moved(company, lambda: company.edit_contact("Pine", name="Stone Pine"), "A2")
    with desk_of(company) as desk:
        assert {row["Contact"]["Name"] for row in desk.invoices()} == {"Stone Pine"}
        company.edit_contact("Stone Pine", name="Umbrella Pine")
        assert {row["Contact"]["Name"] for row in desk.invoices()} == {"Umbrella Pine"}
        assert desk.get("Payments").json()["Payments"][0]["Invoice"]["Contact"]["Name"] == "Umbrella Pine"


def test_paying_taking_back_and_crediting_move_the_invoice_and_keep_its_sums(company: Company) -> None:
    invoice = company.invoice("A1")
    payment = company.pay("A1")
    assert (invoice.status, invoice.amount_due) == ("PAID", 0)
    company.advance(seconds=1)
    assert moved(company, lambda: company.delete_payment(payment), "A1")
    assert (invoice.status, invoice.amount_due, invoice.amount_paid) == ("AUTHORISED", 100, 0)
    credit = company.add_credit_note("Pine", "70")
    company.advance(seconds=1)
    assert moved(company, lambda: company.allocate(credit, "A1", "60.50"), "A1")
    assert (invoice.amount_due, invoice.amount_credited) == (Decimal("39.50"), Decimal("60.50"))
    assert company.credits[credit].remaining == Decimal("9.50")


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.pay("A1", "100.01"),
        lambda c: c.pay("A1", "0"),
        lambda c: c.pay("A9"),
        lambda c: c.void("A2"),
        lambda c: c.delete("A1"),
        lambda c: c.renumber("A1", "A2"),
        lambda c: c.add_invoice("Pine", "1", TODAY, number="A1"),
        lambda c: c.add_invoice("Pine", "1.005", TODAY),
        lambda c: c.add_invoice("Pine", "1", TODAY, status="PAID"),
        lambda c: c.add_contact("Pine"),
        lambda c: c.edit_contact("Pine", persons=[Person("A", "B", f"{n}@pine.example") for n in range(6)]),
        lambda c: c.allocate(c.add_credit_note("Pine", "10"), "A1", "10.01"),
        lambda c: c.allocate(c.add_credit_note("Pine", "10", currency="EUR"), "A1"),
        lambda c: c.allocate(c.add_credit_note(c.add_contact("Fir"), "10"), "A1"),
        lambda c: c.merge("Pine", "Pine"),
    ],
)
def test_what_the_accounting_system_would_refuse(
    company: Company, change: Callable[[Company], object]
) -> None:
    with pytest.raises(BookError):
        change(company)
    assert company.invoice("A1").amount_due == 100


def test_no_amount_may_be_a_float(company: Company) -> None:
    with pytest.raises(TypeError):
        company.pay("A1", 1.5)  # type: ignore[arg-type]


def test_a_voided_invoice_still_carries_its_amount_unless_told_otherwise(company: Company) -> None:
    company.void("A1")
    assert (company.invoice("A1").status, company.invoice("A1").amount_due) == ("VOIDED", 100)
    company.add_invoice("Pine", "5", TODAY, number="A3")
    company.void("A3", keep_amount=False)
    assert company.invoice("A3").amount_due == 0


def test_drafts_come_into_force_or_are_deleted_and_numbers_can_change(company: Company) -> None:
    company.add_draft("Pine", "5", TODAY, number="D1")
    company.add_draft("Pine", "5", TODAY, number="D2")
    company.approve("D1")
    company.delete("D2")
    company.renumber("D1", "A7")
    assert (company.invoice("A7").status, company.invoice("D2").status) == ("AUTHORISED", "DELETED")
    with pytest.raises(BookError):
        company.invoice("D1")


def test_changes_from_many_threads_all_arrive(company: Company) -> None:
    def pay() -> None:
        for _ in range(25):
            company.pay("A1", "1")

    threads = [threading.Thread(target=pay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert company.invoice("A1").status == "PAID"
    assert sum(payment.amount for payment in company.invoice("A1").payments) == 100


def test_the_same_company_has_the_same_ids() -> None:
    one, other = demo_company(TODAY), demo_company(TODAY)
    assert list(one.invoices) == list(other.invoices)
    assert list(one.contacts) == list(other.contacts)


def test_the_demonstration_company_shows_each_kind_of_decision() -> None:
    company = demo_company(TODAY)
    sales = [invoice for invoice in company.invoices.values() if invoice.type == "ACCREC"]
    open_ = [invoice for invoice in sales if invoice.status == "AUTHORISED"]
    overdue = {(TODAY - invoice.due).days for invoice in open_ if invoice.due}
    assert {-3, 0, 2, 9, 16, 35, 65} <= overdue
    assert {invoice.status for invoice in sales} == {"AUTHORISED", "DRAFT", "VOIDED"}
    assert all(invoice.amount_due for invoice in sales if invoice.status == "VOIDED")
    assert {invoice.expected for invoice in sales} == {None, TODAY + timedelta(days=4)}
    assert sum(invoice.due is None for invoice in open_) == 1
    countries = {contact.country for contact in company.contacts.values()}
    assert countries == {"", "United Kingdom", "UK", "England", "Scotland", "Germany", "France"}
    groups = {name for contact in company.contacts.values() for name in contact.groups}
    assert groups == {"Retail", "Wholesale", "Key accounts"}
    assert sum(invoice.amount_due < 25 for invoice in open_) == 1
    assert sum(invoice.settled_in_part for invoice in open_) == 1
    assert sum(invoice.type == "ACCPAY" for invoice in company.invoices.values()) == 1
    currencies = {
        contact.name: {invoice.currency for invoice in contact.invoices}
        for contact in company.contacts.values()
    }
    assert [name for name, used in currencies.items() if used == {"EUR", "GBP"}] == ["Boulangerie du Port"]
    assert {contact.status for contact in company.contacts.values()} == {"ACTIVE", "ARCHIVED"}
    assert any(contact.email is None and contact.invoices for contact in company.contacts.values())
    assert any(person.include_in_emails for each in company.contacts.values() for person in each.persons)
    covered = [
        credit
        for credit in company.credits.values()
        if credit.remaining >= sum(invoice.amount_due for invoice in credit.contact.invoices)
    ]
    assert [credit.kind for credit in covered] == ["Overpayments"]
    addresses = [contact.email for contact in company.contacts.values() if contact.email]
    assert all(address.endswith(".example") for address in addresses)


def test_a_large_company_is_what_was_asked_for_and_the_same_each_time() -> None:
    one, other = (large_company(500, 40, TODAY, seed=3) for _ in range(2))
    assert (len(one.invoices), len(one.contacts)) == (500, 40)
    assert {invoice.status for invoice in one.invoices.values()} == {"AUTHORISED"}
    totals = [invoice.total for invoice in one.invoices.values()]
    assert totals == [invoice.total for invoice in other.invoices.values()]
    assert totals != [invoice.total for invoice in large_company(500, 40, TODAY, seed=4).invoices.values()]
