"""Histories that once ended in a book that was not the company's, each as short as it could be made."""

from __future__ import annotations

import pytest
from csv_world import CsvWorld
from engine import play
from quickbooks_world import QuickBooksWorld
from vocabulary import (
    Apply,
    Batch,
    Bill,
    Delete,
    Deposit,
    Flood,
    History,
    Journal,
    LookAgain,
    Lose,
    Merge,
    Mishap,
    NewCustomer,
    Pay,
    Pull,
    Redate,
    Setting,
    Spoil,
    Step,
    Unbook,
    Void,
    Wait,
)
from xero_world import XeroWorld

AN_HOUR = Wait(3600)
SMALL = Setting(page=5, latency=1)
SEVEN = Setting(page=7, latency=1)


def history(setting: Setting, *steps: Step) -> History:
    return History(setting, steps)


def test_a_journal_credit_that_was_first_seen_right_before_sending_is_used_up_in_the_end() -> None:
    """The pull's cursor knew of no such credit, so that its end was told to nobody."""
    steps = (NewCustomer(), Pull(), Journal(0, -46050), LookAgain((0,)), Unbook(0), Wait(900), Pull())
    play(QuickBooksWorld, history(Setting(latency=1), *steps))


def test_rows_of_one_second_that_move_in_every_run_do_not_end_a_pull_for_good() -> None:
    """Forty invoices of one second; the last one listed is paid between any two pages, and then no more."""
    moves = tuple((request, Pay(-1)) for request in range(4, 40))
    play(QuickBooksWorld, history(SMALL, NewCustomer(), Batch(0, 40), AN_HOUR, Pull(meanwhile=moves)))


def test_rows_of_one_second_that_move_from_run_to_run_do_not_end_a_pull_for_good() -> None:
    days: tuple[Step, ...] = (Pull(killed=4), Pay(-1), AN_HOUR) * 8
    play(QuickBooksWorld, history(SMALL, NewCustomer(), Batch(0, 30), AN_HOUR, *days))


def test_what_could_not_be_understood_and_is_deleted_is_no_reject_any_more() -> None:
    steps = (NewCustomer(), Bill(0), Spoil(0), Pull(), Flood(9), Delete(0), Wait(900), Pull())
    play(QuickBooksWorld, history(Setting(latency=1), *steps))


def test_a_full_pull_writes_no_credit_anew_that_the_report_alone_tells() -> None:
    steps = (NewCustomer(), Deposit(0), Journal(0, -300), Pull(full=True))
    play(QuickBooksWorld, history(Setting(latency=1), *steps))


def test_a_list_that_is_torn_in_every_round_is_read_once_it_stands_still() -> None:
    """The rounds of a run that gave up are not held against the next one."""
    moves = tuple((request, Batch(0, 4)) for request in range(3, 40))
    play(XeroWorld, history(SEVEN, NewCustomer(), Batch(0, 20), AN_HOUR, Pull(meanwhile=moves)))


def test_a_list_that_is_torn_from_run_to_run_is_read_once_it_stands_still() -> None:
    days: tuple[Step, ...] = (Pull(killed=3), Batch(0, 3), AN_HOUR) * 12
    play(XeroWorld, history(SEVEN, NewCustomer(), Batch(0, 20), AN_HOUR, *days))


def test_a_list_that_grew_by_just_a_page_before_its_second_page_is_not_taken_for_one_that_repeats() -> None:
    """Ids are the same each time: of the last batch as many sort before the cut as there are on a page."""
    cut = Pull(meanwhile=((0, Batch(0, 21, -58)),), mishap=Mishap("malformed-json", at=3))
    draft = Bill(0, 31230, None, draft=True)
    steps = (NewCustomer(), Pull(), Batch(0, 13, -69), draft, cut, Batch(0, 14, None))
    play(XeroWorld, history(SEVEN, *steps))


def test_a_due_date_that_moves_on_a_part_paid_invoice_comes_with_the_days_sweep() -> None:
    steps = (NewCustomer(), Bill(0), Pull(), AN_HOUR, Pay(0, 40), Wait(900), Pull(), Wait(900), Redate(0, 33))
    play(XeroWorld, history(SEVEN, *steps, Wait(900), Pull()))


def test_an_invoice_is_voided_after_its_customer_was_to_be_made_out_to_another_by_hand() -> None:
    """An entry in the customer's favour is used for the invoice: it cannot follow."""
    used = (Batch(1, 2, None), Journal(1, -10), Apply(0, 0, 40))
    steps = (NewCustomer(), NewCustomer(), *used, Merge(1, 0), Void(0), Pull())
    play(QuickBooksWorld, history(Setting(foreign=False, latency=1), *steps))


@pytest.mark.parametrize("killed", [None, 1, 2])
def test_a_file_that_is_lost_takes_its_invoices_along_and_a_missing_folder_none(killed: int | None) -> None:
    steps = (NewCustomer(), Batch(0, 7), Pull(), Lose(0), Pull(killed=killed), Bill(0), Pull(killed=killed))
    play(CsvWorld, history(Setting(page=2, latency=1), *steps))
