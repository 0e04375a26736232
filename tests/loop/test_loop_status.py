"""`arsync status`: whether every book is alive, what its runs came to, and what needs a person."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from loop_desk import Desk
from loop_ledgers import Ledger, QuickBooks

from free_port import free_port

CSV_BOOK = """
[books.{name}]
connector = "csv"
policy = "policy.toml"
from = "ar@{name}.example"
timezone = "UTC"
golive = "start"
[books.{name}.connection]
path = "{name}.csv"
company = "{name}"
currency = "USD"
date_format = "YYYY-MM-DD"
decimal = "."
columns = {{ number = "No", customer = "Name", due = "Due", open = "Open" }}
"""


def book(desk: Desk, status: int = 0, name: str = "acme") -> dict[str, Any]:
    [found] = [each for each in desk.gives(status, "status", "--json").json["books"] if each["book"] == name]
    return dict(found)


def kinds(desk: Desk, status: int = 1, name: str = "acme") -> list[str]:
    return [trouble["kind"] for trouble in book(desk, status, name)["troubles"]]


def change(desk: Desk, sql: str, *values: object) -> None:
    """Another command wrote this, say one that is cut short or works elsewhere."""
    with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
        connection.execute(sql, values)


def point_mail(desk: Desk, to: str, instead_of: str) -> None:
    file = desk.folder / "arsync.toml"
    file.write_text(file.read_text("utf-8").replace(instead_of, to), "utf-8")


@pytest.fixture
def chasing(desk: Desk, quickbooks: QuickBooks) -> QuickBooks:
    """Lumen Yoga owes 1001, Tern Coffee 1002, both two days overdue and approved."""
    quickbooks.invoice(quickbooks.customer("Lumen Yoga", "a@lumen.example"), "120.00", number="1001")
    quickbooks.invoice(quickbooks.customer("Tern Coffee", "b@tern.example"), "80.00", number="1002")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    return quickbooks


def test_a_book_that_was_never_synced(desk: Desk, quickbooks: QuickBooks) -> None:
    found = book(desk, 1)
    [trouble] = found["troubles"]
    assert (trouble["kind"], trouble["command"]) == ("never-synced", "arsync sync acme")
    assert (found["synced_at"], found["complete"]) == (None, False)


def test_a_book_that_is_not_connected(desk: Desk, open_ledger: Any) -> None:
    """The cause is told, not what follows from it."""
    open_ledger("quickbooks").write()
    assert kinds(desk) == ["consent"]
    desk.gives(1, "sync")
    assert kinds(desk) == ["consent"]


def test_all_is_well(desk: Desk, ledger: Ledger) -> None:
    desk.ok("sync")
    desk.now.go(minutes=5)
    found = book(desk)
    assert (found["well"], found["troubles"], found["silent"]) == (True, [], False)
    assert found["synced_at"] == "2026-11-23T08:00:00Z"
    assert [(run["command"], run["outcome"]) for run in found["runs"]] == [
        ("sync", "done"),
        ("connect", "done"),
    ]
    typed = desk.ok("status")
    assert "acme - " in typed.out
    assert "all well" in typed.out
    assert "today 08:00, 5 minutes ago" in typed.out


def test_calls_and_rejects_are_in_the_json(desk: Desk, ledger: Ledger) -> None:
    """Everyday work as well: neither turns a monitor red."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "10000000000000.01", number="1001")  # beyond all bounds
    desk.ok("sync")
    found = book(desk)
    assert (found["well"], found["rejects"]) == (True, 1)
    assert "1 record not understood: arsync rejects acme" in desk.ok("status").out
    usage = found["usage"]
    assert (usage["calls"], usage["today"], usage["month"]) == (ledger.calls(), ledger.calls(), "2026-11")
    assert usage["projected_calls"] == ledger.calls() * 8  # the first day, and seven to come
    assert usage["bytes"] > 1_000


def test_it_asks_no_service(desk: Desk, chasing: QuickBooks) -> None:
    desk.ok("status")
    file = desk.folder / "arsync.toml"
    nowhere = file.read_text("utf-8").replace(chasing.url, f"http://127.0.0.1:{free_port()}")
    file.write_text(nowhere.replace(desk.smtp, f"smtp://127.0.0.1:{free_port()}"), "utf-8")
    naps = len(desk.naps)
    desk.ok("status")
    assert len(desk.naps) == naps


def test_messages_that_wait_for_approval(desk: Desk, quickbooks: QuickBooks) -> None:
    """Everyday work: it is told, and no monitor turns red for it."""
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    assert book(desk)["messages"]["planned"] == 1
    assert "1 to approve" in desk.ok("status").out
    desk.ok("approve", "acme", "--all")
    assert (book(desk)["messages"]["planned"], book(desk)["messages"]["approved"]) == (0, 1)


def test_expected_and_sent(desk: Desk, chasing: QuickBooks) -> None:
    """Two were approved; one is paid before it leaves."""
    chasing.pay("1002")
    desk.ok("run")
    run = book(desk)["runs"][0]
    assert (run["expected"], run["sent"], run["unsent"], run["not_reached"]) == (2, 1, {"withdrawn": 1}, 0)
    assert run["notes_written"] == 1
    assert "run: sent 1 of 2, 1 was withdrawn; 1 note" in desk.ok("status").out
    desk.ok("run")
    assert book(desk)["runs"][0]["expected"] == 0
    assert "run: nothing to send" in desk.ok("status").out


def test_those_that_wait_for_hours(desk: Desk, chasing: QuickBooks) -> None:
    desk.policy('hours = "09:00-17:00"\n' + (desk.folder / "policy.toml").read_text("utf-8"))
    desk.ok("run")
    assert book(desk)["runs"][0]["unsent"] == {"later": 2}
    assert "sent 0 of 2, 2 wait for their hours" in desk.ok("status").out


def test_a_run_that_broke_off_tells_what_it_did_not_come_to(desk: Desk, chasing: QuickBooks) -> None:
    """The accounting system answers nothing any more when it is read again before the first letter."""
    chasing.strike("500", times=None)
    desk.gives(1, "send")
    run = book(desk)["runs"][0]
    assert (run["outcome"], run["trouble"]) == ("failed", "try-later")
    assert (run["expected"], run["sent"], run["not_reached"]) == (2, 0, 2)
    assert "2 not reached" in desk.ok("status").out


def test_once_out_of_reach_is_tried_again_and_twice_needs_a_person(desk: Desk, chasing: QuickBooks) -> None:
    good, dead = desk.smtp, f"smtp://127.0.0.1:{free_port()}"
    point_mail(desk, dead, good)
    desk.gives(1, "run")
    assert kinds(desk, 0) == []
    desk.now.go(minutes=60)
    desk.gives(1, "run")
    assert kinds(desk) == ["failed"]
    [trouble] = book(desk, 1)["troubles"]
    assert trouble["since"] == "2026-11-23T08:00:00Z"
    assert "mail server" in trouble["detail"]
    point_mail(desk, good, dead)
    desk.ok("run")
    assert kinds(desk, 0) == []


def test_a_run_that_was_killed(desk: Desk, quickbooks: QuickBooks) -> None:
    desk.ok("sync")
    script = (
        "import os; from datetime import UTC, datetime; from pathlib import Path\n"
        "from arsync.store import Store; from arsync.store.leases import claim\n"
        "claim(Store.open(Path('arsync.db')), 'acme', command='run', at=datetime.now(UTC)); os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=desk.folder, check=False)
    assert kinds(desk) == ["cut-short"]
    assert book(desk, 1)["at_work"] is None
    desk.ok("run")
    assert kinds(desk, 0) == []


def test_a_run_at_work_is_no_trouble(desk: Desk, quickbooks: QuickBooks) -> None:
    from datetime import UTC, datetime

    from arsync.store import Store
    from arsync.store.leases import claim

    desk.ok("sync")
    with Store.open(desk.folder / "arsync.db") as store:
        claim(store, "acme", command="run", at=datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
        found = book(desk)
    assert found["runs"][0]["outcome"] == "at work"
    assert "process" in found["at_work"]
    assert "works on it right now" in desk.ok("status").out


def test_silence_by_its_own_rhythm(desk: Desk, quickbooks: QuickBooks) -> None:
    """Synced at eight from Monday to Friday for two weeks: the weekend is quiet, Monday at 10:24 is not."""
    for _ in range(2):
        for _ in range(5):
            desk.ok("sync")
            desk.now.go(days=1)
        desk.now.go(days=2)
    assert kinds(desk, 0) == []  # Monday, at eight
    assert book(desk)["silent_from"] == "2026-12-07T10:24:00Z"
    desk.now.go(minutes=145)
    found = book(desk, 1)
    assert [trouble["kind"] for trouble in found["troubles"]] == ["silent"]
    assert (found["silent"], found["rhythm"]["source"]) == (True, "learned")
    assert found["rhythm"]["weekdays"] == ["mon", "tue", "wed", "thu", "fri"]
    assert "arsync run acme" in desk.gives(1, "status").out
    desk.ok("sync")
    assert kinds(desk, 0) == []


def test_silence_as_it_is_set(desk: Desk, quickbooks: QuickBooks) -> None:
    file = desk.folder / "arsync.toml"
    file.write_text(file.read_text("utf-8") + '[alerts]\nsilent_after = "26 hours"\n', "utf-8")
    desk.ok("sync")
    desk.now.go(minutes=26 * 60 - 1)
    assert kinds(desk, 0) == []
    desk.now.go(minutes=1)
    assert kinds(desk) == ["silent"]


def test_a_sync_that_fails_counts_for_nothing(desk: Desk, quickbooks: QuickBooks) -> None:
    """A scheduled run that starts each day and fails each day is silent too."""
    file = desk.folder / "arsync.toml"
    file.write_text(file.read_text("utf-8") + '[alerts]\nsilent_after = "2 days"\n', "utf-8")
    desk.ok("sync")
    quickbooks.strike("500", times=None)
    for _ in range(3):
        desk.now.go(days=1)
        desk.gives(1, "run")
    assert kinds(desk) == ["failed", "silent"]


def test_doubts_and_failures(desk: Desk, chasing: QuickBooks) -> None:
    desk.catcher.refuse("a@*", 550, "5.1.1 No such mailbox")
    desk.gives(1, "send")
    assert kinds(desk) == ["not-delivered"]
    change(desk, "UPDATE messages SET status = 'in-doubt' WHERE status = 'failed'")
    assert kinds(desk) == ["in-doubt"]
    assert book(desk, 1)["messages"]["in_doubt"] == 1


def test_notes_that_are_owed_and_that_failed(desk: Desk, chasing: QuickBooks) -> None:
    """Owed for a moment is ordinary; for three days, or given up, needs a person."""
    desk.ok("send")
    found = book(desk)
    assert (found["notes"]["owed"], found["notes"]["owed_since"]) == (2, "2026-11-23T08:00:00Z")
    desk.now.go(days=3)
    assert kinds(desk) == ["notes-owed"]
    change(desk, "UPDATE notes SET status = 'failed'")
    assert kinds(desk) == ["notes-failed"]


def test_the_end_of_a_consent_is_told_days_ahead(desk: Desk, quickbooks: QuickBooks) -> None:
    """A consent for QuickBooks that is not used lasts 101 days, and is spoken of in its last 14."""
    desk.ok("sync")
    desk.now.go(days=86)
    assert kinds(desk) == ["silent"]
    desk.now.go(days=1)
    assert kinds(desk) == ["consent", "silent"]
    assert book(desk, 1)["consent"]["days_left"] == 14
    desk.now.go(days=15)
    assert book(desk, 1)["consent"]["state"] == "ended"


def test_strangers_marks_and_a_restored_book(desk: Desk, quickbooks: QuickBooks) -> None:
    desk.ok("sync")
    change(
        desk,
        "INSERT INTO strange_marks (book, message, target, target_id, text, seen_at) "
        "VALUES ('acme', 'abc', 'invoice', '1', 'x', '2026-11-23T07:00:00Z')",
    )
    change(desk, "UPDATE books SET restored_from = '2026-11-20T07:00:00Z'")
    assert kinds(desk) == ["strangers", "restored"]


def test_a_mark_that_is_known_meanwhile_is_no_stranger(desk: Desk, quickbooks: QuickBooks) -> None:
    """Status asks what a run asks: neither the mark of a message that was taken over counts, nor its day."""
    desk.ok("sync")
    for message, seen in (("abc", "05"), ("def", "06"), ("ghi", "07")):
        change(
            desk,
            "INSERT INTO strange_marks (book, message, target, target_id, text, seen_at) "
            f"VALUES ('acme', '{message}', 'invoice', '1', 'x', '2026-11-23T{seen}:00:00Z')",
        )
    written = (
        "INSERT INTO notes (book, message, target, target_id, text, key, status, owed_at) "
        "VALUES ('acme', '{}', 'invoice', '1', 'x', '{}', 'written', '2026-11-23T05:00:00Z')"
    )
    change(desk, written.format("abc", "k1"))
    [trouble] = book(desk, 1)["troubles"]
    assert (trouble["kind"], trouble["since"]) == ("strangers", "2026-11-23T06:00:00Z")
    assert trouble["what"].startswith("2 messages")
    for message, key in (("def", "k2"), ("ghi", "k3")):
        change(desk, written.format(message, key))
    assert kinds(desk, 0) == []


def test_a_book_whose_settings_are_wrong_hides_no_other(desk: Desk, both: tuple[Ledger, Ledger]) -> None:
    desk.ok("sync")
    file = desk.folder / "arsync.toml"
    head, _, tail = file.read_text("utf-8").partition("[books.birch]")
    (desk.folder / "broken.toml").write_text('name = "x"\nnonsense = 1\n', "utf-8")
    file.write_text(head + "[books.birch]" + tail.replace("policy.toml", "broken.toml"), "utf-8")
    assert kinds(desk, 2, "acme") == []
    found = book(desk, 2, "birch")
    assert [trouble["kind"] for trouble in found["troubles"]] == ["settings"]
    assert "broken.toml" in found["troubles"][0]["detail"]
    assert found["synced_at"] == "2026-11-23T08:00:00Z"
    assert desk.gives(2, "status").out.startswith("birch")
    desk.ok("status", "acme")


def write_csv_books(desk: Desk, number: int) -> None:
    text = f'[practice]\nname = "Test"\n[mail]\nserver = "{desk.smtp}"\n'
    for index in range(number):
        name = f"client-{index:02}"
        text += CSV_BOOK.format(name=name)
        (desk.folder / f"{name}.csv").write_text(
            "No,Name,Issued,Due,Total,Open\n1,Lumen Yoga,2026-10-01,2026-11-20,10.00,10.00\n", "utf-8"
        )
    (desk.folder / "arsync.toml").write_text(text, "utf-8")


def test_many_books_are_a_line_each_with_the_troubled_first(desk: Desk) -> None:
    write_csv_books(desk, 8)
    desk.ok("sync", *[f"client-{index:02}" for index in range(7)])
    lines = desk.gives(1, "status").out.splitlines()
    assert lines[0].startswith("client-07")
    assert "never synced" in lines[1]
    assert sum(1 for line in lines if line.startswith("client-")) == 9  # its head, and a line for each
    assert lines[-1].startswith("8 books: 1 needs you")


def test_three_books_fit_on_a_screen(desk: Desk) -> None:
    write_csv_books(desk, 3)
    desk.ok("sync")
    lines = desk.ok("status").out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 110


def test_the_run_id(desk: Desk, quickbooks: QuickBooks) -> None:
    """Each run of each book has one of its own."""
    desk.ok("sync")
    desk.ok("sync")
    first, second = (run["run_id"] for run in book(desk)["runs"][:2])
    assert first != second
    assert len(first) == 8


def test_it_changes_nothing(desk: Desk, chasing: QuickBooks, tmp_path: Path) -> None:
    def dump() -> list[str]:
        with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection:
            return list(connection.iterdump())

    before = dump()
    desk.ok("status")
    desk.ok("status", "--json")
    assert dump() == before
