"""What each answer of the service leads to, on the vendor's own addresses."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses
from xero_book import NOW, TENANT, Desk

from arsync.errors import ArsyncError, Reconnect, Refused, TryLater

API = "https://api.xero.com/api.xro/2.0"
TOKEN = "https://identity.xero.com/connect/token"
EMPTY = {"page": 1, "pageSize": 1000, "pageCount": 0, "itemCount": 0}
SECRETS = ("token-1", "token-2", "refresh-1", "revealed", "Zaphod")
SINCE = (
    '{"stage":"changes","since":"2026-03-01T00:00:00Z","credits_since":"2026-03-02T09:00:00Z",'
    '"swept":"2026-03-02T00:00:00Z"}'
)


def empty(name: str) -> dict[str, Any]:
    return {"Status": "OK", "DateTimeUTC": "/Date(1772443800000)/", "pagination": EMPTY, name: []}


def quiet(mock: responses.RequestsMock) -> None:
    """Nothing changed since."""
    mock.get(f"{API}/Invoices", json=empty("Invoices"))
    mock.get(f"{API}/Contacts", json=empty("Contacts"))


def pulled(desk: Desk) -> list[Any]:
    return list(desk.source.pull(SINCE))


@responses.activate
def test_a_request_carries_what_xero_asks_for(wire: Desk) -> None:
    quiet(responses.mock)
    pages = pulled(wire)
    assert [page.last for page in pages] == [False, True]
    invoices, contacts = (call.request for call in responses.calls)
    assert invoices.params == {
        "where": 'Type=="ACCREC"',
        "order": "InvoiceID",
        "page": "1",
        "pageSize": "1000",
        "summaryOnly": "true",
    }
    assert contacts.params == {
        "order": "ContactID",
        "page": "1",
        "pageSize": "1000",
        "includeArchived": "true",
    }
    for each in (invoices, contacts):
        assert each.headers["Authorization"] == "Bearer token-1"
        assert each.headers["xero-tenant-id"] == TENANT
        assert each.headers["Accept"] == "application/json"
        assert each.headers["If-Modified-Since"] == "2026-03-01T00:00:00Z"
        assert "gzip" in each.headers["Accept-Encoding"]
        assert each.headers["User-Agent"].startswith("arsync/")
    assert wire.budget.taken == 2
    assert wire.paced == [(f"xero-{TENANT}", 55)]


@responses.activate
@pytest.mark.parametrize(
    ("status", "headers", "body", "kind"),
    [
        (400, {}, b'{"ErrorNumber": 16, "Type": "QueryParseException", "Message": "Zaphod"}', Refused),
        (400, {}, b"", Refused),
        (400, {}, b"<html>Zaphod</html>", Refused),
        (403, {}, b'{"Title":"Forbidden","Detail":"AuthenticationUnsuccessful"}', Reconnect),
        (404, {}, b"The resource Zaphod is not there", Refused),
        (412, {}, b"", Refused),
        (501, {}, b"", Refused),
        (302, {"Location": "https://portal.example/login"}, b"", TryLater),
        (429, {"X-Rate-Limit-Problem": "day", "Retry-After": "73451"}, b"", TryLater),
    ],
)
def test_an_answer_that_is_not_asked_again(
    wire: Desk, status: int, headers: dict[str, str], body: bytes, kind: type[ArsyncError]
) -> None:
    responses.get(f"{API}/Invoices", status=status, headers=headers, body=body)
    with pytest.raises(kind) as caught:
        pulled(wire)
    assert len(responses.calls) == 1
    assert wire.sleeps == []
    assert not any(word in str(caught.value) for word in SECRETS)


@responses.activate
def test_the_limit_of_the_day_tells_when_it_ends_and_nobody_sleeps(wire: Desk) -> None:
    headers = {"X-Rate-Limit-Problem": "day", "Retry-After": "73451", "X-DayLimit-Remaining": "0"}
    responses.get(f"{API}/Invoices", status=429, headers=headers)
    with pytest.raises(TryLater) as caught:
        pulled(wire)
    assert caught.value.at == NOW + timedelta(seconds=73451)
    assert "2026-03-03 05:54 UTC" in str(caught.value)
    assert wire.sleeps == []


@responses.activate
def test_the_limit_of_the_minute_is_waited_out(wire: Desk) -> None:
    headers = {"X-Rate-Limit-Problem": "minute", "Retry-After": "17"}
    responses.get(f"{API}/Invoices", status=429, headers=headers)
    quiet(responses.mock)
    assert pulled(wire)[-1].last
    assert wire.sleeps == [17.0]


@responses.activate
def test_a_minute_that_is_not_told_is_a_whole_one(wire: Desk) -> None:
    responses.get(f"{API}/Invoices", status=429, headers={"X-Rate-Limit-Problem": "appminute"})
    quiet(responses.mock)
    assert pulled(wire)[-1].last
    assert wire.sleeps == [60.0]


@responses.activate
@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (429, {"X-Rate-Limit-Problem": "concurrent"}, b""),
        (500, {}, b'{"Type":"InternalError"}'),
        (503, {}, b"<html>offline</html>"),
        (200, {}, b"<html>Please wait</html>"),
        (200, {}, b'{"Invoices": [{"InvoiceID"'),
        (200, {}, b""),
    ],
)
def test_what_passes_is_asked_again_and_then_left_for_later(
    wire: Desk, status: int, headers: dict[str, str], body: bytes
) -> None:
    responses.get(f"{API}/Invoices", status=status, headers=headers, body=body)
    with pytest.raises(TryLater) as caught:
        pulled(wire)
    assert len(responses.calls) == 4
    assert len(wire.sleeps) == 3
    assert caught.value.at is None


@responses.activate
@pytest.mark.parametrize(
    "body",
    [
        {"Status": "OK", "Invoices": None},
        {"Status": "OK"},
        {"Contacts": []},
        {"Invoices": [], "pagination": {"page": 1, "pageSize": 1000, "pageCount": 3, "itemCount": 2500}},
        {"Invoices": [], "pagination": {"page": 2, "pageSize": 1000, "pageCount": 0, "itemCount": 0}},
        {"Invoices": [], "pagination": {"page": 1, "pageSize": 0, "pageCount": 5, "itemCount": 0}},
        {"Invoices": [], "pagination": {"page": 1, "pageSize": 1000, "pageCount": 5, "itemCount": 0}},
    ],
)
def test_a_page_that_lies_is_not_the_last_one(wire: Desk, body: dict[str, Any]) -> None:
    responses.get(f"{API}/Invoices", json=body)
    responses.get(f"{API}/Contacts", json=empty("Contacts"))
    with pytest.raises(TryLater):
        pulled(wire)


@responses.activate
def test_an_expired_token_is_renewed_once_and_the_request_replayed(wire: Desk) -> None:
    responses.get(f"{API}/Invoices", status=401, json={"Title": "Unauthorized", "Detail": "TokenExpired"})
    responses.post(TOKEN, json={"access_token": "token-2", "refresh_token": "refresh-2", "expires_in": 1800})
    quiet(responses.mock)
    assert pulled(wire)[-1].last
    sent = [call.request.headers.get("Authorization") for call in responses.calls]
    assert sent[0] == "Bearer token-1"
    assert sent[2:] == ["Bearer token-2", "Bearer token-2"]
    assert wire.store.pair is not None
    assert (wire.store.pair.access, wire.store.pair.previous_refresh) == ("token-2", "refresh-1")


@responses.activate
def test_a_token_refused_twice_asks_for_a_new_consent(wire: Desk) -> None:
    responses.get(f"{API}/Invoices", status=401, json={"Detail": "AuthenticationUnsuccessful"})
    responses.post(TOKEN, json={"access_token": "token-2", "refresh_token": "refresh-2", "expires_in": 1800})
    with pytest.raises(Reconnect, match="arsync connect acme"):
        pulled(wire)
    assert [call.request.method for call in responses.calls] == ["GET", "POST", "GET"]


@responses.activate
@pytest.mark.parametrize("word", ["insufficient_scope", "insufficent_scope"])
def test_a_missing_scope_is_not_cured_by_a_new_token(wire: Desk, word: str) -> None:
    responses.get(f"{API}/Invoices", status=401, headers={"WWW-Authenticate": f"Bearer error={word}"})
    with pytest.raises(Reconnect, match="scope"):
        pulled(wire)
    assert len(responses.calls) == 1


@responses.activate
def test_a_network_that_fails_is_tried_again(wire: Desk) -> None:
    responses.get(f"{API}/Invoices", body=requests.ConnectionError("token-1 Zaphod"))
    with pytest.raises(TryLater) as caught:
        pulled(wire)
    assert len(responses.calls) == 4
    assert not any(word in str(caught.value) for word in SECRETS)


@responses.activate
def test_pages_without_numbers_are_read_until_an_empty_one(wire: Desk) -> None:
    for ids in (["a", "b"], ["c"], []):
        rows = [{"Type": "ACCREC", "InvoiceID": each} for each in ids]
        responses.get(f"{API}/Invoices", json={"Status": "OK", "Invoices": rows})
    responses.get(f"{API}/Contacts", json=empty("Contacts"))
    pages = pulled(wire)
    assert [page.rows for page in pages] == [2, 1, 0, 0]
    assert [reject.id for page in pages for reject in page.rejects] == ["a", "b", "c"]
    assert [json.loads(page.cursor).get("page", 1) for page in pages[:2]] == [2, 3]


@responses.activate
def test_a_new_organisation_may_answer_empty_lists_without_numbers(wire: Desk) -> None:
    for name in ("Contacts", "Invoices", "Payments", "CreditNotes", "Overpayments", "Prepayments"):
        responses.get(f"{API}/{name}", json={"Status": "OK", name: []})
    pages = list(wire.source.pull(None))
    assert [page.last for page in pages].count(True) == 1
    assert sum(page.rows for page in pages) == 0


@responses.activate
def test_an_answer_without_the_list_asked_for_is_no_empty_list(wire: Desk) -> None:
    responses.get(f"{API}/Contacts", json=empty("Contacts"))
    responses.get(f"{API}/Invoices", json={"Status": "OK"})
    with pytest.raises(TryLater):
        list(wire.source.pull(None))


def invoice(id: str) -> dict[str, Any]:  # noqa: A002
    return {
        "Type": "ACCREC",
        "InvoiceID": id,
        "Status": "AUTHORISED",
        "CurrencyCode": "GBP",
        "Total": 5,
        "AmountDue": 5,
        "Contact": {"ContactID": "c"},
    }


@responses.activate
@pytest.mark.parametrize("numbered", [True, False])
def test_a_page_that_comes_again_and_again_ends_the_pull(wire: Desk, numbered: bool) -> None:
    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        number = int(request.params["page"])  # type: ignore[attr-defined]
        told = {"page": number, "pageSize": 2, "pageCount": 10**6, "itemCount": 2 * 10**6}
        rows = [invoice("a"), invoice("b")]
        return 200, {}, json.dumps({"Invoices": rows, **({"pagination": told} if numbered else {})})

    responses.add_callback(responses.GET, f"{API}/Invoices", answer)
    with pytest.raises(TryLater, match="twice"):
        pulled(wire)
    assert len(responses.calls) == 2


@responses.activate
def test_a_server_that_ignores_the_page_number_ends_the_pull(wire: Desk) -> None:
    told = {"page": 1, "pageSize": 1, "pageCount": 3, "itemCount": 3}
    responses.get(f"{API}/Invoices", json={"Invoices": [invoice("a")], "pagination": told})
    with pytest.raises(TryLater):
        pulled(wire)
    assert len(responses.calls) == 3  # the first page, and the second one twice


@responses.activate
def test_the_watermark_is_the_earlier_of_both_clocks(wire: Desk) -> None:
    answer = empty("Invoices") | {"DateTimeUTC": "/Date(1772440200000)/"}  # Xero's clock: 08:30
    responses.get(f"{API}/Invoices", json=answer)
    responses.get(f"{API}/Contacts", json=empty("Contacts"))
    assert json.loads(pulled(wire)[-1].cursor)["since"] == "2026-03-02T08:28:00Z"


@responses.activate
def test_the_date_header_tells_the_time_where_the_body_does_not(wire: Desk) -> None:
    answer = {"Status": "OK", "pagination": EMPTY, "Invoices": []}
    headers = {"Date": "Mon, 02 Mar 2026 09:00:00 GMT"}
    responses.get(f"{API}/Invoices", json=answer, headers=headers)
    responses.get(f"{API}/Contacts", json=empty("Contacts"))
    assert json.loads(pulled(wire)[-1].cursor)["since"] == "2026-03-02T08:58:00Z"
