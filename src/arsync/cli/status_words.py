"""What `arsync status` shows: blocks for a few books, a line each for many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from arsync.cli.saying import clean, table, tell
from arsync.cli.shapes import count
from arsync.connector.metering import Usage
from arsync.policy.silence import Rhythm
from arsync.runs.status import BookStatus, Trouble
from arsync.store.status import Disk, RunFacts

# Up to so many books each gets a block of its own, and so many runs are shown in each by their number.
BLOCKS = 5
RUNS_SHOWN = {1: 5, 2: 3}
# With less room than this, in bytes, the next syncs may not fit.
MIN_FREE = 200_000_000

_UNSENT = {
    "later": ("waits for its hours", "wait for their hours"),
    "capped": (
        "waits: its customer was reached often enough",
        "wait: their customers were reached often enough",
    ),
    "waiting": ("waits for another try", "wait for another try"),
    "failed": ("reached nobody", "reached nobody"),
    "in_doubt": ("is in doubt", "are in doubt"),
    "withdrawn": ("was withdrawn", "were withdrawn"),
    "lapsed": ("needs a new approval", "need a new approval"),
}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def tell_statuses(found: Sequence[BookStatus], disk: Disk) -> None:
    """Books in trouble first."""
    ordered = sorted(found, key=lambda each: not each.troubles)
    zones = len({each.zone.key for each in found}) > 1
    if len(ordered) <= BLOCKS:
        for each in ordered:
            for line in _block(each, RUNS_SHOWN.get(len(ordered), 2), zones=zones):
                tell(line)
            tell()
    else:
        for each in ordered:
            if each.troubles:
                for line in _head(each, zones=zones):
                    tell(line)
                tell()
        _table(ordered)
        tell()
    tell(_sum(found, disk))


def _sum(found: Sequence[BookStatus], disk: Disk) -> str:
    troubled = sum(1 for each in found if each.troubles)
    well = "all well" if not troubled else f"{troubled} {'needs' if troubled == 1 else 'need'} you"
    text = f"{count(len(found), 'book')}: {well}. {disk.path.name} has {size_words(disk.size)}"
    if disk.free < MIN_FREE:
        return f"{text}; only {size_words(disk.free)} are free on its disk: make room before the next run"
    return f"{text}; {size_words(disk.free)} are free on its disk"


def _head(each: BookStatus, *, zones: bool) -> Iterator[str]:
    company = f" - {clean(each.facts.name, 60)}" if each.facts.name else ""
    state = "all well" if not each.troubles else "needs you"
    yield f"{each.book}{company}: {state}{f' (times of {each.zone.key})' if zones else ''}"
    for trouble in each.troubles:
        yield f"  ! {_trouble(each, trouble)}"
        if trouble.detail:
            yield f"    {clean(trouble.detail, 300)}"


def _trouble(each: BookStatus, trouble: Trouble) -> str:
    since = ""
    if trouble.since is not None and trouble.since < each.at and trouble.kind != "consent":
        since = f" (since {when(trouble.since, each.at, each.zone)})"
    command = f" -> {trouble.command}" if trouble.command else ""
    return f"{trouble.what}{since}{command}"


def _block(each: BookStatus, runs: int, *, zones: bool) -> Iterator[str]:
    yield from _head(each, zones=zones)
    yield f"  synced   {_synced(each)}"
    failed_told = any(trouble.kind == "failed" for trouble in each.troubles)
    for number, run in enumerate(each.facts.runs[:runs]):
        words = run_words(run, with_problem=number > 0 or not failed_told)
        yield f"  {'runs' if number == 0 else '':<8} {when(run.started_at, each.at, each.zone)} {words}"
    yield f"  waiting  {'; '.join(_waiting(each)) or 'nothing'}"
    if access := "; ".join(_access(each)):
        yield f"  access   {access}"


def _synced(each: BookStatus) -> str:
    last = each.facts.synced_at
    if last is None:
        return "never"
    text = f"{when(last, each.at, each.zone)}, {ago(each.at - last)}"
    if each.facts.working:
        return f"{text}; {clean(each.facts.working)} works on it right now"
    if each.silent_from is not None and not each.silent:
        text += f"; missed from {when(each.silent_from, each.at, each.zone)} on"
    return f"{text} ({rhythm_words(each.rhythm)})"


def rhythm_words(rhythm: Rhythm) -> str:
    """'usually within 26 hours, Mon to Fri'."""
    span = _span(rhythm.allowed)
    if rhythm.source == "set":
        return f"{span} are allowed by silent_after"
    if rhythm.source == "unknown":
        return f"it has no rhythm yet: {span} are allowed"
    return f"usually within {span}{_days(rhythm.weekdays)}"


def _days(weekdays: frozenset[int]) -> str:
    if len(weekdays) == 7:
        return ""
    if weekdays == frozenset(range(5)):
        return ", Mon to Fri"
    return ", " + ", ".join(WEEKDAYS[day] for day in sorted(weekdays))


def run_words(run: RunFacts, *, with_problem: bool = True) -> str:
    """What a run came to: 'run: sent 3 of 5, 2 wait for their hours; 3 notes'."""
    parts = [_sent(run)] if run.expected is not None else []
    if run.notes_written:
        parts.append(count(run.notes_written, "note"))
    match run.outcome:
        case "failed":
            parts.insert(
                0, f"failed: {clean(run.problem, 160)}" if with_problem and run.problem else "failed"
            )
        case "cut short":
            parts.insert(0, "cut short")
        case "at work":
            parts.insert(0, "at work right now")
    return f"{run.command}: {'; '.join(parts) or 'done'}"


def _sent(run: RunFacts) -> str:
    if not run.expected:
        return "nothing to send"
    words = [
        f"{number} {_UNSENT[word][number != 1]}" for word, number in run.unsent.items() if word in _UNSENT
    ]
    if run.unreached and run.outcome != "at work":
        words.append(f"{run.unreached} not reached")
    return ", ".join([f"sent {run.sent or 0} of {run.expected}", *words])


def _waiting(each: BookStatus) -> Iterator[str]:
    facts = each.facts
    if not each.live:
        yield f"not live, nothing is sent: arsync golive {each.book}"
    if each.planned:
        yield f"{each.planned} to leave with the next run" if each.automatic else f"{each.planned} to approve"
    for number, words in (
        (facts.approved, "approved and not sent yet"),
        (facts.in_doubt, "in doubt"),
        (facts.failed, "failed"),
    ):
        if number:
            yield f"{number} {words}"
    if facts.notes_owed:
        yield f"{count(facts.notes_owed, 'note')} owed"
    if facts.notes_failed:
        yield f"{count(facts.notes_failed, 'note')} failed"
    if facts.rejects:
        yield f"{count(facts.rejects, 'record')} not understood: arsync rejects {each.book}"
    if facts.unreconciled:
        yield f"figures of {count(facts.unreconciled, 'customer')} differ: arsync reconcile {each.book}"


def _access(each: BookStatus) -> Iterator[str]:
    if each.consent is not None and each.consent.state == "good":
        yield each.consent.sentence
    if each.usage is not None:
        yield _calls(each.usage)
        yield from each.usage.sentences


def _calls(usage: Usage) -> str:
    today = f"{usage.today:,}" if usage.day_limit is None else f"{usage.today:,} of {usage.day_limit:,}"
    text = (
        f"calls: {today} today, {usage.calls:,} this month ({size_words(usage.bytes)}), "
        f"heading for {usage.projected_calls:,}"
    )
    if usage.reads_limit is not None:
        text += (
            f"; reads of the app: {usage.shared_reads:,} of {usage.reads_limit:,} this month, "
            f"heading for {usage.projected_reads:,}"
        )
    if usage.bytes_limit is not None:
        text += (
            f"; bytes of the app: {size_words(usage.shared_bytes)} of {size_words(usage.bytes_limit)} "
            f"this month, heading for {size_words(usage.projected_bytes)}"
        )
    return text


def _table(found: Sequence[BookStatus]) -> None:
    rows = []
    for each in found:
        facts = each.facts
        newest = facts.runs[0] if facts.runs else None
        days = each.consent.days_left if each.consent is not None else None
        rows.append(
            (
                each.book,
                ", ".join(trouble.kind for trouble in each.troubles) or ("well" if each.live else "not live"),
                when(facts.synced_at, each.at, each.zone) if facts.synced_at else "never",
                "" if newest is None else run_words(newest, with_problem=False),
                each.planned or "",
                facts.in_doubt + facts.failed or "",
                facts.notes_owed + facts.notes_failed or "",
                facts.rejects + facts.unreconciled or "",
                "" if days is None else days,
            )
        )
    heads = ["book", "state", "synced", "last run", "waiting", "doubts", "notes", "records", "days of access"]
    table(heads, rows, right=(4, 5, 6, 7, 8))


def when(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """'today 08:00', 'yesterday 08:00', 'Fri 20 Nov 08:00', in the book's time."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (today - local.date()).days
    near = {0: "today", 1: "yesterday", -1: "tomorrow"}.get(days)
    if near:
        return f"{near} {local:%H:%M}"
    year = f" {local.year}" if abs(days) > 300 else ""
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def ago(span: timedelta) -> str:
    """'2 minutes ago'."""
    return "just now" if span < timedelta(minutes=1) else f"{_span(span)} ago"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return count(minutes, "minute")
    if minutes < 48 * 60:
        return count(minutes // 60, "hour")
    return count(minutes // (24 * 60), "day")


def size_words(size: int) -> str:
    """'12.4 MB'."""
    for unit, power in (("GB", 10**9), ("MB", 10**6)):
        if size >= power:
            return f"{size / power:,.1f} {unit}"
    return f"{-(-size // 1000)} kB"
