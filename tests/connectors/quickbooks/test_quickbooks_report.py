"""The aging report: which rows are credits, and what cannot be read."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arsync.errors import TryLater
from arsync.ledger import Credit
from arsync_quickbooks import receivables, report

KEYS = ("tx_date", "txn_type", "doc_num", "cust_name", "subt_open_bal")
FOREIGN = ("tx_date", "txn_type", "doc_num", "cust_name", "currency", "foreign_open_bal")


def row(kind: str, txn: str | None, customer: str | None, *amounts: str) -> dict[str, Any]:
    def cell(value: str, id_: str | None) -> dict[str, str]:
        return {"value": value} if id_ is None else {"value": value, "id": id_}

    cells = [{"value": "2026-01-31"}, cell(kind, txn), {"value": "12"}, cell("Loft", customer)]
    return {"ColData": [*cells, *({"value": amount} for amount in amounts)], "type": "Data"}


def body(*rows: dict[str, Any], keys: tuple[str, ...] = KEYS, title: bool = False) -> bytes:
    names = {"txn_type": "Transaction type", "cust_name": "Customer", "subt_open_bal": "Open Balance"}
    columns = [
        {"ColTitle": names.get(key, key), "ColType": "String"}
        if title
        else {"ColTitle": "Kunde", "ColType": "", "MetaData": [{"Name": "ColKey", "Value": key}]}
        for key in keys
    ]
    section = {
        "Header": {"ColData": [{"value": "1 - 30 days past due"}] + [{"value": ""}] * 4},
        "Rows": {"Row": list(rows)},
        "Summary": {"ColData": [{"value": "Total"}] + [{"value": "-99999.00"}] * 4},
        "type": "Section",
    }
    total = {"Summary": {"ColData": [{"value": "TOTAL", "id": "1"}] * 4 + [{"value": "-1.00"}]}}
    return json.dumps(
        {
            "Header": {"Currency": "USD", "Time": "2026-03-02T04:00:00-08:00"},
            "Columns": {"Column": columns},
            "Rows": {"Row": [section, total | {"type": "Section"}]},
        }
    ).encode()


def read(text: bytes, *, foreign: bool = False) -> receivables.Credits:
    return report.read(BytesIO(text), receivables.credits_of, foreign=foreign, home=lambda: "")


def test_negative_data_rows_are_credits_and_nothing_else_is() -> None:
    found = read(
        body(
            row("Invoice", "5", "1", "80.00"),
            row("Payment", "6", "1", "-12.50"),
            row("Credit Memo", "7", "2", "-3.00"),
            row("Journal Entry", "8", "2", "-1,000.00"),
            row("Journal Entry", "9", "2", "40.00"),
            row("Deposit", "10", "3", "-2"),
        )
    )
    assert [(c.kind, c.id, c.customer_id, c.remaining) for c in found.credits] == [
        ("payment", "6", "1", 1250),
        ("credit-note", "7", "2", 300),
        ("journal", "8:2", "2", 100000),
        ("journal", "10:3", "3", 200),
    ]
    assert found.rejects == []
    assert found.home == "USD"


def test_a_credit_in_full() -> None:
    assert read(body(row("Payment", "6", "1", "-12.50"))).credits == [
        Credit(
            id="6",
            kind="payment",
            customer_id="1",
            currency="USD",
            remaining=1250,
            number="12",
            issued_on=date(2026, 1, 31),
        )
    ]


def test_an_entry_with_lines_of_several_customers_is_a_credit_for_each() -> None:
    lines = [row("Journal Entry", "8", customer, amount) for customer, amount in (("1", "-5"), ("2", "-7"))]
    found = read(body(*lines, row("Journal Entry", "8", "1", "-2")))
    assert {c.id: c.remaining for c in found.credits} == {"8:1": 700, "8:2": 700}


def test_amounts_of_several_currencies_are_the_agreed_ones() -> None:
    found = read(
        body(
            row("Payment", "6", "1", "EUR", "-12.50"),
            row("Payment", "7", "2", "JPY", "-300"),
            row("Payment", "8", "3", "USD", "-4.00"),
            keys=FOREIGN,
        ),
        foreign=True,
    )
    assert [(c.currency, c.remaining) for c in found.credits] == [("EUR", 1250), ("JPY", 300), ("USD", 400)]


def test_a_report_with_all_its_columns_is_read_in_the_agreed_amounts() -> None:
    keys = (*FOREIGN, "subt_open_bal")
    found = read(body(row("Payment", "6", "1", "EUR", "-12.50", "-10.63"), keys=keys), foreign=True)
    assert [(c.currency, c.remaining) for c in found.credits] == [("EUR", 1250)]


def test_a_home_sum_stands_for_an_amount_in_the_home_currency_alone() -> None:
    rows = [row("Payment", "6", "1", currency, "", "-4.00") for currency in ("USD", "EUR")]
    found = read(body(*rows, keys=(*FOREIGN, "subt_open_bal")), foreign=True)
    assert [(c.currency, c.remaining) for c in found.credits] == [("USD", 400)]
    assert len(found.rejects) == 1


def test_columns_are_known_by_their_titles_too() -> None:
    assert len(read(body(row("Payment", "6", "1", "-1"), title=True)).credits) == 1


@pytest.mark.parametrize(
    "bad",
    [
        row("Payment", None, "1", "-1"),
        row("Payment", "6", None, "-1"),
        row("Payment", "6", "1", ""),
        row("Payment", "6", "1", "NaN"),
        row("Payment", "6", "1", "minus one"),
        row("Payment", "6", "1", "-1.005"),
        row("Payment", "6", "1"),
    ],
)
def test_a_row_that_cannot_be_read_is_a_reject(bad: dict[str, Any]) -> None:
    found = read(body(bad, row("Payment", "9", "1", "-1")))
    assert [c.id for c in found.credits] == ["9"]
    (reject,) = found.rejects
    assert json.loads(reject.raw) == bad


@pytest.mark.parametrize("missing", ["txn_type", "cust_name", "subt_open_bal"])
def test_a_column_that_is_missing_makes_it_unreadable(missing: str) -> None:
    keys = tuple("other" if key == missing else key for key in KEYS)
    with pytest.raises(report.Unreadable, match=missing):
        read(body(row("Payment", "6", "1", "-1"), keys=keys))


def test_home_amounts_do_not_pass_for_foreign_ones() -> None:
    with pytest.raises(report.Unreadable, match="foreign_open_bal"):
        read(body(row("Payment", "6", "1", "-1")), foreign=True)


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[]",
        b'{"Header":{},"Columns":{"Column":[]},"Rows":{}}',
        b'{"Header":{},"Columns":{},"Rows":{}}',
        body(row("Payment", "6", "1", "-1")).replace(b'"type": "Data"', b'"type": 5'),
    ],
)
def test_another_shape_is_unreadable(text: bytes) -> None:
    with pytest.raises(report.Unreadable):
        read(text)


def test_a_report_that_was_damaged_on_its_way_is_asked_for_later() -> None:
    with pytest.raises(TryLater):
        read(body(row("Payment", "6", "1", "-1"))[:-40])


@pytest.mark.parametrize("name", [rb"Loft \ud83d", b"Loft\xff"])
def test_a_name_that_is_no_text_costs_no_report(name: bytes) -> None:
    text = body(row("Payment", "6", "1", "-1")).replace(b"Loft", name)
    assert [credit.remaining for credit in read(text).credits] == [100]


def test_a_report_that_was_cut_says_so() -> None:
    notice = {"ColData": [{"value": "Unable to display more data. Please reduce the date range."}]}
    with pytest.raises(report.Cut):
        read(body(row("Payment", "6", "1", "-1"), notice | {"type": "Data"}))


def test_no_receivables_at_all() -> None:
    empty = json.loads(body())
    empty["Rows"] = {}
    assert read(json.dumps(empty).encode()).credits == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(json_values, max_size=5), json_values, st.sampled_from(KEYS))
def test_any_rows_are_read_or_refused(rows: list[Any], cell: Any, key: str) -> None:
    odd = row("Payment", "6", "1", "-1")
    odd["ColData"][KEYS.index(key)] = cell
    try:
        found = read(body(*rows, odd))
    except report.Unreadable:
        return
    assert len(found.credits) + len(found.rejects) <= len(rows) + 1
