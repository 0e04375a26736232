"""The pages agree with the code, with each other and with the files they point to."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from arsync.logs import EVENTS
from arsync.policy.load import POLICY_KEYS, load_policy
from arsync.policy.load_people import CUSTOMER_KEYS, WHERE_KEYS
from arsync.policy.load_steps import STEP_KEYS
from arsync.policy.model import REASONS, MessageStatus
from arsync.policy.priority import Kind
from arsync.practice import load_practice, standard_policy
from arsync.practice_alerts import _KEYS as _ALERT_KEYS
from arsync.practice_books import _BOOK_KEYS, _MAIL_KEYS
from arsync.runs.status import Kind as Trouble
from arsync.store.story import What
from arsync_quickbooks import Options as QuickBooksOptions
from arsync_xero import Options as XeroOptions
from transcripts import ROOT, blocks

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["store.md", "templates.md"])
def test_what_is_made_from_the_code_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == _generator().pages()[name], "run `python docs/generate.py`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{page.name} points to {target}"
        assert not anchor or anchor in _anchors(file), f"{page.name} points to {target}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_page_is_reached_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for page in DOCS.glob("*.md"):
        assert f"(docs/{page.name})" in readme


def _rows(page: str, heading: str) -> list[str]:
    """The first cells of the table under a heading."""
    text = (DOCS / page).read_text("utf-8")
    section = re.split(r"^#+ ", text.split(f"{heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_every_hold_reason_is_told_in_its_order() -> None:
    assert _rows("decisions.md", "### 6. Nothing is left out") == list(REASONS)


def test_every_status_is_told() -> None:
    text = (DOCS / "decisions.md").read_text("utf-8")
    [sentence] = re.findall(r"^A message is (`planned`.*)\.$", text, re.MULTILINE)
    assert re.findall(r"`([^`]+)`", sentence) == list(get_args(MessageStatus))


def test_every_kind_of_the_worklist_is_told() -> None:
    text = (DOCS / "worklist.md").read_text("utf-8").split("## What is on it\n", 1)[1]
    cells = re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE)
    assert re.findall(r"`([^`]+)`", " ".join(cells)) == list(get_args(Kind))


def test_every_trouble_of_a_book_is_told() -> None:
    assert _rows("status.md", "## What needs a person") == list(get_args(Trouble))


def test_every_log_line_is_told() -> None:
    text = (DOCS / "status.md").read_text("utf-8").split("### Events\n", 1)[1]
    rows = re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", text, re.MULTILINE)
    told = {event: tuple(re.findall(r"`(\w+)`", facts)) for event, facts in rows}
    assert told == {event: kind.facts for event, kind in EVENTS.items()}


def test_every_rule_of_lint_is_told() -> None:
    rules = {
        rule
        for room in ("policy", "runs")
        for rule in re.findall(
            r'Finding\(\s*"([a-z-]+)"', (ROOT / "src" / "arsync" / room / "lint.py").read_text("utf-8")
        )
    }
    told = re.findall(r"^### `([^`]+)`$", (DOCS / "lint.md").read_text("utf-8"), re.MULTILINE)
    assert len(told) == len(set(told))
    assert set(told) == rules


def test_every_event_is_told() -> None:
    text = " ".join((DOCS / "json.md").read_text("utf-8").split())
    [sentence] = re.findall(r"An event is one of (.*?)\.", text)
    assert re.findall(r"`([^`]+)`", sentence) == list(get_args(What))


def test_every_key_of_the_practice_file_is_told() -> None:
    page = "practice-file.md"
    assert set(_rows(page, "## `[mail]`")) == set(_MAIL_KEYS)
    assert set(_rows(page, "## `[alerts]`")) == set(_ALERT_KEYS)
    assert set(_rows(page, "## `[books.NAME]`")) == set(_BOOK_KEYS) - {"connection"}
    assert _rows(page, "## `[books.NAME.connection]`") == ["server"]
    assert _rows(page, "### QuickBooks Online") == list(QuickBooksOptions.__struct_fields__)
    assert _rows(page, "### Xero") == list(XeroOptions.__struct_fields__)


def test_every_key_of_the_policy_file_is_told() -> None:
    page = "policy-file.md"
    elsewhere = {"steps", "ladders", "locked", "contacts", "segments", "customers", "invoices"}
    assert set(_rows(page, "## The limits")) == set(POLICY_KEYS) - elsewhere
    assert _rows(page, "## `[[steps]]`") == list(STEP_KEYS)
    assert _rows(page, "## Segments") == list(WHERE_KEYS)
    text = (DOCS / page).read_text("utf-8")
    [customers] = re.findall(r"^## Customers\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    told = {
        key for row in re.findall(r"^\| (`.*?`) \|", customers, re.M) for key in re.findall(r"`(\w+)`", row)
    }
    assert told == set(CUSTOMER_KEYS)


def test_the_examples_of_settings_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    policy, *parts = blocks(DOCS / "policy-file.md", "toml")
    (tmp_path / "policies" / "standard.toml").write_text(policy, "utf-8")
    assert [step.name for step in load_policy(policy, "policy").steps] == [
        "heads-up",
        "first reminder",
        "hand over",
    ]
    whole = load_policy("\n".join([policy.replace("\n[[", f"\n{parts.pop()}\n[[", 1), *parts]), "policy")
    assert whole.locked == {"caps", "min_gap_days"}
    assert [segment.name for segment in whole.segments] == ["trade", "large"]
    assert list(whole.customers) == ["Norrland Joinery"]
    assert list(whole.invoices) == ["INV-7"]
    [practice] = blocks(DOCS / "practice-file.md", "toml")
    (tmp_path / "arsync.toml").write_text(practice, "utf-8")
    assert list(load_practice(tmp_path).books) == ["acme", "birch"]


def test_the_standard_policy_is_told() -> None:
    text = (DOCS / "policy-file.md").read_text("utf-8").split("## The standard policy\n", 1)[1]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)[2:]
    steps = tomllib.loads(standard_policy())["steps"]
    assert rows == [(step["name"], step["when"], step.get("does", "message")) for step in steps]
