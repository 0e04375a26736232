"""One page of a list that holds what it says it does."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from datetime import datetime

import requests

from arsync.errors import TryLater
from arsync_xero.client import decoded
from arsync_xero.decode import Listing, Reader, Record
from arsync_xero.faults import server_time

TWICE = "Xero gave the same page twice; try again later"
EMPTY = "Xero gave an empty page and tells of more; try again later"


def read_page(
    ask: Callable[[], requests.Response], reader: Reader[Record], number: int
) -> tuple[Listing[Record], datetime | None]:
    """The page of that number, and Xero's time where it tells it. Raises TryLater for a page that lacks
    rows, twice in a row."""
    for _ in range(2):
        answer = ask()
        listing: Listing[Record] = decoded(reader.read, answer)
        told = listing.pagination
        if told is None or (told.page == number and told.page_size > 0 and listing.raw_rows >= told.expected):
            return listing, listing.at or server_time(answer)
    raise TryLater("Xero gave a page that does not hold the rows it tells of; try again later")


def pages(ask: Callable[[int], requests.Response], reader: Reader[Record]) -> Iterator[Listing[Record]]:
    """All pages of a list that only ever gains rows. ``ask`` is given the number of the page."""
    number, before = 1, None
    while True:
        listing, _ = read_page(lambda: ask(number), reader, number)  # noqa: B023 - called at once
        told = listing.pagination
        more = told.more if told else listing.raw_rows > 0
        if more and not listing.raw_rows:
            raise TryLater(EMPTY)
        ids = sum_of_ids(listing)
        if ids == before and (listing.records or listing.rejects):
            raise TryLater(TWICE)
        yield listing
        if not more:
            return
        number, before = number + 1, ids


def sum_of_ids(listing: Listing[Record]) -> int:
    """By which a page that comes twice is known."""
    ids = [record.id for record in listing.records] + [each.id or each.raw for each in listing.rejects]
    return zlib.crc32("".join(ids).encode("utf-8", "replace"))
