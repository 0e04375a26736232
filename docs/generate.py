"""Writes the parts of these pages that are made from the code: `python docs/generate.py`.

A test compares them, so that a page cannot say what the code does not.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from arsync.store import Store
from arsync.writing.fields import FIELDS, INVOICE_FIELDS

DOCS = Path(__file__).parent

# What each table and view is for. A table that is missing here, or is no more, is an error.
TABLES = {
    "books": "One row a book: which company it is, how far its pull has come, who works on it now.",
    "customers": "Who owes, as the accounting system has them. Addresses are kept as they stand there.",
    "invoices": "Every invoice that a pull has mentioned, open or not.",
    "credits": "Money of customers that is not applied to an invoice, by kind.",
    "unmentioned": "What a full pull under way has not mentioned yet; closed when its last page is in.",
    "rejects": "Rows that could not be understood, with the reason and their raw text.",
    "holds": "The holds that people put with `arsync hold`.",
    "messages": "The outbox: messages from their approval on, and what became of them.",
    "message_lines": "The invoices of each message.",
    "steps_taken": "Which step each invoice has taken, when and how.",
    "open_tasks": "Tasks that a run has shown and nobody has closed yet.",
    "notes": "The notes that are owed to the accounting system, and those that were written.",
    "events": "What happened, in order: the story that `arsync explain` tells.",
    "tokens": "The OAuth tokens of each book.",
    "runs": "Each command that claimed a book: when it worked, how it ended, what it cost.",
    "aging_days": "The days that part the aging buckets, as of the last complete pull; for the view `aging`.",
    "aging": "The aged receivables by customer and currency, in minor units, as of the last complete pull.",
    "outbox": "The messages, each with its number of invoices.",
}

_STORE = """\
# The store

Written by `python docs/generate.py` from the schema; a test says that it is up to date.

A practice is one SQLite file, `arsync.db` beside its `arsync.toml`, readable by its owner alone: it holds the
tokens. It opens with any SQLite tool, such as Datasette or the `sqlite-utils` command. Read as much as you
like; writing is for arsync.

- The book is the first column of every key, so that one client's rows cannot meet another's.
- Money is whole minor units (cents, pence) beside its currency: 120.50 USD is 12050.
- Dates are ISO texts in the book's own time zone, instants are UTC and end in `Z`.
- Lists of addresses are separated by line breaks.
- Tables are STRICT, the journal is a write-ahead log, every commit is on the disk before work goes on.

Beside the file lie `arsync.db-wal` and `arsync.db-shm` while it is open, and the folder `arsync.db-locks`: a
lock for each book's tokens (one process renews them, the others wait) and the rate budgets that all processes
share. For a backup of a practice that is in use: `sqlite3 arsync.db ".backup copy.db"`.

To look inside:

```text
sqlite-utils rows arsync.db outbox --table
sqlite-utils arsync.db "select customer, currency, open from aging where book = 'acme'" --table
```
"""


def store_page() -> str:
    """docs/store.md, from a new database."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "new.db") as store:
        rows = store.rows(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'view')"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY rowid"
        )
        names = [name for _, name, _ in rows]
        if set(names) != set(TABLES):
            raise SystemExit(f"say in TABLES what these are for: {sorted(set(names) ^ set(TABLES))}")
        parts = [_STORE]
        for kind, name, sql in rows:
            columns = store.rows("SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid", (name,))
            parts.append(_section(kind, name, sql, columns))
    return "\n".join(parts)


def _section(kind: str, name: str, sql: str, columns: list[tuple[str, str, int]]) -> str:
    head = f"## {'The view ' if kind == 'view' else ''}`{name}`\n\n{TABLES[name]}\n"
    if kind == "view":
        return f"{head}\nColumns: {', '.join(f'`{column}`' for column, _, _ in columns)}.\n"
    key = ", ".join(f"`{column}`" for column, _, place in sorted(columns, key=lambda c: c[2]) if place)
    lines = [f"| `{column}` | {type_.lower()} | {_meaning(column, sql)} |" for column, type_, _ in columns]
    return "\n".join([head, f"Key: {key}.\n", "| column | type | |", "| --- | --- | --- |", *lines, ""])


def _meaning(column: str, sql: str) -> str:
    """What the schema says of a column: the comment on its line, and the words it allows."""
    found = re.search(rf"^\s+{column} [A-Z].*$", sql, re.MULTILINE)
    line = found[0] if found else ""
    _, _, comment = line.partition("-- ")
    allowed = re.search(r"IN \(('[^)]*')\)", line)
    words = ", ".join(f"`{word}`" for word in re.findall(r"'([^']*)'", allowed[1])) if allowed else ""
    parts = (comment.strip().replace("|", "\\|"), f"one of {words}" if words else "")
    return "; ".join(part for part in parts if part)


def fields_section() -> str:
    """The tables of docs/templates.md."""
    return "\n".join(
        [
            "## Fields",
            "",
            *_fields(FIELDS),
            "",
            "Of each invoice in `invoices`:",
            "",
            *_fields({f"invoice.{name}": meaning for name, meaning in INVOICE_FIELDS.items()}),
        ]
    )


def _fields(fields: dict[str, str]) -> list[str]:
    rows = [f"| `{name}` | {_code(meaning)} |" for name, meaning in fields.items()]
    return ["| field | is |", "| --- | --- |", *rows]


def _code(meaning: str) -> str:
    return re.sub(r"\{%.*?%\}", lambda tag: f"`{tag[0]}`", meaning)


def pages() -> dict[str, str]:
    """Every page that is made from the code, wholly or in part, as it has to be."""
    templates = (DOCS / "templates.md").read_text("utf-8")
    start, end = templates.index("-->") + 4, templates.index("<!-- end of fields -->")
    return {
        "store.md": store_page(),
        "templates.md": f"{templates[:start]}\n{fields_section()}\n\n{templates[end:]}",
    }


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, "utf-8")
