"""`arsync connect`: a real OAuth 2 flow over loopback, and everything that can go wrong in it."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from loop_desk import Desk
from loop_ledgers import Ledger, Open, QuickBooks, Xero

from arsync.connector.consent import NotOurs, read_redirect
from arsync.connector.oauth import OAuthApp, ask
from arsync_quickbooks.simulator import Company as QuickBooksCompany

OTHER_REALM = "9999999999"


def query_of(address: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}


def visit(*addresses: str) -> None:
    """A browser opens these, one after the other, as soon as it can."""

    def open_all() -> None:
        for address in addresses:
            requests.get(address, timeout=20)

    threading.Thread(target=open_all, daemon=True).start()


def redirecting(change: Callable[[dict[str, str]], dict[str, str]]) -> Callable[[str], None]:
    """A browser whose consent page sends back what ``change`` makes of the true answer's query."""

    def open_page(address: str) -> None:
        answer = requests.get(address, timeout=20, allow_redirects=False)
        target = answer.headers["Location"]
        changed = change(query_of(target))
        visit(f"{target.partition('?')[0]}?{urlencode(changed)}")

    return open_page


ONE = pytest.mark.parametrize("fresh", ["quickbooks"], indirect=True)


@pytest.fixture(params=["quickbooks", "xero"])
def fresh(request: pytest.FixtureRequest, open_ledger: Open) -> Ledger:
    """A book that is not connected yet."""
    ledger = open_ledger(request.param)
    ledger.write()
    return ledger


def test_connected(desk: Desk, fresh: Ledger) -> None:
    """The address is the result; the company's name, currency and time zone are told."""
    typed = desk.ok("connect", "acme")
    address, told = typed.out.splitlines()
    assert address.startswith(fresh.url)
    assert fresh.company.name in told
    assert fresh.currency in told
    desk.ok("sync")


@ONE
def test_no_browser(desk: Desk, fresh: Ledger) -> None:
    """With --no-browser the address is printed, and nothing is opened for the person."""
    opened: list[str] = []
    desk.browser = opened.append
    process = desk.start("connect", "acme", "--no-browser")
    try:
        assert process.stdout is not None
        visit(process.stdout.readline().strip())
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert "is connected" in out
    assert opened == []


def test_a_redirect_with_another_state_is_not_taken(desk: Desk, fresh: Ledger) -> None:
    """Somebody else's redirect gets a page that says no, and the wait goes on for the true one."""
    answers: list[int] = []

    def browser(address: str) -> None:
        target = requests.get(address, timeout=20, allow_redirects=False).headers["Location"]
        forged = target.partition("?")[0] + "?" + urlencode({"code": "stolen", "state": "guessed"})

        def open_both() -> None:
            answers.append(requests.get(forged, timeout=20).status_code)
            answers.append(requests.get(target, timeout=20).status_code)

        threading.Thread(target=open_both, daemon=True).start()

    desk.browser = browser
    desk.ok("connect", "acme")
    assert answers[0] == 400
    desk.ok("sync")


def test_the_user_denies(desk: Desk, fresh: Ledger) -> None:
    desk.browser = redirecting(lambda query: {"error": "access_denied", "state": query["state"]})
    typed = desk.gives(1, "connect", "acme")
    assert "not granted" in typed.err
    assert "access_denied" in typed.err
    assert "connect acme" in desk.gives(1, "sync").err


@ONE
def test_the_redirect_brings_no_code(desk: Desk, fresh: Ledger) -> None:
    desk.browser = redirecting(lambda query: {"state": query["state"]})
    assert "no code" in desk.gives(1, "connect", "acme").err


def test_a_code_that_is_not_good(desk: Desk, fresh: Ledger) -> None:
    desk.browser = redirecting(lambda query: {**query, "code": "used-up"})
    typed = desk.gives(1, "connect", "acme")
    assert "arsync connect acme" in typed.err
    assert "used-up" not in typed.err + typed.out.splitlines()[-1]


def test_a_wrong_secret(desk: Desk, fresh: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Consent was given and is good: what has to be looked at are the app's keys."""
    monkeypatch.setenv("ARSYNC_TEST_SECRET", "of-another-app")
    desk.browser = visit
    typed = desk.gives(1, "connect", "acme")
    assert "invalid_client" in typed.err
    assert "client_id and client_secret" in typed.err
    assert "not valid any more" not in typed.err
    monkeypatch.setenv("ARSYNC_TEST_SECRET", "sandbox-secret")
    desk.ok("connect", "acme")


@ONE
def test_the_port_is_taken(desk: Desk, fresh: Ledger) -> None:
    """exit 2, naming the address and the key to change; no consent was asked for."""
    opened: list[str] = []
    desk.browser = opened.append
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        text = (desk.folder / "arsync.toml").read_text("utf-8")
        line = next(each for each in text.splitlines() if each.startswith("redirect_uri"))
        taken = f'redirect_uri = "http://localhost:{other.getsockname()[1]}/callback"'
        (desk.folder / "arsync.toml").write_text(text.replace(line, taken), "utf-8")
        typed = desk.gives(2, "connect", "acme")
    assert "redirect_uri" in typed.err
    assert "port" in typed.err
    assert opened == []


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


def test_xero_without_a_secret(desk: Desk, open_ledger: Open) -> None:
    """PKCE (RFC 7636): a challenge in the consent, its verifier at the exchange; refreshes need no secret."""
    ledger = open_ledger("xero")
    assert isinstance(ledger, Xero)
    connection = ledger.connection()
    del connection["client_secret"]
    desk.practice({"acme": connection})
    asked = query_of(desk.ok("connect", "acme").out.splitlines()[0])
    assert asked["code_challenge_method"] == "S256"
    [exchange] = ledger.simulator.calls.to("POST connect/token")
    form = {key: values[0] for key, values in parse_qs(exchange.body.decode()).items()}
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    assert "client_secret" not in form
    desk.now.go(minutes=60)
    desk.ok("sync")  # the access token is over: refreshed, again without a secret
    assert ledger.token_calls() == 2


@ONE
def test_each_consent_has_a_state_of_its_own(desk: Desk, fresh: Ledger) -> None:
    states = {query_of(desk.ok("connect", "acme").out.splitlines()[0])["state"] for _ in range(2)}
    assert len(states) == 2
    assert min(map(len, states)) >= 22  # 128 bits and more


@pytest.mark.parametrize("forged", [False, True])
def test_a_redirect_elsewhere_is_pasted(desk: Desk, open_ledger: Open, forged: bool) -> None:
    """An app whose redirect is not on this machine: the person pastes where the browser was sent to.
    One with another state is refused."""
    ledger = open_ledger("xero")
    desk.practice({"acme": {**ledger.connection(), "redirect_uri": "https://acme.example/back"}})
    process = desk.start("connect", "acme", "--no-browser")
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        target = requests.get(address, timeout=20, allow_redirects=False).headers["Location"]
        target = target.replace("state=", "state=x") if forged else target
        out, err = process.communicate(target + "\n", timeout=60)
    finally:
        process.kill()
    code = query_of(target)["code"]
    assert code not in out + err
    if forged:
        assert process.returncode == 1
        assert "does not belong to this consent" in err
    else:
        assert process.returncode == 0, err
        assert "is connected" in out


def sent_to(listener: str, method: str, target: str, host: str) -> int:
    """The status that the waiting arsync answers to a request of any kind; 0 for a closed connection."""
    place = urlsplit(listener)
    assert place.port is not None
    connection = HTTPConnection("127.0.0.1", place.port, timeout=20)
    try:
        connection.putrequest(method, target, skip_host=True)
        connection.putheader("Host", host)
        connection.putheader("Content-Length", "0")
        connection.endheaders()
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


@ONE
def test_only_the_exact_redirect_is_taken(desk: Desk, fresh: Ledger) -> None:
    """Another path, host or port in the request, another method, a parameter twice: none of them is taken,
    though its state and code are right, and none ends the wait. The true one is, once."""
    statuses: list[int] = []

    def browser(address: str) -> None:
        target = requests.get(address, timeout=20, allow_redirects=False).headers["Location"]
        parts = urlsplit(target)
        exact, host = f"{parts.path}?{parts.query}", parts.netloc

        def knock() -> None:
            for method, path, name in (
                ("GET", f"{parts.path}/x?{parts.query}", host),
                ("GET", f"/?{parts.query}", host),
                ("GET", exact, "evil.example"),
                ("GET", exact, f"evil.example:{parts.port}"),
                ("GET", exact, "localhost:1"),
                ("GET", exact, f"127.0.0.1:{parts.port}"),
                ("POST", exact, host),
                ("PUT", exact, host),
                ("HEAD", exact, host),
                ("OPTIONS", exact, host),
                ("GET", f"{exact}&code=another", host),
                ("GET", f"{exact}&state=another", host),
                ("GET", f"{parts.path}?{'a=1&' * 99}{parts.query}", host),
                ("GET", exact, host.upper()),  # names of hosts know no case
                ("GET", exact, host),
            ):
                statuses.append(sent_to(target, method, path, name))

        threads.append(threading.Thread(target=knock, daemon=True))
        threads[0].start()

    threads: list[threading.Thread] = []
    desk.browser = browser
    desk.ok("connect", "acme")
    threads[0].join(20)
    assert statuses == [404, 404, 404, 404, 404, 404, 405, 405, 405, 405, 400, 400, 400, 200, 0]
    desk.ok("sync")


@ONE
def test_the_code_is_in_no_log(desk: Desk, fresh: Ledger) -> None:
    codes: list[str] = []

    def change(query: dict[str, str]) -> dict[str, str]:
        codes.append(query["code"])
        return query

    desk.browser = redirecting(change)
    typed = desk.ok("--log", "json", "connect", "acme")
    assert codes
    assert codes[0] not in typed.out + typed.err


@pytest.mark.parametrize(
    "pasted",
    [
        "https://evil.example/back?{query}",
        "https://acme.example/other?{query}",
        "http://acme.example/back?{query}",
        "https://acme.example:8443/back?{query}",
        "https://acme.example@evil.example/back?{query}",
        "https://acme.example/back?{query}&state=x",
        "https://[acme.example/back?{query}",
        "",
    ],
)
def test_only_the_apps_own_address_is_pasted(pasted: str) -> None:
    """What a person pastes is compared with the registered address, to its scheme and port."""
    app = OAuthApp(
        client_id="id",
        client_secret=None,
        authorize_url="https://login.example/authorize",
        token_url="https://login.example/token",
        revoke_url="https://login.example/revoke",
        scopes=("accounting",),
        redirect_uri="https://acme.example/back",
    )
    consent = ask(app, lambda url: url)
    query = urlencode({"code": "the-code", "state": consent.state})
    with pytest.raises(NotOurs) as refused:
        read_redirect(pasted.format(query=query), app, consent)
    assert "the-code" not in str(refused.value)
    assert read_redirect(f" https://ACME.example:443/back?{query} ", app, consent).code == "the-code"


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://acme.example/callback", "plain http would send the consent readable over the network"),
        ("http://192.0.2.7:8722/callback", "plain http"),
        ("http://localhost.acme.example/callback", "plain http"),
        ("ftp://localhost/callback", "allowed: https://"),
        ("http://user@localhost:8722/callback", "allowed: https://"),
        ("https:///callback", "allowed: https://"),
        ("http://localhost:99999/callback", "allowed: https://"),
    ],
)
def test_a_redirect_in_the_open(desk: Desk, open_ledger: Open, address: str, says: str) -> None:
    """exit 2 with file, line and key, before anybody is asked for anything."""
    ledger = open_ledger("quickbooks")
    desk.practice({"acme": {**ledger.connection(), "redirect_uri": address}})
    text = (desk.folder / "arsync.toml").read_text("utf-8").splitlines()
    line = next(number for number, each in enumerate(text, 1) if each.startswith("redirect_uri"))
    typed = desk.gives(2, "connect", "acme")
    assert f"arsync.toml:{line}: books.acme.connection.redirect_uri: " in typed.err
    assert says in typed.err


@ONE
def test_without_a_key_nobody_is_asked(desk: Desk, fresh: Ledger) -> None:
    """The tokens could not be kept: that is said before the consent, not after it."""
    opened: list[str] = []
    desk.browser = opened.append
    file = desk.folder / "arsync.toml"
    file.write_text(
        file.read_text("utf-8").replace("[practice]\n", '[practice]\nkey = "env:ARSYNC_NO_KEY"\n')
    )
    typed = desk.gives(2, "connect", "acme")
    assert "arsync.toml:2: practice.key: the environment variable ARSYNC_NO_KEY is not set" in typed.err
    assert opened == []
