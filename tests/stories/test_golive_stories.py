"""Stories of a book that goes live with old debts, on Wed 2027-03-10 unless one says otherwise.

Ash owes A5 for 5 days (due Fri 03-05), Birch B50 for 50 days (due Tue 01-19) and Cedar C500 for 500 days
(due 2025-10-26). The policy is `STANDARD`: heads-up 3 days before due, first reminder 1, second reminder
14 and final notice 30 days after due, hand over (a task) 60 days after due; 5 days between two messages,
Monday to Friday.
"""

from __future__ import annotations

from arsync.policy.first_wave import first_wave, pause_order, spread
from arsync.policy.joining import JoinMode, join
from day_book import DayBook, day, told_holds


def old_book() -> DayBook:
    book = DayBook()
    book.invoice("A5", "500.00", due="03-05", customer="Ash")
    book.invoice("B50", "300.00", due="01-19", customer="Birch")
    book.invoice("C500", "100.00", due="2025-10-26", customer="Cedar")
    return book


def go_live(book: DayBook, how: JoinMode, on: str = "03-10", *, leave_out_older: int | None = None) -> None:
    """What `arsync golive --confirm` writes down: the steps that are passed over, and what is left out."""
    joined = join(book.facts(day(on)), book.policy, day(on), how, leave_out_older=leave_out_older)
    book.taken = dict(joined.facts.taken)
    for invoice, orders in joined.facts.invoice_holds.items():
        book.holds[invoice] = list(orders)


def spread_out(book: DayBook, on: str, per_day: int) -> list[str]:
    """The first wave with so many customers a day, each line a customer with its day; those who are
    to wait are paused, as `arsync golive --per-day N --confirm` does."""
    facts, today = book.facts(day(on)), day(on)
    wave = spread(first_wave("book", facts, book.policy, today), facts, book.policy, per_day)
    for hearer in wave:
        if hearer.later:
            book.holds[hearer.customer_id].append(pause_order(hearer, today))
    return [f"{hearer.on:%a %m-%d} {hearer.customer_name}" for hearer in wave]


def test_start_all_three_begin_with_the_first_reminder() -> None:
    """
    Wed 03-10: a first reminder to each, whatever the age. Birch and Cedar then climb as fast as the gap
    allows: Mon 03-15 second, Sat 03-20 -> Mon 03-22 final, Sat 03-27 hand over. Ash at its own pace: second
    14 days after 03-05, Fri 03-19.
    """
    book = old_book()
    go_live(book, "start")
    assert book.diary("03-10", "03-27") == [
        "Wed 03-10 first reminder GBP 500.00: A5",
        "Wed 03-10 first reminder GBP 300.00: B50",
        "Wed 03-10 first reminder GBP 100.00: C500",
        "Mon 03-15 second reminder GBP 300.00: B50",
        "Mon 03-15 second reminder GBP 100.00: C500",
        "Fri 03-19 second reminder GBP 500.00: A5",
        "Mon 03-22 final notice GBP 300.00: B50",
        "Mon 03-22 final notice GBP 100.00: C500",
        "Sat 03-27 task hand over GBP 300.00: B50",
        "Sat 03-27 task hand over GBP 100.00: C500",
    ]


def test_match_the_old_ones_join_further_up_but_not_at_the_last_notice() -> None:
    """
    Wed 03-10: Ash, 5 days late, first reminder. Birch and Cedar are past the final notice (30 days), which is
    nobody's first letter: the second reminder. No gap waits for the first one, which they never had.
    Mon 03-15 final; Sat 03-20 hand over, which for Birch is the 60th day too.
    """
    book = old_book()
    go_live(book, "match")
    assert book.diary("03-10", "03-20") == [
        "Wed 03-10 first reminder GBP 500.00: A5",
        "Wed 03-10 second reminder GBP 300.00: B50",
        "Wed 03-10 second reminder GBP 100.00: C500",
        "Mon 03-15 final notice GBP 300.00: B50",
        "Mon 03-15 final notice GBP 100.00: C500",
        "Fri 03-19 second reminder GBP 500.00: A5",
        "Sat 03-20 task hand over GBP 300.00: B50",
        "Sat 03-20 task hand over GBP 100.00: C500",
    ]


def test_skip_the_past_is_left_alone_until_somebody_asks_for_it() -> None:
    """
    Wed 03-10: all three are left out. B51 of Birch, due Fri 03-12, is no old debt: its heads-up (Tue 03-09)
    is caught up on Wed 03-10, its first reminder (Sat 03-13) leaves on Mon 03-15, and neither says a word
    about B50. On Tue 03-16 Cedar's is taken back: first reminder, that day.
    """
    book = old_book()
    book.invoice("B51", "70.00", due="03-12", customer="Birch")
    go_live(book, "skip")
    assert told_holds(book.plan("03-10")) == ["excluded: A5", "excluded: B50", "excluded: C500"]
    assert book.diary("03-10", "03-15") == [
        "Wed 03-10 heads-up GBP 70.00: B51",
        "Mon 03-15 first reminder GBP 70.00: B51",
    ]
    book.release("C500")
    assert book.diary("03-16", "03-16") == ["Tue 03-16 first reminder GBP 100.00: C500"]


def test_match_without_what_is_older_than_a_year() -> None:
    """Wed 03-10: as `match`, but the debt of 500 days is left out, for somebody to look at it first."""
    book = old_book()
    go_live(book, "match", leave_out_older=365)
    assert told_holds(book.plan("03-10")) == ["excluded: C500"]
    assert book.diary("03-10", "03-10") == [
        "Wed 03-10 first reminder GBP 500.00: A5",
        "Wed 03-10 second reminder GBP 300.00: B50",
    ]


def test_a_first_wave_of_two_a_day_with_a_weekend_in_it() -> None:
    """
    Live on Thu 03-11 with five customers ten days late (due Mon 03-01), two a day, the most money first:
    Thu 03-11 Cedar 900.00 and Elm 700.00, Fri 03-12 Dogwood 500.00 and Birch 300.00, and after the weekend
    Ash 100.00 on Mon 03-15. The others are paused meanwhile, until their day.
    Their seconds are of Mon 03-15 and keep the gap: Tue 03-16, Wed 03-17, Sat 03-20 -> Mon 03-22.
    """
    book = DayBook()
    owed = {"Ash": "100.00", "Birch": "300.00", "Cedar": "900.00", "Dogwood": "500.00", "Elm": "700.00"}
    for customer, amount in owed.items():
        book.invoice(f"{customer[0]}1", amount, due="03-01", customer=customer)
    assert spread_out(book, "03-11", 2) == [
        "Thu 03-11 Cedar", "Thu 03-11 Elm", "Fri 03-12 Dogwood", "Fri 03-12 Birch", "Mon 03-15 Ash",
    ]  # fmt: skip
    assert told_holds(book.plan("03-11")) == [
        "paused until 2027-03-12: B1",
        "paused until 2027-03-12: D1",
        "paused until 2027-03-15: A1",
    ]
    assert book.diary("03-11", "03-22") == [
        "Thu 03-11 first reminder GBP 900.00: C1",
        "Thu 03-11 first reminder GBP 700.00: E1",
        "Fri 03-12 first reminder GBP 300.00: B1",
        "Fri 03-12 first reminder GBP 500.00: D1",
        "Mon 03-15 first reminder GBP 100.00: A1",
        "Tue 03-16 second reminder GBP 900.00: C1",
        "Tue 03-16 second reminder GBP 700.00: E1",
        "Wed 03-17 second reminder GBP 300.00: B1",
        "Wed 03-17 second reminder GBP 500.00: D1",
        "Mon 03-22 second reminder GBP 100.00: A1",
    ]


def test_who_is_only_to_be_told_of_a_coming_due_date_does_not_wait_for_the_wave() -> None:
    """
    Live on Fri 03-12 with one customer a day. Fern owes F1, due Mon 03-15: its heads-up is of that Friday,
    and Monday would be the last day for it. So Friday's place is Fern's, and Ash, 10 days late, hears on
    Mon 03-15.
    """
    book = DayBook()
    book.invoice("A1", "500.00", due="03-02", customer="Ash")
    book.invoice("F1", "100.00", due="03-15", customer="Fern")
    assert sorted(spread_out(book, "03-12", 1)) == ["Fri 03-12 Fern", "Mon 03-15 Ash"]
    assert book.diary("03-12", "03-15") == [
        "Fri 03-12 heads-up GBP 100.00: F1",
        "Mon 03-15 first reminder GBP 500.00: A1",
    ]


def test_dollars_and_pounds_are_not_compared_in_the_first_wave() -> None:
    """
    Live on Wed 03-10, one a day. Pounds: Ash 500.00, Birch 300.00. Dollars: Cedar 200.00. The largest of each
    currency comes before the second largest of any: Ash and Cedar, then Birch on Fri 03-12.
    """
    book = DayBook()
    book.invoice("A1", "500.00", due="03-01", customer="Ash")
    book.invoice("B1", "300.00", due="03-01", customer="Birch")
    book.invoice("C1", "200.00", due="03-01", customer="Cedar", currency="USD")
    assert spread_out(book, "03-10", 1) == ["Wed 03-10 Ash", "Thu 03-11 Cedar", "Fri 03-12 Birch"]
    assert book.diary("03-10", "03-12") == [
        "Wed 03-10 first reminder GBP 500.00: A1",
        "Thu 03-11 first reminder USD 200.00: C1",
        "Fri 03-12 first reminder GBP 300.00: B1",
    ]
