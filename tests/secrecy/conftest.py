"""Stages with canaries: one for each test, and one for all that goes wrong and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from canaries import Stage, staged


@pytest.fixture(params=["quickbooks", "xero"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, staged(request.param, tmp_path, patch) as built:
        yield built


@pytest.fixture(scope="module", params=["quickbooks", "xero"])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage for all that goes wrong and changes nothing."""
    folder = tmp_path_factory.mktemp(request.param)
    with pytest.MonkeyPatch.context() as patch, staged(request.param, folder, patch) as built:
        yield built
