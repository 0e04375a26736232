"""Instalment plans and settlements as people make, approve and end them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from arsync.errors import FixSettings
from arsync.ledger import Invoice
from arsync.money import plain
from arsync.policy.agreements import Interval, fault, split
from arsync.policy.model import Agreement, Instalment
from arsync.runs.book import Book
from arsync.runs.people import find_one
from arsync.store.agreements import (
    Conceded,
    KeptAgreement,
    approve_agreement,
    conceded_before,
    end_agreement,
    put_agreement,
)
from arsync.store.families import family, payer_of
from arsync.store.invoices import invoices_of, invoices_of_customer


class Made(msgspec.Struct, frozen=True):
    """A new agreement, with what was conceded to the same customer before."""

    kept: KeptAgreement
    before: tuple[Conceded, ...]


class Owing(msgspec.Struct, frozen=True):
    """What an agreement is to be about: one customer's open invoices in one currency, oldest first."""

    customer_id: str
    currency: str
    lines: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(amount for _, amount in self.lines)


class Schedule(msgspec.Struct, frozen=True):
    """Equal instalments: so many from ``first`` on. ``last`` is where the last of them has to fall, where
    somebody said so to be sure."""

    count: int
    first: date
    every: Interval
    last: date | None = None


def owing(book: Book, what: Sequence[str], currency: str | None) -> Owing:
    """What these invoices, or this customer with all that is billed to it, owe.

    Raises FixSettings for what the book does not know, for invoices of several customers, and for several
    currencies where none is named.
    """
    book.complete_state()
    payers: dict[str, str] = {}
    open_: dict[str, Invoice] = {}
    for text in what:
        match = find_one(book, text)
        payer = payer_of(book.store, book.name, match.customer_id)
        payers[payer[0] if payer else match.customer_id] = payer[1] if payer else match.customer_name
        if match.target == "invoice":
            found = list(invoices_of(book.store, book.name, [match.id]).values())
        else:
            whose = [match.id] if payer else family(book.store, book.name, [match.id])
            found = [it for id_ in whose for it in invoices_of_customer(book.store, book.name, id_)]
        owed = [it for it in found if it.owed > 0]
        if not owed:
            raise FixSettings(f"nothing is owed on {match.target} {match.label} in the book {book.name}")
        open_ |= {it.id: it for it in owed}
    if len(payers) > 1:
        raise FixSettings(f"these are invoices of several customers: {', '.join(sorted(payers.values()))}")
    [customer] = payers
    return _in_one_currency(customer, list(open_.values()), currency)


def _in_one_currency(customer: str, owed: list[Invoice], currency: str | None) -> Owing:
    known = sorted({it.currency for it in owed})
    if currency is None and len(known) > 1:
        raise FixSettings(f"it owes in several currencies: {', '.join(known)}; name one", where="--currency")
    if currency is not None and currency not in known:
        raise FixSettings(f"what is owed is in {' and '.join(known)}, not in {currency}")
    chosen = [it for it in owed if it.currency == (currency or known[0])]
    chosen.sort(key=lambda it: (it.due_on or date.max, it.number, it.id))
    return Owing(customer, currency or known[0], tuple((it.id, it.owed) for it in chosen))


def equal(schedule: Schedule) -> Callable[[Owing], tuple[Instalment, ...]]:
    """Instalments of one size over what is owed. Raises FixSettings where it cannot be parted so."""

    def parts(debt: Owing) -> tuple[Instalment, ...]:
        try:
            found = split(debt.total, schedule.count, schedule.first, schedule.every)
        except ValueError as error:
            owed = f"{plain(debt.total, debt.currency)} {debt.currency}"
            raise FixSettings(f"of {owed}: {error}", where="--instalments") from None
        if schedule.last is not None and found[-1].due_on != schedule.last:
            raise FixSettings(
                f"the last instalment falls on {found[-1].due_on}, not on {schedule.last}", where="--last"
            )
        return found

    return parts


def agree_instalments(
    book: Book,
    what: Sequence[str],
    parts: Callable[[Owing], tuple[Instalment, ...]],
    *,
    currency: str | None,
    grace: int,
    broken_after: int,
    note: str,
    owner: str,
) -> Made:
    """An instalment plan, in force at once. Raises FixSettings, and changes nothing, where it does not fit
    what is owed, or where an invoice is under an agreement already."""
    debt = owing(book, what, currency)
    new = Agreement(
        id="",
        kind="instalments",
        customer_id=debt.customer_id,
        currency=debt.currency,
        agreed_on=book.today,
        lines=debt.lines,
        instalments=parts(debt),
        grace=grace,
        broken_after=broken_after,
        note=note,
        owner=owner,
    )
    return _made(book, new)


def propose_settlement(
    book: Book,
    what: Sequence[str],
    *,
    amount: int,
    currency: str,
    until: date,
    note: str,
    owner: str,
) -> Made:
    """A settlement that waits for its approval and holds nothing before. Raises FixSettings likewise."""
    debt = owing(book, what, currency)
    new = Agreement(
        id="",
        kind="settlement",
        customer_id=debt.customer_id,
        currency=debt.currency,
        agreed_on=book.today,
        lines=debt.lines,
        amount=amount,
        until=until,
        note=note,
        owner=owner,
    )
    return _made(book, new)


def _made(book: Book, new: Agreement) -> Made:
    today = book.today
    if problem := fault(new, today):
        raise FixSettings(f"{problem}; nothing was agreed")
    before = tuple(conceded_before(book.store, book.name, new.customer_id))
    return Made(put_agreement(book.store, book.name, new, at=book.clock(), day=today), before)


def approve(book: Book, id_: str, owner: str) -> KeptAgreement:
    """A settlement comes into force. Raises FixSettings where it cannot, or where nobody answers for it."""
    if not owner:
        raise FixSettings("say who approves it", where="--owner")
    return approve_agreement(book.store, book.name, id_, owner=owner, at=book.clock(), day=book.today)


def end(book: Book, id_: str, note: str) -> KeptAgreement:
    """An agreement is taken back; the chase goes on where it stood. Raises FixSettings."""
    return end_agreement(book.store, book.name, id_, note=note, at=book.clock(), day=book.today)
