"""Pulls from a running simulator: what is owed there is what arrives here, whatever happens between."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from xero_book import NOW, Shelf, Town, truly_owed, truly_unapplied

from arsync.errors import TryLater
from arsync_xero.simulator import SandboxClock, demo_company, large_company

TODAY = NOW.date()
Build = Callable[..., Town]


def furnished(town: Build) -> Town:
    """Three customers with all that a ledger may hold."""
    built = town()
    company = built.company
    one = company.add_contact("Brook & Daughters", "office@brook.example")
    two = company.add_contact("Castle Mill Ltd", "ar@castle.example")
    company.archive(company.add_contact("Old Friend", "old@friend.example"))
    for number in range(4):
        company.add_invoice(one, Decimal("100.10") + number, date(2026, 1, 5), date(2026, 2, 4))
    company.add_invoice(two, "55.00", date(2026, 1, 5), None, number="INV-PAID")
    company.pay("INV-PAID")
    company.add_invoice(two, "66.00", date(2026, 1, 5), date(2026, 2, 1), number="INV-VOID")
    company.void("INV-VOID")
    company.add_draft(two, "77.00", date(2026, 1, 5))
    company.add_bill(two, "88.00", date(2026, 1, 5))
    company.add_credit_note(one, "12.50")
    company.add_credit_note(one, "13.50", type="ACCPAYCREDIT")
    company.add_overpayment(two, "7.25")
    company.add_overpayment(two, "9.25", type="SPEND-OVERPAYMENT")
    company.add_prepayment(two, "3.75")
    built.simulator.advance(days=1)
    return built


def calls(built: Town) -> list[str]:
    return [call.endpoint for call in built.simulator.calls.api]


def test_a_full_pull_tells_all_that_is_open(town: Build) -> None:
    built = furnished(town)
    shelf = Shelf()
    pages = shelf.take(built.source.pull(None))
    assert shelf.owed() == truly_owed(built.company)
    assert len(shelf.owed()) == 4
    assert shelf.unapplied() == truly_unapplied(built.company)
    assert sorted(shelf.unapplied().values()) == [375, 725, 1250]
    assert sorted(each.name for each in shelf.customers.values()) == [
        "Brook & Daughters",
        "Castle Mill Ltd",
        "Old Friend",
    ]
    assert [page.last for page in pages] == [False] * 6 + [True]
    assert all(page.full for page in pages)
    assert [page.rows for page in pages] == [3, 4, 0, 1, 1, 1, 1]
    assert calls(built) == [
        "GET Contacts",
        "GET Invoices",
        "GET Invoices",
        "GET Payments",
        "GET CreditNotes",
        "GET Overpayments",
        "GET Prepayments",
    ]


def test_nothing_changed_costs_two_calls(town: Build) -> None:
    built = furnished(town)
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    for _ in range(3):
        built.simulator.calls.clear()
        built.simulator.advance(seconds=900)
        pages = shelf.take(built.source.pull(shelf.cursor))
        assert calls(built) == ["GET Invoices", "GET Contacts"]
        assert [(page.full, page.last) for page in pages] == [(False, False), (False, True)]


def test_what_only_the_overlap_repeats_is_not_news(town: Build) -> None:
    built = furnished(town)
    one = next(iter(built.company.contacts))
    built.company.add_invoice(one, "10.00", TODAY, TODAY)
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.simulator.calls.clear()
    built.simulator.advance(seconds=30)
    pages = shelf.take(built.source.pull(shelf.cursor))
    assert [page.rows for page in pages] == [1, 0]
    assert calls(built) == ["GET Invoices", "GET Contacts"]


def test_a_change_in_the_same_second_as_the_last_pull_is_news(town: Build) -> None:
    built = furnished(town)
    one = next(iter(built.company.contacts))
    built.company.add_invoice(one, "10.00", TODAY, TODAY, number="INV-NEW")
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.company.pay("INV-NEW")
    built.company.add_prepayment(one, "4.00")
    shelf.take(built.source.pull(shelf.cursor))
    assert shelf.owed() == truly_owed(built.company)
    assert shelf.unapplied() == truly_unapplied(built.company)


def test_a_later_pull_tells_what_was_paid_voided_deleted_and_used(town: Build) -> None:
    built = furnished(town)
    company = built.company
    one, two = (each for each, contact in company.contacts.items() if contact.status == "ACTIVE")
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.simulator.advance(seconds=7200)
    numbers = [each.number for each in company.invoices.values() if each.contact.id == one]
    company.pay(numbers[0])
    company.void(numbers[1])
    company.part_pay(numbers[2], "0.10")
    company.expect(numbers[3], date(2026, 4, 1))
    credit = next(each for each in company.credits.values() if each.type == "ACCRECCREDIT")
    company.allocate(credit.id, numbers[2])
    company.add_invoice(two, "5.00", TODAY)
    company.edit_contact(two, email="new@castle.example")
    built.simulator.calls.clear()
    pages = shelf.take(built.source.pull(shelf.cursor))
    assert shelf.owed() == truly_owed(company)
    assert shelf.unapplied() == truly_unapplied(company)
    assert shelf.customers[two].emails == ("new@castle.example",)
    statuses = {each.number: each.status for page in pages for each in page.invoices}
    assert statuses[numbers[1]] == "voided"
    promised = {each.number: each.promised_on for each in shelf.invoices.values()}
    assert promised[numbers[3]] == date(2026, 4, 1)
    assert len(calls(built)) == 6


def test_credits_are_looked_at_every_four_hours_even_when_no_invoice_moves(town: Build) -> None:
    built = furnished(town)
    one = next(iter(built.company.contacts))
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.company.add_prepayment(one, "40.00")
    built.simulator.advance(seconds=3 * 3600)
    shelf.take(built.source.pull(shelf.cursor))
    assert shelf.unapplied() != truly_unapplied(built.company)
    built.simulator.advance(seconds=3600)
    shelf.take(built.source.pull(shelf.cursor))
    assert shelf.unapplied() == truly_unapplied(built.company)


def test_nulls_of_the_service_do_no_harm(town: Build) -> None:
    clock = SandboxClock(lambda: NOW)
    company = demo_company(TODAY, clock)
    company.nulls = True
    built = town(company)
    shelf = Shelf()
    pages = shelf.take(built.source.pull(None))
    assert set(shelf.owed()) == set(truly_owed(company))
    assert [reject for page in pages for reject in page.rejects] == []


def test_a_pull_goes_on_from_any_cursor_in_another_process(town: Build) -> None:
    built = town(large_company(2300, 1200, TODAY, clock=SandboxClock(lambda: NOW)))
    expected = [page.cursor for page in built.source.pull(None)]
    for stop in range(1, len(expected)):
        shelf = Shelf()
        pages = built.source.pull(None)
        shelf.take(next(pages) for _ in range(stop))
        assert shelf.cursor == expected[stop - 1]
        rest = shelf.take(built.another_process().pull(shelf.cursor))
        assert [page.cursor for page in rest] == expected[stop:]
        assert shelf.owed() == truly_owed(built.company)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "{}",
        "[1]",
        '{"version":9}',
        '{"stage":"changes"}',
        '{"stage":"contacts","since":"2026-03-01T00:00:00Z"}',
        '{"stage":"changes","since":"2026-03-01T00:00:00"}',
        '{"stage":"open","full":true}',
    ],
)
def test_a_cursor_that_cannot_be_read_begins_anew(town: Build, text: str) -> None:
    built = furnished(town)
    shelf = Shelf()
    pages = shelf.take(built.source.pull(text))
    assert all(page.full for page in pages)
    assert [page.afresh for page in pages] == [True] + [False] * (len(pages) - 1)
    assert shelf.owed() == truly_owed(built.company)


def test_a_pull_without_a_cursor_or_with_a_good_one_does_not_begin_anew(town: Build) -> None:
    built = furnished(town)
    pages = Shelf().take(built.source.pull(None))
    pages += Shelf().take(built.another_process().pull(pages[0].cursor))
    assert not any(page.afresh for page in pages)


def test_calls_and_pages_of_a_larger_ledger(town: Build) -> None:
    built = town(large_company(3000, 1001, TODAY, clock=SandboxClock(lambda: NOW)))
    shelf = Shelf()
    pages = shelf.take(built.source.pull(None))
    assert len(shelf.owed()) == 3000
    # contacts 2, invoices 3 and not an empty fourth, what changed meanwhile 1, payments 1, credits 3
    assert len(pages) == len(calls(built)) == 10
    assert built.desk.kit.http.meter.calls == 10


@pytest.mark.parametrize(
    "kind", ["503-html", "500", "429-minute", "429-concurrent", "200-html", "malformed-json", "cut-off-body"]
)
def test_a_fault_in_the_middle_of_a_pull_passes_unnoticed(town: Build, kind: str) -> None:
    built = furnished(town)
    built.simulator.faults.add(kind, after=2)
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    assert shelf.owed() == truly_owed(built.company)
    assert len(built.desk.sleeps) == 1


def test_a_token_that_dies_in_the_middle_of_a_pull_is_renewed(town: Build) -> None:
    built = furnished(town)
    shelf = Shelf()
    pages = built.source.pull(None)
    shelf.take(next(pages) for _ in range(2))
    built.simulator.expire_access_tokens()
    shelf.take(pages)
    assert shelf.owed() == truly_owed(built.company)
    assert len(built.simulator.calls.tokens) == 2  # the day before the pull had ended one already


def test_a_used_up_day_ends_the_pull_and_a_later_one_goes_on(town: Build) -> None:
    built = furnished(town)
    built.simulator.faults.add("429-day", after=2)
    shelf = Shelf()
    with pytest.raises(TryLater) as caught:
        shelf.take(built.source.pull(None))
    assert caught.value.at == built.clock() + timedelta(seconds=73_451)
    shelf.take(built.another_process().pull(shelf.cursor))
    assert shelf.owed() == truly_owed(built.company)
    assert built.desk.sleeps == []


def test_a_cursor_holds_no_rows(town: Build) -> None:
    built = town(large_company(2300, 5, TODAY, clock=SandboxClock(lambda: NOW)))
    for page in built.source.pull(None):
        assert len(page.cursor) < 600
        assert isinstance(json.loads(page.cursor), dict)
