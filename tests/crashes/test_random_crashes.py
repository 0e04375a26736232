"""Commands are killed and frozen at random moments. ``ARSYNC_KILLS`` and ``ARSYNC_FREEZES`` say how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from crash_cases import freeze, kill
from crash_draws import Case, asked, drawn
from crash_processes import Child
from crash_scenes import Scene, Scenes


@pytest.mark.parametrize("number", asked("ARSYNC_KILLS", 100))
def test_kill_at_random(scenes: Scenes, number: int, figures: Counter[str]) -> None:
    for case in drawn(scenes, number, decisions=True):
        _do(scenes, case, "kill", kill, figures)


@pytest.mark.parametrize("number", asked("ARSYNC_FREEZES", 20))
def test_freeze_at_random(scenes: Scenes, number: int, figures: Counter[str]) -> None:
    for case in drawn(scenes, number, decisions=False):
        _do(scenes, case, "freeze", freeze, figures)


def _do(
    scenes: Scenes,
    case: Case,
    act: str,
    befall: Callable[[Scene, dict[str, object], Counter[str]], Child],
    figures: Counter[str],
) -> None:
    trap = {"act": "kill" if act == "kill" else "stop", "at": case.at, "n": case.n}
    try:
        befall(scenes[case.vendor, case.command], trap, figures)
    except AssertionError as broken:
        broken.add_note(
            f"this {act} alone: ARSYNC_CASE='{case}' pytest tests/crashes/test_random_crashes.py -k {act}"
        )
        raise
