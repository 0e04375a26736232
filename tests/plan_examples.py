"""Small plans of one customer, on Wednesday 2027-03-10, for the examples of the rules.

`DAILY` is a ladder of heads-up (-3), first reminder (+1), second reminder (+14), final notice (+30)
and hand over (+60, a task), with 5 days between two messages and no other limit.
"""

from __future__ import annotations

from datetime import date, timedelta

from arsync.policy.model import Debt, Debtor, Facts, Message, Plan, Taken
from arsync.policy.plan import plan
from arsync.policy.rules import Policy
from day_book import DAILY, day, told

TODAY = day("03-10")
QUILL = Debtor("c1", "Quill", ("ap@quill.example",), ("cc@quill.example",))
FIRST, SECOND, FINAL = Taken("first reminder", 1), Taken("second reminder", 14), Taken("final notice", 30)


def debt(number: str, late: int | None, open_: int = 100_00, **fields: object) -> Debt:
    """An invoice this many days late today; None has no due date."""
    due_on = None if late is None else TODAY - timedelta(days=late)
    values = {"customer_id": "c1", "currency": "GBP", **fields}
    return Debt(id=f"id-{number}", number=number, due_on=due_on, open=open_, **values)  # type: ignore[arg-type]


def planned(*debts: Debt, policy: Policy = DAILY, today: date = TODAY, **facts: object) -> Plan:
    values = {"debtors": {"c1": QUILL}, **facts}
    return plan("b", Facts(debts=debts, **values), policy, today)  # type: ignore[arg-type]


def letters(made: Plan) -> list[str]:
    return [told(message) for message in made.messages]


def tasks(made: Plan) -> list[str]:
    return [told(task) for task in made.tasks]


def only(made: Plan) -> Message:
    (message,) = made.messages
    return message
