"""Secrets and customers are canaries; no log line, error, file name or traceback sings.

Customers' names, addresses and amounts stand in results on standard output, in letters, and in the
sentences for the bookkeeper that name a letter or a note. They are in no log line, and in no error that
comes from a service.
"""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
from collections.abc import Callable

import pytest
from canaries import EMAIL, NAME, NUMBER, OTHER_EMAIL, PEOPLE, Stage, found
from indiscreet import GOSSIP, Gossip
from loop_desk import Typed

from arsync.cli import Invocation, cli, told
from arsync.sandbox import Moment

ON_ONE = pytest.mark.parametrize("stage", ["quickbooks"], indirect=True)
TOKENS = ("/oauth2/v1/tokens/bearer", "/connect/token", "/v2/oauth2/tokens/revoke", "/connect/revocation")
# Each asks the service first; what of the book they show is on standard output.
COMMANDS = (("sync",), ("sync", "--full"), ("reconcile",), ("run",), ("check",))


def quiet(stage: Stage, typed: Typed, *, people: bool = True) -> None:
    """No secret anywhere; with ``people`` nobody's name, address or amount on standard error."""
    assert not found(typed.out + typed.err, stage.secrets())
    if people:
        assert not found(typed.err, PEOPLE), typed.err


def is_api(path: str) -> bool:
    return path not in TOKENS


def test_a_service_that_quotes(standing: Stage) -> None:
    """Each kind of refusal and nonsense to each command, in its results, its errors and its log."""
    for gossip in GOSSIP:
        with standing.service.gossiping(gossip, is_api):
            for number, command in enumerate(COMMANDS):
                typed = standing.desk.type(*(("--log", "json") if number % 2 else ()), *command)
                quiet(standing, typed)
                if number % 2:
                    assert all(json.loads(line) for line in typed.err.splitlines())
            assert standing.service.told, gossip.name
        standing.rest()


def test_a_token_service_that_quotes(standing: Stage) -> None:
    """It was sent the client secret, the refresh token, or the code of a consent."""
    for gossip in GOSSIP:
        standing.ledger.expire()
        standing.desk.now.go(minutes=61)
        with standing.service.gossiping(gossip, lambda path: not is_api(path)):
            for command in (("sync",), ("connect", "acme"), ("disconnect", "acme", "--yes"), ("check",)):
                typed = standing.desk.type("--log", "text", *command)
                assert typed.status in (1, 2), (gossip.name, command, typed)
                quiet(standing, typed)
            assert standing.service.told >= 3, gossip.name
        assert standing.desk.rows("SELECT count(*) FROM tokens") == [(1,)]


@pytest.mark.parametrize("gossip", [GOSSIP[1], GOSSIP[4]], ids=lambda each: each.name)
def test_a_service_that_quotes_while_letters_leave(stage: Stage, gossip: Gossip) -> None:
    """What is gossiped about is the re-read before a letter leaves, then its note."""
    desk = stage.desk
    desk.ok("approve", "acme", "--all")
    with stage.service.gossiping(gossip, is_api):
        quiet(stage, desk.gives(1, "--log", "json", "send"))
    desk.ok("send")
    with stage.service.gossiping(gossip, is_api):
        quiet(stage, desk.type("--log", "json", "note"))


def test_when_all_is_well(stage: Stage) -> None:
    """No line of the log, from the first sync to the notes, names anybody or tells an amount."""
    desk = stage.desk
    for command in (
        ("sync",),
        ("plan",),
        ("approve", "acme", "--all"),
        ("run",),
        ("note",),
        ("reconcile",),
        ("explain", "acme", NUMBER),
        ("worklist",),
        ("status",),
        ("check",),
        ("export", "acme", str(desk.folder / "out")),
        ("disconnect", "acme", "--yes"),
    ):
        quiet(stage, desk.type("--log", "json", *command))
    assert len(desk.mail) == 2
    names = " ".join(str(path) for path in desk.folder.rglob("*"))
    assert not found(names, [*stage.secrets(), *PEOPLE])


@ON_ONE
@pytest.mark.parametrize("moment", [Moment.MAIL, Moment.RCPT, Moment.DATA, Moment.END])
def test_a_mail_server_that_quotes(stage: Stage, moment: Moment) -> None:
    """Its refusals name the addressee; the bookkeeper is told of a letter, the log of its id alone."""
    desk = stage.desk
    desk.ok("approve", "acme", "--all")
    desk.catcher.answer(moment, 550, f"no {EMAIL} {OTHER_EMAIL} {NAME} ever")
    quiet(stage, desk.gives(1, "--log", "json", "send"))


@ON_ONE
@pytest.mark.parametrize("wrong", ["canary-mail-password-93ax", ""])
def test_a_login_that_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("CANARY_PASSWORD", wrong)
    stage.desk.ok("approve", "acme", "--all")
    for command in (("send",), ("run",), ("check",)):
        typed = stage.desk.type("--log", "json", *command)
        assert typed.status in (1, 2)
        assert "canary-mail" not in typed.out + typed.err


def _trigger(stage: Stage) -> None:
    with contextlib.closing(sqlite3.connect(stage.desk.folder / "arsync.db")) as connection, connection:
        connection.execute(
            "CREATE TRIGGER canary BEFORE INSERT ON runs BEGIN SELECT raise(ABORT, 'nobody home'); END"
        )


def _without_a_table(stage: Stage) -> None:
    with contextlib.closing(sqlite3.connect(stage.desk.folder / "arsync.db")) as connection, connection:
        connection.execute("ALTER TABLE tokens RENAME COLUMN access TO excess")


def _damaged(stage: Stage) -> None:
    path = stage.desk.folder / "arsync.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    path.write_bytes(content)


def _no_database(stage: Stage) -> None:
    (stage.desk.folder / "arsync.db").write_bytes(
        b"not a database at all, and long enough to be read as one " * 99
    )


@ON_ONE
@pytest.mark.parametrize("harm", [_trigger, _without_a_table, _damaged, _no_database])
def test_a_database_in_trouble(stage: Stage, harm: Callable[[Stage], None]) -> None:
    """SQLite's own complaints, and faults that nobody foresaw, tell what they are called and no more."""
    harm(stage)
    for command in (("sync",), ("disconnect", "acme", "--yes")):
        for log in ((), ("--log", "json")):
            out = _typed(stage, *log, *command)
            quiet(stage, out)


def _typed(stage: Stage, *line: str) -> Typed:
    """As the desk does it, but a fault of arsync's own is looked at instead of refused."""
    process = stage.desk.start(*line)
    out, err = process.communicate(timeout=180)
    assert "Traceback" not in err
    return Typed(process.returncode, out, err)


@ON_ONE
def test_a_fault_of_our_own(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault whose text holds everything: its kind is named, its words are not."""
    words = " ".join([*stage.secrets(), *PEOPLE])

    def fall(*_: object, **__: object) -> None:
        raise ValueError(words)

    monkeypatch.setattr("arsync.cli.looking.pull", fall)
    monkeypatch.setenv("ARSYNC_NOW", stage.desk.now().isoformat())
    for log in ((), ("--log", "json"), ("--log", "text")):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            line, who = [*log, "sync"], Invocation(stage.desk.folder, print)
            status = told(lambda line=line, who=who: cli.main(line, "arsync", standalone_mode=False, obj=who))
        assert status == 1
        assert "ValueError" in err.getvalue()
        quiet(stage, Typed(status, out.getvalue(), err.getvalue()))
