"""What could not be understood, as it is listed: by age, with the record's own id or none."""

from __future__ import annotations

from datetime import timedelta

from store_samples import AT, DAY, invoice, page

from arsync.ledger import Reject
from arsync.store import Claim, Store
from arsync.store.pull import store_page
from arsync.store.rejects import KeptReject, kept_rejects


def reject(id_: str | None, raw: str = "{}") -> Reject:
    return Reject(entity="invoice", id=id_, reason="no currency", raw=raw)


def test_by_age_and_with_ids_where_they_have_any(store: Store, run: Claim) -> None:
    """A row without an id is kept under a digest, which is no id of anybody's; an id that merely looks
    like one is the record's own."""
    look_alike = "sha256:" + "0" * 32
    later = AT + timedelta(hours=1)
    store_page(store, run, page(rejects=[reject("z9")], last=False), at=AT, today=DAY)
    store_page(
        store, run, page(rejects=[reject(None, "?"), reject(look_alike)], last=False), at=later, today=DAY
    )
    assert sorted(kept_rejects(store, "acme"), key=lambda it: (it.seen_at, it.id or "")) == [
        KeptReject("invoice", "z9", "no currency", "{}", AT),
        KeptReject("invoice", None, "no currency", "?", later),
        KeptReject("invoice", look_alike, "no currency", "{}", later),
    ]
    assert kept_rejects(store, "acme")[0].id == "z9"
    assert kept_rejects(store, "birch") == []


def test_gone_once_it_is_understood(store: Store, run: Claim) -> None:
    store_page(store, run, page(rejects=[reject("i1"), reject("i2")], last=False), at=AT, today=DAY)
    store_page(store, run, page(invoices=[invoice("i1")], last=False), at=AT, today=DAY)
    assert [it.id for it in kept_rejects(store, "acme")] == ["i2"]
