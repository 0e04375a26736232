"""A company with old debts in a book for which nothing was decided, and what a go-live may write of it.

The policy climbs first reminder (1 day after due), second reminder (10), final notice (40) and hand over
(60, a task); Monday to Friday, 5 days between letters.
"""

from __future__ import annotations

from typing import Any

from loop_desk import Desk
from loop_ledgers import Ledger


def company(ledger: Ledger, *debts: tuple[str, str, int]) -> None:
    """Customers with a debt each, in a book for which nothing was decided: name, amount, days overdue."""
    for number, (name, amount, overdue) in enumerate(debts, 1001):
        customer = ledger.customer(name, f"ap@{name.lower()}.example")
        ledger.invoice(customer, amount, overdue=overdue, number=str(number))
    ledger.write(golive=None)
    ledger.desk.ok("sync")


OLD = (("Five", "100.00", 5), ("Fifty", "200.00", 50), ("Ages", "300.00", 500), ("New", "400.00", -20))


def steps(desk: Desk) -> dict[str, str]:
    """What each customer would hear today, or why it is held."""
    plan = desk.plan()
    found = {it["customer"]["name"]: it["step"] for it in plan["messages"]}
    return found | {it["customer"]["name"]: it["reason"] for it in plan["holds"]}


def state(desk: Desk) -> tuple[Any, ...]:
    """Everything that a go-live may write."""
    return (
        desk.rows("SELECT live_on, joined, reminders FROM books"),
        desk.rows("SELECT invoice_id, step, how, on_day FROM steps_taken ORDER BY 1, 2"),
        desk.rows("SELECT target, reason, until, note, owner FROM holds ORDER BY 1, 2, 3"),
        desk.rows("SELECT what FROM events"),
    )


NOTHING: tuple[Any, ...] = ([(None, None, None)], [], [], [])
