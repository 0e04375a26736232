"""The morning's list: what waits for a person in a book, each with the command that deals with it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction

from msgspec.structs import replace

from arsync.ledger.home import worth
from arsync.money import digits, plain
from arsync.policy.model import Message, Plan, Task
from arsync.policy.priority import Item, Kind, in_order, worth_of
from arsync.runs.book import Book
from arsync.runs.consents import consent_of
from arsync.runs.planning import make_plan
from arsync.store import worklist as waiting
from arsync.store.differences import differences
from arsync.store.invoices import invoices_of
from arsync.store.messages import messages
from arsync.store.worklist import Held

# From so many days on a dispute or a complaint is growing old.
OLD_DISPUTE, OLD_COMPLAINT = 14, 3
# What nothing but a person ends: what it is, and the command that deals with it.
_STUCK: Mapping[Kind, tuple[str, str]] = {
    "no-address": (
        "{name} has no address to write to: enter one in the accounting system",
        "arsync sync {book}",
    ),
    "unreconciled": (
        "the figures of {name} are not those of the accounting system",
        "arsync reconcile {book}",
    ),
    "opted-out": (
        "{name} wants to hear nothing by the way the next step takes: reach them by another",
        "arsync call {book} {customer}",
    ),
    "credit-covers": (
        "unapplied credit of {name} covers what is owed: apply it in the accounting system",
        "arsync sync {book}",
    ),
    "no-due-date": (
        "{name} has invoices without a due date: enter one in the accounting system",
        "arsync sync {book}",
    ),
    "ladder-done": (
        "{name} has had every letter of the policy: decide what comes next",
        "arsync call {book} {customer}",
    ),
}
# Holds of these reasons that have no end are told once they are so many days old: nobody may remember them.
FORGOTTEN_DAYS = 30


def worklist(book: Book) -> list[Item]:
    """Everything of a book that a person has to see to, the most urgent first. Changes nothing."""
    if problem := book.incomplete():
        line = Item(
            book=book.name, kind="not-synced", what=f"the book {problem}", command=f"arsync sync {book.name}"
        )
        missing = consent_of(book).state == "missing"  # what connects it comes first
        return _ranked(book, [*_of_consent(book)] if missing else [line, *_of_consent(book)])
    plan = make_plan(book)
    items = [
        *_of_messages(book),
        *_of_holds(book),
        *_of_tasks(book, plan),
        *_of_agreements(book),
        *_of_plan(book, plan),
        *_of_book(book),
    ]
    return _ranked(book, items)


def _ranked(book: Book, items: list[Item]) -> list[Item]:
    rates = _rates(book)
    return in_order(replace(item, worth=worth_of(item.amounts, rates)) for item in items)


def _rates(book: Book) -> dict[str, Fraction]:
    """Whole units of the home currency for one whole unit of each currency that the book tells a rate of."""
    home = book.state().currency
    if home is None:
        return {}
    found = {}
    for currency, rate in waiting.rates(book.store, book.name).items():
        if (one := worth(rate, currency, home)) is not None:
            found[currency] = one * Fraction(int(10 ** digits(currency)), int(10 ** digits(home)))
    return found


def _of_messages(book: Book) -> Iterator[Item]:
    for it in messages(book.store, book.name, status=["in-doubt", "failed"]):
        message = it.message
        doubt = it.status == "in-doubt"
        what = (
            f"message {message.id} may have left or not: {message.reason}"
            if doubt
            else f"message {message.id} reached nobody: {message.reason}; mend the address first"
        )
        verdict = "sent|not-sent|drop" if doubt else "not-sent|drop"
        yield _about(
            book,
            "in-doubt" if doubt else "bounced",
            message,
            what,
            f"arsync resolve {book.name} {message.id} {verdict}",
            it.ended_on,
        )
    for copy in waiting.refused_copies(book.store, book.name, book.today):
        yield Item(
            book=book.name,
            kind="bounced",
            what=f"message {copy.message} was turned down for {copy.refused}: mend the address, then sync",
            command=f"arsync sync {book.name}",
            amounts={copy.currency: max(copy.asked, 0)},
            days=_days(book, copy.on),
            customer_id=copy.customer_id,
            customer_name=copy.customer_name,
        )


def _about(book: Book, kind: Kind, item: Message | Task, what: str, command: str, since: date | None) -> Item:
    return Item(
        book=book.name,
        kind=kind,
        what=what,
        command=command,
        amounts={item.currency: max(item.total - item.held_back - item.unapplied, 0)},
        days=_days(book, since),
        customer_id=item.customer_id,
        customer_name=item.customer_name,
    )


def _of_holds(book: Book) -> Iterator[Item]:
    for hold in waiting.held(book.store, book.name):
        if (found := _of_hold(book, hold)) is not None:
            kind, what, command, days = found
            amounts = hold.open if hold.amount is None else {hold.currency: hold.amount}
            yield Item(
                book=book.name,
                kind=kind,
                what=f"{hold.target} {hold.label}: {what}" + (f" ({hold.note})" if hold.note else ""),
                command=command,
                amounts=amounts,
                days=days,
                customer_id=hold.customer_id,
                customer_name=hold.customer_name,
                owner=hold.owner,
            )


def _of_hold(book: Book, hold: Held) -> tuple[Kind, str, str, int] | None:
    """What is to be done about a hold today, with which command, and for how many days it has been.

    Who promised money for today is asked for it; a hold that was forgotten gets an end.
    """
    today, age = book.today, _days(book, hold.put_on)
    target = _named(hold.target, hold.target_id)
    ask = f"arsync call {book.name} {_named('customer', hold.customer_id)}"
    let_go = f"arsync release {book.name} {target} --reason {hold.reason}"
    amount = "" if hold.amount is None else f"{plain(hold.amount, hold.currency)} {hold.currency}"
    end = f"arsync hold {book.name} {target} --reason {hold.reason} --until DATE"
    end += f" --amount {shlex.quote(amount)}" if amount else ""
    end += f" --owner {shlex.quote(hold.owner)}" if hold.owner else ""
    if hold.reason == "promised":
        promised = f"{amount} " if amount else ""
        if hold.until is None:
            return ("hold-without-end", f"{promised}promised without a day", end, age)
        if hold.until == today:
            return ("promise-due", f"{promised}promised for today", ask, 0)
        if hold.until < today <= hold.until + timedelta(days=hold.grace):
            late = (today - hold.until).days
            return ("promise-overdue", f"{promised}promised for {hold.until}", ask, late)
        return None
    if hold.reason == "disputed" and age >= OLD_DISPUTE:
        return ("dispute", "disputed and not settled", let_go, age)
    if hold.reason == "complaint" and age >= OLD_COMPLAINT:
        return ("complaint", "a complaint is open", let_go, age)
    if hold.until is None and hold.reason in ("paused", "hardship") and age >= FORGOTTEN_DAYS:
        return ("hold-without-end", f"held as {hold.reason} without an end", end, age)
    return None


def _of_tasks(book: Book, plan: Plan) -> Iterator[Item]:
    for task in plan.tasks:
        since = min((line.due_on for line in task.lines if line.step and line.due_on), default=None)
        opened = None if since is None else since + timedelta(days=task.offset)
        if task.does == "call":
            command = f"arsync call {book.name} {_named('customer', task.customer_id)}"
            yield _about(book, "call", task, f"call {task.customer_name}: {task.step}", command, opened)
        else:
            kind: Kind = "letter" if task.does == "letter" else "task"
            command = f"arsync done {book.name} {task.id}"
            yield _about(book, kind, task, f"{task.step} for {task.customer_name}", command, opened)


def _of_agreements(book: Book) -> Iterator[Item]:
    for it in waiting.waiting_agreements(book.store, book.name):
        who = f"{it.customer_name} ({it.customer_id})"
        if it.state == "proposed":
            offer = f"{plain(it.amount, it.currency)} of {plain(it.open, it.currency)} {it.currency}"
            what = f"the settlement {it.id} with {who} over {offer} waits for approval"
            command = f"arsync agree {book.name} --approve {it.id} --owner NAME"
            amount = it.open
        else:
            # What is in dispute beside a kept settlement or discount stays owed: nobody gave it up.
            amount = min(it.open, it.conceded)
            if amount == 0:
                continue
            rest = f"{plain(amount, it.currency)} {it.currency}"
            what = f"the {it.kind} with {who} was kept: write off the rest of {rest} in the accounting system"
            command = f"arsync agreements {book.name} --all"
        yield Item(
            book=book.name,
            kind="settlement" if it.state == "proposed" else "write-off",
            what=what,
            command=command,
            amounts={it.currency: amount},
            days=_days(book, it.agreed_on if it.state == "proposed" else it.since),
            customer_id=it.customer_id,
            customer_name=it.customer_name,
            owner=it.owner,
        )


def _of_plan(book: Book, plan: Plan) -> Iterator[Item]:
    """What no step will ever reach, figures that look wrong, and messages that wait for a person."""
    found_on = {it.difference.customer_id: it.found_on for it in differences(book.store, book.name)}
    opened = _open_by_hold(book, plan)
    for (kind, customer, name), amounts in opened.items():
        if kind != "stale-data":
            what, command = _STUCK[kind]
            yield Item(
                book=book.name,
                kind=kind,
                what=what.format(name=name),
                command=command.format(book=book.name, customer=_named("customer", customer)),
                amounts=amounts,
                days=_days(book, found_on.get(customer)) if kind == "unreconciled" else 0,
                customer_id=customer,
                customer_name=name,
            )
    stale = [hold for hold in plan.holds if hold.reason == "stale-data"]
    if stale:
        yield Item(
            book=book.name,
            kind="stale-data",
            what=f"{stale[0].detail}: record what has come in, then sync",
            command=f"arsync sync {book.name}",
            amounts=_sums(amounts for (kind, *_), amounts in opened.items() if kind == "stale-data"),
        )
    planned = [message for message in plan.messages if message.status == "planned"]
    if planned and not book.automatic and (book.live or book.golive):
        asked: dict[str, int] = {}
        for message in planned:
            asked[message.currency] = asked.get(message.currency, 0) + message.total - message.held_back
        plural = "messages wait" if len(planned) > 1 else "message waits"
        yield Item(
            book=book.name,
            kind="approval",
            what=f"{len(planned)} {plural} for approval",
            command=f"arsync approve {book.name} --all",
            amounts=asked,
        )


def _open_by_hold(book: Book, plan: Plan) -> dict[tuple[Kind, str, str], dict[str, int]]:
    """What is open on the invoices held for one of these reasons, by reason and customer. Of an invoice
    whose ladder ended with a person's task somebody knows already."""
    kinds: dict[str, Kind] = {kind: kind for kind in _STUCK}
    kinds["stale-data"] = "stale-data"
    holds = [hold for hold in plan.holds if hold.reason in kinds]
    if not holds:
        return {}
    known = invoices_of(book.store, book.name, [id_ for hold in holds for id_, _ in hold.invoices])
    found: dict[tuple[Kind, str, str], dict[str, int]] = {}
    for hold in holds:
        kind = kinds[hold.reason]
        ids = [id_ for id_, _ in hold.invoices]
        if kind == "ladder-done":
            ids = [id_ for id_ in ids if not waiting.ended_with_a_task(book.store, book.name, id_)]
        for invoice in (known[id_] for id_ in ids if id_ in known):
            sums = found.setdefault((kind, hold.customer_id, hold.customer_name), {})
            sums[invoice.currency] = sums.get(invoice.currency, 0) + invoice.owed
    return found


def _of_book(book: Book) -> Iterator[Item]:
    """What stops a whole book: all that is overdue in it is at risk."""
    everything = waiting.overdue(book.store, book.name, book.today)
    if not book.live and book.golive is None:
        yield Item(
            book=book.name,
            kind="not-live",
            what="nothing leaves this book before its go-live is confirmed",
            command=f"arsync golive {book.name}",
            amounts=everything,
        )
    yield from _of_consent(book)
    count, since = waiting.failed_notes(book.store, book.name)
    if count:
        yield Item(
            book=book.name,
            kind="note-failed",
            what=f"{count} note{'' if count == 1 else 's'} could not be written into the accounting system",
            command=f"arsync note {book.name} --again",
            days=_days(book, since),
        )
    count, since = waiting.reject_count(book.store, book.name)
    if count:
        yield Item(
            book=book.name,
            kind="rejects",
            what=f"{count} record{'' if count == 1 else 's'} could not be understood and cannot be chased",
            command=f"arsync rejects {book.name}",
            days=_days(book, since),
        )


def _of_consent(book: Book) -> Iterator[Item]:
    if (consent := consent_of(book)).needs_word:
        yield Item(
            book=book.name,
            kind="token",
            what=f"{consent.sentence}; nothing is synced or sent without consent",
            command=consent.command,
            amounts=waiting.overdue(book.store, book.name, book.today),
        )


def _sums(parts: Iterator[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for amounts in parts:
        for currency, units in amounts.items():
            total[currency] = total.get(currency, 0) + units
    return total


def _days(book: Book, since: date | None) -> int:
    return 0 if since is None else max((book.today - since).days, 0)


def _named(target: str, id_: str) -> str:
    return shlex.quote(f"{target}:{id_}")
