"""`arsync connect` with consent for another company than the book names."""

from __future__ import annotations

from loop_desk import Desk
from loop_ledgers import Open, QuickBooks

from arsync_quickbooks.simulator import Company as QuickBooksCompany

OTHER_REALM = "9999999999"


def test_another_company_is_chosen(desk: Desk, open_ledger: Open) -> None:
    """QuickBooks: the person picks another company in the consent. It is refused by name, and the
    access that was there before still works."""
    ledger = open_ledger("quickbooks")
    assert isinstance(ledger, QuickBooks)
    simulator = ledger.simulator
    simulator.companies[OTHER_REALM] = QuickBooksCompany(OTHER_REALM, "Other Inc", clock=desk.now)
    ledger.write()
    desk.ok("connect", "acme")
    simulator.consenting = OTHER_REALM
    typed = desk.gives(1, "connect", "acme")
    assert OTHER_REALM in typed.err
    assert ledger.company.realm in typed.err
    assert "acme" in typed.err
    desk.ok("sync")


def test_another_company_at_first_contact(desk: Desk, open_ledger: Open) -> None:
    ledger = open_ledger("quickbooks")
    assert isinstance(ledger, QuickBooks)
    ledger.simulator.companies[OTHER_REALM] = QuickBooksCompany(OTHER_REALM, "Other Inc", clock=desk.now)
    ledger.simulator.consenting = OTHER_REALM
    ledger.write()
    typed = desk.gives(1, "connect", "acme")
    assert OTHER_REALM in typed.err
    assert "not connected yet" in desk.gives(1, "sync").err


def test_the_book_was_another_companys(desk: Desk, open_ledger: Open) -> None:
    """The practice file now names another company for a book that holds records: exit 2."""
    ledger = open_ledger("quickbooks")
    assert isinstance(ledger, QuickBooks)
    simulator = ledger.simulator
    ledger.write()
    desk.ok("connect", "acme")
    simulator.companies[OTHER_REALM] = QuickBooksCompany(OTHER_REALM, "Other Inc", clock=desk.now)
    simulator.consenting = OTHER_REALM
    text = (desk.folder / "arsync.toml").read_text("utf-8")
    (desk.folder / "arsync.toml").write_text(text.replace(ledger.company.realm, OTHER_REALM), "utf-8")
    typed = desk.gives(2, "connect", "acme")
    assert "Acme Studio LLC" in typed.err
    assert "Other Inc" in typed.err
    assert desk.rows("SELECT command, outcome, trouble FROM runs") == [
        ("connect", "connected", ""),
        ("connect", "failed", "settings"),
    ]


def test_a_tenant_that_was_not_chosen(desk: Desk, open_ledger: Open) -> None:
    """Xero names no company in the redirect: what was connected is asked afterwards and named."""
    ledger = open_ledger("xero")
    ledger.write()
    text = (desk.folder / "arsync.toml").read_text("utf-8")
    other = "99999999-2222-4333-8444-555555555555"
    (desk.folder / "arsync.toml").write_text(text.replace(ledger.company.tenant, other), "utf-8")
    typed = desk.gives(1, "connect", "acme")
    assert "Acme Ltd" in typed.err
    assert "arsync connect acme" in typed.err
