"""Reading the notes of many places, also where the service refuses to give some of them.

What was read is kept, so that a reading that the vendor's day ended goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Sequence

from arsync.connector import FoundNote
from arsync.connector.protocol import NoteReader
from arsync.errors import Refused, TryLater
from arsync.runs.book import Book
from arsync.runs.witness import Place
from arsync.store import Claim
from arsync.store.rebuild import keep_read, read_before
from arsync.writing.note_reading import marks_in

# What is read between two commits: on Xero a call each.
TOGETHER = 25
# So many places may be refused; with more of them it is not the places.
REFUSED = 10


class Reading:
    """One reading of a book's notes. ``refused`` are the places whose notes the service refuses to give,
    and why; nothing is known of them."""

    def __init__(self, book: Book, claim: Claim, reader: NoteReader) -> None:
        self._book, self._claim, self._reader = book, claim, reader
        self._before = read_before(book.store, book.name, now=book.clock())
        self._news: list[FoundNote] = []
        self._places: set[Place] = set()
        self._fresh: set[Place] = set()
        self.found: list[FoundNote] = []
        self.refused: dict[Place, str] = {}

    def read(self, places: Sequence[Place]) -> None:
        """What stands there, now or as it was read a short while ago, goes to ``found``.

        Raises what the connector raises; Refused only where every place is refused, or many are.
        """
        places = [place for place in places if place not in self._places]
        self._places |= set(places)
        self.found += [FoundNote(*place, self._before[place]) for place in places if place in self._before]
        rest = [place for place in places if place not in self._before]
        try:
            self._ask(rest)
            if self.refused and self.refused.keys() == self._places:
                raise Refused(next(iter(self.refused.values())))
        except TryLater as error:
            left = sum(1 for place in rest if place not in self._fresh)
            raise type(error)(
                f"{error}; the notes in {left} of {len(places)} places are not read yet, and nothing is "
                f"restored before: `arsync rebuild {self._book.name}` goes on from there",
                at=error.at,
            ) from None
        else:
            # What does not exist any more.
            gone = [it for it in rest if it not in self._fresh and it not in self.refused]
            self._news += [FoundNote(*place) for place in gone]
        finally:
            self._keep()

    def _ask(self, places: Sequence[Place]) -> None:
        """All in one go; where that is refused, in halves, until it is one place that is."""
        wanted = {kind: [id_ for of, id_ in places if of == kind] for kind in ("invoice", "customer")}
        try:
            for it in self._reader.marks(wanted["invoice"], wanted["customer"]):
                self._take(FoundNote(it.target, it.target_id, _marked(it.text)))
        except Refused as error:
            left = [place for place in places if place not in self._fresh]
            if len(left) > 1:
                self._ask(left[: len(left) // 2])
                self._ask(left[len(left) // 2 :])
                return
            self.refused |= dict.fromkeys(left, str(error))
            if len(self.refused) > REFUSED:
                raise

    def _take(self, it: FoundNote) -> None:
        self.found.append(it)
        self._news.append(it)
        self._fresh.add((it.target, it.target_id))
        if len(self._news) >= TOGETHER:
            self._keep()
            self._book.progress(f"notes: {len(self.found)} places read")

    def _keep(self) -> None:
        keep_read(self._book.store, self._claim, self._news, at=self._book.clock())
        self._news.clear()


def _marked(text: str) -> str:
    """The notes in a text alone: what people wrote there is none of this database's business."""
    return "\n".join(note for _, note in marks_in(text))
