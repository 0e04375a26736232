"""A sorted order of records that survives changes without sorting everything again."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Any, Generic, TypeVar

R = TypeVar("R")
_MANY = 256


class SortedIndex(Generic[R]):
    """Records in the order of their keys; changes are taken in when the order is next read.

    A key is a tuple that ends in the record's id, so that no two are equal.
    """

    def __init__(self) -> None:
        self._keys: dict[str, tuple[Any, ...]] = {}
        self._records: dict[str, R] = {}
        self._order: list[tuple[Any, ...]] = []
        self._moved: dict[str, tuple[Any, ...]] = {}

    def put(self, record_id: str, key: tuple[Any, ...], record: R) -> None:
        """Add a record or give it a new place."""
        self._records[record_id] = record
        self._moved[record_id] = key

    def records(self) -> list[R]:
        """All records in order."""
        self._settle()
        found = self._records
        return [found[key[-1]] for key in self._order]

    def _settle(self) -> None:
        if len(self._moved) > max(_MANY, len(self._order) // 100):
            self._keys.update(self._moved)
            self._order = sorted(self._keys.values())
        else:
            for record_id, key in self._moved.items():
                old = self._keys.get(record_id)
                if old == key:
                    continue
                if old is not None:
                    del self._order[bisect_left(self._order, old)]
                insort(self._order, key)
                self._keys[record_id] = key
        self._moved.clear()
