"""Payments, credits and journal entries: what they do to invoices and balances."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from quickbooks_sim_desk import TODAY, Clock, Desk, ago, exact, open_desk, refusal

from arsync_quickbooks.simulator import Company


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def open_invoice(desk: Desk, amount: str = "120.00") -> tuple[str, str]:
    customer = desk.company.add_customer("Amber")
    return customer, desk.company.add_invoice(customer, amount, ago(40), ago(10))


def applied(amount: int, invoice: str, kind: str = "Invoice") -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": kind}]}


def test_a_payment_touches_the_invoice_it_pays(desk: Desk) -> None:
    customer, invoice = open_invoice(desk)
    desk.clock.forward(minutes=2)
    given = {"CustomerRef": {"value": customer}, "TotalAmt": 50, "Line": [applied(30, invoice)]}
    payment = exact(desk.post("payment", given))["Payment"]
    assert (payment["TotalAmt"], payment["UnappliedAmt"]) == (50, 20)
    assert payment["Line"] == [applied(30, invoice)]
    shown = exact(desk.get(f"invoice/{invoice}"))["Invoice"]
    assert (shown["Balance"], shown["TotalAmt"], shown["SyncToken"]) == (90, 120, "1")
    assert shown["MetaData"]["LastUpdatedTime"] == payment["MetaData"]["LastUpdatedTime"]
    assert shown["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "Payment"}]
    assert desk.company.customers[customer]["Balance"] == 70


def test_a_deleted_payment_reopens_the_invoice(desk: Desk) -> None:
    customer, invoice = open_invoice(desk)
    payment = desk.company.pay(invoice)
    assert desk.company.invoices[invoice]["Balance"] == 0
    desk.clock.forward(minutes=1)
    desk.company.delete_payment(payment)
    shown = desk.company.invoices[invoice]
    assert (shown["Balance"], shown["SyncToken"], shown["LinkedTxn"]) == (120, "2", [])
    assert shown["MetaData"]["LastUpdatedTime"] == "2026-03-10T13:01:00-07:00"
    assert desk.company.customers[customer]["Balance"] == 120
    assert refusal(desk.get(f"payment/{payment}")) == (400, "610")


def test_an_update_with_an_empty_line_list_unapplies_everything(desk: Desk) -> None:
    customer, invoice = open_invoice(desk)
    payment = desk.company.pay(invoice)
    kept = {"Id": payment, "SyncToken": "0", "sparse": True, "PrivateNote": "cheque 7"}
    assert exact(desk.post("payment", kept))["Payment"]["UnappliedAmt"] == 0
    emptied = {"Id": payment, "SyncToken": "1", "sparse": True, "Line": []}
    shown = exact(desk.post("payment", emptied))["Payment"]
    assert (shown["UnappliedAmt"], shown["Line"], shown["PrivateNote"]) == (120, [], "cheque 7")
    assert desk.company.invoices[invoice]["Balance"] == 120
    assert desk.company.customers[customer]["Balance"] == 0


def test_voiding_a_payment(desk: Desk) -> None:
    customer, invoice = open_invoice(desk)
    payment = desk.company.pay(invoice)
    given = {"Id": payment, "SyncToken": "0", "sparse": True}
    shown = exact(desk.post("payment", given, operation="update", include="void"))["Payment"]
    assert (shown["TotalAmt"], shown["UnappliedAmt"], shown["PrivateNote"]) == (0, 0, "Voided")
    assert desk.company.customers[customer]["Balance"] == 120
    assert desk.company.invoices[invoice]["LinkedTxn"] == []


@pytest.mark.parametrize(
    ("total", "lines", "code"),
    [
        (500, [("Invoice", 130)], "6000"),  # more than is open
        (10, [("Invoice", 20)], "6000"),  # more than was received
        (10, [("Estimate", 5)], "6000"),
        (-1, [], "6000"),
        (None, [], "2020"),
    ],
)
def test_a_payment_that_cannot_be(desk: Desk, total: int | None, lines: list[Any], code: str) -> None:
    customer, invoice = open_invoice(desk)
    given = {
        "CustomerRef": {"value": customer},
        "TotalAmt": total,
        "Line": [applied(amount, invoice, kind) for kind, amount in lines],
    }
    assert refusal(desk.post("payment", given)) == (400, code)
    assert desk.company.invoices[invoice]["Balance"] == 120


def test_money_of_one_customer_does_not_pay_another_but_pays_its_jobs(desk: Desk) -> None:
    other, invoice = open_invoice(desk)
    payer = desk.company.add_customer("Birch")
    given = {"CustomerRef": {"value": payer}, "TotalAmt": 5, "Line": [applied(5, invoice)]}
    assert refusal(desk.post("payment", given)) == (400, "6000")
    job = desk.company.add_customer("Attic", parent=payer)
    owed = desk.company.add_invoice(job, "5.00", TODAY, None)
    assert desk.post("payment", {**given, "Line": [applied(5, owed)]}).status_code == 200
    assert desk.company.customers[job]["Balance"] == 0
    assert desk.company.customers[payer]["Balance"] == 0
    assert desk.company.customers[other]["Balance"] == 120


def test_money_on_account_makes_a_balance_negative_until_it_is_applied(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    payment = desk.company.add_payment(customer, "15.00")
    shown = desk.company.payments[payment]
    assert (shown["UnappliedAmt"], shown["TotalAmt"], shown["Line"]) == (15, 15, [])
    assert desk.company.customers[customer]["Balance"] == -15
    invoice = desk.company.add_invoice(customer, "10.00", TODAY, None)
    desk.company.apply_payment(payment, invoice)
    assert desk.company.payments[payment]["UnappliedAmt"] == 5
    assert desk.company.invoices[invoice]["Balance"] == 0
    assert desk.company.customers[customer]["Balance"] == -5


def test_what_is_paid_too_much_stays_on_account(desk: Desk) -> None:
    customer, invoice = open_invoice(desk)
    payment = desk.company.pay(invoice, "150.00")
    assert desk.company.payments[payment]["UnappliedAmt"] == 30
    assert desk.company.customers[customer]["Balance"] == -30


def test_a_credit_memo_is_applied_by_a_payment_of_nothing(desk: Desk) -> None:
    customer, invoice = open_invoice(desk)
    memo = desk.company.add_credit_memo(customer, "50.00", ago(3))
    assert desk.company.credit_memos[memo]["RemainingCredit"] == 50
    assert desk.company.customers[customer]["Balance"] == 70
    joint = desk.company.apply_credit(memo, invoice, "40.00")
    shown = desk.company.payments[joint]
    assert (shown["TotalAmt"], shown["UnappliedAmt"]) == (0, 0)
    assert shown["Line"] == [applied(40, invoice), applied(40, memo, "CreditMemo")]
    credit = desk.company.credit_memos[memo]
    assert (credit["RemainingCredit"], credit["Balance"], credit["TotalAmt"]) == (10, 10, 50)
    assert desk.company.invoices[invoice]["Balance"] == 80
    assert desk.company.customers[customer]["Balance"] == 70
    assert desk.ids("SELECT * FROM CreditMemo WHERE Balance > '0'") == [memo]
    desk.company.void(invoice)
    assert desk.company.credit_memos[memo]["Balance"] == 50
    assert joint not in desk.company.payments
    assert desk.company.customers[customer]["Balance"] == -50


def test_journal_entries_count_for_the_customer_and_can_be_settled(desk: Desk) -> None:
    customer, invoice = open_invoice(desk)
    credit = desk.company.add_journal(customer, "-20.00", ago(2))
    debt = desk.company.add_journal(customer, "5.00", ago(2))
    assert desk.company.customers[customer]["Balance"] == 105
    given = {
        "CustomerRef": {"value": customer},
        "TotalAmt": 0,
        "Line": [
            applied(15, invoice),
            applied(5, debt, "JournalEntry"),
            applied(20, credit, "JournalEntry"),
        ],
    }
    joint = desk.post("payment", given)
    assert joint.status_code == 200
    assert desk.company.customers[customer]["Balance"] == 105
    assert desk.company.invoices[invoice]["Balance"] == 105
    desk.company.delete_payment(joint.json()["Payment"]["Id"])
    assert desk.company.invoices[invoice]["Balance"] == 120
    assert desk.company.customers[customer]["Balance"] == 105
    lines = desk.company.journal_entries[credit]["Line"]
    assert [line["JournalEntryLineDetail"]["PostingType"] for line in lines] == ["Credit", "Debit"]


def test_a_journal_entry_must_balance_and_name_its_customer(desk: Desk) -> None:
    customer, _ = open_invoice(desk)

    def line(amount: int, posting: str, account: str, entity: object = None) -> dict[str, Any]:
        detail = {"PostingType": posting, "AccountRef": {"value": account}, "Entity": entity}
        return {"Amount": amount, "DetailType": "JournalEntryLineDetail", "JournalEntryLineDetail": detail}

    who = {"Type": "Customer", "EntityRef": {"value": customer}}
    good = [line(10, "Debit", "84", who), line(10, "Credit", "5")]
    assert desk.post("journalentry", {"Line": good}).status_code == 200
    assert desk.company.customers[customer]["Balance"] == 130
    uneven = [line(10, "Debit", "84", who), line(9, "Credit", "5")]
    assert refusal(desk.post("journalentry", {"Line": uneven})) == (400, "6000")
    nameless = [line(10, "Debit", "84"), line(10, "Credit", "5")]
    assert refusal(desk.post("journalentry", {"Line": nameless})) == (400, "6000")


def test_several_currencies() -> None:
    company = Company(realm="7", name="Acme", currency="GBP", multicurrency=True, clock=Clock())
    company.set_rate("JPY", "0.0052")
    with open_desk(company) as desk:
        tokyo = company.add_customer("Tokyo Tea", currency="JPY")
        kuwait = company.add_customer("Kuwait Looms", currency="KWD")
        yen = company.add_invoice(tokyo, "12000", date(2026, 3, 1), None)
        dinar = company.add_invoice(kuwait, "1.250", date(2026, 3, 1), None, rate="2.5")
        shown = exact(desk.get(f"invoice/{yen}"))["Invoice"]
        assert shown["CurrencyRef"] == {"value": "JPY", "name": "Japanese Yen"}
        assert (shown["Balance"], shown["ExchangeRate"]) == (12000, Decimal("0.0052"))
        assert (shown["HomeBalance"], shown["HomeTotalAmt"]) == (Decimal("62.4"), Decimal("62.4"))
        shown = exact(desk.get(f"invoice/{dinar}"))["Invoice"]
        assert (shown["Balance"], shown["HomeBalance"]) == (Decimal("1.25"), Decimal("3.12"))
        with pytest.raises(ValueError, match="JPY"):
            company.add_invoice(tokyo, "0.50", TODAY, None)
        with pytest.raises(ValueError, match="billed in JPY"):
            company.add_invoice(tokyo, "50", TODAY, None, currency="GBP")
        company.edit_customer(kuwait, parent=tokyo)
        memo = company.add_credit_memo(tokyo, "5", TODAY)
        given = {"CustomerRef": {"value": tokyo}, "TotalAmt": 0}
        lines = [applied(1, dinar), applied(1, memo, "CreditMemo")]
        assert refusal(desk.post("payment", {**given, "Line": lines})) == (400, "6000")
        assert company.credit_memos[memo]["Balance"] == 5
