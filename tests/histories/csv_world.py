"""A list of invoices in files, which somebody's other system writes anew whenever something has happened.

The rows are the truth: what they say is worked out here, and never by the connector.
"""

from __future__ import annotations

import csv
import io
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import csv_acts as acts
from csv_acts import OPEN, Payer, Row
from truth import Books, CreditKey, Left, Owed, Person
from vocabulary import ADDRESSES, PLACES, Event, HalfWritten, Lose, Setting
from world import World, amount_of, sized

_FIELDS = ("number", "id", "customer_id", "customer", "email", "issued", "due", "total", "open",
           "currency", "status", "country", "region", "group")  # fmt: skip
_LAYOUTS = {"YYYY-MM-DD": "%Y-%m-%d", "DD/MM/YYYY": "%d/%m/%Y"}
_DELIMITERS, _ENCODINGS = (",", ";", "\t"), ("utf-8", "utf-8-sig", "cp1252")


class CsvWorld(World):
    connector = "csv"

    def __init__(self, setting: Setting, folder: Path) -> None:
        super().__init__(setting, folder)
        self.payers: list[Payer] = []
        self.rows: list[Row] = []
        self.payments: list[tuple[Row, int]] = []
        self.files, self.style = 1, setting.style
        self._readable = True
        # What the other system knows its rows by: a list need not have every column.
        self._layout = "DD/MM/YYYY" if setting.style % 2 else "YYYY-MM-DD"
        without = {"id"} if setting.style in (1, 2) else {"customer_id"} if setting.style == 3 else set()
        self._fields = [each for each in _FIELDS if each not in without]
        (folder / "lists").mkdir()
        self.save()

    def sizes(self, *, looking: bool = False) -> AbstractContextManager[None]:
        return sized("arsync_csv", ROWS=self.setting.page)

    def connection(self) -> dict[str, Any]:
        return {
            "path": "lists",
            "files": "together",
            "company": "Acme Ltd",
            "currency": self.home,
            "timezone": self.zone.key,
            "columns": {each: each.title() for each in self._fields},
            "date_format": self._layout,
            "decimal": "," if self.setting.style % 3 else ".",
        }

    def act(self, event: Event) -> bool:
        if isinstance(event, HalfWritten):
            return self._half_written(event.file)
        if isinstance(event, Lose):
            return self._lose(event.file)
        done = acts.act(self, event)
        if done:
            self.save()
        return done

    @property
    def readable(self) -> bool:
        return self._readable and bool(self._paths())

    def make_readable(self) -> None:
        self.save()

    def page_stored(self, pages: int) -> None:
        self.before(pages)  # a pull of files has no requests: what happens meanwhile happens here

    def books(self) -> Books:
        invoices: dict[str, Owed] = {}
        credits_: dict[CreditKey, Left] = {}
        people: dict[str, Person] = {}
        for row in self.rows:
            if row.spoilt:
                continue
            who = self.payer_id(row.payer)
            place = PLACES[row.payer.address]
            people[who] = Person(
                row.payer.name,
                ADDRESSES[row.payer.address],
                country=place.country,
                subdivision=place.subdivision,
                groups=(place.group,) if place.group else (),
            )
            if row.open < 0 and row.status == OPEN:
                credits_["credit-note", self.row_id(row)] = Left(who, row.currency, -row.open)
            elif row.open > 0 and row.status == OPEN:
                invoices[self.row_id(row)] = Owed(who, row.currency, row.due, row.number, row.open)
        return Books(invoices, credits_, people, frozenset(self.row_id(r) for r in self.rows if r.spoilt))

    def rows_to_read(self) -> tuple[int, int, int]:
        """A list shows what is settled too."""
        good = [row for row in self.rows if not row.spoilt]
        told = self.books()
        return sum(1 for row in good if row.total > 0), len(told.credits), len(told.unread)

    def row_id(self, row: Row) -> str:
        return row.key if "id" in self._fields else f"{self.payer_id(row.payer)}/{row.number}"

    def payer_id(self, payer: Payer) -> str:
        """Without numbers a customer is known by the name, whatever its case."""
        return payer.key if "customer_id" in self._fields else payer.name.casefold()

    # The files -----------------------------------------------------------------------------------

    def save(self) -> None:
        """All files are written anew, and each is whole."""
        for path in self._paths():
            path.unlink()
        for number in range(self.files):
            self._path(number).write_bytes(self._content(number))
        self._readable = True

    def _lose(self, number: int) -> bool:
        """A file is deleted, and so are its rows; the others stay as they are."""
        paths = self._paths()
        if not paths:
            return False
        path = paths[number % len(paths)]
        self.rows = [row for row in self.rows if self._path(row.file) != path]
        path.unlink()
        return True

    def _half_written(self, number: int) -> bool:
        paths = self._paths()
        if not self.readable:
            return False
        path = paths[number % len(paths)]
        path.write_bytes(path.read_bytes() + b'"half a nu')
        self._readable = False
        return True

    def _paths(self) -> list[Path]:
        return sorted((self.folder / "lists").iterdir())

    def _path(self, number: int) -> Path:
        return self.folder / "lists" / f"part-{number}.csv"

    def _content(self, number: int) -> bytes:
        turned = self.style % len(self._fields)
        order = [*self._fields[turned:], *self._fields[:turned]]
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=_DELIMITERS[self.style % 3])
        writer.writerow([each.title() for each in order])
        for row in self.rows:
            if row.file == number:
                cells = self._cells(row)
                writer.writerow([cells[each] for each in order])
        return text.getvalue().encode(_ENCODINGS[self.style // 2 % 3])

    def _cells(self, row: Row) -> dict[str, str]:
        return {
            "number": row.number,
            "id": row.key,
            "customer_id": row.payer.key,
            "customer": row.payer.name,
            "email": "; ".join(ADDRESSES[row.payer.address]),
            "issued": self._day(row.issued),
            "due": "soon" if row.spoilt else self._day(row.due),
            "total": self._amount(row.total, row.currency),
            "open": self._amount(row.open, row.currency),
            "currency": row.currency,
            "status": row.status,
            "country": PLACES[row.payer.address].words[0],
            "region": PLACES[row.payer.address].words[1],
            "group": PLACES[row.payer.address].group,
        }

    def _day(self, day: date | None) -> str:
        return day.strftime(_LAYOUTS[self._layout]) if day else ""

    def _amount(self, minor: int, currency: str) -> str:
        text = f"{amount_of(minor, currency):f}"
        assert Decimal(text) == amount_of(minor, currency)
        return text.replace(".", ",") if self.setting.style % 3 else text
