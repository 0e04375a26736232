"""What a day of syncs costs: 96 pulls, one each quarter of an hour, and nothing changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest
from xero_book import NOW, Shelf, Town, truly_owed

from arsync_xero.cursor import Cursor, beginning
from arsync_xero.leisure import leisure
from arsync_xero.simulator import SandboxClock, large_company

TODAY = NOW.date()
Build = Callable[..., Town]
QUARTER = timedelta(minutes=15)
MOST = 220


def a_day(built: Town) -> Counter[str]:
    """The calls of 96 pulls after a full one, by endpoint."""
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.simulator.calls.clear()
    sweeps = 0
    for _ in range(96):
        built.simulator.advance(seconds=900)
        sweeps += shelf.take(built.source.pull(shelf.cursor))[0].full
    assert sweeps == 1
    assert shelf.owed() == truly_owed(built.company)
    return Counter(call.endpoint.removeprefix("GET ") for call in built.simulator.calls.api)


def test_a_day_of_a_small_company(town: Build) -> None:
    calls = a_day(town(large_company(30, 8, TODAY, clock=SandboxClock(lambda: NOW))))
    assert calls == {
        "Invoices": 96 + 1,  # the changes, and what is open once
        "Contacts": 96,
        "Payments": 6,  # every four hours, the last time with the sweep
        "CreditNotes": 6,
        "Overpayments": 6,
        "Prepayments": 6,
    }
    assert calls.total() == 217 <= MOST


def test_a_day_of_a_company_with_several_thousand_open_invoices(town: Build) -> None:
    calls = a_day(town(large_company(4200, 300, TODAY, clock=SandboxClock(lambda: NOW))))
    assert calls == {
        "Invoices": 96 + 5 + 1,  # the changes, five pages of what is open, what changed meanwhile
        "Contacts": 96,
        "Payments": 4,  # every six hours
        "CreditNotes": 4,
        "Overpayments": 4,
        "Prepayments": 4,
    }
    assert calls.total() == 214 <= MOST


def a_day_s_calls(pages_of_open: int) -> Counter[str]:
    """The stages of 96 pulls of an organisation of any size, as the cursors go, without a service."""
    now = NOW
    cursor: Cursor | None = beginning()
    calls: Counter[str] = Counter()

    def pull(cursor: Cursor) -> Cursor:
        while True:
            if cursor.start is None:
                cursor = cursor.begun(now, now)
            calls[cursor.stage] += 1
            more = cursor.stage == "open" and cursor.page < pages_of_open
            reads = ((0, 0, 0),) * cursor.page if cursor.stage == "open" else cursor.reads
            after = msgspec.structs.replace(
                cursor.counted(), page=cursor.page + 1 if more else 0, reads=reads
            )
            onward = after.onward()
            if onward is None:
                return after.following()
            cursor = onward

    cursor = pull(cursor)
    calls.clear()
    for _ in range(96):
        now += QUARTER
        cursor = pull(cursor)
    return calls


@pytest.mark.parametrize(
    ("pages_of_open", "contacts", "credit_rounds"),
    [
        (1, 96, 6),
        (3, 96, 6),  # the first pull took 3 + what changed meanwhile + payments and credits: 8
        (4, 96, 4),
        (10, 96, 4),
        (11, 96, 4),
        (12, 24, 4),
        (83, 24, 4),
        (84, 6, 3),
        (100, 6, 3),
        (105, 6, 3),
    ],
)
def test_a_day_of_companies_of_any_size(pages_of_open: int, contacts: int, credit_rounds: int) -> None:
    calls = a_day_s_calls(pages_of_open)
    assert calls["open"] == pages_of_open
    assert calls["changes"] == 96
    assert calls["contacts"] == contacts
    assert calls["payments"] == calls["credit-notes"] == calls["prepayments"] == credit_rounds
    assert calls["meanwhile"] == (pages_of_open > 1)
    assert calls.total() == 96 + contacts + 4 * credit_rounds + pages_of_open + (pages_of_open > 1) <= MOST


def test_the_larger_the_sweep_the_less_else_is_read() -> None:
    found = [leisure(calls) for calls in range(200)]
    assert [each.contacts_every for each in found] == sorted(each.contacts_every for each in found)
    assert [each.credits_every for each in found] == sorted(each.credits_every for each in found)


def at_leisure(town: Build) -> tuple[Town, Shelf]:
    """An organisation that reads its contacts every hour, a full pull and a quarter of an hour later."""
    built = town(large_company(60, 8, TODAY, clock=SandboxClock(lambda: NOW)))
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    assert shelf.cursor is not None
    shelf.cursor = shelf.cursor.replace('"cost":6', '"cost":50')
    assert '"cost":50' in shelf.cursor
    built.simulator.advance(seconds=900)
    return built, shelf


def emails(shelf: Shelf, customer: str) -> tuple[str, ...]:
    return shelf.customers[customer].emails


def test_in_a_large_organisation_contacts_are_read_every_hour(town: Build) -> None:
    built, shelf = at_leisure(town)
    who = next(iter(built.company.contacts))
    built.company.edit_contact(who, email="new@customers.example")
    for _ in range(3):
        shelf.take(built.source.pull(shelf.cursor))
        built.simulator.advance(seconds=900)
        assert emails(shelf, who) != ("new@customers.example",)
    shelf.take(built.source.pull(shelf.cursor))
    assert emails(shelf, who) == ("new@customers.example",)


def test_they_are_read_at_once_where_an_invoice_changed(town: Build) -> None:
    built, shelf = at_leisure(town)
    shelf.take(built.source.pull(shelf.cursor))
    built.simulator.advance(seconds=900)
    who = built.company.add_contact("Elm Joinery", "office@elm.example")
    built.simulator.advance(seconds=900)
    shelf.take(built.source.pull(shelf.cursor))
    assert who not in shelf.customers
    built.company.add_invoice(who, "10.00", TODAY)
    built.simulator.advance(seconds=900)
    shelf.take(built.source.pull(shelf.cursor))
    assert emails(shelf, who) == ("office@elm.example",)
