"""Random cases: which command is disturbed, and where. The same number draws the same case each time;
``ARSYNC_SEED`` lets it draw others.

Half of them are anywhere in the interpreter's work, half right at a call into the system or into SQLite:
nothing outside the process changes anywhere else.
"""

from __future__ import annotations

import os
from random import Random
from typing import NamedTuple

from crash_scenes import Scenes

# Of one command and vendor a test does so many, so that workers share the tests and not their scenes.
TOGETHER = 5
SEED = os.environ.get("ARSYNC_SEED", "")
_COURSES = (
    ("quickbooks", "run"),
    ("xero", "run"),
    ("quickbooks", "send"),
    ("xero", "run"),
    ("quickbooks", "run"),
    ("xero", "note"),
    ("quickbooks", "run"),
    ("xero", "run"),
    ("quickbooks", "sync"),
    ("quickbooks", "run"),
    ("xero", "run"),
)
_DECISIONS = (("quickbooks", "approve"), ("quickbooks", "hold"), ("quickbooks", "done"))


class Case(NamedTuple):
    """One disturbance; its text is what ``ARSYNC_CASE`` takes to do it alone."""

    vendor: str
    command: str
    at: str
    n: int

    def __str__(self) -> str:
        return " ".join(map(str, self))


def asked(variable: str, default: int) -> list[int]:
    """The numbers of the tests that are needed for as many cases as the environment asks for."""
    if os.environ.get("ARSYNC_CASE"):
        return [0]
    cases = int(os.environ.get(variable, default))
    return list(range((cases + TOGETHER - 1) // TOGETHER))


def drawn(scenes: Scenes, number: int, *, decisions: bool) -> list[Case]:
    """The cases of a test."""
    if alone := os.environ.get("ARSYNC_CASE"):
        vendor, command, at, n = alone.split()
        return [Case(vendor, command, at, int(n))]
    courses = (*_COURSES, *_DECISIONS) if decisions else _COURSES
    vendor, command = courses[number % len(courses)]
    random = Random(f"{vendor} {command} {number}{SEED and f' {SEED}'}")
    events, io = scenes[vendor, command].events
    cases = []
    for _ in range(TOGETHER):
        at = random.choice(("event", "io"))
        # The share of the way decides, not the count: that differs by a little from machine to machine.
        cases.append(Case(vendor, command, at, 1 + int(random.random() * (events if at == "event" else io))))
    return cases
