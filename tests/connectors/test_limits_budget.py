"""What a tenant's calls count for, and when the day or the month has none left."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from limits_stage import PLAN, START, Open, call, one

from arsync.connector import budget
from arsync.connector.metering import usage
from arsync.errors import ArsyncError, UsedUp
from slept_clock import SleptClock


def test_what_a_call_counts_for(tmp_path: Path, opened: Open) -> None:
    made = opened()
    call(made, size=700)
    call(made, write=True, size=20)
    with made.turn(reading=True) as turn:
        turn.answered({}, 5, good=False)  # a refusal came over the wire all the same
    with pytest.raises(ConnectionResetError), made.turn(reading=True):
        raise ConnectionResetError  # no answer: the vendor may have counted it
    found = one(tmp_path)
    assert (found.calls, found.reads, found.writes, found.bytes) == (4, 1, 1, 725)
    assert (found.month, found.today, found.day_left) == ("2026-11", 4, 996)


def test_a_sandbox_is_counted_and_not_on_the_plan_s_bill(tmp_path: Path, opened: Open) -> None:
    made = opened(metered=False, reads_a_month=1, bytes_a_month=1)
    for _ in range(3):
        call(made)
    found = one(tmp_path)
    assert (found.calls, found.reads, found.bytes) == (3, 0, 300)
    assert (found.reads_limit, found.bytes_limit, found.sentences) == (None, None, ())


def test_counts_are_kept_by_book_and_shared_by_app(tmp_path: Path, opened: Open, clock: SleptClock) -> None:
    acme, birch = opened(reads_a_month=10), opened("birch", tenant="xero-2", reads_a_month=10)
    clock.at = datetime(2026, 10, 31, 23, 59, tzinfo=UTC)
    call(acme)  # of another month
    clock.at = datetime(2026, 11, 1, 0, 0, tzinfo=UTC)
    for _ in range(4):
        call(acme)
    for _ in range(2):
        call(birch)
    here, there = usage(tmp_path, datetime(2026, 11, 16, tzinfo=UTC))
    assert (here.book, here.reads, here.shared_reads, here.projected_reads) == ("acme", 4, 6, 12)
    assert (there.book, there.reads, there.shared_reads, there.today) == ("birch", 2, 6, 0)
    [sentence] = here.sentences
    assert sentence.startswith("12 reads are to be expected by 2026-11-30, more than the 10 of")


def test_a_month_that_is_used_up(tmp_path: Path, opened: Open, clock: SleptClock) -> None:
    """Reads are not made any more, over all books of the app, until the month is over; writes are."""
    acme, birch = opened(reads_a_month=3), opened("birch", tenant="xero-2", reads_a_month=3)
    for each in (acme, birch, acme):
        call(each)
    for each in (acme, birch):
        with pytest.raises(UsedUp, match=r"3 reads .* from 2026-12-01 .* calls_per_month") as caught:
            call(each)
        assert caught.value.at == datetime(2026, 12, 1, tzinfo=UTC)
        call(each, write=True)
    assert clock.slept == []
    clock.at = datetime(2026, 12, 1, tzinfo=UTC)
    call(acme)
    assert one(tmp_path, clock.at).reads == 1


def test_a_day_without_a_word_of_the_service(opened: Open, clock: SleptClock) -> None:
    """The setting holds, over all processes and books of the tenant."""
    made, other = opened(per_day=3), opened("again", per_day=3)
    call(made)
    call(other)
    call(made)
    with pytest.raises(UsedUp, match="3 calls of the day") as caught:
        call(other)
    assert caught.value.at == datetime(2026, 11, 24, tzinfo=UTC)
    assert clock.slept == []  # never a sleep of hours
    clock.at = caught.value.at
    call(other)


def test_the_service_s_word_goes_before_the_setting(tmp_path: Path, opened: Open) -> None:
    made = opened(per_day=3)
    call(made, left=4_000)
    for _ in range(5):
        call(made)
    found = one(tmp_path)
    assert (found.day_left, found.day_limit) == (3_995, 4_000)
    call(made, left=2)
    assert one(tmp_path).course(START).kind == "stop"
    call(made)  # what is left is the service's to say: a letter's re-reading is not refused here


def test_a_plan_that_became_smaller(tmp_path: Path, opened: Open, clock: SleptClock) -> None:
    """Its days are not measured by those of the larger one for longer than a week."""
    made = opened()
    call(made, left=4_999)
    clock.at += timedelta(days=7)
    call(made, left=900)
    assert one(tmp_path, clock.at).day_limit == 4_999
    clock.at += timedelta(days=1)
    call(made, left=700)
    found = one(tmp_path, clock.at)
    assert (found.day_left, found.day_limit, found.sentences) == (700, 1_000, ())


def test_a_day_that_the_service_ends(tmp_path: Path, opened: Open, clock: SleptClock) -> None:
    """No process calls again before the instant that it told."""
    made = opened()
    until = START + timedelta(hours=20)
    with made.turn(reading=True) as turn:
        turn.answered({"X-DayLimit-Remaining": "0"}, 0, good=False)
        turn.used_up(until)
    for each in (made, opened("again")):
        with pytest.raises(UsedUp, match="from 2026-11-24 08:00 UTC on") as caught:
            call(each, write=True)
        assert caught.value.at == until
    assert one(tmp_path).used_up_until == until
    assert "used up until 2026-11-24 08:00 UTC" in one(tmp_path).sentences[0]
    clock.at = until
    call(made, left=999)
    assert one(tmp_path, until).sentences == ()


def test_a_day_s_end_that_is_not_told_is_asked_for_every_hour(opened: Open, clock: SleptClock) -> None:
    made = opened()
    with made.turn(reading=True) as turn:
        turn.used_up(None)
    with pytest.raises(UsedUp):
        call(made)
    clock.at += timedelta(hours=1)
    call(made)


_KILLED = """
import os, signal, sys, time
from datetime import UTC, datetime
from pathlib import Path
from arsync.connector import Allowance, TenantBudget, budget
folder = Path(sys.argv[1])
limiter = budget(folder, "xero-1", per_minute=1000)
plan = Allowance(tenant="xero-1", pool="xero-app", in_flight=2)
clock = lambda: datetime(2026, 11, 23, 12, tzinfo=UTC)
made = TenantBudget(folder, "acme", plan, limiter, clock=clock, sleep=time.sleep)
for _ in range(3):
    with made.turn(reading=True) as turn:
        turn.answered({}, 10, good=True)
with made.turn(reading=True) as turn:
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_kill_loses_no_call(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    found = one(tmp_path)
    assert (found.calls, found.reads, found.bytes) == (4, 3, 30)


_CALLS = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from arsync.connector import Allowance, TenantBudget, budget
folder = Path(sys.argv[1])
limiter = budget(folder, "xero-1", per_minute=100000)
plan = Allowance(tenant="xero-1", pool="xero-app", in_flight=2)
clock = lambda: datetime(2026, 11, 23, 12, tzinfo=UTC)
made = TenantBudget(folder, sys.argv[2], plan, limiter, clock=clock, sleep=time.sleep)
for _ in range(100):
    made.try_acquire("read")
    with made.turn(reading=True) as turn:
        turn.answered({}, 7, good=True)
"""


def test_processes_at_once_lose_no_count(tmp_path: Path) -> None:
    names = ("acme", "acme", "birch", "cedar")
    running = [subprocess.Popen([sys.executable, "-c", _CALLS, str(tmp_path), name]) for name in names]
    assert [each.wait() for each in running] == [0] * 4
    assert {it.book: (it.calls, it.bytes) for it in usage(tmp_path, START)} == {
        "acme": (200, 1_400),
        "birch": (100, 700),
        "cedar": (100, 700),
    }
    assert one(tmp_path).shared_bytes == 2_800
    assert one(tmp_path).today == 400


def test_bytes_beyond_the_plan_are_told(tmp_path: Path, opened: Open) -> None:
    gigabyte = 1_000_000_000
    made = opened(bytes_a_month=10 * gigabyte, tier="core", unconfirmed=True)
    call(made, size=2 * gigabyte)
    # on the 23rd, the first day of counting: 2 GB a day for the eight days up to the 30th
    [sentence] = one(tmp_path).sentences
    assert sentence == (
        "16.0 GB are to be expected by 2026-11-30, more than the 10 GB of the plan 'core' (a figure that is "
        "not confirmed); what goes beyond costs money"
    )
    call(made)  # it costs, but it is not refused


def test_settings_that_were_changed_hold_at_once(tmp_path: Path, opened: Open) -> None:
    """Also for a book whose calls are not made, and so never tell of the new ones."""
    call(opened(reads_a_month=1))
    raised = msgspec.structs.replace(PLAN, reads_a_month=100)
    [found] = usage(tmp_path, START, ["acme"], allowances={"acme": raised})
    assert found.reads_limit == 100
    assert found.course(START).kind == "as usual"
    call(opened(reads_a_month=100))
    assert one(tmp_path).reads_limit == 100


def test_nothing_counted_yet(tmp_path: Path) -> None:
    assert usage(tmp_path, START) == []
    budget(tmp_path, "xero-1", per_minute=10).close()  # the file is there, without a count
    assert usage(tmp_path, START) == []


def test_a_damaged_name_in_its_schema_is_told_of(tmp_path: Path, opened: Open) -> None:
    """SQLite repeats the name in its complaint, and Python cannot read that."""
    opened().close()
    path = tmp_path / "limits.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(name,)] = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name LIMIT 1")
    whole = path.read_bytes()
    place = f"table{name}{name}".encode()
    assert place in whole
    damaged = whole.replace(place, b"table" + b"\xff" * len(name) + name.encode())
    path.write_bytes(damaged.replace(b"CREATE TABLE", b"\xff" * 12))
    with pytest.raises(ArsyncError, match=r"limits\.db is damaged; remove it"):
        call(opened())
    with pytest.raises(ArsyncError, match=r"limits\.db is damaged; remove it"):
        usage(tmp_path, START)


def test_a_damaged_file_is_told_of(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "limits.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(ArsyncError, match=r"limits\.db is damaged; remove it"):
        opened()
    with pytest.raises(ArsyncError, match=r"limits\.db is damaged; remove it"):
        usage(tmp_path, START)


def test_the_counts_are_their_owner_s_alone(tmp_path: Path, opened: Open) -> None:
    call(opened())
    modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.glob("limits.db*")}
    assert modes["limits.db"] == 0
    with sqlite3.connect(tmp_path / "limits.db") as looked:
        assert looked.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    looked.close()
