"""Customers whose figures are not the accounting system's, as the last comparison found them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

import msgspec

from arsync.ledger.tie_out import Difference
from arsync.money import plain
from arsync.store import story
from arsync.store.columns import instant
from arsync.store.database import Store
from arsync.store.fence import Claim
from arsync.store.queries import statements

_SQL = statements("differences")


class KnownDifference(msgspec.Struct, frozen=True):
    """A difference that was found on a day and was not gone when the book was compared last."""

    difference: Difference
    found_on: date


def differences(store: Store, book: str) -> list[KnownDifference]:
    """By customer and currency."""
    return [
        KnownDifference(
            Difference(
                customer_id=customer_id,
                currency=currency,
                ours=ours,
                theirs=theirs,
                causes=tuple(cause.split("\n")) if cause else (),
                home=bool(home),
            ),
            date.fromisoformat(found_on),
        )
        for customer_id, currency, ours, theirs, cause, home, found_on in store.rows(_SQL["known"], (book,))
    ]


def rejected_ids(store: Store, book: str) -> set[tuple[str, str]]:
    """The (entity, id) of the records that could not be understood."""
    return set(store.rows(_SQL["rejected"], (book,)))


def put_differences(
    store: Store,
    claim: Claim,
    found: Iterable[Difference],
    *,
    left_out: Collection[str] = (),
    at: datetime,
    day: date,
) -> None:
    """Take the place of what the last comparison found; what is new and what is gone goes into the story.

    ``left_out`` are customers that could not be compared: what was known of them stays.
    """
    book = claim.book
    with store.writing(claim) as conn:
        known = {
            (it.difference.customer_id, it.difference.currency): it.difference.causes
            for it in differences(store, book)
        }
        before = known.keys()
        now = {(it.customer_id, it.currency): it for it in found}
        gone = {key for key in before - now.keys() if key[0] not in left_out}
        for customer_id, currency in sorted(gone):
            conn.execute(_SQL["forget"], (book, customer_id, currency))
            detail = f"{currency}: the book and the accounting system agree again"
            story.log(conn, book, "tied-out", at=at, day=day, customer_id=customer_id, detail=detail)
        for key, it in sorted(now.items()):
            cause = "\n".join(it.causes or known.get(key, ()))
            row = (book, *key, int(it.home), it.ours, it.theirs, cause, day.isoformat())
            conn.execute(_SQL["put"], row)
            if key not in before:
                story.log(conn, book, "unreconciled", at=at, day=day, customer_id=key[0], detail=in_words(it))
        conn.execute(_SQL["compared"], (instant(at), book))


def in_words(it: Difference) -> str:
    """What differs, in a sentence without its end."""
    sums = f"the book says {plain(it.ours, it.currency)} {it.currency}, the accounting system "
    return sums + f"{plain(it.theirs, it.currency)}" + (f": {'; '.join(it.causes[:3])}" if it.causes else "")
