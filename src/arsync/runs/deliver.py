"""Hand one message over to the mail server, and store what came of it.

`sending` is committed, with the run's fence and the Message-ID that the message bears for ever,
before the mail server hears the first byte. Whatever happens after that, a message is handed over at
most once: what is not known stays in doubt and waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import msgspec

from arsync.errors import FixSettings
from arsync.mail import Delivery, Letter, Mailer, Outcome, compose
from arsync.policy.model import Message
from arsync.policy.profiles import PERSONS
from arsync.policy.rules import Policy
from arsync.runs.book import Book
from arsync.runs.golive import check_live
from arsync.runs.letters import message_view, notes_for
from arsync.runs.own_data import check_own_data
from arsync.runs.send_report import SendReport
from arsync.store import Claim
from arsync.store.columns import instant
from arsync.store.delivery import back_to_approved, delivered, failed, in_doubt
from arsync.store.leases import holding
from arsync.store.messages import messages, thread
from arsync.store.outbox import hand_over
from arsync.store.restraint import TooManyContacts
from arsync.writing import Rendered, render


def deliver(
    book: Book,
    claim: Claim,
    mailer: Mailer,
    message: Message,
    policy: Policy,
    read_at: datetime,
    day: date,
    stands: Callable[[], bool],
    report: SendReport,
) -> bool:
    """Hand over what was decided for ``day``, which is the day of contact also when midnight passes.
    ``policy`` is the one in force for the customer. False where the decision does not stand any more: then
    nothing was done."""
    check_live(book)
    store, at = book.store, book.clock()
    rendered, letter = _letter(book, message, policy, at, day)
    composed = compose(letter)  # whatever can go wrong with it goes wrong before it counts as handed over
    check_own_data(book, message, policy, composed, day)
    try:
        if not _handed_over(book, claim, message, policy, rendered, read_at, at, day, stands):
            return False
    except TooManyContacts as error:
        report.capped.append((message, str(error)))
        return True
    # The lease is looked at once more right before the end of the message is written.
    delivery = mailer.deliver(
        composed, [*message.to, *message.cc], message.bcc, partial(holding, store, claim)
    )
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
    return True


def _handed_over(
    book: Book,
    claim: Claim,
    message: Message,
    policy: Policy,
    rendered: Rendered,
    read_at: datetime,
    at: datetime,
    day: date,
    stands: Callable[[], bool],
) -> bool:
    """In one transaction with the question whether it ``stands``: a hold that comes after it comes to a
    message that is being sent, and says so."""
    with book.store.writing(claim):
        if not stands():
            return False
        hand_over(
            book.store,
            claim,
            message.id,
            subject=rendered.subject,
            body=rendered.text,
            proof=instant(read_at),
            at=at,
            day=day,
            caps=policy.caps,
            zone=book.zone,
        )
    return True


def _letter(book: Book, message: Message, policy: Policy, at: datetime, day: date) -> tuple[Rendered, Letter]:
    view = message_view(book, message, day, opt_out=policy.profile in PERSONS)
    try:
        rendered = render(book.templates, message.template, view)
    except FixSettings as error:  # it may be wrong for this customer's data alone
        whose = f"customer:{message.customer_id}"
        problem = (
            f"{error.problem} (in the message {message.id} to {whose}, which stays approved; to let the "
            f"others leave meanwhile, `arsync hold {book.name} {whose} --reason paused`)"
        )
        raise FixSettings(problem, where=error.where, key=error.key) from None
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
