"""Rows become records: read = invoices + credits + rejects, and each reject says line and reason."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import date
from pathlib import Path

import pytest
from csv_desk import COLUMNS, HEADINGS, read, records, source
from hypothesis import given
from hypothesis import strategies as st

from arsync.errors import FixSettings
from arsync.ledger import Credit, Invoice
from arsync_csv.cells import is_blank


def test_a_row_is_an_invoice(tmp_path: Path) -> None:
    invoices, credits_, rejects = read(
        tmp_path,
        "1001,Lumen Yoga,pay@lumen.example,2026-10-20,2026-11-21,100.50,120.00",
        decimal=".",
        date_format="YYYY-MM-DD",
    )
    assert (credits_, rejects) == ([], [])
    assert invoices == [
        Invoice(
            id="lumen yoga/1001",
            number="1001",
            customer_id="lumen yoga",
            currency="EUR",
            total=12000,
            open=10050,
            issued_on=date(2026, 10, 20),
            due_on=date(2026, 11, 21),
        )
    ]


def test_a_negative_open_amount_is_a_credit_of_the_customer(tmp_path: Path) -> None:
    """What is used up, or overpaid, is one as well; two payments of one day without a number are two."""
    _, credits_, rejects = read(
        tmp_path,
        "C-1,Lumen Yoga,,2026-11-01,,-45.00,-60.00",
        "C-2,Lumen Yoga,,,,0.00,-60.00",
        "1001,Lumen Yoga,,2026-11-01,,(5.00),120.00",
        ",Lumen Yoga,,2026-11-02,,-7.00,",
        ",Lumen Yoga,,2026-11-02,,-7.00,",
    )
    assert rejects == []
    assert [(each.id, each.remaining) for each in credits_] == [
        ("lumen yoga/C-1", 4500),
        ("lumen yoga/C-2", 0),
        ("lumen yoga/1001", 500),
        ("lumen yoga/2026-11-02 1", 700),
        ("lumen yoga/2026-11-02 2", 700),
    ]
    assert credits_[0] == Credit(
        id="lumen yoga/C-1",
        kind="credit-note",
        customer_id="lumen yoga",
        currency="EUR",
        remaining=4500,
        number="C-1",
        issued_on=date(2026, 11, 1),
    )


@pytest.mark.parametrize(
    ("row", "id_", "reason"),
    [
        (",Lumen,,,,5.00,", "line 2", "line 2: it has no invoice number"),
        ("1001,,,,,5.00,", "line 2", "line 2: it names no customer"),
        ("1001,Lumen,,,,,", "lumen/1001", "line 2: nothing says what is left to pay"),
        ("1001,Lumen,,,,,9.00", "lumen/1001", "line 2: nothing says what is left to pay"),
        ("1001,Lumen,,,,tbd,", "lumen/1001", "line 2: open: 'tbd' is not an amount"),
        ("1001,Lumen,,,,5.001,", "lumen/1001", "line 2: open: 5.001 EUR has more than 2 decimals"),
        ("1001,Lumen,,,,$5.00,", "lumen/1001", "line 2: open: the amount '$5.00' is not in EUR"),
        ("1001,Lumen,,,,6.00,5.00", "lumen/1001", "line 2: 6.00 is left to pay of 5.00"),
        ("1001,Lumen,,,soon,5.00,", "lumen/1001", "line 2: due: 'soon' is not a date"),
        ("1001,Lumen,,2026-13-01,,5.00,", "lumen/1001", "line 2: issued: '2026-13-01' is not a date"),
        ("1001,Lumen,,,,5.00,,oh", "lumen/1001", "line 2: it has more cells than the 7 headings"),
        ('"1001" x,Lumen,,,,5.00,', "line 2", "line 2: it cannot be taken apart into cells"),
    ],
)
def test_a_row_that_is_not_understood(tmp_path: Path, row: str, id_: str, reason: str) -> None:
    """It is known by its own id where it has one, and the rows around it are read all the same."""
    invoices, _, rejects = read(tmp_path, row, "2002,Birch,,,,1.00,", date_format="YYYY-MM-DD", decimal=".")
    assert [each.number for each in invoices] == ["2002"]
    [reject] = rejects
    assert (reject.entity, reject.id) == ("invoice", id_)
    assert reject.reason.startswith(reason)
    assert "1001" in reject.raw or "Lumen" in reject.raw


def test_a_row_that_looks_like_a_credit_is_rejected_as_one(tmp_path: Path) -> None:
    """So that the book keeps the credit it knows, and does not ask for more than is owed."""
    _, _, [reject] = read(tmp_path, "C-1,Lumen,,,,-4x,", decimal=".", date_format="YYYY-MM-DD")
    assert (reject.entity, reject.id) == ("credit", "lumen/C-1")


def test_a_number_that_comes_twice_for_one_customer(tmp_path: Path) -> None:
    """The first counts; the later is rejected under an id of its own. Another customer may have it too."""
    invoices, _, rejects = read(tmp_path, "1001,Lumen,,,,5.00,", "1001,Birch,,,,6.00,", "1001,LUMEN,,,,7.00,")
    assert [(each.id, each.open) for each in invoices] == [("lumen/1001", 500), ("birch/1001", 600)]
    [reject] = rejects
    assert reject.id == "lumen/1001 (line 4)"
    assert reject.reason == "line 4: the invoice 1001 of this customer stands on line 2 already"


def test_totals_and_empty_rows_are_no_rows(tmp_path: Path) -> None:
    """A customer whose name begins like a total is a customer."""
    invoices, credits_, rejects = read(
        tmp_path,
        "1001,Lumen Yoga,,,,5.00,5.00",
        ",,,,,,",
        "",
        ",Total for Lumen Yoga,,,,5.00,5.00",
        "Summe:,,,,,5.00,5.00",
        ",Total Energy,,2026-11-01,,-3.00,",
        "1002,Total Energy,,,,8.00,",
        "Grand total,,,,,16.00,5.00",
    )
    assert [each.number for each in invoices] == ["1001", "1002"]
    assert [each.customer_id for each in credits_] == ["total energy"]
    assert rejects == []


def test_customers_are_known_by_number_or_by_name(tmp_path: Path) -> None:
    """The name of the first row stands; the addresses of all rows count."""
    columns = {**COLUMNS, "customer_id": "Id", "cc": "Copy"}
    headings = f"{HEADINGS},Id,Copy"
    (tmp_path / "list.csv").write_text(
        f"{headings}\n"
        "1,Lumen  Yoga,a@lumen.example; b@lumen.example,,,1.00,,,\n"
        "2,LUMEN YOGA,B@lumen.example,,,1.00,,,boss@lumen.example\n"
        "3,Lumen Yoga,c@lumen.example,,,1.00,,K7,\n",
        "utf-8",
    )
    [page] = source(tmp_path, columns=columns).pull(None)
    assert [(each.id, each.name, each.emails, each.cc) for each in page.customers] == [
        ("lumen yoga", "Lumen  Yoga", ("a@lumen.example", "b@lumen.example"), ("boss@lumen.example",)),
        ("K7", "Lumen Yoga", ("c@lumen.example",), ()),
    ]
    assert [each.id for each in page.invoices] == ["lumen yoga/1", "lumen yoga/2", "K7/3"]


def test_an_id_of_its_own_outlives_a_new_number(tmp_path: Path) -> None:
    columns = {**COLUMNS, "id": "Id"}
    invoices, _, rejects = read(
        tmp_path, "1001-b,Lumen,,,,5.00,,77", ",Lumen,,,,5.00,,78", headings=f"{HEADINGS},Id", columns=columns
    )
    assert rejects == []
    assert [(each.id, each.number) for each in invoices] == [("77", "1001-b"), ("78", "78")]


def test_states_and_currencies_of_rows(tmp_path: Path) -> None:
    """A paid one needs no amount left; drafts and void ones owe nothing whatever they carry."""
    columns = {**COLUMNS, "status": "Status", "currency": "Currency", "promised": "Promised"}
    invoices, credits_, rejects = read(
        tmp_path,
        "1,Lumen,,,,,9.00,paid,,",
        "2,Lumen,,,,9.00,9.00,Draft,usd,",
        "3,Lumen,,,,9.00,9.00,Cancelled,,",
        "4,Lumen,,,,9,9,Sent,JPY,2026-12-01",
        "5,Lumen,,,,9.00,9.00,paid,,",
        "6,Lumen,,,,9.00,9.00,frozen,,",
        "7,Lumen,,,,9.00,9.00,open,euros,",
        "8,Lumen,,,,-9.00,,void,,",
        "9,Lumen,,,,9.50,,open,JPY,",
        headings=f"{HEADINGS},Status,Currency,Promised",
        columns=columns,
    )
    assert [(each.number, each.currency, each.status, each.open, each.owed) for each in invoices] == [
        ("1", "EUR", "in-force", 0, 0),
        ("2", "USD", "draft", 900, 0),
        ("3", "EUR", "voided", 900, 0),
        ("4", "JPY", "in-force", 9, 9),
    ]
    assert invoices[3].promised_on == date(2026, 12, 1)
    assert [(each.number, each.remaining) for each in credits_] == [("8", 0)]
    assert [each.id for each in rejects] == ["lumen/5", "lumen/6", "lumen/7", "lumen/9"]


def test_where_customers_are_and_in_which_groups(tmp_path: Path) -> None:
    """The first row that tells a country counts, and the groups of all; what is no country costs nothing."""
    columns = {**COLUMNS, "country": "Land", "region": "Bundesland", "group": "Kundengruppe"}
    headings = f"{HEADINGS},Land,Bundesland,Kundengruppe"
    rows = (
        "1,Lumen,,,,5.00,,,Bayern,Handel",
        "2,Lumen,,,,5.00,,Deutschland,Bayern,Handel; Großkunden",
        "3,Lumen,,,,5.00,,France,,handel",
        "4,Birch,,,,5.00,,Atlantis,X1,;",
        '5,Cedar,,,,5.00,,USA,CA,"Key\naccounts"',
        "6,Dogwood,,,,5.00",
    )
    text = "\n".join([headings, *rows])
    (tmp_path / "list.csv").write_text(text, "utf-8")
    pages = list(source(tmp_path, columns=columns, delimiter=",", decimal=".").pull(None))
    found = [each for page in pages for each in page.customers]
    assert [(each.name, each.country, each.subdivision, each.groups) for each in found] == [
        ("Lumen", "DE", "BY", ("Handel", "Großkunden")),
        ("Birch", "", "", ()),
        ("Cedar", "US", "CA", ("Key accounts",)),
        ("Dogwood", "", "", ()),
    ]
    assert records(pages)[2] == []


def test_without_an_open_column_what_was_paid_counts(tmp_path: Path) -> None:
    columns = {"number": "Invoice", "customer": "Customer", "total": "Total", "paid": "Paid"}
    invoices, credits_, rejects = read(
        tmp_path,
        "1,Lumen,100.00,40.00",
        "2,Lumen,100.00,",
        "3,Lumen,100.00,130.00",
        "4,Lumen,100.00,?",
        headings="Invoice,Customer,Total,Paid",
        columns=columns,
    )
    assert [(each.number, each.total, each.open) for each in invoices] == [
        ("1", 10000, 6000),
        ("2", 10000, 10000),
    ]
    assert [each.remaining for each in credits_] == [3000]
    assert [each.id for each in rejects] == ["lumen/4"]


likely = "1001|1001|Lumen|lumen |5.00|-5.00|1,234.50|x|Total|2026-11-05|05/11/2026| |".split("|")
cells = st.sampled_from(likely) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(table=st.lists(st.lists(cells, max_size=9), max_size=12))
def test_any_table_of_cells_is_records_and_rejects(table: list[list[str]]) -> None:
    """Each row is a record, a reject, empty, or a sum of others: none is lost, and none raises."""
    written = io.StringIO()
    csv.writer(written).writerows([HEADINGS.split(","), *table])
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "list.csv").write_bytes(written.getvalue().encode())
        pages = list(source(Path(folder), delimiter=",", date_format="YYYY-MM-DD", decimal=".").pull(None))
    invoices, credits_, rejects = records(pages)
    found = len(invoices) + len(credits_) + len(rejects)
    assert found == sum(page.rows for page in pages)
    filled = [row for row in table if not is_blank(row)]
    sums = [row for row in filled if any("total" in cell.lower() for cell in row)]
    assert len(filled) - len(sums) <= found <= len(filled)
    ids = [each.id for each in (*invoices, *credits_, *rejects)]
    assert None not in ids
    assert len(set(ids)) == len(ids)
    owners = {each.id for page in pages for each in page.customers}
    assert {each.customer_id for each in (*invoices, *credits_)} == owners
    assert all(each.reason.startswith("line ") for each in rejects)


@pytest.mark.parametrize(
    ("rows", "key", "words"),
    [
        (["1,L,,01/02/2026,03/04/2026,1.00,"], "date_format", "both as DD/MM/YYYY and as MM/DD/YYYY"),
        (["1,L,,01/02/2026,13/04/2026,1.00,", "2,L,,,04/13/2026,1.00,"], "date_format", "not all written"),
        (['1,L,,,,"1,234",'], "decimal", "both as . and as ,"),
        (['1,L,,,,"1,50",', "2,L,,,,1.50,"], "decimal", "not all written in one way"),
    ],
)
def test_what_has_two_readings_is_asked_for(tmp_path: Path, rows: list[str], key: str, words: str) -> None:
    with pytest.raises(FixSettings, match=words) as caught:
        read(tmp_path, *rows)
    assert caught.value.key == f"books.acme.connection.{key}"


def test_what_one_row_shows_holds_for_all(tmp_path: Path) -> None:
    """13/04 can only be the 13th of April, and 1.234,50 has a comma before its decimals."""
    invoices, _, rejects = read(
        tmp_path, '1,L,,01/02/2026,13/04/2026,"1.234,50",', '2,L,,,03/04/2026,"1.234",'
    )
    assert rejects == []
    assert [(each.due_on, each.open) for each in invoices] == [
        (date(2026, 4, 13), 123450),
        (date(2026, 4, 3), 123400),
    ]
    assert any('date_format = "DD/MM/YYYY"' in each for each in source(tmp_path).check().warnings)
