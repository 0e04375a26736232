"""Commands about agreements: agree, agreements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from arsync.cli.agreement_words import agreement_shape, conceded_shape, made_words, row, settled_words
from arsync.cli.books import (
    amount_option,
    books_argument,
    day_option,
    json_option,
    open_desk,
    practice_option,
)
from arsync.cli.saying import clean, table, tell, tell_json
from arsync.cli.shapes import count
from arsync.errors import FixSettings
from arsync.money import plain
from arsync.policy.agreements import interval
from arsync.policy.model import Instalment
from arsync.runs import agreements as deals
from arsync.runs.book import Book
from arsync.runs.people import login_name
from arsync.store import Claim
from arsync.store.agreements import Conceded, KeptAgreement, conceded_before
from arsync.store.agreements import agreements as kept_agreements

OVER = ("kept", "broken", "ended")


@click.command()
@click.argument("book")
@click.argument("what", nargs=-1, metavar="[WHAT]...")
@click.option("--instalments", type=click.IntRange(1, 600), metavar="N", help="So many equal instalments.")
@click.option("--first", metavar="DATE", help="The day of the first of them.")
@click.option("--every", metavar="INTERVAL", help="What lies between: '1 month' (the default), '2 weeks' ...")
@click.option("--last", metavar="DATE", help="Where the last has to fall, to be sure.")
@click.option(
    "--instalment", "explicit", multiple=True, metavar="'100.00 GBP on DATE'", help="One of them; repeat it."
)
@click.option(
    "--grace", type=click.IntRange(0, 365), help="Days an instalment may be late before it is asked for."
)
@click.option("--broken-after", type=click.IntRange(1, 3650), help="Days late that break the plan (14).")
@click.option("--settle", metavar="'800.00 GBP'", help="Propose that so much settles all of it.")
@click.option("--until", metavar="DATE", help="The last day on which that is enough.")
@click.option("--currency", metavar="CODE", help="Which debts, where they are in several currencies.")
@click.option(
    "--approve", metavar="ID", help="Let a proposed settlement come into force; --owner says who does."
)
@click.option("--end", metavar="ID", help="Take an agreement back; the chase goes on where it stood.")
@click.option("--note", default="", metavar="TEXT", help="A few words on why.")
@click.option("--owner", default="", metavar="NAME", help="Who deals with it; else who is logged in.")
@practice_option
@click.pass_context
def agree(
    ctx: click.Context, /, book: str, what: tuple[str, ...], practice: Path | None, **given: Any
) -> None:
    """Agree on instalments for WHAT, or propose a settlement: one or more invoices of a customer by number
    or id, or a customer by name or id with all it owes.

    The chase follows the agreement: it asks for the instalment that is due and for nothing else. A
    settlement holds nothing before it is approved.
    """
    given = {key: value for key, value in given.items() if value not in (None, "", ())}
    wanted = [way for way, keys in WAYS.items() if keys & given.keys()]
    if len(wanted) != 1:
        raise FixSettings("say one of --instalments, --instalment, --settle, --approve and --end")
    if extra := given.keys() - WAYS[wanted[0]] - ALLOWED[wanted[0]]:
        names = " and ".join(sorted(f"--{key.replace('_', '-')}" for key in extra))
        raise FixSettings(f"{names} cannot stand beside --{wanted[0]}")
    if bool(what) != (wanted[0] not in ("approve", "end")):
        raise FixSettings(
            f"--{wanted[0]} names the agreement by its id alone" if what else "say which invoices or customer"
        )
    given["note"] = clean(given.get("note", ""), 500)
    if "owner" in given or wanted[0] != "approve":
        given["owner"] = clean(given.get("owner") or login_name())
    with open_desk(ctx, practice) as desk:
        opened = desk.one(book, "agree", letters=False)
        _DOING[wanted[0]](opened, what, given)


WAYS = {
    "instalments": {"instalments"},
    "instalment": {"explicit"},
    "settle": {"settle"},
    "approve": {"approve"},
    "end": {"end"},
}
_PLAN = {"grace", "broken_after", "currency", "note", "owner"}
ALLOWED = {
    "instalments": {"first", "every", "last"} | _PLAN,
    "instalment": _PLAN,
    "settle": {"until", "note", "owner", "currency"},
    "approve": {"owner"},
    "end": {"note"},
}


def _equal(book: Book, what: tuple[str, ...], given: dict[str, Any]) -> None:
    first = day_option(given.get("first"), "--first")
    if first is None:
        raise FixSettings("say on which day the first one is due", where="--first")
    try:
        every = interval(given.get("every", "1 month"))
    except ValueError as error:
        raise FixSettings(str(error), where="--every") from None
    last = day_option(given.get("last"), "--last")
    schedule = deals.Schedule(given["instalments"], first, every, last)
    _instalments(book, what, given, deals.equal(schedule), given.get("currency"))


def _explicit(book: Book, what: tuple[str, ...], given: dict[str, Any]) -> None:
    parts: list[Instalment] = []
    currencies: set[str] = set()
    for text in given["explicit"]:
        amount, word, day = text.partition(" on ")
        units, currency = amount_option(amount, "--instalment")
        assert units is not None
        if not word:
            raise FixSettings(
                f"{text!r} names no day, as '100.00 GBP on 2026-12-01' does", where="--instalment"
            )
        parts.append(Instalment(day_option(day.strip(), "--instalment"), units))
        currencies.add(currency)
    if len(currencies | {given.get("currency", currency)}) > 1:
        raise FixSettings("all instalments have to be in one currency", where="--instalment")
    _instalments(book, what, given, lambda _: tuple(parts), currency)


def _instalments(
    book: Book, what: tuple[str, ...], given: dict[str, Any], parts: Any, currency: str | None
) -> None:
    made = deals.agree_instalments(
        book,
        what,
        parts,
        currency=currency,
        grace=given.get("grace", 0),
        broken_after=given.get("broken_after", 14),
        note=given["note"],
        owner=given["owner"],
    )
    for line in made_words(made.kept):
        tell(line)


def _settle(book: Book, what: tuple[str, ...], given: dict[str, Any]) -> None:
    amount, currency = amount_option(given["settle"], "--settle")
    assert amount is not None
    until = day_option(given.get("until"), "--until")
    if until is None:
        raise FixSettings("say up to which day that is enough", where="--until")
    if given.get("currency", currency) != currency:
        raise FixSettings(f"the amount is in {currency}", where="--currency")
    note, owner = given["note"], given["owner"]
    made = deals.propose_settlement(
        book, what, amount=amount, currency=currency, until=until, note=note, owner=owner
    )
    for line in made_words(made.kept):
        tell(line)
    for before in made.before or ():
        tell(_conceded_words(before) + " before")
    if not made.before:
        tell("nothing was conceded to this customer before")
    tell(f"it holds nothing yet: `arsync agree {book.name} --approve {made.kept.agreement.id} --owner NAME`")


def _approve(book: Book, what: tuple[str, ...], given: dict[str, Any]) -> None:  # noqa: ARG001
    for line in settled_words(deals.approve(book, given["approve"], given.get("owner", ""))):
        tell(line)


def _end(book: Book, what: tuple[str, ...], given: dict[str, Any]) -> None:  # noqa: ARG001
    ended = deals.end(book, given["end"], given["note"])
    tell(
        f"{ended.agreement.id} ({ended.agreement.kind} of {clean(ended.customer_name)}) is ended; "
        "the chase goes on where it stood"
    )


_DOING = {"instalments": _equal, "instalment": _explicit, "settle": _settle, "approve": _approve, "end": _end}


@click.command()
@books_argument
@click.option("--all", "everything", is_flag=True, help="Those too that were kept, broken or ended.")
@json_option
@practice_option
@click.pass_context
def agreements(
    ctx: click.Context, books: tuple[str, ...], everything: bool, as_json: bool, practice: Path | None
) -> None:
    """List agreements with what was paid and what comes next, and what was conceded to customers so far."""

    def work(book: Book, _: Claim | None) -> dict[str, Any]:
        known = kept_agreements(book.store, book.name, book.today)
        shown = [it for it in known if everything or it.state not in OVER]
        before = conceded_before(book.store, book.name)
        names = {it.agreement.customer_id: it.customer_name for it in known}
        if not as_json:
            _tell_agreements(book, shown, before, names)
        return {
            "book": book.name,
            "agreements": [agreement_shape(it, book.today) for it in shown],
            "conceded": [conceded_shape(it, names) for it in before],
        }

    with open_desk(ctx, practice) as desk:
        found, status = desk.each(books, "agreements", work)
    if as_json:
        tell_json(found)
    ctx.exit(status)


def _tell_agreements(
    book: Book, shown: list[KeptAgreement], before: list[Conceded], names: dict[str, str]
) -> None:
    tell(f"{book.name}: {count(len(shown), 'agreement')}")
    if shown:
        headings = [
            "id",
            "kind",
            "state",
            "customer",
            "invoices",
            "owed then",
            "paid",
            "left",
            "currency",
            "next",
        ]
        table(headings, [row(it, book.today) for it in shown], right=(5, 6, 7))
    for it in before:
        tell(f"  {clean(names[it.customer_id])}: {_conceded_words(it)} so far")


def _conceded_words(it: Conceded) -> str:
    return f"{count(it.times, it.kind)}, {plain(it.amount, it.currency)} {it.currency} conceded"
