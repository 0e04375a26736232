"""Rule 7: an approval stands as long as nothing was added, grew or became firmer."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.policy.approval import lapsed
from arsync.policy.model import Line, Message
from arsync.policy.rules import Offer


def line(number: str, open_: int, step: str | None = None, offset: int | None = None) -> Line:
    return Line(f"id-{number}", number, date(2027, 3, 4), open_, 5, step, offset)


TO = ("ap@quill.example",)


def message(
    *lines: Line,
    step: str = "second",
    offset: int = 14,
    to: tuple[str, ...] = TO,
    cc: tuple[str, ...] = ("boss@quill.example",),
    bcc: tuple[str, ...] = ("file@quill.example",),
) -> Message:
    return Message(
        id="m",
        customer_id="c",
        customer_name="Quill",
        to=to,
        cc=cc,
        step=step,
        template=step,
        offset=offset,
        currency="GBP",
        total=sum(item.open for item in lines),
        unapplied=0,
        lines=lines,
        bcc=bcc,
    )


A = line("A", 100_00, "second", 14)
B = line("B", 50_00, "first", 1)
C = line("C", 20_00)  # only listed
APPROVED = message(A, B, C)


def test_it_stands_when_nothing_changed() -> None:
    assert lapsed(APPROVED, APPROVED) is None


@pytest.mark.parametrize(
    "now",
    [
        message(A, B),
        message(A),
        message(line("A", 99_99, "second", 14), B, C),
        message(line("A", 100_00), B, C, step="first", offset=1),  # it no longer takes its step
        message(B, C, step="first", offset=1),  # the firmest was paid: a milder letter
        message(line("A", 100_00, "first", 1), B, C, step="first", offset=1),
    ],
    ids=["one paid", "two paid", "part paid", "step not taken", "milder letter", "milder step"],
)
def test_it_stands_for_less(now: Message) -> None:
    assert lapsed(APPROVED, now) is None


def test_it_stands_for_fewer_addressees() -> None:
    assert lapsed(message(A, to=(*TO, "x@quill.example")), message(A)) is None
    assert lapsed(APPROVED, message(A, cc=(), bcc=())) is None
    assert lapsed(APPROVED, message(A, cc=(), bcc=("boss@quill.example",))) is None  # hidden from now on


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (message(A, B, C, line("D", 1)), "invoice D was added"),
        (message(A, line("D", 1)), "invoice D was added"),  # though the total is smaller
        (message(line("A", 100_01, "second", 14), B, C), "the open amount of invoice A grew"),
        (message(line("A", 100_01, "second", 14)), "the open amount of invoice A grew"),  # likewise
        (message(A, line("B", 50_00, "second", 14), C), "invoice B would take a firmer step"),
        (message(A, B, line("C", 20_00, "heads-up", -3)), "invoice C would take a firmer step"),
        (message(A, B, C, step="final", offset=30), "it became firmer: final"),
        (
            message(A, B, C, to=("ap@quill.example", "new@quill.example")),
            "the addressee new@quill.example was added",
        ),
        (message(A, cc=("new@quill.example",)), "the addressee new@quill.example was added"),
        (message(A, bcc=("new@quill.example",)), "the addressee new@quill.example was added"),
        (
            message(A, cc=("file@quill.example",), bcc=()),
            "the addressee file@quill.example would not be hidden from the others any more",
        ),
    ],
)
def test_it_lapses_for_more(now: Message, why: str) -> None:
    assert lapsed(APPROVED, now) == why


def test_it_lapses_when_less_credit_stands_beside_the_same_debt() -> None:
    approved = msgspec.structs.replace(APPROVED, unapplied=30_00)  # 170.00 owed, 140.00 remain
    why = lapsed(approved, msgspec.structs.replace(APPROVED, unapplied=29_99))
    assert why is not None
    assert "credit" in why
    # 30.00 of credit applied to A: less is owed, less credit stands beside it, and as much remains
    applied = message(line("A", 70_00, "second", 14), B, C)
    assert lapsed(approved, applied) is None


def held_back(number: str, *, disputed: int = 0, not_due: int = 0, round_: int = 1) -> Line:
    return msgspec.structs.replace(
        line(number, 100_00, "second", 14), disputed=disputed, not_due=not_due, round=round_
    )


@pytest.mark.parametrize(
    ("before", "now", "why"),
    [
        (held_back("A", disputed=40_00), held_back("A", disputed=40_00), None),
        (held_back("A", disputed=40_00), held_back("A", disputed=60_00), None),
        (held_back("A", disputed=40_00), held_back("A", disputed=39_99), "more of invoice A is asked for"),
        (held_back("A", not_due=40_00), held_back("A"), "more of invoice A is asked for"),
        (held_back("A", disputed=40_00), held_back("A", not_due=40_00), None),
        (held_back("A", round_=2), held_back("A", round_=2), None),
        (held_back("A", round_=2), held_back("A", round_=3), "invoice A is asked for under other terms"),
        (held_back("A", round_=2), held_back("A", round_=1), "invoice A is asked for under other terms"),
    ],
)
def test_it_stands_while_no_more_is_asked_for(before: Line, now: Line, why: str | None) -> None:
    assert lapsed(message(before), message(now)) == why


def test_the_credit_stands_against_what_is_asked_for() -> None:
    """60.00 of A are asked for and 30.00 of credit stand beside it: 30.00 remain. Once B is paid 50.00 more
    credit may go, and not a penny more."""
    a, b = held_back("A", disputed=40_00), line("B", 50_00, "first", 1)
    approved = msgspec.structs.replace(message(a, b), unapplied=80_00)
    assert lapsed(approved, msgspec.structs.replace(message(a), unapplied=30_00)) is None
    why = lapsed(approved, msgspec.structs.replace(message(a), unapplied=29_99))
    assert "credit" in str(why)


def test_less_credit_may_stand_beside_less_that_is_asked_for() -> None:
    approved = msgspec.structs.replace(message(held_back("A", disputed=40_00)), unapplied=30_00)
    now = message(held_back("A", disputed=60_00))  # 20.00 less are asked for
    assert lapsed(approved, msgspec.structs.replace(now, unapplied=10_00)) is None
    assert lapsed(approved, msgspec.structs.replace(now, unapplied=9_99)) is not None


def test_a_discount_that_was_not_approved_is_not_offered() -> None:
    def offering(offer: Offer | None) -> Message:
        return msgspec.structs.replace(APPROVED, offer=offer, offer_until=offer and date(2027, 3, 20))

    two, three = Offer(200, 7), Offer(300, 7)
    assert lapsed(offering(None), offering(two)) == "it would offer a discount that was not approved"
    assert lapsed(offering(two), offering(three)) == "it would offer a discount that was not approved"
    assert lapsed(offering(two), offering(None)) is None
    later = msgspec.structs.replace(offering(two), offer_until=date(2027, 3, 22))
    assert lapsed(offering(two), later) is None  # two days later, by the same offer


def test_an_invoice_without_a_number_is_named_by_its_id() -> None:
    nameless = msgspec.structs.replace(line("D", 1), number="")
    assert lapsed(APPROVED, message(A, nameless)) == "invoice id-D was added"


steps = st.sampled_from([(None, None), ("early", -3), ("first", 1), ("second", 14), ("final", 30)])
entries = st.dictionaries(st.sampled_from("ABCD"), st.tuples(st.integers(1, 100), steps), min_size=1)


def made(entries: dict[str, tuple[int, tuple[str | None, int | None]]]) -> Message:
    found = [line(number, open_, *step) for number, (open_, step) in sorted(entries.items())]
    firmest = max(found, key=lambda item: -99 if item.offset is None else item.offset)
    return message(
        *found, step=firmest.step or "none", offset=-99 if firmest.offset is None else firmest.offset
    )


@given(entries, entries)
def test_it_stands_exactly_when_every_line_was_there_as_large_and_as_firm(
    before: dict[str, tuple[int, tuple[str | None, int | None]]],
    after: dict[str, tuple[int, tuple[str | None, int | None]]],
) -> None:
    def firmness(number: str, of: dict[str, tuple[int, tuple[str | None, int | None]]]) -> int:
        offset = of[number][1][1]
        return -99 if offset is None else offset

    covered = all(
        number in before
        and after[number][0] <= before[number][0]
        and firmness(number, after) <= firmness(number, before)
        for number in after
    )
    assert (lapsed(made(before), made(after)) is None) == covered
