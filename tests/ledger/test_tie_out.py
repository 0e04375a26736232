"""The tie-out: what a book holds against the accounting system's own balances."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.ledger import AgedBalance, AgedItem, Credit, Invoice
from arsync.ledger.tie_out import TieOut, tie_out


def invoice(id_: str = "1", open_: int = 10000, customer: str = "acorn", **more: Any) -> Invoice:
    values = {"number": f"INV-{id_}", "currency": "GBP", "total": 10**6}
    return Invoice(**{"id": id_, "customer_id": customer, "open": open_, **values, **more})


def credit(id_: str = "7", left: int = 2500, customer: str = "acorn", **more: Any) -> Credit:
    values = {"kind": "credit-note", "currency": "GBP", "number": f"CN-{id_}"}
    return Credit(**{"id": id_, "customer_id": customer, "remaining": left, **values, **more})


def balance(*items: AgedItem, customer: str = "acorn", currency: str = "GBP") -> AgedBalance:
    amount = sum(it.amount for it in items)
    return AgedBalance(customer_id=customer, currency=currency, amount=amount, items=items)


def item(id_: str = "1", amount: int = 10000, kind: Any = "invoice") -> AgedItem:
    return AgedItem(kind=kind, id=id_, amount=amount, number=f"INV-{id_}" if kind == "invoice" else "")


def causes(found: TieOut) -> list[str]:
    [difference] = found.differences
    return list(difference.causes)


# By customer and currency --------------------------------------------------------------------


def test_what_agrees_ties_out() -> None:
    theirs = [balance(item(), item("7", -2500, "credit-note"))]
    found = tie_out([invoice()], [credit()], theirs)
    assert (found.compared, found.differences, found.charges) == (1, (), {})


def test_a_payment_that_the_book_missed() -> None:
    found = tie_out([invoice()], [], [balance(item(amount=6000))])
    [it] = found.differences
    assert (it.customer_id, it.currency, it.ours, it.theirs, it.home) == ("acorn", "GBP", 10000, 6000, False)
    assert it.causes == ("invoice INV-1: 100.00 in the book, 60.00 in the accounting system",)


def test_an_invoice_on_one_side_alone() -> None:
    found = tie_out([invoice(), invoice("2", 500)], [], [balance(item(), item("3", 700))])
    assert causes(found) == [
        "invoice INV-2 of 5.00 is open in the book, not in the accounting system",
        "invoice INV-3 of 7.00 is not open in the book",
    ]


def test_a_record_that_could_not_be_understood_is_a_cause() -> None:
    found = tie_out([invoice()], [], [balance(item(), item("3", 700))], rejected={("invoice", "3")})
    assert causes(found) == ["invoice INV-3 of 7.00 could not be understood (`arsync rejects` shows it)"]


def test_credits_on_one_side_alone_or_of_another_amount() -> None:
    theirs = [balance(item(), item("7", -2000, "credit-note"), item("9", -100, "payment"))]
    found = tie_out([invoice()], [credit(), credit("8", 300, kind="journal")], theirs)
    assert causes(found) == [
        "credit note CN-7: 25.00 left in the book, 20.00 in the accounting system",
        "journal CN-8 of 3.00 is open in the book, not in the accounting system",
        "payment 9 of 1.00 is not open in the book",
    ]


def test_two_errors_that_cancel_out_are_two() -> None:
    """Invoice 1 is 40.00 too high and invoice 2 40.00 too low: the sum alone would agree."""
    found = tie_out([invoice(), invoice("2", 1000)], [], [balance(item(amount=6000), item("2", 5000))])
    assert len(causes(found)) == 2


def test_an_invoice_that_was_replaced_by_another_of_the_same_amount_is_a_difference() -> None:
    found = tie_out([invoice()], [], [balance(item("2", 10000))])
    assert causes(found) == [
        "invoice INV-1 of 100.00 is open in the book, not in the accounting system",
        "invoice INV-2 of 100.00 is not open in the book",
    ]


def test_a_charge_is_no_difference_but_is_told() -> None:
    """A journal entry's debit of 50.00: owed, and no invoice."""
    found = tie_out([invoice()], [], [balance(item(), item("44", 5000, "charge"))])
    assert (found.differences, found.charges) == ((), {("acorn", "GBP"): 5000})


def test_currencies_are_compared_each_by_itself() -> None:
    owed = [invoice(), invoice("2", 10000, currency="EUR")]
    theirs = [balance(item()), balance(item("2", 9000), currency="EUR")]
    [it] = tie_out(owed, [], theirs).differences
    assert (it.currency, it.ours, it.theirs) == ("EUR", 10000, 9000)


def test_customers_that_only_one_side_knows() -> None:
    found = tie_out([invoice()], [], [balance(item("5", 300), customer="birch")])
    assert [(it.customer_id, it.ours, it.theirs) for it in found.differences] == [
        ("acorn", 10000, 0), ("birch", 0, 300),
    ]  # fmt: skip
    assert found.compared == 2


def test_what_is_not_owed_is_not_compared() -> None:
    assert tie_out([invoice(status="voided")], [credit(left=0)], []).compared == 0


def test_a_balance_without_items_is_compared_by_its_sum() -> None:
    found = tie_out([invoice()], [], [AgedBalance(customer_id="acorn", currency="GBP", amount=9999)])
    [it] = found.differences
    assert (it.ours, it.theirs) == (10000, 9999)


# Converted to the home currency --------------------------------------------------------------


def at_home(amount: int, apart: int = 0, customer: str = "acorn") -> AgedBalance:
    return AgedBalance(customer_id=customer, currency="GBP", amount=amount, home=True, apart=apart)


@pytest.mark.parametrize(
    ("outstanding", "agrees"), [(9000, True), (8500, True), (8999, False), (9500, False)]
)
def test_over_and_prepayments_may_be_in_the_balance_or_not(outstanding: int, agrees: bool) -> None:
    """100.00 owed, a credit note of 10.00 (always in it), a prepayment of 5.00 (in it, or not)."""
    credits_ = [credit(left=1000), credit("8", 500, kind="prepayment")]
    found = tie_out([invoice()], credits_, [at_home(outstanding, apart=500)])
    assert (found.differences == ()) is agrees


def test_one_reading_counts_for_the_whole_book() -> None:
    """Acorn shows that balances are less by prepayments; birch, who owes just its prepayment too much in
    the book (a deposit, and its invoice that was voided), must not pass by the other reading."""
    owed = [invoice(), invoice("2", 500, customer="birch")]
    prepaid = [credit("8", 300, kind="prepayment"), credit("9", 500, "birch", kind="prepayment")]
    others = [invoice("3", 900, "cedar"), credit("10", 100, "cedar", kind="overpayment")]
    theirs = [
        at_home(9700, apart=300), at_home(-500, apart=500, customer="birch"),
        at_home(800, apart=100, customer="cedar"),
    ]  # fmt: skip
    found = tie_out([*owed, others[0]], [*prepaid, others[1]], theirs)  # type: ignore[list-item]
    assert [(it.customer_id, it.ours, it.theirs) for it in found.differences] == [("birch", 0, -500)]


def test_prepayments_are_compared_by_themselves() -> None:
    found = tie_out([invoice()], [credit(left=500, kind="overpayment")], [at_home(10000)])
    [it] = found.differences
    assert (it.ours, it.theirs, it.home) == (9500, 10000, True)
    assert it.causes == ("over- and prepayments: 5.00 left in the book, 0.00 in the accounting system",)


def test_foreign_documents_are_converted_with_a_unit_of_slack_each() -> None:
    """1.00 EUR at 0.855 (of 1/x kind) twice: 0.855 each, rounded one by one to 0.86 + 0.86."""
    owed = [invoice("1", 100, currency="EUR", rate="0.855"), invoice("2", 100, currency="EUR", rate="0.855")]
    assert tie_out(owed, [], [at_home(172)]).differences == ()
    assert tie_out(owed, [], [at_home(171)]).differences == ()
    [it] = tie_out(owed, [], [at_home(174)]).differences
    assert (it.ours, it.theirs) == (171, 174)


@pytest.mark.parametrize(
    ("outstanding", "agrees"),
    [(8000, True), (7500, True), (10000, True), (9500, True), (8500, False), (9000, False)],
)
def test_foreign_documents_converted_or_not_and_prepayments_in_it_or_not(
    outstanding: int, agrees: bool
) -> None:
    """100.00 EUR at 0.8 are 80.00 GBP, less a prepayment of 5.00 or not; or 100.00 as they stand."""
    owed = [invoice("1", 10000, currency="EUR", rate="0.8")]
    prepaid = [credit(left=500, kind="prepayment")]
    assert (tie_out(owed, prepaid, [at_home(outstanding, apart=500)]).differences == ()) is agrees


def test_without_foreign_documents_there_is_no_slack() -> None:
    assert len(tie_out([invoice()], [], [at_home(9999)]).differences) == 1


def test_a_customer_without_a_rate_is_left_out_and_told() -> None:
    owed = [invoice("1", currency="EUR"), invoice("2", customer="birch")]
    found = tie_out(owed, [], [at_home(1), at_home(10000, customer="birch")])
    assert (found.compared, found.differences, found.unrated) == (1, (), ("acorn",))


# Properties ----------------------------------------------------------------------------------

amounts = st.integers(1, 10**6)
ledgers = st.dictionaries(
    st.tuples(st.sampled_from(["acorn", "birch"]), st.integers(1, 5), st.sampled_from(["GBP", "JPY", "KWD"])),
    amounts,
    max_size=8,
)


@given(ledgers, ledgers)
def test_a_mirror_of_the_book_always_ties_out_and_any_single_change_does_not(
    owed: dict[tuple[str, int, str], int], left: dict[tuple[str, int, str], int]
) -> None:
    invoices = [invoice(f"{n}{c}", a, who, currency=c) for (who, n, c), a in owed.items()]
    credits_ = [credit(f"{n}{c}", a, who, currency=c) for (who, n, c), a in left.items()]
    entries = [(it.customer_id, it.currency, item(it.id, it.open)) for it in invoices]
    entries += [(it.customer_id, it.currency, item(it.id, -it.remaining, "credit-note")) for it in credits_]

    def mirrored(changed: int | None = None) -> list[AgedBalance]:
        parts: dict[tuple[str, str], list[AgedItem]] = {}
        for n, (who, currency, it) in enumerate(entries):
            moved = item(it.id, it.amount + 1, it.kind) if n == changed else it
            parts.setdefault((who, currency), []).append(moved)
        return [balance(*items, customer=who, currency=c) for (who, c), items in parts.items()]

    assert tie_out(invoices, credits_, mirrored()).differences == ()
    for n, (who, currency, _) in enumerate(entries):
        [it] = tie_out(invoices, credits_, mirrored(n)).differences
        assert (it.customer_id, it.currency, it.theirs - it.ours) == (who, currency, 1)
        assert it.causes
