"""Small invented records and a day to put them in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from arsync.connector.protocol import Note, Page
from arsync.ledger import Credit, Customer, Invoice
from arsync.policy.model import Line, Message, Task
from arsync.store import Claim, Store
from arsync.store.delivery import delivered
from arsync.store.leases import claim, release
from arsync.store.outbox import approve, hand_over
from arsync.store.pull import begin_full, store_page

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)
STAMP = "2026-03-01T00:00:00Z"


def customer(id_: str = "c1", **more: Any) -> Customer:
    return Customer(**{"id": id_, "name": f"Customer {id_}", "updated_at": STAMP, **more})


def invoice(id_: str = "i1", **more: Any) -> Invoice:
    values = {
        "id": id_,
        "number": f"INV-{id_}",
        "customer_id": "c1",
        "currency": "GBP",
        "total": 10000,
        "open": 10000,
        "due_on": DAY - timedelta(days=5),
        "updated_at": STAMP,
    }
    return Invoice(**{**values, **more})


def credit(id_: str = "n1", **more: Any) -> Credit:
    values = {
        "id": id_,
        "kind": "credit-note",
        "customer_id": "c1",
        "currency": "GBP",
        "remaining": 500,
        "updated_at": STAMP,
    }
    return Credit(**{**values, **more})


def page(**more: Any) -> Page:
    return Page(**{"cursor": "1", "full": True, "last": True, **more})


def pulled(store: Store, claim_: Claim, *pages: Page) -> None:
    """A full pull of these pages."""
    begin_full(store, claim_)
    for it in pages:
        store_page(store, claim_, it, at=AT, today=DAY)


def line(invoice_id: str = "i1", step: str | None = "first reminder") -> Line:
    offset = None if step is None else 1
    return Line(invoice_id, f"INV-{invoice_id}", DAY - timedelta(days=5), 10000, 5, step, offset)


def message(id_: str = "m1", **more: Any) -> Message:
    values = {
        "id": id_,
        "customer_id": "c1",
        "customer_name": "Customer c1",
        "to": ("ap@one.example", "owner@one.example"),
        "cc": ("copy@one.example",),
        "bcc": ("archive@one.example",),
        "step": "first reminder",
        "template": "first-reminder",
        "offset": 1,
        "currency": "GBP",
        "total": 20000,
        "unapplied": 500,
        "lines": (line("i1"), line("i2", None)),
    }
    return Message(**{**values, **more})


def task(id_: str = "t1", **more: Any) -> Task:
    it = message(id_, step="hand over", lines=(line("i1", "hand over"), line("i2", None)), **more)
    return Task(
        it.id, it.customer_id, it.customer_name, it.to, it.cc, it.step, 60, it.currency, 10000, 0, it.lines
    )


def note(message_id: str = "m1", **more: Any) -> Note:
    values = {
        "target": "invoice",
        "target_id": "i1",
        "mark": f"[arsync:{message_id}]",
        "text": f"02 Mar: first reminder [arsync:{message_id}]",
        "key": "7d1f7a54-9c3e-4f0a-8b1a-0d5f6c1e2a3b",
    }
    return Note(**{**values, **more})


def put_in_outbox(store: Store, book: str, *messages: Message) -> None:
    approve(store, book, messages, policy_name="standard", domain="acme.example", at=AT, day=DAY)


def begin_sending(store: Store, claim_: Claim, id_: str = "m1", day: date = DAY) -> None:
    hand_over(
        store, claim_, id_, subject="Reminder", body="Dear customer", proof="read again", at=AT, day=day
    )


def send(store: Store, claim_: Claim, it: Message, day: date = DAY, **more: Any) -> None:
    """The whole way of a message, from approval to the mail server's answer."""
    put_in_outbox(store, claim_.book, it)
    begin_sending(store, claim_, it.id, day)
    values = {"accepted": it.to, "refused": {}, "at": AT, "day": day, **more}
    delivered(store, claim_, it.id, **values)


def claimed_anew(store: Store, old: Claim) -> Claim:
    """The next run of the same book."""
    release(store, old, outcome="ok", at=AT)
    return claim(store, old.book, command="run", at=AT)
