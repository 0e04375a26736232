"""What to say in a call: a script for the step and for the customer's situation.

Scripts are templates as letters are, with fields of their own; a practice's `scripts/` folder comes before
those that ship.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from arsync.errors import FixSettings
from arsync.writing.fields import (
    INVOICE_FIELDS,
    InvoiceFields,
    Vocabulary,
    amount,
    day,
    invoice_fields,
    locale_of,
)
from arsync.writing.page import plain_of
from arsync.writing.plain_text import plain_line
from arsync.writing.templates import Templates, load_templates
from arsync.writing.view import LetterView

if TYPE_CHECKING:
    from babel import Locale

Firmness = Literal["friendly", "firm", "final"]

SCRIPT_FIELDS = {
    "customer": "the customer's name",
    "company": "for whom the call is made",
    "caller": "who calls, as `--owner` says; empty without it",
    "consumer": "whether the customer is a natural person: a consumer or a sole trader",
    "step": "the step that the call is made for, else the last one taken; empty before the first",
    "invoices": "the invoices that are asked for, one by one: {% for invoice in invoices %}",
    "count": "how many these are, a number",
    "total": "the sum of what is open on them; of several currencies one sum each",
    "asked": "what is asked for: that less what is disputed or not due, and less the credit",
    "disputed": "what of the total is in dispute; empty where nothing is",
    "not_due": "what of the total is not due yet under an agreement; empty where nothing is",
    "unapplied": "the customer's credit that is not applied to an invoice; empty where there is none",
    "oldest_days": "how many days the oldest invoice is past its due date, a number; 0 where none is",
    "today": "the day of the call",
    "contacts": "the last contacts, the oldest first: {% for contact in contacts %}",
    "kept": "how many promises to pay were kept before, a number",
    "broken": "how many were not, or in part only",
    "promises": "what is promised now, one by one, as texts",
    "disputes": "what is in dispute now, one by one, as texts",
    "agreements": "what is agreed, one by one, as texts",
}
CONTACT_FIELDS = {
    "day": "its day",
    "what": "how: message, call, letter",
    "detail": "what came of it",
}
_VOCABULARY = Vocabulary(
    SCRIPT_FIELDS,
    {
        "InvoiceFields": ("an invoice", INVOICE_FIELDS),
        "ContactFields": ("a contact", CONTACT_FIELDS),
    },
)


class PastContact(msgspec.Struct, frozen=True):
    """A contact of the past: ``what`` is message, call or letter, ``detail`` what came of it."""

    on: date
    what: str
    detail: str


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """All that a caller has to know. ``debts`` has one view a currency, and one at least; each lists the
    invoices that are asked for. ``step`` may be empty. ``kept`` and ``broken`` count promises of the past."""

    debts: tuple[LetterView, ...]
    step: str
    firmness: Firmness
    consumer: bool
    caller: str = ""
    contacts: tuple[PastContact, ...] = ()
    kept: int = 0
    broken: int = 0
    promises: tuple[str, ...] = ()
    disputes: tuple[str, ...] = ()
    agreements: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many invoices are asked for."""
        return sum(len(debt.lines) for debt in self.debts)

    @property
    def oldest_days(self) -> int:
        """The days since the oldest due date, 0 where nothing is overdue."""
        return max(debt.oldest_days for debt in self.debts)


class ContactFields(msgspec.Struct, frozen=True):
    """A contact as a script meets it: texts for people."""

    day: str
    what: str
    detail: str


def load_scripts(folder: Path | None) -> Templates:
    """The scripts of a practice's folder, which need not exist, over those that ship. Raises FixSettings."""
    return load_templates(folder, kind="scripts", vocabulary=_VOCABULARY)


def script_text(scripts: Templates, situation: Situation, template: str = "") -> str:
    """What to say. A script named like the step's ``template`` comes before the one of its firmness.

    Raises FixSettings for a script that is missing or wrong.
    """
    language = str(locale_of(situation.debts[0].language))
    name = template if template and template in scripts.names() else situation.firmness
    file, _ = scripts.letter(name, language)
    text = plain_of(scripts.engine.text(file, _values(situation)), "")
    if not text.strip():
        raise FixSettings("the script is empty", where=file.shown)
    return text


def _values(situation: Situation) -> dict[str, Any]:
    view = situation.debts[0]
    locale = locale_of(view.language)
    return {
        "customer": plain_line(view.customer_name),
        "company": plain_line(view.company),
        "caller": plain_line(situation.caller),
        "consumer": situation.consumer,
        "step": plain_line(situation.step),
        "invoices": _invoices(situation, locale),
        "count": situation.count,
        "total": _sums(situation, "total", locale),
        "asked": _sums(situation, "net", locale),
        "disputed": _sums(situation, "disputed", locale, skip=True),
        "not_due": _sums(situation, "not_due", locale, skip=True),
        "unapplied": _sums(situation, "unapplied", locale, skip=True),
        "oldest_days": situation.oldest_days,
        "today": day(view.today, locale),
        "contacts": [
            ContactFields(day(each.on, locale), each.what, plain_line(each.detail))
            for each in situation.contacts
        ],
        "kept": situation.kept,
        "broken": situation.broken,
        "promises": [plain_line(text) for text in situation.promises],
        "disputes": [plain_line(text) for text in situation.disputes],
        "agreements": [plain_line(text) for text in situation.agreements],
    }


def _invoices(situation: Situation, locale: Locale) -> list[InvoiceFields]:
    return [invoice_fields(line, debt.currency, locale) for debt in situation.debts for line in debt.lines]


def _sums(situation: Situation, name: str, locale: Locale, *, skip: bool = False) -> str:
    """One sum a currency; with ``skip`` only those above zero."""
    sums = [(getattr(debt, name), debt.currency) for debt in situation.debts]
    return " and ".join(amount(units, currency, locale) for units, currency in sums if units > 0 or not skip)
