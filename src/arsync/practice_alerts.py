"""The table [alerts] of a practice file: who hears when a book falls silent or fails.

The address of a webhook often is the only thing that protects it, so it may be given as a reference to a
secret, and no message of ours repeats it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec

from arsync.errors import FixSettings
from arsync.files import Table
from arsync.practice_books import mailbox, readable_on_its_way
from arsync.secret_references import check_reference

_KEYS = ("webhook", "heartbeat", "mail", "from", "silent_after")
_REFERENCE = re.compile(r"(env|file|keyring):")
_SPAN = re.compile(r"(\d{1,4}) (hours?|days?)")
LEAST, MOST = timedelta(hours=1), timedelta(days=60)


class AlertSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where alerts go. ``webhook`` and ``heartbeat`` are addresses or references to such ("env:NAME").
    ``silent_after`` None: each book's own rhythm tells."""

    webhook: str | None = None
    heartbeat: str | None = None
    mail: str | None = None
    sender: str | None = None
    silent_after: timedelta | None = None


def read_alerts(root: Table) -> AlertSettings:
    """The table [alerts]; without one nobody is told. Raises FixSettings."""
    table = root.table("alerts")
    if table is None:
        return AlertSettings()
    table.only(_KEYS)
    settings = AlertSettings(
        webhook=_address(table, "webhook"),
        heartbeat=_address(table, "heartbeat"),
        mail=mailbox(table, "mail", table.maybe_text("mail")),
        sender=mailbox(table, "from", table.maybe_text("from")),
        silent_after=_span(table, "silent_after"),
    )
    if settings.mail is not None and root.table("mail") is None:
        raise table.wrong("mail", "alerts by mail need a mail server: write the table [mail]")
    return settings


def check_address(text: str) -> str:
    """An address that may be asked. Raises FixSettings that does not show it."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("https", "http") or any(char <= " " for char in text):
        raise FixSettings(
            "this is not a web address; allowed: https://HOST/PATH, or a reference to one: env:NAME, "
            "file:PATH or keyring:SERVICE/NAME"
        )
    if readable_on_its_way(parts.scheme, host):
        raise FixSettings("plain http can be read on its way; use https, or http for this machine only")
    return text


def _address(table: Table, key: str) -> str | None:
    text = table.maybe_text(key)
    if text is not None:
        try:
            (check_reference if _REFERENCE.match(text) else check_address)(text)
        except FixSettings as error:
            raise table.wrong(key, error.problem) from None
    return text


def _span(table: Table, key: str) -> timedelta | None:
    text = table.maybe_text(key)
    if text is None:
        return None
    found = _SPAN.fullmatch(text)
    span = timedelta()
    if found is not None:
        number = int(found[1])
        span = timedelta(hours=number) if found[2].startswith("hour") else timedelta(days=number)
    if not LEAST <= span <= MOST:
        raise table.wrong(
            key, f'{text!r} is not a time such as "26 hours" or "3 days"; allowed: from 1 hour to 60 days'
        )
    return span
