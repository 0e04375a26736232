"""QuickBooks' rows as typed structs: the fields that are read, and no others.

All fields may be missing or null. Amounts are decoded from their JSON text into Decimals.
Fields: developer.intuit.com, API reference of Invoice, Customer, CreditMemo, Payment, JournalEntry.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec


class Ref(msgspec.Struct, rename=None):
    value: str | None = None


class Email(msgspec.Struct, rename="pascal"):
    address: str | None = None


class MetaData(msgspec.Struct, rename="pascal"):
    create_time: str | None = None
    last_updated_time: str | None = None


class Row(msgspec.Struct, rename="pascal"):
    """What every row has. ``status`` is "Deleted" on what is left of a deleted one."""

    id: str | None = None
    meta_data: MetaData | None = None
    status: str | None = msgspec.field(name="status", default=None)


class InvoiceRow(Row, rename="pascal"):
    doc_number: str | None = None
    customer_ref: Ref | None = None
    currency_ref: Ref | None = None
    total_amt: Decimal | None = None
    balance: Decimal | None = None
    txn_date: str | None = None
    due_date: str | None = None
    bill_email: Email | None = None
    bill_email_cc: Email | None = None
    bill_email_bcc: Email | None = None
    exchange_rate: msgspec.Raw = msgspec.Raw()  # as its text: a rate is never calculated with here
    private_note: str | None = None


class CustomerRow(Row, rename="pascal"):
    display_name: str | None = None
    fully_qualified_name: str | None = None
    company_name: str | None = None
    currency_ref: Ref | None = None
    primary_email_addr: Email | None = None
    job: bool | None = None
    parent_ref: Ref | None = None
    bill_with_parent: bool | None = None
    active: bool | None = None
    # As their texts: an odd address is no reason to reject a customer.
    bill_addr: msgspec.Raw = msgspec.Raw()
    customer_type_ref: msgspec.Raw = msgspec.Raw()


class CreditMemoRow(Row, rename="pascal"):
    doc_number: str | None = None
    customer_ref: Ref | None = None
    currency_ref: Ref | None = None
    remaining_credit: Decimal | None = None
    balance: Decimal | None = None
    exchange_rate: msgspec.Raw = msgspec.Raw()
    txn_date: str | None = None


class LinkedTxn(msgspec.Struct, rename="pascal"):
    txn_id: str | None = None
    txn_type: str | None = None


class PaymentLine(msgspec.Struct, rename="pascal"):
    amount: Decimal | None = None
    linked_txn: list[LinkedTxn] | None = None


class PaymentRow(Row, rename="pascal"):
    payment_ref_num: str | None = None
    customer_ref: Ref | None = None
    currency_ref: Ref | None = None
    total_amt: Decimal | None = None
    unapplied_amt: Decimal | None = None
    exchange_rate: msgspec.Raw = msgspec.Raw()
    txn_date: str | None = None
    line: list[PaymentLine] | None = None


class JournalEntryRow(Row, rename="pascal"):
    """Only that it changed: what it means for a customer is read from the aging report."""


class Address(msgspec.Struct, rename="pascal"):
    """Where a customer is billed: a code of three letters since August 2025, and whatever was typed before
    or by hand. Source: developer.intuit.com, release notes of that month."""

    country: Any = None
    country_sub_division_code: Any = None


class TypeRow(msgspec.Struct, rename="pascal"):
    """A customer type: what a company sorts its customers by."""

    id: Any = None
    name: Any = None


class NoteRow(Row, rename="pascal"):
    """An invoice or a customer as a place for notes."""

    sync_token: str | None = None
    private_note: str | None = None
    notes: str | None = None


class CompanyRow(msgspec.Struct, rename="pascal"):
    company_name: str | None = None
    legal_name: str | None = None
    default_time_zone: str | None = None


class CurrencyPrefs(msgspec.Struct, rename="pascal"):
    multi_currency_enabled: bool | None = None
    home_currency: Ref | None = None


class ReportPrefs(msgspec.Struct, rename="pascal"):
    calc_aging_report_from_txn_date: bool | None = None


class PreferencesRow(msgspec.Struct, rename="pascal"):
    currency_prefs: CurrencyPrefs | None = None
    report_prefs: ReportPrefs | None = None
