"""A new practice: a commented `arsync.toml`, the standard policy, and a folder for templates."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from arsync.errors import FixSettings
from arsync.practice import FILE, standard_policy

if TYPE_CHECKING:
    from arsync.connector.draft import Draft

_PRACTICE = """\
# The practice file of arsync. Lines that begin with # are comments: remove the # of those you need.
# Relative paths start at this folder. A mistake in here is told with its line and what is allowed.

[practice]
name = "{name}"
# The SQLite file that all books of this practice share:
#database = "arsync.db"
# The house policy, above those of all books: what a book's own policy leaves out is as it says there.
#policy = "policies/standard.toml"


# The mail server that letters are handed to.
# server: smtp+starttls://HOST:587 or smtps://HOST:465; smtp://HOST:25 is not encrypted.
# password: never the secret itself, but where it is found: env:NAME (an environment variable), file:PATH
# or keyring:SERVICE/NAME (needs: pip install "arsync[keyring]").
#[mail]
#server = "smtp+starttls://mail.example:587"
#username = "ar@hartley.example"
#password = "env:ARSYNC_SMTP_PASSWORD"


# Who is told when a book falls silent or fails. Without these lines nobody is.
#[alerts]
# A web address that gets a small JSON; where the address itself is a secret, a reference such as above:
#webhook = "https://hooks.example/T0/B1"
# Who gets a mail, through the mail server above:
#mail = "owner@hartley.example"
# A web address that is asked after each run in which all went well:
#heartbeat = "https://heartbeat.example/B1"


# A book is the ledger of one company. Give it a short name of letters, digits, - and _; it is what you
# type in commands, such as: arsync connect acme

# A book in QuickBooks Online:
#[books.acme]
#connector = "quickbooks"
#from = "Acme Accounts <ar@acme.example>"
# Where answers go, if not to the address above:
#reply_to = "ar@acme.example"
# When and how customers are reminded; without this line the standard policy serves:
#policy = "policies/standard.toml"
# "approve": each letter waits for `arsync approve`; "automatic": letters leave when they are due.
#sending = "approve"
# Nothing leaves a new book before `arsync golive acme` was confirmed; this line decides it beforehand:
#golive = "start"
# The calendar of the book; without this line the accounting system's own time zone:
#timezone = "Europe/London"
# Where a note of each letter is written: "invoice", "customer", "both" or "none".
#notes = "invoice"
# The language of dates and amounts, and of templates such as first-reminder.fr.txt:
#language = "en"

# What QuickBooks asks for: the realm id of the company, and the keys of your app from
# https://developer.intuit.com
#[books.acme.connection]
#company = "4620816365"
#client_id = "env:ACME_CLIENT_ID"
#client_secret = "env:ACME_CLIENT_SECRET"

# A book in Xero; the same lines as above may be added. The keys are those of your app from
# https://developer.xero.com
#[books.birch]
#connector = "xero"
#from = "Birch Accounts <ar@birch.example>"
#[books.birch.connection]
#tenant = "00000000-0000-0000-0000-000000000000"
#client_id = "env:BIRCH_CLIENT_ID"
#client_secret = "env:BIRCH_CLIENT_SECRET"

# A book of any other system, in a CSV or XLSX file: `arsync init --csv FILE` drafts its lines from the file.
"""

_DRAFTED = """\
[books.{book}]
connector = "{connector}"
# The sender of its letters; answers go there. Fill it in before the first letter leaves.
from = "accounts@company.example"
policy = "policies/standard.toml"
# "approve": each letter waits for `arsync approve`; "automatic": letters leave when they are due.
sending = "approve"
# Nothing leaves before `arsync golive {book}` was confirmed; this line decides it beforehand:
#golive = "start"
# The calendar of the book: the time zone that decides which day it is.
{timezone}
# The language of dates and amounts, and of templates such as first-reminder.fr.txt:
#language = "en"

[books.{book}.connection]
{connection}"""

_README = """\
Templates of this practice
==========================
A file here takes the place of the shipped template of the same name. To change a letter, copy its file
from the folder standard/ up into this one and edit the copy; the folder standard/ itself is never read.

NAME.txt           the first line is the subject, the rest the letter
NAME.html          optional: the HTML of the letter; without it HTML is made from NAME.txt
NAME.fr.txt        the same in a language: fr, fr_CA, de ...

A step of the policy names its template; without one it is the step's name with hyphens for spaces.
The language of templates is Jinja2, in a sandbox: {{{{ customer }}}} writes a field, and what stands
between {{% if unapplied %}} and {{% endif %}} is written only where that field is not empty.

Fields
------
{fields}

Of an invoice in "invoices"
---------------------------
{invoice_fields}
"""


def drafted_book(connector: str, draft: Draft) -> str:
    """The tables of a drafted book, as they are to stand in a practice file."""
    from tzlocal import get_localzone_name

    zone = get_localzone_name()
    return _DRAFTED.format(
        book=draft.book,
        connector=connector,
        timezone=f'timezone = "{zone}"' if zone else '#timezone = "Europe/London"',
        connection=draft.connection,
    )


def write_practice(folder: Path, books: str = "") -> list[Path]:
    """Write a new practice into a folder, made where it is missing, and tell the files written.

    ``books`` are tables of books to go into its practice file. Raises FixSettings, before anything is
    written, where one of the files is there already.
    """
    texts = {folder / name: text for name, text in _texts(folder, books).items()}
    there = [path for path in texts if path.exists() or path.is_symlink()]
    if there:
        raise FixSettings(f"{there[0]} is there already; nothing was written. Name another folder")
    written: list[Path] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise FixSettings(
            f"nothing was written: {error.strerror}", where=str(error.filename or folder)
        ) from None
    return written


def _texts(folder: Path, books: str) -> dict[str, str]:
    """The files by their path; the practice file comes last, for it makes the folder a practice."""
    from arsync.writing.fields import FIELDS, INVOICE_FIELDS

    readme = _README.format(fields=_listed(FIELDS), invoice_fields=_listed(INVOICE_FIELDS))
    texts = {"policies/standard.toml": standard_policy(), "templates/README.txt": readme}
    for file in sorted((files("arsync") / "standard" / "templates").iterdir(), key=lambda each: each.name):
        texts[f"templates/standard/{file.name}"] = file.read_text("utf-8")
    name = folder.absolute().name
    plain = name if re.fullmatch(r"[\w&.,()' -]{1,60}", name) and name.strip() else "My practice"
    practice = _PRACTICE.replace("{name}", plain) + (f"\n\n{books}" if books else "")
    return {**texts, FILE: practice}


def _listed(fields: dict[str, str]) -> str:
    width = max(map(len, fields))
    return "\n".join(f"{name.ljust(width)}  {meaning}" for name, meaning in fields.items())
