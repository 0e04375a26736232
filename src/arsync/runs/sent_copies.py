"""A message in doubt is settled as sent by its copy in the folder of sent mail.

No copy proves nothing: not every server keeps what is handed to it, and people tidy up.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec

from arsync.errors import ArsyncError, FixSettings
from arsync.policy.model import Message
from arsync.runs.book import Book
from arsync.runs.letters import notes_for
from arsync.runs.restored import ask_what_left
from arsync.runs.witness import Wait
from arsync.store import Claim
from arsync.store.delivery import resolve
from arsync.store.leases import renew
from arsync.store.messages import messages
from arsync.store.restored import settled


class Found(msgspec.Struct, kw_only=True):
    """What the folder of sent mail told a run. ``problem`` says why it could not be read; ``looked_for``
    are the messages that were looked for in it. ``paused`` is what notes did not tell a restored book."""

    paused: list[Wait] = []
    messages: list[Message] = []
    problem: str = ""
    looked_for: set[str] = set()


def settle_doubts(book: Book, claim: Claim, found: Found, *, ask: bool = True) -> None:
    """Settle what the folder proves, and with ``ask`` what a restored book asks next on account of that.
    A folder that cannot be read settles nothing, and is not asked again."""
    while True:
        if ask:
            ask_what_left(book, claim, found.paused)
        if not _look(book, claim, found) or not ask:
            return


def _look(book: Book, claim: Claim, found: Found) -> bool:
    """Whether something was settled by a copy that was not looked for before."""
    if book.sent_folder is None or found.problem:
        return False
    from arsync.mail.sent_folder import copies  # late: few runs have doubts

    doubts = {it.message_id: it for it in messages(book.store, book.name, status=["in-doubt"])}
    new = {id_: it for id_, it in doubts.items() if id_ not in found.looked_for}
    if not new:
        return False
    found.looked_for |= new.keys()
    try:
        there = copies(book.sent_folder, list(new))
    except ArsyncError as error:
        found.problem = str(error)
        return False
    renew(book.store, claim)
    for id_ in (id_ for id_ in new if id_ in there):
        message = new[id_].message
        day = new[id_].ended_on or book.today
        notes = notes_for(book, message, message.to, day)
        # Somebody may have settled it this moment.
        with suppress(FixSettings), book.store.writing(claim):
            resolve(book.store, book.name, message.id, "sent", at=book.clock(), day=book.today, notes=notes)
            settled(book.store, book.name, message.id, "sent")
            found.messages.append(message)
    return bool(there)
