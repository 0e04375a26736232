"""Where a pull stands, as a text that any later process can go on from. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from arsync.connector import NOT_JSON
from arsync_quickbooks import instants
from arsync_quickbooks.keyset import Mark

# Change data capture looks back 30 days; what is older is read anew.
LOOK_BACK = timedelta(days=29)
# What changes at the very instant of an answer may be in neither it nor the next one.
OVERLAP = timedelta(minutes=5)

# list: open records by creation time; payments: the newest ones; report: unapplied payments and
# journal entries; cdc: what changed; sweep: the living rows of an entity that changed too often for cdc.
Stage = Literal["list", "payments", "report", "cdc", "sweep"]
Listed = Literal["Invoice", "Customer", "CreditMemo", "Payment"]
VERSION = 1


class State(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A point between two pages. Instants are UTC text; ``began`` is by our own clock, the others by
    the server's."""

    began: str
    version: int
    stage: Stage = "list"
    full: bool = False
    entity: Listed = "Invoice"  # of a list or sweep
    mark: Mark = Mark()
    since: str = ""  # changes from here on are still to be read
    upto: str = ""  # ...and these calls read them up to here
    upto_began: str = ""
    todo: tuple[str, ...] = ()  # entities to ask one by one, since all at once are too many
    narrow: bool = False  # this one without the overlap
    sweeps: tuple[Listed, ...] = ()
    lossy: bool = False  # deletions were cut off, or a merge moved invoices: a full pull has to follow
    reread: bool = False  # a journal entry may have changed: the report has to be read
    home: str = ""
    currencies: tuple[str, ...] = ()


def fresh(now: datetime, *, home: str = "", currencies: tuple[str, ...] = ()) -> State:
    """The beginning of a full pull."""
    return State(began=now.isoformat(), version=VERSION, full=True, home=home, currencies=currencies)


def write(state: State) -> str:
    return msgspec.json.encode(state).decode()


def read(text: str | None, now: datetime) -> State:
    """The point that a cursor names; a full pull from its start for none, an unreadable or an old one."""
    try:
        told = msgspec.json.decode(text or "", type=dict[str, Any])
        told.pop("journals", None)  # older cursors carry what the report tells by itself
        state = msgspec.convert(told, State)
        age = now - datetime.fromisoformat(state.began)
        for instant in (state.since, state.upto, state.mark.at):
            if instant and instants.utc(instant) != instant:
                return fresh(now)
    except (*NOT_JSON, ValueError, TypeError):
        return fresh(now)
    if not state.since and (state.stage != "list" or state.mark != Mark() or not state.full):
        return fresh(now)
    if state.version != VERSION or age > LOOK_BACK:
        return fresh(now, home=state.home, currencies=state.currencies)
    return state
