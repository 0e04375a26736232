"""A text that is no text costs itself and not the page."""

from __future__ import annotations

import pytest
import responses
from xero_book import Desk

from arsync.connector import mended
from arsync.errors import TryLater

API = "https://api.xero.com/api.xro/2.0"


def contacts(name: bytes) -> bytes:
    page = b'"pagination":{"page":1,"pageSize":1000,"pageCount":1,"itemCount":1}'
    return b'{"Contacts":[{"ContactID":"c-1","Name":"%s"}],%s}' % (name, page)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        (rb"Brook \ud83d", "Brook \ufffd"),
        (rb"\ude00 Brook", "\ufffd Brook"),
        (b"Brook\xff", "Brook\ufffd"),
        (b"Brook\t\x00", "Brook  "),
    ],
)
def test_a_name_that_is_no_text_is_read_as_far_as_it_goes(wire: Desk, name: bytes, read: str) -> None:
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/Contacts", body=contacts(name))
        page = next(iter(wire.source.pull(None)))
    assert [each.name for each in page.customers] == [read]
    assert not page.rejects


def test_whole_pairs_and_what_is_not_json_stay_as_they_are(wire: Desk) -> None:
    assert mended(rb'{"Name": "\ud83d\ude00"}') == rb'{"Name": "\ud83d\ude00"}'
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/Contacts", body=contacts(b"Brook")[:-3] + b"}")
        with pytest.raises(TryLater):
            next(iter(wire.source.pull(None)))
