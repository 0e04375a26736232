"""Withdraw the access to a book's company at its accounting system, and forget the tokens."""

from __future__ import annotations

from typing import Literal

import msgspec

from arsync.connector import Ended, Leaves, OAuthApp
from arsync.errors import ArsyncError, Busy, FixSettings
from arsync.runs.book import Book
from arsync.store.leases import briefly
from arsync.store.tokens import consent_row

# "none-needed": nobody was asked for access. "not-connected": there are no tokens. "withdrawn": the
# accounting system does not let arsync in any more. "left": this company is disconnected, the consent
# goes on for others. "not-accepted": the tokens were good for nothing any more. "ends-there": the app needs
# nobody's consent, and is ended in the vendor's portal. "forgotten": here alone.
Outcome = Literal[
    "none-needed", "not-connected", "withdrawn", "left", "not-accepted", "ends-there", "forgotten"
]


class Disconnected(msgspec.Struct, frozen=True):
    """What became of a book's access. ``others`` are companies that the same consent still serves."""

    outcome: Outcome
    others: int = 0


def disconnect(book: Book, *, local: bool) -> Disconnected:
    """The ledger and the history of the book stay as they are. ``local`` asks nobody and forgets alone.

    Raises what the service refuses or why it cannot be reached; the tokens are then kept, so that it can
    be tried again. Raises ArsyncError while another process works on the book.
    """
    app = book.source.app
    if app is None:
        return Disconnected("none-needed")
    try:
        with briefly(book.store, book.name, command=book.command, clock=book.clock, done="disconnected"):
            if consent_row(book.store, book.name) is None:
                return Disconnected("not-connected")
            done = Disconnected("forgotten") if local else _withdrawn(book, app)
            book.tokens.forget()
            return done
    except Busy as error:
        raise ArsyncError(f"{error}; try again when it is done") from None


def _withdrawn(book: Book, app: OAuthApp) -> Disconnected:
    by_hand = f"`arsync disconnect {book.name} --local` forgets the tokens and asks nobody; end the access "
    by_hand += "in the accounting system's own list of connected apps then"
    if app.client_grant:
        return Disconnected("ends-there")
    try:
        book.tokens.access(app, book.http)  # renewed, so that what is revoked is in force
        others = book.source.leave() if isinstance(book.source, Leaves) else 0
        if not others:
            book.tokens.revoke(app, book.http)
    except Ended:
        return Disconnected("not-accepted")
    except FixSettings:
        raise
    except ArsyncError as error:
        raise ArsyncError(f"{error}. Nothing was forgotten. {by_hand}") from None
    return Disconnected("left", others) if others else Disconnected("withdrawn")
