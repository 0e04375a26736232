"""`arsync restore` where it is not the first time, or where much has changed since the backup."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger
from loop_restore import Keeper

WITHOUT_NOTES = 'notes = "none"\n'


@on_one_vendor
def test_a_question_of_before_releases_nothing(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """A book whose messages wait for an approval is restored twice: what was made to ask the first time was
    never approved, and does not leave when it is said not to have left."""
    ledger.write(extra=WITHOUT_NOTES)
    ledger.invoice(ledger.customer("Lumen", "pay@lumen.example"), "120.00", number="1001")
    desk.ok("sync")
    file = keeper.back_up()
    keeper.lose_and_restore(file, days=1)
    desk.gives(1, "run")
    assert len(keeper.doubts()) == 1
    file = keeper.back_up()
    keeper.lose_and_restore(file, days=1)
    keeper.run()
    [(id_, _)] = keeper.doubts()
    [(reason,)] = desk.rows("SELECT reason FROM messages")
    assert "between 2026-11-23 08:00 UTC and 2026-11-25 08:00 UTC" in reason  # either time
    desk.ok("resolve", "acme", id_, "not-sent")
    assert desk.rows("SELECT status FROM messages") == []
    keeper.run()
    assert desk.mail == []
    assert desk.message()["status"] == "planned"


@on_one_vendor
def test_a_settlement_that_was_approved_since(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """It was only proposed in the backup; it goes on to keep its customer from being written to."""
    ledger.write(sending="automatic", extra=WITHOUT_NOTES)
    ledger.invoice(ledger.customer("Lumen", "pay@lumen.example"), "120.00", overdue=-1, number="1001")
    desk.ok("run")
    desk.ok("agree", "acme", "1001", "--settle", "80.00 USD", "--until", "2026-12-20")
    file = keeper.back_up()
    [(id_,)] = desk.rows("SELECT id FROM agreements")
    desk.ok("agree", "acme", "--approve", id_, "--owner", "kim@hartley.example")
    keeper.restore(file, status=0)
    assert desk.rows("SELECT state, approved_by FROM agreements") == [("agreed", "kim@hartley.example")]
    heard = len(desk.mail)
    keeper.days(5)
    assert len(desk.mail) == heard


@on_one_vendor
def test_another_company_of_the_same_name(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """A copy of another practice may have a book of the same name and kind."""
    desk.ok("sync")
    file = keeper.back_up()
    with closing(sqlite3.connect(file)) as backup, backup:
        backup.execute("UPDATE books SET tenant = '987', name = 'Another LLC'")
    typed = desk.gives(2, "restore", str(file), "--yes")
    assert "the records of Another LLC (987)" in typed.err
    assert "it is the backup of another practice. Nothing was changed" in typed.err
    assert list(desk.folder.glob("*before-restore*")) == []


@on_one_vendor
def test_a_newer_backup_over_an_older_one(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """The tokens that were renewed last are those that serve; the older backup's do not."""
    ledger.write(sending="automatic", extra=WITHOUT_NOTES)
    desk.ok("run")
    older = keeper.back_up()
    desk.now.go(days=1)
    desk.ok("run")
    tokens = desk.rows("SELECT * FROM tokens")
    newer = keeper.back_up()
    keeper.lose()
    keeper.restore(older)
    assert desk.rows("SELECT * FROM tokens") != tokens
    keeper.restore(newer)
    assert desk.rows("SELECT * FROM tokens") == tokens


@on_one_vendor
def test_a_book_that_was_disconnected_since(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """It stays so: nothing is read or sent until somebody connects it."""
    desk.ok("sync")
    file = keeper.back_up()
    desk.ok("disconnect", "acme", "--yes", "--local")
    keeper.restore(file, status=0)
    assert desk.rows("SELECT * FROM tokens") == []
    assert "arsync connect acme" in desk.gives(1, "run").err


@on_one_vendor
def test_a_book_that_went_live_since(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """A permission is not taken over, and the restore says so."""
    ledger.write(sending="automatic", golive=None, extra=WITHOUT_NOTES)
    ledger.invoice(ledger.customer("Lumen", "pay@lumen.example"), "120.00", number="1001")
    desk.ok("sync")
    file = keeper.back_up()
    desk.ok("golive", "acme", "--confirm")
    desk.ok("run")
    typed = keeper.restore(file, status=0)
    assert "acme: it went live since, which is not taken over" in typed.err
    desk.ok("run")
    desk.ok("golive", "acme", "--confirm")
    desk.now.go(minutes=1)
    assert "went live" not in keeper.restore(keeper.back_up(), status=0).err


@on_one_vendor
def test_an_older_database_does_not_settle_a_doubt(desk: Desk, ledger: Ledger, keeper: Keeper) -> None:
    """The older backup was brought back first: in it the message had failed, and was not tried again yet."""
    ledger.write(sending="automatic", extra=WITHOUT_NOTES)
    ledger.invoice(ledger.customer("Lumen", "pay@lumen.example"), "120.00", number="1001")
    desk.ok("run")
    older = _with_status(keeper, "failed")
    desk.now.go(minutes=60)
    desk.ok("sync")
    newer = _with_status(keeper, "in-doubt")
    keeper.lose()
    keeper.restore(older)
    keeper.restore(newer)
    assert desk.rows("SELECT status FROM messages") == [("in-doubt",)]
    desk.ok("connect", "acme")
    desk.gives(1, "run")


def _with_status(keeper: Keeper, status: str) -> Path:
    """A backup in which the one message has come to something else."""
    file = keeper.back_up()
    with closing(sqlite3.connect(file)) as backup, backup:
        backup.execute("UPDATE messages SET status = ?", (status,))
        backup.execute("DELETE FROM steps_taken")
    return file
