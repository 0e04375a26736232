"""The tables [mail] and [books.NAME] of a practice file, checked value by value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar, cast
from urllib.parse import urlsplit

import msgspec

from arsync.errors import FixSettings
from arsync.files import Table, nearest
from arsync.home_paths import at_home
from arsync.policy.load_places import timezone
from arsync.secret_references import check_reference

Text = TypeVar("Text", str, str | None)
Sending = Literal["approve", "automatic"]
NotesOn = Literal["invoice", "customer", "both", "none"]
GoLive = Literal["start", "match", "skip"]

_MAIL_KEYS = (
    "server", "username", "password", "sent_folder", "sent_username", "sent_password", "dkim_selector",
)  # fmt: skip
_BOOK_KEYS = (
    "connector", "policy", "sending", "from", "reply_to", "timezone", "notes", "language", "golive",
    "connection",
)  # fmt: skip
_BOOK_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_SELECTOR = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9_-]+)*")
_SECRET_KEY = re.compile(r"secret|password|token", re.IGNORECASE)


class MailSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail is handed over. ``password`` is a reference such as "env:NAME", never the secret.
    ``sent_folder`` is where copies of what left may be found, with a login of its own or the server's.
    ``dkim_selector`` names the key that the mail service signs with."""

    server: str
    username: str | None = None
    password: str | None = None
    sent_folder: str | None = None
    sent_username: str | None = None
    sent_password: str | None = None
    dkim_selector: str | None = None


class BookSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One book. ``policy`` None is the standard policy that ships; ``timezone`` None is the accounting
    system's own; ``notes`` None is what suits the connector; ``golive`` None waits for `arsync golive`.
    ``connection`` is the connector's table."""

    name: str
    connector: str
    sender: str
    policy: Path | None = None
    sending: Sending = "approve"
    reply_to: str | None = None
    timezone: str | None = None
    notes: NotesOn | None = None
    language: str = "en"
    golive: GoLive | None = None
    connection: Mapping[str, Any] = {}


def read_mail(root: Table) -> MailSettings | None:
    """The table [mail]. Raises FixSettings."""
    from arsync.mail.server import parse_server

    table = root.table("mail")
    if table is None:
        return None
    table.only(_MAIL_KEYS)
    password = table.values.get("password")
    if password is not None:
        _check_secret(table, "password", password)
    server = table.text("server", '"smtp+starttls://mail.example:587"')
    username = table.maybe_text("username")
    try:
        parse_server(server)
    except ValueError as error:
        raise table.wrong("server", str(error)) from None
    try:
        parse_server(server, username=username, password=password)
    except ValueError as error:
        raise table.wrong("username" if username else "password", str(error)) from None
    selector = table.maybe_text("dkim_selector")
    if selector is not None and not _SELECTOR.fullmatch(selector):
        raise table.wrong(
            "dkim_selector", f'{selector!r} is no selector; write for example: dkim_selector = "s1"'
        )
    return MailSettings(
        server=server,
        username=username,
        password=password,
        dkim_selector=selector,
        **_sent_folder(table, username, password),
    )


def _sent_folder(table: Table, username: str | None, password: str | None) -> dict[str, str | None]:
    """The folder of sent mail, and who logs in there."""
    from arsync.mail.sent_folder import parse_sent_folder

    own = table.values.get("sent_password")
    if own is not None:
        _check_secret(table, "sent_password", own)
    folder, name = table.maybe_text("sent_folder"), table.maybe_text("sent_username")
    if folder is None:
        for key in ("sent_username", "sent_password"):
            if key in table.values:
                raise table.wrong(key, "this is the login at sent_folder, and that key is missing")
        return {}
    if (name is None) != (own is None):
        missing = "sent_username" if name is None else "sent_password"
        given = "sent_password" if name is None else "sent_username"
        raise table.wrong(given, f"the login at the sent folder needs {missing} too")
    try:
        parse_sent_folder(folder, username=name or username, password=own or password)
    except ValueError as error:
        raise table.wrong("sent_folder", str(error)) from None
    return {"sent_folder": folder, "sent_username": name, "sent_password": own}


def read_books(root: Table, folder: Path) -> Mapping[str, BookSettings]:
    """The tables [books.NAME] by name. Raises FixSettings, also for two books of one company."""
    books = root.table("books")
    if books is None:
        return {}
    found: dict[str, BookSettings] = {}
    companies: dict[tuple[str, ...], str] = {}
    for name in books.values:
        if not _BOOK_NAME.fullmatch(name):
            raise books.wrong(name, "a book's name has letters, digits, - and _ only, at most 60 of them")
        table = books.table(name)
        assert table is not None
        book = found[name] = _book(table, name, folder)
        company = _company(book)
        if company in companies:
            raise table.wrong(
                "connection",
                f"the books {companies[company]!r} and {name!r} are the same company in {book.connector}; "
                "its customers would be chased twice. Keep one of them",
            )
        if company:
            companies[company] = name
    return MappingProxyType(found)


def _book(table: Table, name: str, folder: Path) -> BookSettings:
    table.only(_BOOK_KEYS)
    return BookSettings(
        name=name,
        connector=_connector(table),
        policy=policy_file(table, folder),
        sending=cast(Sending, table.choice("sending", ("approve", "automatic")) or "approve"),
        sender=mailbox(table, "from", table.text("from", '"Acme Accounts <ar@acme.example>"')),
        reply_to=mailbox(table, "reply_to", table.maybe_text("reply_to")),
        timezone=timezone(table),
        notes=cast(NotesOn | None, table.choice("notes", ("invoice", "customer", "both", "none"))),
        language=_language(table),
        golive=cast(GoLive | None, table.choice("golive", ("start", "match", "skip"))),
        connection=_connection(table),
    )


def _connector(table: Table) -> str:
    from arsync.connector import registry  # late: the package brings the HTTP library

    name = table.text("connector", '"quickbooks"')
    installed = registry.names()
    if name not in installed:
        hint = nearest(name, installed)
        raise table.wrong(
            "connector", f"no connector {name!r} is installed; {hint}installed: {', '.join(installed)}"
        )
    return name


def policy_file(
    table: Table, folder: Path, *, without: str = "without this key the standard policy serves"
) -> Path | None:
    """The path of the file under the key ``policy``, which is there; ``without`` says what holds where
    the key is left out. Raises FixSettings."""
    text = table.maybe_text("policy")
    if text is None:
        return None
    path = folder / at_home(text, partial(table.wrong, "policy"))
    if not path.is_file():
        there = sorted(str(found.relative_to(folder)) for found in folder.glob("policies/*.toml"))
        hint = f"; there are: {', '.join(there)}" if there else ""
        raise table.wrong("policy", f"there is no file {path}{hint}; {without}")
    return path


def key_reference(table: Table) -> str | None:
    """The reference under the key ``key``. Raises FixSettings, never with what stands there."""
    if table.values.get("key") is None:
        return None
    _check_secret(table, "key", table.values["key"])
    return table.maybe_text("key")


def readable_on_its_way(scheme: str, host: str) -> bool:
    """Whether anybody between here and there can read what is sent there: plain http to another machine."""
    from arsync.mail.server import is_this_machine  # late: the package brings the mail library

    return scheme == "http" and not is_this_machine(host)


def mailbox(table: Table, key: str, text: Text) -> Text:
    """The mailbox under a key, as it stands there. Raises FixSettings."""
    from arsync.mail.addresses import parse_mailbox

    if text is not None:
        try:
            parse_mailbox(text)
        except ValueError as error:
            raise table.wrong(key, f'{error}; write "Name <name@domain>" or "name@domain"') from None
    return text


def _language(table: Table) -> str:
    text = table.maybe_text("language")
    if text is None or text == "en":
        return "en"
    from babel import Locale, UnknownLocaleError  # late: only for other languages

    try:
        return str(Locale.parse(text.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        problem = f"{text!r} is not a language; allowed: a code such as en, en_GB, de or fr_CA"
        raise table.wrong("language", problem) from None


def _connection(table: Table) -> Mapping[str, Any]:
    connection = table.table("connection")
    if connection is None:
        return MappingProxyType({})
    _refuse_literal_secrets(connection)
    values = dict(connection.values)
    if "server" in values:
        values["server"] = _server(connection)
    if "redirect_uri" in values:
        _check_redirect(connection)
    return MappingProxyType(values)


def _refuse_literal_secrets(table: Table) -> None:
    """Only the connector knows its secrets; a key that sounds like one is refused before it is asked."""
    for key, value in table.values.items():
        if isinstance(value, dict):
            _refuse_literal_secrets(Table(table.file, (*table.path, key), value))
        elif _SECRET_KEY.search(key) and isinstance(value, str):
            _check_secret(table, key, value)


def _check_secret(table: Table, key: str, value: Any) -> None:
    if not isinstance(value, str):
        raise table.mistyped(key, "a reference to a secret: env:NAME, file:PATH or keyring:SERVICE/NAME")
    try:
        check_reference(value)
    except FixSettings as error:
        raise table.wrong(key, error.problem) from None


def _server(table: Table) -> str:
    text = table.text("server", '"http://127.0.0.1:8001"')
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    allowed = "allowed: an address such as https://HOST:PORT, without a path"
    if "@" in text or "\\" in text or any(char <= " " for char in text):
        raise table.wrong("server", f"this is not the address of a server; {allowed}")
    if not host or port == 0 or parts.scheme not in ("http", "https"):
        raise table.wrong("server", f"{text!r} is not the address of a server; {allowed}")
    if parts.path not in ("", "/") or "?" in text or "#" in text:
        raise table.wrong("server", f"{text!r} has more than scheme, host and port; {allowed}")
    if readable_on_its_way(parts.scheme, host):
        raise table.wrong(
            "server",
            f"plain http would send tokens and the company's books readable over the network to {host}; "
            "use https, or http for this machine only (127.0.0.1, ::1, localhost)",
        )
    return text.rstrip("/")


def _check_redirect(table: Table) -> None:
    """The address that a consent's code is sent to: whoever reads the code on its way may use it."""
    text = table.text("redirect_uri", '"http://localhost:8722/callback"')
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    allowed = "allowed: https://..., or http://localhost:PORT/... where the browser runs on this machine"
    odd = "@" in text or "#" in text or "\\" in text
    if odd or not host or parts.scheme not in ("http", "https"):
        raise table.wrong("redirect_uri", f"this is not an address to be sent back to; {allowed}")
    if readable_on_its_way(parts.scheme, host):
        raise table.wrong(
            "redirect_uri",
            f"plain http would send the consent readable over the network to {host}; {allowed}",
        )


def _company(book: BookSettings) -> tuple[str, ...]:
    """What tells companies apart, or nothing where the connection does not say: by convention the keys
    `company` and `tenant`."""
    keys = [str(book.connection[key]).casefold() for key in ("company", "tenant") if key in book.connection]
    return (book.connector, str(book.connection.get("server")), *keys) if keys else ()


def neighbours(books: Iterable[BookSettings], name: str) -> dict[str, str]:
    """The addresses, in small letters, from which one other book than this writes, or to which its answers
    go: the book by the address. One that several books share is the practice's."""
    from arsync.mail.addresses import parse_mailbox

    users: dict[str, set[str]] = {}
    for book in books:
        for text in (book.sender, book.reply_to):
            if text is not None:
                users.setdefault(parse_mailbox(text).address.casefold(), set()).add(book.name)
    return {address: min(names) for address, names in users.items() if len(names) == 1 and name not in names}
