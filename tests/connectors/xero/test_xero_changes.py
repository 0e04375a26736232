"""Each kind of change, customer, credit and currency: told by the next pull, and by a re-read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from xero_book import NOW, Shelf, Town, truly_owed, truly_unapplied
from xero_rows import invoice_row, only

from arsync.ledger import Credit, Customer, Invoice
from arsync_xero.simulator import Company, Person

TODAY = NOW.date()
DUE = date(2026, 2, 4)
Build = Callable[..., Town]


def furnished(town: Build) -> tuple[Town, Shelf]:
    """Brook with INV-1 (part-paid), INV-2 and a draft, Castle with INV-4; read a quarter of an hour ago."""
    built = town()
    company = built.company
    brook = company.add_contact("Brook", "office@brook.example")
    castle = company.add_contact("Castle", "ar@castle.example")
    company.add_invoice(brook, "100.00", date(2026, 1, 5), DUE, number="INV-1")
    company.part_pay("INV-1", "40.00", date(2026, 2, 1))
    company.add_invoice(brook, "50.00", date(2026, 1, 5), DUE, number="INV-2")
    company.add_draft(brook, "30.00", date(2026, 1, 5), DUE, number="INV-3")
    company.add_invoice(castle, "70.00", date(2026, 1, 5), DUE, number="INV-4")
    company.add_credit_note(brook, "10.00", number="CN-1")
    built.simulator.advance(seconds=600)
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.simulator.advance(seconds=900)
    return built, shelf


def invoice(shelf: Shelf, number: str) -> Invoice:
    [found] = [each for each in shelf.invoices.values() if each.number == number]
    return found


def credit_of(company: Company, number: str) -> str:
    return next(id_ for id_, each in company.credits.items() if each.number == number)


def take_back(company: Company) -> None:
    company.delete_payment(next(iter(company.payments)))


CHANGES: dict[str, tuple[Callable[[Company], object], str, tuple[str, int]]] = {
    "payment": (lambda c: c.pay("INV-2"), "INV-2", ("in-force", 0)),
    "part payment": (lambda c: c.part_pay("INV-2", "20.01"), "INV-2", ("in-force", 2999)),
    "the rest of one": (lambda c: c.pay("INV-1"), "INV-1", ("in-force", 0)),
    "credit applied": (
        lambda c: c.allocate(credit_of(c, "CN-1"), "INV-2", "4.00"),
        "INV-2",
        ("in-force", 4600),
    ),
    "payment deleted": (take_back, "INV-1", ("in-force", 10000)),
    "void": (lambda c: c.void("INV-2"), "INV-2", ("voided", 0)),
    "draft deleted": (lambda c: c.delete("INV-3"), "INV-3", ("deleted", 0)),
    "draft approved": (lambda c: c.approve("INV-3"), "INV-3", ("in-force", 3000)),
    "new": (lambda c: c.add_invoice("Castle", "8.00", TODAY, number="INV-5"), "INV-5", ("in-force", 800)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_what_is_owed(town: Build, name: str) -> None:
    built, shelf = furnished(town)
    change, number, expected = CHANGES[name]
    change(built.company)
    pages = shelf.take(built.source.pull(shelf.cursor))
    assert not pages[0].full
    found = invoice(shelf, number)
    assert (found.status, found.owed) == expected
    assert shelf.owed() == truly_owed(built.company)
    assert shelf.unapplied() == truly_unapplied(built.company)
    [again] = built.source.refresh([found.id], []).invoices
    assert (again.status, again.owed) == expected


def test_a_payment_that_settled_an_invoice_is_taken_back(town: Build) -> None:
    built, shelf = furnished(town)
    payment = built.company.pay("INV-2")
    shelf.take(built.source.pull(shelf.cursor))
    assert invoice(shelf, "INV-2").owed == 0
    built.simulator.advance(seconds=900)
    built.company.delete_payment(payment)
    shelf.take(built.source.pull(shelf.cursor))
    assert invoice(shelf, "INV-2").owed == 5000
    assert shelf.payments[payment].amount == 0


def test_a_new_due_date_and_a_new_number(town: Build) -> None:
    built, shelf = furnished(town)
    before = invoice(shelf, "INV-2")
    built.company.redate("INV-2", date(2026, 6, 1))
    built.company.renumber("INV-2", "INV-2b")
    shelf.take(built.source.pull(shelf.cursor))
    after = invoice(shelf, "INV-2b")
    assert (before.id, before.due_on, after.id, after.due_on) == (after.id, DUE, before.id, date(2026, 6, 1))


def test_customers_that_are_merged(town: Build) -> None:
    built, shelf = furnished(town)
    company = built.company
    brook, castle = company.contacts
    company.merge("Brook", "Castle")
    shelf.take(built.source.pull(shelf.cursor))
    merged = shelf.customers[brook]
    assert (merged.parent_id, merged.bills_parent, merged.active) == (castle, True, False)
    survivor = shelf.customers[castle]
    assert (survivor.parent_id, survivor.bills_parent, survivor.active) == (None, False, True)
    assert {each.customer_id for each in shelf.invoices.values()} == {castle}
    assert {each.customer_id for each in shelf.credits.values()} == {castle}
    found = built.source.refresh([], [brook]).customers
    assert found == [merged]


def test_customers_that_are_archived_or_asked_to_be_forgotten_still_owe(town: Build) -> None:
    built, shelf = furnished(town)
    company = built.company
    brook, castle = company.contacts
    company.archive("Brook")
    company.gdpr("Castle")
    shelf.take(built.source.pull(shelf.cursor))
    archived, forgotten = shelf.customers[brook], shelf.customers[castle]
    assert (archived.active, archived.emails) == (False, ("office@brook.example",))
    assert (forgotten.active, forgotten.emails) == (False, ())
    assert invoice(shelf, "INV-1").owed == 6000
    fresh = Shelf()
    fresh.take(built.source.pull(None))
    assert fresh.customers == shelf.customers
    assert fresh.owed() == shelf.owed() == truly_owed(company)
    assert set(built.source.refresh([], [brook, castle]).customers) == {archived, forgotten}


def addresses(town: Build, email: str | None, *persons: Person) -> tuple[str, ...]:
    built = town()
    who = built.company.add_contact("Elm", email, persons)
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    found: Customer = shelf.customers[who]
    assert built.source.refresh([], [who]).customers == [found]
    return found.emails


def test_several_addresses_in_one_field(town: Build) -> None:
    assert addresses(
        town,
        "a@elm.example, b@elm.example;A@elm.example",
        Person("Di", "Fox", "c@elm.example,b@elm.example"),
    ) == ("a@elm.example", "b@elm.example", "c@elm.example")


def test_persons_get_mail_only_where_they_are_marked(town: Build) -> None:
    assert addresses(
        town,
        None,
        Person("Di", "Fox", "di@elm.example", include_in_emails=False),
        Person("Al", "Roe", "al@elm.example", include_in_emails=True),
        Person("No", "One", ""),
    ) == ("al@elm.example",)


def test_a_mark_that_is_taken_away(town: Build) -> None:
    built, shelf = furnished(town)
    brook = next(iter(built.company.contacts))
    built.company.edit_contact(brook, persons=[Person("Di", "Fox", "di@brook.example")])
    shelf.take(built.source.pull(shelf.cursor))
    assert shelf.customers[brook].emails == ("office@brook.example", "di@brook.example")
    built.simulator.advance(seconds=900)
    built.company.edit_contact(
        brook, persons=[Person("Di", "Fox", "di@brook.example", include_in_emails=False)]
    )
    shelf.take(built.source.pull(shelf.cursor))
    assert shelf.customers[brook].emails == ("office@brook.example",)


KINDS: dict[str, Callable[[Company, str, str], str]] = {
    "credit-note": lambda company, who, amount: company.add_credit_note(who, amount),
    "overpayment": lambda company, who, amount: company.add_overpayment(who, amount),
    "prepayment": lambda company, who, amount: company.add_prepayment(who, amount),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_credit_is_used_up_in_parts(town: Build, kind: str) -> None:
    built, shelf = furnished(town)
    company = built.company
    brook = next(iter(company.contacts))
    id_ = KINDS[kind](company, brook, "30.00")

    def pulled() -> Credit:
        built.simulator.advance(seconds=4 * 3600)
        shelf.take(built.source.pull(shelf.cursor))
        assert shelf.owed() == truly_owed(company)
        return shelf.credits[kind, id_]

    assert (pulled().remaining, pulled().customer_id, pulled().currency) == (3000, brook, "GBP")
    company.allocate(id_, "INV-2", "12.34")
    assert pulled().remaining == 1766
    assert invoice(shelf, "INV-2").owed == 3766
    [left] = [each for each in built.source.refresh([], [brook]).credits if each.id == id_]
    assert left.remaining == 1766
    company.allocate(id_, "INV-2", "17.66")
    assert pulled().remaining == 0
    assert id_ not in {each.id for each in built.source.refresh([], [brook]).credits}


def test_credit_stays_in_its_currency(town: Build) -> None:
    built, shelf = furnished(town)
    brook = next(iter(built.company.contacts))
    built.company.add_overpayment(brook, "9.00", currency="EUR", rate="1.25")
    built.simulator.advance(seconds=4 * 3600)
    shelf.take(built.source.pull(shelf.cursor))
    left = sorted((each.currency, each.remaining) for each in shelf.credits.values())
    assert left == [("EUR", 900), ("GBP", 1000)]


@pytest.mark.parametrize(
    ("currency", "amount", "paid", "total", "open_"),
    [
        ("JPY", "12000", "500", 12000, 11500),
        ("KWD", "12.50", "0.25", 12500, 12250),
        ("GBP", "12.50", "0.25", 1250, 1225),
    ],
)
def test_currencies_without_and_with_three_decimals(
    town: Build, currency: str, amount: str, paid: str, total: int, open_: int
) -> None:
    built = town()
    who = built.company.add_contact("Far")
    built.company.add_invoice(who, amount, TODAY, number="INV-1", currency=currency, rate="2")
    built.company.part_pay("INV-1", paid)
    built.company.add_prepayment(who, paid, currency=currency, rate="2")
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    found = invoice(shelf, "INV-1")
    assert (found.currency, found.total, found.open) == (currency, total, open_)
    [credit] = shelf.credits.values()
    [payment] = shelf.payments.values()
    assert credit.remaining == payment.amount == total - open_
    assert payment.currency == currency


def test_yen_have_no_sen_and_dinars_have_fils(town: Build) -> None:
    assert only("Invoices", invoice_row(CurrencyCode="KWD", Total=1.234, AmountDue=0.005)).open == 5
    reject = only("Invoices", invoice_row(CurrencyCode="JPY", Total=100, AmountDue=0.5))
    assert reject.reason == "0.5 JPY has more than 0 decimals"
