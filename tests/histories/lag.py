"""What an accounting system cannot tell before its next sweep, kept exactly: which states a book may
still show of a fact, in the order in which they were true.

Most facts have no such lag and are compared outright. Of one that has, the book may show the state of
the last reading that is certain, or any later one; a reading that is certain leaves the present alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Fact = Any
Value = Any


class Lags:
    """The facts that may lag behind: None is the value of one that is not there."""

    def __init__(self) -> None:
        self._may: dict[Fact, list[Value]] = {}
        self._since_begin: dict[Fact, list[Value]] = {}

    def now(self, told: Mapping[Fact, Value]) -> list[Fact]:
        """Take in the present state; gives back the facts that have changed."""
        changed = []
        for fact in {*self._may, *told}:
            value = told.get(fact)
            states = self._may.setdefault(fact, [None])
            if states[-1] != value:
                states.append(value)
                self._since_begin.setdefault(fact, [None]).append(value)
                changed.append(fact)
        return changed

    def begin(self) -> None:
        """A reading begins: what it finds is as new as now."""
        self._since_begin = {fact: [states[-1]] for fact, states in self._may.items()}

    def read(self, certain: Callable[[Fact], bool]) -> None:
        """The reading came to its end; these facts it has certainly read."""
        for fact in self._may:
            if certain(fact):
                self._may[fact] = list(self._since_begin.get(fact, [None]))

    def known(self, values: Mapping[Fact, Value]) -> None:
        """These facts stand so in the book right now, whatever they are in the company."""
        for fact, value in values.items():
            present = self._may[fact][-1]
            self._may[fact] = [value] if value == present else [value, present]

    def expected(self, fact: Fact, seen: Value) -> Value:
        """What the book has to show of a fact: what it does where it may, else the present state."""
        states = self._may.get(fact, [None])
        if seen not in states:
            return states[-1]
        self._may[fact] = states[states.index(seen) :]
        return seen

    def settled(self, facts: Iterable[Fact]) -> bool:
        return all(len(self._may.get(fact, [None])) == 1 for fact in facts)
