"""Limits, mishaps, the log of calls, and changing a company from outside."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from quickbooks_sim_desk import TODAY, Desk, exact, open_desk, refusal

from arsync_quickbooks.simulator import Fault, Limits

NAMESPACE = "{http://schema.intuit.com/finance/v3}"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def xml_code(response: requests.Response) -> tuple[int, str, str]:
    root = ElementTree.fromstring(response.content)
    error = root.find(f"{NAMESPACE}Fault/{NAMESPACE}Error")
    assert error is not None
    return response.status_code, error.attrib["code"], error.findtext(f"{NAMESPACE}Message") or ""


def new_customer(desk: Desk, name: str = "Amber", **params: str) -> requests.Response:
    return desk.post("customer", {"DisplayName": name}, **params)


# ---- limits


def paced(desk: Desk, limits: Limits) -> list[float]:
    """Set limits over a clock of their own; the list's one number is its time."""
    now = [100.0]
    desk.sim.limits = limits
    desk.sim.throttle.clock = lambda: now[0]
    return now


def test_ten_calls_a_second(desk: Desk) -> None:
    now = paced(desk, Limits())
    assert [desk.get("preferences").status_code for _ in range(11)] == [200] * 10 + [429]
    refused = desk.get("preferences")
    assert xml_code(refused) == (429, "3001", "message=ThrottleExceeded; errorCode=003001; statusCode=429")
    assert refused.headers["Content-Type"].startswith("application/xml")
    assert "Retry-After" not in refused.headers
    now[0] += 0.5
    assert desk.get("preferences").status_code == 429
    now[0] += 0.5
    assert desk.get("preferences").status_code == 200


def test_five_hundred_calls_and_forty_batches_a_minute(desk: Desk) -> None:
    now = paced(desk, Limits(per_second=None, per_minute=50, batches_per_minute=40, style="429-json"))
    batch = {"BatchItemRequest": [{"bId": "1", "Query": "SELECT count(*) FROM Invoice"}]}
    assert [desk.post("batch", batch).status_code for _ in range(41)] == [200] * 40 + [429]
    assert [desk.get("preferences").status_code for _ in range(11)] == [200] * 10 + [429]
    now[0] += 60
    assert desk.post("batch", batch).status_code == 200
    assert Limits() == Limits(10, 500, 40)


def test_a_throttled_write_is_not_done(desk: Desk) -> None:
    paced(desk, Limits(per_second=1, style="403-throttle", retry_after=7))
    desk.get("preferences")
    refused = new_customer(desk)
    assert xml_code(refused)[:2] == (403, "3001")
    assert refused.headers["Retry-After"] == "7"
    assert len(desk.company.customers) == 0


# ---- mishaps


def test_answers_instead_of_the_answer(desk: Desk) -> None:
    for kind, status in (
        ("429-json", 429),
        ("429-xml", 429),
        ("403-throttle", 403),
        ("401-expired", 401),
        ("500", 500),
        ("503-html", 503),
        ("200-with-fault", 200),
        ("200-with-fault-lower", 200),
    ):
        desk.sim.faults.add(kind, retry_after=60)
        response = new_customer(desk)
        assert response.status_code == status, kind
        assert response.headers["Retry-After"] == "60"
        assert "intuit_tid" in response.headers
        bodies: dict[str, Any] = {
            "429-json": lambda r: r.json()["Fault"]["Error"][0]["code"] == "3001",
            "429-xml": lambda r: xml_code(r)[1] == "3001",
            "403-throttle": lambda r: xml_code(r)[1] == "3001",
            "401-expired": lambda r: r.json()["fault"]["error"][0]["code"] == "3200",
            "500": lambda r: r.json()["Fault"]["Error"][0]["code"] == "10000",
            "503-html": lambda r: r.text.startswith("<html>"),
            "200-with-fault": lambda r: r.json()["Fault"]["Error"][0]["code"] == "10000",
            "200-with-fault-lower": lambda r: r.json()["fault"]["error"][0]["code"] == "10000",
        }
        assert bodies[kind](response), kind
    assert len(desk.company.customers) == 0
    assert new_customer(desk).status_code == 200


def test_which_requests_a_rule_strikes(desk: Desk) -> None:
    rule = desk.sim.faults.add("500", path_regex=r"/customer\b", method="POST", times=2, after=1)
    statuses = [new_customer(desk, f"C{index}").status_code for index in range(4)]
    assert statuses == [200, 500, 500, 200]
    assert rule.hits == 2
    only = desk.sim.faults.add("500", body_regex="count", times=None)
    assert desk.ask("SELECT * FROM Customer").status_code == 200
    assert desk.ask("SELECT count(*) FROM Customer").status_code == 500
    assert desk.ask("SELECT count(*) FROM Customer").status_code == 500
    desk.sim.faults.clear()
    assert desk.ask("SELECT count(*) FROM Customer").status_code == 200
    assert only.hits == 2
    with pytest.raises(ValueError, match="unknown kind 'flood'"):
        desk.sim.faults.add("flood")


def test_tokens_are_spared_unless_named(desk: Desk) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": desk.tokens["refresh_token"]}
    url = f"{desk.url}/oauth2/v1/tokens/bearer"
    auth = ("sandbox-client", "sandbox-secret")
    desk.sim.faults.add("500")
    assert requests.post(url, data=form, auth=auth, timeout=60).status_code == 200
    desk.sim.faults.add("503-html", path_regex="tokens/bearer")
    assert requests.post(url, data=form, auth=auth, timeout=60).status_code == 503


def test_connections_reset_before_and_after_the_act(desk: Desk) -> None:
    desk.sim.faults.add("reset-before-commit")
    with pytest.raises(requests.ConnectionError):
        new_customer(desk, requestid="k1")
    assert len(desk.company.customers) == 0
    desk.sim.faults.add("reset-after-commit")
    with pytest.raises(requests.ConnectionError):
        new_customer(desk, requestid="k1")
    assert len(desk.company.customers) == 1
    assert new_customer(desk, requestid="k1").json()["Customer"]["Id"] == "1"
    assert len(desk.company.customers) == 1
    assert [call.status for call in desk.sim.calls] == [0, 0, 200]


def test_a_throttle_may_come_after_the_act(desk: Desk) -> None:
    desk.sim.faults.add("429-json", commit=True)
    assert refusal(new_customer(desk, requestid="k1")) == (429, "3001")
    assert len(desk.company.customers) == 1
    assert new_customer(desk, requestid="k1").status_code == 200
    assert len(desk.company.customers) == 1


def test_broken_bodies(desk: Desk) -> None:
    desk.company.add_invoice(desk.company.add_customer("Amber"), "10.00", TODAY, None)
    desk.sim.faults.add("malformed-json")
    response = desk.ask("SELECT * FROM Invoice")
    assert response.status_code == 200
    assert int(response.headers["Content-Length"]) > 0
    with pytest.raises(ValueError):
        response.json()
    desk.sim.faults.add("cut-off-body")
    with pytest.raises(requests.RequestException):
        desk.ask("SELECT * FROM Invoice")
    desk.sim.faults.add("slow-drip", seconds=0.05)
    assert exact(desk.ask("SELECT * FROM Invoice"))["QueryResponse"]["maxResults"] == 1


def test_silence_lasts_no_longer_than_the_server(desk: Desk) -> None:
    desk.sim.faults.add("silent", seconds=0.01)
    with pytest.raises(requests.ConnectionError):
        desk.get("preferences")
    with open_desk() as other:
        other.sim.faults.add("silent", seconds=600)
        with pytest.raises(requests.ReadTimeout):
            other.session.get(f"{other.base}/preferences", timeout=0.1)
    # the server's end is the test's end: a silence that outlived it would hang here


@pytest.mark.parametrize("way", ["release", "clear"])
def test_a_slow_answer_is_let_go(desk: Desk, way: str) -> None:
    rule = desk.sim.faults.add("slow-drip", seconds=6000)
    with ThreadPoolExecutor() as others:
        asked = others.submit(desk.get, "preferences")
        while not rule.hits:
            assert not asked.done(), asked.result()
            time.sleep(0.01)
        rule.release() if way == "release" else desk.sim.faults.clear()
        # without that the caller gives up long before the answer is whole
        assert asked.result().status_code == 200


def test_a_200_with_another_fault(desk: Desk) -> None:
    fault = Fault("6190", "Invalid Company Status", "Subscription period has ended.", status=403)
    desk.sim.faults.add("200-with-fault", fault=fault)
    assert refusal(desk.get("preferences")) == (200, "6190")
    desk.sim.faults.add("500", fault=fault)
    assert refusal(desk.get("preferences")) == (403, "6190")


# ---- the log of calls


def test_calls_are_told_apart(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    invoice = desk.company.add_invoice(customer, "10.00", TODAY, None)
    desk.ask("SELECT * FROM Invoice")
    desk.get("query", query="SELECT * FROM Customer")
    desk.get("cdc", entities="Invoice", changedSince="2026-03-10T00:00:00Z")
    desk.get("reports/AgedReceivableDetail")
    desk.get(f"invoice/{invoice}")
    desk.get("invoice/999")
    desk.post("batch", {"BatchItemRequest": [{"bId": "1", "Query": "SELECT * FROM Term"}]}, requestid="k")
    assert [(call.endpoint, call.status) for call in desk.sim.calls] == [
        ("query", 200),
        ("query", 200),
        ("cdc", 200),
        ("report", 200),
        ("read", 200),
        ("read", 400),
        ("batch", 200),
    ]
    statements = [call.statement for call in desk.sim.calls if call.statement]
    assert statements == ["SELECT * FROM Invoice", "SELECT * FROM Customer"]
    assert desk.sim.counts["query"] == 2
    assert desk.sim.calls[-1].request_id == "k"
    assert desk.sim.calls[-1].path == f"/v3/company/{desk.company.realm}/batch"


# ---- from outside


def test_the_sandbox_explains_itself_and_refuses_with_reasons(desk: Desk) -> None:
    shown = requests.get(f"{desk.url}/_sandbox", timeout=60).json()
    assert shown["realms"] == [desk.company.realm]
    assert shown["verbs"]["pay"]["fields"] == ["invoice", "amount?", "on?"]
    assert desk.control("explode").status_code == 404
    assert "no invoice with id or number '7'" in desk.control("pay", invoice="7").json()["error"]
    assert "fields: invoice" in desk.control("void").json()["error"]
    assert desk.control("create-invoice", customer="1", amount="x").status_code == 400
    assert requests.get(f"{desk.url}/_sandbox/pay", timeout=60).status_code == 405
    assert desk.sim.calls == []


def test_a_company_is_changed_from_outside(desk: Desk) -> None:
    amber = desk.control("create-customer", name="Amber", email="pay@amber.example").json()["id"]
    invoice = desk.control(
        "create-invoice", customer=amber, amount="120.00", issued="2026-01-10", due="2026-02-09", number="A-1"
    ).json()["id"]
    assert desk.company.invoices[invoice]["DueDate"] == "2026-02-09"
    payment = desk.control("pay", invoice="A-1", amount="20.00", on="2026-03-01").json()["id"]
    assert desk.company.payments[payment]["TxnDate"] == "2026-03-01"
    assert desk.company.invoices[invoice]["Balance"] == 100
    desk.control("delete-payment", payment=payment)
    assert desk.company.invoices[invoice]["Balance"] == 120
    memo = desk.control("credit-memo", customer=amber, amount=30).json()["id"]
    desk.control("apply-credit", memo=memo, invoice=invoice)
    money = desk.control("payment", customer=amber, amount="5.00").json()["id"]
    desk.control("apply-payment", payment=money, invoice=invoice)
    desk.control("journal", customer=amber, amount="-1.00")
    assert desk.company.customers[amber]["Balance"] == 84
    desk.control("redate", invoice=invoice, due="2026-04-01")
    desk.control("renumber", invoice="A-1", number="A-2")
    desk.control("annotate", invoice="A-2", note="Dana will pay")
    desk.control("edit-customer", customer=amber, name="Amber Ltd", email="new@amber.example")
    shown = desk.company.invoices[invoice]
    assert (shown["DueDate"], shown["DocNumber"]) == ("2026-04-01", "A-2")
    assert (shown["PrivateNote"], shown["CustomerRef"]["name"]) == ("Dana will pay", "Amber Ltd")
    desk.control("edit-customer", customer=amber, active=False, email=None)
    customer = desk.company.customers[amber]
    assert customer["Active"] is False
    assert "PrimaryEmailAddr" not in customer
    desk.control("void", invoice="A-2")
    assert desk.company.invoices[invoice]["PrivateNote"] == "Voided - Dana will pay"
    desk.control("delete", invoice="A-2")
    assert desk.control("state").json()["invoices"] == []


def test_the_clock_moves_for_the_company_and_its_tokens(desk: Desk) -> None:
    assert desk.get("preferences").json()["time"] == "2026-03-10T13:00:00.000-07:00"
    desk.control("advance-clock", seconds=1800)
    assert desk.get("preferences").json()["time"] == "2026-03-10T13:30:00.000-07:00"
    desk.control("advance-clock", days=2)
    assert desk.get("preferences").status_code == 401
    assert desk.company.today().isoformat() == "2026-03-12"


def test_mishaps_limits_and_tokens_from_outside(desk: Desk) -> None:
    desk.control("faults", kind="429-json", times=1, retry_after=5)
    assert desk.get("preferences").headers["Retry-After"] == "5"
    assert desk.get("preferences").status_code == 200
    desk.control("limits", per_second=0)
    assert desk.get("preferences").status_code == 429
    desk.control("limits", per_second=None)
    desk.control("expire-tokens")
    assert desk.get("preferences").status_code == 401
    fresh = desk.control("grant").json()["access_token"]
    desk.session.headers["Authorization"] = f"Bearer {fresh}"
    assert desk.get("preferences").status_code == 200
    shown = desk.control("calls", clear=True).json()
    assert shown["counts"] == {"settings": 5}
    assert desk.control("calls").json()["calls"] == []
    assert desk.control("faults", kind="flood").status_code == 400
