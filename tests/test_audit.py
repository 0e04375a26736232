"""Bandit's rules (ruff's S) hold for all that is shipped; an exception says in words why it is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
_EXCEPTION = re.compile(r"# noqa:.*\bS\d{3}\b(?P<why>.*)")


def exceptions(*folders: str) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
                if found := _EXCEPTION.search(line):
                    yield f"{file.relative_to(ROOT)}:{number}", found["why"]


def test_each_exception_has_its_reason() -> None:
    found = dict(exceptions("src", "connectors"))
    assert found
    assert [place for place, why in found.items() if not re.fullmatch(r" - \w.{3,}", why)] == []


def test_the_rules_are_switched_on_for_what_is_shipped() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert re.search(r'^select = \[.*"S".*\]', text, re.M)
    ignored = re.search(r"\[tool.ruff.lint.per-file-ignores\]\n(.*?)\n\n", text, re.S)
    assert ignored is not None
    assert "src" not in ignored[1]
    assert "connectors" not in ignored[1]
