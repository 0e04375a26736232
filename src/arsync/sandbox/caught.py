"""A caught message, and how to read it even when it is malformed."""

from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage

# What the standard library's parser raises for malformed headers and parts, besides filing defects.
_UNREADABLE = (MessageError, ValueError, LookupError, AttributeError, TypeError, AssertionError)


@dataclass(frozen=True, slots=True)
class CaughtMessage:
    """A message as it arrived. `at` is an aware instant; `mail_from` and `rcpt_tos` are the envelope's."""

    id: int
    at: datetime
    mail_from: str
    rcpt_tos: tuple[str, ...]
    raw: bytes = field(repr=False)

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    def headers(self) -> list[tuple[str, str]]:
        """All headers in their order, decoded where they can be."""
        parsed = self.message
        return [(name, _decoded(name, str(value))) for name, value in parsed.raw_items()]

    def header(self, name: str) -> str:
        """The first header of that name, decoded; empty when there is none."""
        return next((value for found, value in self.headers() if found.lower() == name.lower()), "")

    def body(self, kind: str) -> str | None:
        """The text to read, `kind` being "plain" or "html"; None when the message has none."""
        try:
            part = self.message.get_body(preferencelist=(kind,))
            return None if part is None else str(part.get_content())
        except _UNREADABLE as problem:
            return f"This part cannot be read ({type(problem).__name__}): see the raw message."


def _decoded(name: str, raw: str) -> str:
    try:
        return str(policy.default.header_fetch_parse(name, raw))
    except _UNREADABLE:
        return " ".join(raw.split())
