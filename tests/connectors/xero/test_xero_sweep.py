"""Once a day a pull of changes reads all that is open: what no stamp tells of is seen then."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import responses
from xero_book import NOW, Desk, Shelf, Town, truly_owed, truly_unapplied

from arsync.connector import Page
from arsync_xero.simulator import Company, SandboxClock, large_company

TODAY = NOW.date()
Build = Callable[..., Town]
API = "https://api.xero.com/api.xro/2.0"


def part_paid(town: Build) -> tuple[Town, Shelf]:
    """A small company, read in full: INV-1 is part-paid, INV-2 to INV-4 are not."""
    built = town()
    company = built.company
    who = company.add_contact("Brook & Daughters", "office@brook.example")
    for number in range(1, 5):
        company.add_invoice(who, "100.00", date(2026, 1, 5), date(2026, 2, 4), number=f"INV-{number}")
    company.part_pay("INV-1", "40.00")
    company.add_prepayment(who, "7.00")
    built.simulator.advance(seconds=600)
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.simulator.calls.clear()
    return built, shelf


def calls(built: Town) -> list[str]:
    return [call.endpoint.removeprefix("GET ") for call in built.simulator.calls.api]


def due(shelf: Shelf, number: str) -> date | None:
    [found] = [each for each in shelf.invoices.values() if each.number == number]
    return found.due_on


def later(built: Town, shelf: Shelf, **time: float) -> list[Page]:
    built.simulator.advance(**time)
    return shelf.take(built.another_process().pull(shelf.cursor))


def test_a_due_date_that_moved_without_a_trace_is_seen_within_the_day(town: Build) -> None:
    built, shelf = part_paid(town)
    built.simulator.advance(seconds=900)
    built.company.redate("INV-1", date(2026, 5, 1))
    built.company.redate("INV-2", date(2026, 5, 2))
    later(built, shelf, seconds=900)
    assert (due(shelf, "INV-1"), due(shelf, "INV-2")) == (date(2026, 2, 4), date(2026, 5, 2))
    later(built, shelf, days=1)
    assert due(shelf, "INV-1") == date(2026, 5, 1)


def test_a_sweep_is_a_full_pull_that_lists_no_contact_again(town: Build) -> None:
    built, shelf = part_paid(town)
    pages = later(built, shelf, days=1)
    assert all(page.full and page.repeats for page in pages)
    assert [page.last for page in pages] == [False] * 6 + [True]
    assert not any(page.afresh for page in pages)
    assert [each for page in pages for each in page.customers] == []
    assert {each.id for page in pages for each in page.invoices} == set(truly_owed(built.company))
    assert {each.id for page in pages for each in page.credits} == set(truly_unapplied(built.company))
    assert calls(built) == [
        *("Invoices", "Contacts", "Invoices"),
        *("Payments", "CreditNotes", "Overpayments", "Prepayments"),
    ]


def test_a_sweep_comes_a_day_after_the_last_one_and_not_before(town: Build) -> None:
    built, shelf = part_paid(town)
    full = []
    for _ in range(4):
        for hours in (9, 14, 1):
            full.append(later(built, shelf, seconds=hours * 3600)[0].full)
    assert full == [False, False, True] * 4


def test_the_runs_of_a_daily_job_sweep_each_day_though_one_may_be_early(town: Build) -> None:
    built, shelf = part_paid(town)
    assert later(built, shelf, days=1, seconds=120)[0].full
    assert later(built, shelf, days=1, seconds=-240)[0].full


def test_what_left_the_list_without_a_trace_is_not_mentioned(town: Build) -> None:
    built, shelf = part_paid(town)
    company = built.company
    lost = company.invoice("INV-3")
    lost.status = "DELETED"
    credit = next(iter(company.credits.values()))
    credit.status, credit.remaining = "PAID", credit.remaining - credit.remaining
    company.touch(lost, moved=False)
    company.touch(credit, moved=False)
    later(built, shelf, seconds=8 * 3600)
    assert lost.id in shelf.owed()
    assert credit.id in shelf.unapplied()
    later(built, shelf, seconds=16 * 3600)
    assert shelf.owed() == truly_owed(company)
    assert shelf.unapplied() == truly_unapplied(company) == {}


def test_a_sweep_tells_what_was_paid_voided_and_deleted(town: Build) -> None:
    built, shelf = part_paid(town)
    company = built.company
    draft = company.add_draft(next(iter(company.contacts)), "5.00", TODAY, number="INV-5")
    later(built, shelf, seconds=900)
    built.simulator.advance(seconds=900)
    company.pay("INV-1")
    company.void("INV-2")
    company.delete(draft)
    pages = later(built, shelf, days=1)
    assert pages[0].full
    told = {each.number: (each.status, each.owed) for page in pages for each in page.invoices}
    assert told["INV-1"] == ("in-force", 0)
    assert told["INV-2"] == ("voided", 0)
    assert told["INV-5"] == ("deleted", 0)
    assert shelf.owed() == truly_owed(company)


def busy_day(built: Town) -> None:
    """Work that leaves its stamp, and work that does not; all of it known to a pull of the next day."""
    company = built.company
    ids = sorted(truly_owed(company))
    for position in (0, 700, 999, 1000, 1400, 2299):
        company.pay(ids[position])
    company.add_invoice(next(iter(company.contacts)), "9.00", TODAY)
    company.edit_contact(next(iter(company.contacts)), email="new@customers.example")
    company.part_pay(ids[5], "0.01")
    company.redate(ids[5], date(2027, 1, 1))


def test_a_sweep_goes_on_from_any_cursor_in_another_process(town: Build) -> None:
    built = town(large_company(2300, 40, TODAY, clock=SandboxClock(lambda: NOW)))
    before = list(built.source.pull(None))
    built.simulator.advance(seconds=3600)
    busy_day(built)
    built.simulator.advance(days=1)
    whole = list(built.another_process().pull(before[-1].cursor))
    # changes, contacts, three pages of open invoices, what changed meanwhile, payments, credits
    assert len(whole) == 10
    for stop in range(1, len(whole)):
        shelf = Shelf()
        shelf.take(before)
        shelf.take(whole[:stop])
        rest = shelf.take(built.another_process().pull(shelf.cursor))
        assert [page.cursor for page in rest] == [page.cursor for page in whole[stop:]]
        assert all(page.full and not page.afresh for page in rest)
        assert shelf.owed() == truly_owed(built.company)
        assert date(2027, 1, 1) in {each.due_on for each in shelf.invoices.values()}
        assert "new@customers.example" in {each.emails[0] for each in shelf.customers.values()}


def test_an_invoice_paid_between_two_pages_of_a_sweep_hides_no_other(town: Build) -> None:
    company = large_company(2300, 5, TODAY, clock=SandboxClock(lambda: NOW))
    drafts = [company.add_draft(next(iter(company.contacts)), "10.00", TODAY) for _ in range(40)]
    built = town(company)
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.simulator.advance(days=1)
    ids = sorted(truly_owed(company))
    late = next(draft for draft in drafts if draft > ids[1500])

    def pages() -> Iterator[Page]:
        for page in built.another_process().pull(shelf.cursor):
            yield page
            built.simulator.advance(seconds=20)
            if len(page.invoices) == 1000 and company.invoices[late].status == "DRAFT":
                company.pay(ids[3])
                company.approve(late)  # the number of open invoices stays the same

    shelf.take(pages())
    assert ids[1000] in shelf.owed()  # the first of page 2, which moved to page 1
    assert shelf.owed() == truly_owed(company)


def test_what_a_sweep_has_told_is_no_news_to_the_next_pull(town: Build) -> None:
    company = large_company(1500, 5, TODAY, clock=SandboxClock(lambda: NOW))
    built = town(company)
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.simulator.advance(days=1)
    company.pay(min(company.invoices))
    assert later(built, shelf, seconds=20)[0].full
    built.simulator.calls.clear()
    later(built, shelf, seconds=20)
    assert calls(built) == ["Invoices", "Contacts"]


def test_what_changed_while_a_list_of_one_page_was_read_is_told_by_the_next_pull(town: Build) -> None:
    built, shelf = part_paid(town)
    built.simulator.advance(days=1)
    company = built.company

    def pages() -> Iterator[Page]:
        for number, page in enumerate(built.another_process().pull(shelf.cursor)):
            yield page
            built.simulator.advance(seconds=5)
            if number == 1:  # behind the changes and the contacts
                company.pay("INV-2")
                company.add_invoice("Brook & Daughters", "3.00", TODAY, number="INV-6")
            if number == 2:  # behind the open ones
                company.void("INV-3")

    shelf.take(pages())
    assert shelf.owed().keys() >= truly_owed(company).keys()
    later(built, shelf, seconds=900)
    assert shelf.owed() == truly_owed(company)


# What the version before sweeps wrote in its cursors, after each page of a full pull of 2,300 invoices and
# of a pull of changes a quarter of an hour later.
OLD_FULL = [
    '{"full":true,"stage":"open","start":"2026-03-02T09:30:00Z"}',
    '{"full":true,"stage":"open","page":3,"start":"2026-03-02T09:30:00Z","seen":[2300,1000,2190325668],'
    '"reads":[[1000,1772443800,0],[2000,1772443800,0]]}',
    '{"full":true,"stage":"changes","start":"2026-03-02T09:30:00Z",'
    '"reads":[[1000,1772443800,0],[2000,1772443800,0],[3000,1772443800,0]]}',
    '{"full":true,"stage":"credit-notes","start":"2026-03-02T09:30:00Z",'
    '"reads":[[1000,1772443800,0],[2000,1772443800,0],[3000,1772443800,0]]}',
    '{"full":true,"stage":"prepayments","start":"2026-03-02T09:30:00Z",'
    '"reads":[[1000,1772443800,0],[2000,1772443800,0],[3000,1772443800,0]]}',
]
OLD_QUICK = [
    '{"stage":"changes","since":"2026-03-02T09:28:00Z","credits_since":"2026-03-02T09:28:00Z"}',
    '{"stage":"contacts","since":"2026-03-02T09:28:00Z","start":"2026-03-02T09:45:00Z",'
    '"credits_since":"2026-03-02T09:28:00Z","changed":4093638901}',
    '{"stage":"credit-notes","since":"2026-03-02T09:28:00Z","start":"2026-03-02T09:45:00Z",'
    '"credits_since":"2026-03-02T09:28:00Z","changed":4093638901}',
    '{"stage":"prepayments","since":"2026-03-02T09:28:00Z","start":"2026-03-02T09:45:00Z",'
    '"credits_since":"2026-03-02T09:28:00Z","changed":4093638901}',
]


# How many pages had been stored when it was written; all of them before a pull of changes.
@pytest.mark.parametrize(
    ("text", "stored"), [*zip(OLD_FULL, (1, 3, 4, 5, 8), strict=True), *((text, 9) for text in OLD_QUICK)]
)
def test_a_cursor_from_before_there_were_sweeps_goes_on(town: Build, text: str, stored: int) -> None:
    company = large_company(2300, 5, TODAY, clock=SandboxClock(lambda: NOW))
    built = town(company)
    shelf = Shelf()
    first = built.source.pull(None)
    shelf.take(next(first) for _ in range(stored))
    built.simulator.advance(seconds=900)
    company.pay(sorted(company.invoices)[3])
    company.part_pay(sorted(company.invoices)[4], "0.01")
    built.simulator.advance(seconds=60)
    stage = json.loads(text)["stage"]
    pages = shelf.take(built.another_process().pull(text))
    assert not any(page.afresh for page in pages)
    begins = text == OLD_QUICK[0]
    assert [page.full for page in pages] == [begins or text in OLD_FULL] * len(pages)
    rest = ("credit-notes", "overpayments", "prepayments")
    if stage in rest:
        assert len(pages) == 3 - rest.index(stage)
    # What was open and read already by the pull that was cut off is as it was; the next one sweeps.
    again = shelf.take(built.another_process().pull(pages[-1].cursor))
    assert again[0].full is (text in OLD_QUICK[1:])
    shelf.take(built.another_process().pull(again[-1].cursor))
    assert shelf.owed() == truly_owed(company)
    assert len(shelf.payments) == 2


@pytest.mark.parametrize(
    ("theirs", "swept", "sweeps"),
    [
        # ours says half past nine of 2 March
        ("2026-03-03T09:00:00Z", "2026-03-02T08:00:00Z", True),
        ("2026-03-02T09:00:00Z", "2026-03-01T10:00:00Z", False),
        ("2026-03-01T09:00:00Z", "2026-03-01T08:00:00Z", False),
    ],
)
def test_the_service_s_own_clock_decides(wire: Desk, theirs: str, swept: str, sweeps: bool) -> None:
    since = "2026-03-01T07:00:00Z"
    cursor = {"stage": "changes", "since": since, "credits_since": since, "swept": swept}
    told = {"page": 1, "pageSize": 1000, "pageCount": 0, "itemCount": 0}

    def answer(name: str) -> dict[str, Any]:
        return {"Status": "OK", "DateTimeUTC": theirs, "pagination": told, name: []}

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for name in ("Invoices", "Contacts", "Payments", "CreditNotes", "Overpayments", "Prepayments"):
            mock.get(f"{API}/{name}", json=answer(name))
        pages = list(wire.source.pull(json.dumps(cursor)))
    assert [page.full for page in pages] == [sweeps] * len(pages)
    if sweeps:
        assert json.loads(pages[-1].cursor)["swept"] == theirs


def test_a_sweep_reads_contacts_and_payments_by_what_changed(wire: Desk) -> None:
    cursor = {
        "stage": "changes",
        "since": "2026-03-01T09:00:00Z",
        "contacts_since": "2026-03-01T08:00:00Z",
        "credits_since": "2026-03-01T07:00:00Z",
        "payments_since": "2026-03-01T06:00:00Z",
        "swept": "2026-03-01T05:00:00Z",
    }
    told = {"page": 1, "pageSize": 1000, "pageCount": 0, "itemCount": 0}
    with responses.RequestsMock() as mock:
        for name in ("Invoices", "Contacts", "Payments", "CreditNotes", "Overpayments", "Prepayments"):
            mock.get(f"{API}/{name}", json={"Status": "OK", "pagination": told, name: []})
        list(wire.source.pull(json.dumps(cursor)))
        asked = [
            (call.request.url.split("?")[0].rsplit("/", 1)[1], call.request.headers.get("If-Modified-Since"))
            for call in mock.calls
        ]
    assert asked == [
        ("Invoices", "2026-03-01T09:00:00Z"),
        ("Contacts", "2026-03-01T08:00:00Z"),
        ("Invoices", None),
        ("Payments", "2026-03-01T06:00:00Z"),
        ("CreditNotes", None),
        ("Overpayments", None),
        ("Prepayments", None),
    ]


def test_a_sweep_that_was_cut_off_for_days_still_counts_from_its_start(town: Build) -> None:
    built, shelf = part_paid(town)
    built.simulator.advance(days=1)
    begun = built.clock().replace(microsecond=0)
    pages = built.another_process().pull(shelf.cursor)
    shelf.take(next(pages) for _ in range(3))
    pages.close()
    later(built, shelf, days=3)
    assert json.loads(shelf.cursor or "")["swept"] == begun.isoformat().replace("+00:00", "Z")
    assert later(built, shelf, seconds=900)[0].full
    assert begun + timedelta(days=3) < built.clock()


def test_a_company_that_is_nobody_s(town: Build) -> None:
    built = town(Company("1d5c7f0e-52c1-4d3a-8a54-6f6b0a4f2c11", "New Ltd", clock=SandboxClock(lambda: NOW)))
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    pages = later(built, shelf, days=1)
    assert [page.full for page in pages] == [True] * 7
