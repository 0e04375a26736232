"""Tokens: on the disk when saved, renewed by one process at a time."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from crowd import at_once

from arsync.connector.http import Http
from arsync.connector.oauth import TokenPair, Tokens
from arsync.store import Store
from arsync.store.tokens import BookTokens
from oauth_app import oauth_app

ENDS = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def pair(access: str = "access", **more: Any) -> TokenPair:
    return TokenPair(**{"access": access, "refresh": "refresh", "expires_at": ENDS, **more})


def test_a_saved_pair_is_there_for_the_next_process(store: Store, path: Path) -> None:
    tokens = BookTokens(store, "acme")
    assert tokens.load() is None
    tokens.save(pair(refresh_expires_at=ENDS + timedelta(days=60), previous_refresh="older"))
    tokens.save(pair("second", refresh=None))
    with Store.open(path) as other:
        assert BookTokens(other, "acme").load() == pair("second", refresh=None)
    whole = pair(refresh_expires_at=ENDS + timedelta(days=60), previous_refresh="older")
    tokens.save(whole)
    assert tokens.load() == whole


def test_each_book_has_its_own(store: Store) -> None:
    store.book("other", "xero")
    BookTokens(store, "acme").save(pair())
    assert BookTokens(store, "other").load() is None


def test_tokens_of_a_book_nobody_registered_are_not_kept(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        BookTokens(store, "nobody").save(pair())


def test_a_renewal_does_not_keep_others_from_writing(store: Store, path: Path) -> None:
    with BookTokens(store, "acme").locked(), Store.open(path) as other:
        other.book("other", "xero")
        with BookTokens(other, "other").locked():
            pass
    locks = sorted(it.name for it in (path.parent / "arsync.db-locks").iterdir())
    assert set(locks) <= {"acme.token-lock", "other.token-lock"}


def _count_up(path: Path, gate: Any, told: Any) -> None:
    with Store.open(path) as store:
        tokens = BookTokens(store, "acme")
        gate.wait()
        for _ in range(10):
            with tokens.locked():
                kept = tokens.load()
                assert kept is not None
                tokens.save(pair(str(int(kept.access) + 1)))
    told.put("counted")


def test_one_process_renews_at_a_time(store: Store, path: Path) -> None:
    tokens = BookTokens(store, "acme")
    tokens.save(pair("0"))
    at_once(3, _count_up, path)
    kept = tokens.load()
    assert kept is not None
    assert kept.access == "30"


class _Grants(BaseHTTPRequestHandler):
    """A token service that renews the access token and lets the refresh token be, as RFC 6749 allows."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"access_token": "new", "expires_in": 1800, "token_type": "bearer"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


def test_a_service_that_does_not_rotate_takes_no_consent_away(store: Store) -> None:
    tokens = BookTokens(store, "acme")
    tokens.save(pair())
    with HTTPServer(("127.0.0.1", 0), _Grants) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        http = Http(server=f"http://127.0.0.1:{server.server_port}", clock=lambda: ENDS, sleep=lambda _: None)
        assert Tokens("acme", tokens, lambda: ENDS).access(oauth_app(), http) == "new"
        http.close()
    kept = tokens.load()
    assert kept is not None
    assert (kept.access, kept.refresh) == ("new", "refresh")
