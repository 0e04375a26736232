"""A Xero organisation as a source of arsync's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from arsync.connector import (
    Allowance,
    ConnectionSettings,
    FoundNote,
    Kit,
    Note,
    OAuthApp,
    Page,
    Receipt,
    Snapshot,
    Tenant,
)
from arsync.errors import Reconnect, Refused, TryLater
from arsync.ledger import AgedBalance, Invoice
from arsync_xero import cursor, decode, found_notes, notes, options
from arsync_xero.aged import aged_receivables
from arsync_xero.client import XeroClient, decoded
from arsync_xero.granted import granted, missing
from arsync_xero.pull import Pull
from arsync_xero.refresh import refresh
from arsync_xero.zones import iana

_NAMES_SHOWN = 5

REMINDERS_ON = (
    "Xero sends invoice reminders of its own for this organisation: customers would be chased twice; "
    "switch them off in Xero (Business > Invoices > Invoice reminders)"
)


def connect(settings: ConnectionSettings, kit: Kit) -> XeroSource:
    """The entry point. Raises FixSettings; does not touch the network."""
    chosen = options.read(settings)
    allowance = options.allowance_of(chosen, sandbox=settings.server is not None)
    return XeroSource(chosen, kit, settings.book, allowance)


class XeroSource:
    """Receivables of one Xero organisation, and notes into its history."""

    def __init__(self, chosen: options.Options, kit: Kit, book: str, allowance: Allowance) -> None:
        self._book, self._tenant, self._allowance = book, str(chosen.tenant), allowance
        self._app = options.app_of(chosen)
        self._documents = decode.Documents(chosen.currency_rate)
        self._base = ""  # the organisation's currency, once it was told
        self._client = XeroClient(
            kit,
            self._app,
            book=book,
            tenant=self._tenant,
            per_minute=chosen.calls_per_minute,
            allowance=allowance,
        )

    @property
    def app(self) -> OAuthApp:
        """How Xero grants access."""
        return self._app

    @property
    def allowance(self) -> Allowance:
        """The calls that Xero gives."""
        return self._allowance

    def check(self) -> Tenant:
        """Three calls: is it connected, who is it, and does Xero chase on its own."""
        connected = decoded(decode.connections, self._client.connections())
        if self._tenant not in {str(each.tenant).lower() for each in connected}:
            raise Reconnect(
                f"the tenant of the book {self._book} is not among the organisations connected to this app "
                f"({_named(connected)}): set tenant to one of these, or run `arsync connect {self._book}` "
                "and choose it"
            )
        found = self._organisation()
        zone = iana(found.timezone)
        warnings = []
        if found.timezone and zone is None:
            warnings.append(
                f"Xero's time zone {found.timezone[:40]} is not known: set `timezone` of the book"
            )
        if self.reminders():
            warnings.append(REMINDERS_ON)
        return Tenant(
            id=self._tenant,
            name=found.name or self._tenant,
            currency=self._base,
            timezone=zone,
            warnings=tuple(warnings),
        )

    def pull(self, cursor_text: str | None) -> Iterator[Page]:
        """Everything open, or what changed since the cursor. See ``pull``."""
        found = cursor.parsed(cursor_text)
        return Pull(self._client, self._documents).pages(
            found, afresh=cursor_text is not None and found.full and not found.start
        )

    def refresh(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Snapshot:
        """The state right now. See ``refresh``."""
        return refresh(self._client, self._documents, invoice_ids, customer_ids)

    def reminders(self) -> bool | None:
        """Whether Xero sends invoice reminders of its own: one call. None for an organisation that does not
        have them to switch."""
        try:
            told: bool | None = decoded(decode.reminds, self._client.reminders())
        except Refused:
            return None
        return told

    def missing_scopes(self) -> tuple[str, ...] | None:
        """What the consent lacks of what arsync needs, by the token itself: no call."""
        given = granted(self._client.access())
        needed = [scope for scope in self._app.scopes if scope != "offline_access"]
        return None if given is None else missing(needed, given)

    def leave(self) -> int:
        """Disconnect this organisation: two calls. Xero's revocation would disconnect all organisations of
        the user from the app, so that it is left alone while there are others."""
        connected = decoded(decode.connections, self._client.connections())
        for each in connected:
            if each.id and str(each.tenant).lower() == self._tenant:
                self._client.disconnect(each.id)
        return sum(1 for each in connected if str(each.tenant).lower() != self._tenant)

    def write(self, owed: Sequence[Note]) -> Sequence[Receipt]:
        """Put notes into the history of contacts or invoices. See ``notes``."""
        return notes.write(self._client, owed)

    def marks(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Iterator[FoundNote]:
        """What stands in their histories: a call for each. See ``found_notes``."""
        return found_notes.marks(self._client, invoice_ids, customer_ids)

    def settled(self, since: date) -> list[Invoice]:
        """Invoices that were paid, voided or deleted, of those changed since. See ``found_notes``."""
        return found_notes.settled(self._client, self._documents, since)

    def aged_receivables(self, as_of: date) -> list[AgedBalance]:  # noqa: ARG002 - Xero tells of now alone
        """What each contact owes by Xero's own figures, in the base currency. See ``aged``."""
        if not self._base:
            self._organisation()
        return aged_receivables(self._client, self._documents, self._base)

    def _organisation(self) -> decode.Organisation:
        found: decode.Organisation = decoded(decode.organisation, self._client.organisation())
        if not found.currency:
            raise TryLater("Xero did not tell the organisation's currency; try again later")
        self._base = found.currency
        return found


def _named(connected: Sequence[decode.Connection]) -> str:
    names = [f"{each.name or '?'} (tenant {each.tenant})" for each in connected]
    tail = ", ..." if len(names) > _NAMES_SHOWN else ""
    return f"connected: {', '.join(names[:_NAMES_SHOWN])}{tail}" if names else "none is connected"
