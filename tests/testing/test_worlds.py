"""A world declares what its source can do; laws about anything else are not even collected."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from orchard_service import OrchardWorld

from arsync.connector import ConnectionSettings, Kit, Page, Snapshot, Source, Tenant
from arsync.errors import TryLater
from arsync.ledger import Customer, Invoice, Reject
from arsync.money import NotMoney, minor
from arsync.testing import ConnectorContract, World


class Line(msgspec.Struct):
    """An invoice in the file; one without an amount is a customer."""

    id: str
    customer: str
    name: str
    email: str
    number: str = ""
    due: date | None = None
    total: str = ""
    open: str = ""


class Ledgerfile:
    """A connector that reads one JSON file: no network, no consent, no notes, no credits."""

    app = None

    def __init__(self, path: Path, kit: Kit) -> None:
        self.path, self.kit = path, kit

    def check(self) -> Tenant:
        self.read()
        return Tenant(id="ledgerfile", name="Ledgerfile", currency="EUR")

    def pull(self, cursor: str | None) -> Iterator[Page]:
        customers, invoices, rejects = self.read()
        yield Page(
            customers=customers,
            invoices=invoices,
            rejects=rejects,
            rows=len(invoices) + len(rejects),
            cursor="",
            full=True,
            last=True,
        )

    def refresh(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Snapshot:
        customers, invoices, _ = self.read()
        return Snapshot(
            customers=[each for each in customers if each.id in customer_ids],
            invoices=[each for each in invoices if each.id in invoice_ids],
            read_at=self.kit.clock(),
        )

    def read(self) -> tuple[list[Customer], list[Invoice], list[Reject]]:
        try:
            lines = msgspec.json.decode(self.path.read_bytes(), type=list[Line])
        except (OSError, msgspec.DecodeError):
            raise TryLater("the file cannot be read; try again later") from None
        customers = {each.customer: each for each in lines}
        invoices: list[Invoice] = []
        rejects: list[Reject] = []
        for line in lines:
            if not line.total:
                continue
            try:
                invoice = Invoice(
                    id=line.id,
                    number=line.number,
                    customer_id=line.customer,
                    currency="EUR",
                    total=minor(Decimal(line.total), "EUR"),
                    open=minor(Decimal(line.open), "EUR"),
                    due_on=line.due,
                )
            except NotMoney as error:
                rejects.append(Reject(entity="invoice", id=line.id, reason=str(error), raw=repr(line)))
            else:
                invoices.append(invoice)
        people = [Customer(id=id_, name=it.name, emails=(it.email,)) for id_, it in customers.items()]
        return people, invoices, rejects


class LedgerfileWorld(World):
    abilities = frozenset({"breakdowns"})
    currency, tenant, unknown, page_rows = "EUR", "ledgerfile", "i999", None
    breakdowns = {"no file": (TryLater,), "half a file": (TryLater,)}  # noqa: RUF012
    connection = {}  # noqa: RUF012

    def start(self) -> None:
        self.path = self.folder / "ledger.json"
        self.lines: list[Line] = []
        self.says: dict[str, str] = {}
        self.save()

    def save(self) -> None:
        said = [
            {key: self.says.get(str(value), value) for key, value in msgspec.structs.asdict(line).items()}
            for line in self.lines
        ]
        self.path.write_bytes(msgspec.json.encode(said))

    def connect(self, settings: ConnectionSettings, kit: Kit) -> Source:
        return Ledgerfile(self.path, kit)

    def everything(self) -> object:
        return self.path.read_bytes()

    def add_customer(self, name: str, email: str) -> str:
        return self.add(Line("", "", name, email))

    def set_email(self, customer: str, email: str) -> None:
        for line in self.lines:
            line.email = email if line.customer == customer else line.email
        self.save()

    def add_invoice(self, customer: str, amount: Decimal, due: date, number: str) -> str:
        who = next(line for line in self.lines if line.customer == customer)
        return self.add(Line("", customer, who.name, who.email, number, due, str(amount), str(amount)))

    def pay(self, invoice: str, amount: Decimal) -> None:
        [line] = [line for line in self.lines if line.id == invoice]
        line.open = str(Decimal(line.open) - amount)
        self.save()

    def remove(self, invoice: str) -> None:
        self.lines = [line for line in self.lines if line.id != invoice]
        self.save()

    def break_down(self, name: str) -> None:
        text = self.path.read_bytes()
        self.path.unlink() if name == "no file" else self.path.write_bytes(text[: len(text) // 2])

    def say(self, plain: str, real: str) -> None:
        self.says[plain] = real.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self.save()

    def add(self, line: Line) -> str:
        line.id = f"r{len(self.lines) + 1:03}"
        line.customer = line.customer or line.id
        self.lines.append(line)
        self.save()
        return line.id


class TestLedgerfile(ConnectorContract):
    world = LedgerfileWorld


def collected(kind: type[ConnectorContract]) -> set[str]:
    return {name for name in dir(kind) if name.startswith("test_") and callable(getattr(kind, name))}


def test_a_file_is_held_to_fewer_laws_than_a_service() -> None:
    class Whole(ConnectorContract):
        world = OrchardWorld

    fewer = collected(Whole) - collected(TestLedgerfile)
    optional = {name for name in fewer if name.startswith("test_where_it_")}
    assert optional == {name for name in collected(Whole) if name.startswith("test_where_it_")}
    assert fewer - optional == {
        "test_a_fault_is_the_right_error_and_no_last_page",
        "test_a_page_that_comes_again_and_again_is_refused",
        "test_a_short_wait_is_kept",
        "test_a_rotated_token_is_saved_before_it_is_used",
        "test_the_same_mark_leaves_one_note",
        "test_a_note_leaves_the_others_as_they_are",
        "test_a_fault_never_makes_a_note_look_written",
        "test_a_note_whose_answer_was_lost_stands_there_once",
    }
    assert collected(TestLedgerfile) < collected(Whole)


def test_an_ability_that_there_is_not_is_a_mistake() -> None:
    class Flying(LedgerfileWorld):
        abilities = frozenset({"wings"})  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="Flying declares abilities that there are not: "):
        type("TestFlying", (ConnectorContract,), {"world": Flying})


def test_without_pytest_it_says_what_is_missing_and_arsync_works() -> None:
    program = "import sys; sys.modules['pytest'] = None; import arsync.cli, arsync.{}"
    without = subprocess.run(
        [sys.executable, "-c", program.format("testing")], capture_output=True, text=True, check=False
    )
    assert without.returncode == 1
    said = "arsync.testing is for tests and needs pytest, which is not installed: pip install pytest"
    assert without.stderr.splitlines()[-1] == f"ImportError: {said}"
    subprocess.run([sys.executable, "-c", program.format("runs.run")], check=True)
