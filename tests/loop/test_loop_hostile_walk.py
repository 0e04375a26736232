# ruff: noqa: E501 - command lines stand together, a row for what belongs together
"""Every command that prints anything is walked over a book whose every text is hostile: names, numbers,
references, addresses, the company's own name, rows that cannot be read, notes of people, and what the mail
server answers. Nothing that acts on a terminal comes out, on either stream, in tables or in JSON."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from loop_desk import Desk
from loop_ledgers import Ledger, Xero
from test_loop_hostile import rename

from arsync.cli import COMMANDS

HOSTILE = "L\x1b[2J\x1b]0;own\x07\x9b31m\u202e\u2066gnp.exe\u2069\u200f\ufeff\x08\x7f\u2028\U000e0041 [bold]x[/bold]\r\nBcc: x"
FOR_ARGUMENTS = HOSTILE.replace("\x00", "")
# These wait, ask, serve or need what this book has not; their words are the same as the others'.
NOT_WALKED = {"demo", "sandbox", "init", "connect", "disconnect", "rebuild"}
ALLOWED = {"\n", "\u200c", "\u200d"}


def acting(text: str) -> set[str]:
    """Characters in it that a terminal would not just show."""
    return {
        hex(ord(char))
        for char in text
        if char not in ALLOWED and unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs")
    }


def make_hostile(desk: Desk, ledger: Ledger) -> tuple[str, str]:
    """A customer with two invoices and another with a row that is beyond all bounds; all of their texts."""
    first, second = ledger.customer("Lumen Yoga"), ledger.customer("Heron Lane", "")
    ledger.invoice(first, "120.00", overdue=70, number=f"1001{HOSTILE}")
    ledger.invoice(first, "80.00", overdue=3, number="1002")
    ledger.invoice(second, "10000000000000.01", number=f"1003{HOSTILE}")
    ledger.invoice(second, "90.00", overdue=4, number=f"1004{HOSTILE}")
    ledger.email(second, f"x{HOSTILE}@nowhere")
    rename(ledger, first, f"{HOSTILE} one")
    rename(ledger, second, f"{HOSTILE} two")
    return first, second


def lines(first: str, second: str, task: str, message: str) -> list[tuple[str, ...]]:
    """A command line of every command, and some more where a command prints in several ways."""
    one, two = f"customer:{first}", f"customer:{second}"
    text = ("--note", FOR_ARGUMENTS, "--owner", FOR_ARGUMENTS)
    return [
        ("plan",), ("plan", "--all"), ("aging",), ("aging", "--by", "invoice"), ("aging", "--as-of", "2026-11-01"),
        ("statement", "acme", one), ("reconcile",), ("worklist",), ("rejects",), ("calendar",), ("lint",),
        ("explain", "acme", "1002"), ("explain", "acme", one), ("explain", "acme", FOR_ARGUMENTS), ("status",), ("check",),
        ("explain", "acme", two), ("statement", "acme", two),
        ("hold", "acme", two, "--reason", "paused", *text), ("worklist",), ("plan",), ("explain", "acme", two),
        ("release", "acme", two),
        ("call", "acme", one), ("call", "acme", one, "--outcome", "reached", *text),
        ("complaint", "acme", two, *text), ("release", "acme", two),
        ("opt-out", "acme", two, "call", "--note", FOR_ARGUMENTS),
        ("agree", "acme", "1002", "--instalments", "2", "--every", "month", *text), ("agreements",),
        ("policy", "show", "acme"), ("policy", "show", "acme", one), ("policy", "diff", "acme"),
        ("replay", "acme", "--policy", "policy.toml"), ("golive", "acme"),
        ("done", "acme", task), ("done", "acme", FOR_ARGUMENTS),
        ("approve", "acme", FOR_ARGUMENTS), ("approve", "acme", "--all"), ("send",), ("run",), ("note",), ("worklist",),
        ("resolve", "acme", message, "not-sent"), ("resolve", "acme", FOR_ARGUMENTS, "drop"),
        ("explain", "acme", one), ("status",), ("export", "acme", "out"), ("backup", "copy.db"),
        ("hold", FOR_ARGUMENTS, "1002", "--reason", "paused"), ("sync", FOR_ARGUMENTS), (FOR_ARGUMENTS,),
        ("restore", FOR_ARGUMENTS), ("restore", "copy.db"), ("restore", "copy.db", "--yes"), ("sync",), ("plan",), ("status",),
    ]  # fmt: skip


def _takes_json(desk: Desk, command: str) -> bool:
    return "--json" in desk.type(command, "--help").out


def test_nothing_acts_on_a_terminal(desk: Desk, xero: Xero, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.folder)  # where copies and exports go
    ledger = xero
    ledger.company.name = f"Acme{HOSTILE}"
    first, second = make_hostile(desk, ledger)
    typed = [desk.type("sync"), desk.type("rejects"), desk.type("rejects", "--json")]
    assert [it.status for it in typed] == [0, 0, 0]
    plan: dict[str, Any] = desk.plan()
    task = next((it["id"] for it in plan["tasks"]), "none")
    message = next((it["id"] for it in plan["messages"]), "none")
    walked = lines(first, second, task, message)
    assert {line[0] for line in walked} & set(COMMANDS) | {"sync"} | NOT_WALKED == set(COMMANDS)
    taking_json, json_too = (
        set(),
        {line[0]: _takes_json(desk, line[0]) for line in walked if line[0] in COMMANDS},
    )
    for line in walked:
        if line[0] == "send":
            desk.catcher.refuse(text="[red]no[/red] such %s {0}", times=1)
        spoken = desk.type(*line)
        assert acting(spoken.out) | acting(spoken.err) == set(), line
        if json_too.get(line[0]) and line[0] not in ("send", "run", "sync", "reconcile"):
            asked = desk.type(*line, "--json")
            assert acting(asked.out) | acting(asked.err) == set(), line
            if asked.out.startswith(("[", "{")):
                json.loads(asked.out)
                taking_json.add(line[0])
    assert {"plan", "aging", "worklist", "explain", "statement", "status"} <= taking_json
