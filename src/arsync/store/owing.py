"""What is open on an invoice or of a customer this moment, and whether an amount can be held of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Literal

import msgspec

from arsync.errors import FixSettings
from arsync.money import plain
from arsync.policy.model import HoldReason
from arsync.policy.promises import CREDIT
from arsync.store.families import families
from arsync.store.queries import statements

Target = Literal["invoice", "customer"]

_SQL = statements("holds")


class Open(msgspec.Struct, frozen=True):
    """An open invoice with what is owed on it."""

    invoice_id: str
    currency: str
    open: int


def open_of(conn: sqlite3.Connection, book: str, target: Target, target_id: str) -> list[Open]:
    """The open invoice, or those of a customer and of all whose debts are billed up to it."""
    if target == "invoice":
        return [Open(*row) for row in conn.execute(_SQL["open_of_invoice"], (book, target_id))]
    kin = families(conn, book, [target_id])
    below = [it for it in kin.payers if it != target_id and target_id in (kin.payers[it], *kin.way(it))]
    whose = (target_id, *sorted(below))
    return [Open(*row) for id_ in whose for row in conn.execute(_SQL["open_of_customer"], (book, id_))]


def check_amount(
    owed: Sequence[Open],
    name: str,
    target: Target,
    reason: HoldReason,
    amount: int | None,
    currency: str,
) -> None:
    """Raises FixSettings where a promise or an amount, in minor units, does not fit what is owed. ``name``
    is how the target is called there."""
    if reason == "promised" and target == "invoice" and not owed:
        raise FixSettings(f"nothing is owed on {name}, so nothing can be promised", where="--reason")
    if amount is None:
        return
    if reason not in ("promised", "disputed"):
        raise FixSettings(f"an amount can be promised or disputed, not {reason}", where="--amount")
    if reason == "disputed" and target == "customer":
        raise FixSettings(
            "a part can be disputed of an invoice alone; name the invoice, or leave the amount out to hold "
            "all that the customer owes",
            where="--amount",
        )
    if amount <= 0:
        raise FixSettings("an amount is above zero", where="--amount")
    parts = [it.open for it in owed if it.currency == currency]
    if not parts:
        currencies = " and ".join(sorted({it.currency for it in owed}))
        problem = f"is owed in {currencies}, not in {currency}" if owed else "owes nothing"
        raise FixSettings(f"{name} {problem}", where="--amount")
    if amount > (most := sum(parts)):
        sums = f"{plain(amount, currency)} {currency} is more than the {plain(most, currency)} {currency}"
        raise FixSettings(f"{sums} open on {name}", where="--amount")


def lines_of(
    conn: sqlite3.Connection, book: str, target: Target, target_id: str, owed: Sequence[Open], currency: str
) -> list[tuple[str, int]]:
    """What a promise is measured by, by invoice: what is open of all that it is about, in one currency
    or ('') in all. A customer's promise in one currency has its family's unapplied credit beside it,
    below zero under the id `CREDIT`: what was there before is not what was promised."""
    lines = [(it.invoice_id, it.open) for it in owed if currency in ("", it.currency)]
    if target == "customer" and currency:
        members = families(conn, book, [target_id]).members([target_id])
        each = [conn.execute(_SQL["credit_of"], (book, it, currency)).fetchone()[0] for it in members]
        lines.append((CREDIT, -max(sum(each), 0)))
    return lines
