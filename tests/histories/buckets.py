"""The aged receivables three ways, against a count by hand of the book's own invoices and credits."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from truth import Books, Owed

from arsync.ledger import Credit, Invoice
from arsync.ledger.aging import age
from arsync.store import Store
from arsync.store.aging import aging_by_book, aging_by_customer, aging_by_invoice

Sums = dict[tuple[str, str], list[int]]  # by customer and currency: five buckets, and the unapplied


def check_aging(store: Store, book: str, today: date, seen: Books) -> None:
    """Raises AssertionError where two of them differ, or buckets do not add up."""
    expected = _by_hand(seen, today)
    customers = [row.balance for row in aging_by_customer(store, book, today)]
    assert {(r.customer_id, r.currency): [*r.buckets, r.unapplied] for r in customers} == expected
    assert len(customers) == len(expected)
    for row in customers:
        total = sum(o.open for o in seen.invoices.values() if (o.customer, o.currency) == _key(row))
        assert row.open == total == row.overdue + row.buckets[0]
        assert row.net == total - row.unapplied
    names = {row.balance.customer_id: row.name for row in aging_by_customer(store, book, today)}
    assert all(names[id_] == seen.people[id_].name for id_ in names if id_ in seen.people)

    invoices: Sums = defaultdict(lambda: [0] * 6)
    for one in aging_by_invoice(store, book, today):
        labels = ["current", "1-30", "31-60", "61-90", "91+"]
        invoices[one.customer_id, one.currency][labels.index(one.bucket)] += one.open
    without_credits = {key: [*sums[:5], 0] for key, sums in expected.items() if any(sums[:5])}
    assert dict(invoices) == without_credits

    whole: dict[str, list[int]] = defaultdict(lambda: [0] * 6)
    for (_, currency), sums in expected.items():
        whole[currency] = [a + b for a, b in zip(whole[currency], sums, strict=True)]
    books = {r.currency: [*r.buckets, r.unapplied] for r in aging_by_book(store, book, today)}
    assert books == dict(whole)

    pure = age(*_records(seen), today)
    assert {(r.customer_id, r.currency): [*r.buckets, r.unapplied] for r in pure} == expected


def _key(row: object) -> tuple[str, str]:
    return row.customer_id, row.currency  # type: ignore[attr-defined]


def _by_hand(seen: Books, today: date) -> Sums:
    sums: Sums = defaultdict(lambda: [0] * 6)
    for owed in seen.invoices.values():
        sums[owed.customer, owed.currency][_place(owed, today)] += owed.open
    for left in seen.credits.values():
        sums[left.customer, left.currency][5] += left.remaining
    return dict(sums)


def _place(owed: Owed, today: date) -> int:
    late = 0 if owed.due is None else (today - owed.due).days
    return 0 if late < 1 else 1 if late < 31 else 2 if late < 61 else 3 if late < 91 else 4


def _records(seen: Books) -> tuple[list[Invoice], list[Credit]]:
    invoices = [
        Invoice(
            id=id_,
            number=owed.number,
            customer_id=owed.customer,
            currency=owed.currency,
            total=owed.open,
            open=owed.open,
            due_on=owed.due,
        )
        for id_, owed in seen.invoices.items()
    ]
    credits_ = [
        Credit(
            id=id_,
            kind=kind,  # type: ignore[arg-type]
            customer_id=left.customer,
            currency=left.currency,
            remaining=left.remaining,
        )
        for (kind, id_), left in seen.credits.items()
    ]
    return invoices, credits_
