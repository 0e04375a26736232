"""Rows to records: examples, and any JSON at all."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arsync.errors import ArsyncError, TryLater
from arsync.ledger import Credit, Customer, Gone, Invoice
from arsync_quickbooks import decode, instants, mapping, replies

META = {"CreateTime": "2026-01-05T23:59:59-08:00", "LastUpdatedTime": "2026-02-28T16:30:00-08:00"}
INVOICE: dict[str, Any] = {
    "Id": "145",
    "SyncToken": "2",
    "MetaData": META,
    "DocNumber": "1037",
    "TxnDate": "2026-01-05",
    "DueDate": "2026-02-04",
    "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
    "CustomerRef": {"value": "24", "name": "Fern Kitchens"},
    "TotalAmt": 362.07,
    "Balance": 100,
    "BillEmail": {"Address": "ap@fern.example, boss@fern.example"},
    "BillEmailCc": {"Address": "cc@fern.example, two@fern.example"},
    "BillEmailBcc": {"Address": "file@fern.example, desk@fern.example"},
    "PrivateNote": "call before noon",
    "Line": [{"Amount": 362.07}],
}


def page(entity: str, *rows: Any) -> bytes:
    group = {entity: list(rows), "startPosition": 1, "maxResults": len(rows)}
    return json.dumps({"QueryResponse": group, "time": "2026-03-02T04:00:00.123-08:00"}).encode()


def mapped(entity: str, *rows: Any, home: str | None = None) -> mapping.Mapped:
    return mapping.records(decode.query(page(entity, *rows), entity)[0], home)


def test_an_invoice() -> None:
    assert mapped("Invoice", INVOICE).invoices == [
        Invoice(
            id="145",
            number="1037",
            customer_id="24",
            currency="USD",
            total=36207,
            open=10000,
            issued_on=date(2026, 1, 5),
            due_on=date(2026, 2, 4),
            emails=("ap@fern.example", "boss@fern.example"),
            cc=("cc@fern.example", "two@fern.example"),
            bcc=("file@fern.example", "desk@fern.example"),
            updated_at="2026-03-01T00:30:00Z",
        )
    ]


def test_what_an_invoice_may_lack() -> None:
    bare = {"Id": "9", "CustomerRef": {"value": "1"}, "TotalAmt": 5, "Balance": 5, "DueDate": None}
    (found,) = mapped("Invoice", bare, home="GBP").invoices
    assert (found.number, found.currency, found.due_on, found.emails, found.updated_at) == (
        "",
        "GBP",
        None,
        (),
        "",
    )


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"TotalAmt": 0, "Balance": 0, "PrivateNote": "Voided - call before noon"}, "voided"),
        ({"TotalAmt": 0, "Balance": 0, "PrivateNote": "a free sample"}, "in-force"),
        ({"Balance": 0, "PrivateNote": "Voided once, entered again"}, "in-force"),
    ],
)
def test_a_voided_invoice_is_all_zero_and_says_so(change: dict[str, Any], status: str) -> None:
    assert mapped("Invoice", INVOICE | change).invoices[0].status == status


def test_a_deleted_one_is_gone_though_it_has_no_amounts() -> None:
    stone = {"domain": "QBO", "status": "Deleted", "Id": "145", "MetaData": META}
    assert mapped("Invoice", stone).gone == [
        Gone(entity="invoice", id="145", updated_at="2026-03-01T00:30:00Z")
    ]
    assert mapped("CreditMemo", stone).gone[0].kind == "credit-note"
    assert mapped("Payment", stone).gone[0].kind == "payment"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"CustomerRef": None}, "CustomerRef"),
        ({"Balance": None}, "Balance"),
        ({"TotalAmt": 1.005}, "more than 2 decimals"),
        ({"CurrencyRef": {"value": "dollars"}}, "currency code"),
        ({"CurrencyRef": None}, "names no currency"),
        ({"DueDate": "31/12/2026"}, "not a date"),
        ({"Id": None}, "no Id"),
        ({"TotalAmt": "lots"}, "TotalAmt"),
        ({"CustomerRef": "24"}, "CustomerRef"),
    ],
)
def test_a_row_that_does_not_fit_is_a_reject_and_the_page_goes_on(
    change: dict[str, Any], reason: str
) -> None:
    found = mapped("Invoice", INVOICE | {"Id": "1"}, INVOICE | change, INVOICE | {"Id": "3"})
    assert [invoice.id for invoice in found.invoices] == ["1", "3"]
    (reject,) = found.rejects
    assert reason in reject.reason
    assert reject.id == (None if "Id" in change else "145")
    assert json.loads(reject.raw)["DocNumber"] == "1037"


@pytest.mark.parametrize(
    ("extra", "parent", "billed"),
    [
        ({"Job": True, "ParentRef": {"value": "7"}}, "7", False),
        ({"Job": True, "BillWithParent": False, "ParentRef": {"value": "7"}}, "7", False),
        ({"Job": True, "BillWithParent": True, "ParentRef": {"value": "7"}}, "7", True),
        ({"Job": False, "BillWithParent": True, "ParentRef": {"value": "7"}}, "7", True),
        ({"Job": False, "ParentRef": {"value": "7"}}, None, False),
        ({"Job": True}, None, False),
        ({"BillWithParent": True}, None, False),
    ],
)
def test_a_customer_and_its_parent(extra: dict[str, Any], parent: str | None, billed: bool) -> None:
    row = {
        "Id": "8",
        "DisplayName": "Loft",
        "PrimaryEmailAddr": {"Address": "a@loft.example;b@loft.example"},
        "Active": False,
        "MetaData": META,
    }
    assert mapped("Customer", row | extra).customers == [
        Customer(
            id="8",
            name="Loft",
            emails=("a@loft.example", "b@loft.example"),
            parent_id=parent,
            bills_parent=billed,
            active=False,
            updated_at="2026-03-01T00:30:00Z",
        )
    ]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ({"Country": "USA", "CountrySubDivisionCode": "CA", "City": "Alder"}, ("US", "CA")),
        ({"Country": "United Kingdom", "CountrySubDivisionCode": "Scotland"}, ("GB", "SCT")),
        ({"CountrySubDivisionCode": "CA"}, ("", "")),
        ({}, ("", "")),
        # Harmless, whatever it is:
        (None, ("", "")),
        (7, ("", "")),
        ("USA", ("", "")),
        (["USA"], ("", "")),
        ({"Country": None, "CountrySubDivisionCode": None}, ("", "")),
        ({"Country": 840, "CountrySubDivisionCode": "CA"}, ("", "")),
        ({"Country": {"value": "USA"}}, ("", "")),
        ({"Country": "DEU", "CountrySubDivisionCode": 9}, ("DE", "")),
    ],
)
def test_where_a_customer_is(address: Any, place: tuple[str, str]) -> None:
    found = mapped("Customer", {"Id": "8", "DisplayName": "Loft", "BillAddr": address})
    assert [(each.country, each.subdivision) for each in found.customers] == [place]
    assert found.rejects == []


@pytest.mark.parametrize(
    ("told", "groups"),
    [
        ({"value": "12"}, ("Key accounts",)),
        ({"value": 12}, ("Key accounts",)),
        ({"value": "13"}, ()),  # of no such type
        ({"value": None}, ()),
        ({"name": "Retail"}, ()),
        (None, ()),
        (12, ()),
        ("12", ()),
        ([{"value": "12"}], ()),
    ],
)
def test_which_type_a_customer_is_of(told: Any, groups: tuple[str, ...]) -> None:
    rows, _ = decode.query(page("Customer", {"Id": "8", "CustomerTypeRef": told}), "Customer")
    [found] = mapping.records(rows, None, types={"12": "Key\r\naccounts"}).customers
    assert found.groups == groups
    assert mapping.tells_type(rows) == (isinstance(told, dict) and told.get("value") is not None)


def test_the_names_of_customer_types() -> None:
    rows = [{"Id": "5000000000000003466", "Name": "Retail", "Active": False}, {"Id": 7, "Name": "Trade"}]
    odd = [None, {"Id": None, "Name": "x"}, {"Id": "9", "Name": 9}, {}]
    told = replies.customer_types(page("CustomerType", *rows, *odd))
    assert told == {"5000000000000003466": "Retail", "7": "Trade"}
    assert replies.customer_types(b'{"QueryResponse":{},"time":"2026-03-02T04:00:00-08:00"}') == {}
    for other in (page("Customer", {"Id": "1"}), b"{}", b"null", b'{"QueryResponse":[]}'):
        with pytest.raises(TryLater):
            replies.customer_types(other)


def test_credits() -> None:
    memo = {"Id": "3", "CustomerRef": {"value": "1"}, "CurrencyRef": {"value": "JPY"}, "Balance": 70}
    paid = {"Id": "4", "CustomerRef": {"value": "1"}, "UnappliedAmt": 12.5, "TxnDate": "2026-02-01"}
    assert mapped("CreditMemo", memo).credits[0].remaining == 70
    assert mapped("CreditMemo", memo | {"RemainingCredit": 60}).credits[0].remaining == 60
    assert mapped("Payment", paid, home="USD").credits == [
        Credit(
            id="4",
            kind="payment",
            customer_id="1",
            currency="USD",
            remaining=1250,
            issued_on=date(2026, 2, 1),
        )
    ]
    assert "UnappliedAmt" in mapped("Payment", {"Id": "4"}, home="USD").rejects[0].reason.replace(
        "it has no UnappliedAmt", "UnappliedAmt"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T23:59:59-08:00", "2026-03-02T07:59:59Z"),
        ("2026-03-02T00:10:07+05:30", "2026-03-01T18:40:07Z"),
        ("2026-03-02T00:10:07Z", "2026-03-02T00:10:07Z"),
        ("2026-03-02T04:00:00.987-08:00", "2026-03-02T12:00:00Z"),
        ("2026-12-31T20:00:00-04:00", "2027-01-01T00:00:00Z"),
    ],
)
def test_instants(text: str, expected: str) -> None:
    assert instants.utc(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00-08:00", "2026-03-01T00:99:00-08:00"])
def test_no_instants(text: str) -> None:
    with pytest.raises(ValueError):
        instants.utc(text)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"QueryResponse":null}',
        b'{"QueryResponse":[]}',
        b'{"QueryResponse":{"Invoice":{}}}',
        b'{"QueryResponse":{"Invoice":[{"Id":"1"}',
        b'{"QueryResponse":{"Invoice":[{"Id":"1"}],"maxResults":2}}',
        b'{"QueryResponse":{"Invoice":[{"Id":1}],"maxResults":2}}',
        b'{"QueryResponse":{"Customer":[{"Id":"1"}],"maxResults":1}}',
        b'{"QueryResponse":{"Invoice":[{"Id":"1"}],"startPosition":1,"maxResults":1,"totalCount":40}}',
        b'{"QueryResponse":{"startPosition":1,"maxResults":1000}}',
        b'{"CDCResponse":[]}',
    ],
)
def test_an_answer_of_another_shape_is_never_an_empty_page(body: bytes) -> None:
    with pytest.raises(TryLater):
        decode.query(body, "Invoice")


@pytest.mark.parametrize(
    "body",
    [
        b'{"CDCResponse":[],"time":"2026-03-02T04:00:00-08:00"}',
        b'{"QueryResponse":{}}',
        b'{"CDCResponse":[{"QueryResponse":[{"Invoice":[{"Id":"1"}],"maxResults":3}]}]}',
        b'{"CDCResponse":[{"QueryResponse":[{"Fault":{"Error":[{"code":"10000"}]}}]}]}',
        b'{"CDCResponse":[{"QueryResponse":[{"Invoice":[{"Id":1}],"fault":{"error":[{"code":"3001"}]}}]}]}',
    ],
)
def test_a_capture_of_another_shape_is_never_nothing_changed(body: bytes) -> None:
    with pytest.raises(TryLater):
        decode.changes(body)


def test_a_past_the_end_page_is_empty() -> None:
    rows, time = decode.query(b'{"QueryResponse":{},"time":"2026-03-02T04:00:00-08:00"}', "Invoice")
    assert (len(rows), time) == (0, "2026-03-02T12:00:00Z")


def test_a_bad_row_of_a_capture_keeps_its_own_text() -> None:
    groups = [{"Customer": [{"Id": "5", "DisplayName": "A"}]}, {"Invoice": [INVOICE, {"Id": "7"}]}, {}]
    body = json.dumps({"CDCResponse": [{"QueryResponse": groups}]}).encode()
    changes = decode.changes(body)
    assert changes.objects == 3
    found = mapping.records(changes.groups[1], None)
    assert [(r.id, json.loads(r.raw)) for r in found.rejects] == [("7", {"Id": "7"})]


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)
amounts = st.integers() | st.decimals(allow_nan=False, allow_infinity=False).map(str) | json_values
refs = st.fixed_dictionaries({"value": st.sampled_from(["USD", "JPY", "1", ""]) | json_values}) | json_values
odd_rows = st.fixed_dictionaries(
    {},
    optional={
        "Id": st.text(max_size=5) | json_values,
        "status": st.sampled_from(["Deleted", "x"]) | json_values,
        "MetaData": st.fixed_dictionaries({"LastUpdatedTime": st.text(max_size=30) | json_values}),
        "CustomerRef": refs,
        "CurrencyRef": refs,
        "TotalAmt": amounts,
        "Balance": amounts,
        "UnappliedAmt": amounts,
        "ExchangeRate": amounts,
        "RemainingCredit": amounts,
        "TxnDate": st.dates().map(str) | json_values,
        "DueDate": json_values,
        "BillEmail": json_values,
        "PrimaryEmailAddr": json_values,
        "ParentRef": refs,
        "BillAddr": st.fixed_dictionaries({"Country": json_values, "CountrySubDivisionCode": json_values})
        | json_values,
        "CustomerTypeRef": refs,
        "Job": json_values,
        "PrivateNote": json_values,
        "Line": json_values,
    },
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["Invoice", "Customer", "CreditMemo", "Payment"]),
    st.lists(odd_rows | json_values, max_size=4),
)
def test_any_row_is_a_record_or_a_reject(entity: str, rows: list[Any]) -> None:
    found = mapped(entity, *rows, home="USD")
    made = len(found.customers) + len(found.invoices) + len(found.credits) + len(found.gone)
    undated = sum(reject.entity == "payment" for reject in found.rejects)
    assert made + len(found.rejects) - undated == len(rows)
    assert len(found.payments) == (made - undated if entity == "Payment" else 0)
    for reject in found.rejects:
        assert json.loads(reject.raw) in rows


@settings(max_examples=100, deadline=None)
@given(json_values)
def test_any_json_at_all_is_rows_or_an_error_that_is_ours(value: Any) -> None:
    body = json.dumps(value).encode()
    for reader in (lambda: decode.query(body, "Invoice"), lambda: decode.changes(body)):
        try:
            reader()
        except ArsyncError:
            continue
        else:
            assert isinstance(value, dict)


@pytest.mark.parametrize("name", [rb"Fern \ud83d", rb"\ude00 Fern", b"Fern\xff", b"Fern\tKitchens"])
@pytest.mark.parametrize("where", ["DocNumber", "Memo"])
def test_a_text_that_is_no_text_does_not_cost_the_page(name: bytes, where: str) -> None:
    body = page("Invoice", INVOICE | {where: "NAME"}, INVOICE | {"Id": "2"}).replace(b"NAME", name)
    rows, _ = decode.query(body, "Invoice")
    assert [i.id for i in mapping.records(rows, None).invoices] == ["145", "2"]
