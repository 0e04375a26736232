"""Budgets of calls on a real folder, for tests of what is counted and of what waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest
from limits_stage import PLAN, START, Open

from arsync.connector import Allowance, TenantBudget, budget
from slept_clock import SleptClock


@pytest.fixture
def clock() -> SleptClock:
    return SleptClock(START)


@pytest.fixture
def opened(tmp_path: Path, clock: SleptClock) -> Iterator[Open]:
    """A budget as one more process of the practice would open it."""
    with ExitStack() as stack:

        def open_(book: str = "acme", plan: Allowance = PLAN, **more: object) -> TenantBudget:
            plan = msgspec.structs.replace(plan, **more)
            limiter = budget(tmp_path, plan.tenant, per_minute=10_000)
            stack.callback(limiter.close)
            made = TenantBudget(tmp_path, book, plan, limiter, clock=clock, sleep=clock.sleep)
            stack.callback(made.close)
            return made

        yield open_
