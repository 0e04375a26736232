"""A folder with files, and the connector on it as arsync itself would open it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from arsync.connector import ConnectionSettings, Http, Kit, Page, TokenPair, Tokens
from arsync.ledger import Credit, Invoice, Reject
from arsync_csv import FileSource, connect

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
COLUMNS = {
    "number": "Invoice",
    "customer": "Customer",
    "email": "Email",
    "issued": "Issued",
    "due": "Due",
    "open": "Open",
    "total": "Total",
}
HEADINGS = "Invoice,Customer,Email,Issued,Due,Open,Total"


class NoTokens:
    """Nothing about a file needs a token."""

    def load(self) -> TokenPair | None:
        raise AssertionError("a token was asked for")

    def save(self, pair: TokenPair) -> None:
        raise AssertionError("a token was saved")

    @contextmanager
    def locked(self) -> Iterator[None]:
        raise AssertionError("tokens were locked")
        yield


def settings(folder: Path, **table: Any) -> ConnectionSettings:
    """The connection of a book: the file `list.csv`, in euros, with English headings."""
    whole = {"path": "list.csv", "company": "Alder Ltd", "currency": "EUR", "columns": COLUMNS, **table}
    return ConnectionSettings(
        "acme",
        {key: value for key, value in whole.items() if value is not None},
        where=lambda key: f"arsync.toml ({key})",
        reveal=lambda key, reference: reference,
        folder=folder,
    )


def kit() -> Kit:
    clock = lambda: NOW  # noqa: E731
    http = Http(clock=clock, sleep=lambda seconds: None)
    return Kit(
        http=http,
        tokens=Tokens("acme", NoTokens(), clock),
        pace=lambda tenant, *, per_minute, per_second=None, allowance=None: _asked_for_a_budget(),
        clock=clock,
    )


def source(folder: Path, **table: Any) -> FileSource:
    return connect(settings(folder, **table), kit())


def write(folder: Path, *rows: str, name: str = "list.csv", headings: str = HEADINGS) -> Path:
    """A file of these rows below the headings."""
    path = folder / name
    path.write_text("\n".join([headings, *rows]) + "\n", "utf-8")
    return path


def records(pages: list[Page]) -> tuple[list[Invoice], list[Credit], list[Reject]]:
    """Everything on some pages, by kind."""
    return (
        [each for page in pages for each in page.invoices],
        [each for page in pages for each in page.credits],
        [each for page in pages for each in page.rejects],
    )


def read(folder: Path, *rows: str, headings: str = HEADINGS, **table: Any) -> Any:
    """The invoices, credits and rejects of a file of these rows."""
    write(folder, *rows, headings=headings)
    return records(list(source(folder, **table).pull(None)))


def _asked_for_a_budget() -> Any:
    raise AssertionError("a rate budget was asked for")
