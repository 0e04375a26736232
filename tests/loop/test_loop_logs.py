"""`--log json`: one line an event on standard error, with a run id and without any customer's data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from loop_desk import Desk, Typed
from loop_ledgers import Ledger, QuickBooks

from arsync import logs
from arsync.cli.saying import explained
from arsync.errors import Refused, TryLater
from arsync_quickbooks.simulator.fault import Fault

# The amount has more digits than a fraction of a second and a run's id: neither is taken for it.
AMOUNT = "864209753.07"
CANARIES = ("Zanzibar", "canary.example", "864209753", "864,209,753", "CANARY-1", "sandbox-secret")


def lines(typed: Typed) -> list[dict[str, Any]]:
    """Every line on standard error, each of which has to be JSON."""
    return [json.loads(line) for line in typed.err.splitlines()]


def events(typed: Typed, name: str) -> list[dict[str, Any]]:
    return [line for line in lines(typed) if line["event"] == name]


@pytest.fixture
def chasing(desk: Desk, ledger: Ledger) -> Ledger:
    customer = ledger.customer("Zanzibar Canary Ltd", "pay@canary.example")
    ledger.invoice(customer, AMOUNT, number="CANARY-1")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    return ledger


def test_a_run_line_by_line(desk: Desk, chasing: Ledger) -> None:
    typed = desk.ok("--log", "json", "run")
    found = [line["event"] for line in lines(typed) if line.get("book") == "acme"]
    assert found[0] == "run-began"
    assert found[-1] == "run-ended"
    order = ["page", "messages-expected", "message-sent", "note-written", "run-ended"]
    places = [found.index(name) for name in order]
    assert places == sorted(places)
    [sent] = events(typed, "message-sent")
    [(message,)] = desk.rows("SELECT id FROM messages")
    assert (sent["message"], sent["step"], sent["addressees"]) == (message, "first reminder", 1)
    assert events(typed, "messages-expected")[0]["expected"] == 1
    [ended] = events(typed, "run-ended")
    assert (ended["outcome"], ended["problem"], ended["level"]) == ("done", "", "info")
    calls = events(typed, "call")
    assert ended["calls"] == len([call for call in calls if "token" not in call["path"]])
    assert ended["bytes"] == sum(call["bytes"] for call in calls)


def test_what_every_line_has(desk: Desk, chasing: Ledger) -> None:
    typed = desk.ok("--log", "json", "run")
    for line in lines(typed):
        assert {"at", "level", "event", "run"} <= set(line)
        allowed = {"at", "level", "event", "run", "book", "command", *logs.EVENTS[line["event"]].facts}
        assert set(line) <= allowed
        assert line["at"].endswith("Z")


def test_the_run_id_is_that_of_the_database(desk: Desk, chasing: Ledger) -> None:
    typed = desk.ok("--log", "json", "run")
    [(run_id,)] = desk.rows("SELECT run_id FROM runs WHERE command = 'run'")
    assert {line["run"] for line in lines(typed) if line.get("book") == "acme"} == {run_id}


def test_no_customer_and_no_secret_is_in_it(desk: Desk, chasing: Ledger) -> None:
    """Sent, withdrawn, refused, failed, waiting, in doubt, and a vendor that repeats what it was told."""
    told = ""
    desk.catcher.refuse("*", 450, "4.7.1 pay@canary.example of Zanzibar comes later")
    told += desk.type("--log", "json", "send").err
    desk.catcher.heal()
    desk.catcher.refuse("*", 550, "5.1.1 pay@canary.example of Zanzibar is unknown")
    told += desk.type("--log", "json", "run").err
    desk.catcher.heal()
    [(message,)] = desk.rows("SELECT id FROM messages")
    desk.ok("resolve", "acme", message, "not-sent")
    told += desk.ok("--log", "json", "run").err
    for line in (
        ("hold", "acme", "CANARY-1", "--reason", "disputed"),
        ("explain", "acme", "Zanzibar Canary Lld"),
        ("statement", "acme", "Zanzibar"),
        ("call", "acme", "Zanzibar Nobody"),
    ):
        told += desk.type("--log", "json", *line).err
    chasing.invoice(
        chasing.customer("Zanzibar Two", "two@canary.example"), "864209753.50", number="CANARY-12"
    )
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    told += desk.type("--log", "json", "run").err
    for name in ("message-waiting", "message-failed", "message-sent"):
        assert f'"{name}"' in told
    for canary in CANARIES:
        assert canary not in told
    for line in told.splitlines():
        json.loads(line)


def test_no_words_of_a_service_about_a_customer_are_in_it(desk: Desk, quickbooks: QuickBooks) -> None:
    """QuickBooks refuses a sync and a note for good, and repeats the customer's name in its reason; one of
    two addressees is turned down."""
    fault = Fault("6000", "Business Validation Error", f"Zanzibar Canary Ltd, pay@canary.example, {AMOUNT}")
    customer = quickbooks.customer("Zanzibar Canary Ltd", "pay@canary.example, kim@canary.example")
    quickbooks.invoice(customer, AMOUNT, number="CANARY-1")
    quickbooks.strike("200-with-fault", times=None, fault=fault)
    told = desk.gives(1, "--log", "json", "sync").err
    quickbooks.well()
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    desk.catcher.refuse("kim@*", 550, "5.1.1 kim@canary.example of Zanzibar is unknown")
    told += desk.gives(1, "--log", "json", "send").err
    quickbooks.strike("200-with-fault", times=None, path="/batch", fault=fault)
    told += desk.gives(1, "--log", "json", "note").err
    for name in ("run-ended", "addressee-refused", "message-sent"):
        assert f'"{name}"' in told
    for canary in CANARIES:
        assert canary not in told


def test_an_error_in_anybodys_words_is_named_and_not_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("json")
    try:
        assert explained(Refused("Zanzibar Canary Ltd is not wanted"), "acme: ") == 1
        assert explained(TryLater("the service rests"), "acme: ") == 1
    finally:
        logs.begin(None)
    first, second = (json.loads(line)["text"] for line in capsys.readouterr().err.splitlines())
    assert first == "acme: stopped (Refused); `arsync status` tells why"
    assert second == "acme: the service rests"


def test_a_failed_run(desk: Desk, quickbooks: QuickBooks) -> None:
    """Each attempt is a call of its own, with the waits between them."""
    quickbooks.strike("500", times=None)
    typed = desk.gives(1, "--log", "json", "sync")
    calls = events(typed, "call")
    assert [(call["status"], call["attempt"]) for call in calls] == [(500, 1), (500, 2), (500, 3), (500, 4)]
    assert all("?" not in call["path"] and call["path"].startswith("/v3/company/") for call in calls)
    assert len(events(typed, "waited")) == 3
    [ended] = events(typed, "run-ended")
    assert (ended["outcome"], ended["problem"], ended["level"]) == ("failed", "try-later", "error")
    said = events(typed, "said")[-1]
    assert said["level"] == "error"
    assert said["text"].startswith("acme: ")


def test_a_command_line_that_is_wrong(desk: Desk) -> None:
    for line in (("nonsense",), ("plan", "--nonsense"), ("plan",)):
        typed = desk.gives(2, "--log", "json", *line)
        assert [each["event"] for each in lines(typed)][-1] == "said"
        assert lines(typed)[-1]["level"] == "error"


def test_results_stay_where_they_are(desk: Desk, chasing: Ledger) -> None:
    plain = desk.ok("plan", "--json").out
    assert desk.ok("--log", "json", "plan", "--json").out == plain


def test_the_environment_asks_for_it_too(
    desk: Desk, quickbooks: QuickBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARSYNC_LOG", "json")
    assert events(desk.ok("sync"), "run-ended")
    monkeypatch.setenv("ARSYNC_LOG", "yaml")
    typed = desk.gives(2, "sync")
    assert "ARSYNC_LOG" in typed.err
    assert "'json', 'text'" in typed.err


def test_text_lines_for_people(desk: Desk, quickbooks: QuickBooks) -> None:
    """Sentences stay sentences, and events stand between them."""
    typed = desk.ok("--log", "text", "sync")
    assert "event=run-ended" in typed.err
    assert "the clock is replaced by ARSYNC_NOW" in typed.err.splitlines()[0]
    assert "book=acme command=sync" in typed.err


def test_nothing_by_default(desk: Desk, quickbooks: QuickBooks) -> None:
    desk.ok("--log", "json", "sync")
    typed = desk.ok("sync")
    assert "run-began" not in typed.err
    assert not typed.err.startswith("{")


@pytest.mark.parametrize(("log", "loaded"), [("", "False"), ("json", "True")])
def test_structlog_is_loaded_only_where_it_is_asked_for(desk: Desk, log: str, loaded: str) -> None:
    script = (
        "import sys; from arsync.cli import cli, told\n"
        "told(lambda: cli.main(['plan'], standalone_mode=False))\n"
        "print('structlog' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=desk.folder,
        env={**os.environ, "ARSYNC_LOG": log},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == loaded


def test_what_libraries_warn_of_is_a_line_without_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    import logging
    import warnings

    logs.begin("json")
    try:
        logging.getLogger("urllib3").warning("GET /x?token=Zanzibar")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("token=Zanzibar", stacklevel=1)
    finally:
        logs.begin(None)
    found = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["logger"] for line in found] == ["urllib3", "py.warnings"]
    assert not any("Zanzibar" in str(line) for line in found)


def test_a_fact_that_is_not_listed_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin("json")
    try:
        logs.log_for("acme", "run")("page", number=1, customer="Zanzibar", last=True)
    finally:
        logs.begin(None)
    [line] = [json.loads(text) for text in capsys.readouterr().err.splitlines()]
    assert set(line) == {"at", "level", "event", "run", "book", "command", "number", "last"}
