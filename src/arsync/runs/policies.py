"""The policy in force for a customer or an invoice of a book, as its records stand."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from arsync.errors import FixSettings
from arsync.policy.in_force import InForce
from arsync.policy.model import Debt, Debtor
from arsync.policy.rules import Policy
from arsync.policy.trace import Traced, trace
from arsync.runs.book import Book
from arsync.runs.people import find_one
from arsync.runs.planning import read_facts
from arsync.store.debtors import known_as
from arsync.store.holds import Match


class Looked(msgspec.Struct, frozen=True):
    """Whom the policy was resolved for, and every value of it with what decides it."""

    debtor: Debtor
    debt: Debt | None
    policy: Policy
    values: list[Traced]


def _debtor(book: Book, debtors: Mapping[str, Debtor], about: Match, debt: Debt | None) -> Debtor:
    """Who pays the invoice, or the customer as it is known, whether it owes something or not."""
    id_ = about.customer_id if debt is None else debt.customer_id
    return debtors.get(id_) or known_as(book.store, book.name, id_)


def look(book: Book, customer: str | None, invoice: str | None) -> Looked:
    """The policy in force for a customer, or for one open invoice. Raises FixSettings for what is not
    one of the book, and for an invoice that is another customer's or has nothing open."""
    payer = None if customer is None else find_one(book, f"customer:{customer}")
    of_invoice = None if invoice is None else find_one(book, f"invoice:{invoice}")
    about = of_invoice or payer
    assert about is not None, "the command asks for one of them"
    facts = read_facts(book, book.today, customers=[about.customer_id], stale=None)
    debt = None
    if of_invoice is not None:
        debt = next((each for each in facts.debts if each.id == of_invoice.id), None)
        if debt is None:
            raise FixSettings(
                f"nothing is open on invoice {of_invoice.label}; a ladder is in force for open ones",
                where="--invoice",
            )
    debtor = _debtor(book, facts.debtors, about, debt)
    if payer is not None and payer.customer_id not in (debtor.id, about.customer_id):
        raise FixSettings(
            f"invoice {about.label} is not one of {payer.label}, but of {about.customer_name}",
            where="--invoice",
        )
    in_force = InForce(book.policy, facts)
    policy = in_force.customer(debtor)
    if debt is not None:
        policy = in_force.debt(debtor, debt, policy)
    return Looked(debtor, debt, policy, trace(book.policy, facts, debtor, debt))
