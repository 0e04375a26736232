"""Consent, tokens and what the service says to a token it does not accept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from quickbooks_sim_desk import NOON, REALM, Clock, Desk, open_desk

from arsync_quickbooks.simulator import Company, Limits, QuickBooksSimulator

CLIENT = ("sandbox-client", "sandbox-secret")
BACK = "http://localhost:8722/callback"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def consent(desk: Desk, **changed: str) -> requests.Response:
    asked = {
        "client_id": "sandbox-client",
        "response_type": "code",
        "scope": "com.intuit.quickbooks.accounting",
        "redirect_uri": BACK,
        "state": "xyz",
        **changed,
    }
    return requests.get(f"{desk.url}/connect/oauth2", params=asked, allow_redirects=False, timeout=60)


def tokens(desk: Desk, auth: tuple[str, str] = CLIENT, **form: str) -> requests.Response:
    return requests.post(f"{desk.url}/oauth2/v1/tokens/bearer", data=form, auth=auth, timeout=60)


def code(desk: Desk) -> str:
    return parse_qs(urlsplit(consent(desk).headers["Location"]).query)["code"][0]


def test_consent_returns_with_code_state_and_realm(desk: Desk) -> None:
    response = consent(desk)
    back = parse_qs(urlsplit(response.headers["Location"]).query)
    assert response.status_code == 302
    assert response.headers["Location"].startswith(BACK + "?")
    assert (back["state"], back["realmId"]) == (["xyz"], [REALM])


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "another"},
        {"response_type": "token"},
        {"scope": "openid"},
        {"redirect_uri": "https://elsewhere.example/callback"},
        {"state": ""},
    ],
)
def test_consent_that_is_asked_for_wrongly_goes_nowhere(desk: Desk, changed: dict[str, str]) -> None:
    response = consent(desk, **changed)
    assert response.status_code == 400
    assert "Location" not in response.headers


def test_a_registered_address_is_accepted() -> None:
    with open_desk(redirect_uris=["https://app.example/back"]) as desk:
        assert consent(desk, redirect_uri="https://app.example/back").status_code == 302


def test_a_code_is_exchanged_once_from_the_same_address(desk: Desk) -> None:
    one = code(desk)
    grant = {"grant_type": "authorization_code", "redirect_uri": BACK}
    answer = tokens(desk, code=one, **grant).json()
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 3600)
    assert answer["x_refresh_token_expires_in"] == 8726400
    desk.session.headers["Authorization"] = f"Bearer {answer['access_token']}"
    assert desk.get("preferences").status_code == 200
    again = tokens(desk, code=one, **grant)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
    other = tokens(
        desk, code=code(desk), grant_type="authorization_code", redirect_uri="http://localhost:1/callback"
    )
    assert (other.status_code, other.json()) == (400, {"error": "invalid_grant"})


def test_the_client_must_know_its_secret(desk: Desk) -> None:
    refused = tokens(desk, auth=("sandbox-client", "guess"), grant_type="refresh_token", refresh_token="x")
    assert (refused.status_code, refused.json()) == (401, {"error": "invalid_client"})
    assert tokens(desk, grant_type="password").json() == {"error": "unsupported_grant_type"}


def refresh(desk: Desk, token: str) -> requests.Response:
    return tokens(desk, grant_type="refresh_token", refresh_token=token)


def test_refresh_tokens_rotate_and_the_one_before_lives_for_a_day(desk: Desk) -> None:
    first = desk.tokens["refresh_token"]
    second = refresh(desk, first).json()["refresh_token"]
    assert second != first
    desk.clock.forward(hours=23)
    assert refresh(desk, first).status_code == 200
    desk.clock.forward(hours=2)
    assert refresh(desk, first).json() == {"error": "invalid_grant"}
    assert refresh(desk, second).status_code == 200


def test_without_grace_the_one_before_is_stale_at_once() -> None:
    with open_desk(refresh_grace=timedelta(0)) as desk:
        first = desk.tokens["refresh_token"]
        second = refresh(desk, first).json()["refresh_token"]
        assert refresh(desk, first).json() == {"error": "invalid_grant"}
        assert refresh(desk, second).status_code == 200


def test_a_refresh_token_left_alone_for_a_hundred_and_one_days_is_dead(desk: Desk) -> None:
    desk.clock.forward(days=101)
    assert refresh(desk, desk.tokens["refresh_token"]).json() == {"error": "invalid_grant"}


def test_the_hard_expiry_is_told_when_asked_for(desk: Desk) -> None:
    response = requests.post(
        f"{desk.url}/oauth2/v1/tokens/bearer",
        data={"grant_type": "refresh_token", "refresh_token": desk.tokens["refresh_token"]},
        auth=CLIENT,
        headers={"x-include-refresh-token-hard-expires-in": "true"},
        timeout=60,
    )
    assert response.json()["x_refresh_token_hard_expires_in"] == 5 * 365 * 86400


def test_an_expired_token_is_refused_in_lower_case_with_a_piece_of_it(desk: Desk) -> None:
    desk.clock.forward(seconds=3599)
    assert desk.get("preferences").status_code == 200
    desk.clock.forward(seconds=1)
    response = desk.get("preferences")
    body = response.json()
    assert response.status_code == 401
    assert "Fault" not in body
    [error] = body["fault"]["error"]
    assert error["code"] == "3200"
    assert error["message"] == "message=AuthenticationFailed; errorCode=003200; statusCode=401"
    shown = error["detail"].removeprefix("Token expired: ")
    assert shown.startswith("AB0")
    assert desk.tokens["access_token"].startswith(shown)
    assert body["fault"]["type"] == "AUTHENTICATION"
    assert body["time"] == int((NOON + timedelta(hours=1)).timestamp() * 1000)
    assert (body["queryResponse"], body["batchItemResponse"]) == (None, [])


def test_all_access_tokens_can_be_ended(desk: Desk) -> None:
    desk.sim.expire_access_tokens()
    assert desk.get("preferences").status_code == 401
    assert refresh(desk, desk.tokens["refresh_token"]).status_code == 200


def test_no_token_and_an_unknown_token(desk: Desk) -> None:
    del desk.session.headers["Authorization"]
    assert desk.get("preferences").status_code == 401
    desk.session.headers["Authorization"] = "Bearer AB0nobody"
    assert desk.get("preferences").json()["fault"]["error"][0]["code"] == "3200"


def test_a_token_opens_its_own_company_alone() -> None:
    clock = Clock()
    mine, other = (Company(realm=realm, name=realm, clock=clock) for realm in ("1", "2"))
    sim = QuickBooksSimulator([mine, other], limits=Limits.off())
    with sim.serve() as server:
        bearer = {"Authorization": f"Bearer {sim.grant('1')['access_token']}"}
        for realm, status in (("1", 200), ("2", 403), ("3", 403)):
            url = f"{server.url}/v3/company/{realm}/preferences"
            response = requests.get(url, headers=bearer, timeout=60)
            assert response.status_code == status
        assert response.json()["fault"]["error"][0]["code"] == "3100"


def test_revoking_ends_the_whole_consent(desk: Desk) -> None:
    answer = refresh(desk, desk.tokens["refresh_token"]).json()
    revoked = requests.post(
        f"{desk.url}/v2/oauth2/tokens/revoke",
        json={"token": answer["refresh_token"]},
        auth=CLIENT,
        timeout=60,
    )
    assert revoked.status_code == 200
    assert desk.get("preferences").status_code == 401
    assert refresh(desk, answer["refresh_token"]).json() == {"error": "invalid_grant"}


def test_token_calls_are_counted_apart(desk: Desk) -> None:
    refresh(desk, desk.tokens["refresh_token"])
    desk.get("preferences")
    assert [call.endpoint for call in desk.sim.token_calls] == ["token"]
    assert desk.sim.counts == {"settings": 1}
