"""Every connection that leaves this machine is encrypted, and the other side's certificate is verified."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from canaries import SECRET

from arsync.connector import Http, TokenPair, Tokens
from arsync.connector import http as seam
from arsync.errors import FixSettings, TryLater
from arsync.practice import load_practice
from arsync.store import Store
from arsync.store.tokens import BookTokens
from oauth_app import oauth_app

# Self-signed, for localhost and 127.0.0.1, with its key; good for nothing else.
CERTIFICATE = Path(__file__).parent.parent / "mail" / "catcher.pem"
ABROAD = [
    *("books.example", "192.0.2.7", "localhost.books.example", "127.0.0.1.example"),
    *("0.0.0.0", "[2001:db8::1]"),
]
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class _Answering(BaseHTTPRequestHandler):
    """Says yes to all, and keeps what it heard."""

    heard: list[str]

    def do_POST(self) -> None:
        self.heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST  # noqa: N815 - the base class's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


class _Quiet(HTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not like our certificate is what this is about."""


@pytest.fixture
def impostor() -> Iterator[tuple[str, list[str]]]:
    """A server whose certificate nobody vouches for, and what it came to hear."""
    heard: list[str] = []
    handler = type("Handler", (_Answering,), {"heard": heard})
    with _Quiet(("127.0.0.1", 0), handler) as server:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"https://localhost:{server.server_port}", heard
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("variable", [None, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PYTHONHTTPSVERIFY"])
def test_a_certificate_that_nobody_vouches_for(
    impostor: tuple[str, list[str]], store_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    """Neither tokens nor requests get there, and no variable of the environment changes that."""
    server, heard = impostor
    monkeypatch.setattr(seam, "CONNECT_SECONDS", 60.0)
    if variable:
        monkeypatch.setenv(variable, "0" if variable == "PYTHONHTTPSVERIFY" else str(CERTIFICATE))
    app = oauth_app(client_secret=SECRET)
    http = Http(server=server, clock=lambda: NOW, sleep=lambda _: None)
    with Store.open(store_path) as store:
        store.book("acme", "xero")
        purse = BookTokens(store, "acme")
        purse.save(TokenPair(access=SECRET, refresh=SECRET, expires_at=NOW))
        tokens = Tokens("acme", purse, lambda: NOW)
        for act in (
            lambda: tokens.access(app, http),
            lambda: tokens.revoke(app, http),
            lambda: http.call("GET", "https://api.example/x", verdict=lambda _: None, headers={"X": SECRET}),
        ):
            with pytest.raises(TryLater, match="a certificate that is not good for it") as failed:
                act()
            assert SECRET not in str(failed.value)
    http.close()
    assert heard == []


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "arsync.db"


def practice(folder: Path, mail: str = "", connection: str = "") -> Path:
    file = folder / "arsync.toml"
    file.write_text(
        f'[practice]\nname = "P"\n{mail}[books.acme]\nconnector = "quickbooks"\nfrom = "ar@acme.example"\n'
        f'[books.acme.connection]\ncompany = "1"\nclient_id = "env:ID"\nclient_secret = "env:S"\n{connection}'
    )
    return file


@pytest.mark.parametrize("host", ABROAD)
@pytest.mark.parametrize("key", ["server", "redirect_uri"])
def test_plain_http_is_refused(tmp_path: Path, host: str, key: str) -> None:
    """exit 2 with file, line and key; only this machine itself may be spoken to in the open."""
    file = practice(tmp_path, connection=f'{key} = "http://{host}:8001"\n')
    with pytest.raises(FixSettings) as refused:
        load_practice(tmp_path)
    assert str(refused.value).startswith(f"{file}:10: books.acme.connection.{key}: plain http would send")
    for allowed in (
        f"https://{host}:8001",
        "http://127.0.0.1:8001",
        "http://[::1]:8001",
        "http://localhost:8001",
    ):
        practice(tmp_path, connection=f'{key} = "{allowed}"\n')
        assert load_practice(tmp_path).books["acme"].connection[key] == allowed


def test_a_password_in_the_open_is_refused(tmp_path: Path) -> None:
    """A mail server beyond this machine gets a password over TLS or not at all."""
    login = 'username = "ar"\npassword = "env:P"\n'
    file = practice(tmp_path, mail=f'[mail]\nserver = "smtp://mail.example"\n{login}')
    with pytest.raises(FixSettings) as refused:
        load_practice(tmp_path)
    assert str(refused.value).startswith(f"{file}:5: mail.username: smtp:// would send the password")
    for server in ("smtp://127.0.0.1", "smtp+starttls://mail.example", "smtps://mail.example"):
        practice(tmp_path, mail=f'[mail]\nserver = "{server}"\n{login}')
        assert load_practice(tmp_path).mail is not None
