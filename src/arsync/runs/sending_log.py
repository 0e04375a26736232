"""What a run was to send and what became of it, kept for `arsync status` and told to the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from arsync.errors import LostLease
from arsync.policy.model import Message
from arsync.runs.book import Book
from arsync.store import Claim
from arsync.store.runs import expects, stayed

if TYPE_CHECKING:
    from arsync.runs.send_report import SendReport

# The parts of a report, and the log's word for a message that gets there.
_EVENTS = {
    "sent": "message-sent",
    "withdrawn": "withdrawn",
    "lapsed": "approval-lapsed",
    "later": "message-later",
    "capped": "message-capped",
    "waiting": "message-waiting",
    "failed": "message-failed",
    "in_doubt": "in-doubt",
    "refused": "addressee-refused",
}
# Of these a message that was expected to leave did not; `refused` are copies of one that did.
STAYED = ("later", "capped", "waiting", "failed", "in_doubt", "withdrawn", "lapsed")


class SendingLog:
    """Tells the log what is new in a report; what stood in it before counts as told."""

    def __init__(self, book: Book, report: SendReport) -> None:
        self._log, self._report = book.log, report
        self._before = {part: len(getattr(report, part)) for part in _EVENTS}
        self._told = dict(self._before)

    def __call__(self) -> None:
        for part, event in _EVENTS.items():
            entries = getattr(self._report, part)
            for entry in entries[self._told[part] :]:
                message: Message = entry if isinstance(entry, Message) else entry[0]
                facts: dict[str, str | int] = {"message": message.id, "step": message.step}
                if part == "sent":
                    facts["addressees"] = len(message.to) + len(message.cc) + len(message.bcc)
                if part == "later":
                    facts["until"] = entry[1].isoformat()
                self._log(event, None, **facts)
            self._told[part] = len(entries)

    def stayed(self) -> dict[str, int]:
        """How many did not leave, by what became of them."""
        return {part: len(getattr(self._report, part)) - self._before[part] for part in STAYED}


@contextmanager
def sending_log(book: Book, claim: Claim, report: SendReport, expected: int) -> Iterator[SendingLog]:
    """So many messages are to leave now; what became of them is kept, also where the sending breaks off."""
    log = SendingLog(book, report)
    expects(book.store, claim, expected)
    book.log("messages-expected", expected=expected)
    try:
        yield log
    finally:
        log()
        with suppress(LostLease):  # whoever has the book now keeps its own figures
            stayed(book.store, claim, log.stayed())
