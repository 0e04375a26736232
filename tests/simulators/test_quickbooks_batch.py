"""Batches: independent items, mixed results, and the limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from quickbooks_sim_desk import TODAY, Desk, exact, open_desk, refusal


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def batch(desk: Desk, *items: dict[str, Any], **params: str) -> requests.Response:
    return desk.post("batch", {"BatchItemRequest": list(items)}, **params)


def results(response: requests.Response) -> dict[str, dict[str, Any]]:
    return {item["bId"]: item for item in exact(response)["BatchItemResponse"]}


def note(name: str, invoice: str, token: str, text: str) -> dict[str, Any]:
    given = {"Id": invoice, "SyncToken": token, "sparse": True, "PrivateNote": text}
    return {"bId": name, "operation": "update", "Invoice": given}


def invoices(desk: Desk, count: int) -> list[str]:
    customer = desk.company.add_customer("Amber")
    return [desk.company.add_invoice(customer, "10.00", TODAY, None) for _ in range(count)]


def test_each_item_has_its_own_result_and_order_is_not_kept(desk: Desk) -> None:
    one, two = invoices(desk, 2)
    response = batch(
        desk,
        note("b1", one, "0", "written"),
        note("b2", two, "5", "stale"),
        {"bId": "b3", "operation": "delete", "Invoice": {"Id": "999", "SyncToken": "0"}},
        {"bId": "b4", "Query": f"SELECT * FROM Invoice WHERE Id = '{one}'"},
        {"bId": "b5", "Query": "SELECT * FROM Payment WHERE UnappliedAmt > '0'"},
        {"bId": "b6", "operation": "create", "Customer": {"DisplayName": "Birch"}},
        {"bId": "b7", "operation": "explode", "Customer": {}},
    )
    assert response.status_code == 200
    found = results(response)
    assert found["b1"]["Invoice"]["PrivateNote"] == "written"
    assert found["b1"]["Invoice"]["SyncToken"] == "1"
    codes = {name: item["Fault"]["Error"][0]["code"] for name, item in found.items() if "Fault" in item}
    assert codes == {"b2": "5010", "b3": "610", "b5": "4001", "b7": "500"}
    assert found["b4"]["QueryResponse"]["Invoice"][0]["PrivateNote"] == "written"
    assert found["b6"]["Customer"]["Id"] == "2"
    order = [item["bId"] for item in response.json()["BatchItemResponse"]]
    assert order != sorted(order)
    assert "time" in response.json()


def test_thirty_items_and_no_more(desk: Desk) -> None:
    ids = invoices(desk, 31)
    items = [note(f"b{index}", invoice, "0", "hello") for index, invoice in enumerate(ids)]
    assert refusal(batch(desk, *items)) == (400, "6000")
    assert all("PrivateNote" not in shown for shown in desk.company.invoices.values())
    assert len(results(batch(desk, *items[:30]))) == 30
    assert refusal(batch(desk)) == (400, "2020")
    assert refusal(batch(desk, items[30], items[30])) == (400, "6000")


def test_a_batch_returns_a_thousand_objects_at_most(desk: Desk) -> None:
    invoices(desk, 600)
    ask = "SELECT * FROM Invoice MAXRESULTS 1000"
    found = results(batch(desk, {"bId": "1", "Query": ask}, {"bId": "2", "Query": ask}))
    assert found["1"]["QueryResponse"]["maxResults"] == 600
    assert found["2"]["Fault"]["Error"][0]["code"] == "6000"


def test_the_same_requestid_replays_the_whole_batch(desk: Desk) -> None:
    [one] = invoices(desk, 1)
    key = "6f2f4b3e-8f0f-4f5e-9a53-2f6f6c1f0d11"
    first = batch(desk, note("b1", one, "0", "first"), requestid=key)
    desk.company.annotate(one, "by hand")
    again = batch(desk, note("b1", one, "1", "second"), requestid=key)
    assert again.content == first.content
    assert desk.company.invoices[one]["PrivateNote"] == "by hand"
    other = batch(desk, note("b1", one, "2", "third"), requestid="another")
    assert results(other)["b1"]["Invoice"]["PrivateNote"] == "third"


def test_names_are_shorter_with_a_requestid(desk: Desk) -> None:
    [one] = invoices(desk, 1)
    item = note("b" * 11, one, "0", "x")
    assert refusal(batch(desk, item, requestid="k")) == (400, "2050")
    assert refusal(batch(desk, note("b1", one, "0", "x"), requestid="k" * 37)) == (400, "2050")
    assert "Invoice" in results(batch(desk, item))["b" * 11]


def test_an_item_refused_half_way_leaves_nothing_behind(desk: Desk) -> None:
    one, two = invoices(desk, 2)
    payment = {
        "CustomerRef": {"value": "1"},
        "TotalAmt": 30,
        "Line": [
            {"Amount": 10, "LinkedTxn": [{"TxnId": one, "TxnType": "Invoice"}]},
            {"Amount": 20, "LinkedTxn": [{"TxnId": two, "TxnType": "Invoice"}]},
        ],
    }
    found = results(batch(desk, {"bId": "p", "operation": "create", "Payment": payment}))
    assert found["p"]["Fault"]["Error"][0]["code"] == "6000"
    for invoice in (one, two):
        shown = desk.company.invoices[invoice]
        assert (shown["Balance"], shown["SyncToken"], shown["LinkedTxn"]) == (10, "0", [])
    assert len(desk.company.payments) == 0
    assert desk.company.customers["1"]["Balance"] == 20
