"""What was agreed, promised and disputed, worked into the facts before anything is planned. Pure.

The plan asks only for what is asked for now: partial disputes and agreements take their part out of the
debts, a debt under an instalment plan has its instalment's due date and climbs the ladder in a round of its
own, and promises become holds that end when they are kept or broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from arsync.money import plain
from arsync.policy.agreements import Standing, lay, stand
from arsync.policy.ladder import days_after
from arsync.policy.model import Agreement, Debt, Facts, HoldOrder
from arsync.policy.promises import CREDIT, judge, words

Orders = Mapping[str, Sequence[HoldOrder]]
ONE_DAY = timedelta(days=1)


class Terms(msgspec.Struct, frozen=True):
    """The facts as the plan reads them, and the invoices that an agreement holds: by id the words for
    it and the last day on which it does, None where no day ends it."""

    facts: Facts
    agreed: Mapping[str, tuple[str, date | None]]


def terms(facts: Facts, today: date) -> Terms:
    """The terms of a day; the very same facts where nothing was agreed, promised or disputed in part.

    - A dispute about a part takes that part out of what is asked for; it holds the invoice only where
      nothing is left.
    - A promise with lines holds until it is kept or broken; one on a customer holds what that customer
      owes in the promise's currency.
    - An instalment plan asks for the first instalment that is not covered, and for the later ones that
      are due, on its oldest invoices; the others are held. One that is ``grace`` days late or less waits.
      A broken plan is no plan: each invoice goes on where it stood.
    - A settlement holds its invoices up to its last day. Once it is paid, so does a discount, and what is
      left is held until it is written off.
    """
    of_invoices, of_customers = _telling(facts.invoice_holds), _telling(facts.customer_holds)
    if not (of_invoices or of_customers or facts.agreements):
        return Terms(facts, {})
    return _Working(facts, today, of_invoices, of_customers).terms()


def _telling(orders: Orders) -> list[str]:
    """Whose orders have an amount, lines or a grace: the others are holds as they stand."""
    return [
        id_ for id_, given in orders.items() if any(o.amount is not None or o.lines or o.grace for o in given)
    ]


class _Working:
    """The work of one day: the debts that are named, and what becomes of them."""

    def __init__(self, facts: Facts, today: date, of_invoices: list[str], of_customers: list[str]) -> None:
        self.facts, self.today = facts, today
        self.of_invoices, self.of_customers = of_invoices, of_customers
        self.debts = list(facts.debts)
        self.invoice_holds: dict[str, Sequence[HoldOrder]] = dict(facts.invoice_holds)
        self.customer_holds: dict[str, Sequence[HoldOrder]] = dict(facts.customer_holds)
        self.agreed: dict[str, tuple[str, date | None]] = {}
        self.places: dict[str, int] = {}
        self.theirs: dict[str, list[Debt]] = {id_: [] for id_ in of_customers}
        self._look_up()
        self.owed = {id_: self.debts[at].open for id_, at in self.places.items()}

    def _look_up(self) -> None:
        """Where the debts stand that anything names: all of them are looked at once."""
        facts = self.facts
        named = {id_ for it in facts.agreements for id_, _ in it.lines}
        named.update(self.of_invoices)
        for holds, ids in (
            (facts.invoice_holds, self.of_invoices),
            (facts.customer_holds, self.of_customers),
        ):
            named.update(line for id_ in ids for order in holds[id_] for line, _ in order.lines)
        theirs = self.theirs
        for at, debt in enumerate(self.debts):
            if debt.id in named:
                self.places[debt.id] = at
            if theirs and debt.customer_id in theirs:
                theirs[debt.customer_id].append(debt)

    def terms(self) -> Terms:
        for id_ in self.of_invoices:
            self._of_invoice(id_)
        for id_ in self.of_customers:
            self._of_customer(id_)
        claimed: set[str] = set()
        for agreement in sorted(self.facts.agreements, key=_precedence):
            self._agreement(agreement, claimed)
        facts = msgspec.structs.replace(
            self.facts,
            debts=self.debts,
            invoice_holds=self.invoice_holds,
            customer_holds=self.customer_holds,
            agreements=(),
        )
        return Terms(facts, self.agreed)

    # Holds -----------------------------------------------------------------------------------

    def _of_invoice(self, id_: str) -> None:
        if (at := self.places.get(id_)) is None:
            return  # it owes nothing
        debt = self.debts[at]
        kept: list[HoldOrder] = []
        disputed = 0
        for order in self.invoice_holds[id_]:
            if order.reason == "promised" and (order.lines or order.grace):
                theirs = any(line == CREDIT for line, _ in order.lines)
                credit = self._credit(debt.customer_id, order.currency) if theirs else 0
                kept += self._promised(order, credit)
            elif order.reason == "disputed" and order.amount is not None:
                part = order.amount if order.currency in ("", debt.currency) else debt.open
                stands = order.until is None or self.today <= order.until
                if stands and part >= debt.open:  # nothing of it is left
                    kept.append(msgspec.structs.replace(order, amount=None))
                disputed = max(disputed, min(part, debt.open) if stands else 0)
            else:
                kept.append(order)
        if disputed:
            self.debts[at] = msgspec.structs.replace(debt, disputed=disputed)
        _put(self.invoice_holds, id_, kept)

    def _of_customer(self, id_: str) -> None:
        """A promise in one currency leaves what is owed in another alone."""
        kept: list[HoldOrder] = []
        for order in self.customer_holds[id_]:
            if order.reason != "promised" or not (order.lines or order.grace):
                kept.append(order)
                continue
            promise = self._promised(order, self._credit(id_, order.currency))
            if not order.currency:
                kept += promise
                continue
            for debt in self.theirs[id_] if promise else ():
                if debt.currency == order.currency:
                    self.invoice_holds[debt.id] = (*self.invoice_holds.get(debt.id, ()), *promise)
        _put(self.customer_holds, id_, kept)

    def _promised(self, order: HoldOrder, credit: int) -> list[HoldOrder]:
        """A promise as a plain hold with its end; nothing once it is over."""
        note, last = order.note, order.until
        if order.lines:
            judged = judge(order, self.owed, self.today, credit=credit)
            if judged.over:
                return []
            note, last = "; ".join(filter(None, (words(order, judged), order.note))), judged.last
        elif order.until is not None:
            last = days_after(order.until, order.grace)
        return [msgspec.structs.replace(order, until=last, note=note, amount=None, grace=0, lines=())]

    def _credit(self, customer_id: str, currency: str) -> int:
        return self.facts.unapplied.get((customer_id, currency), 0)

    # Agreements ------------------------------------------------------------------------------

    def _agreement(self, agreement: Agreement, claimed: set[str]) -> None:
        """An invoice is under one agreement at a time; of several, under the one made first."""
        open_ = [self.debts[at] for id_, _ in agreement.lines if (at := self.places.get(id_)) is not None]
        if not open_:
            return
        credit = self._credit(open_[0].customer_id, agreement.currency)
        standing = stand(agreement, self.owed, self.today, credit=credit)
        debts = sorted([debt for debt in open_ if debt.id not in claimed], key=_oldest)
        if agreement.kind == "instalments":
            if standing.state == "standing":
                self._instalments(agreement, standing, debts)
                claimed.update(debt.id for debt in debts)
        elif standing.state in ("kept", "covered"):
            if left := sum(map(self._free, debts)):  # what else is left is disputed
                self._hold(debts, _paid_words(agreement, standing, left), None)
            claimed.update(debt.id for debt in debts)
        elif standing.state == "standing" and agreement.kind == "settlement":
            self._hold(debts, _offer_words(agreement, standing), agreement.until)
            claimed.update(debt.id for debt in debts)

    def _hold(self, debts: Iterable[Debt], detail: str, last: date | None) -> None:
        self.agreed |= {debt.id: (detail, last) for debt in debts}

    def _instalments(self, agreement: Agreement, standing: Standing, debts: list[Debt]) -> None:
        assert standing.at is not None
        now, room = agreement.instalments[standing.at], [self._free(debt) for debt in debts]
        waits = days_after(now.due_on, agreement.grace)
        before = 0
        for debt, free, part in zip(debts, room, lay(standing.asked, room), strict=True):
            at = standing.at if part else _reached(agreement, standing, before)
            it = agreement.instalments[standing.at if at is None else at]
            self.debts[self.places[debt.id]] = msgspec.structs.replace(
                debt,
                due_on=it.due_on,
                not_due=debt.open - debt.disputed - part,
                round=(standing.at if at is None else at) + agreement.first_round,
            )
            before += free
            name = _instalment_words(agreement, standing.at if at is None else at)
            if not part:
                last = it.due_on - ONE_DAY if at is not None and it.due_on > self.today else None
                self.agreed[debt.id] = (f"under an instalment plan: {name}", last)
            elif now.due_on < self.today <= waits:
                self.agreed[debt.id] = (f"under an instalment plan, within its grace: {name}", waits)

    def _free(self, debt: Debt) -> int:
        """What of a debt is not in dispute."""
        for order in self.invoice_holds.get(debt.id, ()):
            if order.reason == "disputed" and (order.until is None or self.today <= order.until):
                return 0
        return debt.open - debt.disputed


def _put(holds: dict[str, Sequence[HoldOrder]], id_: str, orders: Sequence[HoldOrder]) -> None:
    if orders:
        holds[id_] = tuple(orders)
    else:
        del holds[id_]


def _reached(agreement: Agreement, standing: Standing, before: int) -> int | None:
    """The place of the instalment that will ask for an invoice that has so much of the debt before it,
    if nothing changes; None where none does."""
    sum_ = -standing.paid
    for at, it in enumerate(agreement.instalments):
        sum_ += it.amount
        if sum_ > before and at > (standing.at or 0):
            return at
    return None


def _precedence(agreement: Agreement) -> tuple[bool, date, str]:
    return agreement.kind == "discount", agreement.agreed_on, agreement.id


def _oldest(debt: Debt) -> tuple[date, str, str]:
    return debt.due_on or date.max, debt.number, debt.id


def _instalment_words(agreement: Agreement, at: int) -> str:
    it = agreement.instalments[at]
    amount = f"{plain(it.amount, agreement.currency)} {agreement.currency}"
    return f"instalment {at + 1} of {len(agreement.instalments)}, {amount}, is due on {it.due_on}"


def _offer_words(agreement: Agreement, standing: Standing) -> str:
    amount = f"{plain(agreement.amount, agreement.currency)} {agreement.currency}"
    came = f", {plain(standing.paid, agreement.currency)} of it came" if standing.paid else ""
    return f"{amount} up to {agreement.until} settles it{came}"


def _paid_words(agreement: Agreement, standing: Standing, left: int) -> str:
    """What is done, and what is left for a person to do in the accounting system."""
    amount, currency = plain(agreement.amount, agreement.currency), agreement.currency
    if standing.state == "covered":
        return f"{amount} {currency} settles it, and unapplied credit covers that: apply it to the invoices"
    done = "settled" if agreement.kind == "settlement" else "paid with its discount"
    return f"{done}; write off {plain(left, currency)} {currency} in the accounting system"
