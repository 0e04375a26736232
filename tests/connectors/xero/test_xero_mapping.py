"""Rows of Xero's invoices and credits become records or reasons, never exceptions."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import pytest
from xero_rows import DOCUMENTS, READERS, credit_row, invoice_row, only, page

from arsync.ledger import Credit, Invoice
from arsync_xero import decode


def test_an_open_invoice() -> None:
    assert only("Invoices", invoice_row()) == Invoice(
        id="i-1",
        number="INV-0041",
        customer_id="c-1",
        currency="GBP",
        total=120050,
        open=20045,
        issued_on=date(2026, 1, 5),
        due_on=date(2026, 2, 4),
        updated_at="2026-01-05T09:15:30.007Z",
    )


@pytest.mark.parametrize(
    ("status", "mapped", "still_open"),
    [
        ("AUTHORISED", "in-force", 20045),
        ("PAID", "in-force", 0),  # paid is paid, whatever amount stands beside it
        ("DRAFT", "draft", 20045),
        ("SUBMITTED", "draft", 20045),
        ("VOIDED", "voided", 20045),
        ("DELETED", "deleted", 20045),
    ],
)
def test_the_status_of_an_invoice(status: str, mapped: str, still_open: int) -> None:
    found = only("Invoices", invoice_row(Status=status))
    assert (found.status, found.open) == (mapped, still_open)
    assert found.owed == (20045 if status == "AUTHORISED" else 0)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"DueDateString": None}, date(2026, 2, 4)),
        ({"DueDateString": None, "DueDate": None}, None),
        ({"DueDateString": "2026-02-30", "DueDate": "/Date(1770163200000)/"}, date(2026, 2, 4)),
        ({"DueDateString": None, "DueDate": "/Date(-86400000+1300)/"}, date(1969, 12, 31)),
        ({"DueDateString": "2025-12-31 00:00:00"}, date(2025, 12, 31)),
    ],
)
def test_the_due_date_of_an_invoice(changes: dict[str, Any], expected: date | None) -> None:
    assert only("Invoices", invoice_row(**changes)).due_on == expected


def test_a_promised_payment_date() -> None:
    found = only("Invoices", invoice_row(ExpectedPaymentDate="/Date(1772409600000+0000)/"))
    assert found.promised_on == date(2026, 3, 2)


def test_nulls_and_unknown_fields_do_no_harm() -> None:
    row = invoice_row(
        InvoiceNumber=None,
        Reference=None,
        Payments=None,
        ExpectedPaymentDate=None,
        UpdatedDateUTC=None,
        New={},
    )
    found = only("Invoices", row)
    assert (found.number, found.promised_on, found.updated_at) == ("", None, "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Status": "ARCHIVED"}, "an invoice of the status 'ARCHIVED'"),
        ({"Status": None}, "an invoice of the status (none)"),
        ({"Type": "SOMETHING"}, "an invoice of the type 'SOMETHING'"),
        ({"CurrencyCode": None}, "an invoice without a CurrencyCode"),
        ({"CurrencyCode": "pounds"}, "'pounds' is not an ISO 4217 currency code such as 'EUR'"),
        ({"Contact": None}, "an invoice without a ContactID"),
        ({"AmountDue": None}, "an open invoice without Total or AmountDue"),
        ({"AmountDue": 0.001}, "0.001 GBP has more than 2 decimals"),
        ({"DueDateString": None, "DueDate": "soon"}, "'soon' is not a date"),
        ({"InvoiceNumber": 41}, "Expected str | null, got int - at $.InvoiceNumber"),
    ],
)
def test_an_invoice_that_cannot_be_kept_is_rejected_alone(changes: dict[str, Any], reason: str) -> None:
    odd = invoice_row(InvoiceID="odd", **changes)
    listing = DOCUMENTS.invoices.read(page("Invoices", invoice_row(), odd, invoice_row(InvoiceID="i-3")))
    assert [each.id for each in listing.records] == ["i-1", "i-3"]
    [reject] = listing.rejects
    assert (reject.entity, reject.id, reject.reason) == ("invoice", "odd", reason)
    assert json.loads(reject.raw) == odd
    assert listing.rows == 3


def test_amounts_are_exact_and_large_ones_are_kept_out() -> None:
    body = page("Invoices", invoice_row()).replace(b"200.45", b"9007199254740.99")
    [found] = DOCUMENTS.invoices.read(body).records
    assert found.open == 900719925474099
    body = page("Invoices", invoice_row()).replace(b"200.45", b"1e999999")
    [reject] = DOCUMENTS.invoices.read(body).rejects
    assert reject.reason.startswith("1E+999999 GBP")


def test_bills_are_left_out_and_not_counted() -> None:
    listing = DOCUMENTS.invoices.read(page("Invoices", invoice_row(Type="ACCPAY"), invoice_row()))
    assert (len(listing.records), listing.rejects, listing.rows, listing.raw_rows) == (1, [], 1, 2)


def test_the_three_kinds_of_credit() -> None:
    note = credit_row("CreditNoteID", Type="ACCRECCREDIT", CreditNoteNumber="CN-7")
    assert only("CreditNotes", note) == Credit(
        id="k-1",
        kind="credit-note",
        customer_id="c-1",
        currency="JPY",
        remaining=3000,
        number="CN-7",
        issued_on=date(2026, 1, 5),
        updated_at="2026-01-05T09:15:30.007Z",
    )
    over = only("Overpayments", credit_row("OverpaymentID", Type="RECEIVE-OVERPAYMENT", Reference="R 9"))
    assert (over.kind, over.number, over.remaining) == ("overpayment", "R 9", 3000)
    early = only("Prepayments", credit_row("PrepaymentID", Type="ARPREPAYMENT"))
    assert (early.kind, early.id) == ("prepayment", "k-1")


@pytest.mark.parametrize("status", ["PAID", "VOIDED", "DRAFT"])
def test_a_credit_that_is_not_in_force_has_nothing_left(status: str) -> None:
    row = credit_row("CreditNoteID", Type="ACCRECCREDIT", Status=status, RemainingCredit=None)
    assert only("CreditNotes", row).remaining == 0


def test_credits_of_suppliers_are_left_out() -> None:
    for name, id_name, kind in [
        ("CreditNotes", "CreditNoteID", "ACCPAYCREDIT"),
        ("Overpayments", "OverpaymentID", "SPEND-OVERPAYMENT"),
        ("Prepayments", "PrepaymentID", "SPEND-PREPAYMENT"),
    ]:
        listing = READERS[name].read(page(name, credit_row(id_name, Type=kind)))
        assert (listing.records, listing.rejects, listing.rows) == ([], [], 0)


def test_a_usable_credit_without_its_remainder_is_rejected() -> None:
    row = credit_row("OverpaymentID", Type="RECEIVE-OVERPAYMENT", RemainingCredit=None)
    assert only("Overpayments", row).reason == "a credit without RemainingCredit"


def test_the_small_answers() -> None:
    one = {"Name": "Hartley", "BaseCurrency": "GBP", "Timezone": None}
    assert decode.organisation(page("Organisations", one)).currency == "GBP"
    with pytest.raises(decode.NotAnAnswer):
        decode.organisation(page("Organisations"))
    assert decode.reminds(page("InvoiceReminders", {"Enabled": True}))
    assert decode.reminds(page("InvoiceReminders", {"Enabled": "False"})) is False
    assert decode.reminds(page("InvoiceReminders", {"Enabled": None}, None)) is None
    assert decode.reminds(page("InvoiceReminders")) is None
    assert decode.history(page("HistoryRecords", {"Details": "a"}, None, {"Details": None})) == ["a"]
    with pytest.raises(decode.NotAnAnswer):
        decode.history(b"{}")
    assert decode.connections(msgspec.json.encode([{"tenantId": "t", "x": 1}]))[0].tenant == "t"
