"""Reads that the pull and the refresh share: the company's own currency, and credits from the report."""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cached_property

from arsync.connector import Kit
from arsync.errors import Refused
from arsync_quickbooks import instants, replies, report
from arsync_quickbooks.client import Client
from arsync_quickbooks.report import Credits


class Reading:
    """What is read of the company beside its records."""

    def __init__(self, client: Client, kit: Kit) -> None:
        self.client, self.kit = client, kit

    @cached_property
    def home(self) -> str:
        """The home currency. One call, and only where a row or a report leaves it out."""
        prefs = replies.preferences(self.client.preferences().content).currency_prefs
        currency = prefs.home_currency.value if prefs and prefs.home_currency else None
        if not currency:
            raise Refused("QuickBooks does not tell the company's home currency")
        return currency

    def credits(self, currencies: Set[str], customers: Sequence[str] = ()) -> Credits:
        """The credits that the aging report shows: of these customers, or of all.

        ``currencies`` are those that the customers' records name. Where one is not the report's own,
        its sums are converted ones and the report is read again with the amounts as they were
        agreed. Raises Refused for a report that cannot be read in full.
        """
        found = self._report(customers, foreign=len(currencies) > 1)
        if len(currencies) == 1 and currencies != {found.home}:
            found = self._report(customers, foreign=True)
        return found

    def _report(self, customers: Sequence[str], *, foreign: bool) -> Credits:
        """Asked with the columns that matter; a report without them once more as the service makes it
        by itself, which has all of them and is cut off earlier."""
        try:
            try:
                return self._asked(customers, report.columns(foreign=foreign), foreign=foreign)
            except report.Cut:
                raise
            except report.Unreadable:
                return self._asked(customers, "", foreign=foreign)
        except report.Unreadable as error:
            raise Refused(f"QuickBooks' aging report cannot be read: {error}") from None

    def _asked(self, customers: Sequence[str], columns: str, *, foreign: bool) -> Credits:
        today = self.kit.clock().date()
        options = {
            # A credit may bear a later date, and the report leaves out what is not there yet on its day.
            "report_date": f"{today.year + 5}-12-31",
            "aging_method": "Report_Date",
        }
        if columns:
            options["columns"] = columns
        if customers:
            options["customer"] = ",".join(customers)
        answer = self.client.report(report.NAME, options)
        read_at = instants.of_header(answer.headers.get("Date")) or ""
        found = report.credits_of(answer.content, foreign=foreign, home=None, read_at=read_at)
        if found.home is None:
            found = report.credits_of(answer.content, foreign=foreign, home=self.home, read_at=read_at)
        return found
