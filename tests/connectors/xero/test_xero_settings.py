"""What a Xero book asks for, and what comes of it before anything is asked of the network."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from xero_book import NOW, TENANT, desk_of, settings_of

from arsync.connector import NoteSink, OAuthApp, Source
from arsync.errors import FixSettings
from arsync_xero import options


def read(**more: Any) -> options.Options:
    return options.read(settings_of({"tenant": TENANT, "client_id": "env:ID", **more}))


def app(**more: Any) -> OAuthApp:
    return options.app_of(read(**more))


def test_importing_the_connector_imports_neither_the_sdk_nor_the_simulator() -> None:
    program = (
        "import sys, arsync_xero\n"
        "print([name for name in sys.modules if name.startswith(('xero_python', 'tzlocal', 'werkzeug',"
        " 'requests_oauthlib', 'arsync_xero.simulator'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_fits_the_protocols() -> None:
    desk = desk_of(clock=lambda: NOW, pair=None)
    assert isinstance(desk.source, Source)
    assert isinstance(desk.source, NoteSink)
    assert desk.paced == []
    desk.kit.http.close()


def test_without_a_secret_the_app_proves_itself_by_pkce() -> None:
    found = app()
    assert found.client_secret is None
    assert found.client_id == "revealed-ID"
    assert found.redirect_uri == "http://localhost:8722/callback"
    assert found.scopes[0] == "offline_access"
    assert not found.client_grant


def test_a_custom_connection_needs_no_consent_and_no_refresh_token() -> None:
    found = app(custom_connection=True, client_secret="env:SECRET")
    assert found.client_grant
    assert "offline_access" not in found.scopes
    with pytest.raises(FixSettings, match="client_secret"):
        app(custom_connection=True)


@pytest.mark.parametrize(
    "uri", ["https://ar.example/callback", "http://localhost/cb", "http://localhost:9000"]
)
def test_addresses_to_come_back_to(uri: str) -> None:
    assert app(redirect_uri=uri).redirect_uri == uri


@pytest.mark.parametrize(
    "uri",
    ["http://127.0.0.1:8722/callback", "http://ar.example/", "http://localhost.example/", "localhost:8722"],
)
def test_addresses_that_xero_refuses(uri: str) -> None:
    with pytest.raises(FixSettings, match="localhost") as caught:
        app(redirect_uri=uri)
    assert caught.value.key == "books.acme.connection.redirect_uri"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"tenant": "not-a-uuid"}, "UUID"),
        ({"calls_per_minute": 61}, "60"),
        ({"calls_per_minute": 0}, "1"),
        ({"tennant": TENANT}, "did you mean 'tenant'"),
    ],
)
def test_wrong_options_are_told(more: dict[str, Any], word: str) -> None:
    with pytest.raises(FixSettings, match=word):
        read(**more)


def test_no_secret_shows() -> None:
    found = read(client_secret="env:SECRET")
    assert "revealed" not in repr(found)


def test_an_id_without_quotation_marks() -> None:
    """TOML takes it for a number: what is to be done is told, not the types of a program."""
    with pytest.raises(FixSettings, match="client_id: this is a text, and stands in quotation marks"):
        read(client_id=4620816365)
