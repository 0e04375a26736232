"""Whether the book says what the accounting system says: per customer and currency, and why not. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from fractions import Fraction
from typing import Literal, NamedTuple

import msgspec

from arsync.ledger.home import half_up, worth
from arsync.ledger.records import Credit, CreditKind, Invoice
from arsync.money import plain

# Kinds that Xero's contact balance may or may not be less by already.
_APART = frozenset({"overpayment", "prepayment"})


class AgedItem(msgspec.Struct, frozen=True, gc=False):
    """One item of the accounting system's own aged receivables, in minor units; credits are below zero.

    A ``charge`` raises what is owed and is no invoice, such as a journal entry's debit: it is never
    chased, and the book does not hold it.
    """

    kind: Literal["invoice", "charge"] | CreditKind
    id: str
    amount: int
    number: str = ""


class AgedBalance(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a customer owes by the accounting system: invoices and charges less credits, in minor units.

    ``items`` is what it is made of, where the system tells. ``home``: it is everything of the
    customer's, converted to the company's currency. ``apart`` is credit of which it is not known
    whether ``amount`` is already less by it.
    """

    customer_id: str
    currency: str
    amount: int
    items: tuple[AgedItem, ...] = ()
    home: bool = False
    apart: int = 0


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A customer whose figures are not the accounting system's, in minor units: what is open less what
    is unapplied, by this book and by the system. ``causes`` are sentences, as far as they can be told."""

    customer_id: str
    currency: str
    ours: int
    theirs: int
    causes: tuple[str, ...]
    home: bool = False


class TieOut(msgspec.Struct, frozen=True):
    """The outcome of a comparison of a whole book.

    ``compared`` counts balances of a customer in a currency. ``charges`` are amounts by customer and
    currency that are owed by entries that are no invoices. ``unrated`` are customers that could not be
    compared, for want of a rate of their foreign documents.
    """

    compared: int
    differences: tuple[Difference, ...]
    charges: Mapping[tuple[str, str], int]
    unrated: tuple[str, ...] = ()


class _Own(msgspec.Struct):
    """The book's own invoices and credits of one customer (in one currency, where it is compared so)."""

    invoices: list[Invoice]
    credits: list[Credit]

    @property
    def net(self) -> int:
        return sum(it.owed for it in self.invoices) - sum(it.remaining for it in self.credits)

    @property
    def documents(self) -> list[Invoice | Credit]:
        return [*self.invoices, *self.credits]


def tie_out(
    invoices: Iterable[Invoice],
    credits_: Iterable[Credit],
    theirs: Iterable[AgedBalance],
    *,
    rejected: Collection[tuple[str, str]] = (),
) -> TieOut:
    """Compare what a book holds with the system's own balances; a customer named in neither is at zero.

    ``rejected`` are the (entity, id) of records that could not be understood: a cause for a difference.
    """
    balances = list(theirs)
    if balances and balances[0].home:
        return _converted(invoices, credits_, balances)
    own: dict[tuple[str, str], _Own] = {}
    for invoice in invoices:
        if invoice.owed > 0:
            own.setdefault((invoice.customer_id, invoice.currency), _Own([], [])).invoices.append(invoice)
    for credit in credits_:
        if credit.remaining:
            own.setdefault((credit.customer_id, credit.currency), _Own([], [])).credits.append(credit)
    told = {(it.customer_id, it.currency): it for it in balances}
    differences, charges = [], {}
    for customer_id, currency in sorted(own.keys() | told.keys()):
        key = (customer_id, currency)
        balance = told.get(key) or AgedBalance(customer_id=customer_id, currency=currency, amount=0)
        if charge := sum(it.amount for it in balance.items if it.kind == "charge"):
            charges[key] = charge
        found = _compared(own.get(key) or _Own([], []), balance, balance.amount - charge, set(rejected))
        if found is not None:
            differences.append(found)
    return TieOut(len(own.keys() | told.keys()), tuple(differences), charges)


def _compared(
    own: _Own, balance: AgedBalance, theirs: int, rejected: Collection[tuple[str, str]]
) -> Difference | None:
    """The sums have to agree, and each invoice of the book: two errors that cancel out are two."""
    moved = _invoices_that_differ(own, balance)
    raised = {it.id for it in balance.items if it.amount > 0}
    absent = raised and any(it.id not in raised for it in own.invoices)
    if own.net == theirs and not moved and not absent:
        return None
    causes = [*moved, *(_missing(own, balance, rejected) if balance.items or own.net else ())]
    return Difference(
        customer_id=balance.customer_id,
        currency=balance.currency,
        ours=own.net,
        theirs=theirs,
        causes=tuple(causes),
    )


def _invoices_that_differ(own: _Own, balance: AgedBalance) -> list[str]:
    return amounts_that_differ(
        own.invoices, {it.id: it.amount for it in balance.items if it.kind == "invoice"}
    )


def amounts_that_differ(invoices: Iterable[Invoice], named: Mapping[str, int]) -> list[str]:
    """A sentence for each invoice that the system has another open amount for; ``named`` is by id."""
    return [
        f"invoice {it.number or it.id}: {plain(it.owed, it.currency)} in the book, "
        f"{plain(named[it.id], it.currency)} in the accounting system"
        for it in invoices
        if it.id in named and named[it.id] != it.owed
    ]


def _missing(own: _Own, balance: AgedBalance, rejected: Collection[tuple[str, str]]) -> list[str]:
    """What one side has and the other has not."""
    currency, causes = balance.currency, []
    theirs: dict[tuple[str, str], AgedItem] = {
        (it.kind, it.id): it for it in balance.items if it.kind != "charge"
    }
    ours: dict[tuple[str, str], tuple[str, int]] = {
        ("invoice", it.id): (it.number, it.owed) for it in own.invoices
    }
    ours |= {(it.kind, it.id): (it.number, -it.remaining) for it in own.credits}
    for entry, (number, amount) in ours.items():
        if entry not in theirs:
            what = f"{_noun(entry[0])} {number or entry[1]} of {plain(abs(amount), currency)}"
            causes.append(f"{what} is open in the book, not in the accounting system")
        elif entry[0] != "invoice" and theirs[entry].amount != amount:
            causes.append(
                f"{_noun(entry[0])} {number or entry[1]}: {plain(-amount, currency)} left in the book, "
                f"{plain(-theirs[entry].amount, currency)} in the accounting system"
            )
    for entry, it in theirs.items():
        if entry not in ours:
            what = f"{_noun(it.kind)} {it.number or it.id} of {plain(abs(it.amount), currency)}"
            entity = "invoice" if it.kind == "invoice" else "credit"
            unread = (entity, it.id) in rejected
            why = (
                "could not be understood (`arsync rejects` shows it)" if unread else "is not open in the book"
            )
            causes.append(f"{what} {why}")
    return causes


def _noun(kind: str) -> str:
    return kind.replace("-", " ")


# Balances in the home currency -------------------------------------------------------------------


def _converted(
    invoices: Iterable[Invoice], credits_: Iterable[Credit], balances: list[AgedBalance]
) -> TieOut:
    """Whether the balances are less by over- and prepayments already, and whether foreign amounts are
    converted in them or stand as they are, is not promised (Xero's own pages say both): of the four
    readings the one counts, for the whole book, that leaves the fewest differences."""
    home = balances[0].currency
    own: dict[str, _Own] = {}
    for invoice in invoices:
        if invoice.owed > 0:
            own.setdefault(invoice.customer_id, _Own([], [])).invoices.append(invoice)
    for credit in credits_:
        if credit.remaining:
            own.setdefault(credit.customer_id, _Own([], [])).credits.append(credit)
    told = {it.customer_id: it for it in balances}
    unrated = [id_ for id_, mine in sorted(own.items()) if not _rated(mine, home)]
    pairs = [
        (own.get(id_) or _Own([], []), told.get(id_) or AgedBalance(customer_id=id_, currency=home, amount=0))
        for id_ in sorted((own.keys() | told.keys()).difference(unrated))
    ]
    readings = [_Reading(less, converted) for converted in (True, False) for less in (True, False)]
    found = [[it for pair in pairs if (it := _compared_in_home(*pair, home, how))] for how in readings]
    fewest = min(found, key=lambda differences: len(differences))
    return TieOut(len(pairs), tuple(fewest), {}, tuple(unrated))


class _Reading(NamedTuple):
    """What the balances are: ``less`` by over- and prepayments, ``converted`` to the home currency."""

    less: bool
    converted: bool


def _rated(own: _Own, home: str) -> bool:
    return all(worth(it.rate, it.currency, home) is not None for it in own.documents)


def _compared_in_home(own: _Own, balance: AgedBalance, home: str, how: _Reading) -> Difference | None:
    """Each foreign document may have been rounded by itself: a unit of slack for each of them. Over- and
    prepayments are compared by themselves."""

    def one(it: Invoice | Credit) -> Fraction:
        return worth(it.rate if how.converted else "1", it.currency, home) or Fraction(0)

    foreign = sum(1 for it in own.documents if it.currency != home)
    slack = foreign if how.converted else 0
    owed, apart = _sums(own, one)
    theirs = balance.amount if how.less else balance.amount - balance.apart
    causes = []
    if abs(apart - balance.apart) > slack and (how.converted or not foreign):
        causes.append(
            f"over- and prepayments: {plain(half_up(apart), home)} left in the book, "
            f"{plain(balance.apart, home)} in the accounting system"
        )
    same = abs(owed - apart - theirs) <= slack
    if not how.converted and not how.less:
        same = owed == balance.amount
    if same and not causes:
        return None
    return Difference(
        customer_id=balance.customer_id,
        currency=home,
        ours=half_up(owed - apart),
        theirs=theirs,
        causes=tuple(causes),
        home=True,
    )


def _sums(own: _Own, one: Callable[[Invoice | Credit], Fraction]) -> tuple[Fraction, Fraction]:
    """What is owed less credit notes, and the over- and prepayments left; ``one`` converts."""
    owed = sum((it.owed * one(it) for it in own.invoices), Fraction(0))
    apart = Fraction(0)
    for it in own.credits:
        if it.kind in _APART:
            apart += it.remaining * one(it)
        else:
            owed -= it.remaining * one(it)
    return owed, apart
