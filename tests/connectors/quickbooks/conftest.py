from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from quickbooks_desk import NOON, Clock, Desk, Ledger, Serving, pair_of

from arsync.connector import TokenPair
from arsync_quickbooks import decode, keyset
from arsync_quickbooks import query as statements
from arsync_quickbooks import simulator as sim
from arsync_quickbooks.simulator import cdc


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk with the vendor's own hosts, for played wires."""
    desk = Desk("4620816365", None, Clock(NOON), pair_of())
    yield desk
    desk.http.close()


@pytest.fixture
def serving() -> Iterator[Serving]:
    """Serves a company and gives a desk that is connected to it."""
    running: list[sim.RunningServer] = []
    desks: list[Desk] = []

    def start(company: sim.Company) -> tuple[sim.QuickBooksSimulator, Desk]:
        simulator = sim.QuickBooksSimulator(
            [company],
            clock=Clock(company.now()),  # tokens live on while a company's days pass
            limits=sim.Limits.off(),
        )
        server = simulator.serve()
        running.append(server)
        granted = simulator.grant(company.realm)
        clock = Clock(company.now())
        pair = TokenPair(
            access=granted["access_token"],
            refresh=granted["refresh_token"],
            expires_at=clock.now + timedelta(days=3000),
        )
        desk = Desk(company.realm, server.url, clock, pair)
        desks.append(desk)
        return simulator, desk

    yield start
    for each in desks:
        each.http.close()
    for server in running:
        server.close()


@pytest.fixture
def books() -> sim.Company:
    """An empty company at noon."""
    return sim.Company("4620816365", "Acme Ltd", clock=Clock(NOON))


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 7 rows and captures of 7 objects, so that small companies need many."""
    for module in (keyset, statements, decode):
        monkeypatch.setattr(module, "MOST_ROWS", 7)
    monkeypatch.setattr(cdc, "MOST_OBJECTS", 7)
