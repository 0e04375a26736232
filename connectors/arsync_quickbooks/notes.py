"""Writing notes back: our lines in an invoice's private note or a customer's notes.

The targets are read first, for the version and for marks that already stand there. Updates are
sparse and made by hand, thirty to a batch, each batch under an idempotency key of its own: one whose
reply is lost is sent again as it was, within the same call, and yields its first reply. The key goes no
further, for under it the vendor would repeat a passing fault as well: a later run finds the marks, or the
record's version refuses the second update. A record that was changed in between is read again by its id
(a query may be behind), merged and written once more.
Source: developer.intuit.com, "Batch operation" and "Sparse update"; 4,000 and 2,000 characters.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from arsync.connector import Note, Receipt
from arsync.errors import Refused, TryLater
from arsync_quickbooks import faults, memo, query, replies
from arsync_quickbooks.client import Client
from arsync_quickbooks.replies import BatchItem
from arsync_quickbooks.rows import NoteRow

ITEMS = 30
_FAULTY = frozenset(map(str, range(2000, 5000)))  # validation faults
Target = tuple[Literal["invoice", "customer"], str]


class _Place(msgspec.Struct, frozen=True):
    """Where the notes of a kind of target stand, and how much room there is."""

    entity: str
    field: str
    limit: int
    condition: tuple[str, ...] = ()

    def text(self, row: NoteRow) -> str:
        return (row.private_note if self.field == "PrivateNote" else row.notes) or ""


_PLACES: dict[Literal["invoice", "customer"], _Place] = {
    "invoice": _Place("Invoice", "PrivateNote", 4000),
    "customer": _Place("Customer", "Notes", 2000, (query.WITH_INACTIVE,)),
}


class _Job(msgspec.Struct):
    """One update: a target as it was read, and the notes it still lacks."""

    target: Target
    row: NoteRow
    notes: list[Note]
    text: str

    @property
    def place(self) -> _Place:
        return _PLACES[self.target[0]]


class Writer:
    """One call of ``write``: collects receipts while it goes."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._receipts: dict[tuple[str, str, str], Receipt] = {}

    def write(self, notes: Sequence[Note]) -> list[Receipt]:
        """One receipt a note. Raises TryLater only where nothing at all was settled, else the notes
        that were not reached have a receipt that asks for another run."""
        try:
            stale = self._written(self._jobs(notes, self._read(notes)))
            again = self._jobs(
                [note for job in stale for note in job.notes],
                {job.target: self._reread(job.target) for job in stale},
            )
            for job in self._written(again):
                self._settle(job.notes, "it is being changed in QuickBooks all the time", retry=True)
        except TryLater as error:
            if not self._receipts:
                raise
            self._settle(notes, str(error), retry=True)
        # Each stands there once, though newer ones may take its room.
        if left := [note for note in notes if _key(note) not in self._receipts]:
            self.write(left)
        return [self._receipts[_key(note)] for note in notes]

    def _read(self, notes: Sequence[Note]) -> dict[Target, NoteRow | None]:
        """The targets as they are; None for one that does not exist any more."""
        found: dict[Target, NoteRow | None] = {_target(note): None for note in notes}
        for kind, place in _PLACES.items():
            ids = [note.target_id for note in notes if note.target == kind]
            for some in query.chunks(ids):
                statement = query.select(place.entity, query.id_in(some), *place.condition)
                for row in replies.targets(self._client.rows(statement).content, place.entity):
                    if row.id is not None and (kind, row.id) in found:
                        found[kind, row.id] = row
        return found

    def _reread(self, target: Target) -> NoteRow | None:
        entity = _PLACES[target[0]].entity
        try:
            return replies.target(self._client.single(entity.lower(), target[1]).content, entity)
        except Refused as error:
            if error.code == str(faults.NOT_FOUND):
                return None
            raise

    def _jobs(self, notes: Sequence[Note], rows: dict[Target, NoteRow | None]) -> list[_Job]:
        """One update a target, for the notes whose mark does not stand there yet: as many of them, the oldest
        first, as there is room for at once."""
        jobs = []
        for target, row in rows.items():
            mine = list({_key(note): note for note in notes if _target(note) == target}.values())
            place = _PLACES[target[0]]
            if row is None or not row.sync_token:
                self._settle(mine, f"the {target[0]} does not exist any more in QuickBooks")
                continue
            there = place.text(row)
            self._settle([note for note in mine if note.mark in there], None)
            owed = [note for note in mine if note.mark not in there]
            if not owed:
                continue
            try:
                text, count = memo.fitting(there, [memo.line(note.text) for note in owed], place.limit)
            except memo.NoRoom:
                self._settle(
                    owed, f"the {target[0]}'s notes leave no room in QuickBooks' {place.limit} characters"
                )
                continue
            jobs.append(_Job(target, row, owed[:count], text))
        return jobs

    def _written(self, jobs: Sequence[_Job]) -> list[_Job]:
        """Writes the updates; gives back those whose record was changed in between."""
        stale = []
        for start in range(0, len(jobs), ITEMS):
            some = jobs[start : start + ITEMS]
            try:
                answer = self._client.batch(_body(some), str(uuid.uuid4()))
                results = replies.batch(answer.content)
            except Refused as error:
                if error.code not in _FAULTY:
                    raise
                # One of these is not as QuickBooks wants it, and the others must not wait for it for ever.
                self._settle([note for job in some for note in job.notes], str(error))
                continue
            for i, job in enumerate(some, 1):
                if self._outcome(job, results.get(str(i))) == "stale":
                    stale.append(job)
        return stale

    def _outcome(self, job: _Job, item: BatchItem | None) -> Literal["stale", "settled"]:
        if item is None:
            self._settle(job.notes, "QuickBooks did not say what became of it", retry=True)
        elif item.fault is not None:
            fault = faults.of_json(item.fault)
            if fault.code == faults.STALE:
                return "stale"
            passing = fault.throttled or (fault.code or 0) >= 10000
            self._settle(job.notes, faults.words(fault), retry=passing)
        else:
            row = item.invoice or item.customer
            if row is not None and row.id == job.target[1]:
                self._settle(job.notes, None)
            else:
                self._settle(job.notes, "QuickBooks did not say what became of it", retry=True)
        return "settled"

    def _settle(self, notes: Iterable[Note], error: str | None, *, retry: bool = False) -> None:
        for note in notes:
            receipt = Receipt(
                target=note.target, target_id=note.target_id, mark=note.mark, error=error, retry=retry
            )
            self._receipts.setdefault(_key(note), receipt)


def _body(jobs: Sequence[_Job]) -> bytes:
    """The fields that change and no others: the SDK's models would send twenty more."""
    items = [
        {
            "bId": str(i),
            "operation": "update",
            job.place.entity: {
                "Id": job.row.id,
                "SyncToken": job.row.sync_token,
                "sparse": True,
                job.place.field: job.text,
            },
        }
        for i, job in enumerate(jobs, 1)
    ]
    return msgspec.json.encode({"BatchItemRequest": items})


def _key(note: Note) -> tuple[str, str, str]:
    return (note.target, note.target_id, note.mark)


def _target(note: Note) -> Target:
    return (note.target, note.target_id)
