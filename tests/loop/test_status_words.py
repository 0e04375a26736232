"""What `arsync status` shows of a book, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from arsync.cli.status_words import tell_statuses
from arsync.connector.metering import Usage
from arsync.policy.silence import EVERY_DAY, Rhythm
from arsync.runs.consents import ConsentState
from arsync.runs.status import BookStatus
from arsync.store.status import BookFacts, Disk

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
USAGE = Usage(
    book="acme", tenant="xero-1", month="2026-11", calls=612, bytes=900_000, today=33, day_limit=4_999,
    projected_calls=799, reads_limit=500_000, shared_reads=790, projected_reads=1_031,
    bytes_limit=10_000_000_000, shared_bytes=1_300_000, projected_bytes=1_700_000,
    sentences=("1,031 reads are to be expected",),
)  # fmt: skip
BOOK = BookStatus(
    book="acme", connector="xero", automatic=False, at=NOON, zone=ZoneInfo("UTC"), live=True, planned=2,
    facts=BookFacts(
        name="Acme Ltd", complete=True, synced_at=NOON - timedelta(minutes=12), approved=3, in_doubt=4,
        failed=5, notes_owed=6, notes_failed=7, rejects=8, unreconciled=9,
    ),
    rhythm=Rhythm(timedelta(days=7), EVERY_DAY, "unknown"),
    consent=ConsentState(book="acme", state="good", sentence="is connected until 2027-03-04"),
    usage=USAGE,
)  # fmt: skip


@dataclass
class Told:
    lines: list[str]

    def of(self, head: str) -> list[str]:
        """The parts of the line with this head."""
        [line] = [line for line in self.lines if line.startswith(f"  {head:<8} ")]
        return line[11:].split("; ")


def words_of(book: BookStatus, capsys: pytest.CaptureFixture[str]) -> Told:
    tell_statuses([book], Disk(Path("arsync.db"), 12_400_000, 83_100_000_000))
    return Told(capsys.readouterr().out.splitlines())


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    return words_of(BOOK, capsys)


def test_what_waits_is_in_doubt_is_owed_or_was_not_understood(told: Told) -> None:
    assert told.of("waiting") == [
        "2 to approve",
        "3 approved and not sent yet",
        "4 in doubt",
        "5 failed",
        "6 notes owed",
        "7 notes failed",
        "8 records not understood: arsync rejects acme",
        "figures of 9 customers differ: arsync reconcile acme",
    ]


def test_access_and_calls_against_the_plan_and_where_the_month_is_heading(told: Told) -> None:
    assert told.of("access") == [
        "is connected until 2027-03-04",
        "calls: 33 of 4,999 today, 612 this month (900 kB), heading for 799",
        "reads of the app: 790 of 500,000 this month, heading for 1,031",
        "bytes of the app: 1.3 MB of 10.0 GB this month, heading for 1.7 MB",
        "1,031 reads are to be expected",
    ]


def test_where_no_limit_is_known_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    free = msgspec.structs.replace(USAGE, day_limit=None, reads_limit=None, bytes_limit=None, sentences=())
    found = words_of(msgspec.structs.replace(BOOK, usage=free), capsys).of("access")
    assert found[1:] == ["calls: 33 today, 612 this month (900 kB), heading for 799"]
