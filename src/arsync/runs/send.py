"""Deliver what is approved: the debt is read again, the rules are applied anew, and only then a
message leaves. Rules 7 and 8 of 'What a run decides'.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from arsync.connector import Snapshot
from arsync.errors import FixSettings
from arsync.ledger import Invoice
from arsync.ledger.freshness import Stale
from arsync.mail import Mailer, MailServerUnavailable
from arsync.policy.approval import lapsed
from arsync.policy.calendar import Calendar
from arsync.policy.in_force import InForce
from arsync.policy.model import Debtor, Message, Plan
from arsync.policy.plan import plan
from arsync.policy.rules import Policy
from arsync.runs.book import Book
from arsync.runs.deliver import deliver
from arsync.runs.golive import enter
from arsync.runs.planning import read_facts, release, staleness
from arsync.runs.restored import hold_back
from arsync.runs.send_report import SendReport
from arsync.runs.sending_log import SendingLog, sending_log
from arsync.runs.sent_copies import settle_doubts
from arsync.runs.strangers import Looked, Watch, check_stopped
from arsync.store import Claim
from arsync.store.families import family
from arsync.store.invoices import invoices_of
from arsync.store.leases import renew
from arsync.store.messages import messages
from arsync.store.outbox import lapse, replace_approved, withdrawn
from arsync.store.refreshed import snapshot_in

# Customers whose debts are read again together, and how old that reading may be when a message leaves.
TOGETHER = 20
FRESH_SECONDS = 60.0


def send(book: Book, claim: Claim, *, report: SendReport | None = None) -> SendReport:
    """Deliver the approved messages of a book. Raises HalfPulled, what the connector raises, and
    what opening the mail server raises; messages not reached stay approved, and ``report`` tells
    what was done before.

    What an earlier run left in doubt is reported again by every run until a person settles it.
    """
    book.complete_state()
    report = report or SendReport(book=book.name)
    if enter(book, claim) is None:
        return report  # it is not live: nothing leaves it
    settle_doubts(book, claim, report.found)
    outgoing = messages(book.store, book.name, status=["approved", "in-doubt"])
    report.in_doubt += [(m.message, m.message.reason) for m in outgoing if m.status == "in-doubt"]
    pending = [m.message for m in outgoing if m.status == "approved"]
    with sending_log(book, claim, report, len(pending)) as log:
        if pending:
            _send(book, claim, pending, report, log)
    return report


def _send(book: Book, claim: Claim, pending: Sequence[Message], report: SendReport, log: SendingLog) -> None:
    check_stopped(book)
    if book.mail is None:
        raise FixSettings("the practice file has no [mail] section, so nothing can be sent", key="mail")
    mailer = Mailer(book.mail)
    try:
        mailer.open()
    except MailServerUnavailable as error:
        raise MailServerUnavailable(f"{error}; what is approved stays so for the next send") from None
    stale, looked = staleness(book, book.today), Looked()
    with mailer:
        while pending:
            pending = _send_some(book, claim, mailer, pending, stale, looked, report, log)


def _send_some(
    book: Book,
    claim: Claim,
    mailer: Mailer,
    pending: Sequence[Message],
    stale: Stale | None,
    looked: Looked,
    report: SendReport,
    log: SendingLog,
) -> list[Message]:
    """Read some customers again and send to them; gives back what is still to do."""
    customers = list(dict.fromkeys(m.customer_id for m in pending))[:TOGETHER]
    old = _age()
    snapshot = read_again(book, claim, customers)
    watch = Watch(book, claim, snapshot, looked)
    rest = [m for m in pending if m.customer_id not in customers]
    settled = False
    for message in (m for m in pending if m.customer_id in customers):
        # One message at least is settled: a service that makes us wait must not be read for ever.
        if settled and old() > FRESH_SECONDS:
            rest.append(message)
        elif _unread(book, message, snapshot):
            why = f"its debt could not be read again (see `arsync rejects {book.name}`)"
            report.waiting.append((message, why))
        elif watch.look(message) and old() > FRESH_SECONDS:
            rest.append(message)  # that took its time; it is not asked again
        elif unknown := watch.unknown(message):
            why = f"the notes on its customer could not be read ({unknown}); the next send tries again"
            report.waiting.append((message, why))
        else:
            settled = True
            _settle(book, claim, mailer, message, snapshot.read_at, stale, report)
        log()
    return rest


def _age() -> Callable[[], float]:
    """Seconds from now on, by the clock that tells more: the one stands still while the machine sleeps, the
    other may be set back."""
    ticks, clock = time.monotonic(), time.time()
    return lambda: max(time.monotonic() - ticks, time.time() - clock)


def _unread(book: Book, message: Message, snapshot: Snapshot) -> bool:
    """The customer, one of its family or an invoice of it came back as a row that could not be understood.
    One without an id may be any that is missing."""
    rejected = {(it.entity, it.id) for it in snapshot.rejects}
    if not rejected:
        return False
    lines = {line.invoice_id for line in message.lines}
    members = family(book.store, book.name, [message.customer_id])
    read = [*(("customer", id_) for id_ in members), *(("invoice", id_) for id_ in lines)]
    if not rejected.isdisjoint(read):
        return True
    return ("invoice", None) in rejected and not lines.issubset(it.id for it in snapshot.invoices)


def read_again(book: Book, claim: Claim, customers: Iterable[str]) -> Snapshot:
    """The state right now of these customers and their families: their records, everything of theirs
    that is open, and their credits. A family that has grown by what was read is read whole."""
    members = family(book.store, book.name, list(customers))
    while True:
        before = read_facts(book, book.today, members, stale=None)
        invoices = sorted({debt.id for debt in before.debts})
        snapshot = book.source.refresh(invoices, members)
        snapshot_in(book.store, claim, snapshot, invoices, members, today=book.today, zone=book.zone)
        renew(book.store, claim)
        grown = family(book.store, book.name, members)
        if grown == members:
            return snapshot
        members = grown


def _settle(
    book: Book,
    claim: Claim,
    mailer: Mailer,
    message: Message,
    read_at: datetime,
    stale: Stale | None,
    report: SendReport,
) -> None:
    """Apply the rules anew to one approved message: it leaves, shrinks, waits for a person, or ends.

    They are applied to what the store holds this moment: people put holds and approve while a run works.
    """
    day, seen = book.today, book.store.others()
    facts = read_facts(book, day, [message.customer_id], stale=stale)
    standing = {m.id: m for m in facts.approved if m.currency == message.currency}
    if message.id not in standing:
        return  # an approval of this moment has taken its place, and leaves with the next run
    message = standing[message.id]
    if (newest := [*standing][-1]) != message.id:
        why = f"message {newest} took its place"
        lapse(book.store, claim, message.id, why, at=book.clock(), day=day)
        report.lapsed.append((message, why))
        return
    now = plan(book.name, facts, book.policy, day)
    current = _of_customer(book, message, now)
    if doubts := hold_back(book, [message, *([current] if current else [])], claim):
        report.in_doubt += [(it, it.reason) for it in doubts]
        return
    if current is None:
        reason = _why_not(book, message, now)
        withdrawn(book.store, claim, message.id, reason, at=book.clock(), day=day)
        report.withdrawn.append((message, reason))
        return
    if current.status != "approved":
        why = lapsed(message, current) or "the message changed"
        lapse(book.store, claim, message.id, why, at=book.clock(), day=day)
        if not book.automatic:
            report.lapsed.append((message, why))
            return
        release(book, [current], claim)
    elif current.id != message.id:
        release(book, [current], claim)  # softer steps: they leave under an id of their own
    else:
        replace_approved(book.store, claim, message.id, current)
    in_force = InForce(book.policy, facts)
    debtor = in_force.debtor(facts.debtors[current.customer_id])
    policy = in_force.customer(debtor)
    if until := _not_before(book, policy, debtor):
        report.later.append((current, until))
        return

    def stands() -> bool:
        return book.store.others() == seen or _stands(book, current, day, stale)

    if not deliver(book, claim, mailer, current, policy, read_at, day, stands, report):
        _settle(book, claim, mailer, current, read_at, stale, report)


def _of_customer(book: Book, message: Message, now: Plan) -> Message | None:
    """What the plan has for the message's customer, or who pays for it, in the message's currency."""
    whose = family(book.store, book.name, [message.customer_id])  # facts may know of others beside them
    return next((m for m in now.messages if m.currency == message.currency and m.customer_id in whose), None)


def _stands(book: Book, message: Message, day: date, stale: Stale | None) -> bool:
    """Whether the message is still what the rules make of what the store holds this moment."""
    facts = read_facts(book, day, [message.customer_id], stale=stale)
    now = _of_customer(book, message, plan(book.name, facts, book.policy, day))
    alike = {"status": "approved", "reason": ""}
    return now is not None and msgspec.structs.replace(now, **alike) == msgspec.structs.replace(
        message, **alike
    )


def _not_before(book: Book, policy: Policy, debtor: Debtor) -> datetime | None:
    """When it may leave, in the customer's time zone; None for now."""
    calendar = Calendar(policy, debtor, book.zone.key)
    until = calendar.may_leave(book.clock())
    return until and until.astimezone(ZoneInfo(calendar.zone_there))


def _why_not(book: Book, message: Message, now: Plan) -> str:
    ids = {line.invoice_id for line in message.lines if line.step is not None}
    for hold in now.holds:
        if ids.intersection(id_ for id_, _ in hold.invoices):
            return f"{hold.reason}: {hold.detail}"
    known = invoices_of(book.store, book.name, [line.invoice_id for line in message.lines])
    paid = [
        line.number or line.invoice_id for line in message.lines if _is_settled(known.get(line.invoice_id))
    ]
    if len(paid) == len(message.lines):
        return f"nothing of it is owed any more: {', '.join(paid)} paid, credited or cancelled"
    return "none of its invoices is due a step any more"


def _is_settled(invoice: Invoice | None) -> bool:
    return invoice is None or invoice.owed <= 0
