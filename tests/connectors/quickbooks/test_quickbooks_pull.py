"""Pulls against the simulated service: what is stored is what it holds, at the calls that were promised."""

from __future__ import annotations

import random
from datetime import date, timedelta

import msgspec
import pytest
from quickbooks_desk import NOON, TODAY, Clock, Ledger, Serving, units

from arsync.errors import TryLater
from arsync_quickbooks import cursor
from arsync_quickbooks import pull as pulling
from arsync_quickbooks import simulator as sim

WEEK = timedelta(days=7)


def filled(books: sim.Company) -> None:
    """A small ledger of every kind, made two days ago."""
    fern = books.add_customer("Fern Kitchens", "ap@fern.example")
    job = books.add_customer("Loft", parent=fern)
    gone = books.add_customer("Gone Ltd", active=False)
    for number, customer in enumerate((fern, job, gone, fern), 1):
        invoice = books.add_invoice(customer, f"{number}00.25", date(2026, 1, 5), date(2026, 2, 4))
        if number == 4:
            books.pay(invoice)
    books.add_credit_memo(job, "30.00", date(2026, 1, 20))
    books.add_payment(fern, "55.50", date(2026, 1, 21))
    books.add_payment(fern, "9.99", date(2027, 1, 1))
    books.add_journal(gone, "-12.00", date(2026, 1, 22))
    books.add_journal(gone, "80.00", date(2026, 1, 22))
    books.advance(days=2)


def test_a_full_pull_is_what_the_company_holds(books: sim.Company, serving: Serving, ledger: Ledger) -> None:
    filled(books)
    simulator, desk = serving(books)
    pages = ledger.pull(desk.source)
    assert ledger.owed() == units(books) == {"101": 10025, "102": 20025, "103": 30025}
    assert {c.name: (c.parent_id, c.active) for c in ledger.customers.values()} == {
        "Fern Kitchens": (None, True),
        "Loft": ("1", True),
        "Gone Ltd": (None, False),
    }
    assert sorted(ledger.left().values()) == [999, 1200, 3000, 5550]
    assert all(page.full for page in pages)
    assert [page.last for page in pages] == [False] * 5 + [True]
    assert simulator.counts == {"query": 4, "report": 1, "cdc": 1}
    assert desk.http.meter.calls == 6
    assert desk.buckets["quickbooks-4620816365"].taken == 6
    assert desk.rates["quickbooks-4620816365"] == (400, 8)


def test_nothing_changed_is_one_call_and_one_empty_last_page(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    filled(books)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    books.advance(seconds=3600)
    before = len(simulator.calls)
    (page,) = ledger.pull(desk.source)
    assert len(simulator.calls) - before == 1
    assert (page.last, page.full, page.rows) == (True, False, 0)


def test_what_happens_to_a_company_reaches_the_ledger(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    filled(books)
    _, desk = serving(books)
    ledger.pull(desk.source)
    books.advance(days=1)
    paid = books.pay("101", "50.25")
    books.void("102")
    books.delete("103")
    fresh = books.add_invoice("1", "7.00", TODAY, None)
    books.edit_customer("1", email="new@fern.example")
    ledger.pull(desk.source)
    assert ledger.owed() == units(books) == {"101": 5000, fresh: 700}
    assert ledger.invoices["102"].status == "voided"
    assert "103" not in ledger.invoices
    assert ledger.customers["1"].emails == ("new@fern.example",)
    books.advance(days=1)
    books.delete_payment(paid)
    ledger.pull(desk.source)
    assert ledger.owed() == units(books) == {"101": 10025, fresh: 700}


def test_credits_are_used_up_in_every_way(books: sim.Company, serving: Serving, ledger: Ledger) -> None:
    filled(books)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    books.advance(days=1)
    memo = next(iter(books.credit_memos))
    books.apply_credit(memo, "102", "10.00")
    before = len(simulator.calls)
    ledger.pull(desk.source)
    assert ledger.left()["credit-note", memo] == 2000
    assert len(simulator.calls) - before == 1
    books.advance(days=1)
    journal = books.add_journal("2", "-33.00", TODAY)
    before = len(simulator.calls)
    pages = ledger.pull(desk.source)
    assert ledger.left()["journal", f"{journal}:2"] == 3300
    assert len(simulator.calls) - before == 2
    assert [page.last for page in pages] == [False, True]


def test_a_journal_credit_that_is_used_up_goes(books: sim.Company, serving: Serving, ledger: Ledger) -> None:
    filled(books)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    [(entry, who)] = [id_.split(":") for kind, id_ in ledger.left() if kind == "journal"]
    books.advance(days=1)
    books.apply_journal(entry, books.add_invoice(who, "500.00", TODAY, None), "12.00")
    pages = ledger.pull(desk.source)
    assert not [kind for kind, _ in ledger.left() if kind == "journal"]
    assert [page.all_of for page in pages] == [(), ("journal",)]
    assert len(simulator.calls) == 6 + 2


def test_a_cursor_of_an_earlier_version_goes_on(books: sim.Company, serving: Serving, ledger: Ledger) -> None:
    """It carried the journal entries of the last report, which the report itself tells."""
    filled(books)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    ledger.cursor = msgspec.json.encode(
        {**msgspec.json.decode(ledger.cursor), "journals": ["999:1"]}
    ).decode()
    assert [page.full for page in ledger.pull(desk.source)] == [False]
    assert len(simulator.calls) == 6 + 1


def test_foreign_amounts_are_read_as_agreed(serving: Serving, ledger: Ledger) -> None:
    books = sim.Company("77", "Acme GB", "GB", "GBP", multicurrency=True, clock=Clock(NOON))
    books.set_rate("EUR", "0.85")
    customer = books.add_customer("Fleur", currency="EUR")
    books.add_invoice(customer, "100.00", date(2026, 1, 5), None, currency="EUR")
    books.add_payment(customer, "10.01", date(2026, 1, 5))
    books.advance(days=1)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    assert [(i.currency, i.open) for i in ledger.invoices.values()] == [("EUR", 10000)]
    assert [(c.currency, c.remaining) for c in ledger.credits.values()] == [("EUR", 1001)]
    assert simulator.counts["report"] == simulator.counts["settings"] == 1


def crowd(books: sim.Company, seconds: list[int]) -> None:
    """A customer with an invoice for each of the seconds, and some credit."""
    customer = books.add_customer("Fern Kitchens")
    for i, second in enumerate(seconds):
        invoice = books.add_invoice(customer, f"{i + 1}.00", date(2026, 1, 5), None)
        stamp = NOON - WEEK + timedelta(seconds=second)
        books.restamp("Invoice", invoice, stamp, stamp)
    books.add_payment(customer, "5.00", date(2026, 1, 5))
    books.add_journal(customer, "-6.00", date(2026, 1, 5))
    books.advance(days=2)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(
    "seconds",
    [
        list(range(30)),
        [0] * 30,
        [0] * 7,
        [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2],
        [1] * 13 + [2] * 13,
        [],
    ],
)
def test_a_listing_is_complete_whatever_shares_a_second(
    books: sim.Company, serving: Serving, ledger: Ledger, seconds: list[int]
) -> None:
    crowd(books, seconds)
    _, desk = serving(books)
    ledger.pull(desk.source)
    assert ledger.owed() == units(books)
    assert len(ledger.owed()) == len(seconds)
    assert ledger.lasts == 1


@pytest.mark.usefixtures("small_pages")
def test_from_any_cursor_a_new_process_goes_on(books: sim.Company, serving: Serving, ledger: Ledger) -> None:
    crowd(books, [*range(12), *[12] * 10])
    _, desk = serving(books)
    pages = ledger.pull(desk.source)
    for i in range(len(pages)):
        resumed = Ledger()
        for page in pages[:i]:
            resumed.take(page)
        resumed.pull(desk.connect())
        assert resumed.owed() == ledger.owed()
        assert resumed.left() == ledger.left()
        assert resumed.pages == len(pages)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("seed", range(12))
def test_a_company_that_changes_while_it_is_read_is_caught_up(
    books: sim.Company, serving: Serving, ledger: Ledger, seed: int
) -> None:
    chance = random.Random(seed)
    crowd(books, sorted(chance.choices(range(12), k=40)))
    _, desk = serving(books)

    def live(page: object) -> None:
        owed = sorted(units(books))
        if not owed:
            return
        books.advance(seconds=chance.choice((0, 1, 40)))
        invoice = chance.choice(owed)
        act = chance.choice(("pay", "part", "void", "delete", "new", "bounce", "none"))
        if act == "pay":
            books.pay(invoice)
        elif act == "part":
            books.pay(invoice, "0.50")
        elif act == "void":
            books.void(invoice)
        elif act == "delete":
            books.delete(invoice)
        elif act == "new":
            books.add_invoice("1", "3.33", TODAY, None)
        elif act == "bounce":
            books.delete_payment(books.pay(invoice))

    for page in desk.source.pull(None):
        ledger.take(page)
        if not page.last:
            live(page)
    for _ in range(3):
        live(None)
        books.advance(seconds=400)
        ledger.pull(desk.source)
        desk.clock.now = books.now()
    assert ledger.owed() == units(books)


@pytest.mark.usefixtures("small_pages")
def test_an_avalanche_of_changes_loses_no_deletion(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    crowd(books, list(range(30)))
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    books.advance(days=1)
    owed = sorted(units(books), key=int)
    books.delete(owed[0])
    for invoice in owed[1:20]:
        books.pay(invoice, "0.25")
    for invoice in owed[20:24]:
        books.pay(invoice)
    before = len(simulator.calls)
    pages = ledger.pull(desk.source)
    assert ledger.owed() == units(books)
    assert pages[-1].full
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert ledger.invoices.keys() >= units(books).keys()
    assert len(simulator.calls) - before == len(pages)


@pytest.mark.usefixtures("small_pages")
def test_too_many_changes_during_a_full_pull_make_the_next_one_full(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    crowd(books, list(range(30)))
    _, desk = serving(books)
    for page in desk.source.pull(None):
        ledger.take(page)
        if page.invoices and cursor.read(page.cursor, desk.clock()).stage == "list":
            for invoice in sorted(units(books))[:9]:
                books.advance(seconds=1)
                books.pay(invoice, "0.01")
    state = cursor.read(ledger.cursor, desk.clock())
    assert (state.full, state.stage) == (True, "list")
    books.advance(days=1)
    ledger.pull(desk.source)
    assert ledger.owed() == units(books)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "{}",
        "null",
        '{"began":"2026-03-02T12:00:00+00:00","version":9,"stage":"cdc","since":"2026-03-02T12:00:00Z"}',
        '{"began":"2026-03-02T12:00:00+00:00","version":1,"stage":"cdc"}',
        '{"began":"2026-03-02T12:00:00+00:00","version":1,"stage":"cdc","since":"today"}',
        '{"began":"2026-03-02T12:00:00","version":1,"stage":"cdc","since":"2026-03-02T12:00:00Z"}',
        '{"began":"2026-01-01T12:00:00+00:00","version":1,"stage":"cdc","since":"2026-01-01T12:00:00Z"}',
    ],
)
def test_a_cursor_that_does_not_serve_starts_anew(text: str) -> None:
    state = cursor.read(text, NOON)
    assert (state.full, state.stage, state.since, state.began) == (True, "list", "", NOON.isoformat())


def test_only_the_first_page_after_a_cursor_that_does_not_serve_is_afresh(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    filled(books)
    _, desk = serving(books)
    anew = list(desk.source.pull("nonsense"))
    assert [page.afresh for page in anew] == [True] + [False] * (len(anew) - 1)
    whole = list(desk.source.pull(None))
    resumed = list(desk.source.pull(whole[0].cursor))
    assert not any(page.afresh for page in whole + resumed)


def test_a_cursor_the_service_finds_too_old_starts_anew(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    filled(books)
    _, desk = serving(books)
    ledger.pull(desk.source)
    books.advance(days=40)  # our own clock stands still
    books.delete("103")
    pages = ledger.pull(desk.source)
    assert all(page.full for page in pages)
    assert ledger.owed() == units(books)


def test_the_home_currency_is_asked_for_once_and_only_where_a_row_leaves_it_out(
    books: sim.Company, serving: Serving, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arsync_quickbooks.simulator import shapes

    filled(books)
    whole = shapes.shape

    def bare(company: sim.Company, record: object) -> dict[str, object]:
        shown = whole(company, record)  # type: ignore[arg-type]
        shown.pop("CurrencyRef", None)
        return shown

    monkeypatch.setattr("arsync_quickbooks.simulator.company.shape", bare)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    assert {i.currency for i in ledger.invoices.values()} == {"USD"}
    assert simulator.counts["settings"] == 1
    books.pay("101", "1.00")
    before = len(simulator.calls)
    ledger.pull(desk.connect())
    assert ledger.invoices["101"].open == 9925
    assert len(simulator.calls) - before == 1


def test_a_page_that_lies_is_not_the_last_one(books: sim.Company, serving: Serving, ledger: Ledger) -> None:
    filled(books)
    for kind in ("malformed-json", "200-with-fault", "200-with-fault-lower", "503-html", "cut-off-body"):
        simulator, desk = serving(books)
        simulator.faults.add(kind, "query", times=None, body_regex="FROM Invoice")
        with pytest.raises(TryLater):
            list(desk.source.pull(None))
        assert len(desk.slept) == 3
        simulator.faults.clear()
        ledger.pull(desk.source)
        assert ledger.owed() == units(books)


def test_the_stages_cover_what_is_captured() -> None:
    assert {*pulling._LISTED, "Payment", "JournalEntry"} == set(pulling._CAPTURED)
