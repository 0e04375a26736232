"""Facts of a past day: what a plan would have been decided from at its end.

What was owed, the credits, the holds, the agreements, the steps taken, the messages sent, the calls and the
letters are those of that day. Names, addresses, families and the policy are today's: their past is not kept.
Nor are opt-outs that were taken back, and of a hold that was released what was open when it was put.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from arsync.policy.model import Debt, Facts
from arsync.store.agreements import in_force_on
from arsync.store.database import Store
from arsync.store.debtors import Sieve, debtors
from arsync.store.families import Families, families
from arsync.store.opt_outs import opted_out, wants_no_messages
from arsync.store.past import Ledger, ledger_on
from arsync.store.queries import statements
from arsync.store.reached import addresses_of, reached_lately
from arsync.store.reading import EVERYBODY, NOBODY, Steps, climb, of_payers
from arsync.store.standing import standing_holds

_SQL = statements("past")


def facts_on(
    store: Store,
    book: str,
    day: date,
    *,
    addresses: Sieve,
    contact_days: int = 0,
    written_to: Mapping[str, Sequence[str]] = NOBODY,
    zone: str = "UTC",
) -> Facts:
    """The facts of the whole book at the end of a past day; the parameters are those of ``facts``. How
    customers had paid by then is not told."""
    at = {"book": book, "day": day.isoformat()}
    with store.reading() as conn:
        ledger = ledger_on(store, book, day)
        kin = families(conn, book)
        debts = [
            Debt(it.id, it.number, it.customer_id, it.currency, it.due_on, it.owed, it.promised_on)
            for it in ledger.invoices
        ]
        owners = climb(debts, kin)
        invoice_holds, customer_holds = standing_holds(conn, book, day, kin, owners, past=True)
        contacted: dict[tuple[str, str], date] = {}
        for customer, currency, on in conn.execute(_SQL["contacted_on"], at):
            key = kin.payers.get(customer, customer), currency
            contacted[key] = max(date.fromisoformat(on), contacted.get(key, date.min))
        steps = Steps()
        there = {debt.id for debt in debts}
        steps.read(row for row in conn.execute(_SQL["steps_on"], at) if row[0] in there)
        opted = opted_out(conn, book, day)
        everybody = [{"book": book, **EVERYBODY}]
        whom = debtors(conn, book, everybody, debts, kin, addresses, silent=wants_no_messages(opted))
        return Facts(
            debts=debts,
            debtors=whom,
            unapplied=_unapplied(ledger, kin),
            invoice_holds=invoice_holds,
            customer_holds=customer_holds,
            taken=steps.taken,
            contacted=contacted,
            rounds=steps.rounds,
            contacts=reached_lately(
                conn,
                book,
                None,
                addresses_of(whom, written_to),
                days=contact_days,
                until=day,
                zone=ZoneInfo(zone),
                kin=kin,
            ),
            opted_out=opted,
            agreements=of_payers(in_force_on(conn, book, day), kin),
            zone=zone,
        )


def _unapplied(ledger: Ledger, kin: Families) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for credit in ledger.credits:
        key = kin.payers.get(credit.customer_id, credit.customer_id), credit.currency
        found[key] = found.get(key, 0) + credit.remaining
    return {key: remaining for key, remaining in found.items() if remaining > 0}
