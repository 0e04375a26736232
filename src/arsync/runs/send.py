"""Deliver what is approved: the debt is read again, the rules are applied anew, and only then a
message leaves. Rules 7 and 8 of 'What a run decides'.

`sending` is committed, with the run's fence and the Message-ID that the message bears for ever,
before the mail server hears the first byte. Whatever happens after that, a message is handed over at
most once: what is not known stays in doubt and waits for a person.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from arsync.connector import Snapshot
from arsync.errors import FixSettings
from arsync.ledger import Invoice
from arsync.mail import Delivery, Letter, Mailer, Outcome, compose
from arsync.policy.approval import lapsed
from arsync.policy.model import Message, Plan
from arsync.policy.plan import plan
from arsync.runs.book import Book
from arsync.runs.letters import message_view, notes_for
from arsync.runs.planning import read_facts, release
from arsync.store import Claim
from arsync.store.columns import instant
from arsync.store.delivery import back_to_approved, delivered, failed, in_doubt
from arsync.store.invoices import invoices_of
from arsync.store.leases import renew
from arsync.store.messages import messages, thread
from arsync.store.outbox import hand_over, lapse, replace_approved, withdrawn
from arsync.store.refreshed import snapshot_in
from arsync.writing import Rendered, render

# Customers whose debts are read again together, and how old that reading may be when a message leaves.
TOGETHER = 20
FRESH_SECONDS = 60.0


class SendReport(msgspec.Struct, kw_only=True):
    """What became of the approved messages. ``refused`` are addressees that the mail server turned down."""

    book: str
    sent: list[Message] = []
    withdrawn: list[tuple[Message, str]] = []
    lapsed: list[tuple[Message, str]] = []
    waiting: list[tuple[Message, str]] = []  # a temporary refusal; tried again by the next send
    failed: list[tuple[Message, str]] = []
    in_doubt: list[tuple[Message, str]] = []
    refused: list[tuple[Message, str]] = []

    @property
    def needs_person(self) -> bool:
        return bool(self.failed or self.in_doubt or self.refused or self.waiting)


def send(book: Book, claim: Claim, *, report: SendReport | None = None) -> SendReport:
    """Deliver the approved messages of a book. Raises HalfPulled, what the connector raises, and
    what opening the mail server raises; messages not reached stay approved, and ``report`` tells
    what was done before.

    What an earlier run left in doubt is reported again by every run until a person settles it.
    """
    book.complete_state()
    report = report or SendReport(book=book.name)
    outgoing = messages(book.store, book.name, status=["approved", "in-doubt"])
    report.in_doubt += [(m.message, m.message.reason) for m in outgoing if m.status == "in-doubt"]
    pending = [m.message for m in outgoing if m.status == "approved"]
    if not pending:
        return report
    if book.mail is None:
        raise FixSettings("the practice file has no [mail] section, so nothing can be sent", key="mail")
    with Mailer(book.mail) as mailer:
        while pending:
            pending = _send_some(book, claim, mailer, pending, report)
    return report


def _send_some(
    book: Book, claim: Claim, mailer: Mailer, pending: Sequence[Message], report: SendReport
) -> list[Message]:
    """Read some customers again and send to them; gives back what is still to do."""
    customers = list(dict.fromkeys(m.customer_id for m in pending))[:TOGETHER]
    started = time.monotonic()
    snapshot = read_again(book, claim, customers)
    facts = read_facts(book, book.today, customers)
    now = plan(book.name, facts, book.policy, book.today)
    unread = {reject.id for reject in snapshot.rejects if reject.id}
    rest = [m for m in pending if m.customer_id not in customers]
    settled: set[tuple[str, str]] = set()
    for message in pending:
        if message.customer_id in customers:
            whose = (message.customer_id, message.currency)
            if time.monotonic() - started > FRESH_SECONDS or whose in settled:
                rest.append(message)  # what was decided from is no longer so: it is read once more
            elif message.customer_id in unread or unread.intersection(li.invoice_id for li in message.lines):
                why = "its debt could not be read again (see the table 'rejects' of the database)"
                report.waiting.append((message, why))
            else:
                settled.add(whose)
                _settle(book, claim, mailer, message, now, snapshot.read_at, report)
    return rest


def read_again(book: Book, claim: Claim, customers: Iterable[str]) -> Snapshot:
    """The state right now of these customers, everything of theirs that is open, and their credits."""
    customers = list(customers)
    before = read_facts(book, book.today, customers)
    invoices = sorted({debt.id for debt in before.debts})
    snapshot = book.source.refresh(invoices, customers)
    snapshot_in(book.store, claim, snapshot, invoices, customers)
    renew(book.store, claim)
    return snapshot


def _settle(
    book: Book,
    claim: Claim,
    mailer: Mailer,
    message: Message,
    now: Plan,
    read_at: datetime,
    report: SendReport,
) -> None:
    """Apply the rules anew to one approved message: it leaves, shrinks, waits for a person, or ends."""
    current = next(
        (m for m in now.messages if (m.customer_id, m.currency) == (message.customer_id, message.currency)),
        None,
    )
    if current is None:
        reason = _why_not(book, message, now)
        withdrawn(book.store, claim, message.id, reason, at=book.clock(), day=book.today)
        report.withdrawn.append((message, reason))
        return
    if current.status != "approved":
        why = _lapse(book, claim, message, current)
        if not book.automatic:
            report.lapsed.append((message, why))
            return
        release(book, [current], claim)
    else:
        replace_approved(book.store, claim, message.id, current)
    _deliver(book, claim, mailer, current, read_at, report)


def _lapse(book: Book, claim: Claim, message: Message, current: Message) -> str:
    why = lapsed(message, current) or "the message changed"
    lapse(book.store, claim, message.id, why, at=book.clock(), day=book.today)
    return why


def _why_not(book: Book, message: Message, now: Plan) -> str:
    ids = {line.invoice_id for line in message.lines}
    for hold in now.holds:
        if hold.customer_id == message.customer_id and ids.intersection(i for i, _ in hold.invoices):
            return f"{hold.reason}: {hold.detail}"
    known = invoices_of(book.store, book.name, ids)
    paid = [
        line.number or line.invoice_id for line in message.lines if _is_settled(known.get(line.invoice_id))
    ]
    if len(paid) == len(message.lines):
        return f"nothing of it is owed any more: {', '.join(paid)} paid, credited or cancelled"
    return "none of its invoices is due a step any more"


def _is_settled(invoice: Invoice | None) -> bool:
    return invoice is None or invoice.owed <= 0


def _deliver(
    book: Book, claim: Claim, mailer: Mailer, message: Message, read_at: datetime, report: SendReport
) -> None:
    store, at, day = book.store, book.clock(), book.today
    rendered, letter = _letter(book, message, at)
    composed = compose(letter)  # whatever can go wrong with it goes wrong before it counts as handed over
    hand_over(
        store,
        claim,
        message.id,
        subject=rendered.subject,
        body=rendered.text,
        proof=instant(read_at),
        at=at,
        day=day,
    )
    renew(store, claim)  # the lease is looked at once more, right before the first byte
    delivery = mailer.deliver(composed, [*message.to, *message.cc])
    at = book.clock()
    match delivery.outcome:
        case Outcome.ACCEPTED:
            delivered(
                store,
                claim,
                message.id,
                accepted=delivery.accepted,
                refused={**delivery.refused, **delivery.deferred},
                at=at,
                day=day,
                notes=notes_for(book, message, delivery.accepted, day),
            )
            report.sent.append(msgspec.structs.replace(message, status="sent"))
            if delivery.refused or delivery.deferred:
                report.refused.append((message, _refusals(delivery)))
        case Outcome.TEMPORARY:
            back_to_approved(store, claim, message.id, delivery.answer, at=at, day=day)
            report.waiting.append((message, delivery.answer))
        case Outcome.PERMANENT:
            reason = _refusals(delivery) or delivery.answer
            failed(store, claim, message.id, reason, refused=delivery.refused, at=at, day=day)
            report.failed.append((message, reason))
        case Outcome.UNKNOWN:
            in_doubt(store, claim, message.id, delivery.answer, at=at, day=day)
            report.in_doubt.append((message, delivery.answer))


def _letter(book: Book, message: Message, at: datetime) -> tuple[Rendered, Letter]:
    rendered = render(book.templates, message.template, message_view(book, message, book.today))
    [outgoing] = messages(book.store, book.name, ids=[message.id])
    letter = Letter(
        message_id=outgoing.message_id,
        sender=book.sender,
        to=message.to,
        cc=message.cc,
        reply_to=book.reply_to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        date=at.astimezone(book.zone),
        references=thread(book.store, book.name, message.customer_id, book.policy.name),
    )
    return rendered, letter


def _refusals(delivery: Delivery) -> str:
    turned_down = {**delivery.refused, **delivery.deferred}
    return "; ".join(f"{address}: {answer}" for address, answer in turned_down.items())
