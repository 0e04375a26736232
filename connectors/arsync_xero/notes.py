"""Notes into the history of contacts and invoices.

A note of Xero's can be neither changed nor deleted, so it is looked for under its mark before it is
written; the idempotency key covers a reply that is lost on the way (Xero keeps it for minutes).
https://developer.xero.com/documentation/api/accounting/historyandnotes
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from arsync.connector import Note, Receipt
from arsync.errors import ArsyncError, Conflict, Reconnect, Refused, TryLater, UsedUp
from arsync_xero import decode
from arsync_xero.client import XeroClient, decoded

LONGEST = 2500  # characters of one note
# A document that Xero fails on is passed over; so many in a row are a service that is down.
FAILURES = 3


def write(client: XeroClient, notes: Sequence[Note]) -> list[Receipt]:
    """One receipt a note. Raises what stops the very first document; after that the receipts tell."""
    documents: dict[tuple[str, str], list[Note]] = {}
    for note in notes:
        documents.setdefault((note.target, note.target_id), []).append(note)
    receipts: list[Receipt] = []
    stop: ArsyncError | None = None
    failures = 0
    for group in documents.values():
        if stop is not None:
            receipts += _failed(group, stop, retry=True)
            continue
        try:
            _write_document(client, group)
        except (Refused, Conflict) as error:
            receipts += _failed(group, error, retry=False)
        except (TryLater, Reconnect) as error:
            failures += 1
            if not receipts and _ends_all(error, failures):
                raise
            stop = error if _ends_all(error, failures) else None
            receipts += _failed(group, error, retry=True)
        else:
            failures = 0
            receipts += [_receipt(note) for note in group]
    return receipts


def fitted(note: Note) -> str:
    """The text of a note as Xero takes it: shortened before its mark where it is too long."""
    if len(note.text) <= LONGEST:
        return note.text
    rest = " ".join(note.text.replace(note.mark, " ").split())
    return f"{rest[: LONGEST - len(note.mark) - 2].rstrip()}… {note.mark}"


def key_of(notes: Sequence[Note]) -> str:
    """The idempotency key of the notes that go in one request."""
    if len(notes) == 1:
        return notes[0].key
    return str(uuid5(NAMESPACE_URL, "arsync:notes:" + " ".join(sorted(note.key for note in notes))))


def _write_document(client: XeroClient, group: Sequence[Note]) -> None:
    """Write those notes of one document that do not stand there yet."""
    target, target_id = group[0].target, group[0].target_id
    standing = decoded(decode.history, client.history(target, target_id))
    owed = {note.mark: note for note in group if not any(note.mark in text for text in standing)}
    if not owed:
        return
    missing = list(owed.values())
    texts = [fitted(note) for note in missing]
    decoded(decode.history, client.add_history(target, target_id, texts, key_of(missing)))


def _ends_all(error: ArsyncError, failures: int) -> bool:
    """Whether the next document would fare no better: no authorisation, a limit, a service down."""
    if isinstance(error, Reconnect | UsedUp):
        return True
    return getattr(error, "at", None) is not None or failures >= FAILURES


def _failed(group: Sequence[Note], error: ArsyncError, *, retry: bool) -> list[Receipt]:
    return [_receipt(note, str(error), retry=retry) for note in group]


def _receipt(note: Note, error: str | None = None, *, retry: bool = False) -> Receipt:
    return Receipt(target=note.target, target_id=note.target_id, mark=note.mark, error=error, retry=retry)
