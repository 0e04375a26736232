"""Going live, through the commands: nothing leaves a new book before, and what follows for old debts.

The clock begins on Monday, 23 November 2026.
"""

from __future__ import annotations

from loop_desk import Desk, on_one_vendor
from loop_golive import NOTHING, OLD, company, state, steps
from loop_ledgers import Ledger

# Before --------------------------------------------------------------------------------------------


def test_nothing_is_approved_or_sent_before(desk: Desk, ledger: Ledger) -> None:
    company(ledger, *OLD)
    planned = desk.type("plan", "acme")
    assert "the book acme is not live, so nothing leaves it: look at `arsync golive acme`" in planned.err
    assert "3 messages planned" in planned.out
    refused = desk.gives(2, "approve", "acme", "--all")
    assert "the book acme is not live" in refused.err
    assert "`arsync golive acme`" in refused.err
    for line in (["send"], ["send", "--json"], ["run"], ["run", "--json"]):
        said = desk.ok(*line)
        assert "the book acme is not live" in said.err
    assert desk.mail == []
    assert state(desk) == NOTHING


@on_one_vendor
def test_a_run_goes_on_syncing_and_releases_nothing_by_itself(desk: Desk, ledger: Ledger) -> None:
    company(ledger, *OLD)
    ledger.write(sending="automatic", golive=None)
    ledger.invoice(ledger.customer("Late", "ap@late.example"), "50.00", overdue=2)
    ran = desk.ok("run")
    assert "acme: read what changed" in ran.out
    assert "0 messages sent" in ran.out
    assert len(desk.plan()["messages"]) == 4
    assert desk.rows("SELECT count(*) FROM messages") == [(0,)]


@on_one_vendor
def test_a_task_is_not_shown_for_good_before(desk: Desk, ledger: Ledger) -> None:
    """The policy begins with a task: it would stay until somebody closes it, whatever is decided."""
    desk.policy('name = "p"\n[[steps]]\nname = "ring"\nwhen = "1 day after due"\ndoes = "task"\n')
    company(ledger, ("Five", "100.00", 5))
    desk.ok("run")
    assert len(desk.plan()["tasks"]) == 1
    assert desk.rows("SELECT * FROM open_tasks") == []
    desk.ok("golive", "acme", "--join", "skip", "--confirm")
    desk.ok("run")
    assert desk.plan()["tasks"] == []


# The proposal --------------------------------------------------------------------------------------


@on_one_vendor
def test_a_proposal_changes_nothing(desk: Desk, ledger: Ledger) -> None:
    company(ledger, *OLD)
    said = desk.ok("golive", "acme", "--join", "match", "--per-day", "2")
    assert "if it goes live on Monday, 23 November 2026, old debts joining with --join match" in said.out
    assert "* match  1 first reminder, 2 second reminder; 3 customers in the first wave" in said.out
    assert "  start  3 first reminder; 3 customers in the first wave" in said.out
    assert "  skip   3 left out; 0 customers in the first wave" in said.out
    assert (
        "3 customers would hear from you from 2026-11-23 to 2026-11-24, 3 of them for the first" in said.out
    )
    assert "nothing was changed; `arsync golive acme --join match --per-day 2 --confirm`" in said.out
    assert state(desk) == NOTHING


@on_one_vendor
def test_a_proposal_for_programs(desk: Desk, ledger: Ledger) -> None:
    """500 days: left out. Of 5, 31 and 50 days the middle is 31: a first reminder fits."""
    company(ledger, *OLD, ("Mute", "90.00", 31))
    made = desk.ok("golive", "acme", "--leave-out-older", "365", "--json").json
    assert (made["join"], made["leave_out_older"], made["per_day"], made["live_on"]) == (
        "start",
        365,
        None,
        None,
    )
    rows = [(it["overdue"], it["joins"], it["debts"], it["amount"]) for it in made["debts"]]
    assert rows == [
        ("not due", "heads-up", 1, "400.00"),
        ("1-30", "first reminder", 1, "100.00"),
        ("31-60", "first reminder", 2, "290.00"),
        ("over 365", "left out", 1, "300.00"),
    ]
    heard = [(it["customer"]["name"], it["on"], it["first_time"]) for it in made["first_wave"]]
    assert heard == [(name, "2026-11-23", True) for name in ("Fifty", "Five", "Mute")]
    assert made["first_wave"][0]["messages"] == [
        {
            "step": "first reminder",
            "currency": ledger.currency,
            "total": "200.00",
            "to": ["ap@fifty.example"],
        }
    ]
    assert made["suggested"]["join"] == "start"
    assert made["suggested"]["leave_out_older"] == 365
    assert made["held"] == {"excluded": 1}


@on_one_vendor
def test_who_cannot_be_written_to_or_is_held_is_named(desk: Desk, ledger: Ledger) -> None:
    company(ledger, ("Five", "100.00", 5), ("Sore", "80.00", 9))
    ledger.invoice(ledger.customer("Mute", None), "70.00", overdue=9, number="M1")
    desk.ok("sync")
    desk.ok("hold", "acme", "Sore", "--reason", "disputed")
    said = desk.ok("golive", "acme")
    assert "cannot be written to: Mute (M1): no e-mail address in the accounting system" in said.out
    assert "held: 1 disputed, 1 no-address" in said.out
    made = desk.ok("golive", "acme", "--json").json
    assert [it["name"] for it in made["no_address"]] == ["Mute"]
    assert [it["customer"]["name"] for it in made["first_wave"]] == ["Five"]


# Confirming ----------------------------------------------------------------------------------------


def test_a_book_that_starts_at_the_bottom(desk: Desk, ledger: Ledger) -> None:
    company(ledger, *OLD)
    said = desk.ok("golive", "acme", "--confirm")
    assert "acme: it is live from 2026-11-23 on (start)" in said.out
    reminders = 0 if ledger.connector == "xero" else None
    assert state(desk) == ([("2026-11-23", "start", reminders)], [], [], [("live",)])
    assert set(steps(desk).values()) == {"first reminder"}
    desk.ok("approve", "acme", "--all")
    desk.ok("send")
    assert len(desk.mail) == 3


@on_one_vendor
def test_a_book_that_matches_lateness(desk: Desk, ledger: Ledger) -> None:
    """50 and 500 days are past the final notice, the last letter: they join one below it."""
    company(ledger, *OLD)
    said = desk.ok("golive", "acme", "--join", "match", "--confirm")
    assert "it is live from 2026-11-23 on (match): 2 debts joined above the first step" in said.out
    assert steps(desk) == {"Five": "first reminder", "Fifty": "second reminder", "Ages": "second reminder"}
    passed = desk.rows("SELECT step, how, on_day, source FROM steps_taken")
    assert passed == [("first reminder", "joined", "2026-11-23", "go-live")] * 2
    story = desk.ok("explain", "acme", "1003").out
    assert "2026-11-23  joined: second reminder; passed over: first reminder" in story
    desk.ok("approve", "acme", "--all")
    desk.ok("send")
    texts = {mail["To"]: mail["Subject"] + desk.text(at) for at, mail in enumerate(desk.mail)}
    assert "again" not in texts["ap@fifty.example"]  # nobody has written to them from this book
    assert "second reminder" not in texts["ap@fifty.example"]
    desk.now.go(days=7)
    desk.ok("sync")
    assert steps(desk) == {"Fifty": "final notice", "Ages": "final notice", "Five": "second reminder"}
    desk.ok("approve", "acme", "--all")
    desk.ok("send")
    [second] = [at for at, mail in enumerate(desk.mail) if mail["To"] == "ap@five.example"][1:]
    assert "second reminder" in desk.mail[second]["Subject"]
    assert "We are writing again on behalf of" in desk.text(second)


@on_one_vendor
def test_what_is_left_out_can_be_taken_back(desk: Desk, ledger: Ledger) -> None:
    company(ledger, *OLD)
    said = desk.ok("golive", "acme", "--join", "skip", "--confirm")
    assert "(skip): 3 debts left out" in said.out
    assert steps(desk) == dict.fromkeys(["Five", "Fifty", "Ages"], "excluded")
    note = "overdue before go-live on 2026-11-23; left out"
    assert (
        desk.rows("SELECT target, until, note, owner FROM holds") == [("invoice", None, note, "go-live")] * 3
    )
    assert note in desk.ok("plan").out
    desk.ok("release", "acme", "1002")
    assert steps(desk)["Fifty"] == "first reminder"


@on_one_vendor
def test_the_very_old_can_be_left_out_alone(desk: Desk, ledger: Ledger) -> None:
    company(ledger, *OLD)
    desk.ok("golive", "acme", "--join", "match", "--leave-out-older", "365", "--confirm")
    assert steps(desk) == {"Five": "first reminder", "Fifty": "second reminder", "Ages": "excluded"}
    told = [what for (what,) in desk.rows("SELECT what FROM events ORDER BY seq")]
    assert told == ["live", "joined", "held"]


@on_one_vendor
def test_confirming_twice_changes_nothing(desk: Desk, ledger: Ledger) -> None:
    company(ledger, *OLD)
    desk.ok("golive", "acme", "--join", "match", "--confirm")
    before = state(desk)
    desk.now.go(days=1)
    for line in (["--confirm"], ["--join", "skip", "--confirm", "--per-day", "1"], []):
        said = desk.ok("golive", "acme", *line)
        assert "acme: it is live since 2026-11-23 (match); nothing was changed" in said.out
    assert state(desk) == before
    assert desk.ok("golive", "acme", "--json").json == {
        "book": "acme", "live_on": "2026-11-23", "join": "match", "reminders": None,
        "joined": 0, "left_out": 0, "paused": 0, "changed": False,
    }  # fmt: skip


# The first wave ------------------------------------------------------------------------------------


@on_one_vendor
def test_the_first_wave_is_spread_over_a_weekend(desk: Desk, ledger: Ledger) -> None:
    """Thursday, 26 November, two a day, the most money first: the last two wait for Monday."""
    company(ledger, *[(f"Owes{amount}", f"{amount}.00", 20) for amount in (30, 90, 40, 80, 70, 60)])
    desk.now.go(days=3)
    desk.ok("sync")
    said = desk.ok("golive", "acme", "--per-day", "2", "--confirm")
    assert "4 customers of the first wave kept for a later day" in said.out
    holds = desk.rows("SELECT reason, until, note, owner FROM holds ORDER BY until")
    assert holds == [
        ("paused", "2026-11-26", "first wave: from 2026-11-27 on", "go-live"),
        ("paused", "2026-11-26", "first wave: from 2026-11-27 on", "go-live"),
        ("paused", "2026-11-29", "first wave: from 2026-11-30 on", "go-live"),
        ("paused", "2026-11-29", "first wave: from 2026-11-30 on", "go-live"),
    ]
    ledger.write(sending="automatic", golive=None)
    heard: dict[str, list[str]] = {}
    for _ in range(5):
        before = len(desk.mail)
        desk.ok("run")
        heard[f"{desk.now():%a}"] = sorted(mail["To"] for mail in desk.mail[before:])
        desk.now.go(days=1)
    assert heard == {
        "Thu": ["ap@owes80.example", "ap@owes90.example"],
        "Fri": ["ap@owes60.example", "ap@owes70.example"],
        "Sat": [], "Sun": [],
        "Mon": ["ap@owes30.example", "ap@owes40.example"],
    }  # fmt: skip


@on_one_vendor
def test_a_proposed_wave_is_the_one_that_comes(desk: Desk, ledger: Ledger) -> None:
    company(ledger, *[(f"Owes{amount}", f"{amount}.00", 20) for amount in (30, 90, 40)])
    made = desk.ok("golive", "acme", "--per-day", "1", "--json").json
    proposed = {it["customer"]["name"]: it["on"] for it in made["first_wave"]}
    assert proposed == {"Owes90": "2026-11-23", "Owes40": "2026-11-24", "Owes30": "2026-11-25"}
    desk.ok("golive", "acme", "--per-day", "1", "--confirm")
    held = {it["customer"]["name"]: it["until"] for it in desk.plan()["holds"]}
    assert held == {"Owes40": "2026-11-24", "Owes30": "2026-11-25"}


# Reminders of the accounting system's own ----------------------------------------------------------


def test_native_reminders_are_refused(desk: Desk, xero: Ledger) -> None:
    company(xero, *OLD)
    xero.company.switch_reminders(enabled=True)
    assert "the accounting system sends reminders of its own" in desk.ok("golive", "acme").err
    assert desk.ok("golive", "acme", "--json").json["reminders"] is True
    refused = desk.gives(2, "golive", "acme", "--confirm")
    assert "--despite-reminders" in refused.err
    assert state(desk) == NOTHING
    desk.ok("golive", "acme", "--confirm", "--despite-reminders")
    assert state(desk)[0] == [("2026-11-23", "start", 1)]


def test_reminders_that_are_off_are_no_matter(desk: Desk, xero: Ledger) -> None:
    company(xero, *OLD)
    assert "reminders of its own" not in desk.ok("golive", "acme").err
    assert desk.ok("golive", "acme", "--json").json["reminders"] is False


def test_a_service_that_is_down_says_nothing_of_its_reminders(desk: Desk, xero: Ledger) -> None:
    """The proposal goes on without; nobody confirms on a guess, but by saying so."""
    company(xero, *OLD)
    xero.strike("503-html", times=None)
    assert "cannot be told (it could not be asked" in desk.ok("golive", "acme").err
    desk.gives(1, "golive", "acme", "--confirm")
    assert state(desk) == NOTHING
    desk.ok("golive", "acme", "--confirm", "--despite-reminders")
    assert state(desk)[0] == [("2026-11-23", "start", None)]


def test_a_system_that_cannot_tell_is_said(desk: Desk, quickbooks: Ledger) -> None:
    company(quickbooks, *OLD)
    said = desk.ok("golive", "acme").err
    assert "cannot be told" in said
    assert "look under its invoice or sales settings" in said
