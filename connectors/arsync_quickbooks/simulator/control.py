"""Changing a company from outside while it runs: ``POST /_sandbox/<verb>`` with JSON.

No part of the vendor's protocol. ``GET /_sandbox`` lists the verbs. ``realm`` may be left out where there is
one company. Dates are ISO 8601, amounts are text or JSON numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.wrappers import Request

from . import fault, wire
from .company import Company
from .reply import Reply
from .throttle import Limits

if TYPE_CHECKING:
    from .app import QuickBooksSimulator

Given = dict[str, Any]


class Verb(NamedTuple):
    """What a verb does, which fields it takes (a mark of interrogation: optional), and how."""

    does: str
    fields: str
    act: Callable[[QuickBooksSimulator, Company, Given], object]


def _day(given: Given, name: str) -> date | None:
    return date.fromisoformat(given.pop(name)) if given.get(name) else given.pop(name, None)


def _required_day(given: Given, name: str, company: Company) -> date:
    return _day(given, name) or company.today()


def _create_customer(_: QuickBooksSimulator, company: Company, given: Given) -> object:
    return {"id": company.add_customer(given.pop("name"), **given)}


def _create_invoice(_: QuickBooksSimulator, company: Company, given: Given) -> object:
    issued, due = _required_day(given, "issued", company), _day(given, "due")
    return {"id": company.add_invoice(issued=issued, due=due, **given)}


def _credit_memo(_: QuickBooksSimulator, company: Company, given: Given) -> object:
    return {"id": company.add_credit_memo(issued=_required_day(given, "issued", company), **given)}


def _pay(_: QuickBooksSimulator, company: Company, given: Given) -> object:
    return {"id": company.pay(given.pop("invoice"), on=_day(given, "on"), **given)}


def _payment(_: QuickBooksSimulator, company: Company, given: Given) -> object:
    return {"id": company.add_payment(on=_day(given, "on"), **given)}


def _journal(_: QuickBooksSimulator, company: Company, given: Given) -> object:
    return {"id": company.add_journal(on=_required_day(given, "on", company), **given)}


def _redate(_: QuickBooksSimulator, company: Company, given: Given) -> object:
    company.redate(due=_day(given, "due"), **given)
    return {}


def _faults(sim: QuickBooksSimulator, _: Company, given: Given) -> object:
    for name in ("times", "after", "retry_after"):
        if given.get(name) is not None:
            given[name] = int(given[name])
    if "seconds" in given:
        given["seconds"] = float(given["seconds"])
    sim.faults.add(**given)
    return {}


def _clear_faults(sim: QuickBooksSimulator, _: Company, __: Given) -> object:
    sim.faults.clear()
    return {}


def _limits(sim: QuickBooksSimulator, _: Company, given: Given) -> object:
    style = given.pop("style", Limits.style)
    unknown = set(given) - {"per_second", "per_minute", "batches_per_minute"}
    if unknown:
        raise TypeError(f"unknown limit {', '.join(sorted(unknown))}")
    changed: dict[str, Any] = {name: None if most is None else int(most) for name, most in given.items()}
    sim.limits = replace(sim.limits, style=style, **changed)
    return {}


def _calls(sim: QuickBooksSimulator, _: Company, given: Given) -> object:
    shown = {"calls": [vars(call) for call in sim.calls], "counts": sim.counts}
    if given.get("clear"):
        sim.calls.clear()
    return shown


def _state(_: QuickBooksSimulator, company: Company, __: Given) -> object:
    return {
        "realm": company.realm,
        "name": company.name,
        "now": company.now().isoformat(),
        "customers": list(company.customers.values()),
        "invoices": list(company.invoices.values()),
        "payments": list(company.payments.values()),
        "credit_memos": list(company.credit_memos.values()),
        "journal_entries": list(company.journal_entries.values()),
        "sent": company.sent,
    }


VERBS: dict[str, Verb] = {
    "create-customer": Verb(
        "a new customer",
        "name email? active? parent? bill_with_parent? currency? notes? address? type?",
        _create_customer,
    ),
    "create-customer-type": Verb(
        "a new type that customers can be of",
        "name",
        lambda _, company, given: {"id": company.add_customer_type(**given)},
    ),
    "edit-customer": Verb(
        "changes a customer's fields",
        "customer name? email? active? parent? bill_with_parent? address? type?",
        lambda _, company, given: company.edit_customer(**given),
    ),
    "merge-customers": Verb(
        "makes a customer one with another",
        "customer into",
        lambda _, company, given: company.merge_customers(**given),
    ),
    "create-invoice": Verb(
        "a new invoice",
        "customer amount issued? due? number? currency? email? cc? bcc? note?",
        _create_invoice,
    ),
    "pay": Verb("a payment for an invoice, in full without an amount", "invoice amount? on?", _pay),
    "payment": Verb("money on account, applied to nothing", "customer amount on?", _payment),
    "credit-memo": Verb("a new credit memo", "customer amount issued? number?", _credit_memo),
    "apply-credit": Verb(
        "applies a credit memo to an invoice",
        "memo invoice amount?",
        lambda _, company, given: {"id": company.apply_credit(**given)},
    ),
    "apply-journal": Verb(
        "applies a journal entry in the customer's favour to an invoice",
        "journal invoice amount",
        lambda _, company, given: {"id": company.apply_journal(**given)},
    ),
    "apply-payment": Verb(
        "applies money on account to an invoice",
        "payment invoice amount?",
        lambda _, company, given: company.apply_payment(**given),
    ),
    "delete-payment": Verb(
        "deletes a payment, as when it bounces",
        "payment",
        lambda _, company, given: company.delete_payment(**given),
    ),
    "void-payment": Verb(
        "voids a payment: it stays, with nothing on it",
        "payment",
        lambda _, company, given: company.void_payment(**given),
    ),
    "void": Verb("voids an invoice", "invoice", lambda _, company, given: company.void(**given)),
    "delete": Verb("deletes an invoice", "invoice", lambda _, company, given: company.delete(**given)),
    "redate": Verb("changes an invoice's due date", "invoice due?", _redate),
    "renumber": Verb(
        "changes an invoice's number", "invoice number", lambda _, company, given: company.renumber(**given)
    ),
    "annotate": Verb(
        "writes an invoice's private note",
        "invoice note",
        lambda _, company, given: company.annotate(**given),
    ),
    "journal": Verb(
        "a journal entry on receivables; a negative amount is in the customer's favour",
        "customer amount on? number?",
        _journal,
    ),
    "advance-clock": Verb(
        "moves the company's clock forward",
        "days? seconds?",
        lambda _, company, given: company.advance(**{name: float(value) for name, value in given.items()}),
    ),
    "state": Verb("shows the company", "", _state),
    "grant": Verb("tokens without a browser", "", lambda sim, company, _: sim.grant(company.realm)),
    "expire-tokens": Verb("ends all access tokens", "", lambda sim, _, __: sim.expire_access_tokens()),
    "faults": Verb(
        "adds a mishap",
        "kind path_regex? method? body_regex? times? after? seconds? retry_after? commit?",
        _faults,
    ),
    "clear-faults": Verb("removes all mishaps", "", _clear_faults),
    "limits": Verb(
        "sets the limits, null for none", "per_second? per_minute? batches_per_minute? style?", _limits
    ),
    "calls": Verb("shows the calls so far", "clear?", _calls),
}


class Control:
    """Answers the addresses under ``/_sandbox``."""

    def __init__(self, sim: QuickBooksSimulator) -> None:
        self._sim = sim

    def answer(self, request: Request, body: bytes) -> Reply:
        verb = request.path.removeprefix("/_sandbox").strip("/").replace("_", "-")
        if request.method == "GET" and not verb:
            shown = {name: {"does": each.does, "fields": each.fields.split()} for name, each in VERBS.items()}
            return Reply(200, wire.encode({"realms": list(self._sim.companies), "verbs": shown}))
        if verb not in VERBS:
            return _problem(404, f"unknown verb {verb!r}; GET /_sandbox lists them")
        if request.method != "POST":
            return _problem(405, "verbs are posted")
        try:
            return self._do(VERBS[verb], wire.decode(body) if body else {})
        except fault.Fault as refused:
            return _problem(400, str(refused))
        except (KeyError, TypeError, ValueError) as error:
            return _problem(400, f"{verb}: {error}; fields: {VERBS[verb].fields or 'none'}")

    def _do(self, verb: Verb, given: Given) -> Reply:
        realm = given.pop("realm", None) or next(iter(self._sim.companies))
        company = self._sim.companies[realm]
        with company.lock:
            done = verb.act(self._sim, company, given)
        return Reply(200, wire.encode({} if done is None else done))


def _problem(status: int, text: str) -> Reply:
    return Reply(status, wire.encode({"error": text}))
