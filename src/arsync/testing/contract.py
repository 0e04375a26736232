"""The contract as one class of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, get_args

import pytest

from arsync.testing.changing import ChangingLaws
from arsync.testing.describing import DescribingLaws
from arsync.testing.desk import Desk
from arsync.testing.failing import FailingLaws
from arsync.testing.laws import not_for
from arsync.testing.noting import NotingLaws
from arsync.testing.paying import PayingLaws
from arsync.testing.pulling import PullingLaws
from arsync.testing.refreshing import RefreshingLaws
from arsync.testing.scene import Scene
from arsync.testing.secrecy import SecrecyLaws
from arsync.testing.tying import TyingLaws
from arsync.testing.world import Ability, World


class ConnectorContract(
    PullingLaws,
    ChangingLaws,
    RefreshingLaws,
    FailingLaws,
    SecrecyLaws,
    NotingLaws,
    PayingLaws,
    TyingLaws,
    DescribingLaws,
):
    """What every connector must hold. Subclass it with ``world``, the class that plays your system."""

    world: ClassVar[type[World]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "world" not in cls.__dict__:
            return
        abilities = cls.world.abilities
        if unknown := abilities - set(get_args(Ability)):
            raise TypeError(f"{cls.world.__name__} declares abilities that there are not: {sorted(unknown)}")
        for name in not_for(abilities):
            setattr(cls, name, None)  # pytest collects what can be called

    @pytest.fixture(autouse=True)
    def _at_work(self, tmp_path: Path) -> Iterator[None]:
        self._folder, self._worlds = tmp_path, 0
        self._open()
        yield
        self._close()

    def fresh(self) -> None:
        self._close()
        self._open()

    def _open(self) -> None:
        self._worlds += 1
        folder = self._folder / f"world-{self._worlds}"
        folder.mkdir()
        world = self.world(folder)
        self.desk, self.scene = Desk(world), Scene(world)

    def _close(self) -> None:
        self.desk.close()
