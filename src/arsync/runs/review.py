"""What became of promises and agreements, decided once each on what was just synced.

The plan decides the same by itself, on any day; a review writes it down: for the story, for who looks back,
and so that what is broken stays broken when the money comes later.
"""

from __future__ import annotations

import sqlite3
from datetime import date
from typing import Literal

import msgspec

from arsync.money import plain
from arsync.policy.agreements import stand
from arsync.policy.model import HoldOrder
from arsync.policy.promises import Fate, judge, words
from arsync.runs.book import Book
from arsync.runs.hold_notes import owe_hold_note
from arsync.store import Claim, story
from arsync.store.agreements import KeptAgreement, close, tell, waiting
from arsync.store.families import Families, families
from arsync.store.promises import KeptPromise, promises, release_promise, unapplied_by_payer

_PROMISES: dict[Fate, story.What] = {
    "kept": "promise-kept",
    "part kept": "promise-part-kept",
    "broken": "promise-broken",
}


class Verdict(msgspec.Struct, frozen=True):
    """What a review found: ``what`` is the word of its event, ``about`` the id of a promise's customer or
    invoice, else of the agreement, and ``label`` what people call it."""

    what: story.What
    about: str
    label: str
    detail: str


def review(book: Book, claim: Claim) -> tuple[Verdict, ...]:
    """Decide what is due for a verdict; nothing on a half pull. It changes nothing of today's plan, and
    a second one on the same day finds nothing."""
    today = book.today
    with book.store.writing(claim) as conn:
        made, agreed = promises(conn, book.name), waiting(conn, book.name, today)
        if not made and not agreed:
            return ()
        kin = families(conn, book.name)
        credit = unapplied_by_payer(conn, book.name, kin)
        verdicts = [
            *(_of_promise(conn, book, it, kin, credit, today) for it in made),
            *(_of_agreement(conn, book, it, kin, credit, today) for it in agreed),
        ]
    return tuple(it for it in verdicts if it is not None)


def _of_promise(
    conn: sqlite3.Connection,
    book: Book,
    it: KeptPromise,
    kin: Families,
    credit: dict[tuple[str, str], int],
    today: date,
) -> Verdict | None:
    if not it.order.lines:
        return None  # nothing to measure it by
    whose = kin.payers.get(it.customer_id, it.customer_id)
    theirs = credit.get((whose, it.order.currency), 0) if it.counts_credit else 0
    judged = judge(it.order, it.owed, today, credit=theirs)
    if not judged.over or judged.fate == "open":
        return None
    release_promise(conn, book.name, it, today)
    verdict = Verdict(
        _PROMISES[judged.fate], it.target_id, it.label, _told(it.order, words(it.order, judged))
    )
    story.log(
        conn,
        book.name,
        verdict.what,
        at=book.clock(),
        day=today,
        customer_id=it.customer_id or None,
        invoice_id=it.target_id if it.target == "invoice" else None,
        detail=verdict.detail,
    )
    owe_hold_note(book, it.target, it.target_id, it.order, judged.fate)
    return verdict


def _told(order: HoldOrder, text: str) -> str:
    return f"{text}; {order.note}" if order.note else text


def _of_agreement(
    conn: sqlite3.Connection,
    book: Book,
    it: KeptAgreement,
    kin: Families,
    credit: dict[tuple[str, str], int],
    today: date,
) -> Verdict | None:
    agreement, currency = it.agreement, it.agreement.currency
    if it.state == "proposed":
        if agreement.until is None or today <= agreement.until:
            return None
        return _closed(
            conn, book, it, "agreement-lapsed", f"nobody approved it up to {agreement.until}", today
        )
    payer = next(
        (line.customer_id for line in it.lines if line.now and line.customer_id), agreement.customer_id
    )
    theirs = credit.get((kin.payers.get(payer, payer), currency), 0)
    standing = stand(agreement, it.owed, today, credit=theirs)
    came = f"{plain(standing.paid, currency)} {currency} came"
    if standing.state == "kept":
        left = sum(line.now - line.disputed for line in it.lines) if agreement.kind != "instalments" else 0
        if left:
            came += (
                f"; {plain(left, currency)} {currency} was conceded: write it off in the accounting system"
            )
        return _closed(conn, book, it, "agreement-kept", came, today, conceded=left)
    if standing.state == "broken":
        assert standing.at is not None
        missed = agreement.instalments[standing.at]
        why = (
            f"{came}; instalment {standing.at + 1} of {len(agreement.instalments)} was due on {missed.due_on}"
        )
        return _closed(conn, book, it, "agreement-broken", why, today)
    if standing.state == "lapsed":
        wanted = f"{plain(agreement.amount, currency)} {currency} by {agreement.until}"
        return _closed(conn, book, it, "agreement-lapsed", f"{came} of {wanted}", today)
    return None


def _closed(
    conn: sqlite3.Connection,
    book: Book,
    it: KeptAgreement,
    what: story.What,
    detail: str,
    today: date,
    *,
    conceded: int = 0,
) -> Verdict:
    state: Literal["kept", "broken", "ended"]
    state = "kept" if what == "agreement-kept" else "ended" if it.state == "proposed" else "broken"
    close(conn, book.name, it.agreement.id, state, day=today, conceded=conceded)
    tell(conn, book.name, it.agreement, what, detail, at=book.clock(), day=today)
    return Verdict(what, it.agreement.id, f"{it.agreement.id} of {it.customer_name}", detail)
