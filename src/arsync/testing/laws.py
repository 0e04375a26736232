"""What the laws have in common: where they look, and which worlds they are for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from arsync.testing.desk import Desk
from arsync.testing.scene import Scene
from arsync.testing.world import Ability

_Law = TypeVar("_Law", bound=Callable[..., Any])
_NEEDED: dict[str, frozenset[Ability]] = {}


def needs(*abilities: Ability) -> Callable[[_Law], _Law]:
    """A law for worlds that declare all of these; others do not even collect it."""

    def mark(law: _Law) -> _Law:
        _NEEDED[law.__name__] = frozenset(abilities)
        return law

    return mark


def not_for(abilities: frozenset[Ability]) -> list[str]:
    """The names of the laws that need more than these abilities."""
    return [name for name, needed in _NEEDED.items() if not needed <= abilities]


class Laws:
    """A group of laws. Each is a test with a world, a desk and a scene of its own."""

    desk: Desk
    scene: Scene

    def fresh(self) -> None:
        """Another empty world in place of this one, for a law that needs several."""
        raise NotImplementedError
