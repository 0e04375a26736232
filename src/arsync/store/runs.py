"""What a run came to, beside what it wrote: what it was to send, why some stayed, and why it failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from arsync.errors import ArsyncError, FixSettings, Reconnect, TryLater
from arsync.plain_text import one_line
from arsync.store.columns import joined, split
from arsync.store.database import Store
from arsync.store.fence import Claim
from arsync.store.queries import statements

_SQL = statements("status")
# What is to be done about a run that failed. None of these words tells anything of a customer.
Trouble = Literal["", "try-later", "reconnect", "settings", "stopped", "fault"]


def trouble_of(error: BaseException) -> Trouble:
    """The kind of an error: what the reader has to do about it."""
    match error:
        case TryLater():
            return "try-later"
        case Reconnect():
            return "reconnect"
        case FixSettings():
            return "settings"
        case ArsyncError() | KeyboardInterrupt():
            return "stopped"
    return "fault"


def problem_of(error: BaseException) -> str:
    """The sentence that the database keeps. A fault of arsync's own is named, not quoted."""
    if isinstance(error, KeyboardInterrupt):
        return "it was stopped by a person (Ctrl-C)"
    return one_line(str(error), 400) if isinstance(error, ArsyncError) else type(error).__name__


def expects(store: Store, claim: Claim, messages: int) -> None:
    """So many messages are about to be sent by this run. Raises LostLease."""
    with store.writing(claim) as conn:
        conn.execute(_SQL["expects"], (messages, claim.book, claim.fence))


def stayed(store: Store, claim: Claim, why: Mapping[str, int]) -> None:
    """So many of them did not leave, by what became of them. Raises LostLease."""
    lines = joined(f"{word} {number}" for word, number in why.items() if number)
    with store.writing(claim) as conn:
        conn.execute(_SQL["stayed"], (lines, claim.book, claim.fence))


def unsent(text: str) -> dict[str, int]:
    """The column of `stayed` as numbers."""
    pairs = (line.rpartition(" ") for line in split(text))
    return {word: int(number) for word, _, number in pairs}
