"""Where a pull stands, as a text: after any page another process goes on from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec

Stage = Literal["contacts", "open", "changes", "credit-notes", "overpayments", "prepayments"]

# A full pull reads what is open, and then what changed meanwhile; a later one only what changed.
FULL: tuple[Stage, ...] = ("contacts", "open", "changes", "credit-notes", "overpayments", "prepayments")
QUICK: tuple[Stage, ...] = ("changes", "contacts", "credit-notes", "overpayments", "prepayments")

# The next pull reads from before the start of this one, so that a change that was under way is not
# lost between the two.
OVERLAP = timedelta(seconds=120)
CREDITS_EVERY = timedelta(hours=4)


Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """The stage's last page: how many items the list had (None: not told), the size of a page, and a
    sum over the page's ids, by which a page that comes twice is known."""

    items: int | None
    size: int
    ids: int


class Read(msgspec.Struct, frozen=True, array_like=True):
    """A page of open invoices: the position behind its last row, when it was read (seconds since 1970,
    Xero's clock), and how many invoices are known to have left the list before the next was read."""

    offset: int
    at: int
    left: int = 0


class Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is read next.

    ``page`` 0: all pages of the stage are read, only ``seams`` may be left: positions in the list at
    which rows may have slipped from one page to the other unseen. ``start`` is the start of this pull,
    ``since`` and ``credits_since`` are where it reads changes from. ``rounds`` counts how often the
    open invoices were begun anew. ``changed``, ``next_changed`` and ``known`` are sums over changed
    invoices: of all in this pull, of those that the next pull will see again, and of those that the
    last pull foretold for this one.
    """

    version: Literal[1] = 1
    full: bool = False
    stage: Stage
    page: int = 1
    since: Instant | None = None
    start: Instant | None = None
    credits_since: Instant | None = None
    seen: Seen | None = None
    seams: tuple[int, ...] = ()
    reads: tuple[Read, ...] = ()
    rounds: int = 0
    changed: int = 0
    next_changed: int = 0
    known: int = 0

    @property
    def credits_due(self) -> bool:
        """Whether unapplied money may have moved: an invoice did, or nobody looked for long."""
        if self.full or self.credits_since is None or self.start is None:
            return True
        return self.changed != self.known or self.start - OVERLAP - self.credits_since >= CREDITS_EVERY

    def onward(self) -> Cursor | None:
        """The cursor for what comes next; None when the pull is complete."""
        if self.page or self.seams:
            return self
        stages = FULL if self.full else QUICK
        for stage in stages[stages.index(self.stage) + 1 :]:
            if stage in ("contacts", "open", "changes") or self.credits_due:
                return msgspec.structs.replace(self, stage=stage, page=1, seen=None)
        return None

    def again(self, stage: Stage) -> Cursor:
        """The stage from its first page, within the same pull."""
        begun = msgspec.structs.replace(
            self, stage=stage, page=1, seen=None, seams=(), reads=(), rounds=self.rounds + 1
        )
        if stage in ("open", "changes"):  # the changes are counted anew as well
            begun = msgspec.structs.replace(begun, changed=0, next_changed=0)
        return begun

    def following(self) -> Cursor:
        """The beginning of the next pull, after this one is complete."""
        assert self.start is not None
        since = self.start - OVERLAP
        return Cursor(
            stage="changes",
            since=since,
            credits_since=since if self.credits_due else self.credits_since,
            known=self.next_changed,
        )

    def text(self) -> str:
        return msgspec.json.encode(self).decode()


_decoder = msgspec.json.Decoder(Cursor)


def beginning() -> Cursor:
    """A full pull from its first page."""
    return Cursor(full=True, stage=FULL[0])


def parsed(text: str | None) -> Cursor:
    """The cursor in the text; a full pull where there is none or none that can be understood."""
    if text is None:
        return beginning()
    try:
        found = _decoder.decode(text)
    except (msgspec.DecodeError, ValueError):
        return beginning()
    return found if _is_whole(found) else beginning()


def _is_whole(cursor: Cursor) -> bool:
    """Whether a pull can go on from there: it is of one of the two kinds, and knows what they know."""
    stages = FULL if cursor.full else QUICK
    is_first = cursor.stage == stages[0] and cursor.page == 1
    return (
        cursor.stage in stages
        and (cursor.page > 0 or bool(cursor.seams))
        and (cursor.full or cursor.since is not None)
        and (is_first or cursor.start is not None)
    )
