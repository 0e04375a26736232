"""The note about a hold: what customers may read, and nothing else."""

from datetime import date

import pytest

from arsync.policy.model import HoldOrder
from arsync.writing.hold_note import hold_note_text

DAY, BY = date(2026, 11, 22), date(2026, 12, 1)
PROMISE = HoldOrder("promised", BY, "says the boss is away", "anna@acme.example", 50000, "GBP", put_on=DAY)


def said(order: HoldOrder, what: str = "held", **more: str) -> str:
    return hold_note_text(order, what, "0123456789ab", DAY, **more)  # type: ignore[arg-type]


def test_a_promise_word_for_word() -> None:
    assert said(PROMISE) == (
        "2026-11-22 arsync: held as promised (500.00 GBP by 2026-12-01, dealt with by anna) "
        "[arsync:0123456789ab]"
    )
    assert said(PROMISE, "released") == (
        "2026-11-22 arsync: no longer held as promised [arsync:0123456789ab]"
    )


@pytest.mark.parametrize(
    ("fate", "words"),
    [("kept", "was kept"), ("part kept", "was kept in part"), ("broken", "was not kept")],
)
def test_what_became_of_a_promise(fate: str, words: str) -> None:
    assert said(PROMISE, fate, about="INV-7") == (
        f"2026-11-22 arsync: INV-7 promise of 500.00 GBP by 2026-12-01 {words} [arsync:0123456789ab]"
    )


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (HoldOrder("paused"), "held as paused"),
        (HoldOrder("paused", BY), "held as paused (through 2026-12-01)"),
        (HoldOrder("disputed", amount=1250, currency="KWD"), "held as disputed (1.250 KWD)"),
        (HoldOrder("complaint", owner="Kim Ode"), "held as complaint (dealt with by Kim Ode)"),
        (HoldOrder("promised"), "held as promised"),
    ],
)
def test_only_what_is_known_is_said(order: HoldOrder, words: str) -> None:
    assert said(order) == f"2026-11-22 arsync: {words} [arsync:0123456789ab]"


@pytest.mark.parametrize("reason", ["hardship", "insolvency", "lawyer"])
def test_what_is_nobody_elses_to_read_is_not_said(reason: str) -> None:
    order = HoldOrder(reason, note="lost the job in May", owner="anna")  # type: ignore[arg-type]

    assert said(order) == "2026-11-22 arsync: held (dealt with by anna) [arsync:0123456789ab]"
    assert said(order, "released") == "2026-11-22 arsync: no longer held [arsync:0123456789ab]"


def test_what_people_wrote_is_never_in_it() -> None:
    for what in ("held", "released", "kept", "part kept", "broken"):
        text = said(PROMISE, what)
        assert "boss" not in text
        assert "@" not in text


def test_foreign_text_passes_for_no_mark() -> None:
    order = HoldOrder("paused", owner="[arsync:feed]\n\x1b[31mx" + "y" * 900)

    text = said(order, about="[ARSYNC:beef]")

    assert text.count("[arsync:") == 1
    assert text.endswith(("… [arsync:0123456789ab]", "…) [arsync:0123456789ab]"))
    assert "\x1b" not in text
    assert len(text) <= 500
