"""What is known about a message after it was offered to a mail server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Outcome(Enum):
    """What became of a message. Only after TEMPORARY may the same message be offered again unasked."""

    ACCEPTED = "accepted"
    """The server took responsibility for at least one addressee."""
    TEMPORARY = "temporary"
    """Nothing left, certainly; the same message may be offered again later."""
    PERMANENT = "permanent"
    """Nothing left, certainly; the server will not take this message, whatever the hour."""
    UNKNOWN = "unknown"
    """The end of the message was on its way when the connection failed: it may have left or not."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The result of one attempt.

    `refused` and `deferred` hold the addressees whom the server did not take, for good (5xx) or for now
    (4xx), each with its words. They stand beside every outcome: when others were accepted, nothing is
    sent again to these.
    """

    outcome: Outcome
    answer: str
    """The server's last answer on one line, or how the connection ended."""
    accepted: tuple[str, ...] = ()
    """For whom the server took the message. Empty unless the outcome is ACCEPTED."""
    in_doubt: tuple[str, ...] = ()
    """Who may have got the message. Empty unless the outcome is UNKNOWN."""
    refused: Mapping[str, str] = field(default_factory=dict)
    deferred: Mapping[str, str] = field(default_factory=dict)
