"""A practice of two books in a real database, with messages that are composed as they are sent."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from arsync.connector.protocol import Page
from arsync.ledger import Credit, Customer, Invoice
from arsync.mail import Letter, compose, parse_mailbox
from arsync.policy.model import Line, Message
from arsync.policy.rules import Policy, Step
from arsync.runs.book import Book
from arsync.runs.letters import message_view
from arsync.runs.own_data import check_own_data
from arsync.store import Store
from arsync.store.leases import claim, release
from arsync.store.messages import messages
from arsync.store.outbox import approve
from arsync.store.pull import begin_full, store_page
from arsync.writing import load_templates, render

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)
POLICY = Policy("p", (Step("first reminder", 1, "first-reminder"), Step("own", 9, "own")))
COMPANIES = {"acme": "Acme Studio Ltd", "birch": "Birch & Sons Carpentry"}


def customer(id_: str, name: str, *emails: str, **more: Any) -> Customer:
    return Customer(id=id_, name=name, emails=emails, **more)


def invoice(id_: str, number: str, customer_id: str, **more: Any) -> Invoice:
    values = {"currency": "GBP", "total": 12_345, "open": 12_345, "due_on": date(2026, 11, 2)}
    return Invoice(id=id_, number=number, customer_id=customer_id, **{**values, **more})


def credit_note(id_: str, number: str, customer_id: str, **more: Any) -> Credit:
    values = {"kind": "credit-note", "currency": "GBP", "remaining": 500}
    return Credit(id=id_, number=number, customer_id=customer_id, **{**values, **more})


class Office:
    """Both books, ``acme`` being the one that sends. Templates are files of its own folder."""

    def __init__(self, **files: str) -> None:
        self.folder = Path(tempfile.mkdtemp())
        for name, text in files.items():
            (self.folder / name.replace("_", ".")).write_text(text, "utf-8")
        self.store = Store.open(self.folder / "arsync.db")
        for name in COMPANIES:
            self.store.book(name, "csv")
        self.book = self._book()

    def _book(self, **more: Any) -> Book:
        values: dict[str, Any] = {
            "name": "acme",
            "store": self.store,
            "source": None,
            "http": None,
            "tokens": None,
            "policy": POLICY,
            "templates": load_templates(self.folder),
            "clock": lambda: AT,
            "zone": ZoneInfo("UTC"),
            "automatic": False,
            "sender": "Acme Accounts <ar@acme.example>",
            "reply_to": "answers@acme.example",
            "notes": "none",
            "language": "en",
            "mail": None,
            "command": "send",
            "mentions": ("Hartley Bookkeeping",),
            "neighbours": {"ar@birch.example": "birch"},
        }
        return Book(**{**values, **more})

    def settings(self, **more: Any) -> None:
        self.book = self._book(**more)

    def fill(
        self,
        book: str,
        customers: Sequence[Customer],
        invoices: Sequence[Invoice],
        credit_notes: Sequence[Credit] = (),
    ) -> None:
        """What the accounting system of a book has, whatever it had before."""
        with self.store.writing() as conn:
            for table in ("events", "message_lines", "messages", "invoices", "credits", "customers"):
                conn.execute(f"DELETE FROM {table} WHERE book = ?", (book,))
            conn.execute("UPDATE books SET name = ? WHERE book = ?", (COMPANIES[book], book))
        lease = claim(self.store, book, command="sync", at=AT)
        begin_full(self.store, lease)
        page = Page(
            customers=customers, invoices=invoices, credits=credit_notes, cursor="1", full=True, last=True
        )
        store_page(self.store, lease, page, at=AT, today=DAY)
        release(self.store, lease, outcome="done", at=AT)

    def message(self, customer: Customer, lines: Sequence[Invoice], **more: Any) -> Message:
        """An approved message to a customer about these invoices."""
        values: dict[str, Any] = {
            "id": f"m{customer.id}",
            "customer_id": customer.id,
            "customer_name": customer.name,
            "to": customer.emails,
            "cc": (),
            "step": "first reminder",
            "template": "first-reminder",
            "offset": 1,
            "currency": "GBP",
            "total": sum(it.open for it in lines),
            "unapplied": 0,
            "lines": tuple(
                Line(it.id, it.number, it.due_on, it.open, 21, "first reminder", 1) for it in lines
            ),
        }
        message = Message(**{**values, **more})
        approve(self.store, "acme", [message], policy_name="p", domain="acme.example", at=AT, day=DAY)
        return message

    def letter(self, message: Message, **more: Any) -> Letter:
        """The letter as `arsync send` writes it."""
        rendered = render(self.book.templates, message.template, message_view(self.book, message, DAY))
        [outgoing] = messages(self.store, "acme", ids=[message.id])
        values: dict[str, Any] = {
            "message_id": outgoing.message_id,
            "sender": self.book.sender,
            "to": message.to,
            "cc": message.cc,
            "reply_to": self.book.reply_to,
            "subject": rendered.subject,
            "text": rendered.text,
            "html": rendered.html,
            "date": AT,
        }
        return Letter(**{**values, **more})

    def look(self, message: Message, composed: EmailMessage | None = None, **letter: Any) -> None:
        """The last look at a message. Raises StrangersData."""
        composed = composed or compose(self.letter(message, **letter))
        check_own_data(self.book, message, POLICY, composed, DAY)


def own_address(text: str) -> str:
    return parse_mailbox(text).address
