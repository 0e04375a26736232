"""Two books with the same ids never meet."""

from __future__ import annotations

from typing import Any

from store_samples import (
    AT,
    DAY,
    begin_sending,
    credit,
    customer,
    invoice,
    line,
    message,
    note,
    page,
    pulled,
    put_in_outbox,
    send,
    task,
)  # fmt: skip

from arsync.connector.protocol import Receipt, Snapshot
from arsync.ledger import Gone, Reject
from arsync.store import Claim, Store
from arsync.store.aging import aging_by_book, aging_by_customer, aging_by_invoice
from arsync.store.delivery import in_doubt, resolve
from arsync.store.holds import find_what, put_hold, release_holds
from arsync.store.leases import claim, release
from arsync.store.messages import ended_today, messages, thread
from arsync.store.notes import owed, receipts, take
from arsync.store.pull import begin_changes, begin_full, store_page
from arsync.store.reading import book_state, facts
from arsync.store.refreshed import snapshot_in
from arsync.store.story import events, runs
from arsync.store.tasks import close_task, open_tasks


def seen(store: Store, book: str) -> list[Any]:
    """Everything that can be read of a book."""
    return [
        book_state(store, book),
        facts(store, book, today=DAY, addresses=lambda texts: (tuple(texts), ())),
        aging_by_customer(store, book, DAY),
        aging_by_invoice(store, book, DAY),
        aging_by_book(store, book, DAY),
        messages(store, book),
        ended_today(store, book, DAY),
        thread(store, book, "c1", "standard"),
        owed(store, book),
        events(store, book),
        events(store, book, customer_id="c1", invoice_ids=["i1"]),
        runs(store, book),
        find_what(store, book, "INV-i1"),
        store.rows("SELECT * FROM rejects WHERE book = ?", (book,)),
    ]


def live(store: Store, run: Claim, owner: str) -> None:
    """A little of everything happens in the run's book."""
    book = run.book
    reject = Reject(entity="invoice", id="i7", reason=owner, raw=owner)
    pulled(
        store,
        run,
        page(
            customers=[customer(name=owner, emails=(f"{owner}@one.example",), cc=("c@one.example",))],
            invoices=[invoice(), invoice("i2", cc=("d@one.example",)), invoice("i3")],
            credits=[credit()],
            rejects=[reject],
        ),
    )
    send(store, run, message("m1"), notes=[note()])
    put_in_outbox(
        store, book, message("m2", lines=(line(f"{owner}'s own"),)), message("m3", lines=(line("i3"),))
    )
    begin_sending(store, run, "m2")
    in_doubt(store, run, "m2", owner, at=AT, day=DAY)
    put_hold(store, book, "invoice", "i1", reason="disputed", note=owner, at=AT, day=DAY)
    open_tasks(store, run, [task()], at=AT, day=DAY)


def test_what_happens_in_one_book_is_not_seen_in_another(store: Store, run: Claim) -> None:
    live(store, run, "acme")
    before = seen(store, "acme")
    store.book("other", "xero")
    assert seen(store, "other")[1:] == seen(store, "none")[1:]

    other = claim(store, "other", command="run", at=AT)
    live(store, other, "other")
    assert seen(store, "acme") == before
    snapshot_in(store, other, Snapshot(read_at=AT), ["i1"], ["c1"], today=DAY)
    begin_changes(store, other)
    gone = [Gone(entity="invoice", id="i2"), Gone(entity="customer", id="c1")]
    store_page(store, other, page(full=False, gone=gone, invoices=[invoice("i7")]), at=AT, today=DAY)
    pulled(store, other, page())
    take(store, other, owed(store, "other"))
    receipts(store, other, [Receipt(target="invoice", target_id="i1", mark="[arsync:m1]")], at=AT, day=DAY)
    resolve(store, "other", "m2", "drop", at=AT, day=DAY)
    begin_sending(store, other, "m3")
    assert seen(store, "acme") == before
    assert put_hold(store, "other", "invoice", "i3", reason="paused", at=AT, day=DAY) == ("m3",)
    assert put_hold(store, "acme", "invoice", "i3", reason="paused", at=AT, day=DAY) == ()
    before = seen(store, "acme")
    release_holds(store, "other", "invoice", "i1", at=AT, day=DAY)
    close_task(store, "other", task(), at=AT, day=DAY)
    release(store, other, outcome="ok", at=AT)
    release(store, claim(store, "other", command="run", at=AT), outcome="ok", at=AT)

    assert seen(store, "acme") == before
    assert [it.status for it in messages(store, "other")] == ["sent", "withdrawn", "in-doubt"]
    with store.writing(run):
        pass


def test_a_full_pull_closes_nothing_by_the_list_of_another_book(store: Store, run: Claim) -> None:
    store.book("other", "xero")
    other = claim(store, "other", command="run", at=AT)
    everything = page(invoices=[invoice("i1"), invoice("i2")], credits=[credit()])
    pulled(store, run, everything)
    pulled(store, other, everything)
    begin_full(store, run)
    pulled(store, other, page(invoices=[invoice("i1")], credits=[credit()]))
    assert store.rows("SELECT book, id FROM invoices WHERE open > 0") == [
        ("acme", "i1"), ("acme", "i2"), ("other", "i1"),
    ]  # fmt: skip
    assert store.rows("SELECT book FROM credits WHERE remaining > 0") == [("acme",), ("other",)]
    store_page(store, run, page(invoices=[invoice("i2")]), at=AT, today=DAY)
    assert store.rows("SELECT book, id FROM invoices WHERE open > 0") == [("acme", "i2"), ("other", "i1")]
