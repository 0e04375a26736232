"""The simulated identity service: consents, rotation, PKCE, scopes and connections."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from xero_desk import TENANT, Desk, desk_of, frozen_company

from arsync_xero.simulator import Rules

BACK = "http://localhost:8765/callback"
SECRET = ("sandbox-client", "sandbox-secret")


@pytest.fixture
def desk() -> Iterator[Desk]:
    with desk_of(frozen_company()) as desk:
        yield desk


def authorize(desk: Desk, **changes: str) -> requests.Response:
    asked = {
        "response_type": "code",
        "client_id": "sandbox-client",
        "redirect_uri": BACK,
        "scope": "offline_access accounting.invoices",
        "state": "s1",
    }
    return requests.get(
        f"{desk.url}/identity/connect/authorize",
        params={**asked, **changes},
        allow_redirects=False,
        timeout=60,
    )


def code_of(reply: requests.Response) -> str:
    assert reply.status_code == 302, reply.text
    return parse_qs(urlsplit(reply.headers["Location"]).query)["code"][0]


def token(desk: Desk, auth: tuple[str, str] | None = SECRET, **form: str) -> requests.Response:
    return requests.post(f"{desk.url}/connect/token", data=form, auth=auth, timeout=60)


def exchange(desk: Desk, code: str, **changes: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **changes}
    return token(desk, **form)


def refresh(desk: Desk, refresh_token: str, **options: Any) -> requests.Response:
    return token(desk, grant_type="refresh_token", refresh_token=refresh_token, **options)


def test_a_code_comes_back_with_its_state_and_buys_tokens_once(desk: Desk) -> None:
    reply = authorize(desk)
    target = urlsplit(reply.headers["Location"])
    assert (target.netloc, parse_qs(target.query)["state"]) == ("localhost:8765", ["s1"])
    code = code_of(reply)
    tokens = exchange(desk, code).json()
    assert set(tokens) == {"access_token", "refresh_token", "expires_in", "token_type", "scope"}
    assert tokens["expires_in"] == 1800
    again = exchange(desk, code)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


def test_a_code_ends_after_five_minutes_and_with_another_redirect(desk: Desk) -> None:
    late = code_of(authorize(desk))
    desk.simulator.advance(seconds=300)
    assert exchange(desk, late).json() == {"error": "invalid_grant"}
    elsewhere = exchange(desk, code_of(authorize(desk)), redirect_uri="http://localhost:9999/callback")
    assert elsewhere.json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("redirect", "status"),
    [
        ("http://127.0.0.1:8765/callback", 400),
        ("http://books.example/callback", 400),
        ("https://books.example/callback", 302),
        ("http://localhost:8765/callback", 302),
    ],
)
def test_only_https_and_localhost_may_be_returned_to(desk: Desk, redirect: str, status: int) -> None:
    assert authorize(desk, redirect_uri=redirect).status_code == status


def test_a_new_app_may_not_ask_for_the_broad_scopes() -> None:
    company = frozen_company()
    with desk_of(company) as desk:
        refused = authorize(desk, scope="offline_access accounting.transactions")
        assert (refused.status_code, "invalid_scope" in refused.text) == (400, True)
    with desk_of(company, rules=Rules(broad_scopes=True)) as desk:
        assert authorize(desk, scope="offline_access accounting.transactions").status_code == 302


def test_without_offline_access_there_is_no_refresh_token(desk: Desk) -> None:
    tokens = exchange(desk, code_of(authorize(desk, scope="accounting.invoices"))).json()
    assert "refresh_token" not in tokens


def test_a_refresh_rotates_and_the_old_token_lives_on_for_its_grace(desk: Desk) -> None:
    first = desk.sign_in()["refresh_token"]
    second = refresh(desk, first).json()["refresh_token"]
    assert second != first
    desk.simulator.advance(seconds=1799)
    assert refresh(desk, first).status_code == 200
    desk.simulator.advance(seconds=1)
    assert refresh(desk, first).json() == {"error": "invalid_grant"}
    assert refresh(desk, second).status_code == 200


def test_without_grace_the_old_refresh_token_ends_at_once() -> None:
    with desk_of(frozen_company(), rules=Rules(refresh_grace=0)) as desk:
        first = desk.sign_in()["refresh_token"]
        assert refresh(desk, first).status_code == 200
        assert refresh(desk, first).json() == {"error": "invalid_grant"}


def test_a_refresh_token_ends_after_sixty_days(desk: Desk) -> None:
    kept = desk.sign_in()["refresh_token"]
    desk.simulator.advance(days=60)
    assert refresh(desk, kept).json() == {"error": "invalid_grant"}


def test_a_confidential_app_needs_its_secret(desk: Desk) -> None:
    kept = desk.sign_in()["refresh_token"]
    wrong = refresh(desk, kept, auth=("sandbox-client", "guessed"))
    assert (wrong.status_code, wrong.json()) == (400, {"error": "invalid_client"})
    assert refresh(desk, kept, auth=None, client_id="sandbox-client").json() == {"error": "invalid_client"}


def test_pkce_needs_the_verifier_and_no_secret(desk: Desk) -> None:
    verifier = "v" * 64
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    asked = {"code_challenge": challenge, "code_challenge_method": "S256"}

    def buy(proof: str) -> requests.Response:
        code = code_of(authorize(desk, **asked))
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        return token(desk, auth=None, client_id="sandbox-client", code_verifier=proof, **form)

    assert buy("w" * 64).json() == {"error": "invalid_grant"}
    kept = buy(verifier).json()["refresh_token"]
    assert refresh(desk, kept, auth=None, client_id="sandbox-client").status_code == 200
    assert authorize(desk, code_challenge=verifier, code_challenge_method="plain").status_code == 400


def test_a_custom_connection_gets_no_refresh_token(desk: Desk) -> None:
    tokens = token(desk, grant_type="client_credentials", scope="accounting.invoices").json()
    assert set(tokens) == {"access_token", "expires_in", "token_type", "scope"}
    desk.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    assert desk.get("Invoices").status_code == 200


def test_an_access_token_ends_after_half_an_hour_or_when_told(desk: Desk) -> None:
    desk.simulator.advance(seconds=1799)
    assert desk.get("Organisation").status_code == 200
    desk.simulator.advance(seconds=1)
    reply = desk.get("Organisation")
    assert (reply.status_code, reply.json()["Title"]) == (401, "Unauthorized")
    assert reply.json()["Detail"].startswith("TokenExpired")
    desk.sign_in()
    desk.simulator.expire_access_tokens()
    assert desk.get("Organisation").status_code == 401


def test_a_missing_scope_is_told_apart_from_an_expired_token(desk: Desk) -> None:
    desk.sign_in("accounting.invoices.read", "accounting.payments.read")
    assert desk.get("Invoices").status_code == 200
    assert desk.get("Overpayments").status_code == 200
    reply = desk.get("Contacts")
    assert (reply.status_code, reply.headers["WWW-Authenticate"]) == (401, "insufficient_scope")
    assert desk.note("Invoices/any", "hello").headers["WWW-Authenticate"] == "insufficient_scope"


def test_connections_name_the_tenants_and_can_be_cut(desk: Desk) -> None:
    listed = desk.http.get(f"{desk.url}/connections", timeout=60).json()
    assert [(each["tenantId"], each["tenantType"]) for each in listed] == [(TENANT, "ORGANISATION")]
    assert set(listed[0]) == {
        "id",
        "authEventId",
        "tenantId",
        "tenantType",
        "tenantName",
        "createdDateUtc",
        "updatedDateUtc",
    }
    cut = desk.http.delete(f"{desk.url}/connections/{listed[0]['id']}", timeout=60)
    assert cut.status_code == 204
    assert desk.get("Organisation").status_code == 403
    desk.sign_in()
    assert desk.get("Organisation").status_code == 200


@pytest.mark.parametrize("tenant", [None, "", "7c9e6679-7425-40de-944b-e07fc1f90ae7"])
def test_a_missing_or_strange_tenant_is_forbidden(desk: Desk, tenant: str | None) -> None:
    reply = desk.get("Organisation", headers={"xero-tenant-id": tenant})  # type: ignore[dict-item]
    assert (reply.status_code, reply.json()["Title"]) == (403, "Forbidden")
    assert reply.json()["Detail"] == "AuthenticationUnsuccessful"


def test_revoking_ends_both_tokens(desk: Desk) -> None:
    kept = desk.sign_in()["refresh_token"]
    form = {"token": kept}
    assert (
        requests.post(f"{desk.url}/connect/revocation", data=form, auth=SECRET, timeout=60).status_code == 200
    )
    assert refresh(desk, kept).json() == {"error": "invalid_grant"}
    assert desk.get("Organisation").status_code == 401


def test_token_calls_are_counted_apart(desk: Desk) -> None:
    refresh(desk, desk.sign_in()["refresh_token"])
    desk.get("Organisation")
    assert dict(desk.simulator.calls.by_endpoint) == {"GET Organisation": 1}
    assert len(desk.simulator.calls.tokens) == 1
