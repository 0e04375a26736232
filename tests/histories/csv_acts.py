"""What happens in a list of invoices: each word of a history, as changes of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import vocabulary as v
from vocabulary import among, share

if TYPE_CHECKING:
    from csv_world import CsvWorld

OPEN, PAID, VOID, DRAFT = "Open", "Paid", "Void", "Draft"


@dataclass
class Payer:
    """``key`` is the customer's number in that other system."""

    key: str
    name: str
    address: int


@dataclass
class Row:
    """Amounts in minor units, below zero for a credit."""

    key: str
    number: str
    payer: Payer
    currency: str
    issued: date
    due: date | None
    total: int
    open: int
    status: str = OPEN
    file: int = 0
    spoilt: bool = False


def act(world: CsvWorld, event: v.Event) -> bool:
    done = _people(world, event)
    if done is None:
        done = _invoices(world, event)
    return bool(_money(world, event) if done is None else done)


def _people(world: CsvWorld, event: v.Event) -> bool | None:
    match event:
        case v.NewCustomer():
            number = world.number()
            world.payers.append(Payer(f"C{number}", f"Kundin Ä{number}", event.address))
            return True
        case v.Rename(customer) if found := among(world.payers, customer):
            found.name = f"Renamed {world.number()}"
            return True
        case v.Readdress(customer, address) if found := among(world.payers, customer):
            found.address = address
            return True
    return None


def _invoices(world: CsvWorld, event: v.Event) -> bool | None:
    match event:
        case v.Bill() if who := among(world.payers, event.customer):
            row = _add(world, who, event.amount, _currency(world, event.currency), event.due)
            row.status = DRAFT if event.draft else OPEN
            return True
        case v.Batch() if who := among(world.payers, event.customer):
            for more in range(event.count):
                _add(world, who, 1000 + 10 * more, world.home, event.due)
            return True
        case v.Void(invoice) if found := _open(world, invoice):
            found.status = VOID
            return True
        case v.Delete(invoice) if found := among(world.rows, invoice):
            _remove(world, found)
            return True
        case v.Redate(invoice, due) if found := _open(world, invoice):
            found.due = world.day(due)
            return True
        case v.Renumber(invoice) if found := _open(world, invoice):
            found.number = f"R-{world.number()}"
            return True
        case v.Enlarge(invoice, by) if found := _open(world, invoice):
            found.total, found.open = found.total + by, found.open + by
            return True
        case v.Spoil(invoice) if found := among([row for row in world.rows if row.open > 0], invoice):
            found.spoilt = not found.spoilt
            return True
        case v.Shuffle(files, style):
            world.files, world.style = files, style
            for position, row in enumerate(world.rows):
                row.file = position % files
            return True
    return None


def _money(world: CsvWorld, event: v.Event) -> bool | None:
    match event:
        case v.Pay(invoice, percent) if found := _open(world, invoice):
            part = share(found.open, percent)
            more = part - found.open
            _pay(world, found, min(part, found.open))
            if more > 0:
                _add(world, found.payer, -more, found.currency, None)
            return True
        case v.Payday(each):
            paid = [row for row in world.rows if _is_open(row)][::each]
            for row in paid:
                _pay(world, row, row.open)
            return bool(paid)
        case v.Bounce(payment) if world.payments:
            row, part = world.payments.pop(payment % len(world.payments))
            row.open += part
            row.status = OPEN if row.status == PAID else row.status
            return True
        case v.Deposit(customer, amount) | v.Credit(customer, amount):
            who = among(world.payers, customer)
            if who is not None:
                _add(world, who, -amount, _currency(world, event.currency), None)
            return who is not None
        case v.Apply(credit, invoice, percent):
            return _apply(world, credit, invoice, percent)
        case v.Withdraw(credit) if found := among([row for row in world.rows if row.total < 0], credit):
            _remove(world, found)
            return True
    return False


def _apply(world: CsvWorld, credit: int, invoice: int, percent: int) -> bool:
    found = among([row for row in world.rows if row.open < 0], credit)
    if found is None:
        return False
    theirs = (found.payer, found.currency)
    debt = among([r for r in world.rows if _is_open(r) and (r.payer, r.currency) == theirs], invoice)
    if debt is None:
        return False
    used = min(share(min(-found.open, debt.open), percent), -found.open, debt.open)
    found.open += used
    debt.open -= used
    return True


def _pay(world: CsvWorld, row: Row, part: int) -> None:
    row.open -= part
    row.status = OPEN if row.open else PAID
    world.payments.append((row, part))


def _add(world: CsvWorld, who: Payer, amount: int, currency: str, due: int | None) -> Row:
    number = world.number()
    row = Row(
        key=f"X{number}",
        number=f"N-{number}",
        payer=who,
        currency=currency,
        issued=world.today(),
        due=world.day(due),
        total=amount,
        open=amount,
        file=number % world.files,
    )
    world.rows.append(row)
    return row


def _remove(world: CsvWorld, row: Row) -> None:
    world.rows = [each for each in world.rows if each is not row]
    world.payments = [(each, part) for each, part in world.payments if each is not row]


def _currency(world: CsvWorld, number: int) -> str:
    return v.CURRENCIES[number] if world.setting.foreign else world.home


def _is_open(row: Row) -> bool:
    return row.open > 0 and row.status == OPEN and not row.spoilt


def _open(world: CsvWorld, number: int) -> Row | None:
    return among([row for row in world.rows if _is_open(row)], number)
