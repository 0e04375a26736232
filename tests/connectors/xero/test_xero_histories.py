"""Any history, read in any pieces: the book ends with what the organisation says.

Events of every kind come in any order, between pulls and between the pages of one; a pull is cut off
after any page and goes on in another process; hours or days pass. After that two pulls in peace have to
lead to the organisation's own figures.

The number of histories is ``ARSYNC_HISTORIES`` (a nightly run asks for 10,000).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xero_book import NOW, TENANT, Shelf, desk_of, settings_of, truly_owed, truly_paid, truly_unapplied

from arsync.connector import TokenPair
from arsync_xero import XeroSource, connect
from arsync_xero.simulator import BookError, Company, Credit, Invoice, Rules, SandboxClock, XeroSimulator

TODAY = NOW.date()
HISTORIES = int(os.environ.get("ARSYNC_HISTORIES", "500"))
NAMES = ("Brook", "Castle", "Dale")

Event = tuple[str, int, int]  # what happens, to which of those it can happen to, and how much of it


class World:
    """An organisation with three customers; each event finds its victim by a number."""

    def __init__(self) -> None:
        self.clock = SandboxClock(lambda: NOW)
        self.company = Company(TENANT, "Hartley Joinery Ltd", clock=self.clock)
        for name in NAMES:
            self.company.add_contact(name, f"ar@{name.lower()}.example")
        for pick in range(3):
            self.happen(("invoice", pick, 5000))
        self.happen(("part", 0, 3))
        self.happen(("prepayment", 1, 700))
        self._numbers = 0

    def happen(self, event: Event) -> None:
        """Something that the accounting system itself would refuse does not happen."""
        what, pick, much = event
        with suppress(BookError, IndexError):
            getattr(self, f"_{what}")(pick, much)
        self.clock.advance(seconds=1 + much % 40)

    def _customer(self, pick: int) -> str:
        found = [each.id for each in self.company.contacts.values() if each.merged_to is None]
        return found[pick % len(found)]

    def _invoices(self, *statuses: str) -> list[Invoice]:
        return [each for each in self.company.invoices.values() if each.status in statuses]

    def _picked(self, pick: int, *statuses: str) -> Invoice:
        found = self._invoices(*statuses)
        return found[pick % len(found)] if found else [][0]

    def _credits(self) -> list[Credit]:
        return [each for each in self.company.credits.values() if each.status == "AUTHORISED"]

    def _invoice(self, pick: int, much: int) -> None:
        amount = Decimal(much + 100) / 100
        due = TODAY + timedelta(days=much % 90 - 60)
        self.company.add_invoice(self._customer(pick), amount, due - timedelta(days=30), due)

    def _foreign(self, pick: int, much: int) -> None:
        amount = Decimal(much + 100) / 100
        self.company.add_invoice(self._customer(pick), amount, TODAY, currency="EUR", rate="1.25")

    def _bill(self, pick: int, much: int) -> None:
        self.company.add_bill(self._customer(pick), Decimal(much + 1) / 100, TODAY)

    def _draft(self, pick: int, much: int) -> None:
        self.company.add_draft(self._customer(pick), Decimal(much + 1) / 100, TODAY)

    def _approve(self, pick: int, much: int) -> None:
        self.company.approve(self._picked(pick, "DRAFT").id)

    def _delete(self, pick: int, much: int) -> None:
        self.company.delete(self._picked(pick, "DRAFT").id)

    def _void(self, pick: int, much: int) -> None:
        self.company.void(self._picked(pick, "AUTHORISED").id, keep_amount=much % 2 == 0)

    def _pay(self, pick: int, much: int) -> None:
        self.company.pay(self._picked(pick, "AUTHORISED").id, on=TODAY - timedelta(days=much % 30))

    def _part(self, pick: int, much: int) -> None:
        self.company.part_pay(self._picked(pick, "AUTHORISED").id, Decimal(much + 1) / 100)

    def _bounce(self, pick: int, much: int) -> None:
        found = [each.id for each in self.company.payments.values() if each.status == "AUTHORISED"]
        self.company.delete_payment(found[pick % len(found)] if found else [][0])

    def _note(self, pick: int, much: int) -> None:
        self.company.add_credit_note(self._customer(pick), Decimal(much + 1) / 100)

    def _overpayment(self, pick: int, much: int) -> None:
        self.company.add_overpayment(self._customer(pick), Decimal(much + 1) / 100)

    def _prepayment(self, pick: int, much: int) -> None:
        self.company.add_prepayment(self._customer(pick), Decimal(much + 1) / 100)

    def _allocate(self, pick: int, much: int) -> None:
        credit = self._credits()[pick % len(self._credits())] if self._credits() else [][0]
        fits = [
            each
            for each in self._invoices("AUTHORISED")
            if (each.contact, each.currency, each.type) == (credit.contact, credit.currency, "ACCREC")
        ]
        self.company.allocate(credit.id, fits[much % len(fits)].id if fits else [][0])

    def _redate(self, pick: int, much: int) -> None:
        due = None if much % 7 == 0 else TODAY + timedelta(days=much % 100)
        self.company.redate(self._picked(pick, "AUTHORISED").id, due)

    def _renumber(self, pick: int, much: int) -> None:
        self._numbers += 1
        self.company.renumber(self._picked(pick, "AUTHORISED").id, f"NEW-{self._numbers}")

    def _expect(self, pick: int, much: int) -> None:
        self.company.expect(self._picked(pick, "AUTHORISED").id, TODAY + timedelta(days=much % 20))

    def _merge(self, pick: int, much: int) -> None:
        self.company.merge(self._customer(pick), self._customer(much))

    def _archive(self, pick: int, much: int) -> None:
        self.company.archive(self._customer(pick))

    def _forget(self, pick: int, much: int) -> None:
        self.company.gdpr(self._customer(pick))

    def _address(self, pick: int, much: int) -> None:
        self.company.edit_contact(self._customer(pick), email=f"a{much}@new.example, b{much}@new.example")

    def _silence(self, pick: int, much: int) -> None:
        """Time goes by: minutes, hours or more than a day."""
        self.clock.advance(seconds=(60, 900, 5 * 3600, 25 * 3600)[much % 4])


KINDS = sorted(
    name.removeprefix("_")
    for name in vars(World)
    if name.startswith("_")
    and not name.startswith("__")
    and name not in ("_customer", "_invoices", "_picked", "_credits")
)
events = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 9), st.integers(0, 6000)), max_size=4)
# Before each page of a pull something may happen; the pull is cut off where its list ends (or never).
pulls = st.tuples(st.lists(events, max_size=8), st.booleans())
histories = st.lists(pulls, max_size=6)


class Office:
    """One service and one line to it for all histories, each of which brings its own organisation."""

    def __init__(self, simulator: XeroSimulator, url: str) -> None:
        pair = TokenPair(
            access=str(simulator.grant()["access_token"]),
            refresh="r",
            expires_at=NOW + timedelta(days=9999),
        )
        self._simulator = simulator
        self.desk = desk_of(clock=lambda: self._world.clock(), pair=pair, server=url)

    def opened(self, world: World) -> None:
        self._world = world
        self._simulator.companies[TENANT] = world.company

    def process(self) -> XeroSource:
        """A source that shares nothing with those before it but the tokens and the line."""
        table = {"tenant": TENANT, "client_id": "env:ID", "client_secret": "env:SECRET"}
        return connect(settings_of(table), self.desk.kit)


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    simulator = XeroSimulator(
        [World().company],
        client_id="revealed-ID",
        client_secret="revealed-SECRET",
        rules=Rules(access_seconds=10**9).unlimited(),
    )
    with simulator.serve() as server:
        found = Office(simulator, server.url)
        yield found
        found.desk.kit.http.close()
    assert simulator.crashes == []


def cut(office: Office, world: World, shelf: Shelf, between: list[list[Event]], ends: bool) -> None:
    """A pull during which things happen; cut off after as many pages as there are events, or at its end."""
    pages = office.process().pull(shelf.cursor)
    for happening in between:
        for event in happening:
            world.happen(event)
        page = next(pages, None)
        if page is None:
            return
        shelf.take([page])
    if ends:
        shelf.take(pages)
    pages.close()  # type: ignore[attr-defined]


def in_peace(office: Office, world: World, shelf: Shelf) -> None:
    """The pull that was cut off comes to its end, and a day later there is another."""
    shelf.take(office.process().pull(shelf.cursor))
    world.clock.advance(days=1)
    shelf.take(office.process().pull(shelf.cursor))


@settings(max_examples=HISTORIES, suppress_health_check=[HealthCheck.too_slow])
@given(histories)
def test_the_book_ends_with_what_the_organisation_says(
    office: Office, history: list[tuple[list[list[Event]], bool]]
) -> None:
    world, shelf = World(), Shelf()
    office.opened(world)
    for between, ends in history:
        cut(office, world, shelf, between, ends)
    in_peace(office, world, shelf)
    company = world.company
    assert shelf.owed() == truly_owed(company)
    assert shelf.unapplied() == truly_unapplied(company)
    assert {each.id: each.amount for each in shelf.payments.values() if each.amount} == truly_paid(company)
    for owed in (company.invoices[id_] for id_ in shelf.owed()):
        ours = shelf.invoices[owed.id]
        assert (ours.number, ours.due_on, ours.customer_id, ours.currency, ours.promised_on) == (
            owed.number,
            owed.due,
            owed.contact.id,
            owed.currency,
            owed.expected,
        )
    for contact in company.contacts.values():
        theirs = shelf.customers[contact.id]
        first = () if contact.status == "GDPRREQUEST" else (contact.email or "").split(", ")
        assert (theirs.emails, theirs.active) == (tuple(first), contact.status == "ACTIVE")
        assert (theirs.parent_id, theirs.bills_parent) == (contact.merged_to, contact.merged_to is not None)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_event_can_happen(kind: str) -> None:
    """None is there for show alone."""
    world = World()
    for before in ("draft", "note", "foreign"):
        world.happen((before, 0, 900))
    revision, now = world.company.revision, world.clock()
    for pick in range(5):
        world.happen((kind, pick, pick + 1))
    assert world.company.revision > revision or world.clock() - now > timedelta(hours=25)
