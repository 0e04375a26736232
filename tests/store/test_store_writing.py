"""One transaction for what belongs together: one that is begun inside another is part of it."""

from __future__ import annotations

import pytest
from store_samples import AT

from arsync.errors import LostLease
from arsync.store import Claim, Store
from arsync.store.leases import release


def books(store: Store) -> list[str]:
    return [name for (name,) in store.rows("SELECT book FROM books ORDER BY book")]


def put(store: Store, name: str, claim: Claim | None = None) -> None:
    with store.writing(claim) as conn:
        conn.execute("INSERT INTO books (book, connector) VALUES (?, 'csv')", (name,))


def put_two(store: Store, claim: Claim | None = None, *, then: Exception | None = None) -> None:
    with store.writing():
        put(store, "one")
        put(store, "two", claim)
        if then is not None:
            raise then


def test_what_is_begun_inside_is_undone_with_the_rest(store: Store) -> None:
    before = books(store)
    with pytest.raises(ValueError, match="halfway"):
        put_two(store, then=ValueError("halfway"))
    assert books(store) == before
    put_two(store)
    assert books(store) == sorted([*before, "one", "two"])
    put(store, "three")  # and the next one is one of its own
    assert "three" in books(store)


def test_a_claim_inside_is_looked_at_as_well(store: Store, run: Claim) -> None:
    release(store, run, outcome="ok", at=AT)
    before = books(store)
    with pytest.raises(LostLease):
        put_two(store, run)
    assert books(store) == before
