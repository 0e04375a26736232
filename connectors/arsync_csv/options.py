"""What ``[books.NAME.connection]`` of a book in files says."""

from __future__ import annotations

import re
from difflib import get_close_matches
from zoneinfo import ZoneInfo

import msgspec

from arsync.connector import ConnectionSettings
from arsync.money import NotMoney, digits
from arsync_csv.days import is_layout
from arsync_csv.headings import FIELDS
from arsync_csv.statuses import MEANINGS


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of the connection. ``path`` is a file, or a folder of files.

    ``files`` is for a folder with more than one: "together" when all of them make up the list,
    "newest" when each is a later state of it. ``columns`` gives the heading of each field,
    ``statuses`` the meaning of words that the file's status column uses.
    """

    path: str
    company: str
    currency: str
    columns: dict[str, str] = {}
    date_format: str | None = None
    decimal: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    files: str | None = None
    statuses: dict[str, str] = {}
    timezone: str | None = None


def read(settings: ConnectionSettings) -> Options:
    """The options of a book. Raises FixSettings naming the key and what is allowed."""
    options = settings.read(Options)
    if settings.server is not None:
        raise settings.wrong("server", "files are not asked from a server; leave this key out")
    for key in ("path", "company"):
        if not getattr(options, key).strip():
            raise settings.wrong(key, "must not be empty")
    try:
        digits(options.currency)
    except NotMoney as error:
        raise settings.wrong("currency", str(error)) from None
    _among(settings, "decimal", options.decimal, (".", ","))
    _among(settings, "files", options.files, ("together", "newest"))
    for word, meaning in options.statuses.items():
        _among(settings, f"statuses.{word}", meaning, MEANINGS)
    if options.date_format is not None and not is_layout(options.date_format):
        raise settings.wrong(
            "date_format",
            "write a date's parts as they stand in the file: YYYY or YY, MM or MMM, and DD, as in DD/MM/YYYY",
        )
    if options.delimiter is not None and (
        len(options.delimiter) != 1 or re.match(r'[\w"\r\n]', options.delimiter)
    ):
        raise settings.wrong("delimiter", 'one sign that parts the cells, such as ";" or "\\t"')
    _check_columns(settings, options)
    _check_names(settings, options)
    return options


def _check_columns(settings: ConnectionSettings, options: Options) -> None:
    for field in options.columns:
        if field not in FIELDS:
            near = get_close_matches(field, FIELDS, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise settings.wrong(
                f"columns.{field}", f"unknown field; {hint}allowed here: {', '.join(FIELDS)}"
            )


def _check_names(settings: ConnectionSettings, options: Options) -> None:
    """The names that Python has to know."""
    if options.encoding is not None:
        try:
            "a".encode(options.encoding)
        except (LookupError, ValueError):
            problem = (
                f"{options.encoding!r} is not an encoding; allowed: utf-8, cp1252, iso-8859-15 and others"
            )
            raise settings.wrong("encoding", problem) from None
    if options.timezone is not None:
        try:
            ZoneInfo(options.timezone)
        except (LookupError, ValueError, OSError):
            problem = f"{options.timezone!r} is not a time zone such as Europe/London"
            raise settings.wrong("timezone", problem) from None


def _among(settings: ConnectionSettings, key: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        words = ", ".join(f'"{word}"' for word in allowed)
        raise settings.wrong(key, f"{value!r} is unknown; allowed: {words}")
