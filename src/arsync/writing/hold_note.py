"""The note about a hold in the accounting system: one line with its mark, in words that customers may read.

Xero shows a contact's history to every user of the organisation, and QuickBooks may print a private note on
a statement. So a note tells that an invoice waits and until when; what a person wrote about it, anybody's
address, and whether a customer is in hardship stay in the book. Pure.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from arsync.money import plain
from arsync.policy.model import HoldOrder
from arsync.writing.note import inert, mark
from arsync.writing.plain_text import plain_line

Happening = Literal["held", "released", "kept", "part kept", "broken"]

# Reasons that are nobody else's to read.
_PRIVATE = frozenset({"hardship", "insolvency", "lawyer"})
_FATES = {"kept": "was kept", "part kept": "was kept in part", "broken": "was not kept"}


def hold_note_text(
    order: HoldOrder, what: Happening, note_id: str, day: date, *, about: str = "", limit: int = 500
) -> str:
    """What the note says: the day, what happened, and the mark under which it is found again.

    ``about`` is the number of the invoice where the note stands on the customer. Whoever deals with it is
    named without an address.
    """
    ending = " " + mark(note_id)
    lead = f"{day.isoformat()} arsync: " + (f"{inert(about)} " if about else "")
    return plain_line(lead + _happened(order, what), limit - len(ending)) + ending


def _happened(order: HoldOrder, what: Happening) -> str:
    if what in _FATES:
        promise = " ".join(filter(None, ("promise", _of(order), _end(order))))
        return f"{promise} {_FATES[what]}"
    reason = "" if order.reason in _PRIVATE else f" as {order.reason}"
    if what == "released":
        return f"no longer held{reason}"
    owner = inert(order.owner.partition("@")[0])
    details = (
        " ".join(filter(None, (_amount(order), _end(order)))),
        f"dealt with by {owner}" if owner else "",
    )
    shown = ", ".join(filter(None, details))
    return f"held{reason}" + (f" ({shown})" if shown else "")


def _amount(order: HoldOrder) -> str:
    return "" if order.amount is None else f"{plain(order.amount, order.currency)} {order.currency}"


def _of(order: HoldOrder) -> str:
    amount = _amount(order)
    return f"of {amount}" if amount else ""


def _end(order: HoldOrder) -> str:
    if order.until is None:
        return ""
    return f"{'by' if order.reason == 'promised' else 'through'} {order.until.isoformat()}"
