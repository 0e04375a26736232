"""The wire, played: addresses, tokens, waits, and that no error shows what it must not."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import responses
from quickbooks_desk import Desk
from requests import PreparedRequest

from arsync.errors import ArsyncError, FixSettings, Reconnect, Refused, TryLater

HOST = "https://quickbooks.api.intuit.com/v3/company/4620816365"
TOKEN = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
INFO = {"CompanyInfo": {"CompanyName": "Acme Ltd", "DefaultTimeZone": "Europe/London"}, "time": "x"}
PREFS = {
    "Preferences": {
        "CurrencyPrefs": {"HomeCurrency": {"value": "GBP"}, "MultiCurrencyEnabled": True},
        "ReportPrefs": {"CalcAgingReportFromTxnDate": True},
    }
}
EXPIRED = {
    "fault": {
        "error": [
            {
                "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
                "detail": "Token expired: access-token-one",
                "code": "3200",
            }
        ],
        "type": "AUTHENTICATION",
    },
    "queryResponse": None,
    "time": 1601391072830,
}


def fault(code: str) -> dict[str, Any]:
    return {"Fault": {"Error": [{"Message": "customer@fern.example", "code": code}], "type": "x"}}


def info(wire: responses.RequestsMock, **answer: Any) -> None:
    wire.get(f"{HOST}/companyinfo/4620816365", **(answer or {"json": INFO}))


def prefs(wire: responses.RequestsMock, **answer: Any) -> None:
    wire.get(f"{HOST}/preferences", **(answer or {"json": PREFS}))


def renewed(wire: responses.RequestsMock) -> None:
    wire.post(
        TOKEN,
        json={
            "access_token": "access-token-two",
            "refresh_token": "refresh-two",
            "expires_in": 3600,
            "x_refresh_token_expires_in": 8726400,
        },
    )


def test_who_the_company_is(desk: Desk) -> None:
    with responses.RequestsMock() as wire:
        info(wire)
        prefs(wire)
        tenant = desk.source.check()
        sent: PreparedRequest = wire.calls[0].request
    assert (tenant.id, tenant.name, tenant.currency) == ("4620816365", "Acme Ltd", "GBP")
    assert tenant.timezone == "Europe/London"
    assert len(tenant.warnings) == 1
    assert "transaction date" in tenant.warnings[0]
    assert sent.headers["Authorization"] == "Bearer access-token-one"
    assert sent.headers["Accept"] == "application/json"
    assert "minorversion=75" in (sent.url or "")


@pytest.mark.parametrize("zone", [None, "", "Pacific Standard Time", "../etc/passwd", "/etc/passwd"])
def test_a_time_zone_that_is_none_is_left_out(desk: Desk, zone: str | None) -> None:
    with responses.RequestsMock() as wire:
        info(wire, json={"CompanyInfo": {"CompanyName": "Acme", "DefaultTimeZone": zone}})
        prefs(wire, json={"Preferences": {"CurrencyPrefs": {"HomeCurrency": {"value": "USD"}}}})
        tenant = desk.source.check()
    assert tenant.timezone is None
    assert tenant.warnings == ()


def test_a_sandbox_company_has_its_own_host(desk: Desk) -> None:
    with responses.RequestsMock() as wire:
        sandbox = HOST.replace("quickbooks.api", "sandbox-quickbooks.api")
        wire.get(f"{sandbox}/companyinfo/4620816365", json=INFO)
        wire.get(f"{sandbox}/preferences", json=PREFS)
        assert desk.connect(sandbox=True).check().name == "Acme Ltd"


def test_a_refused_token_is_renewed_once_and_the_call_repeated(desk: Desk) -> None:
    with responses.RequestsMock() as wire:
        info(wire, json=EXPIRED, status=401)
        renewed(wire)
        info(wire)
        prefs(wire)
        assert desk.source.check().name == "Acme Ltd"
        used = [call.request.headers.get("Authorization") for call in wire.calls]
    assert used[2:] == ["Bearer access-token-two"] * 2
    assert desk.store.pair is not None
    assert desk.store.pair.refresh == "refresh-two"
    assert desk.slept == [0.0]


def test_a_token_that_is_refused_twice_needs_a_person(desk: Desk) -> None:
    with responses.RequestsMock() as wire:
        info(wire, json=EXPIRED, status=401)
        renewed(wire)
        with pytest.raises(Reconnect) as caught:
            desk.source.check()
        assert len(wire.calls) == 3
    assert "access-token" not in str(caught.value)


@pytest.mark.parametrize(("code", "status"), [("120", 401), ("3100", 403), ("3100", 401)])
def test_rights_that_are_lost_are_not_renewed(desk: Desk, code: str, status: int) -> None:
    with responses.RequestsMock() as wire:
        info(wire, json=fault(code), status=status)
        with pytest.raises(Reconnect):
            desk.source.check()
        assert len(wire.calls) == 1


@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        ({"json": fault("3001"), "status": 429}, [60.0]),
        ({"json": fault("3001"), "status": 200}, [60.0]),
        ({"body": b"<Fault><Error code='3001'></Error></Fault>", "status": 403}, [60.0]),
        ({"json": fault("3001"), "status": 429, "headers": {"Retry-After": "7"}}, [7.0]),
        ({"body": b"", "status": 503, "headers": {"Retry-After": "3"}}, [3.0]),
        ({"body": b"<html>", "status": 200}, None),
        ({"body": b'{"CompanyInfo":{', "status": 200}, None),
        ({"json": fault("10000"), "status": 500}, None),
    ],
)
def test_what_passes_is_waited_for(desk: Desk, answer: dict[str, Any], waits: list[float] | None) -> None:
    with responses.RequestsMock() as wire:
        info(wire, **answer)
        info(wire)
        prefs(wire)
        assert desk.source.check().name == "Acme Ltd"
    assert len(desk.slept) == 1
    assert waits is None or desk.slept == waits


def test_a_longer_wait_than_a_run_has_ends_it(desk: Desk) -> None:
    with responses.RequestsMock() as wire:
        info(wire, json=fault("3001"), status=429, headers={"Retry-After": "600"})
        with pytest.raises(TryLater) as caught:
            desk.source.check()
    assert caught.value.at is not None
    assert (caught.value.at - desk.clock()).total_seconds() == 600
    assert desk.slept == []


@pytest.mark.parametrize(
    "answer",
    [
        {"json": fault("2050"), "status": 400},
        {"json": fault("6190"), "status": 400},
        {"body": b"<html>customer@fern.example</html>", "status": 400},
        {"json": {"CompanyInfo": None, "Note": "customer@fern.example"}, "status": 200},
        {"json": ["customer@fern.example"], "status": 200},
        {"json": fault("10000"), "status": 500},
    ],
)
def test_no_error_shows_a_body_a_token_or_a_query(desk: Desk, answer: dict[str, Any]) -> None:
    answer = {"headers": {"intuit_tid": "1-abc"}, **answer}
    with responses.RequestsMock() as wire:
        info(wire, **answer)
        with pytest.raises(ArsyncError) as caught:
            desk.source.check()
    shown = f"{caught.value} {caught.value!r} {desk.source!r}"
    for secret in ("fern.example", "access-token", "refresh-one", "sandbox-secret", "minorversion"):
        assert secret not in shown
    if isinstance(caught.value, Refused):
        assert caught.value.request_id == "1-abc"


def test_a_query_is_posted_as_text(desk: Desk) -> None:
    with responses.RequestsMock() as wire:
        wire.post(f"{HOST}/query", json={"QueryResponse": {}, "time": "2026-03-02T04:00:00-08:00"})
        next(desk.source.pull(None))
        sent = wire.calls[0].request
    assert sent.headers["Content-Type"] == "application/text"
    assert (
        sent.body == b"SELECT * FROM Invoice WHERE Balance > '0' ORDERBY MetaData.CreateTime MAXRESULTS 1000"
    )


def test_changes_are_asked_for_in_utc_by_the_servers_time_with_an_overlap(desk: Desk) -> None:
    state = {
        "began": "2026-03-02T11:00:00+00:00",
        "version": 1,
        "stage": "cdc",
        "since": "2026-03-02T00:02:00Z",
    }
    nothing = {"CDCResponse": [{"QueryResponse": [{}, {}]}], "time": "2026-03-02T04:00:30.5-08:00"}
    with responses.RequestsMock() as wire:
        wire.get(f"{HOST}/cdc", json=nothing)
        (page,) = desk.source.pull(json.dumps(state))
        asked = wire.calls[0].request.params  # type: ignore[attr-defined]
    assert asked["changedSince"] == "2026-03-01T23:57:00Z"
    assert asked["entities"] == "Invoice,Customer,CreditMemo,Payment,JournalEntry"
    assert json.loads(page.cursor)["since"] == "2026-03-02T12:00:30Z"


def test_a_time_that_the_body_leaves_out_is_the_servers_all_the_same(desk: Desk) -> None:
    with responses.RequestsMock() as wire:
        dated = {"Date": "Mon, 02 Mar 2026 11:59:58 GMT"}
        wire.post(f"{HOST}/query", json={"QueryResponse": {}}, headers=dated)
        page = next(desk.source.pull(None))
    assert json.loads(page.cursor)["since"] == "2026-03-02T11:59:58Z"


def test_a_time_that_nobody_tells_is_an_error(desk: Desk) -> None:
    with responses.RequestsMock() as wire:
        wire.post(f"{HOST}/query", json={"QueryResponse": {}})
        with pytest.raises(TryLater, match="time"):
            next(desk.source.pull(None))


def test_how_access_is_asked_for(desk: Desk) -> None:
    app = desk.source.app
    assert app.scopes == ("com.intuit.quickbooks.accounting",)
    assert app.tenant_param == "realmId"
    assert app.redirect_uri == "http://localhost:8722/callback"


@pytest.mark.parametrize(
    ("option", "value"),
    [("company", "acme"), ("company", "1/../2"), ("calls_per_minute", 0), ("calls_per_minute", 900)],
)
def test_options_that_cannot_be(desk: Desk, option: str, value: object) -> None:
    with pytest.raises(FixSettings, match=option):
        desk.connect(**{option: value})


def test_connecting_loads_no_sdk() -> None:
    # intuitlib itself is made at every start of Python by a .pth file of its distribution
    sdk = ("quickbooks", "intuitlib.client", "requests_oauthlib", "oauthlib")
    code = f"import sys, arsync_quickbooks; print([m for m in {sdk} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def aging(*keys: str) -> dict[str, Any]:
    cells = {
        "txn_type": {"value": "Payment", "id": "6"},
        "cust_name": {"value": "Loft", "id": "1"},
        "subt_open_bal": {"value": "-12.50"},
    }
    return {
        "Header": {"Currency": "USD", "Time": "2026-03-02T04:00:00-08:00"},
        "Columns": {"Column": [{"ColType": key} for key in keys]},
        "Rows": {"Row": [{"ColData": [cells[key] for key in keys], "type": "Data"}]},
    }


def test_a_report_is_asked_for_with_no_more_columns_than_decide_something(desk: Desk) -> None:
    with responses.RequestsMock() as wire:
        wire.post(f"{HOST}/query", json={"QueryResponse": {}})
        wire.get(f"{HOST}/reports/AgedReceivableDetail", json=aging("txn_type", "cust_name", "subt_open_bal"))
        found = desk.source.refresh([], ["1"])
        [asked] = [call.request.params for call in wire.calls[1:]]  # type: ignore[attr-defined]
    assert [(c.id, c.remaining) for c in found.credits] == [("6", 1250)]
    assert asked["columns"] == "txn_type,cust_name,subt_open_bal"
    assert asked["report_date"] == "2031-12-31"


def test_a_report_that_is_too_long_is_an_error(desk: Desk) -> None:
    cut = aging("txn_type", "cust_name", "subt_open_bal")
    cut["Rows"]["Row"].append({"ColData": [{"value": "Unable to display more data. Please reduce"}]})
    with responses.RequestsMock() as wire:
        wire.post(f"{HOST}/query", json={"QueryResponse": {}})
        wire.get(f"{HOST}/reports/AgedReceivableDetail", json=cut)
        with pytest.raises(Refused, match="too long"):
            desk.source.refresh([], ["1"])
        assert len(wire.calls) == 2  # with all its columns it would be longer still
