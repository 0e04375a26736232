"""Parents and jobs, inactive customers that owe, addresses, and customers that become one."""

from __future__ import annotations

from datetime import date

import pytest
from quickbooks_desk import TODAY, Ledger, Serving, units

from arsync.errors import TryLater
from arsync_quickbooks import cursor
from arsync_quickbooks import simulator as sim
from arsync_quickbooks.simulator import fault

JANUARY = date(2026, 1, 5)


def test_jobs_and_who_pays_for_them(books: sim.Company, serving: Serving, ledger: Ledger) -> None:
    group = books.add_customer("Brightwater Group", "payables@brightwater.example")
    pier = books.add_customer("Pier Nine", parent=group, bill_with_parent=True)
    deck = books.add_customer("Deck", "deck@pier.example", parent=pier, bill_with_parent=True)
    loft = books.add_customer("Loft", parent=group)
    for customer in (pier, deck, loft):
        books.add_invoice(customer, "10.00", JANUARY, None)
    books.advance(days=1)
    _, desk = serving(books)
    ledger.pull(desk.source)
    found = ledger.customers.values()
    assert {c.name: (c.parent_id, c.bills_parent) for c in found} == {
        "Brightwater Group": (None, False),
        "Pier Nine": (group, True),
        "Deck": (pier, True),
        "Loft": (group, False),
    }
    books.advance(days=1)
    books.edit_customer(pier, bill_with_parent=False)
    ledger.pull(desk.source)
    assert (ledger.customers[pier].parent_id, ledger.customers[pier].bills_parent) == (group, False)


def test_an_inactive_customer_with_a_balance_is_there_with_what_it_owes(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    fern = books.add_customer("Fern Kitchens", "ap@fern.example")
    invoice = books.add_invoice(fern, "100.00", JANUARY, None)
    old = books.add_customer("Old Mill", "shop@oldmill.example", active=False)
    owed = books.add_invoice(old, "5.00", JANUARY, None)
    books.advance(days=1)
    _, desk = serving(books)
    ledger.pull(desk.source)
    assert (ledger.customers[old].active, ledger.invoices[owed].open) == (False, 500)
    books.advance(days=1)
    books.edit_customer(fern, active=False)
    ledger.pull(desk.source)
    assert ledger.customers[fern].active is False
    assert ledger.owed() == {invoice: 10000, owed: 500}


def test_every_address_of_a_field_is_an_address(books: sim.Company, serving: Serving, ledger: Ledger) -> None:
    fern = books.add_customer("Fern Kitchens", "ap@fern.example, boss@fern.example")
    invoice = books.add_invoice(
        fern,
        "100.00",
        JANUARY,
        None,
        email="bills@fern.example,ap@fern.example",
        cc="cc@fern.example, two@fern.example",
        bcc="file@fern.example, desk@fern.example",
    )
    books.advance(days=1)
    _, desk = serving(books)
    ledger.pull(desk.source)
    assert ledger.customers[fern].emails == ("ap@fern.example", "boss@fern.example")
    found = ledger.invoices[invoice]
    assert found.emails == ("bills@fern.example", "ap@fern.example")
    assert found.cc == ("cc@fern.example", "two@fern.example")
    assert found.bcc == ("file@fern.example", "desk@fern.example")


def test_where_customers_are_and_of_which_types(books: sim.Company, serving: Serving, ledger: Ledger) -> None:
    """The names of the types are one call a pull, and none where nobody who is read is of a type."""
    trade, retail = books.add_customer_type("Trade"), books.add_customer_type("Retail")
    at = {"City": "Leith", "Country": "GBR", "CountrySubDivisionCode": "SCT"}
    fern = books.add_customer("Fern Kitchens", address=at, type=trade)
    loft = books.add_customer("Loft")
    for customer in (fern, loft):
        books.add_invoice(customer, "10.00", JANUARY, None)
    books.advance(days=1)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    assert simulator.counts == {"query": 4 + 1, "report": 1, "cdc": 1}
    known = ledger.customers
    assert (known[fern].country, known[fern].subdivision, known[fern].groups) == ("GB", "SCT", ("Trade",))
    assert (known[loft].country, known[loft].subdivision, known[loft].groups) == ("", "", ())
    books.advance(days=1)
    books.edit_customer(loft, address={"Country": "Germany"})
    ledger.pull(desk.source)
    assert simulator.counts == {"query": 5, "report": 1, "cdc": 2}
    assert known[loft].country == "DE"
    books.advance(days=1)
    books.edit_customer(loft, type=retail)
    books.edit_customer(fern, address=None, type=None)
    ledger.pull(desk.source)
    assert simulator.counts == {"query": 6, "report": 1, "cdc": 3}
    assert (known[fern].country, known[fern].groups, known[loft].groups) == ("", (), ("Retail",))
    [found] = desk.source.refresh([], [loft]).customers
    assert (found.country, found.groups) == ("DE", ("Retail",))
    assert simulator.counts == {"query": 8, "report": 2, "cdc": 3}


def test_types_that_may_not_be_read_hold_nothing_up(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    """They are asked for once, and the customers come without groups."""
    trade = books.add_customer_type("Trade")
    for name in ("Fern Kitchens", "Loft"):
        books.add_invoice(books.add_customer(name, type=trade), "10.00", JANUARY, None)
    books.advance(days=1)
    simulator, desk = serving(books)
    unknown = fault.invalid_query("Metadata not found for Entity: CustomerType")
    simulator.faults.add("200-with-fault", body_regex="CustomerType", times=1, fault=unknown)
    ledger.pull(desk.source)
    assert [each.groups for each in ledger.customers.values()] == [(), ()]
    assert sum(ledger.owed().values()) == 2000
    simulator.faults.add("500", body_regex="CustomerType", times=None)
    with pytest.raises(TryLater):
        list(desk.source.pull(None))


def test_a_negative_balance_is_credit_that_is_left(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    fern = books.add_customer("Fern Kitchens")
    invoice = books.add_invoice(fern, "10.00", JANUARY, None)
    books.pay(invoice, "25.00")
    assert books.customers[fern]["Balance"] == -15
    books.advance(days=1)
    _, desk = serving(books)
    ledger.pull(desk.source)
    assert sum(ledger.owed().values()) - sum(ledger.left().values()) == -1500
    [balance] = desk.source.aged_receivables(TODAY)
    assert (balance.customer_id, balance.amount) == (fern, -1500)


def test_a_merged_customers_debts_are_the_others(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    """Its invoices bear the stamp of before: what changed does not tell that they moved."""
    fern = books.add_customer("Fern Kitchens")
    twin = books.add_customer("Fern Kitchen")
    invoice = books.add_invoice(twin, "100.00", JANUARY, None)
    money = books.add_payment(twin, "5.00", JANUARY)
    memo = books.add_credit_memo(twin, "6.00", JANUARY)
    entry = books.add_journal(twin, "-7.00", JANUARY)
    books.advance(days=1)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    stamp = ledger.invoices[invoice].updated_at
    books.advance(seconds=1800)
    books.merge_customers(twin, fern)
    books.advance(seconds=600)
    pages = ledger.pull(desk.source)
    assert ledger.invoices[invoice].updated_at == stamp
    assert [page.full for page in pages] == [False] + [True] * (len(pages) - 1)
    assert ledger.customers.keys() == {fern}
    assert (ledger.invoices[invoice].customer_id, ledger.owed()) == (fern, units(books))
    credits_ = {key: (c.customer_id, c.remaining) for key, c in ledger.credits.items() if c.remaining}
    assert credits_ == {
        ("payment", money): (fern, 500),
        ("credit-note", memo): (fern, 600),
        ("journal", f"{entry}:{fern}"): (fern, 700),
    }
    books.advance(seconds=900)
    before = len(simulator.calls)
    ledger.pull(desk.source)
    assert len(simulator.calls) - before == 1


def test_a_merge_right_before_a_full_pull_needs_no_other(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    fern = books.add_customer("Fern Kitchens")
    twin = books.add_customer("Fern Kitchen")
    books.add_invoice(twin, "100.00", JANUARY, None)
    books.advance(days=1)
    _, desk = serving(books)
    books.merge_customers(twin, fern)
    books.advance(seconds=60)  # so that what changed tells of it at the end of the full pull
    pages = ledger.pull(desk.source)
    assert [(gone.entity, gone.id) for gone in pages[-1].gone] == [("customer", twin)]
    assert cursor.read(ledger.cursor, desk.clock()).stage == "cdc"


def test_a_merge_in_the_midst_of_a_full_pull_makes_the_next_one_full(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    fern = books.add_customer("Fern Kitchens")
    twin = books.add_customer("Fern Kitchen")
    invoice = books.add_invoice(twin, "100.00", JANUARY, None)
    books.advance(days=1)
    _, desk = serving(books)
    for page in desk.source.pull(None):
        ledger.take(page)
        if page.invoices and not page.last:
            books.advance(seconds=1)
            books.merge_customers(twin, fern)
    assert ledger.invoices[invoice].customer_id == twin
    assert cursor.read(ledger.cursor, desk.clock()).stage == "list"
    books.advance(seconds=900)
    ledger.pull(desk.source)
    assert ledger.invoices[invoice].customer_id == fern
