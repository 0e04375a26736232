"""Reads that the pull, the refresh and the tie-out share: the company's own currency, and the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from datetime import date
from functools import cached_property
from tempfile import SpooledTemporaryFile
from typing import IO, TypeVar

from arsync.connector import Kit
from arsync.errors import Refused
from arsync.ledger import AgedBalance
from arsync_quickbooks import receivables, replies, report
from arsync_quickbooks.client import Client
from arsync_quickbooks.receivables import Credits
from arsync_quickbooks.report import Table
from arsync_quickbooks.rows import CurrencyPrefs

T = TypeVar("T")

# A report that is longer is held in a temporary file, without a name where the system can do that: it has
# a row for each open item.
IN_MEMORY = 1_000_000  # bytes


class Reading:
    """What is read of the company beside its records."""

    def __init__(self, client: Client, kit: Kit) -> None:
        self.client, self.kit = client, kit

    @cached_property
    def home(self) -> str:
        """The home currency. One call, and only where a row or a report leaves it out or tells a rate."""
        currency = self._currencies.home_currency.value if self._currencies.home_currency else None
        if not currency:
            raise Refused("QuickBooks does not tell the company's home currency")
        return currency

    def credits(self, currencies: Set[str], customers: Sequence[str] = (), *, home: str = "") -> Credits:
        """The credits that the aging report shows: of these customers, or of all.

        ``currencies`` are those that the customers' records name. Where one is not the report's own
        (``home``, where that is known), its sums are converted ones and the report is read with the
        amounts as they were agreed. Raises Refused for a report that cannot be read in full.
        """
        foreign = bool(currencies - {home}) if home else len(currencies) > 1
        today = self.kit.clock().date()

        def read(*, foreign: bool) -> Credits:
            asked = (report.columns(foreign=foreign),)
            return self._report(receivables.credits_of, asked, today, customers, foreign=foreign)

        found = read(foreign=foreign)
        if not foreign and currencies and currencies != {found.home}:
            found = read(foreign=True)
        return found

    def aged(self, as_of: date) -> list[AgedBalance]:
        """What each customer owes by the aging report: one call, and one that tells whether the company
        has several currencies. Raises Refused for a report of which any row cannot be read."""
        foreign = self._currencies.multi_currency_enabled is True
        # The numbers are for people; without them the report of a large company is cut off later.
        asked = (report.columns(report.NUMBER, foreign=foreign), report.columns(foreign=foreign))
        return self._report(receivables.aged_of, asked, as_of, foreign=foreign)

    @cached_property
    def _currencies(self) -> CurrencyPrefs:
        found = replies.preferences(self.client.preferences().content).currency_prefs
        return found or CurrencyPrefs()

    def _report(
        self,
        make: Callable[[Table], T],
        asked: Sequence[str],
        today: date,
        customers: Sequence[str] = (),
        *,
        foreign: bool,
    ) -> T:
        """The report asked for with the columns that matter, ever fewer where it was too long; at last as
        the service makes it by itself, with all of them, which is the first to be cut off."""
        problem: report.Unreadable | None = None
        for columns in (*asked, ""):
            if not columns and isinstance(problem, report.Cut):
                break
            with SpooledTemporaryFile(IN_MEMORY) as file:
                self._ask(columns, today, customers, file)
                try:
                    return report.read(file, make, foreign=foreign, home=lambda: self.home)
                except report.Unreadable as error:
                    problem = error
        raise Refused(f"QuickBooks' aging report cannot be read: {problem}")

    def _ask(self, columns: str, today: date, customers: Sequence[str], into: IO[bytes]) -> None:
        options = {
            # A credit may bear a later date, and the report leaves out what is not there yet on its day.
            "report_date": f"{today.year + 5}-12-31",
            "aging_method": "Report_Date",
        }
        if columns:
            options["columns"] = columns
        if customers:
            options["customer"] = ",".join(customers)
        self.client.report(report.NAME, options, into)
