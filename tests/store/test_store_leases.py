"""One run at a time works on a book, and what a dead run left behind is put in order."""

from __future__ import annotations

import multiprocessing
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from crowd import at_once
from store_samples import AT, DAY, begin_sending, message, note, put_in_outbox, send

from arsync.errors import Busy, FixSettings, LostLease
from arsync.store import Claim, Store
from arsync.store.leases import claim, holder, release, renew
from arsync.store.messages import messages
from arsync.store.notes import owed, take
from arsync.store.reading import book_state
from arsync.store.story import events, runs


class Clock:
    """A machine's clock that the test moves; seconds."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def take_book(store: Store, clock: Clock) -> Claim:
    return claim(store, "acme", command="run", at=AT, ttl=timedelta(minutes=10), clock=clock)


def test_a_claim_raises_the_fence_and_a_second_one_is_told_who_holds_the_book(store: Store) -> None:
    first = claim(store, "acme", command="run", at=AT)
    assert first.fence == 1
    pid = first.holder.split(":")[1]
    with pytest.raises(Busy, match=f"process {pid} on .* works on the book acme"):
        claim(store, "acme", command="sync", at=AT)
    release(store, first, outcome="ok", at=AT)
    assert claim(store, "acme", command="sync", at=AT).fence == 2


def test_a_book_nobody_registered_cannot_be_claimed(store: Store) -> None:
    with pytest.raises(FixSettings, match="does not know a book other"):
        claim(store, "other", command="run", at=AT)


def test_two_books_are_worked_on_at_once(store: Store, run: Claim) -> None:
    store.book("other", "quickbooks")
    assert claim(store, "other", command="run", at=AT).fence == 1


def test_a_lease_that_is_over_is_taken_and_the_late_run_writes_nothing(store: Store, clock: Clock) -> None:
    late = take_book(store, clock)
    clock.now += 599
    with pytest.raises(Busy):
        take_book(store, clock)
    clock.now += 1
    assert take_book(store, clock).fence == 2
    with pytest.raises(LostLease, match="another run took over"), store.writing(late) as conn:
        conn.execute("UPDATE books SET name = 'late'")
    with pytest.raises(LostLease):
        renew(store, late)
    release(store, late, outcome="ok", at=AT)
    state = book_state(store, "acme")
    assert state is not None
    assert (state.name, state.fence) == (None, 2)
    assert state.holder == holder()


def test_a_lease_that_is_over_stops_its_run_even_when_nobody_took_it(store: Store, clock: Clock) -> None:
    late = take_book(store, clock)
    clock.now += 600
    with pytest.raises(LostLease, match="is over"), store.writing(late):
        pass


def test_a_run_that_released_its_book_writes_nothing_more(store: Store, run: Claim) -> None:
    release(store, run, outcome="ok", at=AT)
    with pytest.raises(LostLease), store.writing(run):
        pass


def test_renewing_begins_a_full_term(store: Store, clock: Clock) -> None:
    mine = take_book(store, clock)
    clock.now += 599
    renew(store, mine)
    clock.now += 599
    with store.writing(mine):
        pass


def test_a_run_that_writes_keeps_its_lease(store: Store, clock: Clock) -> None:
    mine = take_book(store, clock)
    for _ in range(4):
        clock.now += 400
        with store.writing(mine):
            pass
    with pytest.raises(Busy):
        take_book(store, clock)


def _claim_and_die(path: Path, told: Any) -> None:
    with Store.open(path) as store:
        told.put(claim(store, "acme", command="run", at=AT).holder)


def test_the_lease_of_a_dead_process_of_this_machine_is_taken_at_once(store: Store, path: Path) -> None:
    method = multiprocessing.get_context("spawn")
    told = method.Queue()
    process = method.Process(target=_claim_and_die, args=(path, told))
    process.start()
    dead = told.get(timeout=60)
    process.join()
    assert dead.split(":")[0] == holder().split(":")[0]
    assert dead.split(":")[1] == str(process.pid)
    assert claim(store, "acme", command="run", at=AT).fence == 2


@pytest.mark.parametrize(
    ("who", "taken"),
    [
        ("elsewhere:{pid}:{started}", False),
        ("{host}:{pid}:{started}", False),
        ("{host}:{pid}:1", True),  # the number was given to another process since
        ("{host}:{pid}:", False),  # nothing is known of the start
        ("{host}:scheduler", False),
    ],
)
def test_only_a_process_that_is_certainly_gone_loses_its_lease(store: Store, who: str, taken: bool) -> None:
    host, pid, started = holder().split(":")
    claim(store, "acme", command="run", at=AT)
    with store.writing() as conn:
        conn.execute("UPDATE books SET holder = ?", (who.format(host=host, pid=pid, started=started),))
    if taken:
        assert claim(store, "acme", command="run", at=AT).fence == 2
    else:
        with pytest.raises(Busy):
            claim(store, "acme", command="run", at=AT)


def test_the_holder_names_the_machine() -> None:
    assert holder().startswith(socket.gethostname())


def _claim_at_once(path: Path, gate: Any, told: Any) -> None:
    with Store.open(path) as store:
        gate.wait()
        try:
            told.put(claim(store, "acme", command="run", at=AT).fence)
        except Busy:
            told.put("busy")
        gate.wait()  # alive, so that the lease is a living one


def test_of_several_processes_one_wins(store: Store, path: Path) -> None:
    assert sorted(map(str, at_once(3, _claim_at_once, path))) == ["1", "busy", "busy"]


def test_what_a_dead_run_was_sending_is_in_doubt_at_the_next_claim(store: Store, clock: Clock) -> None:
    dead = take_book(store, clock)
    put_in_outbox(store, "acme", message("m1"), message("m2", lines=()))
    begin_sending(store, dead, "m1")
    clock.now += 600
    take_book(store, clock)
    doubtful, waiting = messages(store, "acme")
    assert doubtful.status == "in-doubt"
    assert "handed to the mail server at 2026-03-02T09:00:00Z" in doubtful.message.reason
    assert doubtful.ended_on == DAY
    assert waiting.status == "approved"
    last = events(store, "acme")[-1]
    assert (last.what, last.source, last.customer_id, last.day) == ("in-doubt", "m1", "c1", DAY)


def test_what_a_dead_run_was_writing_is_owed_again(store: Store, clock: Clock) -> None:
    dead = take_book(store, clock)
    send(store, dead, message("m1"), notes=[note("m1")])
    take(store, dead, [note("m1")])
    assert owed(store, "acme") == []
    clock.now += 600
    take_book(store, clock)
    assert owed(store, "acme") == [note("m1")]


def test_runs_are_kept_with_what_they_cost(store: Store, clock: Clock) -> None:
    take_book(store, clock)
    clock.now += 600
    second = take_book(store, clock)
    release(store, second, outcome="ok", at=AT + timedelta(minutes=1), api_calls=7, bytes_=900)
    newest, oldest = runs(store, "acme")
    assert (newest.fence, newest.command, newest.outcome) == (2, "run", "ok")
    assert (newest.api_calls, newest.bytes, newest.ended_at) == (7, 900, AT + timedelta(minutes=1))
    assert (oldest.outcome, oldest.ended_at) == ("cut short", None)
