"""The folder of sent mail on an IMAP server: it may prove that a message left, and never that it did not.

Nothing is changed in it: it is opened read-only (EXAMINE) and headers are only peeked at.
"""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from enum import Enum
from urllib.parse import unquote

from arsync.errors import ArsyncError, TryLater
from arsync.mail.server import is_this_machine, place_of
from arsync.mail.unreachable import FAULTS, why
from arsync.plain_text import one_line

ALLOWED = "imaps://HOST/FOLDER or imap+starttls://HOST/FOLDER (imap:// only to this machine)"
# What all questions of one visit may take together; what is not reached by then stays in doubt.
VISIT_SECONDS = 120.0
_HOST = re.compile(r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+")
_ID = re.compile(r'<[^<>\s"\\]+>')


class Protection(Enum):
    """How the connection is protected; the value is the scheme of the folder's URL."""

    TLS = "imaps"
    STARTTLS = "imap+starttls"
    PLAIN = "imap"

    @property
    def default_port(self) -> int:
        return 993 if self is Protection.TLS else 143


class SentFolderUnavailable(TryLater):
    """The folder of sent mail cannot be reached or read now. Nothing is proved by that."""


class SentFolderRefused(ArsyncError):
    """The IMAP server does not accept the user name and password, or does not have the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFolder:
    """A folder on an IMAP server, by its name as people see it. ``timeout`` is seconds for each answer."""

    protection: Protection
    host: str
    port: int
    name: str
    username: str
    password: str = field(repr=False)
    timeout: float = 20.0
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False, compare=False)
    """Default: the system's trusted authorities, certificate and host name verified."""

    @property
    def place(self) -> str:
        """Host and port, for messages to people."""
        return place_of(self.host, self.port)


def parse_sent_folder(
    url: str,
    *,
    username: str | None,
    password: str | None,
    ssl_context: ssl.SSLContext | None = None,
) -> SentFolder:
    """The folder a URL names: `imaps://mail.example/Sent Items`; without a port 993, or 143 for STARTTLS.

    What stands behind % is read as in every URL. Raises ValueError naming what is allowed. Its text does not
    repeat a URL with an @ before the folder, which may hold a password.
    """
    scheme, _, rest = url.partition("://")
    place, _, folder = rest.partition("/")
    if "@" in place:
        raise ValueError(f"a sent folder is {ALLOWED}; user name and password do not belong into its URL")
    problem = f"{url!r} is not a sent folder: write {ALLOWED}"
    host, _, port = place.rpartition(":") if re.search(r":\d*$", place) else (place, "", "")
    name = unquote(folder)
    try:
        protection = Protection(scheme)
        number = int(port or protection.default_port)
    except ValueError:
        raise ValueError(problem) from None
    if not _HOST.fullmatch(host) or not 0 < number < 65536 or not name.strip() or not name.isprintable():
        raise ValueError(problem)
    host = host.strip("[]")
    if protection is Protection.PLAIN and not is_this_machine(host):
        raise ValueError(
            f"imap:// would send the password for {host} over the network unencrypted; use imaps://"
        )
    if username is None or password is None:
        raise ValueError(
            f"the login at {host} needs a user name and a password (sent_username, sent_password)"
        )
    return SentFolder(
        protection=protection,
        host=host,
        port=number,
        name=name,
        username=username,
        password=password,
        ssl_context=ssl_context,
    )


def copies(folder: SentFolder, message_ids: Collection[str]) -> frozenset[str]:
    """Those of these Message-IDs (with their angle brackets) of which the folder has a copy.

    One that is missing proves nothing: not every server keeps what is sent. Raises SentFolderUnavailable or
    SentFolderRefused; their texts never hold the password.
    """
    ids = [it for it in message_ids if _ID.fullmatch(it)]
    if not ids:
        return frozenset()
    found = set()
    until = time.monotonic() + VISIT_SECONDS
    with _explained(folder), _opened(folder) as client:
        for id_ in ids:
            if time.monotonic() > until:
                break
            if _has(client, id_):
                found.add(id_)
    return frozenset(found)


def look(folder: SentFolder) -> None:
    """Log in and open the folder as ``copies`` does, whose errors it raises."""
    with _explained(folder), _opened(folder):
        pass


def _has(client: imaplib.IMAP4, message_id: str) -> bool:
    """Servers search for parts of a header and in any case, and some search loosely: what they find is
    looked at."""
    answer, numbers = client.uid("SEARCH", "HEADER", "Message-ID", f'"{message_id}"')
    _expect(answer, numbers)
    for uid in b" ".join(it for it in numbers if isinstance(it, bytes)).split()[:50]:
        answer, parts = client.uid("FETCH", uid.decode("ascii"), "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
        _expect(answer, parts)
        for part in parts:
            if isinstance(part, tuple) and _message_id(part[1]) == message_id:
                return True
    return False


def _message_id(header: bytes) -> str:
    return str(message_from_bytes(header, policy=policy.compat32).get("Message-ID", "")).strip()


@contextmanager
def _opened(folder: SentFolder) -> Iterator[imaplib.IMAP4]:
    """A connection that is encrypted and logged in as the folder says, with the folder open for reading."""
    client = _connected(folder)
    try:
        _log_in(client, folder)
        answer, data = client.select(_quoted(folder.name), readonly=True)
        if answer != "OK":
            words = _words(data, folder)
            raise SentFolderRefused(f"the server {folder.place} has no folder {folder.name!r}: {words}")
        yield client
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            client.logout()
        with suppress(OSError):
            client.shutdown()


def _connected(folder: SentFolder) -> imaplib.IMAP4:
    context = folder.ssl_context or ssl.create_default_context()
    if folder.protection is Protection.TLS:
        return imaplib.IMAP4_SSL(folder.host, folder.port, ssl_context=context, timeout=folder.timeout)
    client = imaplib.IMAP4(folder.host, folder.port, timeout=folder.timeout)
    if folder.protection is Protection.STARTTLS:
        try:
            client.starttls(context)
        except BaseException:
            with suppress(OSError):
                client.shutdown()
            raise
    return client


def _log_in(client: imaplib.IMAP4, folder: SentFolder) -> None:
    """By LOGIN; where it cannot say the name or the password as it stands, by AUTHENTICATE PLAIN in UTF-8.
    Of the two imaplib quotes the password alone, and a name with a space would be two."""
    try:
        if folder.password.isascii() and re.fullmatch(r"[A-Za-z0-9.@_+-]+", folder.username):
            client.login(folder.username, folder.password)
        else:
            client.authenticate("PLAIN", lambda _: _plain_login(folder))
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        refusal = _without_secrets(_said(error), folder)
        raise SentFolderRefused(
            one_line(f"the server {folder.place} refuses the login of {folder.username}: {refusal}")
        ) from None


def _plain_login(folder: SentFolder) -> bytes:
    return f"\0{folder.username}\0{folder.password}".encode()


def _quoted(name: str) -> str:
    """The folder's name as IMAP says it: modified UTF-7 (RFC 3501, section 5.1.3), in quotation marks."""
    coded = re.sub(r"[^ -~]+|&", _shifted, name)
    return '"' + coded.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _shifted(found: re.Match[str]) -> str:
    text = found[0]
    if text == "&":
        return "&-"
    return "&" + base64.b64encode(text.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"


def _expect(answer: str, data: Sequence[object]) -> None:
    if answer != "OK":
        raise imaplib.IMAP4.error(_text(data))


@contextmanager
def _explained(folder: SentFolder) -> Iterator[None]:
    """Gives every way in which it cannot be read its reason."""
    try:
        yield
    except FAULTS as error:
        reason = why(error, missing="answer", seconds=folder.timeout)
    except imaplib.IMAP4.error as error:
        reason = _without_secrets(_said(error), folder) or "it ended the connection"
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it does not answer as an IMAP server"
    else:
        return
    raise SentFolderUnavailable(
        one_line(f"the sent folder at {folder.place} cannot be read: {reason}")
    ) from None


def _words(data: Sequence[object], folder: SentFolder) -> str:
    return one_line(_without_secrets(_text(data), folder))


def _text(data: Sequence[object]) -> str:
    return " ".join(it.decode("utf-8", "replace") for it in data if isinstance(it, bytes))


def _said(error: imaplib.IMAP4.error) -> str:
    """What the server answered, as far as the standard library tells."""
    text = error.args[0] if error.args else ""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _without_secrets(text: str, folder: SentFolder) -> str:
    """Servers may repeat the command they refuse, with the password in it; the standard library shows an
    answer with its special characters escaped once more."""
    quoted = folder.password.replace("\\", "\\\\").replace('"', '\\"')
    forms = {folder.password, quoted, base64.b64encode(_plain_login(folder)).decode()}
    forms |= {repr(form.encode())[2:-1] for form in forms}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "***")
    return text
