"""The JSON that programs read: the shapes that docs/json.md promises. Amounts are texts with the
currency's own decimals, dates ISO 8601, ids the accounting system's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from arsync.cli.saying import clean
from arsync.ledger import BUCKETS, AgingRow
from arsync.money import plain
from arsync.policy.model import Hold, Line, Message, Plan, Task, Upcoming
from arsync.runs.explain import NextStep, Story
from arsync.runs.reconcile import ReconcileReport
from arsync.runs.situation import Talk
from arsync.runs.statement import Statement
from arsync.runs.sync import SyncReport
from arsync.store.aging import CustomerAging, InvoiceAging


def iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def balance(row: AgingRow) -> dict[str, str]:
    """The five buckets and their sums."""
    amounts = dict(zip(BUCKETS, row.buckets, strict=True))
    amounts |= {"open": row.open, "overdue": row.overdue, "unapplied": row.unapplied, "net": row.net}
    return {name: plain(amount, row.currency) for name, amount in amounts.items()}


def customer_aging(book: str, as_of: date, row: CustomerAging) -> dict[str, Any]:
    customer = {"id": row.balance.customer_id, "name": row.name}
    head = {"book": book, "as_of": iso(as_of), "currency": row.balance.currency, "customer": customer}
    return head | balance(row.balance)


def book_aging(book: str, as_of: date, row: AgingRow) -> dict[str, Any]:
    return {"book": book, "as_of": iso(as_of), "currency": row.currency} | balance(row)


def invoice_aging(book: str, as_of: date, row: InvoiceAging) -> dict[str, Any]:
    return {
        "book": book,
        "as_of": iso(as_of),
        "currency": row.currency,
        "customer": {"id": row.customer_id, "name": row.customer_name},
        "invoice": {
            "id": row.invoice_id,
            "number": row.number,
            "issued": iso(row.issued_on),
            "due": iso(row.due_on),
        },
        "days_overdue": row.days_overdue,
        "bucket": row.bucket,
        "total": plain(row.total, row.currency),
        "open": plain(row.open, row.currency),
    }


def statement_shape(found: Statement) -> dict[str, Any]:
    return {
        "book": found.book,
        "as_of": iso(found.as_of),
        "customer": {"id": found.customer_id, "name": found.customer_name},
        "billed_to": found.billed_to and {"id": found.billed_to[0], "name": found.billed_to[1]},
        "invoices": [
            {
                key: value
                for key, value in invoice_aging(found.book, found.as_of, row).items()
                if key not in ("book", "as_of")
            }
            for row in found.invoices
        ],
        "credits": [
            {
                "id": it.id,
                "kind": it.kind,
                "number": it.number,
                "issued": iso(it.issued_on),
                "currency": it.currency,
                "remaining": plain(it.remaining, it.currency),
            }
            for it in found.credits
        ],
        "balances": [{"currency": row.currency} | balance(row) for row in found.balances],
    }


def reconcile_shape(report: ReconcileReport) -> dict[str, Any]:
    """``compared`` is null where nothing could be compared."""
    found = report.outcome
    return {
        "book": report.book,
        "as_of": iso(report.as_of),
        "compared": found.compared if found else None,
        "differences": [
            {
                "customer": {"id": it.customer_id, "name": report.name(it.customer_id)},
                "currency": it.currency,
                "home": it.home,
                "ours": plain(it.ours, it.currency),
                "theirs": plain(it.theirs, it.currency),
                "difference": plain(it.ours - it.theirs, it.currency),
                "causes": list(it.causes),
            }
            for it in (found.differences if found else ())
        ],
        "charges": [
            {
                "customer": {"id": customer_id, "name": report.name(customer_id)},
                "currency": currency,
                "amount": plain(amount, currency),
            }
            for (customer_id, currency), amount in (found.charges.items() if found else ())
        ],
        "unrated": [{"id": id_, "name": report.name(id_)} for id_ in (found.unrated if found else ())],
    }


def plan_shape(plan: Plan) -> dict[str, Any]:
    return {
        "book": plan.book,
        "as_of": iso(plan.as_of),
        "messages": [message_shape(message) for message in plan.messages],
        "tasks": [_communication(task) | {"does": task.does, "status": "open"} for task in plan.tasks],
        "holds": [_hold(hold) for hold in plan.holds],
        "upcoming": [_upcoming(coming) for coming in plan.upcoming],
    }


def message_shape(message: Message) -> dict[str, Any]:
    shape = _communication(message) | {"offer": _offer(message), "status": message.status}
    return shape | {"reason": message.reason} if message.reason else shape


def _communication(item: Message | Task) -> dict[str, Any]:
    return {
        "id": item.id,
        "customer": {"id": item.customer_id, "name": item.customer_name},
        "to": list(item.to),
        "cc": list(item.cc),
        "bcc": list(item.bcc),
        "step": item.step,
        "currency": item.currency,
        "total": plain(item.total, item.currency),
        "unapplied": plain(item.unapplied, item.currency),
        "held_back": plain(item.held_back, item.currency),
        "invoices": [_line(line, item.currency) for line in item.lines],
    }


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {
        "id": line.invoice_id,
        "number": line.number,
        "due": iso(line.due_on),
        "open": plain(line.open, currency),
        "disputed": plain(line.disputed, currency),
        "not_due": plain(line.not_due, currency),
        "days_overdue": line.days_overdue,
        "step": line.step,
    }


def _offer(message: Message) -> dict[str, Any] | None:
    """The discount that a message offers."""
    if message.offer is None:
        return None
    return {"percent": str(Decimal(message.offer.basis_points) / 100), "until": iso(message.offer_until)}


def _hold(hold: Hold) -> dict[str, Any]:
    return {
        "customer": {"id": hold.customer_id, "name": hold.customer_name},
        "invoices": [{"id": id_, "number": number} for id_, number in hold.invoices],
        "reason": hold.reason,
        "detail": hold.detail,
        "until": iso(hold.until),
        "owner": hold.owner,
    }


def _upcoming(coming: Upcoming) -> dict[str, Any]:
    return {
        "invoice": {"id": coming.invoice_id, "number": coming.number},
        "customer": {"id": coming.customer_id, "name": coming.customer_name},
        "step": coming.step,
        "on": iso(coming.on),
    }


def sync_shape(report: SyncReport) -> dict[str, Any]:
    keys = ("book", "customers", "invoices", "credits", "rejects", "api_calls", "bytes", "complete")
    later = {"put_off": report.put_off} if report.put_off else {}
    return {key: getattr(report, key) for key in keys} | later


def story_shape(story: Story, folder: str) -> dict[str, Any]:
    """``folder`` is what the files of the practice are told without."""
    return {
        "book": story.book,
        "as_of": iso(story.as_of),
        "about": {"kind": story.about.target, "id": story.about.id, "label": story.about.label},
        "customer": {"id": story.about.customer_id, "name": story.about.customer_name},
        "billed_to": story.billed_to and dict(zip(("id", "name"), story.billed_to, strict=True)),
        "invoices": [
            {
                "id": item.invoice.id,
                "number": item.invoice.number,
                "due": iso(item.invoice.due_on),
                "currency": item.invoice.currency,
                "total": plain(item.invoice.total, item.invoice.currency),
                "open": plain(item.invoice.owed, item.invoice.currency),
                "now": item.now,
                "next": [_next_step(step, folder) for step in item.next],
            }
            for item in story.invoices
        ],
        "holds": [
            {
                "on": hold.on,
                "reason": hold.order.reason,
                "put": iso(hold.order.put_on),
                "until": iso(hold.order.until),
                "grace": hold.order.grace,
                "amount": None
                if hold.order.amount is None
                else plain(hold.order.amount, hold.order.currency),
                "currency": hold.order.currency or None,
                "owner": hold.order.owner or None,
                "note": hold.order.note,
                "promise": hold.fate,
            }
            for hold in story.holds
        ],
        "events": [
            {"day": iso(event.day), "what": event.what, "source": event.source, "detail": event.detail}
            for event in story.events
        ],
    }


def talk_shape(talk: Talk) -> dict[str, Any]:
    """A call to be made, with what to say."""
    situation = talk.situation
    return {
        "book": talk.book,
        "as_of": iso(talk.as_of),
        "customer": {"id": talk.customer_id, "name": talk.customer_name},
        "tasks": [task.id for task in talk.tasks],
        "step": situation.step,
        "firmness": situation.firmness,
        "asked": [_asked(item) for item in talk.to_ask],
        "contacts": [{"day": iso(it.on), "what": it.what, "detail": it.detail} for it in situation.contacts],
        "promises": list(situation.promises),
        "promises_kept": situation.kept,
        "promises_broken": situation.broken,
        "disputes": list(situation.disputes),
        "agreements": list(situation.agreements),
        "script": talk.text,
    }


def _asked(item: Task) -> dict[str, Any]:
    keys = ("currency", "total", "unapplied", "held_back", "invoices")
    shape = _communication(item)
    return {key: shape[key] for key in keys}


def _next_step(step: NextStep, folder: str) -> dict[str, Any]:
    return {
        "step": step.step,
        "does": step.does,
        "on": iso(step.on),
        "to": list(step.to),
        "when": step.when,
        "why": step.why.replace(folder, ""),
        "source": step.source.replace(folder, ""),
    }


def addressees(message: Message) -> str:
    """'a, b; bcc c', for people."""
    shown = ", ".join(map(clean, message.to + message.cc)) or "nobody"
    return f"{shown}; bcc {', '.join(map(clean, message.bcc))}" if message.bcc else shown


def amount_words(message: Message | Task) -> str:
    """'600.00 GBP', or '50.00 of 600.00 GBP' where a part is disputed, or not due as agreed."""
    total = f"{plain(message.total, message.currency)} {message.currency}"
    if not message.held_back:
        return total
    return f"{plain(message.total - message.held_back, message.currency)} of {total}"


def count(number: int, noun: str) -> str:
    """'1 message', '3 messages'."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def listed(parts: Iterable[str], most: int = 6) -> str:
    """'a, b, c and 4 more'."""
    every = list(parts)
    left = len(every) - most
    return ", ".join(every[:most]) + (f" and {left} more" if left > 0 else "")
