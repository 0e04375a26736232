"""Our own connectors come by the door that is open to strangers, and prove themselves as strangers do."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest
from world_of_csv import FilesWorld
from world_of_quickbooks import QuickBooksWorld
from world_of_xero import XeroWorld

from arsync.connector.registry import GROUP
from arsync.testing import World

HERE = Path(__file__).parent


@pytest.mark.parametrize("world", [FilesWorld, QuickBooksWorld, XeroWorld])
def test_it_is_found_by_its_entry_point_and_by_nothing_else(world: type[World]) -> None:
    assert world.connect is World.connect, "its world makes the source itself"
    [point] = entry_points(group=GROUP, name=world.connector)
    assert point.value == f"arsync_{world.connector}:connect"


@pytest.mark.parametrize("name", ["csv", "quickbooks", "xero"])
def test_its_own_test_has_less_than_ten_lines(name: str) -> None:
    assert len((HERE / f"test_{name}_contract.py").read_text("utf-8").splitlines()) < 10
