"""The policy in force for one customer or one invoice. Pure.

A book's policy may have segments, and terms for single customers and invoices. For each value the
practice's house policy gives way to the book's policy file, that to a segment (a later one in the file
beats an earlier), that to the customer's own value, and for the ladder that to the invoice's own. Then
come the floors of the kind of debtor (`arsync.policy.profiles`): the stricter counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from arsync.policy.ladder import firm_steps
from arsync.policy.model import Debt, Debtor, Facts
from arsync.policy.profiles import PERSONS, held_to
from arsync.policy.rules import CustomerTerms, Override, Policy, Profile, Step
from arsync.policy.segments import Segments

# The ladder that stands as [[steps]] in the policy file: what a customer or an invoice names that is to
# climb it, whatever a segment says.
OWN_STEPS = "steps"
# What `not_for` of a step names beside segments: an invoice of which a part is in dispute.
DISPUTED = "disputed"
# The values of an override that take the place of the policy's under the same name.
VALUES = tuple(name for name in Override.__struct_fields__ if name not in ("ladder", "sources"))
NO_TERMS = CustomerTerms()


class Standing(NamedTuple):
    """What a customer's policy hangs on: its own terms, its profile before any floor, the segments whose
    conditions on the customer hold, and the policy that comes of them."""

    terms: CustomerTerms
    profile: Profile | None
    candidates: tuple[int, ...]
    policy: Policy


class Choice(NamedTuple):
    """The policy of an invoice as far as amounts do not matter; ``by_amount`` tells that some step asks
    for one. ``base`` is the customer's policy, kept so that its id stays its own."""

    base: Policy
    policy: Policy
    by_amount: bool


class InForce:
    """Resolves a book's policy for its customers and invoices.

    A policy that says the same for all of them is given back as it is. What comes of one choice of
    segments is made once, however many customers share it.
    """

    def __init__(self, policy: Policy, facts: Facts) -> None:
        self._policy, self._behaviour = policy, facts.behaviour
        self._segments = Segments(policy.segments)
        self._names = {name.casefold(): terms for name, terms in policy.customers.items()}
        self._invoices = {number.casefold(): own for number, own in policy.invoices.items()}
        self._same_for_all = not (
            policy.segments or policy.customers or policy.invoices or policy.ladders or policy.profile
        )
        self._same_for_invoices = not (
            policy.invoices or self._segments.of_invoices or any(map(_conditional, policy.every_step))
        )
        self._standings: dict[str, Standing] = {}
        self._by_segments: dict[tuple[int, ...], Policy] = {}
        self._choices: dict[tuple[int, tuple[int, ...], str | None, bool], Choice] = {}
        self._by_amount: dict[tuple[int, ...], Policy] = {}

    def terms(self, debtor: Debtor) -> CustomerTerms:
        """What the policy says of this customer alone, by its id or else its name in any case."""
        if not self._names:
            return NO_TERMS
        own = self._policy.customers.get(debtor.id)
        return own or self._names.get(debtor.name.casefold(), NO_TERMS)

    def debtor(self, debtor: Debtor) -> Debtor:
        """The customer with what the policy knows better: its addresses, group and place.

        Addresses of its own stand in the place of all that the accounting system has.
        """
        return _known_better(debtor, self.terms(debtor))

    def customer(self, debtor: Debtor) -> Policy:
        """The policy in force for this customer: it has no segments, customers, invoices or further
        ladders. Its contacts are the customer's own before the policy's; those of a natural person are
        the policy's alone, for a debt is not told to third parties."""
        return self._policy if self._same_for_all else self.standing(debtor).policy

    def debt(self, debtor: Debtor, debt: Debt, base: Policy) -> Policy:
        """``base``, which is the customer's policy, with the ladder of this invoice and without the steps
        whose conditions leave it out."""
        if self._same_for_invoices:
            return base
        hits = self._segments.of_invoice(self.standing(debtor).candidates, debt)
        own = self.invoice(debt)
        # With the customer's policy, all that its ladder and the conditions besides amounts hang on.
        key = id(base), hits, None if own is None else own.ladder, debt.disputed > 0
        if (chosen := self._choices.get(key)) is None:
            chosen = self._choices[key] = self._choose(debtor, debt, base, hits)
        return chosen.policy if not chosen.by_amount else self._enough(chosen, debt)

    def _choose(self, debtor: Debtor, debt: Debt, base: Policy, hits: tuple[int, ...]) -> Choice:
        standing = self.standing(debtor)
        fitting = {*hits, *(i for i in standing.candidates if i not in self._segments.of_invoices)}
        names = {self._policy.segments[index].name for index in fitting}
        ladder = self._ladder(standing, fitting, debt)
        whole = base if ladder == base.steps else msgspec.structs.replace(base, steps=ladder)
        policy = _shortened(whole, [_concerns(step, names, debt) for step in ladder])
        return Choice(base, policy, any(step.at_least for step in policy.steps))

    def _enough(self, chosen: Choice, debt: Debt) -> Policy:
        """Without the steps that ask for more. In a currency that `at_least` does not name there is no
        least amount, as there is no minimum in one that `minimum` does not name."""
        asked, currency = debt.asked, debt.currency
        passing = [asked >= step.at_least.get(currency, asked) for step in chosen.policy.steps]
        if all(passing):
            return chosen.policy
        key = id(chosen.policy), *passing
        if (found := self._by_amount.get(key)) is None:
            found = self._by_amount[key] = _shortened(chosen.policy, passing)
        return found

    def standing(self, debtor: Debtor) -> Standing:
        """The customer's own terms and segments, and what comes of them."""
        if (known := self._standings.get(debtor.id)) is not None:
            return known
        terms = self.terms(debtor)
        own = terms.values.profile
        candidates, profile = self._segments.of_customer(
            _known_better(debtor, terms),
            self._behaviour.get(debtor.id, frozenset()),
            debt=terms.debt or self._policy.debt,
            profile=own or self._policy.profile,
            fixed=own is not None,
        )
        standing = Standing(terms, profile, candidates, self._policy)
        standing = standing._replace(policy=self._resolved(standing))
        self._standings[debtor.id] = standing
        return standing

    def _ladder(self, standing: Standing, fitting: Iterable[int], debt: Debt | None) -> tuple[Step, ...]:
        """All steps of the ladder in force, whatever their conditions."""
        own = None if debt is None else self.invoice(debt)
        name = (own.ladder if own else None) or standing.terms.values.ladder
        if name is None:
            chosen = (self._policy.segments[index].values.ladder for index in sorted(fitting, reverse=True))
            name = next((ladder for ladder in chosen if ladder is not None), None)
        return self._policy.steps if name in (None, OWN_STEPS) else self._policy.ladders[name]

    def levels(self, debtor: Debtor, debt: Debt | None) -> list[tuple[str, Override]]:
        """What stands above the book's policy for a customer, or for one of its invoices: the segments it
        is in, its own values, and the invoice's, by their names. A later one beats an earlier."""
        standing = self.standing(debtor)
        fitting = frozenset(standing.candidates) - self._segments.of_invoices
        if debt is not None:
            fitting = fitting.union(self._segments.of_invoice(standing.candidates, debt))
        segments = [self._policy.segments[index] for index in sorted(fitting)]
        levels = [(f"segment {segment.name}", segment.values) for segment in segments]
        levels.append(("customer", standing.terms.values))
        own = None if debt is None else self.invoice(debt)
        return levels if own is None else [*levels, ("invoice", own)]

    def invoice(self, debt: Debt) -> Override | None:
        """What the policy says of this invoice alone, by its id or else its number in any case."""
        if not self._invoices:
            return None
        return self._policy.invoices.get(debt.id) or self._invoices.get(debt.number.casefold())

    def _resolved(self, standing: Standing) -> Policy:
        of_all = tuple(index for index in standing.candidates if index not in self._segments.of_invoices)
        if standing.terms is not NO_TERMS:
            return self._made(standing, of_all)
        if of_all not in self._by_segments:  # which decide its profile too
            self._by_segments[of_all] = self._made(standing, of_all)
        return self._by_segments[of_all]

    def _made(self, standing: Standing, segments: tuple[int, ...]) -> Policy:
        policy, terms = self._policy, standing.terms
        values: dict[str, object] = {}
        for level in (*(policy.segments[index].values for index in segments), terms.values):
            values |= {name: value for name in VALUES if (value := getattr(level, name)) is not None}
        values["profile"] = standing.profile
        private = standing.profile in PERSONS
        made = msgspec.structs.replace(
            policy,
            **values,
            steps=self._ladder(standing, segments, None),
            debt=terms.debt or policy.debt,
            contacts=policy.contacts if private else {**policy.contacts, **terms.contacts},
            ladders={},
            segments=(),
            customers={},
            invoices={},
        )
        return held_to(made)


def _shortened(policy: Policy, kept: Sequence[bool]) -> Policy:
    """The policy with these steps of its ladder alone; itself with all of them. Which of them is firm is
    told by its place on the whole ladder, whatever is left out."""
    if all(kept):
        return policy
    firm = firm_steps(policy)
    steps = [step for step, stays in zip(policy.steps, kept, strict=True) if stays]
    settled = tuple(msgspec.structs.replace(step, firm=step.name in firm) for step in steps)
    return msgspec.structs.replace(policy, steps=settled)


def _known_better(debtor: Debtor, terms: CustomerTerms) -> Debtor:
    if terms is NO_TERMS:
        return debtor
    changes: dict[str, object] = {}
    if terms.to:
        changes |= {"to": terms.to, "cc": (), "bcc": (), "bad": ()}
    if terms.group is not None and terms.group not in debtor.groups:
        changes["groups"] = (*debtor.groups, terms.group)
    if terms.country is not None and terms.country != debtor.country:
        changes |= {"country": terms.country, "subdivision": "", "zones": ()}
    if terms.subdivision is not None:
        changes["subdivision"] = terms.subdivision
    if terms.timezone is not None:
        changes["zones"] = (terms.timezone,)
    return msgspec.structs.replace(debtor, **changes) if changes else debtor


def _conditional(step: Step) -> bool:
    return bool(step.at_least or step.only_for or step.not_for)


def _concerns(step: Step, segments: set[str], debt: Debt) -> bool:
    """Whether the step is for invoices in these segments, whatever their amounts."""
    if step.only_for and not step.only_for & segments:
        return False
    return not (step.not_for & segments or (debt.disputed and DISPUTED in step.not_for))
