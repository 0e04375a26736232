"""The contract kit: what every connector must hold, as a class of pytest tests.

A connector's author plays the accounting system as a ``World`` and subclasses ``ConnectorContract``;
docs/connectors.md, "Prove it", shows it. This package is for tests alone: pytest is no dependency of arsync.
"""

try:
    import pytest
except ImportError as missing:
    raise ImportError(
        "arsync.testing is for tests and needs pytest, which is not installed: pip install pytest"
    ) from missing

# The laws live in modules of their own; this way their asserts tell what they compared.
pytest.register_assert_rewrite(
    *(
        f"arsync.testing.{room}"
        for room in "pulling changing refreshing failing secrecy noting paying tying describing desk".split()
    )
)

from arsync.testing.contract import ConnectorContract  # noqa: E402 - after the line above
from arsync.testing.desk import Desk  # noqa: E402
from arsync.testing.scene import Scene  # noqa: E402
from arsync.testing.shelf import Shelf  # noqa: E402
from arsync.testing.world import Ability, Clock, World  # noqa: E402

__all__ = ["Ability", "Clock", "ConnectorContract", "Desk", "Scene", "Shelf", "World"]
