"""Change data capture: what it tells, and what it loses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from quickbooks_sim_desk import TODAY, Desk, exact, open_desk, refusal


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def groups(desk: Desk, entities: str, since: str) -> list[dict[str, Any]]:
    [response] = exact(desk.get("cdc", entities=entities, changedSince=since))["CDCResponse"]
    return response["QueryResponse"]


def test_groups_come_as_asked_in_the_order_of_change_with_deletions_last(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    one = desk.company.add_invoice(customer, "10.00", TODAY, None)
    two = desk.company.add_invoice(customer, "20.00", TODAY, None)
    doomed = desk.company.add_invoice(customer, "30.00", TODAY, None)
    desk.clock.forward(minutes=1)
    desk.company.delete(doomed)
    desk.clock.forward(minutes=1)
    payment = desk.company.pay(one)
    invoices, bills, payments = groups(desk, "invoice,Bill,Payment", "2026-03-10T12:00:00-07:00")
    assert [entry["Id"] for entry in invoices["Invoice"]] == [two, one, doomed]
    assert (invoices["startPosition"], invoices["maxResults"], invoices["totalCount"]) == (1, 3, 3)
    assert invoices["Invoice"][2] == {
        "domain": "QBO",
        "status": "Deleted",
        "Id": doomed,
        "MetaData": {"LastUpdatedTime": "2026-03-10T13:01:00-07:00"},
    }
    assert bills == {}
    assert [entry["Id"] for entry in payments["Payment"]] == [payment]


def test_only_what_changed_since(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    old = desk.company.add_invoice(customer, "10.00", TODAY, None)
    desk.clock.forward(minutes=30)
    new = desk.company.add_invoice(customer, "20.00", TODAY, None)
    for since in ("2026-03-10T20:30:00Z", "2026-03-10T13:30:00-07:00", "2026-03-10T13:30:00"):
        [group] = groups(desk, "Invoice", since)
        assert [entry["Id"] for entry in group["Invoice"]] == [new], since
    [group] = groups(desk, "Invoice", "2026-03-10T20:00:00Z")
    assert [entry["Id"] for entry in group["Invoice"]] == [old, new]
    assert groups(desk, "Invoice", "2026-03-10T20:30:01Z") == [{}]


def test_a_thousand_objects_in_all_and_deletions_are_lost_first(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    ids = [desk.company.add_invoice(customer, "1.00", TODAY, None) for _ in range(998)]
    desk.company.delete(ids[0])
    for _ in range(2):
        desk.company.add_payment(customer, "1.00")
    invoices, payments, customers = groups(desk, "Invoice,Payment,Customer", "2026-03-10T00:00:00Z")
    # 997 live invoices, 2 payments, 1 customer: a thousand, and no room for the deletion
    assert [len(group[name]) for group, name in ((invoices, "Invoice"), (payments, "Payment"))] == [997, 2]
    assert len(customers["Customer"]) == 1
    assert all("status" not in entry for entry in invoices["Invoice"])
    desk.company.delete(ids[1])
    [invoices, _] = groups(desk, "Invoice,Payment", "2026-03-10T00:00:00Z")
    assert [entry.get("status") for entry in invoices["Invoice"][-3:]] == [None, "Deleted", "Deleted"]
    for _ in range(5):
        desk.company.add_invoice(customer, "1.00", TODAY, None)
    invoices, payments = groups(desk, "Invoice,Payment", "2026-03-10T00:00:00Z")
    assert len(invoices["Invoice"]) == 1000
    assert payments == {}


def test_thirty_days_and_no_more(desk: Desk) -> None:
    assert desk.get("cdc", entities="Invoice", changedSince="2026-02-08T20:00:00Z").status_code == 200
    late = desk.get("cdc", entities="Invoice", changedSince="2026-02-08T19:59:59Z")
    assert refusal(late) == (400, "500")
    assert "older than fixed days is not supported" in late.text


def test_what_cannot_be_asked(desk: Desk) -> None:
    since = "2026-03-10T00:00:00Z"
    assert refusal(desk.get("cdc", entities="Invoice")) == (400, "2020")
    assert refusal(desk.get("cdc", changedSince=since)) == (400, "2020")
    assert refusal(desk.get("cdc", entities="TaxCode", changedSince=since)) == (400, "500")
    # an offset whose plus was not escaped arrives as a space
    assert refusal(desk.get("cdc", entities="Invoice", changedSince="2026-03-10T00:00:00 02:00")) == (
        400,
        "500",
    )


def test_a_customers_balance_moves_its_time_but_not_its_token(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    invoice = desk.company.add_invoice(customer, "10.00", TODAY, None)
    desk.clock.forward(minutes=5)
    desk.company.pay(invoice, "4.00")
    customers, invoices = groups(desk, "Customer,Invoice", "2026-03-10T20:01:00Z")
    [shown] = customers["Customer"]
    assert (shown["Balance"], shown["SyncToken"]) == (6, "0")
    assert shown["MetaData"]["LastUpdatedTime"] == "2026-03-10T13:05:00-07:00"
    [paid] = invoices["Invoice"]
    assert (paid["SyncToken"], paid["Balance"]) == ("1", 6)
    assert paid["MetaData"]["LastUpdatedTime"] == "2026-03-10T13:05:00-07:00"
