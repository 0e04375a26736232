"""Laws of the accounting system's own figures, where its source can tell them: a book is proven by them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from arsync.connector import Receivables
from arsync.errors import ArsyncError, BrokenConnector, Refused, TryLater
from arsync.ledger import AgedBalance
from arsync.ledger.tie_out import TieOut, tie_out
from arsync.testing.failing import ALLOWANCE, check_pace
from arsync.testing.faults import FAULTS, Fault, allowed
from arsync.testing.laws import Laws, needs
from arsync.testing.shelf import Shelf

_SPOILT_UNITS = 73127


class TyingLaws(Laws):
    @needs("figures")
    def test_where_it_has_figures_they_tie_out_with_the_pull(self) -> None:
        """Debts, part payments, credits of each kind in use and unused, customers at zero and below it."""
        scene = self.scene
        first, second, _, removed = scene.shop()
        for credit in scene.each_credit(scene.debts[first].customer, 2500):
            scene.use(credit, first, 1000)
        scene.pay(second, 3300)
        scene.remove(removed)
        scene.pay(scene.invoice(scene.customer("Dogwood Dairy"), 4400))
        scene.each_credit(scene.customer("Elmwood Estates"), 700)
        scene.invoice(scene.customer("Firtree Farms"), 5000, due=60)
        self._check_tie_out(self._figures())

    @needs("figures", "currencies")
    def test_where_it_has_figures_they_tie_out_in_each_currency(self) -> None:
        """Whatever its digits; where they are told in the company's own, by the documents' rates."""
        scene = self.scene
        scene.shop()
        for currency in self.desk.world.currencies:
            who = scene.customer(f"{currency} Trading", currency)
            first, second = scene.invoice(who, 123457), scene.invoice(who, 80000, due=-45)
            scene.pay(second, 10001)
            for credit in scene.each_credit(who, 2500):
                scene.use(credit, first, 1000)
        self._check_tie_out(self._figures())

    @needs("figures")
    def test_where_it_has_figures_none_of_many_is_missing(self) -> None:
        """However many customers there are, and however many credits."""
        self.scene.street()
        self._check_tie_out(self._figures())

    @needs("figures", "http")
    @pytest.mark.parametrize("fault", FAULTS, ids=str)
    def test_where_it_has_figures_a_fault_never_leaves_half_of_them(self, fault: Fault) -> None:
        """Whichever request it strikes, it is the right error: nothing is proven by a part of the figures."""
        desk, wire = self.desk, self.desk.wire
        self.scene.street()
        errors = allowed(fault, tokens="oauth" in desk.world.abilities)
        for at in range(self._calls()):
            wire.strike(fault, after=at)
            with pytest.raises(errors) as raised:
                self._figures()
            check_pace(desk, fault, raised.value, at)

    @needs("figures", "http")
    def test_where_it_has_figures_a_page_that_comes_again_and_again_is_refused(self) -> None:
        """A service that repeats an answer ends in an error, or did no harm: no loop, no false figure."""
        wire = self.desk.wire
        self.scene.street()
        truth, calls = self._figures(), self._calls()
        for at in range(calls):
            wire.stick(at)
            wire.most = calls + ALLOWANCE
            try:
                figures = self._figures()
            except (TryLater, BrokenConnector, Refused):
                figures = truth
            assert not wire.endless, f"it asks without end when answer {at + 1} is repeated"
            assert figures == truth, f"answer {at + 1} in place of the rest is not noticed"

    @needs("figures")
    def test_where_it_has_figures_one_that_is_unreadable_never_ties_out(self) -> None:
        """It is an error, or the customer's figures differ and a person looks; no other's do."""
        scene, desk = self.scene, self.desk
        scene.shop()
        who = scene.customer("Gorse Gardens")
        scene.invoice(who, _SPOILT_UNITS)
        own = Shelf(desk.pull(None))
        assert not _compared(own, self._figures()).differences
        scene.spoil(_SPOILT_UNITS)
        try:
            figures = self._figures()
        except ArsyncError:
            return
        assert [each.customer_id for each in _compared(own, figures).differences] == [who]

    @needs("figures")
    def test_where_it_has_figures_asking_for_them_changes_nothing(self) -> None:
        """Not in the accounting system, and not in the answer to the next who asks."""
        self.scene.shop()
        before = self.desk.world.everything()
        figures = self._figures()
        assert self.desk.world.everything() == before
        assert self._figures() == figures

    def _figures(self) -> list[AgedBalance]:
        """What a new process is told."""
        source = self.desk.source()
        assert isinstance(source, Receivables), "the world declares figures, but the source tells none"
        return list(source.aged_receivables(self.scene.today()))

    def _calls(self) -> int:
        self.desk.wire.heal()
        self._figures()
        return self.desk.api_calls()

    def _check_tie_out(self, figures: Sequence[AgedBalance]) -> None:
        """The figures against what a pull tells; and, in the documents' own currencies, against the truth."""
        names = [(each.customer_id, each.currency) for each in figures]
        assert len(names) == len(set(names)), "a customer has two balances in one currency"
        found = _compared(Shelf(self.desk.pull(None)), figures)
        assert not found.differences
        assert not found.unrated
        agreed = [each for each in figures if not each.home]
        if agreed:
            told = {(each.customer_id, each.currency): each.amount for each in agreed if each.amount}
            assert told == self.scene.net()
        for each in agreed:
            assert not each.items or sum(item.amount for item in each.items) == each.amount


def _compared(own: Shelf, figures: Sequence[AgedBalance]) -> TieOut:
    return tie_out(own.invoices.values(), own.credits.values(), figures)
