"""The sandbox's own door: what a person can do to the simulated organisation over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from xero_desk import TENANT, Desk, desk_of, frozen_company

from arsync_xero.simulator import Company


@pytest.fixture
def company() -> Company:
    company = frozen_company()
    company.add_contact("Larch", "office@larch.example")
    company.add_invoice("Larch", "100", date(2026, 10, 1), date(2026, 11, 1), "A1")
    return company


@pytest.fixture
def desk(company: Company) -> Iterator[Desk]:
    with desk_of(company) as desk:
        yield desk


def do(desk: Desk, verb: str, **body: Any) -> Any:
    reply = desk.http.post(f"{desk.url}/_sandbox/{verb}", json=body, timeout=60)
    assert reply.status_code == 200, reply.text
    return reply.json()["result"]


def test_the_door_lists_its_verbs_and_what_they_take(desk: Desk) -> None:
    guide = desk.http.get(f"{desk.url}/_sandbox", timeout=60).json()
    assert guide["tenants"] == {TENANT: "Bench Ltd"}
    assert guide["verbs"]["pay"]["takes"] == ["ref", "amount", "on", "reference", "batched"]
    assert "email" in guide["verbs"]["edit-contact"]["takes"]
    assert "429-minute" in guide["faults"]


def test_every_listed_verb_on_contacts_and_invoices_works(desk: Desk, company: Company) -> None:
    cedar = do(desk, "add-contact", name="Cedar", email="a@cedar.example", groups=["North"])
    do(
        desk,
        "edit-contact",
        ref=cedar,
        email="b@cedar.example",
        persons=[{"EmailAddress": "p@cedar.example"}],
    )
    assert company.contact("Cedar").email == "b@cedar.example"
    assert [person.email for person in company.contact("Cedar").persons] == ["p@cedar.example"]
    do(
        desk,
        "add-invoice",
        contact="Cedar",
        amount="80.10",
        issued="2026-11-01",
        due="2026-11-15",
        number="C1",
    )
    do(desk, "add-bill", contact="Cedar", amount=5, issued="2026-11-01", number="B1")
    do(desk, "add-draft", contact="Cedar", amount=5, issued="2026-11-01", number="D1")
    do(desk, "delete", ref="D1")
    do(desk, "redate", ref="C1", due="2026-12-01")
    do(desk, "expect", ref="C1", on="2026-12-05")
    do(desk, "renumber", ref="C1", number="C2")
    paid = do(desk, "part-pay", ref="C2", amount=20.05)
    invoice = company.invoice("C2")
    assert (invoice.due, invoice.expected) == (date(2026, 12, 1), date(2026, 12, 5))
    assert str(invoice.amount_due) == "60.05"
    do(desk, "delete-payment", payment_id=paid)
    do(desk, "void", ref="C2")
    assert (invoice.status, company.invoice("D1").status) == ("VOIDED", "DELETED")
    do(desk, "merge", ref="Cedar", into="Larch")
    do(desk, "gdpr", ref="Larch")
    assert company.contact("Larch").status == "GDPRREQUEST"
    do(desk, "switch-reminders", enabled=True)
    assert desk.get("InvoiceReminders/Settings").json()["InvoiceReminders"] == [{"Enabled": True}]
    do(desk, "switch-reminders", enabled=False)
    assert desk.get("InvoiceReminders/Settings").json()["InvoiceReminders"] == [{"Enabled": False}]


def test_credits_can_be_given_and_used(desk: Desk, company: Company) -> None:
    do(desk, "add-overpayment", contact="Larch", amount="10", on="2026-11-02")
    do(desk, "add-prepayment", contact="Larch", amount="10")
    note = do(desk, "add-credit-note", contact="Larch", amount="30.50")
    do(desk, "allocate", credit_id=note, ref="A1", amount="30.50")
    do(desk, "pay", ref="A1", on="2026-11-20")
    assert company.invoice("A1").status == "PAID"
    seen = desk.http.get(f"{desk.url}/_sandbox/credits", timeout=60).json()
    assert {(row["kind"], row["remaining"]) for row in seen} == {
        ("CreditNotes", 0.0),
        ("Overpayments", 10.0),
        ("Prepayments", 10.0),
    }


def test_time_tokens_and_faults_are_in_reach(desk: Desk, company: Company) -> None:
    assert do(desk, "advance", days=1) == "2026-11-23T12:00:00.250000+00:00"
    assert company.today() == date(2026, 11, 23)
    granted = do(desk, "grant", scopes=["accounting.settings.read"])
    desk.http.headers["Authorization"] = f"Bearer {granted['access_token']}"
    do(desk, "faults", kind="503-html", path_regex="Organisation", times=1)
    assert [desk.get("Organisation").status_code for _ in range(2)] == [503, 200]
    do(desk, "expire-tokens")
    assert desk.get("Organisation").status_code == 401
    counts = desk.http.get(f"{desk.url}/_sandbox/calls", timeout=60).json()
    assert counts == {"by_endpoint": {"GET Organisation": 3}, "tokens": 0}


def test_a_mistake_is_told_and_changes_nothing(desk: Desk, company: Company) -> None:
    def refused(verb: str, **body: Any) -> str:
        reply = desk.http.post(f"{desk.url}/_sandbox/{verb}", json=body, timeout=60)
        assert reply.json()["ok"] is False
        return f"{reply.status_code} {reply.json()['error']}"

    assert refused("pay", ref="A9") == "400 there is no invoice A9"
    assert refused("pay", ref="A1", on="soon").startswith("400 ")
    assert refused("pay", invoice="A1").startswith("400 ")
    assert refused("burn").startswith("404 ")
    assert refused("faults", kind="418").startswith("400 no fault 418")
    assert company.invoice("A1").amount_due == 100
