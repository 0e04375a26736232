"""The fields that a template may use: their names, their meaning, and their values for a view."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from arsync import money
from arsync.writing.opt_out import opt_out_line
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
    "disputed": "what of the total is in dispute and not asked for; empty where nothing is",
    "not_due": "what of the total is not due yet under an agreement; empty where nothing is",
    "unapplied": "the customer's credit that is not applied to an invoice; empty where there is none",
    "net": "what is asked for: the total less what is disputed or not due, and less that credit",
    "asked": "the same as `net`",
    "discount": "the discount that is offered, such as 2%; empty where none is",
    "discounted": "what is enough in place of `net` with that discount; empty where none is offered",
    "discount_until": "the last day of that discount; empty where none is offered",
    "first_letter": "true where nobody has written to this customer from the book before",
    "opt_out_line": "for sole traders and consumers: how to hear no more by e-mail; empty for others. "
    "A letter whose template does not write it has it at its end",
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
    "disputed": "what of that is in dispute and not asked for; empty where nothing is",
    "not_due": "what of that is not due yet under an agreement; empty where nothing is",
    "asked": "what of it is asked for",
    "instalment": "whether it is paid in instalments: `due` is then the instalment's day",
}


class Vocabulary(msgspec.Struct, frozen=True):
    """What templates of a kind may write: ``fields`` with their meanings, and ``parts`` of those that are
    lists, by the name of their class: what one is called, and its own fields."""

    fields: Mapping[str, str]
    parts: Mapping[str, tuple[str, Mapping[str, str]]]


LETTERS = Vocabulary(FIELDS, {"InvoiceFields": ("an invoice", INVOICE_FIELDS)})


class InvoiceFields(msgspec.Struct, frozen=True):
    """An invoice as a template meets it: texts for people."""

    number: str
    issued: str
    due: str
    days_overdue: int
    total: str
    open: str
    disputed: str
    not_due: str
    asked: str
    instalment: bool


def values_of(view: LetterView) -> dict[str, Any]:
    """The fields of a view by name, all but ``invoice_table``, which differs between text and HTML.

    Dates and amounts are written as people of the view's language write them; texts from the
    accounting system are harmless lines.
    """
    locale = locale_of(view.language)
    company = plain_line(view.company)
    net = amount(view.net, view.currency, locale)
    return {
        "customer": plain_line(view.customer_name),
        "company": company,
        "sender": plain_line(view.sender_name) or company,
        "sender_address": plain_line(view.sender_address, 254),
        "reply_to": plain_line(view.reply_to, 254),
        "step": plain_line(view.step),
        "invoices": [invoice_fields(line, view.currency, locale) for line in view.lines],
        "currency": view.currency,
        "total": amount(view.total, view.currency, locale),
        "disputed": _some(view.disputed, view.currency, locale),
        "not_due": _some(view.not_due, view.currency, locale),
        "unapplied": _some(view.unapplied, view.currency, locale),
        "net": net,
        "asked": net,
        **_offered(view, locale),
        "first_letter": view.first_letter,
        "opt_out_line": opt_out_line(locale.language) if view.opt_out else "",
        "today": day(view.today, locale),
        "oldest_days": view.oldest_days,
    }


def invoice_fields(line: LetterLine, currency: str, locale: Locale) -> InvoiceFields:
    return InvoiceFields(
        number=plain_line(line.number),
        issued=day(line.issued_on, locale),
        due=day(line.due_on, locale),
        days_overdue=max(0, line.days_overdue or 0),
        total=amount(line.total, currency, locale),
        open=amount(line.open, currency, locale),
        disputed=_some(line.disputed, currency, locale),
        not_due=_some(line.not_due, currency, locale),
        asked=amount(line.asked, currency, locale),
        instalment=line.instalment,
    )


def _offered(view: LetterView, locale: Locale) -> dict[str, str]:
    if view.discounted == view.net:
        return {"discount": "", "discounted": "", "discount_until": ""}
    return {
        "discount": percent(view.discount, locale),
        "discounted": amount(view.discounted, view.currency, locale),
        "discount_until": day(view.discount_until, locale),
    }


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


def percent(basis_points: int, locale: Locale) -> str:
    """Basis points for people: 200 is "2%", 250 is "2.5%"."""
    from babel.numbers import format_percent

    return format_percent(Decimal(basis_points) / 10_000, locale=locale, decimal_quantization=False)


def _some(units: int, currency: str, locale: Locale) -> str:
    """An amount above zero for people, else nothing."""
    return amount(units, currency, locale) if units > 0 else ""


def amount(units: int, currency: str, locale: Locale) -> str:
    """Minor units for people, such as "$1,234.50"."""
    return money.readable(units, currency, str(locale))
