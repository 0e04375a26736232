"""Looking ahead and back at the command line: calendar, the future that explain tells, and replay.

The clock of these tests begins on Monday, 23 November 2026.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from loop_desk import MONDAY, POLICY, Desk, on_one_vendor
from loop_ledgers import Ledger, Open, QuickBooks

FIRST = 'name = "first reminder"'
MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)


def day(n: int) -> str:
    """The day that many days after the Monday."""
    return str(MONDAY + timedelta(days=n))


def line_of(text: str) -> int:
    """The line of the policy file on which this stands, from 1."""
    return POLICY.splitlines().index(text) + 1


@pytest.fixture
def owing(desk: Desk, quickbooks: QuickBooks) -> QuickBooks:
    """Lumen Yoga owes 1001 over 120.00, two days overdue, and 1002 over 80.00, due on 28 November; Tern
    Coffee 1003 over 300.00, disputed, and nobody can be written to at Maple."""
    lumen = quickbooks.customer("Lumen Yoga", "hello@lumen.example")
    quickbooks.invoice(lumen, "120.00", overdue=2, number="1001")
    quickbooks.invoice(lumen, "80.00", overdue=-5, number="1002")
    quickbooks.invoice(quickbooks.customer("Tern Coffee"), "300.00", overdue=9, number="1003")
    quickbooks.invoice(quickbooks.customer("Maple Dental", None), "75.00", overdue=9, number="1004")
    quickbooks.write(sending="automatic")
    desk.ok("connect", "acme")
    desk.ok("sync")
    desk.ok("hold", "acme", "1003", "--reason", "disputed", "--owner", "anna@acme.example")
    return quickbooks


# Worked out: 1001 is ready on the Monday. 1002's heads-up, 25 November, waits for the gap: Saturday the
# 28th, on which the invoice is due; Monday the 30th is too late for it, and its first reminder (1 day after
# due, the 29th) is the 30th's. 1001's second (10 days after 21 November) is 1 December's and waits for the
# gap: Saturday the 5th, so Monday the 7th. 1002's second is the 8th's, the gap ends on the 12th, so Monday
# the 14th. The final notices: 31 December and, 40 days after 28 November, 7 January. The hand over is 60
# days after each due date: 20 and 27 January.
LUMEN = [
    (0, "message", "first reminder", ["1001"]),
    (7, "message", "first reminder", ["1002"]),
    (14, "message", "second reminder", ["1001"]),
    (21, "message", "second reminder", ["1002"]),
    (38, "message", "final notice", ["1001"]),
    (45, "message", "final notice", ["1002"]),
    (58, "task", "hand over", ["1001"]),
    (65, "task", "hand over", ["1002"]),
]


def happens(shown: dict[str, Any]) -> list[tuple[str, str, str, list[str]]]:
    return [
        (each["on"], it["does"], it["step"], [line["number"] for line in it["invoices"] if line["step"]])
        for each in shown["days"]
        for it in each["happens"]
    ]


def test_the_calendar_of_a_book(desk: Desk, owing: QuickBooks) -> None:
    [shown] = desk.ok("calendar", "acme", "--days", "70", "--json").json
    assert happens(shown) == [(day(n), *rest) for n, *rest in LUMEN]
    assert (shown["book"], shown["as_of"], shown["until"]) == ("acme", day(0), day(69))
    assert [it["asked"] for it in shown["days"]][:2] == [{"USD": "120.00"}, {"USD": "200.00"}]
    assert shown["days"][-1]["asked"] == {}  # a task asks the customer for nothing
    first = shown["days"][0]["happens"][0]
    assert (first["customer"]["name"], first["to"]) == ("Lumen Yoga", ["hello@lumen.example"])
    left = {it["invoices"][0]["number"]: it["reason"] for it in shown["left_out"]}
    assert left == {"1003": "disputed", "1004": "no-address"}


def test_the_calendar_for_people(desk: Desk, owing: QuickBooks) -> None:
    told = desk.ok("calendar", "acme", "--days", "15").out.splitlines()
    assert told[0] == (
        "acme: from Monday, 23 November 2026 to Monday, 7 December 2026, if nobody pays and everything is "
        "approved and done on its day"
    )
    at = told.index("  Monday, 30 November 2026: 1 message about 200.00 USD")
    assert told[at + 1 : at + 3] == [
        "    message Lumen Yoga: first reminder, 200.00 USD",
        "            1002; lists 1 more to hello@lumen.example",
    ]
    assert "  in all 3 messages" in told
    assert "  left out  Tern Coffee: 1003" in told


def test_the_calendar_comes_true(desk: Desk, owing: QuickBooks) -> None:
    """Nobody pays, and a run on every day sends what was foreseen; each task is closed as it comes."""
    [shown] = desk.ok("calendar", "acme", "--days", "70", "--json").json
    # Only days near those foreseen are run: on the others nothing may happen anyway.
    foreseen = {n for n, *_ in LUMEN}
    for n in sorted({n + off for n in foreseen for off in (-1, 0, 1) if n + off >= 0}):
        desk.now.at = MORNING + timedelta(days=n)
        desk.ok("run")
        for task in desk.plan()["tasks"]:
            desk.ok("done", "acme", task["id"])
    taken = desk.rows("SELECT on_day, step, invoice_id FROM steps_taken ORDER BY on_day")
    numbers = dict(desk.rows("SELECT id, number FROM invoices"))
    # The hand over of 1004, whom nobody can write to, never comes: its reminders were never taken.
    assert [(on, step, [numbers[id_]]) for on, step, id_ in taken] == [
        (on, step, of) for on, _, step, of in happens(shown)
    ]


def test_a_story_tells_each_date_with_what_moved_it_and_where_that_stands(
    desk: Desk, owing: QuickBooks
) -> None:
    story = desk.ok("explain", "acme", "1002", "--json").json
    steps = story["invoices"][0]["next"]
    assert [(it["on"], it["does"], it["step"]) for it in steps] == [
        (day(n), does, step) for n, does, step, of in LUMEN if of == ["1002"]
    ]
    first, second = steps[:2]
    here = f"policy.toml:{line_of(FIRST) - 1}"  # where its table begins
    gap, sending = (f"policy.toml:{line_of(it)}" for it in ("min_gap_days = 5", POLICY.splitlines()[2]))
    assert first["why"] == (
        f"its day is {day(6)} (1 day after due, {here}); Sunday is not a sending day (send_on, {sending})"
    )
    assert first["source"] == sending
    assert first["to"] == ["hello@lumen.example"]
    assert second["why"].split("; ")[1:] == [
        f"the last message was on {day(14)}, and the gap is 5 days (min_gap_days, {gap})",
        f"Saturday is not a sending day, Sunday is not a sending day (send_on, {sending})",
    ]
    last = steps[-1]
    assert (last["to"], last["when"]) == ([], "60 days after due")
    told = desk.ok("explain", "acme", "1002").out
    assert (
        f"    {day(7)}  first reminder to hello@lumen.example: its day is {day(6)} (1 day after due, " in told
    )


def test_a_story_tells_a_hold_with_its_owner_and_its_promise(desk: Desk, owing: QuickBooks) -> None:
    """60.00 of the 120.00 were promised for Friday, with two days of grace; nothing came."""
    desk.ok(
        "hold", "acme", "1001", "--reason", "promised", "--amount", "60.00 USD", "--until", day(4),
        "--grace", "2", "--owner", "berta@acme.example",
    )  # fmt: skip
    story = desk.ok("explain", "acme", "1001", "--json").json
    [hold] = story["holds"]
    assert (hold["on"], hold["reason"], hold["amount"], hold["currency"]) == (
        "1001",
        "promised",
        "60.00",
        "USD",
    )
    assert (hold["put"], hold["until"], hold["grace"]) == (day(0), day(4), 2)
    assert (hold["owner"], hold["promise"]) == ("berta@acme.example", "open")
    first = story["invoices"][0]["next"][0]
    assert first["on"] == day(7)  # the grace ends on Sunday
    assert f"(put on {day(0)} by berta@acme.example)" in first["why"]
    told = desk.ok("explain", "acme", "1001").out
    assert (
        f"  held: 1001 as promised since {day(0)}; about 60.00 USD; up to {day(4)}; with 2 days of grace"
        in told
    )
    assert "; the promise is open; berta@acme.example deals with it" in told


def test_a_story_of_what_is_held_for_good_has_no_future(desk: Desk, owing: QuickBooks) -> None:
    story = desk.ok("explain", "acme", "1003", "--json").json
    assert story["invoices"][0]["next"] == []
    assert [hold["owner"] for hold in story["holds"]] == ["anna@acme.example"]
    assert "anna@acme.example deals with it" in story["invoices"][0]["now"]


@on_one_vendor
def test_a_book_that_was_never_synced_has_an_empty_calendar(desk: Desk, ledger: Ledger) -> None:
    typed = desk.ok("calendar", "acme")
    assert "  nothing\n" in typed.out
    assert "was never synced" in typed.err
    assert desk.gives(2, "calendar", "acme", "--days", "0").out == ""


# Replay ---------------------------------------------------------------------------------------

BRISK = POLICY.replace('"10 days after due"', '"5 days after due"').replace('name = "test"', 'name = "brisk"')


@pytest.fixture
def gone_by(desk: Desk, quickbooks: QuickBooks) -> QuickBooks:
    """Four weeks of runs on every weekday. 1001 was two days overdue on the Monday and is never paid; 1002,
    two days overdue too, is paid on the tenth day."""
    lumen = quickbooks.customer("Lumen Yoga", "hello@lumen.example")
    quickbooks.invoice(lumen, "120.00", overdue=2, number="1001")
    second = quickbooks.invoice(quickbooks.customer("Tern Coffee"), "300.00", overdue=2, number="1002")
    quickbooks.write(sending="automatic")
    desk.ok("connect", "acme")
    for n in range(0, 29, 2):
        desk.now.at = MORNING + timedelta(days=n)
        if n == 10:
            quickbooks.pay(second)
        desk.ok("run")
    (desk.folder / "brisk.toml").write_text(BRISK, "utf-8")
    return quickbooks


def test_a_policy_over_the_past(desk: Desk, gone_by: QuickBooks) -> None:
    """Both: first reminders on the Monday. Now: second reminders are due on 1 December, the eighth day, and
    both leave then. Under the brisk policy they are due on 26 November and wait for the gap: the 28th is a
    Saturday, so they leave on Monday the 30th, a day earlier."""
    found = desk.ok("replay", "acme", "--policy", "brisk.toml", "--from", day(0), "--json").json
    assert (found["policy"], found["new_policy"]) == ("test", "brisk")
    assert (found["from"], found["to"], found["remembered_from"]) == (day(0), day(28), day(0))
    assert found["messages"] == {"now": 4, "new": 4}
    assert found["customers_written_to"] == {"now": 2, "new": 2}
    assert (found["fewer"], found["more"], found["later"]) == ([], [], [])
    assert [(it["customer"]["name"], it["kind"], it["now"], it["new"]) for it in found["earlier"]] == [
        ("Lumen Yoga", "firm", day(8), day(7)),
        ("Tern Coffee", "firm", day(8), day(7)),
    ]
    assert [(it["month"], it["step"], it["now"], it["new"]) for it in found["steps"]] == [
        ("2026-11", "first reminder", 2, 2),
        ("2026-11", "second reminder", 0, 2),
        ("2026-12", "second reminder", 2, 0),
    ]
    # What really left is what the policy of now would have sent.
    assert found["sent"] == 4 == len(desk.mail)


def test_what_was_taken_before_the_first_day_stands(desk: Desk, gone_by: QuickBooks) -> None:
    """From the second day on the first reminders are taken; 1002 is paid on the tenth."""
    found = desk.ok(
        "replay", "acme", "--policy", "brisk.toml", "--from", day(1), "--to", day(7), "--json"
    ).json
    assert found["messages"] == {"now": 0, "new": 2}
    assert found["sent"] == 0
    found = desk.ok("replay", "acme", "--policy", "brisk.toml", "--from", day(11), "--json").json
    assert found["messages"] == {"now": 0, "new": 0}


def test_a_replay_for_people(desk: Desk, gone_by: QuickBooks) -> None:
    told = desk.ok("replay", "acme", "--policy", "brisk.toml", "--from", day(0)).out
    assert f"acme: policy 'brisk' in the place of 'test', from {day(0)} to {day(28)}\n" in told
    assert "  messages: 4, as many as now\n" in told
    assert "  2 customers would have been escalated earlier:\n" in told
    assert f"    Lumen Yoga: the first firm message on {day(7)}, not on {day(8)}\n" in told
    assert "  4 messages did leave in that time\n" in told


def test_a_replay_leaves_everything_as_it_is(desk: Desk, gone_by: QuickBooks) -> None:
    before = desk.rows("SELECT count(*) FROM events"), desk.plan()
    desk.ok("replay", "acme", "--policy", "brisk.toml", "--from", day(0))
    desk.ok("calendar", "acme")
    assert (desk.rows("SELECT count(*) FROM events"), desk.plan()) == before


def test_a_replay_of_what_cannot_be_known(desk: Desk, gone_by: QuickBooks) -> None:
    """The invoices were issued 32 days before the Monday."""

    def refused(*more: str) -> str:
        return desk.gives(2, "replay", "acme", *more).err

    brisk = ("--policy", "brisk.toml")
    assert "error: --policy: there is no file none.toml" in refused("--policy", "none.toml", "--from", day(0))
    assert f"error: --from: {day(40)} is to come" in refused(*brisk, "--from", day(40))
    assert f"error: --to: {day(40)} is to come" in refused(*brisk, "--from", day(0), "--to", day(40))
    assert f"error: --to: {day(2)} is before {day(3)}" in refused(*brisk, "--from", day(3), "--to", day(2))
    assert f"error: --from: nothing is known of {day(-40)}" in refused(*brisk, "--from", day(-40))
    assert "error: --from: 'monday' is not a day" in refused(*brisk, "--from", "monday")
    (desk.folder / "brisk.toml").write_text(BRISK.replace("days after due", "days after dew"), "utf-8")
    assert "brisk.toml:" in refused(*brisk, "--from", day(0))
    typed = desk.gives(2, "replay", "birch", *brisk, "--from", day(0)).err
    assert "birch" in typed


def test_days_before_the_book_began_are_worked_out(desk: Desk, gone_by: QuickBooks) -> None:
    typed = desk.ok("replay", "acme", "--policy", "policy.toml", "--from", day(-20), "--json")
    assert f"the book begins on {day(0)}" in typed.err
    assert typed.json["remembered_from"] == day(0)
    # The heads-ups, three days before the due date of 21 November, would have left on the 18th.
    assert typed.json["messages"] == {"now": 6, "new": 6}


@on_one_vendor
def test_a_book_that_was_never_pulled_has_nothing_to_replay(desk: Desk, ledger: Ledger) -> None:
    typed = desk.gives(2, "replay", "acme", "--policy", "policy.toml", "--from", day(-1)).err
    assert "was never pulled in full" in typed
    assert "`arsync sync acme`" in typed


def test_a_house_policy_is_under_the_one_that_is_tried(desk: Desk, open_ledger: Open) -> None:
    """The file that is tried has steps alone; its gap is the house's."""
    ledger = open_ledger("quickbooks")
    ledger.write()
    text = (desk.folder / "arsync.toml").read_text("utf-8")
    (desk.folder / "house.toml").write_text(
        'name = "house"\nmin_gap_days = 9\n' + BRISK.split("\n", 3)[3], "utf-8"
    )
    (desk.folder / "arsync.toml").write_text(
        text.replace('name = "Test"\n', 'name = "Test"\npolicy = "house.toml"\n'), "utf-8"
    )
    (desk.folder / "tried.toml").write_text(
        'name = "tried"\n[[steps]]\nname = "one"\nwhen = "1 day after due"\ntemplate = "first-reminder"\n'
        '[[steps]]\nname = "two"\nwhen = "2 days after due"\ntemplate = "first-reminder"\n',
        "utf-8",
    )
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", overdue=2, number="1001")
    desk.ok("connect", "acme")
    desk.ok("sync")
    desk.now.go(days=20)
    found = desk.ok(
        "replay", "acme", "--policy", "tried.toml", "--from", day(0), "--to", day(8), "--json"
    ).json
    assert found["messages"]["new"] == 1
    found = desk.ok(
        "replay", "acme", "--policy", "tried.toml", "--from", day(0), "--to", day(9), "--json"
    ).json
    assert found["messages"]["new"] == 2
