"""Writes the parts of these pages that are made from the code: `python docs/generate.py`.

A test compares them, so that a page cannot say what the code does not.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from arsync.runs.export_sheets import SHEETS
from arsync.store import Store
from arsync.store.schema import scripts
from arsync.writing.fields import FIELDS, INVOICE_FIELDS

DOCS = Path(__file__).parent

# What each table and view is for. A table that is missing here, or is no more, is an error.
TABLES = {
    "books": "One row a book: which company it is, how far its pull has come, who works on it now.",
    "customers": "Who owes, as the accounting system has them. Addresses are kept as they stand there.",
    "invoices": "Every invoice that a pull has mentioned, open or not.",
    "credits": "Money of customers that is not applied to an invoice, by kind.",
    "unmentioned": "What a full pull under way has not mentioned yet; closed when its last page is in.",
    "rejects": "Rows that could not be understood, as `arsync rejects` lists them.",
    "holds": "The holds that people put with `arsync hold`.",
    "messages": "The outbox: messages from their approval on, and what became of them.",
    "message_lines": "The invoices of each message.",
    "moved": "Customers whose invoices came to another customer: messages to the one count for the other.",
    "bounced": "Invoices that a payment was taken back from and that were not read again yet.",
    "steps_taken": "Which step each invoice has taken, when and how.",
    "open_tasks": "Tasks that a run has shown and nobody has closed yet.",
    "hold_lines": "What was open when a promise was made, by which it is kept or broken.",
    "contacts": "Calls and letters, and what came of them; messages are in `messages`.",
    "opt_outs": "Channels by which a customer wants to hear nothing.",
    "agreements": "Instalment plans, settlements and discounts, and what became of them.",
    "agreement_lines": "The invoices of each agreement.",
    "instalments": "The parts of each instalment plan, and their days.",
    "notes": "The notes that are owed to the accounting system, and those that were written.",
    "events": "What happened, in order: the story that `arsync explain` tells.",
    "tokens": "The OAuth tokens of each book.",
    "runs": "Each command that claimed a book: when it worked, how it ended, what it cost.",
    "aging_days": "The days that part the aging buckets, as of the last complete pull; for the views.",
    "invoices_past": "What each invoice was before; its present state is in `invoices`.",
    "credits_past": "What each credit was before; its present state is in `credits`.",
    "holds_past": "Holds that were released or renewed, for the days on which they stood.",
    "payments": "Money that came in, by its date. What is owed never hangs on it.",
    "allocations": "Which invoices each payment was applied to.",
    "differences": "Customers whose figures are not those of the accounting system.",
    "aging": "The aged receivables by customer and currency, as of the last complete pull.",
    "outbox": "The messages, each with its number of invoices.",
    "open_invoices": "What is owed, invoice by invoice, aged to the day of the last complete pull.",
    "invoice_history": "The states of each invoice, past and present, with the days on which they stood.",
    "owed_notes": "The notes that are not in the accounting system yet.",
    "unreconciled": "The customers who do not tie out with the accounting system, by how much and why.",
    "restored_steps": "Steps of a restored book that may have been taken since its backup.",
    "strange_marks": "Marks in the accounting system of another installation, or of a lost database.",
    "marks_read": "What `arsync rebuild` has read so far, so that it can go on; empty once it is done.",
    "alerts": "Alerts about books in trouble that were given, so that each is given once.",
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
share. For a backup of a practice that is in use there is [`arsync backup`](backup.md).

To look inside:

```text
sqlite-utils rows arsync.db outbox --table
sqlite-utils arsync.db "select customer, currency, open from aging where book = 'acme'" --table
```

Begin with the views, at the end of this page: they have names in place of ids. For spreadsheets there is
[`arsync export`](export.md).
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
    if kind == "view":
        return _view(name, sql, [column for column, _, _ in columns])
    key = ", ".join(f"`{column}`" for column, _, place in sorted(columns, key=lambda c: c[2]) if place)
    lines = [
        f"| `{column}` | {type_.lower()} | {_meaning(_declared(name, column, sql))} |"
        for column, type_, _ in columns
    ]
    head = [f"## `{name}`", "", TABLES[name], "", f"Key: {key}.", ""]
    return "\n".join([*head, "| column | type | |", "| --- | --- | --- |", *lines, ""])


def _declared(table: str, column: str, sql: str) -> str:
    """The line that declares a column: of its table, or of the migration that added it."""
    for text, line in (
        (sql, rf"^\s+{column} [A-Z].*$"),
        ("\n".join(scripts().values()), rf"^ALTER TABLE {table} ADD COLUMN {column} .*$"),
    ):
        if found := re.search(line, text, re.MULTILINE):
            return found[0]
    return ""


def _meaning(line: str) -> str:
    """What the schema says of a column: the comment on its line, and the words it allows."""
    _, _, comment = line.partition("-- ")
    allowed = re.search(r"IN \(('[^)]*')\)", line)
    words = ", ".join(f"`{word}`" for word in re.findall(r"'([^']*)'", allowed[1])) if allowed else ""
    parts = (_cell(comment), f"one of {words}" if words else "")
    return "; ".join(part for part in parts if part)


def _view(name: str, sql: str, columns: list[str]) -> str:
    """A view with what each of its columns is. One without words for a column is an error."""
    said = dict(re.findall(r'([^\s",.]+)"?,?[ ]+-- (.*)$', sql, re.MULTILINE))
    if silent := [column for column in columns if not said.get(column)]:
        raise SystemExit(f"say in a comment what these are in the view {name}: {', '.join(silent)}")
    lines = [f"| `{column}` | {_cell(said[column])} |" for column in columns]
    head = [f"## The view `{name}`", "", TABLES[name], ""]
    return "\n".join([*head, "| column | |", "| --- | --- |", *lines, ""])


def _cell(text: str) -> str:
    return text.strip().replace("|", "\\|")


def sheets_section() -> str:
    """The tables of docs/export.md."""
    parts: list[str] = []
    for sheet in SHEETS:
        rows = [f"| `{column.name}` | {_cell(column.meaning)} |" for column in sheet.columns]
        head = [f"## `{sheet.name}.csv`", "", sheet.meaning, "", "| column | is |", "| --- | --- |"]
        parts += [*head, *rows, ""]
    return "\n".join(parts[:-1])


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
    return {
        "store.md": store_page(),
        "templates.md": _with_section("templates.md", fields_section(), "<!-- end of fields -->"),
        "export.md": _with_section("export.md", sheets_section(), "<!-- end of sheets -->"),
    }


def _with_section(page: str, section: str, end: str) -> str:
    """The page with its part between the first mark and the one at its end written anew."""
    text = (DOCS / page).read_text("utf-8")
    return f"{text[: text.index('-->') + 4]}\n{section}\n\n{text[text.index(end) :]}"


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, "utf-8")
