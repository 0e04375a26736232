"""A book as spreadsheets: four CSV files, and one workbook with the same four sheets."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import msgspec

from arsync.errors import ArsyncError, FixSettings
from arsync.private_files import private_folder
from arsync.runs.book import Book
from arsync.runs.export_sheets import SHEETS
from arsync.writing.spreadsheet import CsvSheet

if TYPE_CHECKING:
    from arsync.writing.workbook import Workbook

_TELL_EVERY = 5_000  # rows
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EIO}


class Exported(msgspec.Struct, frozen=True):
    """What was written: the CSV files with their numbers of rows, and the workbook. ``lacks`` names the
    package that is missing where there is no workbook."""

    as_of: date
    files: dict[Path, int]
    workbook: Path
    lacks: str | None


def export(book: Book, folder: Path) -> Exported:
    """Write everything that a book knows, aged to today, into a folder, which is made if need be.

    Files of the same names are replaced, each as a whole and only when all are written; only their owner
    may read them. Nothing else in the folder is touched. Without openpyxl there is no workbook. Raises
    FixSettings where the folder cannot be written.
    """
    day = book.today
    workbook, lacks = _new_workbook()
    names = [f"{sheet.name}.csv" for sheet in SHEETS]
    xlsx = f"{book.name}.xlsx"
    with _in_words(folder):
        private_folder(folder)
        for name in (*names, xlsx):
            if (folder / name).is_dir():
                raise FixSettings("a folder stands where this file belongs", where=str(folder / name))
        with TemporaryDirectory(dir=folder, prefix=".arsync-") as written:
            aside = Path(written)
            with _abandoned(workbook):
                counts = _write(book, aside, workbook, day)
                if workbook is not None:
                    workbook.save(aside / xlsx)
                    names.append(xlsx)
            for name in names:
                (aside / name).chmod(0o600)  # customers' names, addresses and debts
                (aside / name).replace(folder / name)
    files = {folder / f"{sheet.name}.csv": counts[sheet.name] for sheet in SHEETS}
    return Exported(day, files, folder / xlsx, lacks)


def _new_workbook() -> tuple[Workbook | None, str | None]:
    try:
        from arsync.writing.workbook import Workbook  # late: openpyxl is an extra, and slow to load
    except ModuleNotFoundError as error:
        return None, error.name
    return Workbook(), None


@contextmanager
def _abandoned(workbook: Workbook | None) -> Iterator[None]:
    """A workbook that was not finished is closed."""
    try:
        yield
    except BaseException:
        if workbook is not None:
            workbook.abandon()
        raise


def _write(book: Book, aside: Path, workbook: Workbook | None, day: date) -> dict[str, int]:
    """All sheets from one state of the book; the number of rows of each."""
    counts: dict[str, int] = {}
    with book.store.reading() as conn:
        for sheet in SHEETS:
            counts[sheet.name] = 0
            page = None if workbook is None else workbook.sheet(sheet.name, sheet.headings)
            with CsvSheet(aside / f"{sheet.name}.csv", sheet.headings) as file:
                for cells in sheet.rows(book, conn, day):
                    file.append(cells)
                    if page is not None:
                        page.append(cells)
                    counts[sheet.name] += 1
                    if not counts[sheet.name] % _TELL_EVERY:
                        book.progress(f"{sheet.name}: {counts[sheet.name]:,} rows")
    return counts


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    """What the file system complains of, as a sentence that tells what to do."""
    try:
        yield
    except FileExistsError:
        raise FixSettings("this is a file; name a folder", where=str(folder)) from None
    except OSError as error:
        where = str(error.filename2 or error.filename or folder)
        if error.errno in _DISK_FULL:
            raise ArsyncError(f"{folder}: the disk is full or broken; the export was not finished") from error
        raise FixSettings(
            f"cannot be written ({error.strerror}); close it where it is open, or name another folder",
            where=where,
        ) from error
