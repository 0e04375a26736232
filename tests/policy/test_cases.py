"""Cases from the tests and documents of other receivables software, by their numbers in our collection.

Those that concern what is open, aging and rules 1 to 6, in the terms of this project. Amounts are
pounds unless the case is about a currency; T is Wednesday 2027-03-10.

| case | source | here |
| --- | --- | --- |
| 3, 4 | GnuCash owner report | aging; the open amount, payments applied, is what is read |
| 7, 11 | ERPNext accounts receivable | do not apply: an invoice has one due date, as in QuickBooks and Xero |
| 10, 14, 16-19, 29 | ERPNext accounts receivable | aging; a journal not applied is a credit |
| 21, 23 | ERPNext accounts receivable | do not apply: a payment's date opens nothing again |
| 24 | ERPNext accounts receivable | half: the customer's currency; nothing is converted to a base currency |
| 31 | ERPNext accounts receivable summary | aging |
| 32 | ERPNext dunning | plan: no fee and no interest is ever added |
| 36, 37, 41 | Tryton account_dunning | plan |
| 43, 44, 45 | Kill Bill overdue conditions | plan; as the policy's minimum and a step's day |
| 46 | Kill Bill billing state | aging; what has nothing open is not listed (rule 1) |
| 47 | Kill Bill overdue wrapper | runs; the state jumps there, steps are climbed here (rule 2) |
| 53 | Lago dunning campaign | aging and plan |
| 55 | Lago bulk process | plan |
| 57 | Lago bulk process | half: the minimum is the policy's, none is a customer's own |
| 58 | Lago bulk process | half: an excluded customer; no minimum means no limit here |
| 59 | Lago overdue job | aging; a voided invoice stands for the lost dispute, which has no counterpart |
| 60, 63 | Odoo 8 follow-up | plan; the first level counts from the due date |
| 64 | OCA account_credit_control | plan |
| 67 | OCA overdue warning | aging |
| 70 | Invoice Ninja reminders | does not apply: no late fees |
| 71 | Invoice Ninja check reminders | half: steps count from the due date only |
| 73 | Invoice Ninja check reminders | half: likewise; the day after due is T+31 |
| 74 | Xero API example | aging and plan |
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from arsync.ledger.aging import AgingRow, age, days_overdue
from arsync.ledger.records import Credit, CreditKind, Invoice
from arsync.money import parse
from arsync.policy.rules import EVERY_DAY, Policy, Step
from day_book import DAILY, DayBook, day, told, told_holds, told_upcoming

T = day("03-10")


def owing(
    open_: str, late: int = 1, *, number: str = "A", currency: str = "GBP", **fields: object
) -> Invoice:
    units = parse(open_, currency)
    values = {
        "due_on": T - timedelta(days=late),
        "total": 10**6,
        "open": units,
        "currency": currency,
        **fields,
    }
    return Invoice(id=number, number=number, customer_id="c", **values)  # type: ignore[arg-type]


def crediting(amount: str, kind: CreditKind) -> Credit:
    return Credit(id="x", kind=kind, customer_id="c", currency="GBP", remaining=parse(amount, "GBP"))


def one_row(*records: Invoice | Credit, today: date = T) -> AgingRow | None:
    invoices = [record for record in records if isinstance(record, Invoice)]
    rows = age(invoices, [record for record in records if isinstance(record, Credit)], today)
    assert len(rows) <= 1
    return rows[0] if rows else None


def ladder(*days: int, minimum: dict[str, int] | None = None, gap: int = 5) -> Policy:
    steps = tuple(Step(f"level {n}", offset, "t") for n, offset in enumerate(days, start=1))
    return Policy("p", steps, gap, EVERY_DAY, minimum or {})


def book_of(policy: Policy, *amounts: str, due: date = T) -> DayBook:
    book = DayBook(policy)
    for n, amount in enumerate(amounts):
        book.invoice(f"A{n}", amount, due=due.isoformat())
    return book


def steps_on(book: DayBook, days_late: int) -> list[str]:
    return [told(message) for message in book.plan(T + timedelta(days=days_late)).messages]


# Aging --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "paid",
    [
        pytest.param(owing("0.00", total=6_25), id="3 paid in full"),
        pytest.param(owing("0.00", total=100_00), id="10 credited in full"),
        pytest.param(owing("0.00", total=100_00), id="17 paid by a journal"),
        pytest.param(owing("0.00", total=200_00), id="31 the rest is paid"),
    ],
)
def test_what_is_settled_makes_no_row(paid: Invoice) -> None:
    assert one_row(paid) is None


@pytest.mark.parametrize(
    ("open_", "total"),
    [
        pytest.param("8.00", 11_50, id="4 two part payments"),
        pytest.param("60.00", 100_00, id="16 a journal pays 40"),
        pytest.param("50.00", 200_00, id="31 150 paid"),
    ],
)
def test_what_is_left_of_an_invoice_is_owed(open_: str, total: int) -> None:
    row = one_row(owing(open_, total=total))
    assert row is not None
    assert row.open == row.net == parse(open_, "GBP")


def test_case_4_a_debt_of_1980_is_in_the_last_bucket() -> None:
    row = one_row(owing("8.00", due_on=date(1980, 1, 13)), today=date(1980, 6, 1))
    assert row is not None
    assert row.buckets == (0, 0, 0, 0, 8_00)  # 140 days: 18 + 29 + 31 + 30 + 31 + 1


@pytest.mark.parametrize(
    ("amount", "kind", "net"),
    [
        pytest.param("1000.00", "payment", -1000_00, id="14 a payment without an invoice"),
        pytest.param("100.00", "journal", -100_00, id="18 a credit journal without an invoice"),
    ],
)
def test_credit_alone_is_a_negative_balance(amount: str, kind: CreditKind, net: int) -> None:
    row = one_row(crediting(amount, kind))
    assert row is not None
    assert (row.open, row.net) == (0, net)


def test_case_16_a_journal_not_applied_stands_beside_the_invoice() -> None:
    row = one_row(owing("100.00"), crediting("40.00", "journal"))
    assert row is not None
    assert (row.open, row.unapplied, row.net) == (100_00, 40_00, 60_00)


def test_case_19_two_invoices_of_one_customer() -> None:
    row = one_row(owing("100.00", 1, number="A"), owing("85.00", 0, number="B"))
    assert row is not None
    assert (row.buckets, row.open) == ((85_00, 100_00, 0, 0, 0), 185_00)


def test_case_24_the_customers_currency_is_not_converted() -> None:
    row = one_row(owing("100.00", currency="USD"))
    assert row is not None
    assert (row.currency, row.open) == ("USD", 100_00)


def test_case_29_a_return_folded_into_one_of_two_invoices() -> None:
    row = one_row(owing("200.00", number="A"), owing("100.00", number="B", total=200_00))
    assert row is not None
    assert row.open == 300_00


def test_case_46_what_has_nothing_open_changes_no_sum() -> None:
    found = [owing(amount, -n, number=str(n)) for n, amount in enumerate(["0.00", "10.00", "100.00"])]
    row = one_row(*found)
    assert row is not None
    assert row.open == 110_00
    assert [invoice.number for invoice in found if invoice.owed > 0] == ["1", "2"]


def test_case_59_what_is_overdue() -> None:
    row = one_row(
        owing("1.00", 1, number="1"),
        owing("2.00", 2, number="2"),
        owing("4.00", 1, number="3", status="draft"),
        owing("0.00", 1, number="4"),
        owing("8.00", 1, number="5", status="voided"),
        owing("16.00", number="6", due_on=None),
        owing("32.00", -1, number="7"),
    )
    assert row is not None
    assert (row.overdue, row.buckets[0]) == (3_00, 48_00)


def test_case_67_only_what_is_past_due_is_overdue() -> None:
    row = one_row(owing("500.00", 5, number="A"), owing("1000.00", -30, number="B"))
    assert row is not None
    assert (row.overdue, row.open) == (500_00, 1500_00)


def test_case_74_ages_of_the_vendors_own_example() -> None:
    today = date(2019, 4, 23)
    assert days_overdue(date(2018, 6, 22), today) == 305
    assert days_overdue(date(2019, 5, 7), today) == -14
    row = one_row(
        owing("100.00", number="A", due_on=date(2018, 6, 22)),
        owing("50.00", number="B", due_on=date(2019, 5, 7)),
        today=today,
    )
    assert row is not None
    assert (row.buckets, row.open) == ((50_00, 0, 0, 0, 100_00), 150_00)


# Plans --------------------------------------------------------------------------------------------


def test_case_32_nothing_is_added_to_the_debt() -> None:
    assert steps_on(book_of(ladder(1), "100.00"), 20) == ["level 1 GBP 100.00: A0"]


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        pytest.param(4, [], id="36 a day early"),
        pytest.param(5, ["level 1 GBP 100.00: A0"], id="37 on the day"),
    ],
)
def test_a_level_on_its_day(late: int, expected: list[str]) -> None:
    assert steps_on(book_of(ladder(5, 20, 40), "100.00"), late) == expected


def test_case_41_a_paid_invoice_is_not_chased_and_its_message_is_gone() -> None:
    book = book_of(ladder(5, 20, 40), "100.00")
    assert steps_on(book, 50) == ["level 1 GBP 100.00: A0"]
    book.pays("A0", "100.00")
    assert steps_on(book, 50) == []


@pytest.mark.parametrize(("count", "chased"), [(0, False), (1, True), (2, True)])
def test_case_43_at_least_one_unpaid_invoice(count: int, chased: bool) -> None:
    assert bool(steps_on(book_of(ladder(1), *["100.00"] * count), 1)) is chased


@pytest.mark.parametrize(("count", "chased"), [(0, False), (1, True), (2, True)])
def test_case_44_a_threshold_that_is_reached(count: int, chased: bool) -> None:
    book = book_of(ladder(1, minimum={"GBP": 100_00}), *["100.00"] * count)
    assert bool(steps_on(book, 1)) is chased


@pytest.mark.parametrize(("late", "chased"), [(None, False), (10, True), (20, True)])
def test_case_45_the_age_of_the_oldest(late: int | None, chased: bool) -> None:
    book = book_of(ladder(10), *([] if late is None else ["100.00"]))
    assert bool(steps_on(book, late or 10)) is chased


def test_case_47_levels_one_after_the_other() -> None:
    """Runs 31, 41 and 51 days after due; a book that joins on the 51st day starts at the first level."""
    book = book_of(ladder(30, 40, 50), "100.00")
    levels = [book.run(T + timedelta(days=late)).messages[0].step for late in (31, 41, 51)]
    assert levels == ["level 1", "level 2", "level 3"]
    assert steps_on(book_of(ladder(30, 40, 50), "100.00"), 51) == ["level 1 GBP 100.00: A0"]


def test_case_53_overdue_but_below_the_threshold() -> None:
    book = DayBook(ladder(1, minimum={"GBP": 150_00}))
    book.invoice("A", "149.00", due="2027-01-03")
    (row,) = age(book.invoices.values(), [], day("2027-01-04"))
    assert row.overdue == 149_00
    made = book.plan("2027-01-04")
    assert (made.messages, told_holds(made)) == ((), ["below-minimum: A"])


@pytest.mark.parametrize(
    ("minimum", "amounts", "chased"),
    [
        pytest.param(50_99, ["50.00", "1.00"], True, id="55 together above"),
        pytest.param(50_99, ["50.00"], False, id="55 alone below"),
        pytest.param(49_99, ["50.00"], True, id="57 above the lower"),
        pytest.param(49_99, ["1.00"], False, id="57 below the lower"),
    ],
)
def test_thresholds(minimum: int, amounts: list[str], chased: bool) -> None:
    assert bool(steps_on(book_of(ladder(1, minimum={"GBP": minimum}), *amounts), 1)) is chased


def test_case_58_an_excluded_customer_is_not_chased() -> None:
    book = book_of(ladder(1), "500.00")
    book.hold("Quill", "excluded")
    assert steps_on(book, 1) == []
    assert told_holds(book.plan(T + timedelta(days=1))) == ["excluded: A0"]


@pytest.mark.parametrize(("late", "expected"), [(3, []), (15, ["level 1 GBP 1000.00: A0"])])
def test_case_60_the_first_level_at_15_days(late: int, expected: list[str]) -> None:
    assert steps_on(book_of(ladder(15), "1000.00"), late) == expected


def test_case_63_paid_after_a_level_nothing_is_left() -> None:
    book = book_of(ladder(15, 30), "1000.00")
    book.run(T + timedelta(days=15))
    book.pays("A0", "1000.00")
    made = book.plan(T + timedelta(days=30))
    assert (made.messages, made.tasks, made.holds, made.upcoming) == ((), (), (), ())


def test_case_64_a_year_late_is_still_the_first_level() -> None:
    book = book_of(ladder(10, 30, 40), "500.00", due=T - timedelta(days=365))
    assert book.diary("03-10", "03-10") == ["Wed 03-10 level 1 GBP 500.00: A0"]


def test_case_67_the_warning_is_about_what_is_overdue() -> None:
    book = DayBook(DAILY)
    book.invoice("A", "500.00", due="03-05")
    book.invoice("B", "1000.00", due="04-09")
    assert steps_on(book, 0) == ["first reminder GBP 500.00: A"]


def test_case_71_once_paid_there_is_no_next() -> None:
    book = DayBook(ladder(-1, 1))
    book.invoice("A", "100.00", due="04-09")
    assert told_upcoming(book.plan(T)) == ["2027-04-08 level 1: A"]
    book.pays("A", "100.00")
    assert told_upcoming(book.plan(T)) == []


def test_case_73_the_day_after_due() -> None:
    book = DayBook(ladder(1))
    book.invoice("A", "100.00", due=(T + timedelta(days=30)).isoformat())
    assert [item.on for item in book.plan(T).upcoming] == [T + timedelta(days=31)]


def test_case_74_the_message_is_about_the_overdue_half() -> None:
    book = DayBook(msgspec.structs.replace(DAILY, steps=DAILY.steps[1:]))
    book.invoice("A", "100.00", due="2018-06-22")
    book.invoice("B", "50.00", due="2019-05-07")
    (message,) = book.plan("2019-04-23").messages
    assert (told(message), message.lines[0].days_overdue) == ("first reminder GBP 100.00: A", 305)
