"""Paging by time: what each page says about the next one."""

from __future__ import annotations

import pytest

from arsync.errors import TryLater
from arsync_quickbooks import keyset
from arsync_quickbooks.keyset import Mark
from arsync_quickbooks.rows import InvoiceRow, MetaData


@pytest.fixture(autouse=True)
def _pages_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyset, "MOST_ROWS", 3)


def rows(*ids_and_seconds: tuple[str, int]) -> list[InvoiceRow]:
    return [
        InvoiceRow(id=id_, meta_data=MetaData(create_time=f"2026-01-01T10:00:{second:02}-08:00"))
        for id_, second in ids_and_seconds
    ]


def at(second: int) -> str:
    return f"2026-01-01T18:00:{second:02}Z"


def after(mark: Mark, *ids_and_seconds: tuple[str, int]) -> Mark | None:
    return keyset.after(mark, rows(*ids_and_seconds), "create_time")


def follow(*page: tuple[str, int]) -> None:
    """Listing from a service that gives this page again and again."""
    mark: Mark | None = Mark()
    for _ in range(20):
        assert mark is not None
        mark = after(mark, *page)


def test_a_short_page_is_the_last() -> None:
    assert after(Mark(), ("1", 1), ("2", 2)) is None
    assert after(Mark()) is None


def test_a_longer_page_than_asked_for_is_not_the_last() -> None:
    assert after(Mark(), ("1", 1), ("2", 2), ("3", 3), ("4", 4)) == Mark(at=at(4), seen=("4",))


def test_only_the_last_seconds_ids_are_remembered() -> None:
    mark = after(Mark(), ("1", 1), ("2", 5), ("3", 5))
    assert mark == Mark(at=at(5), seen=("2", "3"))
    assert mark is not None
    assert mark.brought() == {"2", "3"}


def test_a_page_within_one_second_goes_on_by_position_with_an_anchor() -> None:
    mark = Mark(at=at(5), seen=("2", "3"))
    second = after(mark, ("2", 5), ("3", 5), ("4", 5))
    assert second == Mark(at=at(5), pos=3, anchor="4", seen=("2", "3"))
    assert second is not None
    third = after(second, ("4", 5), ("5", 5), ("6", 8))
    assert third == Mark(at=at(8), seen=("6",))


def test_a_shift_inside_the_second_reads_it_anew() -> None:
    mark = Mark(at=at(5), pos=3, anchor="4")
    assert after(mark, ("5", 5), ("6", 5)) == Mark(at=at(5), restarts=1)
    assert after(mark) == Mark(at=at(5), restarts=1)


def test_a_service_that_ignores_positions_ends_in_an_error() -> None:
    with pytest.raises(TryLater):
        follow(("1", 1), ("2", 1), ("3", 1))


def test_a_service_that_ignores_the_bound_ends_in_an_error() -> None:
    with pytest.raises(TryLater):
        follow(("1", 1), ("2", 2), ("3", 3))


def test_an_unsorted_page_is_an_error() -> None:
    page = rows(("1", 1), ("2", 2), ("3", 3))
    page[0].meta_data = MetaData(create_time="2026-01-01T12:00:00-08:00")
    with pytest.raises(TryLater):
        keyset.after(Mark(), page, "create_time")


def test_the_repeated_hour_of_autumn_may_run_backwards() -> None:
    page = [
        InvoiceRow(id="1", meta_data=MetaData(create_time="2026-11-01T01:10:00-08:00")),
        InvoiceRow(id="2", meta_data=MetaData(create_time="2026-11-01T01:30:00-07:00")),
        InvoiceRow(id="3", meta_data=MetaData(create_time="2026-11-01T02:10:00-08:00")),
    ]
    assert keyset.after(Mark(), page, "create_time") == Mark(at="2026-11-01T10:10:00Z", seen=("3",))


def test_a_full_page_without_times_is_an_error() -> None:
    with pytest.raises(TryLater):
        keyset.after(Mark(), [InvoiceRow(id=str(i)) for i in range(3)], "create_time")
