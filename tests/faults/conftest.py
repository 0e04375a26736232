"""The stages of the matrix, one for each vendor; waits between two attempts are cut short."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from fault_stage import Stage


@pytest.fixture(scope="module")
def quick() -> Iterator[None]:
    """No wait takes its time."""
    with pytest.MonkeyPatch.context() as patch:
        real_sleep = time.sleep
        patch.setattr(time, "sleep", lambda seconds: real_sleep(min(seconds, 0.002)))
        # eight calls a second are the vendor's limit, which the simulator does not keep here either
        patch.setattr("arsync_quickbooks.client.CALLS_PER_SECOND", 100)
        yield


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, quick: None) -> Iterator[dict[tuple[str, bool], Stage]]:
    """By vendor, and by whether the access token has expired; built when first used."""
    with ExitStack() as stack:
        yield Stages(tmp_path_factory, stack)


class Stages(dict[tuple[str, bool], Stage]):
    """Builds what is not there yet."""

    def __init__(self, folders: pytest.TempPathFactory, stack: ExitStack) -> None:
        super().__init__()
        self._folders, self._stack = folders, stack

    def __missing__(self, key: tuple[str, bool]) -> Stage:
        vendor, expired = key
        self[key] = Stage(vendor, expired, self._folders.mktemp(vendor), self._stack)
        return self[key]
