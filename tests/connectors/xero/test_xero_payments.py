"""When money came in: read along with the credits, for its date alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import responses
from xero_book import NOW, Desk, Shelf, Town, truly_owed, truly_paid

from arsync.errors import Reconnect
from arsync.ledger import Allocation, Payment
from arsync_xero import decode, options
from arsync_xero.simulator import SandboxClock, large_company

TODAY = NOW.date()
Build = Callable[..., Town]
API = "https://api.xero.com/api.xro/2.0"


def payment_row(**changes: Any) -> dict[str, Any]:
    return {
        "PaymentID": "p-1",
        "Date": "/Date(1767571200000+0000)/",
        "BankAmount": 117.00,
        "Amount": 100.10,
        "PaymentType": "ACCRECPAYMENT",
        "Status": "AUTHORISED",
        "IsReconciled": "true",
        "BatchPayment": {"IsReconciled": "false", "TotalAmount": "100.10"},
        "UpdatedDateUTC": "/Date(1767604530007+0000)/",
        "Invoice": {
            "Type": "ACCREC",
            "InvoiceID": "i-1",
            "Contact": {"ContactID": "c-1", "Name": "Brook & Daughters"},
            "CurrencyCode": "EUR",
        },
        **changes,
    }


def read(*rows: Any) -> decode.Listing[Payment]:
    told = {"page": 1, "pageSize": 1000, "pageCount": 1, "itemCount": len(rows)}
    return decode.PAYMENTS.read(json.dumps({"pagination": told, "Payments": list(rows)}).encode())


def test_a_payment_applies_to_one_invoice_in_its_currency() -> None:
    [found] = read(payment_row()).records
    assert found == Payment(
        id="p-1",
        customer_id="c-1",
        currency="EUR",
        amount=10010,
        paid_on=date(2026, 1, 5),
        allocations=(Allocation("i-1", 10010),),
        updated_at="2026-01-05T09:15:30.007Z",
    )


def test_a_payment_that_was_deleted_is_worth_nothing() -> None:
    [found] = read(payment_row(Status="DELETED")).records
    assert (found.id, found.amount, found.allocations) == ("p-1", 0, ())


@pytest.mark.parametrize(
    "kind",
    [
        "ACCPAYPAYMENT",
        "ARCREDITPAYMENT",
        "APCREDITPAYMENT",
        "AROVERPAYMENTPAYMENT",
        "ARPREPAYMENTPAYMENT",
        "APOVERPAYMENTPAYMENT",
        "APPREPAYMENTPAYMENT",
    ],
)
def test_money_that_goes_out_is_none_of_ours(kind: str) -> None:
    listing = read(payment_row(PaymentType=kind, Invoice=None), payment_row())
    assert ([each.id for each in listing.records], listing.rejects, listing.rows) == (["p-1"], [], 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"PaymentType": "BARTER"}, "a payment of the type 'BARTER'"),
        ({"PaymentType": None}, "a payment of the type (none)"),
        ({"Status": "PENDING"}, "a payment of the status 'PENDING'"),
        ({"Invoice": None}, "a payment without an InvoiceID"),
        ({"Invoice": {"InvoiceID": "i-1"}}, "a payment without a CurrencyCode"),
        ({"Invoice": {"InvoiceID": "i-1", "CurrencyCode": "EUR"}}, "a payment without a ContactID"),
        ({"Date": None}, "a payment without a Date"),
        ({"Date": "soon"}, "'soon' is not a date"),
        ({"Amount": None}, "a payment without an Amount"),
        ({"Amount": 1.005}, "1.005 EUR has more than 2 decimals"),
    ],
)
def test_one_that_cannot_be_understood_is_rejected_alone(changes: dict[str, Any], reason: str) -> None:
    listing = read(payment_row(), payment_row(PaymentID="odd", **changes))
    assert [each.id for each in listing.records] == ["p-1"]
    [reject] = listing.rejects
    assert (reject.entity, reject.id, reject.reason) == ("payment", "odd", reason)
    assert listing.rows == 2


def paid_up(town: Build) -> Town:
    """Three invoices with four payments, one of them deleted; and a bill that was paid."""
    built = town()
    company = built.company
    who = company.add_contact("Brook & Daughters")
    for number in ("INV-1", "INV-2"):
        company.add_invoice(who, "100.00", date(2026, 1, 5), date(2026, 2, 4), number=number)
    company.add_invoice(who, "80.00", date(2026, 1, 5), number="INV-3", currency="EUR", rate="0.8")
    company.pay("INV-1", "30.00", date(2026, 2, 1), batched=True)
    company.pay("INV-1", "70.00", date(2026, 2, 20))
    company.pay("INV-3", "25.00", date(2026, 2, 25))
    company.delete_payment(company.pay("INV-2", on=date(2026, 2, 26)))
    company.pay(company.add_bill(who, "12.00", TODAY))
    built.simulator.advance(seconds=600)
    return built


def test_a_full_pull_reads_payments_with_one_call(town: Build) -> None:
    built = paid_up(town)
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    assert len(built.simulator.calls.to("GET Payments")) == 1
    found = sorted(
        (each.paid_on, each.currency, each.amount, len(each.allocations)) for each in shelf.payments.values()
    )
    assert found == [
        (date(2026, 2, 1), "GBP", 3000, 1),
        (date(2026, 2, 20), "GBP", 7000, 1),
        (date(2026, 2, 25), "EUR", 2500, 1),
        (date(2026, 2, 26), "GBP", 0, 0),
    ]
    invoices = {each.id: each.number for each in shelf.invoices.values()}
    third = next(each for each in shelf.payments.values() if each.currency == "EUR")
    assert invoices[third.allocations[0].invoice_id] == "INV-3"
    assert {each.customer_id for each in shelf.payments.values()} == set(built.company.contacts)


def test_of_very_many_payments_the_newest_are_read(town: Build) -> None:
    built = town()
    company = built.company
    number = company.add_invoice(company.add_contact("Brook & Daughters"), "5000.00", TODAY)
    for day in range(1100):
        company.pay(number, "1.00", TODAY - timedelta(days=day))
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    assert len(built.simulator.calls.to("GET Payments")) == 1
    assert sorted(each.paid_on for each in shelf.payments.values()) == [
        TODAY - timedelta(days=day) for day in range(999, -1, -1)
    ]


def test_later_payments_come_with_the_invoice_they_move(town: Build) -> None:
    built = paid_up(town)
    company = built.company
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.simulator.advance(seconds=900)
    company.pay("INV-2", "60.00", date(2026, 3, 1))
    [late] = [each.id for each in company.payments.values() if each.on == date(2026, 2, 20)]
    company.delete_payment(late)
    built.simulator.calls.clear()
    pages = shelf.take(built.source.pull(shelf.cursor))
    assert sum(len(page.payments) for page in pages) == 2
    assert len(built.simulator.calls.to("GET Payments")) == 1
    standing = {each.id: each.amount for each in shelf.payments.values() if each.amount}
    assert standing == truly_paid(company)
    assert shelf.payments[late].amount == 0
    built.simulator.calls.clear()
    built.simulator.advance(seconds=900)
    shelf.take(built.source.pull(shelf.cursor))
    assert built.simulator.calls.to("GET Payments") == []


def test_all_that_came_since_is_read_however_much_it_is(town: Build) -> None:
    built = town()
    company = built.company
    number = company.add_invoice(company.add_contact("Brook & Daughters"), "5000.00", TODAY)
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.simulator.advance(seconds=900)
    for day in range(2100):
        company.pay(number, "1.00", TODAY - timedelta(days=day))
    built.simulator.advance(seconds=600)
    pages = shelf.take(built.source.pull(shelf.cursor))
    assert [len(page.payments) for page in pages if page.payments] == [1000, 1000, 100]
    assert len(shelf.payments) == 2100


def test_a_pull_goes_on_in_the_middle_of_the_payments(town: Build) -> None:
    built = town()
    company = built.company
    number = company.add_invoice(company.add_contact("Brook & Daughters"), "5000.00", TODAY)
    shelf = Shelf()
    shelf.take(built.source.pull(None))
    built.simulator.advance(seconds=900)
    for day in range(1500):
        company.pay(number, "1.00", TODAY - timedelta(days=day))
    built.simulator.advance(seconds=600)
    for page in built.source.pull(shelf.cursor):
        shelf.take([page])
        if page.payments:
            break
    assert len(shelf.payments) == 1000
    shelf.take(built.another_process().pull(shelf.cursor))
    assert len(shelf.payments) == 1500


def test_calls_of_a_first_pull(town: Build) -> None:
    built = town(large_company(5000, 1200, TODAY, clock=SandboxClock(lambda: NOW)))
    list(built.source.pull(None))
    # invoices 5, contacts 2, what changed meanwhile 1, payments 1, credits 3: one more than without payments
    assert len(built.simulator.calls.api) == 12


def test_the_app_asks_for_the_payments_scope() -> None:
    assert "accounting.payments.read" in options.SCOPES


EMPTY = {"page": 1, "pageSize": 1000, "pageCount": 0, "itemCount": 0}
DUE = {
    "stage": "changes",
    "since": "2026-03-01T00:00:00Z",
    "credits_since": "2026-03-02T03:00:00Z",
    "payments_since": "2026-03-02T03:00:00Z",
    "swept": "2026-03-02T00:00:00Z",
}


def served(mock: responses.RequestsMock) -> None:
    for name in ("Invoices", "Contacts", "CreditNotes", "Overpayments", "Prepayments"):
        mock.get(f"{API}/{name}", json={"Status": "OK", "pagination": EMPTY, name: []})


@responses.activate
@pytest.mark.parametrize("status", [401, 403])
def test_a_consent_without_payments_is_enough_for_all_else(wire: Desk, status: int) -> None:
    served(responses.mock)
    challenge = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
    refused = responses.get(f"{API}/Payments", status=status, headers=challenge)
    pages = list(wire.source.pull(json.dumps(DUE)))
    assert pages[-1].last
    assert refused.call_count == 1
    # Once the scope is granted, payments are read from where they were last.
    assert json.loads(pages[-1].cursor)["payments_since"] == "2026-03-02T03:00:00Z"
    assert json.loads(pages[-1].cursor)["credits_since"] == "2026-03-02T09:28:00Z"
    pages = list(wire.source.pull(None))
    assert pages[-1].last
    assert "payments_since" not in json.loads(pages[-1].cursor)


@responses.activate
@pytest.mark.parametrize(
    ("endpoint", "status", "challenge"),
    [
        ("Payments", 403, ""),
        ("Prepayments", 401, "insufficient_scope"),
        ("Prepayments", 403, "insufficient_scope"),
    ],
)
def test_a_lost_connection_is_not_taken_for_a_missing_scope(
    wire: Desk, endpoint: str, status: int, challenge: str
) -> None:
    served(responses.mock)
    responses.get(f"{API}/Payments", json={"Status": "OK", "pagination": EMPTY, "Payments": []})
    responses.replace(
        responses.GET, f"{API}/{endpoint}", status=status, headers={"WWW-Authenticate": challenge}
    )
    with pytest.raises(Reconnect):
        list(wire.source.pull(json.dumps(DUE)))


def test_balances_do_not_hang_on_payments(town: Build) -> None:
    built = paid_up(town)
    built.simulator.faults.add("delay", path_regex="/Payments", seconds=0)
    shelf = Shelf()
    pages = shelf.take(built.source.pull(None))
    assert shelf.owed() == truly_owed(built.company)
    assert [bool(page.payments) for page in pages] == [False, False, False, True, False, False, False]
