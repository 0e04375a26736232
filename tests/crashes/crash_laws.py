"""The laws that hold whatever befalls a process, judged from outside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crash_world import World


@dataclass(frozen=True)
class Outcome:
    """What a course of commands made of a scene, as the mail server, the service and the store tell it."""

    mails: dict[str, int]
    notes: list[tuple[str, str]]
    messages: list[tuple[Any, ...]]
    steps: list[tuple[Any, ...]]
    owed: list[tuple[Any, ...]]
    invoices: list[tuple[Any, ...]]
    holds: list[tuple[Any, ...]]


def outcome(world: World) -> Outcome:
    world.quiet()
    return Outcome(
        mails=dict(world.mails()),
        notes=world.notes(),
        messages=world.rows("SELECT id, status, addressees, total, ended_on FROM messages ORDER BY id"),
        steps=world.rows(
            "SELECT invoice_id, step, round, on_day, how, source FROM steps_taken ORDER BY 1, 2, 3"
        ),
        owed=world.rows("SELECT message, target, target_id, status, text FROM notes ORDER BY 1, 2, 3"),
        invoices=world.rows("SELECT id, number, open FROM invoices ORDER BY id"),
        holds=world.rows("SELECT * FROM holds ORDER BY 1, 2, 3"),
    )


def check_unbroken(world: World) -> None:
    """The database can be read, whole."""
    assert world.rows("PRAGMA integrity_check") == [("ok",)]
    assert world.rows("PRAGMA foreign_key_check") == []


def check_nothing_twice(world: World) -> None:
    """No message left twice, what is told to have left has, and no note stands twice."""
    world.quiet()
    mails = world.mails()
    twice = {mail: times for mail, times in mails.items() if times > 1}
    assert not twice, f"left twice: {twice}"
    for message_id, status in world.rows("SELECT message_id, status FROM messages"):
        if status == "sent":
            assert mails[message_id] == 1, f"{message_id} is told to have been sent and did not leave"
        elif status not in ("in-doubt", "sending"):  # the latter until the next run looks
            assert mails[message_id] == 0, f"{message_id} left, and is told to be {status}"
    doubled = [note for note, times in Counter(world.notes()).items() if times > 1]
    assert not doubled, f"notes that stand twice: {doubled}"


def settle_doubts(world: World) -> int:
    """A person looks whether each message in doubt left, and says so; how many there were."""
    world.quiet()
    mails = world.mails()
    doubts = world.rows("SELECT id, message_id FROM messages WHERE status = 'in-doubt'")
    for id_, message_id in doubts:
        world.ok("resolve", "acme", id_, "sent" if mails[message_id] else "not-sent")
    return len(doubts)
