"""A Xero organisation, and what its API cannot tell before the day's sweep.

Three kinds of facts may lag behind, and no others. A due date that is moved on a part-paid invoice does
not move UpdatedDateUTC: it shows in the next sweep of the open invoices, or with the invoice's next
change. Credits are read when an invoice has changed, else every few hours; so are the contacts of a
large organisation, to keep within the calls of a day.
Source: developer.xero.com, "Requests and responses", on If-Modified-Since.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import xero_acts as acts
from lag import Lags
from truth import Books, CreditKey, Left, Owed, Person
from vocabulary import PLACES, Event, Mishap, Setting
from world import DECIMALS, World, sized, units

from arsync.connector import TokenPair
from arsync_xero.leisure import Leisure
from arsync_xero.simulator import Company, Rules, XeroSimulator
from arsync_xero.simulator.records import BookError, Contact

TENANT = "0c9f7a52-4c1e-4d53-9d0b-6a1f5b2f9e11"
DAY, JITTER = timedelta(hours=24), timedelta(minutes=15)
# How long contacts and credits are left alone in a small organisation, and in the largest.
SMALL, LARGEST = (timedelta(0), timedelta(hours=4)), (timedelta(hours=4), timedelta(hours=8))
# The pages that arsync reads, and how many rows on either side of a seam it reads once more.
REACH = {7: 1, 11: 2, 25: 5, 1000: 200}
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = {"CreditNotes": "credit-note", "Overpayments": "overpayment", "Prepayments": "prepayment"}
_ZONES = ("GMTSTANDARDTIME", "PACIFICSTANDARDTIME", "NEWZEALANDSTANDARDTIME")


class XeroWorld(World):
    connector = "xero"
    mishaps = ("429-minute", "429-day", "429-concurrent", "500", "503-html", "400-html", "200-html",
               "malformed-json", "cut-off-body", "reset-before-commit")  # fmt: skip

    def __init__(self, setting: Setting, folder: Any) -> None:
        super().__init__(setting, folder)
        self._dues, self._credits, self._people = Lags(), Lags(), Lags()
        self._contacts_every, self._credits_every = LARGEST if self._is_large else SMALL
        self._stamps: dict[str, int] = {}
        self._moved: set[str] = set()  # invoices whose time of change moved since the last pull began
        self._to_be_told: set[str] = set()  # ...and those that the pull under way will be told of
        self._news: set[str] = set()  # invoices that have changed since the last pull ended
        self._credits_due = self._contacts_due = True  # the pull under way reads them, whatever has changed
        self._told_at_begin: set[str] = set()
        self._began = self._credits_read = self._contacts_read = self._swept = NEVER

    def sizes(self, *, looking: bool = False) -> AbstractContextManager[None]:
        # An organisation is large by the calls that a sweep takes, of which small pages need many.
        ladder = () if self._is_large else ((10**6, Leisure(*SMALL)),)
        return sized("arsync_xero", PAGE=self.setting.page, REACH=REACH[self.setting.page], _LADDER=ladder)

    @property
    def _is_large(self) -> bool:
        return self.setting.style % 3 == 2

    def application(self) -> Any:
        self.company = Company(
            TENANT,
            "Acme Ltd",
            currency=self.home,
            timezone=_ZONES[self.setting.zone % len(_ZONES)],
            clock=self.clock,
            nulls=bool(self.setting.style % 2),
        )
        self.simulator = XeroSimulator([self.company], clock=self.company.clock)
        self.simulator.rules = acts.lasting(Rules().unlimited())
        return self.simulator

    def connection(self) -> dict[str, Any]:
        return {"tenant": TENANT, "client_id": "sandbox-client", "client_secret": "env:sandbox-secret"}

    def tokens(self) -> TokenPair:
        grant = self.simulator.grant()
        access, refresh = str(grant["access_token"]), str(grant["refresh_token"])
        return TokenPair(access=access, refresh=refresh, expires_at=self.clock() + timedelta(days=9000))

    def strike(self, mishap: Mishap) -> None:
        self.simulator.faults.add(mishap.kind, times=mishap.times, after=mishap.at)

    def well(self) -> None:
        self.simulator.faults.clear()
        assert self.simulator.crashes == []

    @property
    def ties_out(self) -> bool:
        """Xero has two places in any currency: what is converted to one with another number is not."""
        return not self.setting.foreign or self.home not in DECIMALS

    def act(self, event: Event) -> bool:
        try:
            return acts.act(self, event)
        except BookError:
            return False  # Xero itself would not let it be done

    def whisper(self) -> bool:
        part_paid = acts.in_part(self)
        for each in part_paid:
            self.company.redate(each.id, (each.due or self.today()) + timedelta(days=1))
        return bool(part_paid)

    def books(self) -> Books:
        receivable = [each for each in self.company.invoices.values() if each.type == "ACCREC"]
        invoices = {
            each.id: Owed(
                customer=each.contact.id,
                currency=each.currency,
                due=each.due,
                number=each.number,
                open=units(each.amount_due, each.currency),
            )
            for each in receivable
            if each.status == "AUTHORISED" and not acts.is_spoilt(each)
        }
        people = {each.id: _person(each) for each in self.company.contacts.values()}
        unread = frozenset(each.id for each in receivable if acts.is_spoilt(each))
        return Books(invoices, self._left(), people, unread)

    def _left(self) -> dict[CreditKey, Left]:
        return {
            (_KINDS[each.kind], each.id): Left(
                each.contact.id, each.currency, units(each.remaining, each.currency)
            )
            for each in self.company.credits.values()
            if each.status == "AUTHORISED" and each.remaining
        }

    # What may lag behind -------------------------------------------------------------------------

    def changed(self) -> None:
        super().changed()
        told = self.books()
        self._dues.now({id_: owed.due for id_, owed in told.invoices.items()})
        self._credits.now(told.credits)
        self._people.now(told.people)
        for each in self.company.invoices.values():
            if each.type == "ACCREC" and self._stamps.get(each.id) != each.updated_ms:
                self._stamps[each.id] = each.updated_ms
                self._moved.add(each.id)
                self._news.add(each.id)

    def pull_begins(self, *, full: bool) -> None:
        self._began = self.clock()
        for each in (self._dues, self._credits, self._people):
            each.begin()
        self._to_be_told |= self._moved
        self._moved = set()
        self._told_at_begin = self._readable(self._news)
        self._credits_due = self._began - self._credits_read >= self._credits_every
        self._contacts_due = self._began - self._contacts_read >= self._contacts_every

    def pull_ended(self, *, full: bool) -> None:
        # ``full`` is a sweep too: the day's has to have been one.
        everything = full or self._began - self._swept >= DAY
        # An invoice that cannot be understood is no news.
        news = bool(self._readable(self._told_at_begin))
        credits_read = everything or news or self._credits_due
        contacts_read = everything or news or self._contacts_due
        self._dues.read(lambda id_: everything or id_ in self._to_be_told)
        self._credits.read(lambda key: credits_read)
        self._people.read(lambda id_: contacts_read)
        # What was perhaps read just now is perhaps not read again before its time has come once more.
        if everything or self._began - self._swept >= DAY - JITTER:
            self._swept = self._began
        if credits_read or self._news:
            self._credits_read = self._began
        if contacts_read or self._news:
            self._contacts_read = self._began
        self._to_be_told, self._news = set(), set()

    def _readable(self, invoices: set[str]) -> set[str]:
        return {id_ for id_ in invoices if not acts.is_spoilt(self.company.invoices[id_])}

    def looked_again(self, seen: Books, invoices: Collection[str], customers: Collection[str]) -> None:
        told = self.books()
        self._dues.known({id_: told.invoices[id_].due if id_ in told.invoices else None for id_ in invoices})
        theirs = {key for key, left in seen.credits.items() if left.customer in customers}
        theirs |= {key for key, left in told.credits.items() if left.customer in customers}
        here = {key: left for key, left in told.credits.items() if left.customer in customers}
        self._credits.known({key: here.get(key) for key in theirs})
        self._people.known({id_: told.people[id_] for id_ in customers})

    def expected(self, seen: Books) -> Books:
        told = self.books()
        for id_, owed in told.invoices.items():
            if id_ in seen.invoices:
                due = self._dues.expected(id_, seen.invoices[id_].due)
                told.invoices[id_] = owed._replace(due=due)
        for id_ in list(told.people):
            person = self._people.expected(id_, seen.people.get(id_))
            if person is None:
                del told.people[id_]
            else:
                told.people[id_] = person
        for key in {*told.credits, *seen.credits}:
            left = self._credits.expected(key, seen.credits.get(key))
            if left is None:
                told.credits.pop(key, None)
            else:
                told.credits[key] = left
        return told


def _person(contact: Contact) -> Person:
    persons = [each.email for each in contact.persons if each.include_in_emails]
    is_erased = contact.status == "GDPRREQUEST"
    emails = [] if is_erased else [contact.email or "", *persons]
    written = ("", "") if is_erased else (contact.country, contact.region)
    place = next(each for each in PLACES if each.words == written)
    return Person(
        name=contact.name,
        emails=tuple(dict.fromkeys(each for each in emails if each)),
        active=contact.status == "ACTIVE",
        parent=contact.merged_to,
        billed=contact.merged_to is not None,
        country=place.country,
        subdivision=place.subdivision,
        groups=() if is_erased else contact.groups,
    )
