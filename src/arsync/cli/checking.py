"""The command check: a doctor, who changes nothing and says what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from arsync.cli.books import Desk, books_argument, json_option, open_desk, practice_option
from arsync.cli.saying import clean, tell, tell_json
from arsync.cli.shapes import count
from arsync.errors import FixSettings
from arsync.practice import mail_server, sent_folder
from arsync.runs import check as doctor
from arsync.runs.book import Book
from arsync.runs.check import Checked

_MARKS = {
    "ok": ("ok", "green"),
    "remark": ("remark", "yellow"),
    "unknown": ("?", "yellow"),
    "wrong": ("WRONG", "red"),
}


@click.command()
@books_argument
@click.option(
    "--nameserver",
    metavar="ADDRESS",
    help="Ask this name server for SPF, DKIM and DMARC, not the system's own.",
)
@json_option
@practice_option
@click.pass_context
def check(
    ctx: click.Context,
    books: tuple[str, ...],
    nameserver: str | None,
    as_json: bool,
    practice: Path | None,
) -> None:
    """Examine settings, access and scopes, mail and the From domains, clock and policies, and say what to do.

    Asks the accounting systems, the mail server and the name service; no letter is sent and nothing is
    changed. Exit status: 0 nothing is wrong, 1 something is, 2 a setting has to be mended.
    """
    with open_desk(ctx, practice) as desk:
        found = [*_practice(desk), *_books(desk, books, nameserver)]
    found = [replace(it, said=it.said.replace(f"{desk.practice.folder}/", "")) for it in found]
    if as_json:
        tell_json([_shape(it) for it in found])
    else:
        _tell(found)
    ctx.exit(doctor.exit_status(found))


def _practice(desk: Desk) -> list[Checked]:
    settings = desk.practice
    said = f"{settings.name}: {count(len(settings.books), 'book')}"
    found = [Checked(what="arsync.toml", verdict="ok", said=said), doctor.check_database(desk.store)]
    try:
        found.append(doctor.check_mail(mail_server(settings)))
    except FixSettings as error:
        found.append(Checked(what="mail server", verdict="wrong", said=str(error), settings=True))
    try:
        folder = sent_folder(settings)
    except FixSettings as error:
        found.append(Checked(what="sent folder", verdict="wrong", said=str(error), settings=True))
    else:
        found += [] if folder is None else [doctor.check_sent_folder(folder)]
    return found


def _books(desk: Desk, names: Sequence[str], nameserver: str | None) -> list[Checked]:
    opened: list[Book] = []
    found: list[Checked] = []
    for settings in desk.practice.chosen(names):
        try:
            opened.append(desk.one(settings.name, "check"))
        except FixSettings as error:
            found.append(doctor.unusable(settings.name, error))
    texts = _lookup(nameserver)
    mail = desk.practice.mail
    selector = mail.dkim_selector if mail else None
    for domain in dict.fromkeys(doctor.sender_domain(book) for book in opened):
        found += doctor.check_domain(domain, texts, selector)
    for book in opened:
        found += doctor.check_book(book, zone_chosen=desk.practice.books[book.name].timezone is not None)
    return found


def _lookup(nameserver: str | None) -> Any:
    from arsync.mail.domain_lookup import Lookup  # late: it loads the library for the name service

    try:
        return Lookup(nameserver)
    except ValueError as error:
        raise FixSettings(f"{error}; allowed: ADDRESS or ADDRESS:PORT", where="--nameserver") from None


def _tell(found: Sequence[Checked]) -> None:
    """What concerns the practice first, then book by book; what is wrong stands out."""
    for book in dict.fromkeys(["", *(it.book for it in found)]):
        tell(book or "practice")
        for it in (it for it in found if it.book == book):
            mark, colour = _MARKS[it.verdict]
            lead = click.style(f"{mark:<7}", fg=colour)
            click.echo(f"  {lead} {clean(it.what, 80)}: {clean(it.said, 400)}")
            if it.do:
                tell(f"          -> {clean(it.do, 400)}")
    wrong = sum(1 for it in found if it.verdict == "wrong")
    rest = sum(1 for it in found if it.verdict in ("remark", "unknown"))
    tell()
    tell(
        f"{count(wrong, 'thing')} to mend, {rest} to look at"
        if wrong
        else f"nothing is wrong; {rest} to look at"
    )


def _shape(it: Checked) -> dict[str, Any]:
    return {
        "book": it.book or None,
        "what": it.what,
        "verdict": it.verdict,
        "said": it.said,
        "do": it.do or None,
    }
