"""Agreements with customers: proposed, agreed, and ended as kept, broken or taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from arsync.errors import FixSettings
from arsync.policy.agreements import discounted
from arsync.policy.model import Agreement, Instalment, Message
from arsync.store import story
from arsync.store.columns import day_of, instant, text_of
from arsync.store.database import Store
from arsync.store.queries import statements

# proposed: waits for an approval. broken: missed, or run out unpaid. ended: taken back by a person.
AgreementState = Literal["proposed", "agreed", "kept", "broken", "ended"]

_SQL = statements("agreements")


class OwedLine(msgspec.Struct, frozen=True):
    """An invoice of an agreement: what was open when it was agreed and what is now, in minor units, and
    what of that is in dispute. ``customer_id`` is whose it is, None where the book has it no more."""

    invoice_id: str
    number: str
    then: int
    now: int
    disputed: int
    customer_id: str | None


class KeptAgreement(msgspec.Struct, frozen=True):
    """An agreement with what became of it. ``conceded`` is what was given up, in minor units, once it is
    kept; ``ended_on`` the day of the book on which it was kept, broken or ended."""

    agreement: Agreement
    state: AgreementState
    conceded: int
    approved_by: str
    ended_on: date | None
    customer_name: str
    lines: tuple[OwedLine, ...]

    @property
    def owed(self) -> dict[str, int]:
        """What is open now, by invoice."""
        return {line.invoice_id: line.now for line in self.lines}


class Conceded(msgspec.Struct, frozen=True):
    """What was conceded to a customer before: how often, and how much in minor units of the currency."""

    customer_id: str
    currency: str
    kind: str
    times: int
    amount: int


def put_agreement(store: Store, book: str, agreement: Agreement, *, at: datetime, day: date) -> KeptAgreement:
    """Keep a new agreement under an id of its own: a settlement is proposed, others are agreed. Raises
    FixSettings, and changes nothing, where one of its invoices is under another that is in force.
    Discounts that were offered on them end, but for a proposal: a letter has promised them."""
    state: AgreementState = "proposed" if agreement.kind == "settlement" else "agreed"
    with store.writing() as conn:
        _make_room(conn, book, agreement, at=at, day=day, agreed=state == "agreed")
        [(known,)] = conn.execute(_SQL["count"], (book,)).fetchall()
        round_ = max([2, *(_free_round(conn, book, invoice) for invoice, _ in agreement.lines)])
        new = msgspec.structs.replace(agreement, id=f"a{known + 1}", first_round=round_)
        _put(conn, book, new, state, instant(at))
        what: story.What = "agreement-made" if state == "agreed" else "agreement-proposed"
        tell(conn, book, new, what, new.note, at=at, day=day)
        return _one(conn, book, new.id, day)


def approve_agreement(
    store: Store, book: str, id_: str, *, owner: str, at: datetime, day: date
) -> KeptAgreement:
    """proposed -> agreed. Raises FixSettings for one that is not proposed, that has run out, or whose
    invoices have come under another meanwhile."""
    with store.writing() as conn:
        known = _one(conn, book, id_, day)
        if known.state != "proposed":
            raise FixSettings(f"the agreement {id_} is {known.state}; only a proposed one can be approved")
        until = known.agreement.until
        if until is not None and until < day:
            raise FixSettings(f"the agreement {id_} ran out on {until}; propose it anew")
        _make_room(conn, book, known.agreement, at=at, day=day)
        conn.execute(_SQL["approve"], {"book": book, "id": id_, "day": day.isoformat(), "owner": owner})
        tell(conn, book, known.agreement, "agreement-made", f"approved by {owner}", at=at, day=day)
        return _one(conn, book, id_, day)


def end_agreement(store: Store, book: str, id_: str, *, note: str, at: datetime, day: date) -> KeptAgreement:
    """A person takes it back. Raises FixSettings for one that is over already."""
    with store.writing() as conn:
        known = _one(conn, book, id_, day)
        if not close(conn, book, id_, "ended", day=day):
            raise FixSettings(f"the agreement {id_} is {known.state} since {known.ended_on}")
        tell(conn, book, known.agreement, "agreement-ended", note, at=at, day=day)
        return _one(conn, book, id_, day)


def close(
    conn: sqlite3.Connection,
    book: str,
    id_: str,
    state: Literal["kept", "broken", "ended"],
    *,
    day: date,
    conceded: int = 0,
) -> bool:
    """End one that is proposed or agreed, in the caller's write transaction; whether it was."""
    values = {"book": book, "id": id_, "state": state, "day": day.isoformat(), "conceded": conceded}
    return conn.execute(_SQL["end"], values).rowcount > 0


def tell(
    conn: sqlite3.Connection,
    book: str,
    agreement: Agreement,
    what: story.What,
    detail: str,
    *,
    at: datetime,
    day: date,
) -> None:
    """Its event, in the caller's write transaction: the story of its customer and of its invoices."""
    detail = f"{agreement.kind}; {detail}" if detail else agreement.kind
    whose = agreement.customer_id
    story.log(conn, book, what, at=at, day=day, customer_id=whose, source=agreement.id, detail=detail)


def agreements(store: Store, book: str, day: date) -> list[KeptAgreement]:
    """All agreements of a book, the oldest first, with what is owed on their invoices now; ``day`` is
    the book's today, for disputes that are over."""
    with store.reading() as conn:
        rows = conn.execute(_SQL["all"], {"book": book}).fetchall()
        return [_kept(conn, book, row, day) for row in rows]


def waiting(conn: sqlite3.Connection, book: str, day: date) -> list[KeptAgreement]:
    """Those that are proposed or agreed, the oldest first."""
    rows = conn.execute(_SQL["waiting"], {"book": book}).fetchall()
    return [_kept(conn, book, row, day) for row in rows]


def conceded_before(store: Store, book: str, customer_id: str | None = None) -> list[Conceded]:
    """What settlements and discounts gave up before, to one customer or to each."""
    found = [Conceded(*row) for row in store.rows(_SQL["conceded"], {"book": book})]
    return [it for it in found if customer_id is None or it.customer_id == customer_id]


def in_force(conn: sqlite3.Connection, book: str, customers: Collection[str] | None) -> list[Agreement]:
    """The agreements that a plan has to keep to, of the whole book or of these customers (with all of
    their families): agreed ones, and settlements and discounts that were paid while something is left to
    be written off. Customers are the accounting system's own."""
    if customers is None:
        rows = conn.execute(_SQL["in_force"], {"book": book}).fetchall()
    else:
        each = [{"book": book, "customer": id_} for id_ in sorted(set(customers))]
        some = {row[0]: row for values in each for row in conn.execute(_SQL["in_force_of_customer"], values)}
        rows = [some[id_] for id_ in sorted(some)]
    return [_agreement(conn, book, row) for row in rows]


def in_force_on(conn: sqlite3.Connection, book: str, day: date) -> list[Agreement]:
    """Those of the whole book that were in force at the end of a past day."""
    rows = conn.execute(_SQL["in_force_on"], {"book": book, "day": day.isoformat()}).fetchall()
    return [_agreement(conn, book, row) for row in rows]


def offered(conn: sqlite3.Connection, book: str, message: Message, day: date) -> None:
    """A message that offers a discount has left: from now on the discount is agreed, under the message's
    id. Called in the write transaction of its delivery; a message without an offer, and one that is
    delivered twice, change nothing.

    It is about the invoices that the message asks for in full or in their undisputed part; on instalments
    there is none. What is enough is what the letter says: the customer's credit is taken off first, and
    the rest less the discount is rounded down. An older discount on one of the invoices ends.
    """
    if message.offer is None or message.offer_until is None:
        return
    lines = [it for it in message.lines if it.open > it.disputed and not it.not_due and it.round == 1]
    if not lines or conn.execute(_SQL["one"], {"book": book, "id": message.id}).fetchone():
        return
    asked = sum(it.open - it.disputed for it in lines)
    net = max(asked - message.unapplied, 0)
    agreement = Agreement(
        id=message.id,
        kind="discount",
        customer_id=message.customer_id,
        currency=message.currency,
        agreed_on=day,
        lines=tuple((it.invoice_id, it.open) for it in lines),
        amount=asked - net + discounted(net, message.offer.basis_points),
        until=message.offer_until,
    )
    [handed_over] = conn.execute(_SQL["handed_over"], (book, message.id)).fetchone() or [f"{day}T00:00:00Z"]
    for line in lines:
        for id_, kind in conn.execute(_SQL["of_invoice"], (book, line.invoice_id)).fetchall():
            if kind == "discount":
                close(conn, book, id_, "ended", day=day)
    _put(conn, book, agreement, "agreed", handed_over)


def _free_round(conn: sqlite3.Connection, book: str, invoice: str) -> int:
    [(round_,)] = conn.execute(_SQL["free_round"], {"book": book, "invoice": invoice}).fetchall()
    return int(round_)


def _make_room(
    conn: sqlite3.Connection,
    book: str,
    agreement: Agreement,
    *,
    at: datetime,
    day: date,
    agreed: bool = True,
) -> None:
    """Raises FixSettings where an invoice is under another agreement. Offers of discounts end, unless it is
    not ``agreed`` yet."""
    for invoice, _ in agreement.lines:
        for id_, kind in conn.execute(_SQL["of_invoice"], (book, invoice)).fetchall():
            known = _one(conn, book, id_, day)
            if kind != "discount":
                raise FixSettings(_taken(book, known, invoice))
            if agreed and close(conn, book, id_, "ended", day=day):
                why = "another agreement took its place"
                tell(conn, book, known.agreement, "agreement-ended", why, at=at, day=day)


def _taken(book: str, known: KeptAgreement, invoice: str) -> str:
    number = next(line.number for line in known.lines if line.invoice_id == invoice)
    it = known.agreement
    if known.state == "kept":
        return f"invoice {number} was settled by {it.id}; what is left of it is to be written off"
    return f"invoice {number} is under the agreement {it.id} ({it.kind}); `arsync agree {book} --end {it.id}`"


def _put(
    conn: sqlite3.Connection, book: str, agreement: Agreement, state: AgreementState, put_at: str
) -> None:
    columns = {
        name: getattr(agreement, name)
        for name in Agreement.__struct_fields__
        if name not in ("lines", "instalments")
    }
    days = {"agreed_on": text_of(agreement.agreed_on), "until": text_of(agreement.until)}
    conn.execute(_SQL["put"], {**columns, **days, "book": book, "state": state, "put_at": put_at})
    conn.executemany(
        _SQL["put_line"],
        [(book, agreement.id, at, invoice, open_) for at, (invoice, open_) in enumerate(agreement.lines)],
    )
    conn.executemany(
        _SQL["put_instalment"],
        [
            (book, agreement.id, at, it.due_on.isoformat(), it.amount)
            for at, it in enumerate(agreement.instalments)
        ],
    )


def _one(conn: sqlite3.Connection, book: str, id_: str, day: date) -> KeptAgreement:
    row = conn.execute(_SQL["one"], {"book": book, "id": id_}).fetchone()
    if row is None:
        raise FixSettings(f"there is no agreement {id_!r} in the book {book}; see `arsync agreements {book}`")
    return _kept(conn, book, row, day)


def _kept(conn: sqlite3.Connection, book: str, row: tuple[Any, ...], day: date) -> KeptAgreement:
    state, conceded, approved_by, ended_on, name = row[12:]
    agreement = _agreement(conn, book, row[:12])
    then = dict(agreement.lines)
    owed = conn.execute(_SQL["owed"], {"book": book, "id": agreement.id, "day": day.isoformat()})
    lines = tuple(
        OwedLine(id_, number, then[id_], now, min(disputed, now), customer)
        for id_, number, now, customer, disputed in owed
    )
    return KeptAgreement(agreement, state, conceded, approved_by, day_of(ended_on), name, lines)


def _agreement(conn: sqlite3.Connection, book: str, row: tuple[Any, ...]) -> Agreement:
    id_, kind, customer, currency, agreed_on, grace, broken_after, amount, until, note, owner, round_ = row
    return Agreement(
        id=id_,
        kind=kind,
        customer_id=customer,
        currency=currency,
        agreed_on=date.fromisoformat(agreed_on),
        lines=tuple(conn.execute(_SQL["lines"], (book, id_)).fetchall()),
        instalments=tuple(
            Instalment(date.fromisoformat(due), part)
            for due, part in conn.execute(_SQL["instalments"], (book, id_)).fetchall()
        )
        if kind == "instalments"
        else (),
        grace=grace,
        broken_after=broken_after,
        amount=amount,
        until=day_of(until),
        note=note,
        owner=owner,
        first_round=round_,
    )
