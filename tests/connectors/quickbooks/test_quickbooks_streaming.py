"""A report in a file: read a little at a time, and what cannot be read is never taken for less."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pytest
import responses
from hypothesis import given, settings
from hypothesis import strategies as st
from quickbooks_desk import TODAY, Desk
from test_quickbooks_report import body, read, row
from test_quickbooks_wire import HOST, aging, fault

from arsync.errors import ArsyncError, Refused, TryLater
from arsync_quickbooks import reading, receivables, report, streaming
from arsync_quickbooks.report import Line, Table
from arsync_quickbooks.streaming import OtherKind, Reader

REPORT = f"{HOST}/reports/AgedReceivableDetail"


def small_blocks(monkeypatch: pytest.MonkeyPatch, size: int = 400) -> None:
    """Blocks in which one row has room and a section has not."""
    monkeypatch.setattr(streaming, "BLOCK", size)


def payments(count: int) -> list[dict[str, Any]]:
    return [row("Payment", str(number), "1", f"-{number}.00") for number in range(1, count + 1)]


class Endless(BytesIO):
    """A report whose rows never end; ``given`` bytes of it were read."""

    def __init__(self) -> None:
        whole = body(row("Payment", "6", "1", "-12.50"))
        self._row = json.dumps(row("Payment", "6", "1", "-12.50")).encode() + b","
        super().__init__(whole[: whole.index(self._row[:-1])])
        self.given = 0

    def read(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert size > 0, "all of it at once"
        block = super().read(size) or self._row * (size // len(self._row) + 1)
        self.given += len(block)
        return block


def test_rows_are_read_when_they_are_asked_for() -> None:
    file = Endless()
    rows = iter(Table(file, foreign=False, home=lambda: ""))
    for row_ in islice(rows, 10_000):
        assert isinstance(row_, Line)
        assert row_.amount == Decimal("-12.50")
    # twice, since the columns are looked for first: what was used, and two blocks ahead of it
    assert file.given < 10_000 * len(file._row) + 2 * 2 * (streaming.BLOCK + 1000)


@pytest.mark.parametrize("spacing", [None, 2])
def test_a_long_section_is_read_row_by_row(monkeypatch: pytest.MonkeyPatch, spacing: int | None) -> None:
    small_blocks(monkeypatch, 1000)
    text = json.dumps(json.loads(body(*payments(200))), indent=spacing).encode()
    assert [credit.remaining for credit in read(text).credits] == [100 * n for n in range(1, 201)]


def test_sections_within_long_sections(monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch)
    first, second, third = payments(40)[:10], payments(40)[10:11], payments(40)[11:]
    inner = {"Header": {"ColData": []}, "Rows": {"Row": second}, "Summary": {}, "type": "Section"}
    empty = [{"Rows": {}, "type": "Section"}, {"Rows": None, "Summary": {"ColData": []}}]
    text = body(*first, {"Rows": {"Row": [inner, *empty, *third]}, "type": "Section"})
    assert [credit.id for credit in read(text).credits] == [str(n) for n in range(1, 41)]


@pytest.mark.parametrize(
    "name", ["\u30ed\u30d5\u30c8", "\U0001f3e0" * 100, 'Lo"}]},{"ft\\'], ids=["kana", "emoji", "json"]
)
def test_names_of_any_script_across_blocks(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    small_blocks(monkeypatch)
    rows = payments(60)
    for each in rows:
        each["ColData"][2]["value"] = name
    text = json.dumps(json.loads(body(*rows)), ensure_ascii=False).encode()
    found = read(text).credits
    assert [credit.number for credit in found] == [name] * 60
    assert found[-1].remaining == 6000


def test_rows_may_stand_before_what_is_said_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch)
    told = json.loads(body(*payments(50)))
    text = json.dumps({key: told[key] for key in ("Rows", "Columns", "Header")}).encode()
    assert len(read(text).credits) == 50


def test_a_row_that_is_too_long_is_not_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch)
    long = row("Payment", "7", "1", "-1.00")
    long["ColData"][2]["value"] = "9" * 1000
    with pytest.raises(report.Unreadable, match="too long"):
        read(body(*payments(2), long))


def test_a_fault_after_the_rows_is_no_report() -> None:
    told = json.loads(body(*payments(1)))
    error = {"Error": [{"Message": "No", "code": "2050"}]}
    with pytest.raises(Refused, match="2050"):
        read(json.dumps({**told, "Fault": error}).encode())
    assert len(read(json.dumps({**told, "Fault": None}).encode()).credits) == 1


@pytest.mark.parametrize("rows", [{"Rows": None}, {}])
def test_rows_that_are_not_there_are_not_taken_for_none(rows: dict[str, Any]) -> None:
    told = json.loads(body())
    del told["Rows"]
    with pytest.raises(report.Unreadable):
        read(json.dumps({**told, **rows}).encode())


def test_half_a_character_at_the_end_is_damage() -> None:
    with pytest.raises(TryLater):
        read(body(*payments(1)) + b"\xe2")


@pytest.mark.parametrize("size", [90, 65536])
def test_a_report_that_ends_too_early_anywhere_is_damaged(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    small_blocks(monkeypatch, size)
    whole = body(*payments(2))
    for end in range(len(whole)):
        with pytest.raises(TryLater):
            read(whole[:end])


@pytest.mark.parametrize("size", [90, 65536])
@pytest.mark.parametrize("odd", [b'"', b"}", b","])
def test_an_odd_character_anywhere_is_never_overlooked(
    monkeypatch: pytest.MonkeyPatch, size: int, odd: bytes
) -> None:
    small_blocks(monkeypatch, size)
    whole = body(*payments(2))
    for at in range(len(whole)):
        text = whole[:at] + odd + whole[at:]
        try:
            json.loads(text)
        except ValueError:
            with pytest.raises(TryLater):
                read(text)


def rebuilt(reader: Reader, like: Any) -> Any:
    """The value that stands here, gone through by members and items."""
    if isinstance(like, dict):
        return {key: rebuilt(reader, like[key]) for key in reader.members()}
    if isinstance(like, list):
        rest = iter(like)
        return [rebuilt(reader, next(rest)) for _ in reader.items()]
    return json.loads(reader.value())


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=25,
)


@settings(max_examples=100, deadline=None)
@given(
    values,
    st.integers(1, 40),
    st.sampled_from([None, 1]),
    st.booleans(),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_a_document_is_read_as_it_was_written(
    value: Any, block: int, indent: int | None, ascii_only: bool, mark: bytes
) -> None:
    text = mark + json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8") + b" \n"
    with pytest.MonkeyPatch.context() as monkeypatch:
        small_blocks(monkeypatch, block)
        reader = Reader(BytesIO(text))
        assert rebuilt(reader, value) == value
        reader.finish()
        skipped = Reader(BytesIO(text))
        skipped.skip()
        skipped.finish()
        with pytest.raises(TryLater):
            skipped.value()


def test_another_kind_of_value_is_told_from_damage() -> None:
    with pytest.raises(OtherKind):
        list(Reader(BytesIO(b" [1]")).members())
    with pytest.raises(TryLater):
        list(Reader(BytesIO(b" <html>")).members())


# ---- the file that a report is held in


class Kept(tempfile.SpooledTemporaryFile[bytes]):
    """Remembers every file that was made."""

    made: list[Kept]

    def __init__(self, *how: Any) -> None:
        super().__init__(*how)
        self.made.append(self)


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Kept]]:
    """All temporary files of a test; not one of them may be left."""
    monkeypatch.setattr(Kept, "made", [], raising=False)
    monkeypatch.setattr(reading, "SpooledTemporaryFile", Kept)
    monkeypatch.setattr(reading, "IN_MEMORY", 100)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield Kept.made
    assert Kept.made
    assert all(file.closed for file in Kept.made)
    assert list(tmp_path.iterdir()) == []


def refreshed(desk: Desk, *reports: dict[str, Any]) -> list[str]:
    """The ids of the credits that a refresh finds."""
    with responses.RequestsMock() as wire:
        wire.post(f"{HOST}/query", json={"QueryResponse": {}})
        for each in reports:
            wire.get(REPORT, **each)
        return [credit.id for credit in desk.source.refresh([], ["1"]).credits]


GOOD = {"json": aging("txn_type", "cust_name", "subt_open_bal")}


def test_no_file_is_left_after_a_report(desk: Desk, files: list[Kept]) -> None:
    assert refreshed(desk, GOOD) == ["6"]
    assert len(files) == 1


def test_no_file_is_left_after_several_forms_of_it(desk: Desk, files: list[Kept]) -> None:
    assert refreshed(desk, {"json": aging("txn_type", "cust_name")}, GOOD) == ["6"]
    assert len(files) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"json": aging("txn_type", "cust_name")}, Refused),
        ({"body": b'{"Header":{"Currency":"USD"},"Columns":[[}' + b" " * 200 + b"}"}, TryLater),
        ({"json": fault("2050"), "status": 400}, Refused),
        ({"json": {"message": "something else" * 50}}, Refused),
        ({"body": ConnectionError("broken")}, ConnectionError),
    ],
)
def test_no_file_is_left_after_a_failure(
    desk: Desk, files: list[Kept], answer: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        refreshed(desk, answer)


def test_no_file_is_left_after_a_fault_of_our_own(
    desk: Desk, files: list[Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(table: Table) -> Any:
        next(iter(table))
        raise ZeroDivisionError

    monkeypatch.setattr(receivables, "credits_of", broken)
    with pytest.raises(ZeroDivisionError):
        refreshed(desk, GOOD)


def test_the_tie_out_reads_from_the_same_file(desk: Desk, files: list[Kept]) -> None:
    with responses.RequestsMock() as wire:
        wire.get(f"{HOST}/preferences", json={"Preferences": {"CurrencyPrefs": {}}})
        wire.get(REPORT, **GOOD)
        [balance] = desk.source.aged_receivables(TODAY)
    assert balance.amount == -1250
    assert len(files) == 1


# ---- what the verdict makes of a body that is in a file


def long_report() -> bytes:
    """A report far longer than what an answer shows of it, with a customer of an unlucky name."""
    told = aging("txn_type", "cust_name", "subt_open_bal")
    told["Rows"]["Row"][0]["ColData"][1]["value"] = "Fault"
    told["Rows"]["Row"] *= 3000
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        ({"json": fault("3001")}, [60.0]),
        ({"body": b"<Fault><Error code='3001'></Error></Fault>", "status": 403}, [60.0]),
        ({"body": b"<html>"}, None),
        ({"body": long_report()[:-40]}, None),
        ({"body": b""}, None),
    ],
)
def test_what_passes_is_waited_for(desk: Desk, answer: dict[str, Any], waits: list[float] | None) -> None:
    assert refreshed(desk, answer, {"body": long_report()}) == ["6"]
    assert len(desk.slept) == 1
    assert waits is None or desk.slept == waits


def test_a_long_report_is_no_fault(desk: Desk) -> None:
    assert refreshed(desk, {"body": long_report()}) == ["6"]
    assert desk.slept == []


def test_the_answer_of_a_report_shows_nothing_in_errors(desk: Desk) -> None:
    with pytest.raises(ArsyncError) as caught:
        refreshed(desk, {"body": long_report()[:-2] + b'"customer@fern.example"}'})
    assert "fern.example" not in str(caught.value)


def test_words_are_found_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in range(1, 9):
        small_blocks(monkeypatch, size)
        file: IO[bytes] = BytesIO(b"one two three")
        assert streaming.mentions(file, b"two")
        assert not streaming.mentions(file, b"twee")
