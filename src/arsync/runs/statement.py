"""A customer's open items on a day: what a statement of account says."""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec.structs import replace

from arsync.errors import FixSettings
from arsync.ledger import AgingRow, Credit
from arsync.ledger.aging import age
from arsync.runs.aged import aged_invoices
from arsync.runs.book import Book
from arsync.runs.people import find_one
from arsync.store.aging import InvoiceAging
from arsync.store.families import family, payer_of
from arsync.store.past import ledger_now, ledger_on


class Statement(msgspec.Struct, frozen=True):
    """The open invoices and the credits left of one customer and of all that it pays for, and the balance
    in each currency. ``billed_to`` is the customer (id, name) that pays this one's debts, if one does."""

    book: str
    as_of: date
    customer_id: str
    customer_name: str
    billed_to: tuple[str, str] | None
    invoices: list[InvoiceAging]
    credits: list[Credit]
    balances: list[AgingRow]


def statement(book: Book, what: str, day: date) -> Statement:
    """The statement of a customer (name or id), or of the customer whose invoice is named. Raises
    FixSettings for one that the book does not know and for a day to come."""
    if day > book.today:
        raise FixSettings(f"{day} is to come; today is {book.today} in the book {book.name}", where="--as-of")
    match = find_one(book, what)
    ledger = (ledger_on if day < book.today else ledger_now)(book.store, book.name, day)
    payer = payer_of(book.store, book.name, match.customer_id)
    ids = {match.customer_id} if payer else set(family(book.store, book.name, [match.customer_id]))
    credits_ = [it for it in ledger.credits if it.customer_id in ids]
    own = [it for it in ledger.invoices if it.customer_id in ids]
    return Statement(
        book=book.name,
        as_of=day,
        customer_id=match.customer_id,
        customer_name=match.customer_name,
        billed_to=payer,
        invoices=aged_invoices(ledger, ids),
        credits=sorted(credits_, key=lambda it: (it.currency, it.issued_on or date.min, it.kind, it.id)),
        balances=age(
            (replace(it, customer_id=match.customer_id) for it in own),
            (replace(it, customer_id=match.customer_id) for it in credits_),
            day,
        ),
    )
