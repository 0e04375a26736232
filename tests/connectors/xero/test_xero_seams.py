"""A list that loses rows while it is read, and of which no stamp tells: only the number of items does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
import responses
from xero_book import Desk

from arsync.errors import TryLater
from arsync_xero.pull import MOST_ROUNDS

API = "https://api.xero.com/api.xro/2.0"


class OpenList:
    """The open invoices of an organisation, paged as Xero does; nothing of a change can be seen later."""

    def __init__(self, count: int) -> None:
        self.ids = [f"i-{number:05d}" for number in range(count)]
        self.asked: list[tuple[int, int]] = []
        self.after: Callable[[int], None] = lambda asked: None
        self.largest = 1000

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        params: dict[str, str] = request.params  # type: ignore[attr-defined]
        if "Statuses" not in params:
            return self.page("Invoices", [], 1, 1000)
        page, size = int(params["page"]), min(int(params["pageSize"]), self.largest)
        self.asked.append((page, size))
        answer = self.page("Invoices", self.ids, page, size)
        self.after(len(self.asked))
        return answer

    def page(self, name: str, ids: list[str], page: int, size: int) -> tuple[int, dict[str, str], str]:
        told = {"page": page, "pageSize": size, "pageCount": -(-len(ids) // size), "itemCount": len(ids)}
        rows = [_row(each) for each in ids[(page - 1) * size : page * size]]
        return 200, {}, json.dumps({"Status": "OK", "pagination": told, name: rows})


def _row(id: str) -> dict[str, Any]:  # noqa: A002
    return {
        "Type": "ACCREC",
        "InvoiceID": id,
        "Status": "AUTHORISED",
        "CurrencyCode": "GBP",
        "Total": 5,
        "AmountDue": 5,
        "Contact": {"ContactID": "c"},
    }


@contextmanager
def served(ledger: OpenList) -> Iterator[None]:
    with responses.RequestsMock() as mock:
        mock.add_callback(responses.GET, f"{API}/Invoices", ledger.answer)
        for name in ("Contacts", "Payments", "CreditNotes", "Overpayments", "Prepayments"):
            body = json.loads(ledger.page(name, [], 1, 1000)[2])
            mock.add(responses.Response("GET", f"{API}/{name}", json=body))
            mock.assert_all_requests_are_fired = False
        yield


def mentioned(wire: Desk) -> set[str]:
    return {each.id for page in wire.source.pull(None) for each in page.invoices}


def test_one_that_leaves_hides_no_other(wire: Desk) -> None:
    ledger = OpenList(3500)

    def leave(asked: int) -> None:
        if asked == 2:
            ledger.ids.remove("i-00007")

    ledger.after = leave
    with served(ledger):
        assert mentioned(wire) >= set(ledger.ids)
    # pages 1 to 3, the seam between 2 and 3 with 200 rows on either side at least, page 4
    assert [each for each in ledger.asked if each[1] == 1000] == [(1, 1000), (2, 1000), (3, 1000), (4, 1000)]
    [(number, size)] = [each for each in ledger.asked if each[1] != 1000]
    assert (number - 1) * size <= 1800
    assert number * size >= 2200


def test_the_last_row_that_moves_off_the_last_page(wire: Desk) -> None:
    ledger = OpenList(2001)

    def leave(asked: int) -> None:
        if asked == 2:
            ledger.ids.remove("i-00007")

    ledger.after = leave
    with served(ledger):
        assert mentioned(wire) >= set(ledger.ids)


def test_very_many_that_leave_begin_the_list_anew(wire: Desk) -> None:
    ledger = OpenList(3500)

    def leave(asked: int) -> None:
        if asked == 2:
            del ledger.ids[:900]

    ledger.after = leave
    with served(ledger):
        assert mentioned(wire) >= set(ledger.ids)
    assert ledger.asked == [(page, 1000) for page in (1, 2, 3, 1, 2, 3)]


def test_another_size_of_page_begins_the_list_anew(wire: Desk) -> None:
    ledger = OpenList(2500)

    def shrink(asked: int) -> None:
        if asked == 1:
            ledger.largest = 500

    ledger.after = shrink
    with served(ledger):
        assert mentioned(wire) == set(ledger.ids)
    assert ledger.asked == [(1, 1000), (2, 500), *((page, 500) for page in range(1, 6))]


def test_a_list_that_never_rests_is_left_for_later(wire: Desk) -> None:
    ledger = OpenList(50_000)

    def leave(asked: int) -> None:
        del ledger.ids[:300]

    ledger.after = leave
    with served(ledger), pytest.raises(TryLater, match="faster"):
        mentioned(wire)
    assert len(ledger.asked) == 2 * (MOST_ROUNDS + 1)
