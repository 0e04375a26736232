"""Laws of notes: each stands there once, beside what stood there before."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress

import pytest

from arsync.connector import Note, NoteReader, Receipt
from arsync.errors import ArsyncError, TryLater
from arsync.testing.faults import FAULTS, SWALLOWED, Fault, allowed
from arsync.testing.laws import Laws, needs


class NotingLaws(Laws):
    @needs("notes")
    def test_the_same_mark_leaves_one_note(self) -> None:
        """Twice in one call, once more in another, and again by a new process."""
        owed = self._owed(1)
        sink = self.desk.sink()
        for notes in ([*owed, *owed], owed):
            _check_receipts(notes, sink.write(notes))
        _check_receipts(owed, self.desk.sink().write(owed))
        self._check_once(owed)

    @needs("notes")
    def test_a_note_leaves_the_others_as_they_are(self) -> None:
        """A second note stands beside the first; what is not there costs the others nothing."""
        first, second = self._owed(1), self._owed(2)
        sink = self.desk.sink()
        sink.write(first)
        nowhere = [_note(each.target, self.desk.world.unknown, 3) for each in second]
        receipts = list(sink.write([*nowhere, *second]))
        _check_receipts(second, receipts[len(nowhere) :])
        assert all(each.error and not each.retry for each in receipts[: len(nowhere)]), "a person has to look"
        self._check_once([*first, *second])

    @needs("notes", "http")
    def test_a_note_whose_answer_was_lost_stands_there_once(self) -> None:
        """It was written, and nobody heard so: it is looked for before it is written again."""
        owed = self._owed(1)
        calls = self._calls_of_one_write()
        for at in range(calls):
            notes = [_note(each.target, each.target_id, 10 + at) for each in owed]
            self.desk.wire.strike(SWALLOWED, after=at)
            receipts, _ = self._attempt(notes)
            assert all(each.retry for each in receipts if each.error), "it is not known, so it is tried again"
            self.desk.wire.heal()
            # By now the service has forgotten its idempotency keys.
            self.desk.world.clock.advance(seconds=86400)
            _check_receipts(notes, self.desk.sink().write(notes))
            self._check_once(notes)

    @needs("notes", "http")
    @pytest.mark.parametrize("fault", FAULTS, ids=str)
    def test_a_fault_never_makes_a_note_look_written(self, fault: Fault) -> None:
        """Where there is no error it stands there; where there is one, another run writes it."""
        owed, wire = self._owed(1), self.desk.wire
        errors = allowed(fault, tokens="oauth" in self.desk.world.abilities)
        for at in range(self._calls_of_one_write()):
            notes = [_note(each.target, each.target_id, 10 + at) for each in owed]
            wire.strike(fault, after=at)
            receipts, error = self._attempt(notes)
            assert error is None or isinstance(error, errors), f"request {at + 1} of a write: {error!r}"
            for each in receipts:
                standing = self.desk.world.note(each.target, each.target_id)
                assert each.error or each.mark in standing, "a note is said to stand where none does"
                assert each.retry or not each.error or errors != (TryLater,), "it is to be tried again"
            wire.heal()
            _check_receipts(notes, self.desk.sink().write(notes))
            for note in notes:
                assert note.mark in self.desk.world.note(note.target, note.target_id)

    @needs("marks")
    def test_where_it_reads_notes_they_are_found_where_they_stand(self) -> None:
        """By another process, the oldest first; where there is none it says so."""
        owed = self._owed(1)
        self.desk.sink().write(owed)
        self.desk.world.clock.advance(seconds=60)
        self.desk.sink().write(self._owed(2))
        others = [self.scene.customer("Elder Estates")]
        bare = [self.scene.invoice(others[0], 4000)]
        places = [*self.scene.debts, *bare], [*self.scene.names]
        found = self._found(*places)
        along = self.desk.source().refresh(*places).notes
        if along is not None:
            told = {(it.target, it.target_id): it.text for it in along if it.text}
            assert told == {place: text for place, text in found.items() if text}, (
                "what comes along is the same"
            )
        for note in owed:
            text = found.pop((note.target, note.target_id))
            if note.mark not in self.desk.world.note(note.target, note.target_id):
                continue  # that it was written over breaks the law of writing
            assert text.count(note.mark) == 1, f"{note.target}: {text.count(note.mark)} marks in {text!r}"
            assert note.text in text
            assert text.index(note.mark) < text.index("[arsync:m-2]"), "the oldest first"
        expected = {("invoice", id_): "" for id_ in (*self.scene.debts, *bare)}
        expected |= {("customer", id_): "" for id_ in self.scene.names}
        for note in owed:
            expected.pop((note.target, note.target_id))
        assert found == expected, "each that was asked for, once, and empty where no mark stands"

    @needs("marks")
    def test_where_it_reads_notes_it_tells_what_was_settled_lately(self) -> None:
        """A message about an invoice that was paid meanwhile was sent all the same."""
        paid, _, open_, _ = self.scene.shop()
        long_ago = self.desk.world.clock().date()
        self.desk.world.clock.advance(seconds=5 * 86400)
        day = self.desk.world.clock().date()
        self.scene.pay(paid)
        found = {it.id: it for it in self._reader().settled(day)}
        assert paid in found, "an invoice that was paid on that very day"
        assert found[paid].owed == 0
        assert found[paid].customer_id == self.scene.debts[paid].customer
        assert open_ not in found, "one that is open is none that was settled"
        assert {paid} <= {it.id for it in self._reader().settled(long_ago)}
        self.desk.world.clock.advance(seconds=5 * 86400)
        later = self.desk.world.clock().date()
        assert paid not in {it.id for it in self._reader().settled(later)}, "what was settled before the day"

    @needs("marks", "http")
    @pytest.mark.parametrize("fault", FAULTS, ids=str)
    def test_where_it_reads_notes_a_fault_never_hides_one(self, fault: Fault) -> None:
        """Whichever request it strikes, it is the right error, and what did come is right."""
        owed = self._owed(1)
        self.desk.sink().write(owed)
        places = {
            f"{target}s": [note.target_id for note in owed if note.target == target]
            for target in ("invoice", "customer")
        }
        errors = allowed(fault, tokens="oauth" in self.desk.world.abilities)
        self.desk.wire.heal()
        self._found(**places)
        for at in range(self.desk.api_calls()):
            self.desk.wire.strike(fault, after=at)
            with suppress(*errors):
                found = self._found(**places)
                assert all(note.mark in found.get((note.target, note.target_id), "") for note in owed)
            self.desk.wire.heal()

    def _reader(self) -> NoteReader:
        source = self.desk.source()
        assert isinstance(source, NoteReader), "the world declares marks, but the source has no `marks`"
        return source

    def _found(self, invoices: Sequence[str], customers: Sequence[str]) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for it in self._reader().marks(list(invoices), list(customers)):
            assert (it.target, it.target_id) not in found, "each place once"
            found[it.target, it.target_id] = it.text
        return found

    def _attempt(self, notes: Sequence[Note]) -> tuple[list[Receipt], ArsyncError | None]:
        """The receipts, or the error in their place."""
        try:
            return list(self.desk.sink().write(notes)), None
        except ArsyncError as error:
            return [], error

    def _calls_of_one_write(self) -> int:
        self.desk.wire.heal()
        self.desk.sink().write(self._owed(9))
        return self.desk.api_calls()

    def _owed(self, number: int) -> list[Note]:
        if not self.scene.debts:
            self.scene.shop()
        places = {"invoice": next(iter(self.scene.debts)), "customer": next(iter(self.scene.names))}
        return [_note(target, places[target], number) for target in self.desk.world.note_targets]

    def _check_once(self, notes: Sequence[Note]) -> None:
        for note in notes:
            standing = self.desk.world.note(note.target, note.target_id)
            assert standing.count(note.mark) == 1, f"{note.target}: {standing.count(note.mark)} notes"
            assert note.text in standing


def _note(target: str, target_id: str, number: int) -> Note:
    mark = f"[arsync:m-{number}]"
    return Note(
        target="invoice" if target == "invoice" else "customer",
        target_id=target_id,
        mark=mark,
        text=f"Reminder {number} sent {mark}",
        key=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{target} {target_id} {number}")),
    )


def _check_receipts(notes: Sequence[Note], receipts: Sequence[Receipt]) -> None:
    """One receipt a note, in whatever order, and each without an error."""
    assert sorted((each.target, each.target_id, each.mark) for each in receipts) == sorted(
        (each.target, each.target_id, each.mark) for each in notes
    )
    assert [each.error for each in receipts] == [None] * len(notes)
