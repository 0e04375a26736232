"""The simulator shares no code with what it is there to test."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path


def test_it_imports_the_standard_library_and_werkzeug_alone() -> None:
    spec = importlib.util.find_spec("arsync_quickbooks")
    assert spec is not None
    assert spec.origin is not None
    modules = sorted((Path(spec.origin).parent / "simulator").glob("*.py"))
    assert len(modules) > 20
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level <= 1, f"{module.name} reaches out of its package"
                names = [node.module or ""] if node.level == 0 else []
            for name in names:
                assert name.split(".")[0] in {*sys.stdlib_module_names, "werkzeug"}, f"{module.name}: {name}"
