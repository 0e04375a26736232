"""The errors of arsync, drawn once and named by what the reader has to do about them.

A text never holds a secret, a token or a response body. Problems with single records are values
(``ledger.Reject``), not exceptions.
"""

from __future__ import annotations

from datetime import datetime


class ArsyncError(Exception):
    """Something a person has to know. ``str(error)`` is one clear sentence with what to do."""

    exit_status = 1


class FixSettings(ArsyncError):
    """A command line, practice file, policy or template is wrong; nothing was started.

    ``where`` names the file (and line) or the option, ``key`` the setting inside it.
    """

    exit_status = 2

    def __init__(self, problem: str, *, where: str | None = None, key: str | None = None) -> None:
        self.problem, self.where, self.key = problem, where, key
        prefix = ": ".join(part for part in (where, key) if part)
        super().__init__(f"{prefix}: {problem}" if prefix else problem)


class Reconnect(ArsyncError):
    """The authorisation for a book is missing, expired or withdrawn: `arsync connect BOOK`."""


class TryLater(ArsyncError):
    """The service is down, throttled or answers nonsense. Nothing is wrong with the settings.

    ``at`` is the UTC instant from which another try makes sense, where the service told it.
    """

    def __init__(self, problem: str, *, at: datetime | None = None) -> None:
        self.at = at
        super().__init__(problem)


class UsedUp(TryLater):
    """The calls that a vendor gives a tenant for a day, or an app for a month, are used up."""


class Refused(ArsyncError):
    """The service refused a request for good; repeating it will not help.

    ``code`` and ``request_id`` are the vendor's own, for a support case.
    """

    def __init__(self, problem: str, *, code: str | None = None, request_id: str | None = None) -> None:
        self.code, self.request_id = code, request_id
        tail = f" (request {request_id})" if request_id else ""
        super().__init__(f"{problem}{tail}")


class Conflict(ArsyncError):
    """The record was changed by somebody else in between; read it again before writing."""


class BrokenConnector(ArsyncError):
    """A connector broke its contract (say, it repeated a page token); its author has to mend it."""


class Busy(ArsyncError):
    """Another process works on this book right now. Ordinary life: the other one does the work."""

    exit_status = 0


class LostLease(ArsyncError):
    """This run's lease on its book ended and was taken over; the run stops without writing."""
