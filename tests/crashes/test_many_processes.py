"""Many processes at one book: one works, the others say so and leave everything as it is."""

from __future__ import annotations

from collections import Counter

import pytest
from crash_cases import check_converged
from crash_laws import check_unbroken
from crash_points import SENDING, Place, request
from crash_processes import Child
from crash_scenes import Scene, Scenes

[IN_DATA] = [place for place in SENDING if place.name == "after DATA"]
# While the service and while the mail server keep the one that works waiting.
HELD = [request("by the service", "sync._pull"), IN_DATA, request("over a note", "note.write_notes", 3)]
LINES = [
    ("run",), ("send",), ("sync", "--full"), ("note",), ("reconcile", "acme"), ("rebuild", "acme", "--yes"),
]  # fmt: skip


def held_up(scene: Scene, place: Place) -> Child:
    """A run that waits, and whose lease lasts."""
    scene.back()
    held = scene.world.start(*scene.line, trap=place.trap("stop"))
    assert held.wait_stopped(), held
    return held


@pytest.mark.parametrize("place", HELD, ids=[place.name for place in HELD])
@pytest.mark.parametrize("losers", [1, 7])
def test_losers_write_nothing(scenes: Scenes, place: Place, losers: int, figures: Counter[str]) -> None:
    scene = scenes["quickbooks", "run"]
    world = scene.world
    held = held_up(scene, place)
    before = world.dump(), world.mails(), world.notes(), len(world.simulator.calls)
    late = [world.start(*LINES[number % len(LINES)]) for number in range(losers)]
    for loser in late:
        # A rebuild that did not take place is no success: what comes after it counts on it.
        assert loser.wait().status == int(loser.line[0] == "rebuild"), loser
        assert f"process {held.pid} on " in loser.err
        assert "works on the book acme right now" in loser.err
    assert (world.dump(), world.mails(), world.notes(), len(world.simulator.calls)) == before
    held.thaw()
    assert held.wait().status == 0, held
    check_unbroken(world)
    check_converged(scene, figures)
    figures["processes that found the book taken"] += losers


@pytest.mark.parametrize("vendor", ["quickbooks", "xero"])
@pytest.mark.parametrize("together", [2, 8])
def test_all_start_at_once(scenes: Scenes, vendor: str, together: int, figures: Counter[str]) -> None:
    """Nobody is held up: whoever comes first works, and one that comes after it finds nothing to do."""
    scene = scenes[vendor, "run"]
    scene.back()
    for each in [scene.world.start("run") for _ in range(together)]:
        assert each.wait().status == 0, each
    check_unbroken(scene.world)
    check_converged(scene, figures)


def test_people_decide_meanwhile(scenes: Scenes) -> None:
    """A hold is put while a run waits for the service: it stands, and its customer gets no letter."""
    scene = scenes["quickbooks", "send"]
    world = scene.world
    held = held_up(scene, request("over a debt", "send.read_again"))
    world.ok("hold", "acme", "Lumen Yoga", "--reason", "paused")
    held.thaw()
    assert held.wait().status == 0, held
    assert world.rows("SELECT reason FROM holds") == [("paused",)]
    statuses = dict(world.rows("SELECT customer_name, status FROM messages"))
    assert statuses == {"Otter Cycles": "sent", "Harbour Bakery": "sent", "Lumen Yoga": "withdrawn"}
    assert sum(world.mails().values()) == 2
    check_unbroken(world)
