"""One call's turn at a budget: it holds a place while it is under way, and is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Protocol, runtime_checkable


class Turn(Protocol):
    """What a budget is told of a call while its turn lasts; a turn that is told nothing counts as a call
    whose answer was lost."""

    def answered(self, headers: Mapping[str, str], size: int, *, good: bool) -> None:
        """An answer came, of so many bytes over the wire; ``good``: it is what was asked for."""
        ...

    def throttled(self, seconds: float) -> None:
        """The service asks the whole tenant to wait."""
        ...

    def used_up(self, until: datetime | None) -> None:
        """The service refuses for the rest of its day, which ends then, where it told."""
        ...


@runtime_checkable
class Metered(Protocol):
    """A budget that counts, and lets only so many calls be under way at once."""

    def try_acquire(self, name: str = ..., weight: int = ...) -> object: ...

    def turn(self, *, reading: bool) -> AbstractContextManager[Turn]:
        """A call's turn. ``reading``: it asks for data, as opposed to writing some."""
        ...


class _Uncounted:
    def answered(self, headers: Mapping[str, str], size: int, *, good: bool) -> None:
        pass

    def throttled(self, seconds: float) -> None:
        pass

    def used_up(self, until: datetime | None) -> None:
        pass


@contextmanager
def turn_of(budget: object, *, reading: bool) -> Iterator[Turn]:
    """A call's turn at any budget; one that only paces is told nothing."""
    if not isinstance(budget, Metered):
        yield _Uncounted()
        return
    with budget.turn(reading=reading) as turn:
        yield turn
