"""Payments for their dates: which invoices they pay, which are read, and what becomes of deleted ones."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from quickbooks_desk import TODAY, Ledger, Serving
from test_quickbooks_mapping import META, mapped

from arsync.ledger import Allocation, Payment
from arsync_quickbooks import query as statements
from arsync_quickbooks import simulator as sim

STAMP = "2026-03-01T00:30:00Z"  # META's LastUpdatedTime in UTC


def line(amount: object, *links: tuple[str, str]) -> dict[str, Any]:
    linked = [{"TxnId": id_, "TxnType": kind} for id_, kind in links]
    return {"Amount": amount, "LinkedTxn": linked}


PAYMENT: dict[str, Any] = {
    "Id": "40",
    "MetaData": META,
    "TxnDate": "2026-02-20",
    "CustomerRef": {"value": "24"},
    "CurrencyRef": {"value": "USD"},
    "PaymentRefNum": "cheque 7",
    "TotalAmt": 150.5,
    "UnappliedAmt": 10,
    "Line": [line(100, ("145", "Invoice")), line(40.5, ("146", "Invoice"))],
}


def test_a_payment_is_a_credit_for_its_rest_and_a_payment_for_its_date() -> None:
    found = mapped("Payment", PAYMENT)
    assert [(credit.id, credit.kind, credit.remaining) for credit in found.credits] == [
        ("40", "payment", 1000)
    ]
    assert found.payments == [
        Payment(
            id="40",
            customer_id="24",
            currency="USD",
            amount=15050,
            paid_on=date(2026, 2, 20),
            allocations=(Allocation("145", 10000), Allocation("146", 4050)),
            updated_at=STAMP,
        )
    ]


@pytest.mark.parametrize(
    ("lines", "allocations"),
    [
        (None, ()),
        ([], ()),
        ([line(5, ("3", "CreditMemo")), line(7, ("4", "JournalEntry")), line(9)], ()),
        ([line(1, ("145", "Invoice")), line(2, ("145", "Invoice"))], (Allocation("145", 300),)),
        ([line(8, ("145", "Invoice"), ("146", "Invoice"))], ()),  # which got how much is not told
        ([line(None, ("145", "Invoice"))], ()),
        ([{"Amount": 3}], ()),
    ],
)
def test_allocations_are_what_the_lines_pay_of_invoices(
    lines: list[Any] | None, allocations: tuple[Allocation, ...]
) -> None:
    (found,) = mapped("Payment", PAYMENT | {"Line": lines}).payments
    assert found.allocations == allocations


def test_a_payment_has_its_own_currencys_decimals() -> None:
    rows = [
        PAYMENT | {"CurrencyRef": {"value": code}, "TotalAmt": 1250, "Line": [line(50, ("9", "Invoice"))]}
        for code in ("JPY", "KWD")
    ]
    found = mapped("Payment", *rows).payments
    assert [(p.amount, p.allocations[0].amount) for p in found] == [(1250, 50), (1250000, 50000)]


def test_a_credit_memo_applied_is_no_money_and_pays_the_invoice_all_the_same() -> None:
    joined = {"TotalAmt": 0, "UnappliedAmt": 0}
    lines = [line(40, ("145", "Invoice")), line(40, ("3", "CreditMemo"))]
    (found,) = mapped("Payment", PAYMENT | joined | {"Line": lines}).payments
    assert (found.amount, found.allocations) == (0, (Allocation("145", 4000),))


def test_a_deleted_payment_is_a_payment_of_nothing() -> None:
    stone = {"domain": "QBO", "status": "Deleted", "Id": "40", "MetaData": META}
    found = mapped("Payment", stone)
    assert [(gone.entity, gone.kind, gone.id) for gone in found.gone] == [("credit", "payment", "40")]
    (payment,) = found.payments
    assert (payment.id, payment.amount, payment.allocations, payment.updated_at) == ("40", 0, (), STAMP)
    assert mapped("Payment", {"status": "Deleted", "Id": "40"}).payments[0].amount == 0


@pytest.mark.parametrize(
    ("change", "entity", "credits_", "reason"),
    [
        ({"TxnDate": None}, "payment", 1, "no TxnDate"),
        ({"TotalAmt": None}, "payment", 1, "no TotalAmt"),
        ({"TotalAmt": 1.005}, "payment", 1, "more than 2 decimals"),
        ({"Line": [line(0.001, ("145", "Invoice"))]}, "payment", 1, "more than 2 decimals"),
        ({"TxnDate": "20/02/2026"}, "credit", 0, "not a date"),
        ({"CustomerRef": None}, "credit", 0, "no CustomerRef"),
        ({"UnappliedAmt": None, "TotalAmt": None}, "credit", 0, "no UnappliedAmt"),
        ({"TotalAmt": "lots"}, "credit", 0, "TotalAmt"),
        ({"Id": None}, "credit", 0, "no Id"),
    ],
)
def test_a_payment_that_does_not_fit_is_one_reject(
    change: dict[str, Any], entity: str, credits_: int, reason: str
) -> None:
    found = mapped("Payment", PAYMENT | change, PAYMENT | {"Id": "41"})
    (reject,) = found.rejects
    assert reject.entity == entity
    assert reason in reject.reason
    assert json.loads(reject.raw)["PaymentRefNum"] == "cheque 7"
    assert (len(found.credits), len(found.payments)) == (1 + credits_, 1)


def test_a_full_pull_reads_the_newest_payments_in_one_call(
    books: sim.Company, serving: Serving, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    fern = books.add_customer("Fern Kitchens")
    paid = {}
    for day in range(1, 8):
        invoice = books.add_invoice(fern, "100.00", date(2026, 1, 1), None)
        payment = books.pay(invoice, "40.00", date(2026, 1, day))
        paid[payment] = (date(2026, 1, day), (Allocation(invoice, 4000),))
    later = books.add_payment(fern, "5.00", date(2026, 1, 9))
    oldest = next(iter(paid))
    books.advance(days=2)
    simulator, desk = serving(books)
    monkeypatch.setattr(statements, "MOST_ROWS", 7)
    ledger.pull(desk.source)
    del paid[oldest]  # eight payments, of which the newest seven are read
    expected = paid | {later: (date(2026, 1, 9), ())}
    assert {p.id: (p.paid_on, p.allocations) for p in ledger.payments.values()} == expected
    asked = [call.statement for call in simulator.calls if "FROM Payment" in call.statement]
    assert asked == ["SELECT * FROM Payment ORDERBY TxnDate DESC MAXRESULTS 7"]


def test_what_is_left_of_a_payment_is_read_once_in_a_full_pull(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    fern = books.add_customer("Fern Kitchens")
    money = books.add_payment(fern, "55.50", date(2026, 1, 21))
    books.advance(days=2)
    _, desk = serving(books)
    pages = ledger.pull(desk.source)
    told = [credit for page in pages for credit in page.credits]
    assert [(credit.id, credit.remaining) for credit in told] == [(money, 5550)]
    assert [(p.id, p.amount) for p in ledger.payments.values()] == [(money, 5550)]


def test_later_payments_come_with_what_changed(books: sim.Company, serving: Serving, ledger: Ledger) -> None:
    fern = books.add_customer("Fern Kitchens")
    invoice = books.add_invoice(fern, "100.00", date(2026, 1, 5), None)
    books.advance(days=1)
    _, desk = serving(books)
    ledger.pull(desk.source)
    assert ledger.payments == {}
    books.advance(days=1)
    payment = books.pay(invoice, "30.00", TODAY)
    ledger.pull(desk.source)
    assert ledger.payments[payment].allocations == (Allocation(invoice, 3000),)
    assert ledger.invoices[invoice].open == 7000


@pytest.mark.parametrize("how", ["deleted", "voided"])
def test_a_payment_that_bounces_counts_for_nothing_and_its_invoice_is_open_again(
    books: sim.Company, serving: Serving, ledger: Ledger, how: str
) -> None:
    fern = books.add_customer("Fern Kitchens")
    invoice = books.add_invoice(fern, "100.00", date(2026, 1, 5), date(2026, 2, 4))
    payment = books.pay(invoice, "130.00", TODAY)
    books.advance(days=1)
    _, desk = serving(books)
    ledger.pull(desk.source)
    assert (ledger.owed(), ledger.left()) == ({}, {("payment", payment): 3000})
    books.advance(days=1)
    books.delete_payment(payment) if how == "deleted" else books.void_payment(payment)
    ledger.pull(desk.source)
    assert (ledger.owed(), ledger.left()) == ({invoice: 10000}, {})
    assert (ledger.payments[payment].amount, ledger.payments[payment].allocations) == (0, ())
    assert ledger.invoices[invoice].due_on == date(2026, 2, 4)
