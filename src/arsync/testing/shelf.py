"""What a store makes of the pages of pulls: the state that two ways of reading are compared by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from arsync.connector import Page
from arsync.ledger import Credit, Customer, Invoice

# The ledger as plain values: what is owed, what is left of credits, and who the debtors are.
View = tuple[dict[str, tuple[Any, ...]], dict[tuple[str, str], tuple[Any, ...]], dict[str, tuple[Any, ...]]]


class Shelf:
    """The latest of each record; what a complete full pull did not mention is closed."""

    def __init__(self, pages: Iterable[Page] = ()) -> None:
        self.customers: dict[str, Customer] = {}
        self.invoices: dict[str, Invoice] = {}
        self.credits: dict[tuple[str, str], Credit] = {}
        self._mentioned: set[object] | None = None
        self.take(pages)

    def take(self, pages: Iterable[Page]) -> Shelf:
        for page in pages:
            self._take(page)
        return self

    def _take(self, page: Page) -> None:
        self.customers |= {each.id: each for each in page.customers}
        self.invoices |= {each.id: each for each in page.invoices}
        there = {(each.kind, each.id): each for each in page.credits}
        kept = {key: each for key, each in self.credits.items() if each.kind not in page.all_of}
        self.credits = kept | there
        for gone in page.gone:
            match gone.entity:
                case "customer":
                    self.customers.pop(gone.id, None)
                case "invoice":
                    self.invoices.pop(gone.id, None)
                case "credit":
                    self.credits.pop((gone.kind or "", gone.id), None)
        if page.full and (page.afresh or self._mentioned is None):
            self._mentioned = set()
        if self._mentioned is not None:
            self._mentioned |= {each.id for each in page.invoices}
            self._mentioned |= {(each.kind, each.id) for each in page.credits}
            # That a row could not be read does not mean that it is not owed.
            self._mentioned |= {each.id for each in page.rejects}
        if page.last:
            if page.full and self._mentioned is not None:
                self._close(self._mentioned)
            self._mentioned = None

    def _close(self, mentioned: set[object]) -> None:
        self.invoices = {id_: each for id_, each in self.invoices.items() if id_ in mentioned}
        self.credits = {
            key: each for key, each in self.credits.items() if key in mentioned or key[1] in mentioned
        }

    def owed(self) -> dict[str, int]:
        """Open minor units by invoice, of those of which something is owed."""
        return {each.id: each.owed for each in self.invoices.values() if each.owed}

    def left(self) -> dict[str, int]:
        """What is left of each credit, in minor units."""
        return {each.id: each.remaining for each in self.credits.values() if each.remaining}

    def view(self) -> View:
        """All that matters for who owes what. Paid, closed and deleted invoices are all the same in it."""
        owed = {
            each.id: (each.customer_id, each.currency, each.total, each.owed, each.number, each.due_on)
            for each in self.invoices.values()
            if each.owed
        }
        left = {
            key: (each.customer_id, each.currency, each.remaining)
            for key, each in self.credits.items()
            if each.remaining
        }
        debtors = {each[0] for each in (*owed.values(), *left.values())}
        people = {
            each.id: (
                *(each.name, each.emails, each.cc, each.active),
                *(each.country, each.subdivision, each.groups),
            )
            for each in self.customers.values()
            if each.id in debtors
        }
        return owed, left, people
