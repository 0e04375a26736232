"""Clocks that are ahead, behind, or set while a run is at work."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from crash_cases import SLEEP, check_converged, disturbed
from crash_laws import check_nothing_twice
from crash_points import DECIDING, ENDING, NOTING, PULLING, SENDING, Place
from crash_processes import Child
from crash_scenes import Scene, Scenes
from crash_world import World

HOUR = 3600
STEPS = [*PULLING[2:4], *DECIDING[:1], *SENDING[3:], *NOTING, *ENDING[:2]]


@pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["an hour on", "an hour back"])
@pytest.mark.parametrize("place", STEPS, ids=[place.name for place in STEPS])
def test_the_clock_is_set_during_a_run(
    scenes: Scenes, place: Place, step: int, figures: Counter[str]
) -> None:
    """The run ends well or stops; whichever it is, the next one puts everything right at once."""
    disturbed(scenes["quickbooks", "run"], place.trap("step", step), figures)


@pytest.mark.parametrize("ahead", [HOUR, -HOUR], ids=["an hour ahead", "an hour behind"])
@pytest.mark.parametrize("command", ["run", "send", "note"])
def test_a_process_lives_in_another_hour(
    scenes: Scenes, command: str, ahead: int, figures: Counter[str]
) -> None:
    """It works as any other, and holds nobody up afterwards."""
    disturbed(scenes["quickbooks", command], {"ahead": ahead}, figures)


def lease_left(scenes: Scenes) -> timedelta:
    [(until,)] = scenes["quickbooks", "run"].world.rows("SELECT lease_until FROM books")
    return datetime.fromisoformat(until) - datetime.now(UTC)


def stopped_at_a_letter(scenes: Scenes, ahead: int) -> tuple[Scene, Child]:
    """A run whose clock is so many seconds ahead, frozen after MAIL FROM."""
    scene = scenes["quickbooks", "run"]
    scene.back()
    frozen = scene.world.start("run", trap={**SENDING[6].trap("stop"), "ahead": ahead})
    assert frozen.wait_stopped(), frozen
    return scene, frozen


def check_it_does_nothing_more(world: World, frozen: Child) -> None:
    """It goes on, stops, and has changed nothing of what others did meanwhile."""
    taken = world.dump(), world.mails(), world.notes()
    frozen.thaw()
    assert frozen.wait().status == 1, frozen
    assert (world.dump(), world.mails(), world.notes()) == taken


def test_a_lease_from_a_clock_ahead_lasts_one_term_and_no_longer(
    scenes: Scenes, figures: Counter[str]
) -> None:
    scene, frozen = stopped_at_a_letter(scenes, HOUR)
    world = scene.world
    assert lease_left(scenes) > timedelta(minutes=70)
    late = world.ok("run")
    assert "right now" in late.err
    assert timedelta(minutes=19) < lease_left(scenes) <= timedelta(minutes=20)
    before = world.dump()
    assert "right now" in world.ok("run").err
    assert world.dump() == before  # there was nothing to cut any more
    world.now.at += SLEEP
    world.do("run", trap={"ahead": SLEEP.total_seconds()})
    check_nothing_twice(world)
    check_it_does_nothing_more(world, frozen)
    check_nothing_twice(world)


def test_a_run_whose_clock_is_behind_may_be_taken_over_early_and_then_stops(
    scenes: Scenes, figures: Counter[str]
) -> None:
    """To everybody else its lease is long over; it is the fence that keeps it from doing harm."""
    scene, slow = stopped_at_a_letter(scenes, -HOUR)
    world = scene.world
    assert world.do("run").status == 1  # one message is in doubt
    check_it_does_nothing_more(world, slow)
    assert "another run took over the book acme" in slow.err
    [(doubt,)] = world.rows("SELECT id FROM messages WHERE status = 'in-doubt'")
    world.ok("resolve", "acme", doubt, "not-sent")
    world.ok("run")
    check_converged(scene, figures)
