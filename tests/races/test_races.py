"""No letter that left is about an invoice that was paid, voided or deleted before the debts were read again
for it, and each amount in it is what was open in that moment. ARSYNC_RACES says how many races are run."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from race_world import ZERO, Batch

CUSTOMERS = 40
RACES = int(os.environ.get("ARSYNC_RACES", "400"))
BATCHES = -(-RACES // CUSTOMERS)


@pytest.mark.parametrize("seed", range(BATCHES))
def test_races(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    real_sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: real_sleep(min(seconds, 0.002)))
    monkeypatch.setattr("arsync_quickbooks.client.CALLS_PER_SECOND", 100)
    with ExitStack() as stack:
        batch = Batch("xero" if seed % 2 else "quickbooks", seed, CUSTOMERS, tmp_path, stack)
        letters = batch.run()
    told = dataclasses.asdict(batch.figures)
    told["acts"] = dict(batch.figures.acts)
    record_property("races", json.dumps(told))
    for letter in letters:
        assert letter.says, "a letter without a line"
        for number, amount in letter.says.items():
            assert letter.read[number] > ZERO, f"{number} was settled before it was read"
            assert letter.read[number] == amount, number
        assert letter.total == sum(letter.says.values(), ZERO)
        assert letter.held == letter.credit
    assert batch.figures.before_reading > 0  # or nobody was in time, and this proved nothing
