"""A Xero source over the vendor's addresses, or over the simulator's socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from xero_book import NOW, TENANT, Desk, Town, desk_of

from arsync.connector import TokenPair
from arsync_xero.simulator import Company, Rules, SandboxClock, XeroSimulator


@pytest.fixture
def wire() -> Iterator[Desk]:
    """A source that asks the vendor's own addresses, with a token that is good for half an hour."""
    pair = TokenPair(access="token-1", refresh="refresh-1", expires_at=NOW + timedelta(minutes=30))
    desk = desk_of(clock=lambda: NOW, pair=pair)
    yield desk
    desk.kit.http.close()


@pytest.fixture
def town() -> Iterator[Callable[..., Town]]:
    """Makes a running simulator around a company; its time stands still unless it is pushed."""
    opened: list[Town] = []

    def build(company: Company | None = None, **more: Any) -> Town:
        clock = SandboxClock(lambda: NOW)
        if company is None:
            company = Company(TENANT, "Hartley Joinery Ltd", clock=clock)
        else:
            clock = company.clock
        simulator = XeroSimulator(
            [company], client_id="revealed-ID", client_secret="revealed-SECRET", clock=clock
        )
        simulator.rules = Rules().unlimited()
        grant = simulator.grant()
        server = simulator.serve()
        pair = TokenPair(
            access=str(grant["access_token"]),
            refresh=str(grant["refresh_token"]),
            expires_at=clock() + timedelta(minutes=30),
        )
        desk = desk_of(clock=clock, pair=pair, server=server.url, **{"tenant": company.tenant, **more})
        built = Town(
            company=company,
            simulator=simulator,
            server=server,
            clock=clock,
            url=server.url,
            desk=desk,
            others=[],
        )
        opened.append(built)
        return built

    yield build
    for each in opened:
        for desk in (each.desk, *each.others):
            desk.kit.http.close()
        each.server.close()
        assert each.simulator.crashes == []
