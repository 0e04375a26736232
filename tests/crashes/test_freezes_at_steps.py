"""A run is frozen at each named step, another one takes over after its lease, and then it goes on."""

from __future__ import annotations

from collections import Counter

import pytest
from crash_cases import freeze
from crash_points import FREEZES, Place
from crash_scenes import Scenes

TAKEN_OVER = "another run took over the book acme; this one stops without writing"


@pytest.mark.parametrize(
    ("vendor", "place"), FREEZES, ids=[" ".join((vendor, place.name)) for vendor, place in FREEZES]
)
def test_frozen(scenes: Scenes, vendor: str, place: Place, figures: Counter[str]) -> None:
    frozen = freeze(scenes[vendor, "run"], place.trap("stop"), figures)
    assert figures["freezes"] == 1, f"it does not come by: {frozen}"
    if frozen.status == 1 and not figures["freezes that kept something locked"]:
        assert TAKEN_OVER in frozen.err
