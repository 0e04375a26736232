"""Where a pull stands, as a text: after any page another process goes on from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec

from arsync.connector import NOT_JSON
from arsync_xero.leisure import SWEEP_EVERY, leisure

Stage = Literal[
    "contacts",
    "open",
    "changes",
    "meanwhile",
    "payments",
    "credit-notes",
    "overpayments",
    "prepayments",
]

# A full pull reads what is open, and then what changed meanwhile; a later one only what changed. A sweep
# is a pull of changes that reads all that is open as well: Xero does not tell of every change. Payments
# come before the credits: where they alone may not be read, the pull goes on, and a connection that is
# lost altogether shows with the next request.
_MONEY: tuple[Stage, ...] = ("payments", "credit-notes", "overpayments", "prepayments")
FULL: tuple[Stage, ...] = ("contacts", "open", "meanwhile", *_MONEY)
SWEEP: tuple[Stage, ...] = ("changes", "contacts", "open", "meanwhile", *_MONEY)
QUICK: tuple[Stage, ...] = ("changes", "contacts", *_MONEY)

# The next pull reads from before the start of this one, so that a change that was under way is not
# lost between the two.
OVERLAP = timedelta(seconds=120)


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
    the ``since``s are where it reads changes from (contacts: where ``since`` says, if not told). ``swept``
    is the start, by Xero's clock, of the last pull that read all that is open, and ``cost`` how many calls
    that took beyond those of any pull. ``sweep``: this one is such a pull, and began as one of changes.
    ``rounds`` counts how often the open invoices were begun anew. ``changed``, ``next_changed`` and
    ``known`` are sums over changed invoices: of all in this pull, of those that the next pull will see
    again, and of those that the last pull foretold for this one.
    """

    version: Literal[1] = 1
    full: bool = False
    sweep: bool = False
    stage: Stage
    page: int = 1
    since: Instant | None = None
    start: Instant | None = None
    contacts_since: Instant | None = None
    credits_since: Instant | None = None
    payments_since: Instant | None = None
    swept: Instant | None = None
    cost: int = 0
    seen: Seen | None = None
    seams: tuple[int, ...] = ()
    reads: tuple[Read, ...] = ()
    rounds: int = 0
    changed: int = 0
    next_changed: int = 0
    known: int = 0

    @property
    def stages(self) -> tuple[Stage, ...]:
        return SWEEP if self.sweep else FULL if self.full else QUICK

    @property
    def credits_due(self) -> bool:
        """Whether unapplied money may have moved: an invoice did, or nobody looked for long."""
        return self._due(self.credits_since, leisure(self.cost).credits_every)

    @property
    def contacts_due(self) -> bool:
        """Whether contacts are read: with every pull, or in large organisations where an invoice moved
        (its customer may be a new one) or nobody looked for long."""
        return self._due(self.contacts_since or self.since, leisure(self.cost).contacts_every)

    def _due(self, since: datetime | None, every: timedelta) -> bool:
        if self.full or since is None or self.start is None or not every:
            return True
        return self.changed != self.known or self.start - OVERLAP - since >= every

    def begun(self, at: datetime, ours: datetime) -> Cursor:
        """The pull, once its first answer has told Xero's time: it is a sweep where one is due."""
        # Whichever clock is behind: a start too early costs a few rows, one too late loses changes.
        start, at = min(at, ours).replace(microsecond=0), at.replace(microsecond=0)
        if not self.full and self.swept is not None and at - self.swept < SWEEP_EVERY:
            return msgspec.structs.replace(self, start=start)
        return msgspec.structs.replace(self, full=True, sweep=not self.full, start=start, swept=at, cost=0)

    def counted(self) -> Cursor:
        """The cursor after one more call, where it is one that a pull of changes does without."""
        if not self.full or self.stage in ("contacts", "changes"):
            return self
        return msgspec.structs.replace(self, cost=self.cost + 1)

    def onward(self) -> Cursor | None:
        """The cursor for what comes next; None when the pull is complete."""
        if self.page or self.seams:
            return self
        for stage in self.stages[self.stages.index(self.stage) + 1 :]:
            if self._calls_for(stage):
                there = msgspec.structs.replace(self, stage=stage, page=1, seen=None)
                return there._uncounted() if stage == "meanwhile" else there
        return None

    def _calls_for(self, stage: Stage) -> bool:
        if stage == "contacts":
            return self.contacts_due
        if stage == "meanwhile":
            # A sweep has read the changes already; only a list of several pages can have lost a row.
            return not self.sweep or len(self.reads) > 1 or self.rounds > 0
        return self.credits_due if stage in _MONEY else True

    def with_payments(self) -> Cursor:
        """All payments are read up to the start of this pull."""
        assert self.start is not None
        return msgspec.structs.replace(self, payments_since=self.start - OVERLAP)

    def again(self, stage: Stage) -> Cursor:
        """The stage from its first page, within the same pull."""
        begun = msgspec.structs.replace(
            self, stage=stage, page=1, seen=None, seams=(), reads=(), rounds=self.rounds + 1
        )
        return begun._uncounted() if stage in ("open", "changes", "meanwhile") else begun

    def _uncounted(self) -> Cursor:
        """The changes are going to be counted anew."""
        return msgspec.structs.replace(self, changed=0, next_changed=0)

    def following(self) -> Cursor:
        """The beginning of the next pull, after this one is complete."""
        assert self.start is not None
        since = self.start - OVERLAP
        return Cursor(
            stage="changes",
            since=since,
            contacts_since=None if self.contacts_due else self.contacts_since or self.since,
            credits_since=since if self.credits_due else self.credits_since,
            payments_since=self.payments_since,
            swept=self.swept or (self.start if self.full else None),
            cost=self.cost,
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
    except (*NOT_JSON, ValueError):
        return beginning()
    if found.full and not found.sweep and found.stage == "changes":  # as full pulls once called it
        found = msgspec.structs.replace(found, stage="meanwhile")
    return found if _is_whole(found) else beginning()


def _is_whole(cursor: Cursor) -> bool:
    """Whether a pull can go on from there: it is of one of the kinds, and knows what they know."""
    begins = not cursor.sweep and cursor.stage == cursor.stages[0] and cursor.page == 1
    return (
        cursor.stage in cursor.stages
        and (cursor.page > 0 or bool(cursor.seams))
        and (cursor.full or not cursor.sweep)
        and ((cursor.full and not cursor.sweep) or cursor.since is not None)
        and (begins or cursor.start is not None)
    )
