"""`arsync rebuild` where the service refuses to give the notes in some places: their customers wait, and
the others go on."""

from __future__ import annotations

import pytest
from loop_desk import Desk
from loop_ledgers import Ledger
from loop_restore import Keeper, begin_anew

NAMES = ("Ash", "Birch", "Cedar", "Dogwood", "Elm")


def all_written_to(xero: Ledger, customers: int = 5, notes: str = "customer") -> tuple[list[str], list[str]]:
    """Each of them owes on one invoice and was written to about it: the ids of customers and invoices."""
    ids = [xero.customer(NAMES[at % 5] + str(at), f"ap@c{at}.example") for at in range(customers)]
    owed = [xero.invoice(id_, "100.00", overdue=2, number=str(1000 + at)) for at, id_ in enumerate(ids)]
    xero.write(sending="automatic", extra=f'notes = "{notes}"\n')
    xero.desk.ok("run")
    assert len(xero.desk.mail) == customers
    xero.desk.unpaced()
    return ids, owed


def sent(desk: Desk) -> set[str]:
    return {id_ for (id_,) in desk.rows("SELECT customer_id FROM messages WHERE status = 'sent'")}


def paused(desk: Desk) -> set[tuple[str, str]]:
    return set(desk.rows("SELECT target, target_id FROM holds WHERE reason = 'paused'"))


@pytest.mark.parametrize("which", [{0}, {4}, {1, 2}])
def test_the_others_are_restored(xero: Ledger, which: set[int]) -> None:
    """Those whose notes cannot be read are named and hear nothing, also of what comes later."""
    desk = xero.desk
    ids, _ = all_written_to(xero)
    begin_anew(xero)
    refused = [ids[at] for at in which]
    for id_ in refused:
        xero.strike("400-empty", path=f"Contacts/{id_}/History", method="GET", times=None)

    told = desk.gives(1, "rebuild", "acme", "--yes")

    assert sent(desk) == set(ids) - set(refused)
    assert paused(desk) == {("customer", id_) for id_ in refused}
    for at in which:
        assert f"pauses customer {ids[at]}: rebuilt: the notes on the customer {NAMES[at]}{at}" in told.err
        assert "cannot be read" in told.err
    again = desk.gives(1, "rebuild", "acme", "--yes", "--json").json
    assert [it["id"] for it in again["paused"]] == sorted(refused, key=ids.index)
    assert len(desk.rows("SELECT 1 FROM holds")) == len(refused)

    xero.well()
    desk.now.go(days=9)
    for id_ in ids:
        xero.invoice(id_, "70.00", overdue=2)
    desk.type("run")
    heard = {str(mail["To"]) for mail in desk.mail[5:]}
    assert heard == {f"ap@c{at}.example" for at in range(5) if at not in which}


def test_it_is_read_later(xero: Ledger) -> None:
    """The next rebuild restores what can be read by then; the customer waits until a person releases it."""
    desk = xero.desk
    ids, _ = all_written_to(xero, customers=3)
    begin_anew(xero)
    xero.strike("400-empty", path=f"Contacts/{ids[1]}/History", method="GET", times=None)
    desk.gives(1, "rebuild", "acme", "--yes")
    xero.well()

    desk.ok("rebuild", "acme", "--yes")

    assert sent(desk) == set(ids)
    assert paused(desk) == {("customer", ids[1])}
    desk.ok("release", "acme", f"customer:{ids[1]}")
    desk.ok("run")
    assert len(desk.mail) == 3, "nobody hears the same step again"


def test_of_one_invoice_that_cannot_be_read_its_customer_waits(xero: Ledger) -> None:
    """It is not known when the customer was written to, so its other invoices wait as well."""
    desk = xero.desk
    ids, owed = all_written_to(xero, customers=2, notes="invoice")
    begin_anew(xero)
    xero.invoice(ids[0], "70.00", overdue=2, number="1007")
    desk.ok("sync")
    xero.strike("400-empty", path=f"Invoices/{owed[0]}/History", method="GET", times=None)

    told = desk.gives(1, "rebuild", "acme", "--yes")

    assert "the notes on the invoice 1000 cannot be read" in told.err
    assert sent(desk) == {ids[1]}
    assert paused(desk) == {("customer", ids[0])}
    desk.type("run")
    assert len(desk.mail) == 2


@pytest.mark.parametrize("customers", [1, 3])
def test_where_everything_is_refused_it_is_the_service(xero: Ledger, customers: int) -> None:
    """Nothing is restored and nobody is paused."""
    desk = xero.desk
    all_written_to(xero, customers=customers)
    begin_anew(xero)
    xero.strike("400-empty", path="/History$", method="GET", times=None)

    desk.gives(1, "rebuild", "acme", "--yes")

    assert sent(desk) == paused(desk) == set()


def test_where_many_are_refused_it_is_the_service(xero: Ledger) -> None:
    """Up to ten wait for a person; with more of them nothing is done."""
    desk = xero.desk
    ids, _ = all_written_to(xero, customers=12)
    begin_anew(xero)
    for id_ in ids[:11]:
        xero.strike("400-empty", path=f"Contacts/{id_}/History", method="GET", times=None)
    desk.gives(1, "rebuild", "acme", "--yes")
    assert sent(desk) == paused(desk) == set()

    xero.well()
    for id_ in ids[:10]:
        xero.strike("400-empty", path=f"Contacts/{id_}/History", method="GET", times=None)
    desk.unpaced()
    desk.gives(1, "rebuild", "acme", "--yes")
    assert sent(desk) == set(ids[10:])
    assert paused(desk) == {("customer", id_) for id_ in ids[:10]}


def test_a_restored_book_goes_on_with_the_others(xero: Ledger, keeper: Keeper) -> None:
    """Of a customer whose notes cannot be read it is not known what left since the backup."""
    desk = xero.desk
    ids, _ = all_written_to(xero, customers=3)
    file = keeper.back_up()
    desk.now.go(days=9)
    desk.ok("run")
    assert len(desk.mail) == 6
    keeper.lose_and_restore(file)
    xero.strike("400-empty", path=f"Contacts/{ids[1]}/History", method="GET", times=None)

    told = desk.gives(1, "run")

    assert f"pauses customer {ids[1]}: rebuilt: the notes on the customer Birch1 cannot be read" in told.err
    assert f"`arsync release acme customer:{ids[1]}`" in told.err
    desk.ok("run")
    assert paused(desk) == {("customer", ids[1])}
    assert desk.rows("SELECT count(*) FROM messages WHERE status = 'sent'") == [(5,)]
    assert len(desk.mail) == 6
