"""A command is killed at each named step of its work; ordinary life puts everything right."""

from __future__ import annotations

from collections import Counter

import pytest
from crash_cases import kill
from crash_points import KILLS, Place
from crash_scenes import Scenes


@pytest.mark.parametrize(
    ("vendor", "command", "place"), KILLS, ids=[" ".join((*case[:2], case[2].name)) for case in KILLS]
)
def test_killed(scenes: Scenes, vendor: str, command: str, place: Place, figures: Counter[str]) -> None:
    killed = kill(scenes[vendor, command], place.trap("kill"), figures)
    assert killed.status == -9, f"it does not come by: {killed}"
