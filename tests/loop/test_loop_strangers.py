"""Two installations chase one company: they notice each other's marks, and nobody hears twice."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger
from loop_restore import written_to


def twin(ledger: Ledger, folder: Path, **practice: str) -> Desk:
    """Another installation, in a folder of its own, connected to the same company."""
    one = ledger.desk
    folder.mkdir()
    other = Desk(folder, one.now, one.catcher, one.smtp, one.naps, one.browser)
    other.policy((one.folder / "policy.toml").read_text())
    name = practice.pop("name", ledger.name)
    other.practice({name: ledger.connection()}, sending="automatic", **practice)
    other.ok("connect", name)
    other.ok("sync")
    return other


@pytest.fixture
def pair(ledger: Ledger, tmp_path: Path) -> tuple[Desk, Desk]:
    """Two automatic installations with one policy, and two customers that owe."""
    for name, overdue in (("Ash", 12), ("Birch", 2)):
        customer = ledger.customer(name, f"ap@{name.lower()}.example")
        ledger.invoice(customer, "100.00", overdue=overdue)
        ledger.invoice(customer, "200.00", overdue=overdue - 1)
    ledger.write(sending="automatic")
    return ledger.desk, twin(ledger, tmp_path / "other")


def heard(desk: Desk) -> Counter[str]:
    return Counter(str(mail["To"]) for mail in desk.mail)


def test_the_second_one_stops_before_it_sends_anything(pair: tuple[Desk, Desk]) -> None:
    """They have one name, one policy and one day, so their messages have one id too."""
    one, other = pair
    one.ok("run")
    assert heard(one) == {"ap@ash.example": 1, "ap@birch.example": 1}

    stopped = other.gives(1, "run")

    assert heard(one) == {"ap@ash.example": 1, "ap@birch.example": 1}
    assert "somebody else writes to customers of acme" in stopped.err
    assert "`arsync rebuild acme`" in stopped.err
    assert other.rows("SELECT count(*) FROM messages WHERE status = 'sent'") == [(0,)]
    assert "Nothing leaves the book" in other.ok("plan", "acme").err
    kept = {message for (message,) in other.rows("SELECT message FROM strange_marks")}
    assert kept <= {message for (message,) in one.rows("SELECT id FROM messages WHERE status = 'sent'")}
    assert kept


def test_nobody_hears_twice_whoever_runs_and_when(pair: tuple[Desk, Desk], ledger: Ledger) -> None:
    """In turns over weeks; a stopped one stays stopped, and asks nobody about it again."""
    one, other = pair
    one.ok("run")
    other.gives(1, "run")
    for _ in range(4):
        one.now.go(days=4)
        one.unpaced()
        one.ok("run")
        calls = ledger.calls()
        assert "somebody else" in other.gives(1, "send").err
        assert ledger.calls() == calls
    said = Counter((str(mail["To"]), mail["Message-ID"]) for mail in one.mail)
    assert len(said) == 5  # Ash on 23 November and 1 December; Birch on these and on the 9th
    assert set(said.values()) == {1}
    assert not other.rows("SELECT 1 FROM messages WHERE status = 'sent'")


def test_marks_of_another_name_and_of_holds_are_strange_too(ledger: Ledger, tmp_path: Path) -> None:
    customer = ledger.customer("Ash", "ap@ash.example")
    ledger.invoice(customer, "100.00", overdue=12, number="1001")
    ledger.write(sending="automatic")
    other = twin(ledger, tmp_path / "other", name="birch")
    other.ok("hold", "birch", "customer:" + customer, "--reason", "disputed")
    other.ok("note", "birch")

    assert "somebody else writes" in ledger.desk.gives(1, "run").err
    assert ledger.desk.mail == []


def test_after_a_rebuild_the_book_goes_on(pair: tuple[Desk, Desk]) -> None:
    """The first installation was ended: the second one takes over what it sent, and goes on from there."""
    one, other = pair
    one.ok("run")
    plan = one.plan()
    other.gives(1, "run")

    other.ok("rebuild", "acme", "--yes")

    assert other.rows("SELECT id, ended_on FROM messages WHERE status = 'sent' ORDER BY 1") == one.rows(
        "SELECT id, ended_on FROM messages WHERE status = 'sent' ORDER BY 1"
    )
    assert other.plan()["upcoming"] == plan["upcoming"]
    assert other.rows("SELECT * FROM strange_marks") == []
    other.ok("run")
    assert len(one.mail) == 2
    one.now.go(days=9)
    other.ok("run")
    assert heard(one) == {"ap@ash.example": 2, "ap@birch.example": 2}
    assert other.rows("SELECT DISTINCT step FROM messages WHERE ended_on = '2026-12-02'") == [
        ("second reminder",)
    ]
    one.gives(1, "run")
    assert len(one.mail) == 4


@on_one_vendor
def test_its_own_marks_are_no_strangers(ledger: Ledger) -> None:
    """Also of a message in doubt, of a note whose receipt was lost, and of holds."""
    desk = ledger.desk
    customer, _ = written_to(ledger, overdue=12)
    desk.ok("hold", "acme", "1001", "--reason", "paused", "--until", "2026-11-24")
    desk.ok("note")
    desk.now.go(days=8)
    ledger.invoice(customer, "50.00", overdue=2, number="1002")
    desk.ok("run")
    assert len(desk.mail) == 2

    # The database was cut short after the note was written and before anything else was.
    with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
        last = "(SELECT id FROM messages ORDER BY ended_on DESC LIMIT 1)"
        connection.execute(f"DELETE FROM notes WHERE message = {last}")
        connection.execute(f"UPDATE messages SET status = 'in-doubt' WHERE id = {last}")
    ledger.invoice(customer, "70.00", overdue=2, number="1003")
    desk.now.go(days=8)
    desk.gives(1, "run")  # the doubt waits for a person
    assert len(desk.mail) == 3
    assert desk.rows("SELECT * FROM strange_marks") == []


@pytest.mark.parametrize("customers", [1, 5])
def test_what_it_costs(ledger: Ledger, customers: int) -> None:
    """Nothing where notes come along with what is read again; else one call a customer."""
    for number in range(customers):
        customer = ledger.customer(f"Customer {number}", f"ap@c{number}.example")
        for overdue in (2, 12, 30):
            ledger.invoice(customer, "100.00", overdue=overdue)
    ledger.write(sending="automatic", extra='notes = "none"\n')
    desk = ledger.desk
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    before = ledger.calls()
    desk.ok("send")
    without = ledger.calls() - before
    # Nothing has left with a mark, so the same can be sent once more.
    for table in ("notes", "events", "message_lines", "steps_taken", "messages"):
        with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
            connection.execute(f"DELETE FROM {table}")
    ledger.write(sending="automatic")
    desk.ok("approve", "acme", "--all")
    before = ledger.calls()
    desk.ok("send")

    assert ledger.calls() - before - without == (0 if ledger.connector == "quickbooks" else customers)
    assert len(desk.mail) == 2 * customers
