"""A letter becomes a mail message.

Header text comes from customers' records, so nothing in it may act: see `one_line`. The header lines are
written here rather than by the standard library, whose folding encodes the comma between two addresses
when a name is not ASCII, so that the second addressee is lost, and encodes long message ids, so that a
thread falls apart.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formataddr
from textwrap import wrap
from typing import Any

from arsync.mail.addresses import parse_mailbox
from arsync.plain_text import one_line

SUBJECT_LIMIT = 200
"""Characters of a subject; what is longer ends in an ellipsis."""
NAME_LIMIT = 100
"""Characters of a name shown beside an address."""

AUTOMATIC = "auto-generated"
"""What a letter says of itself (RFC 3834, section 5): automatic answers (out of office, vacation) stay away,
people's replies are not touched."""

# Not 78: lines of encoded words and of quoted-printable text end at 76 (RFC 2047, section 2; RFC 2045, 6.7).
_WIDTH = 76

_ID_CHARACTERS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+"
_MESSAGE_ID = re.compile(rf"<(?!.*=\?){_ID_CHARACTERS}@{_ID_CHARACTERS}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """All that a message says. Addresses may carry a name: `Name <address>`."""

    message_id: str
    """With its angle brackets: `<local@domain>`."""
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    reply_to: str | None = None
    subject: str
    text: str
    html: str
    date: datetime
    """Aware; the message shows it with this offset."""
    references: tuple[str, ...] = ()
    """Message ids of the earlier messages of the thread, the oldest first."""


def compose(letter: Letter) -> EmailMessage:
    """The message for `letter`: text and HTML as alternatives, UTF-8, all lines in seven-bit ASCII.

    Raises ValueError when an address or a message id is malformed, when nobody is addressed, or when the
    date has no offset.
    """
    if not letter.to:
        raise ValueError("a letter needs at least one addressee")
    if letter.date.utcoffset() is None:
        raise ValueError("the date of a letter needs an offset from UTC")
    message = EmailMessage(policy=_WIRE)
    message["From"] = _addresses([letter.sender])
    message["To"] = _addresses(letter.to)
    if letter.cc:
        message["Cc"] = _addresses(letter.cc)
    if letter.reply_to is not None:
        message["Reply-To"] = _addresses([letter.reply_to])
    message["Subject"] = _inert(letter.subject, SUBJECT_LIMIT)
    message["Date"] = letter.date
    message["Message-ID"] = _message_id(letter.message_id)
    if letter.references:
        message["In-Reply-To"] = _message_id(letter.references[-1])
        message["References"] = " ".join(map(_message_id, letter.references))
    message["Auto-Submitted"] = AUTOMATIC
    message.set_content(_body(letter.text))
    message.add_alternative(_body(letter.html), subtype="html")
    return message


def _addresses(texts: Iterable[str]) -> list[Address]:
    mailboxes = map(parse_mailbox, texts)
    return [Address(_inert(name, NAME_LIMIT), addr_spec=address) for name, address in mailboxes]


def _inert(text: str, limit: int) -> str:
    """One line in which nothing is decoded: `=?` would open an encoded word, which may hide line breaks."""
    return one_line(one_line(text).replace("=?", "= ?"), limit)


def _message_id(text: str) -> str:
    if len(text) > 250 or not _MESSAGE_ID.fullmatch(text):
        raise ValueError(f"{one_line(text, 80)!r} is not a message id of the form <local@domain>")
    return text


def _body(text: str) -> str:
    """`text` with plain line ends, without control characters and lone surrogates: mail cannot carry them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text)
    return re.sub(r"[\ud800-\udfff]", "\ufffd", text)


class _Wire(EmailPolicy):
    """Writes the header lines that carry foreign text or message ids; see the head of this module."""

    def fold(self, name: str, value: Any) -> str:
        match name.lower():
            case "from" | "to" | "cc" | "reply-to":
                body = f",{self.linesep} ".join(self._mailbox(address) for address in value.addresses)
            case "subject":
                body = self._words(str(value), used=len("Subject: "))
            case "message-id" | "in-reply-to" | "references":
                body = f"{self.linesep} ".join(str(value).split())
            case _:
                return str(super().fold(name, value))
        return f"{name}: {body}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")

    def _mailbox(self, address: Address) -> str:
        if address.display_name.isascii():
            return formataddr((address.display_name, address.addr_spec))
        name = self._words(address.display_name, used=len("Reply-To: "))
        return f"{name}{self.linesep} <{address.addr_spec}>"

    def _words(self, text: str, used: int) -> str:
        """`text` as it is or as encoded words (RFC 2047), folded to 76 characters where words allow it."""
        if not text.isascii():
            return Header(text, "utf-8", _WIDTH, "x" * (used - 2)).encode(linesep=self.linesep)
        lines = wrap(" " * used + text, _WIDTH - 1, break_long_words=False, break_on_hyphens=False)
        return f"{self.linesep} ".join(lines).strip()


# Seven bits pass every server.
_WIRE = _Wire(linesep="\r\n", max_line_length=_WIDTH, cte_type="7bit")
