"""What can happen to an invoice or a credit between two pulls, a kind at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from quickbooks_desk import NOON, TODAY, Ledger, Serving

from arsync_quickbooks import cursor
from arsync_quickbooks import simulator as sim

JANUARY, FEBRUARY = date(2026, 1, 5), date(2026, 2, 4)


@pytest.fixture
def fern(books: sim.Company) -> str:
    """A customer with one invoice over 100.00, number 101 by its id, due on 4 February."""
    customer = books.add_customer("Fern Kitchens", "ap@fern.example")
    books.add_invoice(customer, "100.00", JANUARY, FEBRUARY, "F-1")
    return customer


def edited(books: sim.Company, act: Callable[[], object], ledger: Ledger, serving: Serving) -> list[str]:
    """Pull, act a day later, pull again; the endpoints that the second pull asked."""
    books.advance(days=1)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    books.advance(days=1)
    act()
    before = len(simulator.calls)
    ledger.pull(desk.source)
    return [call.endpoint for call in simulator.calls[before:]]


@pytest.mark.parametrize(
    ("act", "change"),
    [
        (lambda b: b.pay("101"), {"open": 0}),
        (lambda b: b.pay("101", "30.01"), {"open": 6999}),
        (lambda b: b.void("101"), {"open": 0, "total": 0, "status": "voided"}),
        (lambda b: b.redate("101", date(2026, 5, 1)), {"due_on": date(2026, 5, 1)}),
        (lambda b: b.redate("101", None), {"due_on": None}),
        (lambda b: b.renumber("101", "F-1/B"), {"number": "F-1/B"}),
        (lambda b: b.edit_invoice("101", cc="cc@fern.example"), {"cc": ("cc@fern.example",)}),
        (lambda b: b.edit_invoice("101", bcc="file@fern.example"), {"bcc": ("file@fern.example",)}),
    ],
    ids=["paid", "part-paid", "voided", "re-dated", "date taken away", "re-numbered", "cc", "bcc"],
)
def test_what_becomes_of_an_invoice(
    books: sim.Company,
    serving: Serving,
    ledger: Ledger,
    fern: str,
    act: Callable[[sim.Company], object],
    change: dict[str, object],
) -> None:
    assert edited(books, lambda: act(books), ledger, serving) == ["cdc"]
    found = ledger.invoices["101"]
    expected = {
        "number": "F-1",
        "customer_id": fern,
        "total": 10000,
        "open": 10000,
        "issued_on": JANUARY,
        "due_on": FEBRUARY,
        "status": "in-force",
        "cc": (),
        "bcc": (),
    }
    assert {name: getattr(found, name) for name in expected} == expected | change


def test_an_invoice_that_is_deleted_is_gone(
    books: sim.Company, serving: Serving, ledger: Ledger, fern: str
) -> None:
    del fern
    assert edited(books, lambda: books.delete("101"), ledger, serving) == ["cdc"]
    assert ledger.invoices == {}


def test_an_invoice_that_another_customer_gets(
    books: sim.Company, serving: Serving, ledger: Ledger, fern: str
) -> None:
    del fern
    other = books.add_customer("Other Ltd")
    edited(books, lambda: books.edit_invoice("101", CustomerRef={"value": other}), ledger, serving)
    assert ledger.invoices["101"].customer_id == other


@pytest.mark.parametrize(("used", "rest"), [("30.00", 0), ("10.00", 2000)])
def test_a_credit_memo_that_is_applied(
    books: sim.Company, serving: Serving, ledger: Ledger, fern: str, used: str, rest: int
) -> None:
    memo = books.add_credit_memo(fern, "30.00", JANUARY)
    edited(books, lambda: books.apply_credit(memo, "101", used), ledger, serving)
    assert ledger.credits["credit-note", memo].remaining == rest
    assert ledger.invoices["101"].open == 7000 + rest


@pytest.mark.parametrize(("used", "rest"), [("55.50", 0), ("50.00", 550)])
def test_money_on_account_that_is_applied(
    books: sim.Company, serving: Serving, ledger: Ledger, fern: str, used: str, rest: int
) -> None:
    money = books.add_payment(fern, "55.50", JANUARY)
    endpoints = edited(books, lambda: books.apply_payment(money, "101", used), ledger, serving)
    assert endpoints == ["cdc"]
    assert ledger.credits["payment", money].remaining == rest
    assert ledger.invoices["101"].open == 10000 - 5550 + rest


@pytest.mark.parametrize(("used", "rest"), [("12.00", 0), ("2.00", 1000)])
def test_a_journal_credit_that_is_applied_and_comes_back(
    books: sim.Company, serving: Serving, ledger: Ledger, fern: str, used: str, rest: int
) -> None:
    entry = books.add_journal(fern, "-12.00", JANUARY)
    key = ("journal", f"{entry}:{fern}")
    joined: list[str] = []

    def act() -> None:
        joined.append(books.apply_journal(entry, "101", used))
        unchanged()

    def unchanged() -> None:
        """Nothing promises that an entry counts as changed when a payment is applied to it, or taken away."""
        books.restamp("JournalEntry", entry, None, NOON)

    assert edited(books, act, ledger, serving) == ["cdc", "report"]
    assert ledger.left().get(key, 0) == rest
    assert ledger.invoices["101"].open == 10000 - 1200 + rest
    books.advance(days=1)
    books.delete_payment(joined[0])
    unchanged()
    _, desk = serving(books)
    ledger.pull(desk.source)
    assert ledger.left() == {key: 1200}
    assert ledger.invoices["101"].open == 10000


def test_a_report_that_says_the_same_is_the_same(books: sim.Company, serving: Serving, fern: str) -> None:
    """Or a second full pull of unchanged data would write every credit anew."""
    books.add_payment(fern, "55.50", JANUARY)
    books.add_journal(fern, "-12.00", JANUARY)
    books.advance(days=1)
    _, desk = serving(books)
    told = []
    for _ in range(2):
        told.append([credit for page in desk.source.pull(None) for credit in page.credits])
        books.advance(days=1)
        desk.clock.now = books.now()
    assert told[0] == told[1]
    assert len(told[0]) == 2


@pytest.mark.parametrize(("seconds", "full"), [(0, False), (1, True)])
def test_a_cursor_serves_for_29_days(
    books: sim.Company, serving: Serving, ledger: Ledger, fern: str, seconds: int, full: bool
) -> None:
    del fern
    books.advance(days=1)
    _, desk = serving(books)
    ledger.pull(desk.source)
    began = cursor.read(ledger.cursor, desk.clock()).began
    books.advance(days=29, seconds=seconds)
    desk.clock.now += timedelta(days=29, seconds=seconds)
    assert began == (desk.clock.now - timedelta(days=29, seconds=seconds)).isoformat()
    books.delete("101")
    pages = ledger.pull(desk.source)
    assert [page.full for page in pages] == [full] * len(pages)
    assert ledger.owed() == {}


def test_a_note_of_a_person_changes_nothing_that_is_owed(
    books: sim.Company, serving: Serving, ledger: Ledger, fern: str
) -> None:
    del fern
    edited(books, lambda: books.annotate("101", "Voided the cheque, see mail"), ledger, serving)
    assert (ledger.invoices["101"].status, ledger.invoices["101"].open) == ("in-force", 10000)
    assert ledger.invoices["101"].issued_on < TODAY  # type: ignore[operator]
