"""Whom a segment holds for. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from arsync.policy.model import Debt, Debtor
from arsync.policy.rules import Behaviour, Profile, Segment, Where


class Segments:
    """The segments of a policy, looked at one customer or one invoice at a time. Positions are places in
    the file, counted from 0."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._all = segments
        self._groups = [_folded(segment.where.groups) for segment in segments]
        self._debts = [_folded(segment.where.debts) for segment in segments]
        self.of_invoices = frozenset(i for i, segment in enumerate(segments) if segment.where.of_invoices)

    def of_customer(
        self,
        debtor: Debtor,
        behaviour: frozenset[Behaviour],
        *,
        debt: str | None,
        profile: Profile | None,
        fixed: bool,
    ) -> tuple[tuple[int, ...], Profile | None]:
        """The segments whose conditions on the customer hold, and the profile that comes of them.

        ``debt`` is the kind of debt and ``profile`` that of the book, or with ``fixed`` the customer's
        own. A condition on the profile looks at the customer's own, else at that of the last segment
        before it that sets one, else at the book's. Those in `of_invoices` have conditions left to look at.
        """
        groups = _folded(debtor.groups)
        kind = None if debt is None else debt.casefold()
        found = []
        for index, segment in enumerate(self._all):
            where = segment.where
            if (
                (not where.groups or self._groups[index] & groups)
                and (not where.countries or debtor.country in where.countries)
                and (not where.debts or kind in self._debts[index])
                and (not where.profiles or profile in where.profiles)
                and (not where.behaviour or where.behaviour & behaviour)
            ):
                found.append(index)
                if not fixed and segment.values.profile is not None:
                    profile = segment.values.profile
        return tuple(found), profile

    def of_invoice(self, candidates: Sequence[int], debt: Debt) -> tuple[int, ...]:
        """Those of the customer's segments that look at invoices and hold for this one."""
        if not self.of_invoices:
            return ()
        looking = [index for index in candidates if index in self.of_invoices]
        return tuple([index for index in looking if fits_invoice(self._all[index].where, debt)])


def fits_invoice(where: Where, debt: Debt) -> bool:
    """Whether the conditions on the invoice hold. An amount in a currency that a condition on amounts
    does not name is in no such segment: nobody said what is much in it."""
    currency = debt.currency
    if where.currencies and currency not in where.currencies:
        return False
    if where.at_least and (currency not in where.at_least or debt.open < where.at_least[currency]):
        return False
    return not where.below or (currency in where.below and debt.open < where.below[currency])


def _folded(words: Sequence[str] | frozenset[str]) -> frozenset[str]:
    return frozenset(map(str.casefold, words))
