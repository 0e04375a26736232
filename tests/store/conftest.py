from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_samples import AT

from arsync.store import Claim, Store
from arsync.store.leases import claim


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "arsync.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        opened.book("acme", "xero")
        yield opened


@pytest.fixture
def run(store: Store) -> Claim:
    """A run's claim on the book acme."""
    return claim(store, "acme", command="run", at=AT)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for many examples; each makes a book of its own."""
    with Store.open(tmp_path_factory.mktemp("shelf") / "arsync.db") as opened:
        yield opened
