"""Read-only views of a company for tests and for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .shapes import shape

if TYPE_CHECKING:
    from .company import Company


class RecordsView(Mapping[str, dict[str, Any]]):
    """Objects of one kind by id, each a fresh copy of what the service would show."""

    def __init__(self, company: Company, kind: str) -> None:
        self._company = company
        self._kind = kind

    def __getitem__(self, record_id: str) -> dict[str, Any]:
        with self._company.lock:
            record = self._company.find(self._kind, int(record_id)) if record_id.isdigit() else None
            if record is None:
                raise KeyError(record_id)
            return shape(self._company, record)

    def __iter__(self) -> Iterator[str]:
        with self._company.lock:
            return iter([str(record_id) for record_id in self._company.tables[self._kind].rows])

    def __len__(self) -> int:
        return len(self._company.tables[self._kind].rows)

    def numbered(self, number: str) -> dict[str, Any]:
        """The one object with this DocNumber; ``KeyError`` if there is none."""
        for shown in self.values():
            if shown.get("DocNumber") == number:
                return shown
        raise KeyError(number)
