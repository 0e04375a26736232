"""What a debugger, a log line or a careless f-string shows of the objects that hold secrets."""

from __future__ import annotations

import os
import pprint
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from canaries import PEOPLE, SECRET, Stage, found

from arsync.connector import Http, Kit, TokenPair
from arsync.connector.consent import Redirect
from arsync.connector.oauth import Unreadable, _Grant, ask
from arsync.opening import Opener, clock_from
from arsync.practice import connection_settings, load_practice, mail_server, token_key
from arsync.store import Store
from arsync.store.keys import KeyFile
from arsync.store.sealing import Seal
from arsync.store.tokens import BookTokens
from oauth_app import oauth_app


def shown(*things: object) -> str:
    """Each as text in all the usual ways, alone and inside others."""
    texts: list[str] = []
    for each in things:
        texts += [repr(each), str(each), f"{each}", repr([each]), pprint.pformat({"it": each})]
    return "\n".join(texts)


def test_an_opened_book(stage: Stage) -> None:
    """Settings, tokens, connector, HTTP and mail server of a book that is at work."""
    folder = stage.desk.folder
    os.environ["ARSYNC_NOW"] = stage.desk.now().isoformat()
    clock, _ = clock_from(os.environ)
    del os.environ["ARSYNC_NOW"]
    practice = load_practice(folder)
    with Store.open(practice.database) as store:
        opener = Opener(practice, store, clock, print)
        [settings] = practice.chosen(["acme"])
        book = opener.book(settings, command="sync", sends=True, letters=True)
        assert book.source.app is not None
        token = book.tokens.access(book.source.app, book.http)
        tokens = BookTokens(store, "acme")
        pair = tokens.load()
        assert pair is not None
        assert pair.access == token
        things = (
            practice,
            practice.file,
            settings,
            connection_settings(practice, settings),
            mail_server(practice),
            token_key(practice),
            Seal(KeyFile(folder / "arsync.key")),
            store,
            opener,
            book,
            book.source,
            book.source.check(),
            vars(book.source),
            book.source.app,
            book.http,
            book.tokens,
            tokens,
            pair,
            ask(book.source.app, book.http.place),
            Kit(http=book.http, tokens=book.tokens, pace=lambda *_, **__: None, clock=clock),  # type: ignore[arg-type,return-value]
        )
        text = shown(*things)
        opener.close()
    assert not found(text, [*stage.secrets(), *PEOPLE])


def test_what_passes_through() -> None:
    """The parts of a consent and of a token answer, none of which is kept."""
    app = oauth_app(client_secret=SECRET)
    public = ask(msgspec.structs.replace(app, client_secret=None), str)
    assert public.verifier
    ends = datetime(2026, 3, 2, tzinfo=UTC)
    pair = TokenPair(access=SECRET, refresh=SECRET, previous_refresh=SECRET, expires_at=ends)
    grant = _Grant(access_token=SECRET, refresh_token=SECRET)
    text = shown(app, public, pair, Redirect(SECRET, "tenant"), grant)
    assert not found(text, [SECRET, public.state, public.verifier])


def test_an_error_has_nothing_in_its_chain(tmp_path: Path) -> None:
    """Not even what it came from, which a debugger's traceback would show."""
    with Store.open(tmp_path / "arsync.db") as store:
        store.book("acme", "xero")
        tokens = BookTokens(store, "acme")
        tokens.save(TokenPair(access=SECRET, refresh=SECRET, expires_at=datetime(2026, 3, 2, tzinfo=UTC)))
        (tmp_path / "arsync.key").unlink()
        with pytest.raises(Unreadable) as unread:
            BookTokens(store, "acme").load()
    error: BaseException | None = unread.value
    while error is not None:
        assert not found(f"{error!r} {vars(error)!r}", [SECRET])
        error = error.__context__


def test_a_connection_that_fails(stage: Stage) -> None:
    """The HTTP library's own error holds the request with its headers; ours has no chain that is shown."""
    http = Http(server="http://127.0.0.1:9", clock=stage.desk.now, sleep=lambda _: None)
    with pytest.raises(Exception) as failed:
        http.token_call("https://login.example/token", {"refresh_token": SECRET}, ("id", SECRET))
    http.close()
    assert failed.value.__suppress_context__
    assert not found(f"{failed.value!r} {failed.value}", [SECRET])
