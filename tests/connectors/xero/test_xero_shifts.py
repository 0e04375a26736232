"""Rows that move from page to page while they are read: none is missed, none wrongly closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xero_book import NOW, Shelf, Town, truly_owed, truly_unapplied

from arsync.connector import Page
from arsync_xero.pull import REACH, straddling
from arsync_xero.simulator import Company, SandboxClock, large_company

TODAY = NOW.date()
Build = Callable[..., Town]


def at_positions(company: Company, *positions: int) -> list[str]:
    """The open invoices at these places of the list, as the service orders it now."""
    ids = sorted(truly_owed(company))
    return [ids[position] for position in positions]


def after_page(built: Town, number: int, change: Callable[[], object], shelf: Shelf) -> list[Page]:
    """A full pull in which something happens after the page of open invoices of that number."""
    taken = []

    def pages() -> Iterator[Page]:
        seen = 0
        for page in built.source.pull(None):
            yield page
            taken.append(page)
            # In the real world time passes, and the change bears a stamp between the two pages.
            built.simulator.advance(seconds=20)
            seen += bool(page.invoices)
            if page.invoices and seen == number:
                change()
                built.simulator.advance(seconds=20)

    shelf.take(pages())
    return taken


def test_an_invoice_paid_between_two_pages_hides_no_other(town: Build) -> None:
    company = large_company(2300, 5, TODAY, clock=SandboxClock(lambda: NOW))
    built = town(company)
    shelf = Shelf()
    hidden = at_positions(company, 1000)[0]  # the first of page 2, which moves to page 1
    after_page(built, 1, lambda: company.pay(at_positions(company, 3)[0]), shelf)
    assert hidden in shelf.owed()
    assert shelf.owed() == truly_owed(company)


def test_one_that_leaves_and_one_that_comes_hide_no_other(town: Build) -> None:
    company = large_company(2300, 5, TODAY, clock=SandboxClock(lambda: NOW))
    drafts = [company.add_draft(next(iter(company.contacts)), "10.00", TODAY) for _ in range(40)]
    built = town(company)
    boundary = at_positions(company, 1500)[0]
    late = next(draft for draft in drafts if draft > boundary)
    hidden = at_positions(company, 1000)[0]

    def change() -> None:
        company.pay(at_positions(company, 3)[0])
        company.approve(late)  # behind the boundary: the number of open invoices stays the same

    shelf = Shelf()
    pages = after_page(built, 1, change, shelf)
    assert hidden in shelf.owed()
    assert shelf.owed() == truly_owed(company)
    # contacts, 3 of invoices, what changed, the seam (none without the change), payments, 3 of credits
    assert len(pages) == 10


def test_very_many_that_leave_begin_the_list_anew(town: Build) -> None:
    company = large_company(2300, 5, TODAY, clock=SandboxClock(lambda: NOW))
    built = town(company)
    leaving = at_positions(company, *range(REACH + 60))
    shelf = Shelf()
    after_page(built, 2, lambda: [company.pay(each) for each in leaving], shelf)
    assert shelf.owed() == truly_owed(company)


def test_very_many_that_leave_while_as_many_come_begin_the_list_anew(town: Build) -> None:
    company = large_company(2300, 5, TODAY, clock=SandboxClock(lambda: NOW))
    who = next(iter(company.contacts))
    built = town(company)
    leaving = at_positions(company, *range(REACH + 60))
    boundary = at_positions(company, 1400)[0]

    def change() -> None:
        come = 0
        while come < len(leaving):
            draft = company.add_draft(who, "1.00", TODAY)
            if draft > boundary:
                company.approve(draft)
                come += 1
        for each in leaving:
            company.pay(each)

    shelf = Shelf()
    after_page(built, 1, change, shelf)
    assert shelf.owed() == truly_owed(company)


def test_an_interrupted_pull_that_goes_on_a_day_later_misses_nothing(town: Build) -> None:
    company = large_company(2300, 5, TODAY, clock=SandboxClock(lambda: NOW))
    built = town(company)
    shelf = Shelf()
    pages = built.source.pull(None)
    shelf.take(next(pages) for _ in range(2))
    built.simulator.advance(days=1)
    for position in (0, 500, 999, 1000, 1001, 2200):
        company.pay(at_positions(company, position)[0])
    company.add_invoice(next(iter(company.contacts)), "9.00", TODAY)
    shelf.take(built.another_process().pull(shelf.cursor))
    assert shelf.owed() == truly_owed(company)


def test_credits_that_are_used_up_between_two_pages_hide_no_other(town: Build) -> None:
    built = town()
    company = built.company
    who = company.add_contact("Brook & Daughters")
    credits_of = sorted(company.add_credit_note(who, "1.00") for _ in range(1500))
    company.add_invoice(who, "100.00", TODAY, number="INV-1")
    shelf = Shelf()

    def pages() -> Iterator[Page]:
        for page in built.source.pull(None):
            yield page
            if len(page.credits) == 1000:
                company.allocate(credits_of[4], "INV-1")

    shelf.take(pages())
    assert shelf.unapplied().keys() >= truly_unapplied(company).keys()
    shelf.take(built.source.pull(shelf.cursor))
    assert shelf.unapplied() == truly_unapplied(company)


def test_a_page_lies_across_every_seam() -> None:
    for offset in range(100, 100_001, 100):
        number, size = straddling(offset)
        first, last = (number - 1) * size, number * size
        assert first + min(REACH, offset) <= offset <= last - REACH
        assert size <= 1000
