"""What became of the approved messages of a book."""

from __future__ import annotations

from datetime import datetime

import msgspec

from arsync.policy.model import Message
from arsync.runs.sent_copies import Found


class SendReport(msgspec.Struct, kw_only=True):
    """What became of the approved messages. ``refused`` are addressees that the mail server turned down.

    ``later`` are those that may not leave at this hour, each with the instant from which on it may, in the
    customer's time zone; ``capped`` are those whose customer another run has just reached often enough.
    Both stay approved for another run, and need nobody.
    """

    book: str
    sent: list[Message] = []
    withdrawn: list[tuple[Message, str]] = []
    lapsed: list[tuple[Message, str]] = []
    later: list[tuple[Message, datetime]] = []
    capped: list[tuple[Message, str]] = []
    waiting: list[tuple[Message, str]] = []  # a temporary refusal; tried again by the next send
    failed: list[tuple[Message, str]] = []
    in_doubt: list[tuple[Message, str]] = []
    refused: list[tuple[Message, str]] = []
    found: Found = msgspec.field(default_factory=Found)

    @property
    def needs_person(self) -> bool:
        return bool(self.failed or self.in_doubt or self.refused or self.waiting or self.found.paused)
