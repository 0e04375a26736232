"""Months in which the database is backed up, lost, damaged, brought back and rebuilt, drawn at random:
whatever comes, no step leaves twice, no mark stands twice, and in the end nothing waits for a person.

``ARSYNC_RESTORES`` is how many are played for each vendor (``make nightly``: 100). The days of one that
failed are printed; its number, with the same ``ARSYNC_SEED``, plays it again.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from loop_desk import Typed
from loop_ledgers import Ledger, Open
from loop_restore import Keeper

RESTORES = int(os.environ.get("ARSYNC_RESTORES", "1"))
SEED = os.environ.get("ARSYNC_SEED", "")
MISFORTUNES = ("lost", "lost, an older backup", "undone", "undone, an older backup", "undone twice",
               "lost while it sent", "damaged", "rebuilt")  # fmt: skip
UNSETTLED = {"restored", "strangers", "cut-short", "failed"}


class Months:
    """The book ``acme`` as its practice lives through it."""

    def __init__(self, ledger: Ledger, draw: Random) -> None:
        self.ledger, self.desk, self.draw = ledger, ledger.desk, draw
        self.keeper = Keeper(self.desk)
        self.notes = draw.choice(["invoice", "invoice", "customer", "customer", "both", "none"])
        self.approves = draw.random() < 1 / 3
        self.backups: list[Path] = []
        self.invoices: list[tuple[str, str]] = []
        self.open: list[str] = []
        sending = "approve" if self.approves else "automatic"
        ledger.write(sending=sending, extra=f'notes = "{self.notes}"\n')
        self.customers = [ledger.customer(f"Customer {at}", f"pay@c{at}.example") for at in range(3)]
        print(ledger.connector, "notes:", self.notes, "sending:", sending)

    def run(self) -> Typed:
        self.desk.unpaced()
        if self.approves and self.draw.random() < 0.8:
            self.desk.type("sync")
            self.desk.type("approve", "acme", "--all")
        typed = self.keeper.run()
        assert "somebody else" not in typed.err, typed.err
        return typed

    def days(self, number: int) -> None:
        for _ in range(number):
            self.desk.now.go(days=1)
            self.happen()
            self.run()
            self.ledger.well()
            print(f"{self.desk.now():%Y-%m-%d}: {len(self.desk.mail)} mails")

    def happen(self) -> None:
        """What a day brings: a debt, a payment, a hold, and a service that loses the answers about notes."""
        draw = self.draw
        if draw.random() < 0.7:
            number, customer = str(1001 + len(self.invoices)), draw.choice(self.customers)
            late = draw.choice([-6, -2, 0, 1, 5])
            invoice = self.ledger.invoice(customer, "120.00", overdue=late, number=number)
            self.invoices.append((invoice, customer))
            self.open.append(invoice)
        if self.open and draw.random() < 0.2:
            self.ledger.pay(self.open.pop(draw.randrange(len(self.open))))
        if self.open and draw.random() < 0.1:
            self.desk.type("sync")
            until = self.desk.now().date() + timedelta(days=draw.choice([0, 2, 5]))
            number = draw.choice(list(self.ledger.open()))
            print("held:", number, until)
            self.desk.type("hold", "acme", number, "--reason", "promised", "--until", str(until))
        if self.notes != "none" and draw.random() < 0.1:
            path = "/History" if self.ledger.connector == "xero" else "batch"
            self.ledger.strike("reset-after-commit", times=None, path=path)
            print("answers about notes are lost")

    def suffer(self, what: str) -> None:
        keeper, desk = self.keeper, self.desk
        file = self.draw.choice(self.backups) if "older" in what else self.backups[-1]
        print(f"{what}; the backup is number {self.backups.index(file) + 1}")
        keeper.remember()
        if what.startswith("undone"):
            self.restore(file)
            if "twice" in what:
                self.run()
                self.restore(file)
            return
        if what == "lost while it sent":
            self.send_in_the_backup(file)
        if what == "damaged":
            for path in desk.folder.glob("arsync.db-*"):
                if path.is_file():
                    path.unlink()
            (desk.folder / "arsync.db").write_bytes(b"garbage" * 1000)
        else:
            keeper.lose()
        if what != "rebuilt":
            keeper.restore(file)
        desk.ok("connect", "acme")
        if what == "rebuilt":
            desk.unpaced()
            desk.ok("sync")
            assert desk.type("rebuild", "acme", "--yes").status in (0, 1)

    def restore(self, file: Path) -> None:
        typed = self.desk.type("restore", str(file), "--yes")
        assert typed.status in (0, 1), typed.err

    def send_in_the_backup(self, file: Path) -> None:
        """The backup was made in the midst of a run."""
        with closing(sqlite3.connect(file)) as backup, backup:
            backup.execute("UPDATE messages SET status = 'sending', fence = 1 WHERE status = 'approved'")
            backup.execute("UPDATE notes SET status = 'writing', fence = 1 WHERE status = 'owed'")

    def settle(self) -> None:
        """A person answers what is in doubt with the truth, now or on one of the next runs."""
        for _ in range(14):
            self.run()
            if not (doubts := self.keeper.doubts()):
                return
            truth = self.keeper.left()
            for id_, step in doubts:
                if self.draw.random() < 0.9:
                    verdict = "sent" if truth[step] else "not-sent"
                    assert self.desk.type("resolve", "acme", id_, verdict).status in (0, 2)
        assert self.keeper.doubts() == []

    def check(self) -> None:
        self.keeper.remember()
        self.keeper.check()
        for invoice, customer in self.invoices:
            for place in self.ledger.notes(invoice, customer):
                marks = Counter(re.findall(r"\[arsync:[^\]]+\]", "\n".join(place)))
                assert [mark for mark, times in marks.items() if times > 1] == []


@pytest.mark.parametrize("vendor", ["quickbooks", "xero"])
@pytest.mark.parametrize("number", range(RESTORES))
def test_nothing_leaves_twice_whatever_becomes_of_the_database(
    open_ledger: Open, vendor: str, number: int
) -> None:
    ledger, draw = open_ledger(vendor), Random(f"{number} {SEED}" if SEED else number)
    ledger.write()
    ledger.desk.ok("connect", "acme")
    months = Months(ledger, draw)
    months.run()
    months.days(draw.choice([2, 5]))
    for _ in range(3):
        months.backups.append(months.keeper.back_up())
        months.days(draw.choice([0, 1, 3, 8]))
        months.suffer(draw.choice([it for it in MISFORTUNES if it != "rebuilt" or months.notes != "none"]))
        months.settle()
        months.check()
        for _ in range(draw.choice([2, 6])):
            months.days(1)
            months.settle()
        months.check()
    told = ledger.desk.type("status", "--json").json["books"][0]["troubles"]
    assert [it for it in told if it["kind"] in UNSETTLED] == []
