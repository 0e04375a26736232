"""What the aging report's items are: credits of customers, and everything that they owe. Pure.

No query finds unapplied payments (UnappliedAmt cannot be queried) or what is left of a journal
entry; the report lists them all, in the words of the company's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from arsync.errors import Refused
from arsync.ledger import AgedBalance, AgedItem, Credit, CreditKind, Reject
from arsync.money import minor
from arsync_quickbooks.report import Line, Odd, Table

# The words of the languages that QuickBooks Online is offered in with this report; whatever else
# lowers a customer's account (a deposit, a cheque) is a ledger entry like a journal's.
_CREDITS: Mapping[str, CreditKind] = {
    "payment": "payment",
    "paiement": "payment",
    "pago": "payment",
    "credit memo": "credit-note",
    "credit note": "credit-note",
    "note de crédit": "credit-note",
    "avoir": "credit-note",
    "nota de crédito": "credit-note",
}
_INVOICES = frozenset({"invoice", "tax invoice", "facture", "factura"})
# Of what raises an account and is no invoice only the commonest: it tells that the language is known.
_ENTRIES = frozenset({"journal entry", "écriture de journal", "entrée de journal", "asiento contable"})
_KNOWN = _INVOICES | _ENTRIES | _CREDITS.keys()

_Kind = Literal["invoice", "charge"] | CreditKind


class Credits(msgspec.Struct):
    """What a report says is left of the customers' credits; ``home`` is the currency of its sums."""

    home: str
    credits: list[Credit]
    rejects: list[Reject]


def credits_of(table: Table) -> Credits:
    """All rows that lower a customer's account: one credit each, the lines of one entry together.

    They bear no stamp: a report tells what is left now, whenever that came about.
    """
    parts: dict[tuple[str, str, str], Credit] = {}
    rejects = []
    for row in table:
        if isinstance(row, Line) and row.amount >= 0:
            continue
        try:
            credit = _credit(_read(row))
        except ValueError as error:
            rejects.append(Reject(entity="credit", id=None, reason=str(error), raw=row.raw.decode()))
            continue
        key = (credit.kind, credit.id, credit.currency)
        if key in parts:
            remaining = parts[key].remaining + credit.remaining
            credit = msgspec.structs.replace(parts[key], remaining=remaining)
        parts[key] = credit
    return Credits(table.home, list(parts.values()), rejects)


def aged_of(table: Table) -> list[AgedBalance]:
    """What each customer owes in each currency, and what that is made of.

    A row that raises the account and bears an unknown word is a charge where another word of the
    report is known: its language is, then, and an invoice would have been recognised. In a language
    that is not known it is an invoice, as most are. Where either is wrong, the customer's figures
    differ from the book's, and nobody is chased for the difference.

    Raises Refused where a row cannot be read: nothing is proven by a part of a report.
    """
    accounts: dict[tuple[str, str], dict[tuple[_Kind | None, str], _Part]] = {}
    odd: list[str] = []
    language_known = False
    for row in table:
        try:
            line = _read(row)
            who, what, units = _named(line)
        except ValueError as error:
            odd.append(str(error))
            continue
        language_known = language_known or _word(line) in _KNOWN
        kind = _kind(line)
        account = accounts.setdefault((who, line.currency), {})
        part = account.setdefault((kind, _id(kind, what, who)), _Part(line.number))
        part.units += units
    if odd:
        rows = f"{len(odd)} rows" if len(odd) > 1 else "a row"
        raise Refused(f"QuickBooks' aging report has {rows} that cannot be read: {odd[0]}")
    other: _Kind = "charge" if language_known else "invoice"
    return [
        _balance(who, currency, [(kind or other, id_, part) for (kind, id_), part in account.items()])
        for (who, currency), account in accounts.items()
    ]


class _Part(msgspec.Struct):
    number: str
    units: int = 0


def _balance(who: str, currency: str, parts: Sequence[tuple[_Kind, str, _Part]]) -> AgedBalance:
    items = tuple(AgedItem(kind, id_, part.units, part.number) for kind, id_, part in parts if part.units)
    return AgedBalance(
        customer_id=who, currency=currency, amount=sum(item.amount for item in items), items=items
    )


def _read(row: Line | Odd) -> Line:
    if isinstance(row, Odd):
        raise ValueError(row.reason)
    return row


def _named(line: Line) -> tuple[str, str, int]:
    """Customer, transaction and minor units of a line. Raises ValueError."""
    if not line.who.id or not line.what.id:
        raise ValueError("it does not tell its customer and its transaction")
    return line.who.id, line.what.id, minor(line.amount, line.currency)


def _word(line: Line) -> str:
    return (line.what.value or "").strip().casefold()


def _kind(line: Line) -> _Kind | None:
    """What a line is; None for one that raises the account and bears an unknown word."""
    word = _word(line)
    if line.amount < 0:
        return _CREDITS.get(word, "journal")
    if word in _INVOICES:
        return "invoice"
    return "charge" if word in _KNOWN else None


def _id(kind: _Kind | None, what: str, who: str) -> str:
    """A journal entry may credit several customers: each one's share is a credit of its own."""
    return f"{what}:{who}" if kind == "journal" else what


def _credit(line: Line) -> Credit:
    who, what, units = _named(line)
    kind = _CREDITS.get(_word(line), "journal")
    return Credit(
        id=_id(kind, what, who),
        kind=kind,
        customer_id=who,
        currency=line.currency,
        remaining=-units,
        number=line.number,
        issued_on=line.on,
    )
