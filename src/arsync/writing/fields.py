"""The fields that a template may use: their names, their meaning, and their values for a view."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from arsync import money
from arsync.writing.plain_text import plain_line
from arsync.writing.view import LetterLine, LetterView

if TYPE_CHECKING:
    from babel import Locale

FIELDS = {
    "customer": "the customer's name",
    "company": "whose book it is: the company as the accounting system names it",
    "sender": 'the name in the book\'s "from", or the company where it has none',
    "sender_address": 'the address in the book\'s "from"',
    "reply_to": "the address that answers go to",
    "step": "the step of the policy that this letter is",
    "invoices": "the invoices of the letter, one by one: {% for invoice in invoices %}",
    "invoice_table": "the invoices as a table, aligned in text and a real table in HTML",
    "currency": "the code of the letter's currency, such as EUR",
    "total": "the sum of what is open on these invoices",
    "unapplied": "the customer's credit that is not applied to an invoice; empty where there is none",
    "net": "the total less that credit",
    "today": "the date of the letter",
    "oldest_days": "how many days the oldest invoice is past its due date, a number; 0 where none is",
}
INVOICE_FIELDS = {
    "number": "its number",
    "issued": "its date, empty where it has none",
    "due": "its due date, empty where it has none",
    "days_overdue": "the days since its due date, a number; 0 where it is not overdue",
    "total": "its full amount",
    "open": "what of it is open",
}


class InvoiceFields(msgspec.Struct, frozen=True):
    """An invoice as a template meets it: texts for people."""

    number: str
    issued: str
    due: str
    days_overdue: int
    total: str
    open: str


def values_of(view: LetterView) -> dict[str, Any]:
    """The fields of a view by name, all but ``invoice_table``, which differs between text and HTML.

    Dates and amounts are written as people of the view's language write them; texts from the
    accounting system are harmless lines.
    """
    locale = locale_of(view.language)
    company = plain_line(view.company)
    return {
        "customer": plain_line(view.customer_name),
        "company": company,
        "sender": plain_line(view.sender_name) or company,
        "sender_address": plain_line(view.sender_address, 254),
        "reply_to": plain_line(view.reply_to, 254),
        "step": plain_line(view.step),
        "invoices": [_invoice(line, view.currency, locale) for line in view.lines],
        "currency": view.currency,
        "total": amount(view.total, view.currency, locale),
        "unapplied": amount(view.unapplied, view.currency, locale) if view.unapplied > 0 else "",
        "net": amount(view.net, view.currency, locale),
        "today": day(view.today, locale),
        "oldest_days": view.oldest_days,
    }


def _invoice(line: LetterLine, currency: str, locale: Locale) -> InvoiceFields:
    return InvoiceFields(
        number=plain_line(line.number),
        issued=day(line.issued_on, locale),
        due=day(line.due_on, locale),
        days_overdue=max(0, line.days_overdue or 0),
        total=amount(line.total, currency, locale),
        open=amount(line.open, currency, locale),
    )


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The locale of a language code, else of its first part, else English."""
    from babel import Locale, UnknownLocaleError

    code = language[:40].replace("-", "_")
    for candidate in (code, code.partition("_")[0]):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def day(value: date | None, locale: Locale) -> str:
    """A date for people, such as "Nov 23, 2026"; nothing for None."""
    from babel.dates import format_date

    return "" if value is None else format_date(value, "medium", locale)


def amount(units: int, currency: str, locale: Locale) -> str:
    """Minor units for people, such as "$1,234.50"."""
    return money.readable(units, currency, str(locale))
