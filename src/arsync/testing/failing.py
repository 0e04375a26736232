"""Laws of failure: a fault is an error that says what to do, and never looks like the end of the list."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from arsync.connector import Receivables, ReminderSettings
from arsync.connector.http import LONGEST_WAIT
from arsync.errors import ArsyncError, BrokenConnector, Refused, TryLater
from arsync.testing.desk import Desk
from arsync.testing.faults import A_MOMENT, FAULTS, HOURS, WAIT, Fault, allowed
from arsync.testing.laws import Laws, needs
from arsync.testing.shelf import Shelf

# Requests beyond those of a healthy pull until a repeated page has to be noticed.
ALLOWANCE = 40
# How often one request may be tried again.
_MOST_TRIES = 10


class FailingLaws(Laws):
    @needs("http")
    @pytest.mark.parametrize("fault", FAULTS, ids=str)
    def test_a_fault_is_the_right_error_and_no_last_page(self, fault: Fault) -> None:
        """Whichever request of a pull it strikes, and for check and refresh as well. Nor does it tell whether
        the service reminds."""
        desk, wire = self.desk, self.desk.wire
        self.scene.shop()
        errors = allowed(fault, tokens="oauth" in desk.world.abilities)
        wire.heal()
        desk.pull(None)
        for at in range(desk.api_calls()):
            wire.strike(fault, after=at)
            pages, error = desk.attempt(lambda: desk.source().pull(None))
            assert isinstance(error, errors), f"request {at + 1} of a pull: {error!r}"
            assert not any(page.last for page in pages), "a page that is not there is the last one"
            check_pace(desk, fault, error, at)
        wire.strike(fault)
        with pytest.raises(errors):
            desk.source().check()
        source = desk.source()
        if isinstance(source, ReminderSettings):
            wire.strike(fault)
            with suppress(*errors):
                assert source.reminders() is None, "a fault is taken for an answer"
        ids = list(self.scene.debts), list(self.scene.names)
        wire.heal()
        desk.source().refresh(*ids)
        for at in range(desk.api_calls()):
            wire.strike(fault, after=at)
            with pytest.raises(errors):
                desk.source().refresh(*ids)

    @needs("http")
    def test_a_short_wait_is_kept(self) -> None:
        """The service asks for a few seconds: they are waited, and the pull goes on (or is put off)."""
        desk, wire = self.desk, self.desk.wire
        self.scene.shop()
        wire.strike(WAIT, after=1, times=1)
        pages, error = desk.attempt(lambda: desk.source().pull(None))
        if error is None:
            assert max(desk.waits, default=0) >= A_MOMENT, "it asked again before the time"
            assert Shelf(pages).owed() == self.scene.owed()
        else:
            assert isinstance(error, TryLater)
            assert error.at == desk.world.clock() + timedelta(seconds=A_MOMENT)

    @needs("http")
    def test_a_page_that_comes_again_and_again_is_refused(self) -> None:
        """A service that repeats a page, or its token, ends the pull with an error: no loop, no last page."""
        desk, wire = self.desk, self.desk.wire
        self.scene.shop()
        self.scene.crowd()
        wire.heal()
        truth = Shelf(desk.pull(None)).view()
        calls = desk.api_calls()
        for at in range(calls):
            wire.stick(at)
            wire.most = calls + ALLOWANCE
            pages, error = desk.attempt(lambda: desk.source().pull(None))
            assert not wire.endless, f"it asks without end when answer {at + 1} is repeated"
            if error is None:
                assert Shelf(pages).view() == truth, f"answer {at + 1} in place of the rest is not noticed"
            else:
                # The answer to another question may be refused for good.
                strange = wire.asked[at].request.path != wire.asked[-1].request.path
                refusal = TryLater | BrokenConnector | Refused if strange else TryLater | BrokenConnector
                assert isinstance(error, refusal), f"{error!r}"
                assert not any(page.last for page in pages)

    @needs("breakdowns")
    def test_a_breakdown_is_the_right_error_and_no_last_page(self) -> None:
        """The ways in which this system fails and no other."""
        for name, errors in self.desk.world.breakdowns.items():
            self.fresh()
            self.scene.shop()
            self.desk.world.break_down(name)
            pages, error = self.desk.attempt(lambda: self.desk.source().pull(None))
            assert isinstance(error, errors), f"{name}: {error!r}"
            assert not any(page.last for page in pages), name
            with pytest.raises(errors):
                self.desk.source().refresh(list(self.scene.debts), list(self.scene.names))
            source = self.desk.source()
            if isinstance(source, Receivables):
                with pytest.raises(errors):
                    source.aged_receivables(self.scene.today())


def check_pace(desk: Desk, fault: Fault, error: ArsyncError, passed: int) -> None:
    """The service is not hammered, and is given the time that it asks for."""
    assert desk.api_calls() - passed <= _MOST_TRIES, "it goes on asking a service that fails"
    assert all(wait <= LONGEST_WAIT.total_seconds() for wait in desk.waits)
    if fault.headers.get("Retry-After") == str(HOURS):
        assert isinstance(error, TryLater)
        until = desk.world.clock() + timedelta(seconds=HOURS)
        assert error.at == until, "TryLater.at is when the service can be asked again"
