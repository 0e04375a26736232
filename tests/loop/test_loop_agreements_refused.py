"""What cannot be agreed is refused with its reason, and changes nothing."""

from __future__ import annotations

import pytest
from loop_agreements import listed, lumen_owes
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger


@pytest.fixture
def owing(desk: Desk, ledger: Ledger) -> tuple[str, str]:
    return lumen_owes(desk, ledger)


SETTLE = ("--until", "2026-12-11", "--settle")
REFUSED = {
    "no customer of that name": (("Lumen Yogi", *SETTLE, "400.00 USD"), "'Lumen Yoga'"),
    "nothing named": ((*SETTLE, "400.00 USD"), "which invoices or customer"),
    "no way named": (("1001",), "say one of"),
    "two ways": (("1001", *SETTLE, "400.00 USD", "--end", "a1"), "say one of"),
    "settled by all of it": (("1001", *SETTLE, "600.00 USD"), "no less than the 600.00 USD owed"),
    "settled by more": (("1001", *SETTLE, "600.01 USD"), "no less than"),
    "settled by nothing": (("1001", *SETTLE, "0 USD"), "not above zero"),
    "settled by less than nothing": (("1001", *SETTLE, "-5.00 USD"), "not above zero"),
    "settled in another currency": (("1001", *SETTLE, "400.00 EUR"), "not in EUR"),
    "no amount": (("1001", *SETTLE, "400.00"), "not an amount with its currency"),
    "too many decimals": (("1001", *SETTLE, "400.001 USD"), "more than 2 decimals"),
    "a past day": (("1001", "--until", "2026-11-22", "--settle", "400.00 USD"), "2026-11-22 is past"),
    "an impossible day": (("1001", "--until", "2026-11-31", "--settle", "400.00 USD"), "not a day"),
    "no last day": (("1001", "--settle", "400.00 USD"), "up to which day"),
    "no first day": (("1001", "--instalments", "3"), "the first one is due"),
    "the first is past": (("1001", "--instalments", "3", "--first", "2026-11-22"), "is past"),
    "not that last day": (
        ("1001", "--instalments", "3", "--first", "2026-12-01", "--last", "2027-02-28"),
        "falls on 2027-02-01, not on 2027-02-28",
    ),
    "no interval": (("1001", "--instalments", "3", "--first", "2026-12-01", "--every", "moon"), "'1 month'"),
    "more instalments than cents": (
        ("1002", "--instalments", "3", "--first", "2026-12-01"),
        "cannot be parted into 3 instalments",
    ),
    "too little": (
        ("1001", "--instalment", "599.99 USD on 2026-12-01"),
        "make 599.99 USD, and 600.00 USD is owed",
    ),
    "too much": (("1001", "--instalment", "600.01 USD on 2026-12-01"), "make 600.01"),
    "no order": (
        ("1001", "--instalment", "300 USD on 2026-12-02", "--instalment", "300 USD on 2026-12-01"),
        "does not come after",
    ),
    "two currencies": (
        ("1001", "--instalment", "300 USD on 2026-12-01", "--instalment", "300 EUR on 2026-12-02"),
        "in one currency",
    ),
    "an instalment without a day": (("1001", "--instalment", "600.00 USD"), "names no day"),
    "a grace as long as the plan stands": (
        ("1001", "--instalments", "3", "--first", "2026-12-01", "--grace", "14"),
        "within the 14 days of grace",
    ),
    "nobody approves": (("--approve", "a1"), "who approves it"),
    "no such agreement": (("--approve", "a9", "--owner", "Berta"), "no agreement 'a9'"),
    "a settlement in instalments": (
        ("1001", "--settle", "400.00 USD", "--until", "2026-12-11", "--grace", "3"),
        "--grace cannot stand beside --settle",
    ),
    "of two customers": (("1001", "3001", *SETTLE, "400.00 USD"), "several customers: Juniper, Lumen Yoga"),
    "under an agreement already": (("3001", *SETTLE, "4.00 USD"), "under the agreement a1 (instalments)"),
    "nothing is owed": (("3002", *SETTLE, "4.00 USD"), "nothing is owed on invoice 3002"),
}


@on_one_vendor
def test_what_cannot_be_meant_changes_nothing(desk: Desk, ledger: Ledger, owing: tuple[str, str]) -> None:
    ledger.invoice(owing[0], "0.02", number="1002")
    juniper = ledger.customer("Juniper", "pay@juniper.example")
    ledger.invoice(juniper, "50.00", number="3001")
    ledger.pay(ledger.invoice(juniper, "50.00", number="3002"))
    desk.ok("sync")
    desk.ok("agree", "acme", "3001", "--instalments", "2", "--first", "2026-12-01")
    before = desk.plan(), listed(desk, "--all"), desk.rows("SELECT count(*) FROM events")
    for line, words in REFUSED.values():
        typed = desk.gives(2, "agree", "acme", *line)
        assert words in typed.err, (line, typed.err)
        assert typed.out == ""
    assert (desk.plan(), listed(desk, "--all"), desk.rows("SELECT count(*) FROM events")) == before


def test_nothing_is_agreed_on_half_a_pull(desk: Desk, quickbooks: Ledger) -> None:
    typed = desk.gives(1, "agree", "acme", "1001", "--instalments", "2", "--first", "2026-12-01")
    assert "was never synced" in typed.err
