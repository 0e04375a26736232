"""A QuickBooks company. Everything that happens in it moves a time of change, so nothing lags."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import quickbooks_acts as acts
from truth import Books, CreditKey, Left, Owed, Person
from vocabulary import CURRENCIES, PLACES, ZONES, Event, Mishap
from world import Clock, World, sized, units

from arsync.connector import TokenPair
from arsync_quickbooks.simulator import Company, Limits, QuickBooksSimulator
from arsync_quickbooks.simulator.fault import Fault
from arsync_quickbooks.simulator.records import Record

REALM = "4620816365"


class QuickBooksWorld(World):
    connector = "quickbooks"
    mishaps = ("429-json", "403-throttle", "500", "503-html", "malformed-json", "cut-off-body",
               "reset-before-commit", "200-with-fault", "200-with-fault-lower")  # fmt: skip

    def sizes(self, *, looking: bool = False) -> AbstractContextManager[None]:
        if looking:
            return nullcontext()  # as many are asked for by their ids at once as fit into one answer
        # The service's own limits, and what the connector takes them for.
        return sized("arsync_quickbooks", MOST_ROWS=self.setting.page, MOST_OBJECTS=self.setting.page)

    def application(self) -> Any:
        self.company = Company(
            REALM,
            "Acme Ltd",
            currency=self.home,
            multicurrency=self.setting.foreign,
            timezone=ZONES[self.setting.zone % len(ZONES)],
            clock=self.clock,
        )
        for position, currency in enumerate(CURRENCIES):
            if currency != self.home:
                self.company.set_rate(currency, Decimal("0.75") + position)
        self.types = {each.group: self.company.add_customer_type(each.group) for each in PLACES if each.group}
        self._simulator = QuickBooksSimulator(
            [self.company], clock=Clock(), limits=Limits.off(), refresh_grace=timedelta(days=9)
        )
        return self._simulator

    def connection(self) -> dict[str, Any]:
        return {"company": REALM, "client_id": "sandbox-client", "client_secret": "env:sandbox-secret"}

    def tokens(self) -> TokenPair:
        granted = self._simulator.grant(REALM)
        expires = self.clock() + timedelta(days=9000)
        return TokenPair(access=granted["access_token"], refresh=granted["refresh_token"], expires_at=expires)

    def strike(self, mishap: Mishap) -> None:
        self._simulator.faults.add(mishap.kind, times=mishap.times, after=mishap.at)

    def well(self) -> None:
        self._simulator.faults.clear()

    def act(self, event: Event) -> bool:
        try:
            return acts.act(self, event)
        except (Fault, ValueError):
            return False  # the company's own software would not let it be done

    def books(self) -> Books:
        tables = self.company.tables
        invoices = {
            str(each.id): Owed(
                customer=str(acts.payer(each).id),
                currency=each.currency,
                due=_day(each.body.get("DueDate")),
                number=each.body.get("DocNumber", ""),
                open=units(each.balance, each.currency),
                mail=_addresses(each.body.get("BillEmail")),
            )
            for each in tables["Invoice"].rows.values()
            if each.balance and not acts.is_spoilt(each)
        }
        unread = [str(each.id) for each in tables["Invoice"].rows.values() if acts.is_spoilt(each)]
        names = {id_: name for name, id_ in self.types.items()}
        people = {str(each.id): _person(each, names) for each in tables["Customer"].rows.values()}
        return Books(invoices, self._credits(), people, frozenset(unread))

    def _credits(self) -> dict[CreditKey, Left]:
        found: dict[CreditKey, Left] = {}
        for kind, table in (("credit-note", "CreditMemo"), ("payment", "Payment")):
            for each in self.company.tables[table].rows.values():
                if each.balance:
                    left = units(each.balance, each.currency)
                    found[kind, str(each.id)] = Left(str(acts.payer(each).id), each.currency, left)
        for each in self.company.tables["JournalEntry"].rows.values():
            for customer, part in each.shares.items():
                if part < 0:  # each customer's part of an entry is a credit of its own
                    key = ("journal", f"{each.id}:{customer}")
                    found[key] = Left(str(customer), each.currency, units(-part, each.currency))
        return found


def _person(customer: Record, types: dict[str, str]) -> Person:
    told = customer.body.get("BillAddr") or {}
    written = told.get("Country", ""), told.get("CountrySubDivisionCode", "")
    place = next(each for each in PLACES if each.words == written)
    type_ = customer.body.get("CustomerTypeRef")
    return Person(
        name=customer.body["DisplayName"],
        emails=_addresses(customer.body.get("PrimaryEmailAddr")),
        active=customer.body.get("Active", True),
        parent=None if customer.customer is None else str(customer.customer.id),
        billed=customer.customer is not None and customer.body.get("BillWithParent", False),
        country=place.country,
        subdivision=place.subdivision,
        groups=(types[type_["value"]],) if type_ else (),
    )


def _addresses(email: dict[str, str] | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in email["Address"].split(",")) if email else ()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
