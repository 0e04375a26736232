"""A desk whose database is lost and brought back, and the truth outside of it: the mail catcher."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

from loop_desk import Desk, Typed
from loop_ledgers import Ledger

Step = tuple[str, str]


def written_to(ledger: Ledger, *, overdue: int = 2, amount: str = "100.00") -> tuple[str, str]:
    """Ash owes on invoice 1001 and was written to about it by an automatic run: the ids of both."""
    customer = ledger.customer("Ash", "ap@ash.example")
    invoice = ledger.invoice(customer, amount, overdue=overdue, number="1001")
    ledger.write(sending="automatic")
    ledger.desk.ok("run")
    return customer, invoice


def lose(desk: Desk) -> None:
    """The database is gone, with the tokens; the practice's folder is there, and what a restore put aside."""
    for path in desk.folder.glob("arsync.db*"):
        if path.is_file() and "before-restore" not in path.name:
            path.unlink()
    shutil.rmtree(desk.folder / "arsync.db-locks")


def begin_anew(ledger: Ledger) -> None:
    """The database is lost, and there is no backup: connected and read again."""
    lose(ledger.desk)
    ledger.desk.ok("connect", ledger.name)
    ledger.desk.ok("sync")


class Keeper:
    """Backs up, loses and restores the book ``acme``; knows for good which message took which steps."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._lines: dict[str, list[Step]] = {}

    def back_up(self) -> Path:
        """A backup of this moment."""
        found = re.search(r"backed up to (\S+),", self.desk.ok("backup").out)
        assert found
        return Path(found[1])

    def remember(self) -> None:
        """What each message is about, as the database has it now."""
        sql = (
            "SELECT m.message_id, l.number, l.step FROM messages m JOIN message_lines l ON l.message = m.id"
            " WHERE l.step IS NOT NULL AND m.status = 'sent'"
        )
        lines: dict[str, list[Step]] = {}
        for message, number, step in self.desk.rows(sql):
            lines.setdefault(message, []).append((number, step))
        for message, taken in lines.items():
            self._lines.setdefault(message, taken)

    def lose(self) -> None:
        """The disk with the database is gone; what left by then is known all the same."""
        self.remember()
        lose(self.desk)

    def restore(self, file: Path, *, status: int = 1) -> Typed:
        return self.desk.gives(status, "restore", str(file), "--yes")

    def lose_and_restore(self, file: Path, **later: float) -> None:
        """Lost, restored ``later`` (as `Now.go` has it), and connected: the tokens are lost as well."""
        self.lose()
        self.desk.now.go(**later)
        self.restore(file)
        self.desk.ok("connect", "acme")

    def days(self, number: int) -> None:
        """A run at eight on each of the next days."""
        for _ in range(number):
            self.desk.now.go(days=1)
            self.run()

    def run(self) -> Typed:
        typed = self.desk.type("run")
        assert typed.status in (0, 1), typed.err
        self.remember()
        return typed

    def doubts(self) -> list[tuple[str, Step]]:
        """What is in doubt: the message, and the step of the invoice that it is about."""
        rows = self.desk.rows(
            "SELECT m.id, l.number, l.step FROM messages m JOIN message_lines l ON l.message = m.id"
            " WHERE m.status = 'in-doubt' AND l.step IS NOT NULL ORDER BY l.number"
        )
        return [(id_, (number, step)) for id_, number, step in rows]

    def left(self) -> Counter[Step]:
        """The truth: how often each step of each invoice left, by the mails that were caught."""
        return Counter(step for mail in self.desk.mail for step in self._lines[str(mail["Message-ID"])])

    def settle(self) -> int:
        """Run, and settle what is in doubt with the truth, until nothing is; how many questions that were."""
        asked = 0
        for _ in range(12):
            self.run()
            doubts = self.doubts()
            if not doubts:
                return asked
            truth = self.left()
            for id_, step in doubts:
                self.desk.ok("resolve", "acme", id_, "sent" if truth[step] else "not-sent")
            asked += len(doubts)
        raise AssertionError(f"it does not come to an end: {self.doubts()}")

    def check(self) -> None:
        """Nothing left twice, and no mail bears another's id."""
        ids = [str(mail["Message-ID"]) for mail in self.desk.mail]
        assert len(set(ids)) == len(ids)
        assert [step for step, times in self.left().items() if times > 1] == []
