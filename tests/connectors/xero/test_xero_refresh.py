"""The state right now, before a message leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import responses
from xero_book import NOW, Desk, Town

from arsync.errors import TryLater

TODAY = NOW.date()
Build = Callable[..., Town]
API = "https://api.xero.com/api.xro/2.0"


def test_invoices_of_every_status_customers_and_what_credit_is_left(town: Build) -> None:
    built = town()
    company = built.company
    one = company.add_contact("Brook & Daughters", "office@brook.example")
    two = company.add_contact("Castle Mill Ltd")
    company.archive(two)
    ids = {
        name: company.add_invoice(one, "10.00", date(2026, 1, 5), date(2026, 2, 4), number=name)
        for name in ("open", "paid", "void")
    }
    ids["deleted"] = company.add_draft(one, "10.00", TODAY)
    company.pay("paid")
    company.void("void")
    company.delete(ids["deleted"])
    company.add_credit_note(one, "4.00")
    used = company.add_credit_note(one, "1.00")
    company.allocate(used, "open")
    company.add_prepayment(two, "3.00")
    other = company.add_contact("Somebody Else")
    company.add_overpayment(other, "9.00")
    built.simulator.calls.clear()

    snapshot = built.source.refresh([*ids.values(), "00000000-0000-4000-8000-00000000dead"], [one, two])

    found = {each.id: (each.status, each.owed) for each in snapshot.invoices}
    assert found == {
        ids["open"]: ("in-force", 900),
        ids["paid"]: ("in-force", 0),
        ids["void"]: ("voided", 0),
        ids["deleted"]: ("deleted", 0),
    }
    assert {each.id: each.active for each in snapshot.customers} == {one: True, two: False}
    assert sorted((each.customer_id == one, each.remaining) for each in snapshot.credits) == [
        (False, 300),
        (True, 400),
    ]
    assert snapshot.read_at == built.clock()
    # the missing one is asked for a second time, under every status there is
    assert len(built.simulator.calls.to("GET Invoices")) == 2
    assert len(built.simulator.calls.api) == 6


def test_forty_a_call_and_each_once(town: Build) -> None:
    built = town()
    who = [built.company.add_contact(f"Customer {number}") for number in range(41)]
    ids = [built.company.add_invoice(who[0], "1.00", TODAY) for _ in range(81)]
    built.simulator.calls.clear()
    snapshot = built.source.refresh(ids + ids, who + who)
    assert len(snapshot.invoices) == 81
    assert len(snapshot.customers) == 41
    counts = built.simulator.calls.by_endpoint
    assert (counts["GET Invoices"], counts["GET Contacts"], counts["GET CreditNotes"]) == (3, 2, 1)


def test_nothing_asked_costs_nothing(town: Build) -> None:
    built = town()
    snapshot = built.source.refresh([], [])
    assert (snapshot.invoices, snapshot.customers, snapshot.credits) == ([], [], [])
    assert len(built.simulator.calls.api) == 0


def test_all_pages_of_credits_are_read(town: Build) -> None:
    built = town()
    who = built.company.add_contact("Brook & Daughters")
    for _ in range(1002):
        built.company.add_prepayment(who, "1.00")
    assert len(built.source.refresh([], [who]).credits) == 1002


def test_an_answer_that_leaves_some_out_is_no_answer(wire: Desk) -> None:
    told = {"page": 1, "pageSize": 1000, "pageCount": 1, "itemCount": 2}
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/Invoices", json={"Invoices": [], "pagination": told})
        with pytest.raises(TryLater):
            wire.source.refresh(["a", "b"], [])


def test_a_row_that_cannot_be_read_is_a_reject_and_not_asked_again(wire: Desk) -> None:
    row = {"InvoiceID": "a", "Type": "ACCREC", "Status": "LOST"}
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/Invoices", json={"Invoices": [row]})
        snapshot = wire.source.refresh(["a"], [])
    assert snapshot.invoices == []
    assert [each.id for each in snapshot.rejects] == ["a"]
