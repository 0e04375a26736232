"""Which redirect `arsync connect` takes: the registered address with the state that was asked with, once."""

from __future__ import annotations

import socket
import struct
import threading
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

import pytest
from loop_browser import load, query_of, sent_back
from loop_desk import Desk, on_one_fresh
from loop_ledgers import Ledger, Open

from arsync.connector.consent import Listener, NotOurs, read_redirect
from arsync.connector.oauth import ask
from arsync.errors import FixSettings
from free_port import free_port
from oauth_app import oauth_app


def test_a_redirect_with_another_state_is_not_taken(desk: Desk, fresh: Ledger) -> None:
    """Somebody else's redirect gets a page that says no, and the wait goes on for the true one."""
    answers: list[int] = []

    def browser(address: str) -> None:
        target = sent_back(address)
        forged = target.partition("?")[0] + "?" + urlencode({"code": "stolen", "state": "guessed"})

        def open_both() -> None:
            answers.append(load(forged))
            answers.append(load(target))

        threading.Thread(target=open_both, daemon=True).start()

    desk.browser = browser
    desk.ok("connect", "acme")
    assert answers[0] == 400
    desk.ok("sync")


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
        target = sent_back(address)
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
    """The status that the waiting arsync answers to a request of any kind, which is sent again where its
    connection is closed without an answer, as in `load`; 0 for one that is always closed."""
    place = urlsplit(listener)
    assert place.port is not None
    for _ in range(3):
        connection = HTTPConnection("127.0.0.1", place.port, timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True)
            connection.putheader("Host", host)
            connection.putheader("Content-Length", "0")
            connection.endheaders()
            return connection.getresponse().status
        except (OSError, HTTPException):
            continue
        finally:
            connection.close()
    return 0


@on_one_fresh
def test_only_the_exact_redirect_is_taken(desk: Desk, fresh: Ledger) -> None:
    """Another path, host or port in the request, another method, a parameter twice: none of them is taken,
    though its state and code are right, and none ends the wait. The true one is, once."""
    statuses: list[int] = []

    def browser(address: str) -> None:
        target = sent_back(address)
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
    threads[0].join(60)
    assert statuses == [404, 404, 404, 404, 404, 404, 405, 405, 405, 405, 400, 400, 400, 200, 0]
    desk.ok("sync")


@pytest.mark.parametrize("name", ["127.0.0.1", "[::1]", "localhost"])
def test_this_machine_by_each_of_its_names(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    """And somebody who hangs up in the middle of a request is not worth a word."""
    port = free_port()
    app = oauth_app(redirect_uri=f"http://{name}:{port}/callback")
    consent = ask(app, lambda url: url)
    target = f"{app.redirect_uri}?{urlencode({'code': 'the-code', 'state': consent.state})}"

    def knock() -> None:
        with socket.create_connection((name.strip("[]"), port), timeout=60) as rude:
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            rude.sendall(b"GET /callb")
        load(target)

    with Listener(app, consent) as listener:
        browser = threading.Thread(target=knock, daemon=True)
        browser.start()
        assert listener.wait(60).code == "the-code"
        browser.join(60)
    assert capfd.readouterr().err == ""


def test_a_port_that_another_program_has() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        app = oauth_app(redirect_uri=f"http://127.0.0.1:{other.getsockname()[1]}/callback")
        with pytest.raises(FixSettings, match="another program uses the port"):
            Listener(app, ask(app, lambda url: url))


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
        "https://acme.example:99999/back?{query}",
        "https://acme.example:port/back?{query}",
        "https://acme.example/back?{query}\udcff",
        "",
    ],
)
def test_only_the_apps_own_address_is_pasted(pasted: str) -> None:
    """What a person pastes is compared with the registered address, to its scheme and port."""
    app = oauth_app(client_secret=None, redirect_uri="https://acme.example/back")
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
