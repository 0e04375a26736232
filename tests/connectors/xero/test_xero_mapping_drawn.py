"""Whatever comes as an answer, a page or a row: a record, a reason, or no answer, and no other exception."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xero_rows import DOCUMENTS, READERS, contact_row, credit_row, invoice_row, page

from arsync_xero import decode


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'{"Contacts": []}',
        b'{"Invoices": null}',
        b'{"Invoices": {}}',
        b'{"ErrorNumber": 500, "Type": "InternalError"}',
        b'{"Invoices": [{}], "pagination": []}',
        page("Invoices", invoice_row())[:-20],
    ],
)
def test_an_answer_without_its_list_is_no_empty_page(body: bytes) -> None:
    with pytest.raises(decode.NotAnAnswer):
        DOCUMENTS.invoices.read(body)


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
near_dates = st.integers(-(10**18), 10**18).map(lambda ms: f"/Date({ms}+0000)/")
plausible = st.sampled_from(
    ["ACCREC", "AUTHORISED", "PAID", "GBP", "ACCRECCREDIT", "RECEIVE-OVERPAYMENT", ""]
)
amounts = st.sampled_from(["NaN", "Infinity", "1e400", "-0", "1e-9"]) | st.floats(
    allow_nan=False, allow_infinity=False
)
fields = st.sampled_from(
    sorted(
        {
            *invoice_row(),
            *contact_row(Addresses=[], ContactGroups=[]),
            *credit_row("CreditNoteID"),
            "OverpaymentID",
            "PrepaymentID",
        }
    )
)
values = anything | near_dates | plausible | amounts


@given(st.sampled_from(sorted(READERS)), st.lists(st.dictionaries(fields, values) | anything, max_size=4))
def test_any_row_gives_a_record_or_a_reject(name: str, rows: list[Any]) -> None:
    listing = READERS[name].read(page(name, *rows))
    assert len(listing.records) + len(listing.rejects) == listing.rows <= listing.raw_rows == len(rows)
    assert all(json.loads(reject.raw) in rows for reject in listing.rejects)


@given(fields, values)
def test_one_odd_field_spoils_at_most_its_own_row(field: str, value: Any) -> None:
    rows = [invoice_row(), invoice_row(InvoiceID="odd") | {field: value}, invoice_row(InvoiceID="i-3")]
    listing = DOCUMENTS.invoices.read(page("Invoices", *rows))
    found = [each.id for each in listing.records]
    assert found[0] == "i-1"
    assert found[-1] == "i-3"
    assert listing.raw_rows == 3


@given(st.binary(max_size=60))
def test_any_bytes_are_a_page_or_not_an_answer(body: bytes) -> None:
    for reader in READERS.values():
        with pytest.raises(decode.NotAnAnswer):
            reader.read(body)
