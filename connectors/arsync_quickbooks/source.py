"""One QuickBooks company as a source of records and a sink of notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from arsync.connector import Allowance, FoundNote, Kit, Note, OAuthApp, Page, Receipt, Snapshot, Tenant
from arsync.errors import Refused
from arsync.ledger import AgedBalance, Invoice

if TYPE_CHECKING:
    from arsync_quickbooks.reading import Reading

_FROM_TXN_DATE = (
    "QuickBooks ages this company's receivables from the transaction date, arsync from the due date: "
    "the two aging reports differ"
)


class Company:
    """A realm. The SDK is loaded with the first request, not before."""

    def __init__(
        self,
        realm: str,
        app: OAuthApp,
        kit: Kit,
        *,
        sandbox: bool,
        calls_per_minute: int,
        allowance: Allowance,
    ) -> None:
        self._realm, self._app, self._kit = realm, app, kit
        self._sandbox, self._per_minute, self._allowance = sandbox, calls_per_minute, allowance

    def __repr__(self) -> str:
        return f"Company({self._realm!r})"

    @property
    def app(self) -> OAuthApp:
        return self._app

    @property
    def allowance(self) -> Allowance:
        """The calls that Intuit gives."""
        return self._allowance

    def check(self) -> Tenant:
        """Name, home currency and, where QuickBooks tells it, the time zone: two calls."""
        from arsync_quickbooks import replies

        client = self._reading.client
        info = replies.company(client.single("companyinfo", self._realm).content)
        prefs = replies.preferences(client.preferences().content)
        home = prefs.currency_prefs.home_currency if prefs.currency_prefs else None
        if home is None or not home.value:
            raise Refused("QuickBooks does not tell the company's home currency")
        from_txn_date = prefs.report_prefs and prefs.report_prefs.calc_aging_report_from_txn_date
        return Tenant(
            id=self._realm,
            name=info.company_name or info.legal_name or self._realm,
            currency=home.value,
            timezone=_zone(info.default_time_zone),
            warnings=(_FROM_TXN_DATE,) if from_txn_date else (),
        )

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Open invoices, customers and credits for None; else what changed, in one call."""
        from arsync_quickbooks.pull import Pull

        return Pull(self._reading).pages(cursor)

    def refresh(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Snapshot:
        from arsync_quickbooks.refresh import snapshot

        return snapshot(self._reading, invoice_ids, customer_ids)

    def aged_receivables(self, as_of: date) -> list[AgedBalance]:
        """Everything open on the customers' accounts, by AgedReceivableDetail: two calls."""
        return self._reading.aged(as_of)

    def write(self, notes: Sequence[Note]) -> list[Receipt]:
        """Notes into invoices' private notes and customers' notes, thirty to a call."""
        from arsync_quickbooks.notes import Writer

        return Writer(self._reading.client).write(notes)

    def marks(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Iterator[FoundNote]:
        """What stands in invoices' private notes and customers' notes, two hundred to a call."""
        from arsync_quickbooks.found_notes import marks

        return marks(self._reading, invoice_ids, customer_ids)

    def settled(self, since: date) -> list[Invoice]:
        """Invoices at zero that were changed since: a call for each thousand."""
        from arsync_quickbooks.found_notes import settled

        return settled(self._reading, since)

    @cached_property
    def _reading(self) -> Reading:
        from arsync_quickbooks.client import MINOR_VERSION, Client
        from arsync_quickbooks.reading import Reading

        client = Client(
            company_id=self._realm,
            minorversion=MINOR_VERSION,
            sandbox=self._sandbox,
            app=self._app,
            kit=self._kit,
            per_minute=self._per_minute,
            allowance=self._allowance,
        )
        return Reading(client, self._kit)


def _zone(name: str | None) -> str | None:
    """The name where it is one of the IANA's; the field is in Intuit's schema, rarely in answers."""
    try:
        return ZoneInfo(name).key if name else None
    except (ValueError, OSError, LookupError):
        return None
