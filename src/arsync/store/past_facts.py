"""Facts of a past day: what a plan would have been decided from at its end.

What was owed, the credits, the holds, the steps taken and the messages sent are those of that day.
Names, addresses, families and the policy are today's: their past is not kept.
"""

from __future__ import annotations

from datetime import date

from arsync.policy.model import Debt, Facts, Taken
from arsync.store.database import Store
from arsync.store.debtors import Sieve, debtors
from arsync.store.families import Families, families
from arsync.store.past import Ledger, ledger_on
from arsync.store.queries import statements
from arsync.store.reading import EVERYBODY, climb, holds

_SQL, _HOLDS = statements("past"), statements("holds")


def facts_on(store: Store, book: str, day: date, *, addresses: Sieve) -> Facts:
    """The facts of the whole book at the end of a past day; ``addresses`` as for ``facts``."""
    at = {"book": book, "day": day.isoformat()}
    with store.reading() as conn:
        ledger = ledger_on(store, book, day)
        kin = families(conn, book)
        debts = [
            Debt(it.id, it.number, it.customer_id, it.currency, it.due_on, it.owed, it.promised_on)
            for it in ledger.invoices
        ]
        owners = climb(debts, kin)
        invoice_holds, customer_holds = holds(conn.execute(_HOLDS["holds_on"], at), kin, owners)
        contacted: dict[tuple[str, str], date] = {}
        for customer, currency, on in conn.execute(_SQL["contacted_on"], at):
            key = kin.payers.get(customer, customer), currency
            contacted[key] = max(date.fromisoformat(on), contacted.get(key, date.min))
        return Facts(
            debts=debts,
            debtors=debtors(conn, book, [{"book": book, **EVERYBODY}], debts, kin, addresses),
            unapplied=_unapplied(ledger, kin),
            invoice_holds=invoice_holds,
            customer_holds=customer_holds,
            # in order of their offsets: the furthest of an invoice is the last
            taken={
                invoice: Taken(step, offset) for invoice, step, offset in conn.execute(_SQL["steps_on"], at)
            },
            contacted=contacted,
        )


def _unapplied(ledger: Ledger, kin: Families) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for credit in ledger.credits:
        key = kin.payers.get(credit.customer_id, credit.customer_id), credit.currency
        found[key] = found.get(key, 0) + credit.remaining
    return {key: remaining for key, remaining in found.items() if remaining > 0}
