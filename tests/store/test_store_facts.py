"""Facts out: debts, whom they are told to, and what has happened to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from store_samples import (
    AT,
    DAY,
    begin_sending,
    credit,
    customer,
    invoice,
    line,
    message,
    page,
    pulled,
    put_in_outbox,
    send,
    task,
)  # fmt: skip

from arsync.policy.model import Debt, Debtor, Facts, HoldOrder, Taken
from arsync.store import Claim, Store
from arsync.store.delivery import failed, in_doubt, resolve
from arsync.store.holds import put_hold
from arsync.store.outbox import withdrawn
from arsync.store.reading import facts
from arsync.store.tasks import close_task, open_tasks


def parted(texts: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Good is what has an @."""
    kept = tuple(texts)
    return tuple(it for it in kept if "@" in it), tuple(it for it in kept if "@" not in it)


def read(store: Store, **more: Any) -> Facts:
    return facts(store, "acme", **{"today": DAY, "addresses": parted, **more})


def debtor(store: Store, id_: str = "c1") -> Debtor:
    return read(store).debtors[id_]


def test_debts_are_the_open_invoices_by_customer_currency_and_day(store: Store, run: Claim) -> None:
    late = DAY - timedelta(days=9)
    pulled(
        store,
        run,
        page(
            invoices=[
                invoice("i1", customer_id="c2"),
                invoice("i2", currency="USD"),
                invoice("i3", due_on=late, promised_on=DAY, open=5),
                invoice("i4"),
                invoice("paid", open=0),
                invoice("void", status="voided"),
                invoice("no day", due_on=None),
            ]
        ),
    )
    assert read(store).debts == [
        Debt("no day", "INV-no day", "c1", "GBP", None, 10000),
        Debt("i3", "INV-i3", "c1", "GBP", late, 5, DAY),
        Debt("i4", "INV-i4", "c1", "GBP", DAY - timedelta(days=5), 10000),
        Debt("i2", "INV-i2", "c1", "USD", DAY - timedelta(days=5), 10000),
        Debt("i1", "INV-i1", "c2", "GBP", DAY - timedelta(days=5), 10000),
    ]


def test_debtors_are_those_who_owe(store: Store, run: Claim) -> None:
    pulled(
        store,
        run,
        page(
            customers=[customer("c1"), customer("c2")], invoices=[invoice(), invoice("i2", customer_id="c9")]
        ),
    )
    assert read(store).debtors == {"c1": Debtor("c1", "Customer c1"), "c9": Debtor("c9", "c9")}


def test_the_customers_own_addresses_come_first(store: Store, run: Claim) -> None:
    pulled(
        store,
        run,
        page(
            customers=[customer(emails=("own@one.example", "nonsense"), cc=("boss@one.example",))],
            invoices=[
                invoice("i1", emails=("bill@one.example",), cc=("BOSS@one.example", "desk@one.example")),
                invoice("i2", cc=("own@one.example", "rubbish"), due_on=DAY),
            ],
        ),
    )
    assert debtor(store) == Debtor(
        "c1",
        "Customer c1",
        to=("own@one.example",),
        cc=("boss@one.example", "desk@one.example"),
        bad=("nonsense", "rubbish"),
    )


def test_blind_copies_are_those_of_the_invoices_and_name_nobody_twice(store: Store, run: Claim) -> None:
    pulled(
        store,
        run,
        page(
            customers=[customer(emails=("own@one.example",))],
            invoices=[
                invoice("i1", bcc=("later@one.example", "OWN@one.example", "rubbish"), due_on=DAY),
                invoice("i2", bcc=("first@one.example", "desk@one.example")),
                invoice("i3", cc=("desk@one.example",), bcc=("FIRST@one.example",), due_on=None),
                invoice("paid", bcc=("paid@one.example",), open=0),
                invoice("other", customer_id="c2", bcc=("alone@two.example",)),
            ],
        ),
    )
    assert debtor(store) == Debtor(
        "c1",
        "Customer c1",
        to=("own@one.example",),
        cc=("desk@one.example",),
        bad=("rubbish",),
        bcc=("first@one.example", "later@one.example"),
    )
    assert debtor(store, "c2") == Debtor("c2", "c2", bcc=("alone@two.example",))  # and nobody to write to


def test_then_those_of_its_open_invoices_by_due_date(store: Store, run: Claim) -> None:
    pulled(
        store,
        run,
        page(
            customers=[
                customer(emails=("nonsense",), parent_id="c0"),
                customer("c0", emails=("p@one.example",)),
            ],
            invoices=[
                invoice("i1", due_on=DAY, emails=("late@one.example", "EARLY@one.example")),
                invoice("i2", due_on=DAY - timedelta(days=1), emails=("early@one.example",)),
                invoice("i3", due_on=DAY - timedelta(days=2), emails=("paid@one.example",), open=0),
                invoice("i4", customer_id="c2", emails=("other@two.example",)),
            ],
        ),
    )
    assert debtor(store).to == ("early@one.example", "late@one.example")
    assert debtor(store).bad == ("nonsense",)


def test_then_those_of_the_nearest_parent_that_has_some(store: Store, run: Claim) -> None:
    family = [customer(f"c{n}", parent_id=f"c{n + 1}") for n in range(1, 8)]
    pulled(
        store,
        run,
        page(customers=[*family[:5], customer("c6", emails=("far@one.example",))], invoices=[invoice()]),
    )
    assert debtor(store).to == ("far@one.example",)
    near = customer("c3", emails=("near@one.example",), cc=("not this@one.example",), parent_id="c4")
    pulled(store, run, page(customers=[near], invoices=[invoice()]))
    assert debtor(store).to == ("near@one.example",)
    assert debtor(store).cc == ()


def test_the_climb_ends_after_five_parents_and_in_loops(store: Store, run: Claim) -> None:
    family = [customer(f"c{n}", parent_id=f"c{n + 1}") for n in range(1, 7)]
    pulled(
        store,
        run,
        page(
            customers=[
                *family,
                customer("c7", emails=("too far@one.example",)),
                customer("x", parent_id="x"),
            ],
            invoices=[invoice(), invoice("i2", customer_id="x")],
        ),
    )
    assert debtor(store).to == ()
    assert debtor(store, "x").to == ()


def test_unapplied_credit_is_summed_by_customer_and_currency(store: Store, run: Claim) -> None:
    pulled(
        store,
        run,
        page(
            credits=[
                credit("n1", remaining=300),
                credit("n1", kind="payment", remaining=40),
                credit("n2", currency="USD", remaining=7),
                credit("n3", customer_id="c2", remaining=0),
                credit("n4", customer_id="c3", remaining=5),
                credit("n5", customer_id="c3", remaining=-5),
            ]
        ),
    )
    assert read(store).unapplied == {("c1", "GBP"): 340, ("c1", "USD"): 7}


def test_holds_that_stand_today(store: Store, run: Claim) -> None:
    pulled(store, run, page(invoices=[invoice()]))
    for target, id_, reason, until in (
        ("invoice", "i1", "disputed", None),
        ("invoice", "i1", "promised", DAY),
        ("invoice", "i2", "paused", DAY - timedelta(days=1)),
        ("customer", "i2", "excluded", DAY + timedelta(days=1)),
    ):
        put_hold(store, "acme", target, id_, reason=reason, until=until, note="so", at=AT, day=DAY)  # type: ignore[arg-type]
    found = read(store)
    assert found.invoice_holds == {
        "i1": [
            HoldOrder("disputed", None, "so", put_on=DAY),
            HoldOrder("promised", DAY, "so", put_on=DAY, lines=(("i1", 10000),)),
        ]
    }
    tomorrow = DAY + timedelta(days=1)
    assert found.customer_holds == {"i2": [HoldOrder("excluded", tomorrow, "so", put_on=DAY)]}
    assert read(store, customers=["c1"]).invoice_holds == found.invoice_holds
    assert read(store, customers=["c1"]).customer_holds == {}  # it is not about them


def test_a_hold_is_told_with_who_deals_with_it_and_how_much(store: Store, run: Claim) -> None:
    """A promise is told through its grace, for a plan decides what became of it; then no more."""
    pulled(store, run, page(invoices=[invoice()]))
    part: dict[str, Any] = {"amount": 4000, "currency": "GBP", "owner": "anna", "at": AT, "day": DAY}
    put_hold(store, "acme", "invoice", "i1", reason="disputed", until=DAY, **part)
    put_hold(store, "acme", "invoice", "i1", reason="promised", until=DAY, grace=3, **part)
    disputed = HoldOrder("disputed", DAY, "", "anna", 4000, "GBP", 0, DAY)
    promised = HoldOrder("promised", DAY, "", "anna", 4000, "GBP", 3, DAY, (("i1", 10000),))
    for days, expected in ((0, [disputed, promised]), (3, [promised]), (4, None)):
        assert read(store, today=DAY + timedelta(days=days)).invoice_holds.get("i1") == expected


def test_the_furthest_step_taken_counts(store: Store, run: Claim) -> None:
    pulled(store, run, page(invoices=[invoice("i1"), invoice("i2"), invoice("paid", open=0)]))
    with store.writing() as conn:
        conn.executemany(
            "INSERT INTO steps_taken VALUES ('acme', ?, ?, 1, ?, '2026-01-01', 'message', 'm')",
            [("i1", "zz", -3), ("i1", "final", 30), ("i1", "a", 1), ("paid", "a", 1)],
        )
    expected = {"i1": Taken("final", 30, date(2026, 1, 1))}
    assert read(store).taken == expected
    assert read(store, customers=["c1"]).taken == expected
    assert read(store, customers=["c2"]).taken == {}


def test_each_round_has_its_own_last_step_and_what_was_passed_over_has_no_day(
    store: Store, run: Claim
) -> None:
    pulled(store, run, page(invoices=[invoice("i1"), invoice("i2")]))
    rows = [
        ("i1", "a", 1, 1, "message"), ("i1", "a", 2, 1, "message"), ("i1", "b", 2, 10, "task"),
        ("i1", "a", 3, 1, "message"), ("i2", "a", 1, 1, "message"), ("i2", "b", 1, 10, "joined"),
    ]  # fmt: skip
    with store.writing() as conn:
        conn.executemany("INSERT INTO steps_taken VALUES ('acme', ?, ?, ?, ?, '2026-01-01', ?, 'm')", rows)
    on = date(2026, 1, 1)
    for asked in (None, ["c1"]):
        found = read(store, customers=asked)
        assert found.taken == {"i1": Taken("a", 1, on), "i2": Taken("b", 10)}
        assert found.rounds == {("i1", 2): Taken("b", 10, on), ("i1", 3): Taken("a", 1, on)}


def test_where_customers_are(store: Store, run: Claim) -> None:
    """The time zones are those of the country; what does not tell where it is has none."""
    pulled(
        store,
        run,
        page(
            customers=[
                customer("c1", country="DE", subdivision="BY", groups=("Trade", "North")),
                customer("c2", country="GB"),
                customer("c3"),
            ],
            invoices=[invoice(f"of {id_}", customer_id=id_) for id_ in ("c1", "c2", "c3")],
        ),
    )
    found = read(store).debtors
    assert (found["c1"].country, found["c1"].subdivision) == ("DE", "BY")
    assert found["c1"].groups == ("Trade", "North")
    assert found["c1"].zones == ("Europe/Berlin", "Europe/Busingen")
    assert found["c2"].zones == ("Europe/London",)
    assert (found["c3"].country, found["c3"].groups, found["c3"].zones) == ("", (), ())


def test_contact_counts_where_the_message_may_have_reached_the_customer(store: Store, run: Claim) -> None:
    before = DAY - timedelta(days=8)
    for number, customer_id in enumerate(("sent", "sent", "doubt", "failed", "dropped", "sending")):
        it = message(f"m{number}", customer_id=customer_id, lines=())
        if customer_id == "sent":
            send(store, run, it, day=before - timedelta(days=number))
            continue
        put_in_outbox(store, "acme", it)
        begin_sending(store, run, it.id, before)
        if customer_id in ("doubt", "dropped"):
            in_doubt(store, run, it.id, "cut", at=AT, day=DAY)
        if customer_id == "failed":
            failed(store, run, it.id, "no such user", refused={}, at=AT, day=DAY)
        if customer_id == "dropped":
            resolve(store, "acme", it.id, "drop", at=AT, day=DAY)
    put_in_outbox(store, "acme", message("m9", customer_id="withdrawn", lines=()))
    withdrawn(store, run, "m9", "paid", at=AT, day=DAY)
    assert read(store).contacted == {
        ("sent", "GBP"): before,
        ("doubt", "GBP"): before,
        ("sending", "GBP"): before,
    }


def test_approved_messages_come_back_as_they_were_approved(store: Store) -> None:
    put_in_outbox(store, "acme", message("m2", customer_id="c2"), message("m1"))
    approved = [message("m1", status="approved"), message("m2", customer_id="c2", status="approved")]
    assert read(store).approved == approved
    assert read(store, customers=["c2"]).approved == approved[1:]


def test_invoices_whose_message_waits_for_a_person_are_bound(store: Store, run: Claim) -> None:
    for id_ in ("doubt", "failed", "sending", "sent", "approved"):
        it = message(id_, lines=(line(f"of {id_}"), line("listed", None)))
        if id_ == "sent":
            send(store, run, it)
        else:
            put_in_outbox(store, "acme", it)
        if id_ in ("doubt", "failed", "sending"):
            begin_sending(store, run, id_)
    in_doubt(store, run, "doubt", "cut", at=AT, day=DAY)
    failed(store, run, "failed", "no", refused={}, at=AT, day=DAY)
    assert read(store).bound == {"of doubt", "of failed", "of sending"}
    assert read(store, customers=["nobody"]).bound == {"of doubt", "of failed", "of sending"}


def test_tasks_that_were_shown(store: Store, run: Claim) -> None:
    open_tasks(store, run, [task()], at=AT, day=DAY)
    assert read(store).open_tasks == {("i1", "hand over")}
    close_task(store, "acme", task(), at=AT, day=DAY)
    assert read(store).open_tasks == frozenset()


def test_tasks_of_an_instalment_are_told_with_their_round(store: Store, run: Claim) -> None:
    second = msgspec.structs.replace(line("i1", "hand over"), round=2)
    it = msgspec.structs.replace(task(), lines=(second,))
    open_tasks(store, run, [task(), it], at=AT, day=DAY)
    assert read(store).open_tasks == {("i1", "hand over"), ("i1", "hand over#2")}
    close_task(store, "acme", it, at=AT, day=DAY)
    assert read(store).open_tasks == {("i1", "hand over")}
    assert store.rows("SELECT step, round FROM steps_taken") == [("hand over", 2)]


def test_facts_of_some_customers_are_those_of_all_less_the_others(store: Store, run: Claim) -> None:
    pulled(
        store,
        run,
        page(
            customers=[customer(id_, cc=(f"{id_}@one.example",)) for id_ in ("c1", "c2", "c11")],
            invoices=[
                invoice(
                    f"of {id_}", customer_id=id_, emails=(f"bill.{id_}@one.example",), cc=("d@one.example",)
                )
                for id_ in ("c1", "c2", "c11")
            ],
            credits=[credit(id_, customer_id=id_) for id_ in ("c1", "c2", "c11")],
        ),
    )
    send(store, run, message("m1", lines=(line("of c1"),)))
    whole, some = read(store), read(store, customers=["c1", "c2"])
    assert some.debts == [it for it in whole.debts if it.customer_id != "c11"]
    assert some.debtors == {id_: whole.debtors[id_] for id_ in ("c1", "c2")}
    assert some.debtors["c1"].cc == ("c1@one.example", "d@one.example")
    assert some.unapplied == {("c1", "GBP"): 500, ("c2", "GBP"): 500}
    assert some.taken == whole.taken == {"of c1": Taken("first reminder", 1, DAY)}
    assert some.contacted == whole.contacted == {("c1", "GBP"): DAY}


@pytest.mark.parametrize("customers", [[], ["unknown"]])
def test_no_customer_no_debts(store: Store, run: Claim, customers: list[str]) -> None:
    pulled(store, run, page(invoices=[invoice()]))
    assert read(store, customers=customers).debts == []
