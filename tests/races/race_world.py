"""A company whose customers pay while letters about their debts are leaving.

Before each answer of the service, and at each mail that arrives, people act: they pay, wholly or in part,
invoices are voided, deleted or given more time, money comes in on account and is used up. What stood open
in the company when the debts were read is written down at the moment of that reading's answer.
"""

from __future__ import annotations

import os
import random
import re
import shutil
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

from loop_desk import Desk, Now, consent
from loop_ledgers import Ledger, QuickBooks, Xero

from arsync.sandbox import MailCatcher
from arsync_quickbooks.simulator import Company as QuickBooksCompany
from arsync_quickbooks.simulator import Fault, Limits, QuickBooksSimulator
from arsync_xero.simulator import BookError, Rules, XeroSimulator
from arsync_xero.simulator import Company as XeroCompany

POLICY = """\
name = "test"
send_on = ["mon"]
minimum = { USD = "0.01", GBP = "0.01" }
[[steps]]
name = "first reminder"
when = "1 day after due"
"""
ZERO = Decimal("0.00")
_LINE = re.compile(r"^(\d{4,})\s.*?[£$]([\d,]+\.\d\d)$", re.MULTILINE)
_HELD = re.compile(r"hold [£$]([\d,]+\.\d\d) of yours")
_QUERIED = re.compile(r"'(\d+)'")


@dataclass
class Letter:
    """A letter that left: what it says is open and held, and what the readings before it had told."""

    says: dict[str, Decimal]
    total: Decimal
    held: Decimal
    read: dict[str, Decimal]
    credit: Decimal
    now: dict[str, Decimal]  # when it arrived


@dataclass
class Figures:
    """What came of the races of a batch."""

    races: int = 0
    letters: int = 0
    withdrawn: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    before_reading: int = 0
    crossed: int = 0  # letters that an act crossed after the reading: the customer was thanked for it


# Other races than those of every run (`make nightly`).
SEED = os.environ.get("ARSYNC_SEED", "")


class Batch:
    """One company with so many customers, each of whom is about to get a letter."""

    def __init__(self, vendor: str, seed: int, customers: int, folder: Path, stack: ExitStack) -> None:
        self._dice = random.Random(f"{vendor} {seed}{SEED and f' {SEED}'}")
        self._clock = Now(datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
        self._catcher = MailCatcher(clock=self._arrival)
        served = stack.enter_context(self._catcher.serve())
        self._desk = Desk(folder, self._clock, self._catcher, served.smtp_url, browser=consent)
        self._desk.policy(POLICY)
        self._ledger = _ledger(vendor, self._desk, stack)
        self._ledger.write()
        self._owners: dict[str, str] = {}  # invoice number -> customer
        self._numbers: dict[str, str] = {}  # the service's id -> invoice number
        self._sending = False
        self._moment = 0
        self._plan: dict[int, list[str]] = {}
        self._acted: set[str] = set()
        self._read: dict[str, Decimal] = {}
        self._credit: dict[str, Decimal] = {}
        self._snapshots: list[tuple[dict[str, Decimal], dict[str, Decimal], dict[str, Decimal]]] = []
        self.figures = Figures()
        self._populate(customers)

    def run(self) -> list[Letter]:
        """Sync, approve, and send while everybody acts."""
        desk = self._desk
        desk.ok("connect", "acme")
        desk.ok("sync")
        desk.ok("approve", "acme", "--all")
        customers = sorted(set(self._owners.values()))
        self._draw(customers)
        self._ledger.simulator.before = self._request
        shutil.rmtree(desk.folder / "arsync.db-locks")  # a minute of calls has passed
        self._sending = True
        desk.gives(0, "send")
        self._sending = False
        letters = [self._letter(number, *snapshot) for number, snapshot in enumerate(self._snapshots)]
        self.figures.races = len(self._acted)
        self.figures.letters = len(letters)
        self.figures.withdrawn = desk.rows("SELECT count(*) FROM messages WHERE status = 'withdrawn'")[0][0]
        self.figures.crossed = sum(any(it.now.get(n) != v for n, v in it.says.items()) for it in letters)
        return letters

    def _populate(self, customers: int) -> None:
        ledger, dice = self._ledger, self._dice
        number = 1000
        for index in range(customers):
            customer = ledger.customer(f"Customer {index}", f"pay@c{index}.example")
            for _ in range(dice.randint(1, 3)):
                number += 1
                amount = f"{dice.randint(20, 900)}.{dice.randint(0, 99):02}"
                id_ = ledger.invoice(customer, amount, overdue=dice.randint(2, 50), number=str(number))
                self._owners[str(number)], self._numbers[id_] = customer, str(number)
                if dice.random() < 0.2:
                    ledger.pay(str(number), "7.50")
            if dice.random() < 0.3:
                ledger.credit(customer, f"{dice.randint(1, 15)}.00")

    def _draw(self, customers: list[str]) -> None:
        """Who acts at which moment. Half of them do so at the first requests, before most letters."""
        for customer in customers:
            for _ in range(self._dice.randint(1, 2)):
                latest = len(customers) // 4 if self._dice.random() < 0.6 else len(customers)
                self._plan.setdefault(self._dice.randint(0, latest), []).append(customer)

    # moments ----------------------------------------------------------------------------------------

    def _arrival(self) -> datetime:
        """A mail arrives."""
        if self._sending:
            self._snapshots.append((dict(self._read), dict(self._credit), _open(self._ledger)))
            self._pass()
        return self._clock()

    def _request(self, method: str, path: str, body: bytes) -> None:
        """A request is about to be answered."""
        if not self._sending:
            return
        self._pass()
        asked = self._asked(unquote(path), body.decode())
        stands = _open(self._ledger) if asked else {}
        for number in asked:
            self._read[number] = stands.get(number, ZERO)
        if "/reports/" in path or "/Overpayments" in path:
            self._credit = _credits(self._ledger)

    def _asked(self, path: str, body: str) -> list[str]:
        """The invoices that a reading before sending asks for."""
        if isinstance(self._ledger, QuickBooks):
            ids = _QUERIED.findall(body) if "FROM Invoice " in body else []
        else:
            found = re.search(r"/Invoices\?.*\bIDs=([^&]*)", path)
            ids = found[1].split(",") if found else []
        return [self._numbers[id_] for id_ in ids]

    def _pass(self) -> None:
        for customer in self._plan.pop(self._moment, []):
            self._act(customer)
        self._moment += 1

    def _act(self, customer: str) -> None:
        ledger, dice = self._ledger, self._dice
        mine = [number for number, owner in self._owners.items() if owner == customer]
        number = dice.choice(mine)
        owed = Decimal(_open_texts(ledger).get(number, "0"))
        acts = ["credit"] + (["pay", "pay", "pay", "part", "void", "delete", "redate", "use"] if owed else [])
        act = dice.choice(acts)
        try:
            self._do(act, customer, number, owed)
        except (BookError, Fault):  # it cannot be undone as it is: somebody pays instead
            act = "pay"
            ledger.pay(number)
        self._acted.add(customer)
        self.figures.acts[act] += 1
        self.figures.before_reading += number not in self._read

    def _do(self, act: str, customer: str, number: str, owed: Decimal) -> None:
        ledger = self._ledger
        if act == "pay":
            ledger.pay(number)
        elif act == "part":
            ledger.pay(number, str((owed / 3).quantize(Decimal("0.01"))))
        elif act == "void":
            ledger.void(number)
        elif act == "delete" and isinstance(ledger, QuickBooks):
            ledger.company.delete(number)
        elif act == "delete":
            ledger.void(number)
        elif act == "redate":
            ledger.redate(number, self._clock().date() + timedelta(days=30))
        elif act == "use":
            self._use_credit(customer, number, owed)
        else:
            ledger.credit(customer, "3.00")

    def _use_credit(self, customer: str, number: str, owed: Decimal) -> None:
        """Money on account comes in and is used up at once."""
        ledger, amount = self._ledger, str(min(owed, Decimal("2.50")))
        if isinstance(ledger, QuickBooks):
            memo = ledger.company.add_credit_memo(customer, amount, self._clock().date())
            ledger.company.apply_credit(memo, number, amount)
        else:
            ledger.pay(number, amount)

    # afterwards -------------------------------------------------------------------------------------

    def _letter(
        self,
        number: int,
        read: dict[str, Decimal],
        credit: dict[str, Decimal],
        now: dict[str, Decimal],
    ) -> Letter:
        text = self._desk.text(number)
        says = {line: _amount(figure) for line, figure in _LINE.findall(text)}
        total = re.search(r"In total: [£$]([\d,]+\.\d\d)", text)
        held = _HELD.search(text)
        [owner] = {self._owners[line] for line in says}
        return Letter(
            says,
            _amount(total[1]) if total else sum(says.values(), ZERO),
            _amount(held[1]) if held else ZERO,
            read,
            credit.get(owner, ZERO),
            now,
        )


def _ledger(vendor: str, desk: Desk, stack: ExitStack) -> Ledger:
    if vendor == "quickbooks":
        books = QuickBooksCompany("1234567890", "Acme Studio LLC", clock=desk.now)
        quickbooks = QuickBooksSimulator([books], limits=Limits.off())
        return QuickBooks(desk, "acme", stack.enter_context(quickbooks.serve()).url, quickbooks)
    organisation = XeroCompany("11111111-2222-4333-8444-555555555555", "Acme Ltd", clock=desk.now)
    xero = XeroSimulator([organisation], rules=Rules().unlimited())
    return Xero(desk, "acme", stack.enter_context(xero.serve()).url, xero)


def _open_texts(ledger: Ledger) -> dict[str, str]:
    with ledger.company.lock:
        return ledger.open()


def _open(ledger: Ledger) -> dict[str, Decimal]:
    return {number: Decimal(text) for number, text in _open_texts(ledger).items()}


def _credits(ledger: Ledger) -> dict[str, Decimal]:
    """The money of each customer that is applied to nothing."""
    left: dict[str, Decimal] = {}
    with ledger.company.lock:
        if isinstance(ledger, QuickBooks):
            rows = ledger.company.tables["CreditMemo"].rows.values()
            found = [(str(row.customer.id), row.balance) for row in rows if row.customer]
            paid = ledger.company.tables["Payment"].rows.values()
            found += [(str(row.customer.id), row.balance) for row in paid if row.customer]
        else:
            found = [(credit.contact.id, credit.remaining) for credit in ledger.company.credits.values()]
    for customer, amount in found:
        left[customer] = left.get(customer, ZERO) + amount
    return left


def _amount(figure: str) -> Decimal:
    return Decimal(figure.replace(",", ""))
