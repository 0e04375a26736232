"""The floor of a sync: the same requests, decoded with json and written by sqlite3, and nothing else.

``python -m bench.floor TAPE DATABASE``. A plain table with its key for each kind of record, one
transaction a page, on the disk at every commit as arsync's own. Imports nothing of arsync's.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from bench.children import tell

Row = dict[str, Any]

_TABLES = (
    "CREATE TABLE customers (id TEXT PRIMARY KEY, name, email, parent, active, updated)",
    "CREATE TABLE invoices (id TEXT PRIMARY KEY, number, customer, currency, issued, due, total, open, "
    "status, email, updated)",
    "CREATE TABLE credits (id TEXT PRIMARY KEY, number, customer, currency, issued, remaining, status, "
    "updated)",
)
_INSERT = {
    "customers": "INSERT OR REPLACE INTO customers VALUES (?, ?, ?, ?, ?, ?)",
    "invoices": "INSERT OR REPLACE INTO invoices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "credits": "INSERT OR REPLACE INTO credits VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
}


def _quickbooks_invoice(row: Row) -> tuple[object, ...]:
    return (
        row["Id"], row.get("DocNumber"), row["CustomerRef"]["value"], row["CurrencyRef"]["value"],
        row["TxnDate"], row["DueDate"], row["TotalAmt"], row["Balance"], row.get("PrivateNote"),
        row["BillEmail"]["Address"], row["MetaData"]["LastUpdatedTime"],
    )  # fmt: skip


def _quickbooks_customer(row: Row) -> tuple[object, ...]:
    return (
        row["Id"], row["DisplayName"], row["PrimaryEmailAddr"]["Address"], None, row["Active"],
        row["MetaData"]["LastUpdatedTime"],
    )  # fmt: skip


def _quickbooks_credit(row: Row) -> tuple[object, ...]:
    return (
        row["Id"], row.get("DocNumber"), row["CustomerRef"]["value"], row["CurrencyRef"]["value"],
        row["TxnDate"], row["RemainingCredit"], None, row["MetaData"]["LastUpdatedTime"],
    )  # fmt: skip


def _xero_invoice(row: Row) -> tuple[object, ...]:
    return (
        row["InvoiceID"], row["InvoiceNumber"], row["Contact"]["ContactID"], row["CurrencyCode"],
        row["DateString"], row["DueDateString"], row["Total"], row["AmountDue"], row["Status"], None,
        row["UpdatedDateUTC"],
    )  # fmt: skip


def _xero_customer(row: Row) -> tuple[object, ...]:
    return (
        row["ContactID"], row["Name"], row.get("EmailAddress"), None, row["ContactStatus"],
        row["UpdatedDateUTC"],
    )  # fmt: skip


def _xero_credit(row: Row) -> tuple[object, ...]:
    return (
        row["CreditNoteID"], row["CreditNoteNumber"], row["Contact"]["ContactID"], row["CurrencyCode"],
        row["DateString"], row["RemainingCredit"], row["Status"], row["UpdatedDateUTC"],
    )  # fmt: skip


# The lists of an answer by their names: where their rows go, and what is taken of one.
_LISTS: dict[str, tuple[str, Callable[[Row], tuple[object, ...]]]] = {
    "Invoice": ("invoices", _quickbooks_invoice),
    "Customer": ("customers", _quickbooks_customer),
    "CreditMemo": ("credits", _quickbooks_credit),
    "Invoices": ("invoices", _xero_invoice),
    "Contacts": ("customers", _xero_customer),
    "CreditNotes": ("credits", _xero_credit),
}


def main(tape: Path, database: Path) -> None:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    for statement in _TABLES:
        connection.execute(statement)
    asked = json.loads(tape.read_text("utf-8"))
    with requests.Session() as session:
        session.trust_env = False
        for request in asked:
            answer = session.request(**request, timeout=60)
            answer.raise_for_status()
            _store(connection, json.loads(answer.content))
    [(invoices,)] = connection.execute("SELECT count(*) FROM invoices")
    [(customers,)] = connection.execute("SELECT count(*) FROM customers")
    connection.close()
    tell(calls=len(asked), invoices=invoices, customers=customers)


def _store(connection: sqlite3.Connection, answer: Row) -> None:
    """The lists that an answer holds, in one transaction."""
    lists = answer.get("QueryResponse", answer)
    connection.execute("BEGIN")
    for name, (table, taken) in _LISTS.items():
        if rows := lists.get(name):
            connection.executemany(_INSERT[table], [taken(row) for row in rows])
    connection.execute("COMMIT")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
