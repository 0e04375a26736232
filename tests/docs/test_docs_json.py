"""docs/json.md shows what the commands print: its examples are found in their output, key by key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from free_port import free_port
from name_server import name_server
from transcripts import ROOT, Sandbox, Window

PAGE = ROOT / "docs" / "json.md"
MONDAY = "2026-11-23T17:00:00+00:00"
PRACTICE = """
[practice]
name = "Test"
[mail]
server = "smtp://127.0.0.1:8003"
[books.juniper]
connector = "quickbooks"
from = "Juniper Accounts <ar@juniper.example>"
golive = "start"
[books.juniper.connection]
company = "4620816365"
client_id = "sandbox-client"
client_secret = "env:SANDBOX_SECRET"
server = "http://127.0.0.1:8001"
redirect_uri = "http://localhost:8089/callback"
"""
PRACTICE_WITH_HOUSE = PRACTICE.replace('"Test"\n', '"Test"\npolicy = "house.toml"\n').replace(
    '"quickbooks"\n', '"quickbooks"\npolicy = "juniper.toml"\n'
)
HOUSE = """\
name = "house"
min_gap_days = 7
locked = ["caps"]
caps = ["2 in 7 days"]
[[steps]]
name = "first reminder"
when = "1 day after due"
[[steps]]
name = "final notice"
when = "40 days after due"
only_for = "large"
[[segments]]
name = "large"
where = { at_least = { USD = "1000.00" } }
"""
BRISK = """\
name = "brisk"
[[steps]]
name = "first reminder"
when = "1 day after due"
[[steps]]
name = "final notice"
when = "12 days after due"
"""


# What differs from run to run.
MOVING = ("run_id", "free_bytes", "shared_bytes", "projected_bytes")


def examples() -> dict[str, Any]:
    """The documented examples by command."""
    found = re.findall(r"^## `(arsync [^`]+)`\n.*?^```json\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    return {command: json.loads(text) for command, text in found}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each command prints on one day: synced, approved, one customer pays, sent, noted."""
    window = Window(
        tmp_path_factory.mktemp("practice"),
        MONDAY,
        addresses={"http://localhost:8089": f"http://localhost:{free_port()}"},
        variables={"SANDBOX_SECRET": "sandbox-secret"},
    )
    told: dict[str, Any] = {}

    def ask(line: str) -> None:
        told[re.sub(r" juniper \d+", "", line)] = json.loads(typed(line))

    def typed(line: str) -> str:
        text = window.type(line)
        assert window.status == 0, text
        return text

    with Sandbox(window):
        window.write("arsync.toml", PRACTICE)
        typed("arsync connect juniper")
        for line in ("sync", "aging", "aging --by book", "aging --by invoice", "aging --home", "reconcile"):
            ask(f"arsync {line} --json")
        told["arsync statement --json"] = json.loads(typed("arsync statement juniper 1011 --json"))
        told["arsync golive --json"] = json.loads(typed("arsync golive juniper --json"))
        typed("arsync approve juniper --all")
        typed("""curl -d '{"invoice": "1003"}' http://127.0.0.1:8001/_sandbox/pay""")
        for line in ("send", "note", "plan", "explain juniper 1005", "call juniper 1005", "run"):
            ask(f"arsync {line} --json")
        ask("arsync status --json")
        told["arsync rebuild --json"] = rebuilt(tmp_path_factory.mktemp("anew"), window)
        told["arsync calendar --json"] = json.loads(typed("arsync calendar juniper --json"))
        window.write("brisk.toml", BRISK)
        replay = "arsync replay juniper --policy brisk.toml --from 2026-11-23 --json"
        told["arsync replay --json"] = json.loads(typed(replay))
        typed(
            """curl -d '{"customer": "3", "amount": "10000000000000.01"}' http://127.0.0.1:8001/_sandbox/create-invoice"""
        )
        typed("arsync sync")
        ask("arsync rejects --json")
        ask("arsync worklist --json")
        told["arsync lint --json"] = json.loads(window.type("arsync lint --json"))
        with name_server({}) as (address, _):
            told["arsync check --json"] = checked(window, address)
        typed("arsync agree juniper 1005 --settle '100.00 USD' --until 2026-12-11 --owner anna")
        typed("arsync agree juniper --approve a1 --owner berta")
        typed("""curl -d '{"invoice": "1005", "amount": "100.00"}' http://127.0.0.1:8001/_sandbox/pay""")
        typed("arsync run")
        typed("arsync agree juniper 1011 --instalments 2 --first 2026-12-01 --owner anna")
        ask("arsync agreements --json")
        window.write("arsync.toml", PRACTICE_WITH_HOUSE)
        window.write("house.toml", HOUSE)
        window.write("juniper.toml", "min_gap_days = 5\n")
        told["arsync policy show --json"] = json.loads(
            typed("arsync policy show juniper --invoice 1011 --json")
        )
        ask("arsync policy diff --json")
    return told


def checked(window: Window, nameserver: str) -> Any:
    """Asked again where the name server was not reached: arsync waits for five seconds, for which a machine
    may stand still."""
    for _ in range(3):
        text = window.type(f"arsync check --nameserver {nameserver} --json")
        if "cannot look up" not in text:
            break
    return json.loads(text)


def rebuilt(folder: Path, window: Window) -> Any:
    """What is found again in a folder whose database was lost."""
    anew = Window(folder, MONDAY, window.addresses, window.variables)
    anew.write("arsync.toml", PRACTICE)
    for line in ("arsync connect juniper", "arsync sync"):
        text = anew.type(line)
        assert anew.status == 0, text
    return json.loads(anew.type("arsync rebuild juniper --json"))


def test_each_example_is_in_what_is_printed(printed: dict[str, Any]) -> None:
    shown = examples()
    assert shown.keys() | {"arsync run --json"} == printed.keys()
    for command, example in shown.items():
        assert (missing := _missing(example, printed[command])) is None, f"{command}: {missing}"


def test_a_run_has_the_shapes_of_its_parts(printed: dict[str, Any]) -> None:
    [run] = printed["arsync run --json"]
    assert run.keys() == {"book", "sync", "send", "note"}
    shown = examples()
    for part in ("sync", "send", "note"):
        assert run[part].keys() == shown[f"arsync {part} --json"][0].keys()


def _missing(example: Any, printed: Any, at: str = "") -> str | None:
    """Where the example says what was not printed. Lists may leave elements out, objects no keys."""
    match example:
        case dict():
            if example.keys() != printed.keys():
                return f"{at}: keys {sorted(example)} are documented, {sorted(printed)} are printed"
            wrong = (
                _missing(value, printed[key], f"{at}.{key}")
                for key, value in example.items()
                if key not in (*MOVING, "bytes", "raw", "script")
            )
            return next((each for each in wrong if each), None)
        case list():
            for number, element in enumerate(example):
                tried = [_missing(element, other, f"{at}[{number}]") for other in printed]
                if None not in tried:
                    return min(filter(None, tried), key=len, default=f"{at}: nothing is printed")
            return None
        case _:
            return None if example == printed else f"{at}: {example!r} is documented, {printed!r} is printed"
