"""Two customers that become one, voided payments, and journal entries that are applied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from quickbooks_sim_desk import Desk, ago, exact, open_desk, refusal

from arsync_quickbooks.simulator.fault import Fault


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def test_what_stood_on_one_customer_stands_on_the_other(desk: Desk) -> None:
    company = desk.company
    amber, twin = company.add_customer("Amber"), company.add_customer("Ambre")
    invoice = company.add_invoice(twin, "100.00", ago(40), ago(10))
    memo = company.add_credit_memo(twin, "5.00", ago(4))
    money = company.add_payment(twin, "6.00", ago(3))
    entry = company.add_journal(twin, "-7.00", ago(2))
    company.add_journal(amber, "1.00", ago(2))
    before = exact(desk.get(f"invoice/{invoice}"))["Invoice"]
    desk.clock.forward(minutes=5)
    company.merge_customers(twin, amber)
    after = exact(desk.get(f"invoice/{invoice}"))["Invoice"]
    assert after["CustomerRef"] == {"value": amber, "name": "Amber"}
    assert (after["MetaData"], after["SyncToken"]) == (before["MetaData"], before["SyncToken"])
    for view, id_ in ((company.credit_memos, memo), (company.payments, money)):
        assert view[id_]["CustomerRef"]["value"] == amber
    detail = company.journal_entries[entry]["Line"][0]["JournalEntryLineDetail"]
    assert detail["Entity"]["EntityRef"] == {"value": amber}
    assert company.customers[amber]["Balance"] == 100 - 5 - 6 - 7 + 1
    assert list(company.customers) == [amber]
    assert refusal(desk.get(f"customer/{twin}")) == (400, "610")
    changed = exact(desk.get("cdc", entities="Customer,Invoice", changedSince="2026-03-10T20:01:00Z"))
    groups = changed["CDCResponse"][0]["QueryResponse"]
    assert [(row["Id"], row.get("status")) for row in groups[0]["Customer"]] == [
        (amber, None),
        (twin, "Deleted"),
    ]
    assert "Invoice" not in groups[1]
    report = desk.get("reports/AgedReceivableDetail").json()
    rows = [row for section in report["Rows"]["Row"] for row in section.get("Rows", {}).get("Row", [])]
    assert {row["ColData"][3]["id"] for row in rows} == {amber}
    company.apply_journal(entry, invoice, "7.00")
    assert company.invoices[invoice]["Balance"] == 93
    company.add_customer("Ambre")  # the name is free again


def test_customers_that_cannot_become_one(desk: Desk) -> None:
    company = desk.company
    amber = company.add_customer("Amber")
    company.add_customer("Attic", parent=amber)
    other = company.add_customer("Other")
    for merged, into in ((amber, other), (other, other)):
        with pytest.raises(Fault):
            company.merge_customers(merged, into)
    company.multicurrency = True
    euros = company.add_customer("Fleur", currency="EUR")
    with pytest.raises(Fault):
        company.merge_customers(euros, other)
    assert len(company.customers) == 4


def test_by_the_doors_verbs(desk: Desk) -> None:
    company = desk.company
    amber, twin = company.add_customer("Amber"), company.add_customer("Ambre")
    invoice = company.add_invoice(twin, "100.00", ago(40), ago(10))
    payment = company.pay(invoice)
    assert desk.control("void-payment", payment=payment).status_code == 200
    assert company.payments[payment]["TotalAmt"] == 0
    assert company.invoices[invoice]["Balance"] == 100
    entry = company.add_journal(twin, "-7.00", ago(2))
    joined = desk.control("apply-journal", journal=entry, invoice=invoice, amount="2.00").json()["id"]
    assert company.payments[joined]["TotalAmt"] == 0
    assert company.invoices[invoice]["Balance"] == 98
    assert desk.control("merge-customers", customer=twin, into=amber).status_code == 200
    assert company.customers[amber]["Balance"] == 93
    assert desk.control("merge-customers", customer=amber, into=amber).status_code == 400
