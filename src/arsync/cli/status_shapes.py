"""The JSON of `arsync status`, for monitors; docs/json.md promises its shape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from arsync.cli.status_words import MIN_FREE, WEEKDAYS
from arsync.connector.metering import Usage
from arsync.runs.status import BookStatus
from arsync.store.status import Disk, RunFacts


def status_shape(found: Sequence[BookStatus], disk: Disk, now: datetime) -> dict[str, Any]:
    """The JSON of all books."""
    return {
        "at": _iso(now),
        "well": not any(each.troubles for each in found) and disk.free >= MIN_FREE,
        "database": {"file": disk.path.name, "bytes": disk.size, "free_bytes": disk.free},
        "books": [_book_shape(each) for each in found],
    }


def _book_shape(each: BookStatus) -> dict[str, Any]:
    facts = each.facts
    return {
        "book": each.book,
        "company": facts.name or None,
        "connector": each.connector,
        "well": not each.troubles,
        "troubles": [
            {
                "kind": it.kind,
                "what": it.what,
                "detail": it.detail or None,
                "since": _iso(it.since),
                "command": it.command or None,
            }
            for it in each.troubles
        ],
        "live": each.live,
        "sending": "automatic" if each.automatic else "approve",
        "synced_at": _iso(facts.synced_at),
        "complete": facts.complete,
        "silent": each.silent,
        "silent_from": _iso(each.silent_from),
        "rhythm": {
            "source": each.rhythm.source,
            "hours": each.rhythm.allowed.total_seconds() / 3600,
            "weekdays": [WEEKDAYS[day].lower() for day in sorted(each.rhythm.weekdays)],
        },
        "at_work": facts.working,
        "runs": [_run_shape(run) for run in facts.runs],
        "messages": {
            "planned": each.planned,
            "approved": facts.approved,
            "sending": facts.sending,
            "in_doubt": facts.in_doubt,
            "failed": facts.failed,
        },
        "notes": {
            "owed": facts.notes_owed,
            "owed_since": _iso(facts.notes_owed_since),
            "failed": facts.notes_failed,
        },
        "rejects": facts.rejects,
        "unreconciled": facts.unreconciled,
        "strange_marks": facts.strangers,
        "restored_from": _iso(facts.restored_from),
        "consent": each.consent
        and {
            "state": each.consent.state,
            "ends_at": _iso(each.consent.ends_at),
            "days_left": each.consent.days_left,
            "whatever_is_done": each.consent.fixed,
        },
        "usage": each.usage and _usage_shape(each.usage),
    }


def _run_shape(run: RunFacts) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "command": run.command,
        "started_at": _iso(run.started_at),
        "ended_at": _iso(run.ended_at),
        "outcome": run.outcome,
        "problem": run.problem or None,
        "trouble": run.trouble or None,
        "expected": run.expected,
        "sent": run.sent,
        "unsent": run.unsent,
        "not_reached": run.unreached,
        "notes_written": run.notes_written,
        "calls": run.calls,
        "bytes": run.bytes,
    }


def _usage_shape(usage: Usage) -> dict[str, Any]:
    figures = msgspec.structs.asdict(usage)
    figures |= {key: _iso(figures[key]) for key in ("paused_until", "used_up_until")}
    figures["sentences"] = list(usage.sentences)
    del figures["book"]
    return figures


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
