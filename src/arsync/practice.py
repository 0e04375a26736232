"""The practice file `arsync.toml`: found, read, and frozen as settings.

Whatever is wrong in it raises FixSettings with file, line, key and what is allowed; a secret is never
repeated. Nothing is opened here but the files themselves.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from arsync import secret_references
from arsync.errors import FixSettings
from arsync.files import Table, Toml, nearest, parse_toml, read_text
from arsync.home_paths import at_home
from arsync.policy.rules import Policy
from arsync.practice_alerts import AlertSettings, check_address, read_alerts
from arsync.practice_books import (
    BookSettings,
    MailSettings,
    key_reference,
    policy_file,
    read_books,
    read_mail,
)

if TYPE_CHECKING:
    from arsync.connector.settings import ConnectionSettings
    from arsync.mail.sent_folder import SentFolder
    from arsync.mail.server import MailServer
    from arsync.store.keys import Key

FILE = "arsync.toml"
VARIABLE = "ARSYNC_PRACTICE"


class Practice(msgspec.Struct, frozen=True, kw_only=True):
    """One installation: a folder with its settings. Paths are absolute. ``policy`` is the file of the
    house policy, which every book inherits; None where there is none. ``key`` refers to the key that
    tokens are encrypted with; None for the file that arsync makes. ``may_mention`` are texts that letters
    may say although a customer bears them too."""

    name: str
    folder: Path
    database: Path
    policy: Path | None = None
    key: str | None = None
    may_mention: tuple[str, ...] = ()
    mail: MailSettings | None
    alerts: AlertSettings = AlertSettings()
    books: Mapping[str, BookSettings]
    file: Toml

    @property
    def templates(self) -> Path:
        """The folder of the practice's own templates; it need not exist."""
        return self.folder / "templates"

    def where(self, *path: str | int) -> str:
        """File and line of a key: `where("books", "acme", "from")`."""
        return self.file.where(path)

    def chosen(self, names: Iterable[str]) -> list[BookSettings]:
        """The books of these names, each once, or all books for none. Raises FixSettings."""
        if not self.books:
            raise FixSettings("there is no book yet; add one under [books.NAME]", where=self.where())
        wanted = list(dict.fromkeys(names)) or list(self.books)
        for name in wanted:
            if name not in self.books:
                hint = nearest(name, self.books)
                raise FixSettings(
                    f"there is no book {name!r}; {hint}books: {', '.join(self.books)}",
                    where=self.where("books"),
                )
        return [self.books[name] for name in wanted]


def find_practice(option: Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """The folder of the practice: `--practice DIR`, else `$ARSYNC_PRACTICE`, else the working folder.

    Raises FixSettings saying what to do where no `arsync.toml` is in it.
    """
    named = option if option is not None else Path(environ[VARIABLE]) if environ.get(VARIABLE) else None
    source = "--practice" if option is not None else f"${VARIABLE}" if named is not None else None
    folder = cwd / (at_home(named, partial(FixSettings, where=source)) if named is not None else "")
    if folder.is_file():
        raise FixSettings(f"{folder} is a file; name the folder it is in: {folder.parent}", where=source)
    if not folder.is_dir():
        raise FixSettings(f"there is no folder {folder}", where=source)
    if (folder / FILE).is_dir():
        raise FixSettings(
            f"{folder / FILE} is a folder and not the practice file; move it away", where=source
        )
    if not (folder / FILE).is_file():
        raise FixSettings(
            f"there is no {FILE} in {folder}; `arsync init {folder}` writes one, or name the "
            f"practice's folder with --practice DIR or in the environment variable {VARIABLE}",
            where=source,
        )
    return folder


def load_practice(folder: Path) -> Practice:
    """The settings of the practice in this folder. Raises FixSettings."""
    folder = folder.absolute()
    path = folder / FILE
    file = parse_toml(read_text(path), str(path))
    root = Table(file)
    root.only(("practice", "mail", "alerts", "books"))
    head = root.table("practice")
    if head is None:
        raise root.wrong("practice", 'this table is missing; write: [practice] and below it name = "..."')
    head.only(("name", "database", "key", "policy", "may_mention"))
    without = "without this key there is no house policy"
    return Practice(
        name=head.text("name", '"Hartley & Co"'),
        folder=folder,
        database=folder
        / at_home(head.maybe_text("database") or "arsync.db", partial(head.wrong, "database")),
        policy=policy_file(head, folder, without=without),
        key=key_reference(head),
        may_mention=tuple(head.texts("may_mention", '["Hart Collections", "1040 Main Street"]') or ()),
        mail=read_mail(root),
        alerts=read_alerts(root),
        books=read_books(root, folder),
        file=file,
    )


def load_house_policy(practice: Practice) -> Policy | None:
    """The policy that every book of the practice inherits, if it has one. Raises FixSettings."""
    return None if practice.policy is None else read_policy(practice.policy)


def load_book_policy(practice: Practice, book: BookSettings) -> Policy:
    """The policy of a book over the house policy; where it has none of its own, that; where there is
    neither, the standard one that ships. Raises FixSettings."""
    house = load_house_policy(practice)
    if book.policy is not None and book.policy != practice.policy:
        policy = read_policy(book.policy, house)
        if house is None and policy.locked:
            raise FixSettings(
                "only the house policy locks keys; name it in the practice file, [practice] policy",
                where=policy.sources["locked"],
                key="locked",
            )
        return policy
    if house is not None:
        return msgspec.structs.replace(house, inherited=frozenset(house.sources))
    return read_standard_policy()


def read_policy(path: Path, house: Policy | None = None) -> Policy:
    """The policy of a file, its addresses checked as those of letters are. Raises FixSettings."""
    from arsync.mail.addresses import check_address
    from arsync.policy.load import load_policy

    return load_policy(read_text(path), str(path), house, address=check_address)


def read_standard_policy() -> Policy:
    """The policy that ships; what it says counts as built in."""
    from arsync.policy.load import load_policy

    return msgspec.structs.replace(load_policy(standard_policy(), "standard.toml"), sources={})


def standard_policy() -> str:
    """The text of the policy file that ships."""
    from importlib.resources import files

    return (files("arsync") / "standard" / "policies" / "standard.toml").read_text("utf-8")


def connection_settings(
    practice: Practice, book: BookSettings, environ: Mapping[str, str] = os.environ
) -> ConnectionSettings:
    """What the connector of a book reads its settings from; secrets are resolved as they are read."""
    from arsync.connector.settings import ConnectionSettings  # late: it brings the HTTP library

    place = ("books", book.name, "connection")

    def where(key: str | None) -> str:
        return practice.where(*place, *(key.split(".") if key else ()))

    def reveal(key: str, reference: str) -> str:
        return _revealed(practice, (*place, key.rpartition(".")[2]), reference, environ)

    return ConnectionSettings(book.name, book.connection, where=where, reveal=reveal, folder=practice.folder)


def mail_server(practice: Practice, environ: Mapping[str, str] = os.environ) -> MailServer:
    """The mail server with its password revealed. Raises FixSettings, also where no server is set."""
    from arsync.mail.server import parse_server

    mail = practice.mail
    if mail is None:
        raise FixSettings(
            'no mail server is set; write [mail] and below it server = "smtp+starttls://HOST:587"',
            where=practice.where(),
        )
    password = mail.password and _revealed(practice, ("mail", "password"), mail.password, environ)
    return parse_server(mail.server, username=mail.username, password=password)


def sent_folder(practice: Practice, environ: Mapping[str, str] = os.environ) -> SentFolder | None:
    """The folder of sent mail with its password revealed; None where none is set. Raises FixSettings."""
    from arsync.mail.sent_folder import parse_sent_folder

    mail = practice.mail
    if mail is None or mail.sent_folder is None:
        return None
    own = mail.sent_password is not None
    reference = mail.sent_password or mail.password
    path = ("mail", "sent_password" if own else "password")
    password = reference and _revealed(practice, path, reference, environ)
    name = mail.sent_username if own else mail.username
    return parse_sent_folder(mail.sent_folder, username=name, password=password)


def alert_address(
    practice: Practice, key: Literal["webhook", "heartbeat"], environ: Mapping[str, str] = os.environ
) -> str | None:
    """The web address under this key of [alerts], revealed; None where there is none. Raises FixSettings."""
    text: str | None = getattr(practice.alerts, key)
    if text is None or text.startswith(("https:", "http:")):
        return text
    path = ("alerts", key)
    try:
        return check_address(_revealed(practice, path, text, environ))
    except FixSettings as error:
        raise FixSettings(error.problem, where=practice.where(*path), key=".".join(path)) from None


def token_key(practice: Practice, environ: Mapping[str, str] = os.environ) -> Key:
    """Where the key is that the tokens of all books are encrypted with. Nothing is read yet."""
    from arsync.store.keys import FILE as KEY_FILE
    from arsync.store.keys import KeyFile, KeyReference

    if practice.key is None:
        return KeyFile(practice.folder / KEY_FILE)
    where = practice.where("practice", "key")
    return KeyReference(
        practice.key,
        practice.folder,
        environ,
        wrong=lambda problem: FixSettings(problem, where=where, key="practice.key"),
    )


def _revealed(practice: Practice, path: tuple[str, ...], reference: str, environ: Mapping[str, str]) -> str:
    try:
        return secret_references.reveal(reference, practice.folder, environ)
    except FixSettings as error:
        raise FixSettings(error.problem, where=practice.where(*path), key=".".join(path)) from None
