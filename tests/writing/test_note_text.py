"""The note that goes back into the accounting system."""

import sys
from types import FrameType

import msgspec
import pytest
from letters import PLAIN, view

from arsync.writing import LetterLine, note_text
from arsync.writing.note import written

FIRST = "first reminder"


def line(number: str, units: int = 1000, step: str | None = FIRST, **more: object) -> LetterLine:
    return msgspec.structs.replace(PLAIN, number=number, open=units, step=step, **more)


THREE = (line("INV-7", 12000), line("INV-9", 8000), line("INV-11", 50))
TO = ["ap@norrland.example", "cfo@norrland.example"]


def test_a_note_word_for_word() -> None:
    assert note_text(view(lines=THREE[:2]), "k3j", ["ap@norrland.example"]) == (
        "2026-11-23 arsync: first reminder to ap@norrland.example about INV-7 120.00, INV-9 80.00 "
        "(2 invoices, total 200.00 USD) [arsync:k3j]"
    )


def test_the_invoice_it_stands_on_comes_first_and_credit_is_named() -> None:
    assert note_text(view(lines=THREE, unapplied=1500), "k3j", TO, first="INV-9") == (
        "2026-11-23 arsync: first reminder to ap@norrland.example, cfo@norrland.example about INV-9 80.00, "
        "INV-7 120.00, INV-11 0.50 (3 invoices, total 200.50 USD, unapplied credit 15.00 USD) [arsync:k3j]"
    )


def test_what_an_invoice_took_is_said_where_it_is_not_the_messages_own_step() -> None:
    lines = (
        line("INV-1"),
        line("INV-2", step="heads-up"),
        line("INV-3", step=None),
        line("INV-4", round=2),
        line("INV-5", step="heads-up", round=3, not_due=250),
    )
    assert note_text(view(lines=lines), "k3j", TO[:1]) == (
        "2026-11-23 arsync: first reminder to ap@norrland.example about INV-1 10.00, INV-2 10.00 (heads-up), "
        "INV-3 10.00 (listed), INV-4 10.00 (round 2), INV-5 10.00 (asked 7.50, heads-up, round 3) "
        "(5 invoices, total 50.00 USD, asked 47.50 USD) [arsync:k3j]"
    )


def test_names_that_blur_it_are_quoted() -> None:
    lines = (line("INV 7, old", step='pay "now" to us'), line("listed", step="round 2"), line("Ä-1"))
    assert note_text(view(lines=lines, step="erinnerung nö"), "k", ['"odd, one"@x.example']) == (
        '2026-11-23 arsync: erinnerung nö to """odd, one""@x.example" about '
        '"INV 7, old" 10.00 ("pay ""now"" to us"), "listed" 10.00 ("round 2"), Ä-1 10.00 (first reminder) '
        "(3 invoices, total 30.00 USD) [arsync:k]"
    )


# Shorter by a character, the next form is taken: amounts go from the end, then invoices that are only
# listed, then addressees, then other invoices.
FORMS = [
    (", ".join(TO), "A-1 10.00, A-2 10.00 (listed), A-4 10.00 (listed), A-3 10.00 (heads-up)", ()),
    (", ".join(TO), "A-1 10.00, A-2 10.00 (listed), A-4 10.00 (listed), A-3 (heads-up)", ()),
    (", ".join(TO), "A-1 10.00, A-2 10.00 (listed), A-4 (listed), A-3 (heads-up)", ()),
    (", ".join(TO), "A-1 10.00, A-2 (listed), A-4 (listed), A-3 (heads-up)", ()),
    (", ".join(TO), "A-1 10.00, A-3 (heads-up) and 2 more listed", ()),
    (f"{TO[0]} and 1 more", "A-1 10.00, A-3 (heads-up) and 2 more listed", ()),
    (f"{TO[0]} and 1 more", "A-1 10.00 and 3 more", (3,)),
    ("2 addressees", "A-1 10.00 and 3 more", (3,)),
]


@pytest.mark.parametrize("at", range(len(FORMS)))
def test_a_long_note_says_what_it_leaves_out(at: int) -> None:
    listed = line("A-2", step=None), line("A-4", step=None)
    shown = view(lines=(line("A-1"), *listed, line("A-3", step="heads-up")))
    texts = [
        f"2026-11-23 arsync: first reminder to {to} about {about} (4 invoices, total 40.00 USD) [arsync:k3j]"
        for to, about, _ in FORMS
    ]

    note = written(shown, "k3j", TO, limit=len(texts[at]))
    assert (note.text, note.unnamed) == (texts[at], FORMS[at][2])
    if at + 1 < len(FORMS):
        assert written(shown, "k3j", TO, limit=len(texts[at]) - 1).text == texts[at + 1]


def test_the_invoice_it_stands_on_stays_also_where_it_is_only_listed() -> None:
    lines = (*(line(f"INV-{number}") for number in range(1000, 1100)), line("mine", step=None))
    text = note_text(view(lines=lines), "k3j", TO, first="mine", limit=200)

    assert " about mine 10.00 (listed), INV-1000" in text
    assert len(text) <= 200


def test_amounts_have_their_currencys_decimals() -> None:
    assert "INV-12 8000 (1 invoice, total 8000 JPY)" in note_text(view(currency="JPY"), "k", TO)
    assert "INV-12 8.000 (1 invoice, total 8.000 KWD)" in note_text(view(currency="KWD"), "k", TO)


@pytest.mark.parametrize("message_id", ["", "a]b", "a b", "x" * 65, "a\nb"])
def test_a_mark_is_always_whole(message_id: str) -> None:
    with pytest.raises(ValueError, match="message id"):
        note_text(view(), message_id, TO)
    with pytest.raises(ValueError, match="100"):
        note_text(view(), "k", TO, limit=99)


def test_a_note_about_a_thousand_invoices_is_little_work() -> None:
    """Notes are made between the mail server's answer and its being stored, one an invoice: only invoices
    that may have room in one are put in words."""
    worded = 0

    def count(frame: FrameType, event: str, _arg: object) -> None:
        nonlocal worded
        worded += event == "call" and frame.f_code.co_name == "inert"

    shown = view(lines=tuple(line(f"INV-{number}") for number in range(1000)))
    sys.setprofile(count)
    try:
        text = note_text(shown, "m1", ["a@b.example"], first="INV-0", limit=500)
    finally:
        sys.setprofile(None)
    assert "more (1000 invoices" in text
    assert 0 < worded < 500  # a character each
