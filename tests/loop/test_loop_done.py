"""`done` on work that reaches the customer: a call or a letter counts as a contact, other work does not."""

from __future__ import annotations

import pytest
from loop_desk import Desk
from loop_ledgers import QuickBooks

POLICY = """\
name = "test"
[[steps]]
name = "work"
when = "1 day after due"
does = "{does}"
"""


def waiting(desk: Desk, ledger: QuickBooks, does: str) -> str:
    """The id of the one task of the plan."""
    desk.policy(POLICY.format(does=does))
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    [task] = desk.plan()["tasks"]
    id_: str = task["id"]
    return id_


@pytest.mark.parametrize(
    ("does", "line", "contacts"),
    [
        ("call", (), [("call", "reached", "bruno")]),
        ("call", ("--outcome", "no-answer"), [("call", "no-answer", "bruno")]),
        ("letter", (), [("letter", "sent", "bruno")]),
        ("task", (), []),
    ],
)
def test_what_counts_as_a_contact(
    desk: Desk,
    quickbooks: QuickBooks,
    monkeypatch: pytest.MonkeyPatch,
    does: str,
    line: tuple[str, ...],
    contacts: list[tuple[str, ...]],
) -> None:
    monkeypatch.setenv("LOGNAME", "bruno")
    task = waiting(desk, quickbooks, does)
    desk.ok("done", "acme", task, *line)
    assert desk.rows("SELECT channel, outcome, owner FROM contacts") == contacts
    assert desk.rows("SELECT step, how FROM steps_taken") == [("work", "task")]
    assert desk.plan()["tasks"] == []


@pytest.mark.parametrize("does", ["letter", "task"])
def test_only_a_call_has_an_outcome(desk: Desk, quickbooks: QuickBooks, does: str) -> None:
    """exit 2, and the task waits on."""
    task = waiting(desk, quickbooks, does)
    assert "--outcome" in desk.gives(2, "done", "acme", task, "--outcome", "reached").err
    assert desk.rows("SELECT * FROM steps_taken") == []
    assert [it["id"] for it in desk.plan()["tasks"]] == [task]
