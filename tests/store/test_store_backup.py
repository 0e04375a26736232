"""Copies of a database: whole or not at all, and what a copy that takes a database's place takes over."""

from __future__ import annotations

import random
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from store_samples import AT, DAY, invoice, line, message, note, page, pulled, put_in_outbox, send

from arsync.errors import ArsyncError, FixSettings
from arsync.store import Claim, Store
from arsync.store.backup import copy, examine, free_name, reading
from arsync.store.bringing_back import begin_afresh, beside_the_old, doubt_all, register, take_over
from arsync.store.contacts import log_contact
from arsync.store.delivery import resolve
from arsync.store.holds import put_hold
from arsync.store.leases import claim, release
from arsync.store.messages import messages
from arsync.store.restored import (
    Window,
    cleared,
    made_to_ask,
    put_in_doubt,
    settle_known,
    settled,
    unsettled,
    window,
)

LATER = AT + timedelta(days=3)


def backed_up(store: Store) -> Path:
    target = store.path.with_name("copy.db")
    copy(store.connection, target, at=AT)
    return target


def brought_back(store: Store, file: Path) -> tuple[sqlite3.Connection, bool]:
    """The copy with what the store knows beyond it, and whether that is all there is to know."""
    aside = store.path.with_name("aside.db")
    copy(store.connection, aside, at=LATER)
    made = sqlite3.connect(file, isolation_level=None, uri=True)
    with beside_the_old(made, aside):
        found = take_over(made, "acme", LATER)
        begin_afresh(made, "acme", known_fence=True)
    return made, found.whole


def test_a_copy_says_when_it_was_made(store: Store, run: Claim) -> None:
    pulled(store, run, page(invoices=[invoice()]))
    file = backed_up(store)
    inside = examine(file)
    assert (inside.made_at, inside.size) == (AT, file.stat().st_size)
    assert [(it.name, it.connector, it.open_invoices, it.sent) for it in inside.books] == [
        ("acme", "xero", 1, 0)
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert store.rows("SELECT count(*) FROM sqlite_master WHERE name = '_backup'") == [(0,)]


def test_another_copy_tells_the_last_thing_that_happened(store: Store, run: Claim) -> None:
    send(store, run, message())
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    inside = examine(store.path)
    assert inside.made_at == AT


def test_a_name_that_is_taken(store: Store) -> None:
    file = backed_up(store)
    before = file.read_bytes()
    with pytest.raises(FixSettings, match="there is a file already"):
        backed_up(store)
    assert file.read_bytes() == before
    assert sorted(path.name for path in file.parent.glob(".*")) == []


def test_a_damaged_database_is_not_passed_on(store: Store, run: Claim) -> None:
    """The copy is looked at before it gets its name."""
    pulled(store, run, page(invoices=[invoice(f"i{n}") for n in range(400)]))
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = store.path.stat().st_size
    with store.path.open("r+b") as file:
        file.seek(4096 * 4)
        file.write(random.Random(1).randbytes(size - 4096 * 5))
    with closing(sqlite3.connect(store.path)) as damaged, pytest.raises(ArsyncError, match="damaged"):
        copy(damaged, store.path.with_name("copy.db"), at=AT)
    assert not store.path.with_name("copy.db").exists()


def test_free_names(tmp_path: Path) -> None:
    database = tmp_path / "arsync.db"
    first = free_name(database, AT)
    assert first.name == "arsync.db.before-restore-2026-03-02-090000"
    first.touch()
    assert free_name(database, AT).name == "arsync.db.before-restore-2026-03-02-090000-2"


def test_what_went_on_from_the_copy_is_taken_over(store: Store, run: Claim) -> None:
    """Messages that left, with their steps and notes; calls; holds. An approval is not."""
    pulled(store, run, page(invoices=[invoice("i1"), invoice("i2"), invoice("i3")]))
    put_in_outbox(store, "acme", message("m1"))
    file = backed_up(store)
    send(store, run, message("m1"), notes=[note("m1")])
    put_in_outbox(store, "acme", message("m2", lines=(line("i3"),)))
    with store.writing() as conn:
        log_contact(conn, "acme", "c1", "call", "no-answer", at=AT, day=DAY)
    put_hold(store, "acme", "invoice", "i3", reason="disputed", until=None, note="x", at=AT, day=DAY)
    made, whole = brought_back(store, file)
    with closing(made):
        assert whole
        assert made.execute("SELECT id, status FROM messages").fetchall() == [("m1", "sent")]
        assert made.execute("SELECT invoice_id FROM steps_taken").fetchall() == [("i1",)]
        assert made.execute("SELECT message, status FROM notes").fetchall() == [("m1", "owed")]
        assert made.execute("SELECT seq, outcome FROM contacts").fetchall() == [(1, "no-answer")]
        assert made.execute("SELECT target_id, reason FROM holds").fetchall() == [("i3", "disputed")]
        assert made.execute("PRAGMA foreign_key_check").fetchall() == []
        [(fence,)] = made.execute("SELECT fence FROM books").fetchall()
    assert fence > run.fence


def test_a_hold_that_was_prolonged_since_the_copy_is_taken_over(store: Store, run: Claim) -> None:
    """It would end on the copy's day, and the customer be written to while a person said otherwise."""
    pulled(store, run, page(invoices=[invoice("i1"), invoice("i2")]))
    for target in ("i1", "i2"):
        put_hold(store, "acme", "invoice", target, reason="paused", until=DAY, note="", at=AT, day=DAY)
    file = backed_up(store)
    later, longer = AT + timedelta(days=1), DAY + timedelta(days=90)
    put_hold(store, "acme", "invoice", "i1", reason="paused", until=longer, note="", at=later, day=DAY)
    made, whole = brought_back(store, file)
    with closing(made):
        assert whole
        held = made.execute("SELECT target_id, until FROM holds ORDER BY target_id").fetchall()
    assert held == [("i1", longer.isoformat()), ("i2", DAY.isoformat())]


def test_a_database_that_began_anew_does_not_know_all(store: Store, run: Claim, tmp_path: Path) -> None:
    """What it knows is taken over beside what the copy has; nothing of either is lost."""
    send(store, run, message("m1"))
    with store.writing() as conn:
        log_contact(conn, "acme", "c1", "call", "reached", at=AT, day=DAY, note="first")
    file = backed_up(store)
    (tmp_path / "new").mkdir()
    with Store.open(tmp_path / "new" / "arsync.db") as new:
        new.book("acme", "xero")
        lease = claim(new, "acme", command="run", at=LATER)
        send(new, lease, message("m2", lines=(line("i2"),)))
        with new.writing() as conn:
            log_contact(conn, "acme", "c1", "call", "reached", at=LATER, day=DAY, note="second")
        made, whole = brought_back(new, file)
    with closing(made):
        assert not whole
        assert made.execute("SELECT id, status FROM messages").fetchall() == [("m1", "sent"), ("m2", "sent")]
        assert made.execute("SELECT invoice_id FROM steps_taken").fetchall() == [("i1",), ("i2",)]
        assert made.execute("SELECT seq, note FROM contacts").fetchall() == [(1, "first"), (2, "second")]
        seqs = [seq for (seq,) in made.execute("SELECT seq FROM events ORDER BY seq")]
        assert seqs == list(range(1, len(seqs) + 1))


def test_an_older_database_is_no_continuation(store: Store, run: Claim) -> None:
    """The copy has a run that the database in place has not: it is older than the copy."""
    old = store.path.with_name("old.db")
    copy(store.connection, old, at=AT)
    release(store, run, outcome="ok", at=AT)
    claim(store, "acme", command="run", at=LATER)
    newer = backed_up(store)
    with Store.open(old) as in_place:
        made, whole = brought_back(in_place, newer)
    made.close()
    assert not whole


def test_all_that_was_released_is_in_doubt(store: Store, run: Claim) -> None:
    """Approved and being sent; what was in doubt stays as it is. A book that it did not know is asked too."""
    for id_ in ("m1", "m2"):
        put_in_outbox(store, "acme", message(id_, lines=(line(f"i-{id_}"),)))
    send(store, run, message("m3", lines=(line("i-m3"),)))
    file = backed_up(store)
    with closing(sqlite3.connect(file, isolation_level=None, uri=True)) as made:
        with beside_the_old(made, None):
            assert register(made, {"acme": "xero", "birch": "csv"}) == ["birch"]
            for book in ("acme", "birch"):
                begin_afresh(made, book, known_fence=False)
                count = doubt_all(made, book, lambda _: "lost", since=AT, at=LATER, zone=UTC)
                assert count == (2 if book == "acme" else 0)
        rows = made.execute("SELECT id, status, reason, ended_on FROM messages ORDER BY id").fetchall()
        assert rows[:2] == [
            ("m1", "in-doubt", "lost", "2026-03-05"),
            ("m2", "in-doubt", "lost", "2026-03-05"),
        ]
        assert rows[2][:2] == ("m3", "sent")
        state = "SELECT book, complete, cursor, holder, restored_from, restored_at FROM books ORDER BY book"
        since, until = "2026-03-02T09:00:00Z", "2026-03-05T09:00:00Z"
        assert made.execute(state).fetchall() == [
            (it, 0, None, None, since, until) for it in ("acme", "birch")
        ]


@pytest.fixture
def asked(store: Store, run: Claim) -> Store:
    """A restored book that asks about the step of an invoice, by the message m1."""
    with store.writing() as conn:
        conn.execute("UPDATE books SET restored_from = ?, restored_at = ?", ("2026-03-02T09:00:00Z",) * 2)
    ask(store, run)
    return store


def ask(store: Store, run: Claim) -> list[str]:
    about = message("m1", lines=(line("i1"),), reason="lost")
    found = put_in_doubt(
        store,
        "acme",
        [about],
        alone={"heads-up"},
        policy_name="standard",
        domain="acme.example",
        at=LATER,
        left_at=AT,
        day=DAY,
        claim=run,
    )
    return [it.id for it in found]


def states(store: Store) -> list[tuple[str, str]]:
    return [(it.message.id, it.status) for it in messages(store, "acme")]


def is_cleared(store: Store, invoice_id: str, step: str) -> bool:
    with store.reading() as conn:
        return cleared(conn, "acme", line(invoice_id, step))


def test_a_question_is_asked_once(asked: Store, run: Claim) -> None:
    assert window(asked, "acme") == Window(AT, AT)
    assert states(asked) == [("m1", "in-doubt")]
    assert ask(asked, run) == []
    assert unsettled(asked, "acme") == ["m1"]
    assert made_to_ask(asked, "acme", "m1")


def test_not_sent_ends_the_questions_about_an_invoice(asked: Store) -> None:
    with asked.writing():
        resolve(asked, "acme", "m1", "not-sent", at=LATER, day=DAY)
        settled(asked, "acme", "m1", "not-sent")
    assert states(asked) == []  # the plan decides anew
    assert is_cleared(asked, "i1", "first reminder")
    assert is_cleared(asked, "i1", "second reminder")
    assert not is_cleared(asked, "i2", "first reminder")
    assert not made_to_ask(asked, "acme", "m1")


def test_a_step_that_may_be_passed_over_tells_of_itself_alone(store: Store, run: Claim) -> None:
    about = message("m1", step="heads-up", lines=(line("i1", "heads-up"),))
    at = {"at": LATER, "left_at": AT, "day": DAY, "policy_name": "x", "domain": "acme.example"}
    put_in_doubt(store, "acme", [about], alone={"heads-up"}, claim=run, **at)  # type: ignore[arg-type]
    with store.writing():
        resolve(store, "acme", "m1", "not-sent", at=LATER, day=DAY)
        settled(store, "acme", "m1", "not-sent")
    assert is_cleared(store, "i1", "heads-up")
    assert not is_cleared(store, "i1", "first reminder")


def test_sent_leaves_the_next_question_open(asked: Store) -> None:
    with asked.writing():
        resolve(asked, "acme", "m1", "sent", at=LATER, day=DAY)
        settled(asked, "acme", "m1", "sent")
    assert states(asked) == [("m1", "sent")]
    assert asked.rows("SELECT step, on_day FROM steps_taken") == [("first reminder", DAY.isoformat())]
    assert not is_cleared(asked, "i1", "second reminder")
    assert unsettled(asked, "acme") == []


def test_a_step_that_is_known_meanwhile_answers(asked: Store, run: Claim) -> None:
    """The letter is known under the id it left with; the one that asked about it is gone."""
    assert settle_known(asked, run) == []
    send(asked, run, message("m9", lines=(line("i1"), line("i2"))))
    assert settle_known(asked, run) == ["m1"]
    assert states(asked) == [("m9", "sent")]
    assert unsettled(asked, "acme") == []


KILLED = """
import os, signal, sys
from pathlib import Path
from datetime import datetime, UTC
from arsync.practice import load_practice
from arsync.runs.backup import look, restore

def strike(frame, event, arg):
    if event == sys.argv[2] and frame.f_code.co_name == sys.argv[1] and "arsync" in frame.f_code.co_filename:
        os.kill(os.getpid(), signal.SIGKILL)

practice = load_practice(Path())
inside = look(practice, Path("copy.db"))
sys.setprofile(strike)
restore(practice, inside, at=datetime(2026, 3, 5, 9, tzinfo=UTC))
"""
POINTS = [
    "copy",
    "part_of",
    "claim",
    "_made_ready",
    "take_over",
    "doubt_all",
    "settle",
    "publish",
    "give_way",
]


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("event", ["call", "return"])
def test_a_kill_leaves_the_one_or_the_other(tmp_path: Path, event: str, readable: bool) -> None:
    """At each point of a restore; and the next one succeeds."""
    (tmp_path / "arsync.toml").write_text(
        '[practice]\nname = "x"\n[books.acme]\nconnector = "csv"\nfrom = "ar@acme.example"\n', "utf-8"
    )
    for point in POINTS:
        for path in tmp_path.glob("*arsync.db*"):
            if path.is_file():
                path.unlink()
        (tmp_path / "copy.db").unlink(missing_ok=True)
        with Store.open(tmp_path / "arsync.db") as store:
            store.book("acme", "csv")
            lease = claim(store, "acme", command="run", at=AT)
            release(store, lease, outcome="ok", at=AT)
            backed_up(store)
            lease = claim(store, "acme", command="run", at=AT)
            send(store, lease, message("m1"))
            release(store, lease, outcome="ok", at=AT)
        if not readable:
            (tmp_path / "arsync.db").write_bytes(b"damaged" * 1000)
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, point, event], cwd=tmp_path, capture_output=True, check=False
        )
        assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
        unfinished = ended.returncode != 0
        if readable:
            with reading(tmp_path / "arsync.db") as there:
                assert there.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert there.execute("SELECT id, status FROM messages").fetchall() == [("m1", "sent")]
        if unfinished:
            again = [sys.executable, "-m", "arsync", "restore", "copy.db", "--yes"]
            ended = subprocess.run(again, cwd=tmp_path, capture_output=True, check=False)
            assert ended.returncode in (0, 1), ended.stderr
        with reading(tmp_path / "arsync.db") as there:
            assert there.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            [(known, lost)] = there.execute(
                "SELECT (SELECT count(*) FROM messages), restored_from IS NOT NULL FROM books"
            ).fetchall()
        assert known == 1 or lost
        assert not list(tmp_path.glob(".*arsync-part*"))
