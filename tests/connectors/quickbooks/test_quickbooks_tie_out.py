"""QuickBooks' own figures, to compare a book with: everything that stands on the customers' accounts."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from quickbooks_desk import NOON, TODAY, Clock, Ledger, Serving
from test_quickbooks_report import FOREIGN, KEYS, body, row

from arsync.connector import Receivables
from arsync.errors import Refused
from arsync.ledger import AgedBalance, AgedItem
from arsync_quickbooks import receivables, report
from arsync_quickbooks import simulator as sim
from arsync_quickbooks.simulator import receivables as labels
from arsync_quickbooks.simulator import reports

JANUARY = date(2026, 1, 5)


def aged(
    text: bytes, *, foreign: bool = False
) -> dict[tuple[str, str], tuple[int, list[tuple[str, str, int]]]]:
    found = report.read(BytesIO(text), receivables.aged_of, foreign=foreign, home=lambda: "")
    return {
        (each.customer_id, each.currency): (each.amount, [(it.kind, it.id, it.amount) for it in each.items])
        for each in found
    }


def test_every_kind_of_item_is_in_the_balance(books: sim.Company, serving: Serving) -> None:
    fern = books.add_customer("Fern Kitchens")
    gone = books.add_customer("Gone Ltd", active=False)
    part = books.add_invoice(fern, "100.00", JANUARY, None, "F-1")
    books.pay(part, "40.00")
    ahead = books.add_invoice(fern, "7.50", date(2027, 5, 1), date(2027, 6, 1), "F-2")
    books.pay(books.add_invoice(fern, "9.00", JANUARY, None))
    memo = books.add_credit_memo(fern, "25.00", JANUARY, "CM-1")
    money = books.add_payment(fern, "10.00", date(2028, 1, 1))
    debit = books.add_journal(fern, "80.00", JANUARY, "J-1")
    credit = books.add_journal(gone, "-12.00", JANUARY, "J-2")
    _, desk = serving(books)
    assert isinstance(desk.source, Receivables)
    found = {each.customer_id: each for each in desk.source.aged_receivables(TODAY)}
    assert found[fern].amount == 6000 + 750 - 2500 - 1000 + 8000
    assert set(found[fern].items) == {
        AgedItem("invoice", part, 6000, "F-1"),
        AgedItem("invoice", ahead, 750, "F-2"),
        AgedItem("credit-note", memo, -2500, "CM-1"),
        AgedItem("payment", money, -1000),
        AgedItem("charge", debit, 8000, "J-1"),
    }
    assert found[gone] == AgedBalance(
        customer_id=gone,
        currency="USD",
        amount=-1200,
        items=(AgedItem("journal", f"{credit}:{gone}", -1200, "J-2"),),
    )
    for id_, each in found.items():
        assert each.amount == books.customers[id_]["Balance"] * 100


def test_credits_bear_the_ids_and_amounts_that_a_pull_gives_them(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    fern = books.add_customer("Fern Kitchens")
    books.add_invoice(fern, "100.00", JANUARY, None)
    books.add_credit_memo(fern, "25.00", JANUARY)
    books.add_payment(fern, "10.00", JANUARY)
    books.add_journal(fern, "-12.00", JANUARY)
    books.advance(days=1)
    _, desk = serving(books)
    ledger.pull(desk.source)
    [balance] = desk.source.aged_receivables(TODAY)
    items = {(item.kind, item.id): item.amount for item in balance.items}
    assert {key: -amount for key, amount in items.items() if amount < 0} == ledger.left()
    assert {id_: amount for (_, id_), amount in items.items() if amount > 0} == ledger.owed()


def test_amounts_of_several_currencies_are_the_agreed_ones(serving: Serving) -> None:
    books = sim.Company("77", "Acme GB", "GB", "GBP", multicurrency=True, clock=Clock(NOON))
    for code, rate in (("EUR", "0.85"), ("JPY", "0.0052"), ("KWD", "2.55")):
        books.set_rate(code, rate)
    payers = {code: books.add_customer(code, currency=code) for code in ("GBP", "EUR", "JPY", "KWD")}
    for code, amount in (("GBP", "8.00"), ("EUR", "100.00"), ("JPY", "12000"), ("KWD", "1.255")):
        books.add_invoice(payers[code], amount, JANUARY, None)
    books.add_payment(payers["EUR"], "10.01", JANUARY)
    simulator, desk = serving(books)
    found = {(each.customer_id, each.currency): each.amount for each in desk.source.aged_receivables(TODAY)}
    assert found == {
        (payers["GBP"], "GBP"): 800,
        (payers["EUR"], "EUR"): 10000 - 1001,
        (payers["JPY"], "JPY"): 12000,
        (payers["KWD"], "KWD"): 1255,
    }
    assert simulator.counts == {"settings": 1, "report": 1}


def test_one_customer_in_two_currencies_has_two_balances() -> None:
    text = body(
        row("Invoice", "5", "1", "EUR", "12.50"),
        row("Invoice", "6", "1", "USD", "4.00"),
        row("Payment", "7", "1", "EUR", "-2.00"),
        keys=FOREIGN,
    )
    assert aged(text, foreign=True) == {
        ("1", "EUR"): (1050, [("invoice", "5", 1250), ("payment", "7", -200)]),
        ("1", "USD"): (400, [("invoice", "6", 400)]),
    }


def test_the_lines_of_one_entry_on_one_account_are_one_item_on_each_side() -> None:
    text = body(
        row("Journal Entry", "8", "1", "-5.00"),
        row("Journal Entry", "8", "1", "-2.00"),
        row("Journal Entry", "8", "1", "3.00"),
        row("Journal Entry", "8", "2", "9.00"),
        row("Journal Entry", "9", "2", "0.00"),
    )
    assert aged(text) == {
        ("1", "USD"): (-400, [("journal", "8:1", -700), ("charge", "8", 300)]),
        ("2", "USD"): (900, [("charge", "8", 900)]),
    }


@pytest.mark.parametrize(
    ("what", "also", "kind"),
    [
        ("Invoice", (), "invoice"),
        ("Tax Invoice", ("Payment",), "invoice"),
        ("Facture", ("Paiement",), "invoice"),
        (" FACTURA ", ("Pago",), "invoice"),
        ("Journal Entry", (), "charge"),
        ("Écriture de journal", (), "charge"),
        ("Payment", (), "charge"),  # a refund of one, say
        ("Expense", ("Invoice",), "charge"),
        ("Dépense", ("Paiement",), "charge"),
        ("Rechnung", ("Zahlung",), "invoice"),  # no word is known: what raises an account is an invoice
        ("", (), "invoice"),
    ],
)
def test_what_raises_an_account_is_an_invoice_or_a_charge(
    what: str, also: tuple[str, ...], kind: str
) -> None:
    others = [row(word, str(n), "9", "-1.00") for n, word in enumerate(also, 50)]
    assert aged(body(row(what, "5", "1", "80.00"), *others))["1", "USD"] == (8000, [(kind, "5", 8000)])


def test_a_companys_own_language_ties_out(
    books: sim.Company, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {
        "Invoice": "Facture",
        "CreditMemo": "Avoir",
        "Payment": "Paiement",
        "JournalEntry": "Entrée de journal",
    }
    monkeypatch.setattr(labels, "_LABELS", words)
    monkeypatch.setattr(reports, "_TITLES", {key: f"Colonne {n}" for n, key in enumerate(reports._TITLES)})
    fern = books.add_customer("Fern Kitchens")
    books.add_invoice(fern, "100.00", JANUARY, None)
    books.add_journal(fern, "5.00", JANUARY)
    books.add_credit_memo(fern, "25.00", JANUARY)
    books.add_payment(fern, "10.00", JANUARY)
    _, desk = serving(books)
    [balance] = desk.source.aged_receivables(TODAY)
    assert sorted((item.kind, item.amount) for item in balance.items) == [
        ("charge", 500),
        ("credit-note", -2500),
        ("invoice", 10000),
        ("payment", -1000),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        row("Invoice", "5", None, "80.00"),
        row("Invoice", None, "1", "80.00"),
        row("Payment", None, "1", "-1"),
        row("Invoice", "5", "1", ""),
        row("Invoice", "5", "1", "eighty"),
        row("Invoice", "5", "1", "80.005"),
        row("Invoice", "5", "1"),
    ],
)
def test_a_row_that_cannot_be_read_refuses_the_whole_report(bad: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"has 2 rows that cannot be read: .*(it|decimals)"):
        aged(body(row("Invoice", "4", "1", "1.00"), bad, bad))
    with pytest.raises(Refused, match="has a row that"):
        aged(body(bad))


def test_a_report_that_is_too_long_with_numbers_is_asked_for_without(
    books: sim.Company, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    fern = books.add_customer("Fern Kitchens")
    books.add_invoice(fern, "100.00", JANUARY, None, "F-1")
    simulator, desk = serving(books)
    whole = reports._detail

    def cut(company: sim.Company, aging: Any, items: Any, asked: Any) -> Any:
        shown = whole(company, aging, items, asked)
        if "doc_num" in asked["columns"]:
            shown["Rows"]["Row"].append({"ColData": [{"value": "Unable to display more data."}]})
        return shown

    monkeypatch.setattr(reports, "_detail", cut)
    [balance] = desk.source.aged_receivables(TODAY)
    assert balance.items == (AgedItem("invoice", "101", 10000),)
    assert simulator.counts["report"] == 2


def test_home_sums_do_not_pass_for_the_agreed_ones(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    books = sim.Company("77", "Acme GB", "GB", "GBP", multicurrency=True, clock=Clock(NOON))
    books.add_invoice(books.add_customer("Fleur", currency="EUR"), "100.00", JANUARY, None, rate="0.85")
    monkeypatch.setattr(reports, "_keys", lambda company, asked: list(KEYS))
    _, desk = serving(books)
    with pytest.raises(Refused, match="foreign_open_bal"):
        desk.source.aged_receivables(TODAY)
