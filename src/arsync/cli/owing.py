"""Commands on what is owed: aging, statement, reconcile."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from arsync.cli import shapes
from arsync.cli.books import (
    books_argument,
    day_option,
    json_option,
    open_desk,
    practice_option,
    warn_incomplete,
)
from arsync.cli.saying import clean, say, table, tell, tell_json
from arsync.cli.shapes import count
from arsync.ledger import BUCKETS, AgingRow
from arsync.money import plain
from arsync.runs import aged
from arsync.runs.book import Book
from arsync.runs.reconcile import ReconcileReport
from arsync.runs.reconcile import reconcile as compare
from arsync.runs.statement import Statement
from arsync.runs.statement import statement as draw_up
from arsync.store import Claim
from arsync.store.aging import InvoiceAging

as_of_option = click.option(
    "--as-of", "as_of", metavar="DATE", help="The day to look at, past or to come; today when left out."
)
past_option = click.option(
    "--as-of", "as_of", metavar="DATE", help="A past day to look at; today when left out."
)
_INVOICE_HEADINGS = ["customer", "invoice", "issued", "due", "days", "bucket", "currency", "total", "open"]


@click.command()
@books_argument
@as_of_option
@click.option(
    "--by", type=click.Choice(["customer", "invoice", "book"]), default="customer", show_default=True
)
@click.option(
    "--home", is_flag=True, help="The whole book converted to its home currency, by its documents' rates."
)
@json_option
@practice_option
@click.pass_context
def aging(
    ctx: click.Context,
    books: tuple[str, ...],
    as_of: str | None,
    by: str,
    home: bool,
    as_json: bool,
    practice: Path | None,
) -> None:
    """Show the aged receivables, per currency and never added across currencies.

    A past day shows what stood at its end. --home alone converts, and says so.
    """
    told = ctx.get_parameter_source("by") is not click.core.ParameterSource.DEFAULT
    if home and told and by != "book":
        raise click.UsageError(f"--home converts a whole book; it does not go with --by {by}")
    day = day_option(as_of, "--as-of")
    shown: list[dict[str, Any]] = []

    def work(book: Book, _: Claim | None) -> None:
        as_of_day = day or book.today
        warning = aged.past_day(book, as_of_day)
        warn_incomplete(book)
        if warning:
            say(f"{book.name}: {warning}")
        show = _home if home else {"customer": _customers, "book": _sums, "invoice": _invoices}[by]
        shown.extend(show(book, as_of_day, as_json))

    with open_desk(ctx, practice) as desk:
        _, status = desk.each(books, "aging", work)
    if as_json:
        tell_json(shown)
    ctx.exit(status)


def _customers(book: Book, day: date, as_json: bool) -> list[dict[str, Any]]:
    rows = aged.by_customer(book, day)
    if not as_json:
        _tell_aging(f"{book.name}: aged receivables as of {day}", [(row.name, row.balance) for row in rows])
    return [shapes.customer_aging(book.name, day, row) for row in rows]


def _sums(book: Book, day: date, as_json: bool) -> list[dict[str, Any]]:
    rows = aged.by_book(book, day)
    if not as_json:
        _tell_aging(f"{book.name}: aged receivables as of {day}", [(book.name, row) for row in rows], "book")
    return [shapes.book_aging(book.name, day, row) for row in rows]


def _invoices(book: Book, day: date, as_json: bool) -> list[dict[str, Any]]:
    rows = aged.by_invoice(book, day)
    if not as_json:
        tell(f"{book.name}: {count(len(rows), 'open invoice')} as of {day}")
        if rows:
            table(_INVOICE_HEADINGS, map(_invoice_cells, rows), right=(4, 7, 8))
    return [shapes.invoice_aging(book.name, day, row) for row in rows]


def _home(book: Book, day: date, as_json: bool) -> list[dict[str, Any]]:
    found = aged.in_home_currency(book, day)
    if found is None:
        say(f"{book.name}: its home currency is not known yet: run `arsync sync {book.name}`")
        return []
    for currency, number in sorted(found.unrated.items()):
        say(
            f"{book.name}: the accounting system tells no rate for {count(number, 'document')} in "
            f"{currency}; not in these figures"
        )
    row = found.balance
    if not as_json:
        lead = (
            f"{book.name}: aged receivables as of {day}, converted to {row.currency} by the documents' rates"
        )
        _tell_aging(lead, [(book.name, row)], "book")
    return [shapes.book_aging(book.name, day, row) | {"home": True, "unrated": found.unrated}]


def _tell_aging(lead: str, rows: list[tuple[str, AgingRow]], whose: str = "customer") -> None:
    tell(lead)
    if not rows:
        tell("  nothing is open")
        return
    table(
        [whose, "currency", *BUCKETS, "open", "overdue", "unapplied", "net"],
        [
            (
                name,
                row.currency,
                *(
                    plain(amount, row.currency)
                    for amount in (*row.buckets, row.open, row.overdue, row.unapplied, row.net)
                ),
            )
            for name, row in rows
        ],
        right=range(2, 11),
    )


def _invoice_cells(row: InvoiceAging) -> tuple[object, ...]:
    return (
        row.customer_name,
        row.number or row.invoice_id,
        row.issued_on or "",
        row.due_on or "none",
        "" if row.days_overdue is None else row.days_overdue,
        row.bucket,
        row.currency,
        plain(row.total, row.currency),
        plain(row.open, row.currency),
    )


@click.command()
@click.argument("book")
@click.argument("customer")
@past_option
@json_option
@practice_option
@click.pass_context
def statement(
    ctx: click.Context, book: str, customer: str, as_of: str | None, as_json: bool, practice: Path | None
) -> None:
    """Show the open invoices and unapplied credits of CUSTOMER (name or id), today or on a past day."""
    day = day_option(as_of, "--as-of")
    with open_desk(ctx, practice) as desk:
        opened = desk.one(book, "statement", letters=False)
        as_of_day = day or opened.today
        warning = aged.past_day(opened, as_of_day)
        found = draw_up(opened, customer, as_of_day)
        warn_incomplete(opened)
        if warning:
            say(f"{book}: {warning}")
    if as_json:
        tell_json(shapes.statement_shape(found))
    else:
        _tell_statement(found)


def _tell_statement(found: Statement) -> None:
    tell(f"{found.book}: statement of {clean(found.customer_name)} as of {found.as_of}")
    if found.billed_to:
        tell(f"  billed to {clean(found.billed_to[1])}, who is asked for what is open")
    if not found.invoices and not found.credits:
        tell("  nothing is open")
        return
    if found.invoices:
        others = any(row.customer_id != found.customer_id for row in found.invoices)
        left = 0 if others else 1  # the column of customers
        cells = (_invoice_cells(row)[left:] for row in found.invoices)
        table(_INVOICE_HEADINGS[left:], cells, right=(4 - left, 7 - left, 8 - left))
    for credit in found.credits:
        dated = f" of {credit.issued_on}" if credit.issued_on else ""
        tell(
            f"  unapplied: {credit.kind.replace('-', ' ')} {clean(credit.number or credit.id)}{dated}, "
            f"{plain(credit.remaining, credit.currency)} {credit.currency} left"
        )
    for row in found.balances:
        opened, unapplied = plain(row.open, row.currency), plain(row.unapplied, row.currency)
        made_of = f": {opened} open less {unapplied} unapplied" if row.unapplied else ""
        overdue = plain(row.overdue, row.currency) if row.overdue else "nothing"
        tell(f"  balance {plain(row.net, row.currency)} {row.currency}{made_of}; {overdue} overdue")


@click.command()
@books_argument
@json_option
@practice_option
@click.pass_context
def reconcile(ctx: click.Context, books: tuple[str, ...], as_json: bool, practice: Path | None) -> None:
    """Pull what changed, then compare each customer's balance with the accounting system's own figures.

    A customer that does not tie out is not chased until it does. Exit status 1 where one does not.
    """
    reports: list[ReconcileReport] = []

    def work(book: Book, lease: Claim | None) -> None:
        assert lease is not None
        reports.append(ReconcileReport(book=book.name))
        compare(book, lease, report=reports[-1])
        if not as_json:
            _tell_reconciled(reports[-1])

    with open_desk(ctx, practice) as desk:
        _, status = desk.each(books, "reconcile", work, claimed=True)
    if as_json:
        tell_json([shapes.reconcile_shape(report) for report in reports])
    ctx.exit(max([status, *(int(report.needs_person) for report in reports)]))


def _tell_reconciled(report: ReconcileReport) -> None:
    if not report.has_figures:
        tell(f"{report.book}: this accounting system has no aged receivables of its own to compare with")
    if report.outcome is None:
        return
    found = report.outcome
    differ = len(found.differences)
    verdict = "all agree with the accounting system"
    if differ:
        verdict = f"{differ} of them differ{'s' if differ == 1 else ''}"
    tell(f"{report.book}: {count(found.compared, 'balance')} compared as of {report.as_of}: {verdict}")
    for it in sorted(found.differences, key=lambda it: report.name(it.customer_id).casefold()):
        converted = ", converted" if it.home else ""
        tell(
            f"  differs   {clean(report.name(it.customer_id))}: {plain(it.ours, it.currency)} in the book, "
            f"{plain(it.theirs, it.currency)} in the accounting system ({it.currency}{converted}); "
            "held as unreconciled"
        )
        for cause in it.causes or ("the cause cannot be told from the figures",):
            tell(f"            {clean(cause, 300)}")
    for (customer_id, currency), amount in found.charges.items():
        tell(
            f"  also owed {clean(report.name(customer_id))}: {plain(amount, currency)} {currency} by entries "
            "that are no invoices; these are not chased"
        )
    for customer_id in found.unrated:
        tell(f"  left out  {clean(report.name(customer_id))}: no rate is known for its foreign documents")
    if differ:
        tell(f"  `arsync sync --full {report.book}` reads everything anew; then reconcile once more")
