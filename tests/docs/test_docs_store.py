"""The pages on the tables, the views and the sheets are made from them, and say what each column is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from arsync.runs.export_sheets import SHEETS
from arsync.store import Store
from transcripts import ROOT

DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(page: str, heading: str) -> dict[str, str]:
    """The columns of the table under a heading, with what is said of each."""
    section = (DOCS / page).read_text("utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = re.findall(r"^\| `([^`]+)` \|(?:[^|]*\|)?? ([^|]*) \|$", section, re.MULTILINE)
    return {name: words.strip() for name, words in found}


def test_the_page_on_spreadsheets_is_up_to_date(generator: ModuleType) -> None:
    text = (DOCS / "export.md").read_text("utf-8")
    assert text == generator.pages()["export.md"], "run `python docs/generate.py`"


def test_every_column_of_a_sheet_is_told() -> None:
    for sheet in SHEETS:
        told = rows("export.md", f"`{sheet.name}.csv`")
        assert list(told) == sheet.headings
        assert all(told.values())


def test_every_column_of_every_view_is_told(tmp_path: Path) -> None:
    with Store.open(tmp_path / "new.db") as store:
        views = [name for (name,) in store.rows("SELECT name FROM sqlite_master WHERE type = 'view'")]
        assert {"aging", "outbox", "open_invoices", "invoice_history"} <= set(views)
        for view in views:
            columns = [name for (name,) in store.rows("SELECT name FROM pragma_table_info(?)", (view,))]
            told = rows("store.md", f"The view `{view}`")
            assert list(told) == columns
            assert all(told.values()), view


@pytest.mark.parametrize("silent", ["open", "bucket", "until"])
def test_a_column_of_a_view_without_words_is_an_error(generator: ModuleType, silent: str) -> None:
    sql = """CREATE VIEW aging AS
SELECT i.open,  -- what is owed
       CASE WHEN i.due_on IS NULL THEN 'none'
            ELSE 'some' END AS bucket,  -- whether it has a day
       i.day AS "until"   -- its day
FROM invoices i"""
    columns = ["open", "bucket", "until"]
    assert "| `bucket` | whether it has a day |" in generator._view("aging", sql, columns)
    lines = [
        line.partition("-- ")[0] if re.search(rf'{silent}"?,? +--', line) else line
        for line in sql.split("\n")
    ]
    with pytest.raises(SystemExit, match=f"view aging: {silent}$"):
        generator._view("aging", "\n".join(lines), columns)


def test_a_column_that_a_later_migration_added_has_its_words() -> None:
    assert rows("store.md", "`books`")["began_on"].startswith("day of the first complete full pull")
    assert rows("store.md", "`customers`")["bills_parent"] == "its debts are the parent's to pay"
