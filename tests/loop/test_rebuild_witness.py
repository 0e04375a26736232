"""What the notes of a message bear witness to, and what they do not tell for certain."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from arsync.connector import FoundNote
from arsync.policy.rules import Step
from arsync.runs.witness import Owed, Testimony, marks_of, witnessed
from arsync.writing import LetterLine, LetterView
from arsync.writing.note import note_text

DAY = date(2026, 11, 23)
STEPS = {name: Step(name, offset, name) for name, offset in (("first", 1), ("second", 10), ("last", 40))}
INVOICES = {
    "i1": Owed("i1", "1001", "c1", "c1", "USD", 10000, date(2026, 11, 11)),
    "i2": Owed("i2", "1002", "c1", "c1", "USD", 20000, date(2026, 11, 20)),
    "i3": Owed("i3", "1003", "c2", "c2", "USD", 30000, date(2026, 11, 20)),
}


def line(number: str, units: int, step: str | None, round_: int = 1) -> LetterLine:
    return LetterLine(
        number=number,
        issued_on=None,
        due_on=None,
        days_overdue=None,
        total=units,
        open=units,
        step=step,
        round=round_,
    )


BOTH = (line("1001", 10000, "second"), line("1002", 20000, "first"))


def text(*lines: LetterLine, id_: str = "m1", first: str | None = None, day: date = DAY) -> str:
    view = LetterView(
        customer_name="",
        company="",
        sender_name="",
        sender_address="",
        reply_to="",
        step="second",
        lines=lines or BOTH,
        currency="USD",
        unapplied=0,
        today=day,
    )
    return note_text(view, id_, ["ap@x.example"], first=first)


OLD = (
    "2026-11-23 arsync: second to ap@x.example about 1001 100.00, 1002 200.00 (total 300.00 USD) [arsync:m1]"
)


def hear(*found: tuple[str, str], invoices: dict[str, Owed] = INVOICES, **more: Any) -> Testimony:
    """What is found on these invoices (i...) and customers (c...)."""
    notes = [FoundNote("invoice" if id_[0] == "i" else "customer", id_, told) for id_, told in found]
    settings: dict[str, Any] = {"payers": {}, "known": (), "in_doubt": (), "today": date(2026, 12, 1)}
    return witnessed(
        marks_of(notes), invoices, {"c1": "Ash"}, lambda _, name: STEPS.get(name), **{**settings, **more}
    )


def took(told: Testimony) -> dict[str, tuple[str | None, int]]:
    [(message, _)] = told.left
    return {it.invoice_id: (it.step, it.round) for it in message.lines}


def waiting(told: Testimony) -> set[str]:
    return {it.target_id for it in told.waits}


@pytest.mark.parametrize("places", [("c1",), ("i1",), ("i2",), ("i1", "i2"), ("c1", "i1", "i2")])
def test_each_of_a_messages_notes_tells_all_of_it(places: tuple[str, ...]) -> None:
    numbers = {"i1": "1001", "i2": "1002", "c1": None}
    told = hear(*((place, text(first=numbers[place])) for place in places))

    assert took(told) == {"i1": ("second", 1), "i2": ("first", 1)}
    [(message, day)] = told.left
    assert (day, message.customer_id, message.customer_name, message.total) == (DAY, "c1", "Ash", 30000)
    assert (message.step, message.offset, message.template, message.to) == (
        "second",
        10,
        "second",
        ("ap@x.example",),
    )
    assert told.waits == []
    assert [it[1] for it in told.marks] == [
        ("customer" if place == "c1" else "invoice", place) for place in places
    ]


def test_what_was_only_listed_took_none_and_rounds_are_told() -> None:
    told = hear(("c1", text(line("1001", 10000, "second", 3), line("1002", 20000, None))))
    assert took(told) == {"i1": ("second", 3), "i2": (None, 1)}


def test_the_copy_of_an_invoice_has_taken_nothing() -> None:
    """A copy of 1001 has its notes, and is another customer's."""
    told = hear(("i3", text(first="1001")), ("i1", text(first="1001")))
    assert took(told) == {"i1": ("second", 1), "i2": ("first", 1)}
    assert told.left[0][0].customer_id == "c1"


def test_two_invoices_of_one_number_are_told_apart_by_their_own_notes() -> None:
    invoices = {**INVOICES, "i2": msgspec.structs.replace(INVOICES["i2"], number="1001")}
    twins = line("1001", 10000, "second"), line("1001", 20000, "first")
    own = text(*twins, first="1001"), text(*reversed(twins), first="1001")

    assert took(hear(("i1", own[0]), ("i2", own[1]), invoices=invoices)) == {
        "i1": ("second", 1),
        "i2": ("first", 1),
    }
    told = hear(("c1", own[0]), invoices=invoices)
    assert (took(told), waiting(told)) == ({}, {"i1", "i2"})
    told = hear(("c1", text(twins[0])), invoices=invoices)
    assert (took(told), waiting(told)) == ({}, {"i1", "i2"}), "which of them it was about nobody knows"
    alike = line("1001", 10000, "second"), line("1001", 20000, "second")
    assert took(hear(("c1", text(*alike)), invoices=invoices)) == {"i1": ("second", 1), "i2": ("second", 1)}


def test_an_older_note_leaves_open_which_of_several_took_the_step() -> None:
    """That somebody was written to is certain, and the step is none that nobody took."""
    told = hear(("c1", OLD))
    assert (told.left[0][1], took(told), waiting(told)) == (DAY, {}, {"i1", "i2"})
    later = text(line("1001", 10000, "second"), id_="m2", day=date(2026, 11, 28))
    told = hear(("c1", f"{OLD}\n{later}"))
    assert waiting(told) == {"i2"}, "it cannot have come further than that by the older one"
    shortened = OLD.replace("1002 200.00 (", "1002 200.00 and 3 more (").replace("300.00", "900.00")
    assert "c1" in waiting(hear(("c1", shortened)))


@pytest.mark.parametrize(
    ("notes", "why"),
    [
        ([("i1", text().replace("second to", "second, to"))], "cannot be read"),
        ([("i1", text()), ("i2", text().replace("-23 ", "-22 "))], "contradict"),
        ([("i1", text().replace("2026-", "2027-"))], "contradict"),
        ([("i1", text().replace("(first)", "(last)")), ("i2", text())], "for certain"),
        ([("i1", text().replace("(first)", "(last)")), ("i2", text(first="1002"))], "for certain"),
        (
            [("i1", text().replace("arsync: second", "arsync: third"))],
            "'third', which the policy does not name",
        ),
    ],
)
def test_what_people_changed_is_not_guessed_at(notes: list[tuple[str, str]], why: str) -> None:
    told = hear(*notes)
    assert told.waits
    assert why in told.waits[0].why
    assert "[arsync:m1]" in told.waits[0].why
    assert {it.target_id for it in told.waits} <= {"i1", "i2"}


def test_an_unreadable_note_beside_a_readable_one_costs_nothing() -> None:
    told = hear(("i1", text().replace("second to", "second, to")), ("i2", text()))
    assert (took(told), told.waits) == ({"i1": ("second", 1), "i2": ("first", 1)}, [])


def test_what_is_paid_waits_for_nobody_and_what_is_gone_is_counted() -> None:
    paid = {**INVOICES, "i1": msgspec.structs.replace(INVOICES["i1"], open=0)}
    assert waiting(hear(("c1", OLD), invoices=paid)) == {"i2"}
    gone = {id_: it for id_, it in INVOICES.items() if id_ != "i1"}
    told = hear(("c1", text()), invoices=gone)
    assert (took(told), told.unknown) == ({"i2": ("first", 1)}, 1)


def test_what_is_known_is_not_looked_into_and_a_doubt_needs_no_pause() -> None:
    told = hear(("c1", OLD), known={"m1"})
    assert (told.left, told.waits, len(told.marks)) == ([], [], 1)
    told = hear(("c1", OLD), in_doubt={"m1"})
    assert (len(told.left), told.waits) == (1, [])


def test_a_note_on_one_who_does_not_pay_any_more_is_the_payers() -> None:
    invoices = {id_: msgspec.structs.replace(it, payer="p") for id_, it in INVOICES.items() if id_ != "i3"}
    told = hear(("c1", text()), invoices=invoices, payers={"c1": "p"})
    assert told.left[0][0].customer_id == "p"
    assert len(took(told)) == 2
