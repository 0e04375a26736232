"""Rows of Xero's become records or reasons, never exceptions."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.ledger import Credit, Customer, Invoice
from arsync_xero import decode
from arsync_xero.instants import NotADate, civil, instant, stamp, text_of
from arsync_xero.zones import iana

DOCUMENTS = decode.Documents("foreign-per-base")
READERS: dict[str, decode.Reader[Any]] = {
    "Invoices": DOCUMENTS.invoices,
    "Contacts": decode.CONTACTS,
    "CreditNotes": DOCUMENTS.credit_notes,
    "Overpayments": DOCUMENTS.overpayments,
    "Prepayments": DOCUMENTS.prepayments,
    "Payments": decode.PAYMENTS,
}


def page(name: str, *rows: Any, **more: Any) -> bytes:
    told = {"page": 1, "pageSize": 1000, "pageCount": 1, "itemCount": len(rows)}
    return json.dumps({"Status": "OK", "pagination": told, name: list(rows), **more}).encode()


def invoice_row(**changes: Any) -> dict[str, Any]:
    return {
        "Type": "ACCREC",
        "InvoiceID": "i-1",
        "InvoiceNumber": "INV-0041",
        "Contact": {"ContactID": "c-1", "Name": "Brook & Daughters"},
        "DateString": "2026-01-05T00:00:00",
        "Date": "/Date(1767571200000+0000)/",
        "DueDateString": "2026-02-04T00:00:00",
        "DueDate": "/Date(1770163200000+0000)/",
        "Status": "AUTHORISED",
        "Total": 1200.50,
        "AmountDue": 200.45,
        "CurrencyCode": "GBP",
        "UpdatedDateUTC": "/Date(1767604530007+0000)/",
        **changes,
    }


def contact_row(**changes: Any) -> dict[str, Any]:
    return {
        "ContactID": "c-1",
        "ContactStatus": "ACTIVE",
        "Name": "Brook & Daughters",
        "EmailAddress": "office@brook.example",
        "ContactPersons": [
            {"EmailAddress": "ann@brook.example", "IncludeInEmails": True},
            {"EmailAddress": "bob@brook.example", "IncludeInEmails": False},
            {"EmailAddress": "Office@Brook.example", "IncludeInEmails": True},
        ],
        "UpdatedDateUTC": "/Date(1767604530007+0000)/",
        **changes,
    }


def credit_row(id_name: str, **changes: Any) -> dict[str, Any]:
    return {
        id_name: "k-1",
        "Contact": {"ContactID": "c-1"},
        "CurrencyCode": "JPY",
        "RemainingCredit": 3000,
        "Status": "AUTHORISED",
        "DateString": "2026-01-05T00:00:00",
        "UpdatedDateUTC": "/Date(1767604530007+0000)/",
        **changes,
    }


def only(name: str, row: Any) -> Any:
    listing = READERS[name].read(page(name, row))
    assert listing.rows == 1
    return (listing.records or listing.rejects)[0]


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


def test_a_contact() -> None:
    assert only("Contacts", contact_row()) == Customer(
        id="c-1",
        name="Brook & Daughters",
        emails=("office@brook.example", "ann@brook.example"),
        updated_at="2026-01-05T09:15:30.007Z",
    )


POBOX = {"AddressType": "POBOX", "Region": "Bayern", "Country": "Deutschland"}
STREET = {"AddressType": "STREET", "Region": "CA", "Country": "USA"}


@pytest.mark.parametrize(
    ("addresses", "place"),
    [
        ([STREET, POBOX], ("DE", "BY")),  # where invoices are sent to
        ([STREET, POBOX | {"Country": ""}], ("US", "CA")),
        ([POBOX | {"Country": "Atlantis"}, STREET], ("US", "CA")),
        ([{"AddressType": None, "Country": "Scotland"}], ("GB", "SCT")),
        ([STREET | {"Region": None}], ("US", "")),
        ([], ("", "")),
        # Harmless, whatever it is:
        (None, ("", "")),
        (7, ("", "")),
        ("USA", ("", "")),
        ({"Country": "USA"}, ("", "")),
        ([None, STREET], ("US", "CA")),
        ([POBOX | {"Country": 5}, STREET], ("US", "CA")),
        ([STREET | {"Region": ["CA"]}], ("US", "")),
        ([{"AddressType": ["POBOX"], "Country": {"Name": "USA"}}], ("", "")),
        ([[]], ("", "")),
    ],
)
def test_where_a_contact_is(addresses: Any, place: tuple[str, str]) -> None:
    found = only("Contacts", contact_row(Addresses=addresses))
    assert (found.country, found.subdivision) == place
    assert found.emails == ("office@brook.example", "ann@brook.example")


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        ([{"Name": "Key accounts"}, {"Name": "Retail", "Status": "ACTIVE"}], ("Key accounts", "Retail")),
        ([{"Name": "Old", "Status": "DELETED"}, {"Name": "Re\ntail\u2028"}], ("Re tail",)),
        ([], ()),
        # Harmless, whatever it is:
        (None, ()),
        ("Retail", ()),
        ([None, {"Name": None}, {"Name": 5}, {"Name": " "}, {}], ()),
        ([["Retail"]], ()),
    ],
)
def test_which_groups_a_contact_is_in(groups: Any, names: tuple[str, ...]) -> None:
    assert only("Contacts", contact_row(ContactGroups=groups)).groups == names


def test_stray_bytes_in_an_address_cost_nothing_else() -> None:
    row = contact_row(Addresses=[STREET | {"City": "????"}], ContactGroups=[{"Name": "Retail ????"}])
    listing = decode.CONTACTS.read(page("Contacts", row).replace(b"????", b"\xff"))
    [found] = listing.records
    assert (found.country, found.subdivision, found.groups) == ("US", "CA", ("Retail \ufffd",))


def test_contacts_that_are_archived_merged_or_forgotten() -> None:
    merged = only("Contacts", contact_row(ContactStatus="ARCHIVED", MergedToContactID="c-2"))
    assert (merged.active, merged.parent_id, len(merged.emails)) == (False, "c-2", 2)
    assert merged.bills_parent
    itself = only("Contacts", contact_row(MergedToContactID="c-1"))
    assert (itself.parent_id, itself.bills_parent) == (None, False)
    about = {"Addresses": [STREET], "ContactGroups": [{"Name": "Retail"}]}
    forgotten = only("Contacts", contact_row(ContactStatus="GDPRREQUEST", **about))
    assert (forgotten.active, forgotten.emails) == (False, ())
    assert (forgotten.country, forgotten.subdivision, forgotten.groups) == ("", "", ())
    sparse = only("Contacts", contact_row(EmailAddress=None, ContactPersons=[None], Name=None))
    assert (sparse.active, sparse.emails, sparse.name) == (True, (), "")
    assert only("Contacts", contact_row(ContactPersons=None)).emails == ("office@brook.example",)


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


def test_both_forms_of_an_instant() -> None:
    expected = datetime(2018, 11, 2, 16, 31, 30, 160000, UTC)
    assert instant("/Date(1541176290160+0000)/") == expected
    assert instant("/Date(1541176290160)/") == expected
    assert instant("/Date(1541176290160-0500)/") == expected
    assert instant("2018-11-02 16:31:30.160+00:00") == expected
    assert instant("2018-11-02T16:31:30.160") == expected
    assert stamp("/Date(1541176290160+0000)/") == stamp("2018-11-02 16:31:30.160+00:00")
    assert stamp("/Date(-1+0000)/") == "1969-12-31T23:59:59.999Z"
    assert text_of(expected) == "2018-11-02T16:31:30Z"


@pytest.mark.parametrize("text", ["/Date(x)/", "/Date(99999999999999999+0000)/", "/Date(+0000)/", "today"])
def test_what_is_no_instant(text: str) -> None:
    with pytest.raises(NotADate):
        instant(text)
    with pytest.raises((NotADate, OverflowError)):
        stamp(text)


def test_a_civil_date_needs_no_offset() -> None:
    assert civil(None, None) is None
    assert civil("", "/Date(1735603200000+0000)/") == date(2024, 12, 31)


def test_the_time_zones_that_xero_names() -> None:
    assert iana("NEWZEALANDSTANDARDTIME") == "Pacific/Auckland"
    assert iana("GMTSTANDARDTIME") == "Europe/London"
    assert iana("CENTRALSTANDARDTIME(MEXICO)") == "America/Mexico_City"
    assert iana("UTC+12") == "Etc/GMT-12"
    assert iana("UTC11") == "Etc/GMT+11"
    assert iana("KAMCHATKASTANDARDTIME") == "Asia/Kamchatka"
    assert iana("MOONSTANDARDTIME") is None
    assert iana(None) is None


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
