"""Paging by a timestamp instead of a position. Pure.

Positions shift whenever a row before them leaves the selection (an invoice is paid), and a row is
lost at every page for each that left. A creation time never changes. Rows that share the second at
which a page ends come twice and are known by their ids; only a page that lies wholly within one
second is passed by position, and there a shift is noticed and the second read anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import msgspec

from arsync.errors import TryLater
from arsync.ledger import Reject
from arsync_quickbooks import instants
from arsync_quickbooks.decode import Slot
from arsync_quickbooks.query import MOST_ROWS

# Times are compared by instant; a service that sorts by local time repeats one hour in autumn.
_SLACK = timedelta(hours=1)
_RESTARTS = 3


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a listing stands. Rows from the instant ``at`` on are still to come, from the ``pos``-th
    of these; ``seen`` are the ids of that second that have come, ``anchor`` is the id at ``pos``."""

    at: str = ""
    pos: int = 1
    anchor: str = ""
    seen: tuple[str, ...] = ()
    restarts: int = 0

    def brought(self) -> frozenset[str]:
        """Ids that the next page may repeat."""
        return frozenset((*self.seen, self.anchor) if self.anchor else self.seen)


def after(mark: Mark, slots: Sequence[Slot], field: str) -> Mark | None:
    """Where the listing stands after a page, None when that was its last.

    ``field`` is the timestamp that the page is sorted by. Raises TryLater for a page that is not
    what was asked for.
    """
    ids = [slot.id or "" for slot in slots]
    keys = [_key(slot, field) for slot in slots]
    times = [key for key in keys if key]
    _sorted(mark, times)
    if mark.pos > 1 and (not ids or ids[0] != mark.anchor):
        if mark.restarts >= _RESTARTS:
            raise TryLater("QuickBooks' rows move while they are read; try again later")
        return msgspec.structs.replace(mark, pos=1, anchor="", restarts=mark.restarts + 1)
    if len(slots) < MOST_ROWS:
        return None
    last = times[-1] if times else ""
    if not last or last < mark.at:
        raise _not_asked()
    if last == mark.at:
        return msgspec.structs.replace(mark, pos=mark.pos + len(slots) - 1, anchor=ids[-1])
    return Mark(at=last, seen=tuple(id_ for id_, key in zip(ids, keys, strict=True) if key == last))


def _sorted(mark: Mark, times: list[str]) -> None:
    """The order that was asked for, or paging by it would leave rows out."""
    if mark.at and times and times[0] < mark.at and times[0] < instants.moved(mark.at, -_SLACK):
        raise _not_asked()
    if times != sorted(times):
        for earlier, later in pairwise(times):
            if later < earlier and later < instants.moved(earlier, -_SLACK):
                raise _not_asked()


def _key(slot: Slot, field: str) -> str:
    if isinstance(slot, Reject) or slot.meta_data is None:
        return ""
    text: str | None = getattr(slot.meta_data, field)
    try:
        return instants.utc(text) if text else ""
    except ValueError:
        return ""


def _not_asked() -> TryLater:
    return TryLater("QuickBooks gave a page that is not in the order asked for; try again later")
