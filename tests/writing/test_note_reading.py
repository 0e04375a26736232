"""Notes are read as they were written; what people made of them is not guessed at."""

from datetime import date

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from letters import PLAIN, view

from arsync.policy.model import HoldOrder
from arsync.writing import LetterLine, LetterView
from arsync.writing.hold_note import Happening, hold_note_text
from arsync.writing.note import inert, note_text, written
from arsync.writing.note_reading import HoldSaid, LineSaid, NoteSaid, marks_in, read_note

DAY = date(2026, 11, 23)
NOTE = (
    "2026-11-23 arsync: second reminder to ap@norrland.example and 1 more about INV-7 120.00, "
    '"INV 9" 80.00 (asked 30.00, first reminder, round 2), INV-11 and 2 more listed '
    "(5 invoices, total 512.00 USD, asked 462.00 USD, unapplied credit 4.56 USD) [arsync:k3j]"
)
OLD = (
    "2026-11-23 arsync: first reminder to ap@norrland.example, cfo@norrland.example about INV-9 80.00 "
    "(asked 30.00), INV 7 120.00 (total 200.00 USD, asked 150.00 USD) [arsync:k3j]"
)


def said(text: str) -> NoteSaid:
    found = read_note(text)
    assert isinstance(found, NoteSaid)
    return found


def test_a_note_is_read_to_the_last_word() -> None:
    assert said(NOTE) == NoteSaid(
        id="k3j",
        day=DAY,
        step="second reminder",
        to=("ap@norrland.example",),
        more_to=1,
        lines=(
            LineSaid("INV-7", 12000, "second reminder"),
            LineSaid("INV 9", 8000, "first reminder", 2, 3000),
            LineSaid("INV-11", None, "second reminder"),
        ),
        more=2,
        more_listed=True,
        currency="USD",
        total=51200,
        asked=46200,
        unapplied=456,
    )


def test_an_older_note_does_not_say_what_each_invoice_took() -> None:
    assert said(OLD) == NoteSaid(
        id="k3j",
        day=DAY,
        step="first reminder",
        to=("ap@norrland.example", "cfo@norrland.example"),
        lines=(LineSaid("INV-9", 8000, None, asked=3000), LineSaid("INV 7", 12000, None)),
        currency="USD",
        total=20000,
        asked=15000,
        told=False,
    )
    shortened = OLD.replace("INV 7 120.00 (total", "INV 7 120.00 and 3 more (total")
    assert (said(shortened).more, said(shortened).told) == (3, False)


def test_an_older_note_about_one_invoice_does() -> None:
    """A message takes its step for one invoice at least."""
    text = "2026-11-23 arsync: final notice to ap@x.example about INV-9 80.00 (total 80.00 GBP) [arsync:k]"
    assert (said(text).lines, said(text).told) == ((LineSaid("INV-9", 8000, "final notice"),), True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(5 invoices", "(6 invoices"),  # other invoices than it counts
        ("2026-11-23", "2026-13-23"),
        ("arsync: second", "arsync second"),
        (" about ", " concerning "),
        ("120.00", "120.001"),
        ("total 512.00 USD", "total 512.00 usd"),
        (", INV-11", " INV-11"),
        ("round 2", "round two, or so"),
        ("[arsync:k3j]", "[arsync:k3j] paid?"),
        ("[arsync:k3j]", "[arsync:]"),
    ],
)
def test_what_was_changed_is_not_understood(old: str, new: str) -> None:
    assert old in NOTE
    assert read_note(NOTE.replace(old, new)) is None


def test_a_changed_amount_is_noticed() -> None:
    text = note_text(view(), "k3j", ["ap@x.example"])
    assert read_note(text) is not None
    assert read_note(text.replace("INV-12 80.00", "INV-12 90.00")) is None


def test_what_people_wrote_around_is_passed_over() -> None:
    own = note_text(view(), "k3j", ["ap@x.example"])
    hold = "2026-11-24 arsync: held as paused [arsync:h1]"
    wrapped = own.replace("about ", "about\n")
    text = f"Called Jane 2026-11-20 arsync: no idea. {wrapped} she will pay\n{hold}\nsee [arsync:] and so on"

    found = marks_in(text)

    assert [id_ for id_, _ in found] == ["k3j", "h1"]
    assert said(found[0][1]) == said(own)
    assert isinstance(read_note(found[1][1]), HoldSaid)


# --- read(write(x)) == x ------------------------------------------------------------------------------

WORDS = st.one_of(
    st.sampled_from(
        [
            "first reminder",
            "to",
            "and 3 more",
            "listed",
            "listed-late",
            "gentle listedness",
            "round 2",
            "asked 5.00",
            'say "no"',
            "(x)",
        ]
    ),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    st.from_regex(r"[A-Z]{1,4}[-/]?[0-9]{1,6}", fullmatch=True),
    st.just("2026-11-23 arsync: x to y@z.example about 1 1.00 (1 invoice, total 1.00 USD) [arsync:evil]"),
)
AMOUNT = st.integers(1, 10**11)


@st.composite
def lines(draw: st.DrawFn) -> LetterLine:
    open_ = draw(AMOUNT)
    return msgspec.structs.replace(
        PLAIN,
        number=draw(WORDS),
        open=open_,
        disputed=draw(st.sampled_from([0, 0, open_ // 2])),
        not_due=draw(st.sampled_from([0, 0, open_ // 3])),
        step=draw(st.one_of(st.none(), WORDS, st.just("first reminder"))),
        round=draw(st.integers(1, 4)),
    )


@st.composite
def views(draw: st.DrawFn) -> LetterView:
    return view(
        lines=tuple(draw(st.lists(lines(), min_size=1, max_size=6))),
        step=draw(st.one_of(st.just("first reminder"), WORDS)),
        currency=draw(st.sampled_from(["USD", "JPY", "KWD"])),
        unapplied=draw(st.one_of(st.just(0), AMOUNT)),
        today=draw(st.dates(date(2000, 1, 1), date(2099, 12, 31))),
    )


ADDRESSES = st.lists(
    st.one_of(st.emails(), st.sampled_from(["ap@x.example", '"a, b"@x.example', "and@x.example"])), max_size=4
)


def line_said(line: LetterLine, *, amounts: bool = True) -> LineSaid:
    step = None if line.step is None else inert(line.step)
    return LineSaid(
        inert(line.number),
        line.open if amounts else None,
        step,
        line.round if step is not None else 1,
        line.asked if amounts and line.asked != line.open else None,
    )


@settings(max_examples=200)
@given(views(), ADDRESSES, st.text(max_size=30))
def test_whatever_was_written_is_read_back(shown: LetterView, to: list[str], around: str) -> None:
    text = note_text(shown, "k3j", to, limit=100_000)

    [(id_, piece)] = marks_in(f"{around.replace('[arsync:', '')}\n{text} thanks!")
    found = said(piece)

    assert (id_, found.id, found.day, found.step) == ("k3j", "k3j", shown.today, inert(shown.step))
    assert found.to == tuple(inert(address) for address in to)
    assert found.lines == tuple(map(line_said, shown.lines))
    assert (found.currency, found.total, found.unapplied) == (shown.currency, shown.total, shown.unapplied)
    assert (found.told, found.more, found.more_to) == (True, 0, 0)
    held_back = shown.disputed + shown.not_due
    assert found.asked == (shown.total - held_back if held_back else None)


@settings(max_examples=200)
@given(views(), ADDRESSES, st.integers(450, 1000), st.booleans())
def test_a_shortened_note_says_which_steps_it_leaves_out(
    shown: LetterView, to: list[str], limit: int, own: bool
) -> None:
    first = shown.lines[0].number if own else None
    note = written(shown, "k3j", to, first=first, limit=limit)
    assert len(note.text) <= limit
    found = read_note(note.text)
    if found is None:
        assert "…" in note.text  # not even one invoice has room beside its names
        return
    assert isinstance(found, NoteSaid)

    named = {(it.number, it.step, it.round) for it in found.lines}
    for at, line in enumerate(shown.lines):
        it = line_said(line)
        if line.step is not None:
            assert (it.number, it.step, it.round) in named or at in note.unnamed
    assert found.more == len(shown.lines) - len(found.lines)
    assert not (found.more_listed and note.unnamed)
    if first is not None:
        assert found.lines[0].number == inert(first)


# --- holds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "what", "about", "expected"),
    [
        (HoldOrder("disputed"), "held", "", ("held", "disputed", "", None)),
        (HoldOrder("hardship"), "held", "", ("held", "", "", None)),
        (HoldOrder("paused", DAY, owner="jo@x.example"), "held", "INV-9", ("held", "paused", "INV-9", DAY)),
        (HoldOrder("promised", DAY, amount=5000, currency="USD"), "held", "", ("held", "promised", "", DAY)),
        (HoldOrder("excluded"), "released", "a 1", ("released", "excluded", "a 1", None)),
        (HoldOrder("promised", DAY), "kept", "", ("kept", "promised", "", DAY)),
        (HoldOrder("promised", DAY), "part kept", "", ("part kept", "promised", "", DAY)),
        (HoldOrder("promised", DAY), "broken", "INV-9", ("broken", "promised", "INV-9", DAY)),
    ],
)
def test_notes_of_holds_are_told_apart(
    order: HoldOrder, what: Happening, about: str, expected: tuple[object, ...]
) -> None:
    found = read_note(hold_note_text(order, what, "h1", DAY, about=about))

    assert isinstance(found, HoldSaid)
    assert (found.id, found.day) == ("h1", DAY)
    assert (found.what, found.reason, found.about, found.until) == expected
