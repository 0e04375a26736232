"""The draws of property tests are the same in each run, whatever else their process has loaded before."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def drawn() -> list[tuple[list[int], str]]:
    """What a property test is given."""
    found: list[tuple[list[int], str]] = []

    @given(st.lists(st.integers(0, 10**6)), st.text())
    def note(numbers: list[int], text: str) -> None:
        found.append((numbers, text))

    note()
    return found


@pytest.mark.skipif(not settings().derandomize, reason="new draws were asked for")
def test_a_module_that_was_loaded_meanwhile_changes_no_draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself, hypothesis takes over the numbers and words that stand in a module of the same project."""
    before = drawn()
    assert len(before) > 50
    words = ", ".join(f'"word {number}"' for number in range(200))
    (tmp_path / "loaded_meanwhile.py").write_text(f"NUMBERS = {list(range(5000, 5400))}\nWORDS = [{words}]\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    __import__("loaded_meanwhile")
    assert drawn() == before
