"""The note that goes back into the accounting system."""

import msgspec
import pytest
from letters import PLAIN, view

from arsync.writing import note_text

THREE = tuple(
    msgspec.structs.replace(PLAIN, number=number, open=units)
    for number, units in (("INV-7", 12000), ("INV-9", 8000), ("INV-11", 50))
)
TO = ["ap@norrland.example", "cfo@norrland.example"]


def test_a_note_word_for_word() -> None:
    assert note_text(view(lines=THREE[:2]), "k3j", ["ap@norrland.example"]) == (
        "2026-11-23 arsync: first reminder to ap@norrland.example about INV-7 120.00, INV-9 80.00 "
        "(total 200.00 USD) [arsync:k3j]"
    )


def test_the_invoice_it_stands_on_comes_first_and_credit_is_named() -> None:
    assert note_text(view(lines=THREE, unapplied=1500), "k3j", TO, first="INV-9") == (
        "2026-11-23 arsync: first reminder to ap@norrland.example, cfo@norrland.example about INV-9 80.00, "
        "INV-7 120.00, INV-11 0.50 (total 200.50 USD, unapplied credit 15.00 USD) [arsync:k3j]"
    )


@pytest.mark.parametrize(
    ("to", "about"),
    [
        ("ap@norrland.example, cfo@norrland.example", "INV-9 80.00, INV-7 120.00, INV-11 0.50"),
        ("ap@norrland.example, cfo@norrland.example", "INV-9 80.00, INV-7 120.00 and 1 more"),
        ("ap@norrland.example, cfo@norrland.example", "INV-9 80.00 and 2 more"),
        ("ap@norrland.example and 1 more", "INV-9 80.00 and 2 more"),
    ],
)
def test_a_long_note_says_what_it_leaves_out(to: str, about: str) -> None:
    best = f"2026-11-23 arsync: first reminder to {to} about {about} (total 200.50 USD) [arsync:k3j]"

    assert note_text(view(lines=THREE), "k3j", TO, first="INV-9", limit=len(best)) == best
    assert len(note_text(view(lines=THREE), "k3j", TO, first="INV-9", limit=len(best) - 1)) < len(best)


def test_amounts_have_their_currencys_decimals() -> None:
    assert "INV-12 8000 (total 8000 JPY)" in note_text(view(currency="JPY"), "k", TO)
    assert "INV-12 8.000 (total 8.000 KWD)" in note_text(view(currency="KWD"), "k", TO)


@pytest.mark.parametrize("message_id", ["", "a]b", "a b", "x" * 65, "a\nb"])
def test_a_mark_is_always_whole(message_id: str) -> None:
    with pytest.raises(ValueError, match="message id"):
        note_text(view(), message_id, TO)
    with pytest.raises(ValueError, match="100"):
        note_text(view(), "k", TO, limit=99)
