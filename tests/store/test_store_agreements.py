"""Agreements in the store: made, approved, ended, offered, and what of them a plan hears."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from store_samples import (
    AT,
    DAY,
    begin_sending,
    customer,
    invoice,
    line,
    message,
    page,
    pulled,
    put_in_outbox,
)

from arsync.errors import FixSettings
from arsync.policy.model import Agreement, Instalment, Message
from arsync.policy.rules import Offer
from arsync.store import Claim, Store
from arsync.store.agreements import (
    KeptAgreement,
    agreements,
    approve_agreement,
    close,
    conceded_before,
    end_agreement,
    in_force,
    in_force_on,
    put_agreement,
)
from arsync.store.delivery import delivered
from arsync.store.holds import put_hold
from arsync.store.story import events

LATER = DAY + timedelta(days=30)


def new(kind: str = "settlement", *ids: str, **more: Any) -> Agreement:
    values: dict[str, Any] = {
        "id": "",
        "kind": kind,
        "customer_id": "c1",
        "currency": "GBP",
        "agreed_on": DAY,
        "lines": tuple((id_, 10000) for id_ in ids or ("i1",)),
        "note": "by phone",
        "owner": "anna",
    }
    if kind == "instalments":
        values["instalments"] = (Instalment(DAY, 4000), Instalment(LATER, 6000))
        values |= {"grace": 3, "broken_after": 10}
    else:
        values |= {"amount": 8000, "until": LATER}
    return Agreement(**{**values, **more})


@pytest.fixture
def book(store: Store, run: Claim) -> Store:
    """c1 owes i1 and i2, c2 owes i3, 100.00 GBP each."""
    owed = (invoice("i1"), invoice("i2"), invoice("i3", customer_id="c2"))
    pulled(store, run, page(customers=(customer("c1"), customer("c2")), invoices=owed))
    return store


def put(book: Store, agreement: Agreement) -> KeptAgreement:
    return put_agreement(book, "acme", agreement, at=AT, day=DAY)


def heard(book: Store, *customers: str) -> list[str]:
    with book.reading() as conn:
        return [it.id for it in in_force(conn, "acme", customers or None)]


def owed(book: Store, run: Claim, **open_: int) -> None:
    """The accounting system says that so much is open."""
    pulled(
        book,
        run,
        page(
            customers=(customer("c1"), customer("c2")),
            invoices=tuple(
                invoice(id_, open=amount, updated_at="2026-03-01T10:00:00Z") for id_, amount in open_.items()
            ),
        ),
    )


def test_instalments_are_in_force_at_once(book: Store) -> None:
    plan = new("instalments", "i1")
    kept = put(book, plan)
    assert (kept.state, kept.agreement.id, kept.customer_name) == ("agreed", "a1", "Customer c1")
    with book.reading() as conn:
        [found] = in_force(conn, "acme", None)
    assert found == kept.agreement == new("instalments", "i1", id="a1")


def test_a_settlement_waits_for_its_approval(book: Store) -> None:
    kept = put(book, new())
    assert (kept.state, heard(book)) == ("proposed", [])
    approved = approve_agreement(book, "acme", "a1", owner="berta", at=AT, day=DAY + timedelta(days=2))
    assert (approved.state, approved.approved_by) == ("agreed", "berta")
    assert approved.agreement.agreed_on == DAY + timedelta(days=2)
    assert heard(book) == ["a1"]
    with pytest.raises(FixSettings, match="a1 is agreed; only a proposed one"):
        approve_agreement(book, "acme", "a1", owner="berta", at=AT, day=DAY)


def test_a_proposal_that_ran_out_is_not_approved(book: Store) -> None:
    put(book, new())
    with pytest.raises(FixSettings, match="ran out"):
        approve_agreement(book, "acme", "a1", owner="berta", at=AT, day=LATER + timedelta(days=1))
    assert agreements(book, "acme", DAY)[0].state == "proposed"


def test_an_invoice_is_under_one_agreement(book: Store) -> None:
    put(book, new("instalments", "i1", "i2"))
    with pytest.raises(FixSettings, match=r"invoice INV-i2 is under the agreement a1 \(instalments\)"):
        put(book, new("settlement", "i2"))
    assert len(agreements(book, "acme", DAY)) == 1
    end_agreement(book, "acme", "a1", note="", at=AT, day=DAY)
    assert put(book, new("settlement", "i2")).agreement.id == "a2"


def test_two_proposals_and_one_approval(book: Store) -> None:
    put(book, new())
    put(book, new())
    approve_agreement(book, "acme", "a2", owner="berta", at=AT, day=DAY)
    with pytest.raises(FixSettings, match="under the agreement a2"):
        approve_agreement(book, "acme", "a1", owner="berta", at=AT, day=DAY)


def test_an_ended_one_is_over(book: Store) -> None:
    put(book, new("instalments"))
    ended = end_agreement(book, "acme", "a1", note="she pays all", at=AT, day=DAY)
    assert (ended.state, ended.ended_on, heard(book)) == ("ended", DAY, [])
    with pytest.raises(FixSettings, match="a1 is ended since"):
        end_agreement(book, "acme", "a1", note="", at=AT, day=DAY)


def test_unknown(book: Store) -> None:
    with pytest.raises(FixSettings, match="there is no agreement 'a9' in the book acme"):
        end_agreement(book, "acme", "a9", note="", at=AT, day=DAY)


def test_of_some_customers(book: Store) -> None:
    """Its own, and what an invoice that came to it from another is under."""
    put(book, new("instalments", "i1"))
    put(book, new("instalments", "i3", customer_id="c2"))
    put(book, new("instalments", "i2", customer_id="c9"))
    assert heard(book, "c1") == ["a1", "a3"]
    assert heard(book, "c2") == ["a2"]
    assert heard(book, "c1", "c2") == ["a1", "a2", "a3"]
    assert heard(book, "c3") == []


def test_a_kept_settlement_is_heard_of_until_the_rest_is_written_off(book: Store, run: Claim) -> None:
    put(book, new())
    approve_agreement(book, "acme", "a1", owner="berta", at=AT, day=DAY)
    owed(book, run, i1=2000)
    with book.writing() as conn:
        assert close(conn, "acme", "a1", "kept", day=DAY, conceded=2000)
        assert not close(conn, "acme", "a1", "broken", day=DAY)
    assert heard(book) == heard(book, "c1") == ["a1"]
    with pytest.raises(FixSettings, match="INV-i1 was settled by a1"):
        put(book, new("instalments"))
    owed(book, run, i1=0)
    assert heard(book) == []


def test_what_was_conceded_is_summed(book: Store) -> None:
    for conceded in (20000, 15000):
        kept = put(book, new())
        with book.writing() as conn:
            close(conn, "acme", kept.agreement.id, "ended", day=DAY)
        kept = put(book, new("settlement", "i2"))
        approve_agreement(book, "acme", kept.agreement.id, owner="berta", at=AT, day=DAY)
        with book.writing() as conn:
            close(conn, "acme", kept.agreement.id, "kept", day=DAY, conceded=conceded)
            conn.execute(
                "UPDATE agreement_lines SET invoice_id = 'gone' WHERE agreement = ?", (kept.agreement.id,)
            )
    [before] = conceded_before(book, "acme")
    assert (before.customer_id, before.kind, before.times, before.amount) == ("c1", "settlement", 2, 35000)
    assert conceded_before(book, "acme", "c2") == []


def test_past_days(book: Store) -> None:
    """At the end of the day on which it was made, and up to the day before it ended; proposals never."""
    put(book, new("instalments"))
    put(book, new("settlement", "i2"))
    end_agreement(book, "acme", "a1", note="", at=AT, day=DAY + timedelta(days=5))
    end_agreement(book, "acme", "a2", note="", at=AT, day=DAY + timedelta(days=5))

    def on(days: int) -> list[str]:
        with book.reading() as conn:
            return [it.id for it in in_force_on(conn, "acme", DAY + timedelta(days=days))]

    assert [on(-1), on(0), on(4), on(5)] == [[], ["a1"], ["a1"], []]


def test_its_lines_tell_what_is_owed_and_disputed_now(book: Store, run: Claim) -> None:
    put(book, new("settlement", "i1", "i2"))
    values: dict[str, Any] = {"reason": "disputed", "amount": 3000, "currency": "GBP", "at": AT, "day": DAY}
    put_hold(book, "acme", "invoice", "i1", until=DAY, **values)
    owed(book, run, i1=2000)
    [kept] = agreements(book, "acme", DAY)
    assert [(it.number, it.then, it.now, it.disputed) for it in kept.lines] == [
        ("INV-i1", 10000, 2000, 2000),
        ("INV-i2", 10000, 0, 0),
    ]
    [kept] = agreements(book, "acme", DAY + timedelta(days=1))
    assert kept.lines[0].disputed == 0


def test_its_story_is_that_of_its_customer_and_of_its_invoices(book: Store) -> None:
    put(book, new("settlement", "i1", "i2"))
    approve_agreement(book, "acme", "a1", owner="berta", at=AT, day=DAY)
    end_agreement(book, "acme", "a1", note="he went away", at=AT, day=DAY)
    told = [
        ("agreement-proposed", "settlement; by phone"),
        ("agreement-made", "settlement; approved by berta"),
        ("agreement-ended", "settlement; he went away"),
    ]
    for whose in ({"customer_id": "c1"}, {"invoice_ids": ["i1"]}, {"invoice_ids": ["i2"]}):
        assert [(it.what, it.detail) for it in events(book, "acme", **whose)] == told
    assert events(book, "acme", invoice_ids=["i3"]) == []


# Discounts -----------------------------------------------------------------------------------


def offering(id_: str = "m1", **more: Any) -> Message:
    """2 % within 7 days on i1 and i2, of which 20.00 is disputed, with 5.00 of credit."""
    i2 = line("i2")
    values: dict[str, Any] = {
        "lines": (
            line("i1"),
            type(i2)(**{f: getattr(i2, f) for f in i2.__struct_fields__} | {"disputed": 2000}),
        ),
        "offer": Offer(200, 7),
        "offer_until": DAY + timedelta(days=7),
    }
    return message(id_, **{**values, **more})


def sent(book: Store, run: Claim, it: Message, day: date = DAY) -> None:
    put_in_outbox(book, "acme", it)
    begin_sending(book, run, it.id, day)
    delivered(book, run, it.id, accepted=it.to, refused={}, at=AT, day=day)


def test_a_message_that_left_has_offered_its_discount(book: Store, run: Claim) -> None:
    """180.00 is asked for: 5.00 is there as credit, and 98 % of 175.00 is 171.50."""
    sent(book, run, offering())
    with book.reading() as conn:
        [found] = in_force(conn, "acme", None)
    assert (found.id, found.kind, found.amount, found.until) == (
        "m1",
        "discount",
        17650,
        DAY + timedelta(days=7),
    )
    assert found.lines == (("i1", 10000), ("i2", 10000))


def test_without_an_offer_nothing_is_agreed(book: Store, run: Claim) -> None:
    sent(book, run, message("m1"))
    assert heard(book) == []


def test_no_discount_on_instalments(book: Store, run: Claim) -> None:
    part = line("i2")
    later = type(part)(
        **{f: getattr(part, f) for f in part.__struct_fields__} | {"not_due": 6000, "round": 2}
    )
    sent(book, run, offering(lines=(line("i1"), later)))
    with book.reading() as conn:
        assert [it.lines for it in in_force(conn, "acme", None)] == [(("i1", 10000),)]


def test_a_newer_offer_ends_an_older_one(book: Store, run: Claim) -> None:
    sent(book, run, offering("m1"))
    sent(book, run, offering("m2", step="second reminder", lines=(line("i2"),)), DAY + timedelta(days=5))
    assert heard(book) == ["m2"]


def test_an_agreement_ends_an_offer(book: Store, run: Claim) -> None:
    sent(book, run, offering())
    put(book, new("instalments", "i2"))
    assert heard(book) == ["a2"]
