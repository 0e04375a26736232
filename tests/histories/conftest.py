"""Histories leave nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from engine import tidy


@pytest.fixture(scope="session", autouse=True)
def workshop() -> Iterator[None]:
    yield
    tidy()
