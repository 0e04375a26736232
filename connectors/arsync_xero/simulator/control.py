"""The sandbox's own door, /_sandbox: change an organisation by hand while a client reads it."""

from __future__ import annotations

import inspect
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .company import Company, ContactEdit, ContactFields, InvoiceExtras
from .faults import KINDS
from .records import BookError, Contact, Credit, Invoice, Payment
from .reply import Refused, Reply
from .request import Asked
from .wire import Json

if TYPE_CHECKING:
    from .service import XeroSimulator

_VERBS = (
    "add_contact",
    "edit_contact",
    "archive",
    "merge",
    "gdpr",
    "add_invoice",
    "add_bill",
    "add_draft",
    "approve",
    "pay",
    "part_pay",
    "delete_payment",
    "add_overpayment",
    "add_prepayment",
    "add_credit_note",
    "allocate",
    "void",
    "delete",
    "redate",
    "expect",
    "renumber",
    "switch_reminders",
)
_MORE_FIELDS = {"add_contact": ContactFields, "edit_contact": ContactEdit, "add_invoice": InvoiceExtras}
_DATES = frozenset({"issued", "due", "on", "expected", "planned"})
_NOT_SENT = ("self", "fields", "extras")
_VIEWS = ("invoices", "contacts", "payments", "credits")


class Control:
    """Answers /_sandbox: GET tells what there is, POST /_sandbox/<verb> with JSON does it."""

    def __init__(self, simulator: XeroSimulator) -> None:
        self._simulator = simulator

    def answer(self, asked: Asked) -> Reply:
        """200 with `{"ok": true, ...}`, or 400 with `{"ok": false, "error": ...}`."""
        name = asked.path.removeprefix("/_sandbox").strip("/").replace("-", "_")
        try:
            if asked.method == "GET":
                return self._show(name, asked)
            if asked.method != "POST":
                return _fail(405, "GET or POST")
            body = asked.json() if asked.body.strip() else {}
            return self._do(name, body)
        except Refused as refused:
            return refused.reply
        except (BookError, TypeError, ValueError, KeyError) as error:
            return _fail(400, str(error))

    def _show(self, name: str, asked: Asked) -> Reply:
        if not name:
            return Reply.json(200, self._guide())
        if name == "calls":
            counts: dict[str, Json] = dict(self._simulator.calls.by_endpoint)
            return Reply.json(200, {"by_endpoint": counts, "tokens": len(self._simulator.calls.tokens)})
        if name in _VIEWS:
            company = self._company(asked.arguments.get("tenant"))
            with company.lock:
                records = list(getattr(company, name).values())
            return Reply.json(200, [_glance(record) for record in records])
        return _fail(404, f"nothing called {name}")

    def _do(self, name: str, body: dict[str, Any]) -> Reply:
        simulator = self._simulator
        if name == "faults":
            simulator.faults.add(**{key: _plain(value) for key, value in body.items()})
            return _done(None)
        if name == "clear_faults":
            simulator.faults.clear()
            return _done(None)
        if name == "expire_tokens":
            simulator.expire_access_tokens()
            return _done(None)
        if name == "grant":
            return _done(simulator.grant(body.get("scopes")))
        if name == "advance":
            simulator.advance(seconds=float(body.get("seconds", 0)), days=float(body.get("days", 0)))
            return _done(simulator.clock().isoformat())
        if name not in _VERBS:
            return _fail(404, f"no verb {name}; GET /_sandbox lists them")
        company = self._company(body.pop("tenant", None))
        return _done(getattr(company, name)(**{key: _value(key, value) for key, value in body.items()}))

    def _company(self, tenant: str | None) -> Company:
        companies = self._simulator.companies
        return companies[tenant] if tenant else next(iter(companies.values()))

    def _guide(self) -> Json:
        verbs: dict[str, Json] = {}
        for name in _VERBS:
            method = getattr(Company, name)
            names = [key for key in inspect.signature(method).parameters if key not in _NOT_SENT]
            if name in _MORE_FIELDS:
                names += sorted(_MORE_FIELDS[name].__annotations__)
            does = (method.__doc__ or "").splitlines()[0]
            verbs[name.replace("_", "-")] = {"does": does, "takes": names}
        verbs["advance"] = {"does": "Push the clock forward.", "takes": ["seconds", "days"]}
        verbs["expire-tokens"] = {"does": "End every access token now.", "takes": []}
        verbs["grant"] = {"does": "Tokens without the browser.", "takes": ["scopes"]}
        faults = ["kind", "path_regex", "method", "times", "after", "seconds", "retry_after"]
        verbs["faults"] = {"does": "Let requests fail.", "takes": faults}
        verbs["clear-faults"] = {"does": "All well again.", "takes": []}
        tenants = {tenant: company.name for tenant, company in self._simulator.companies.items()}
        return {
            "how": "POST /_sandbox/<verb> with a JSON object; `tenant` picks the organisation",
            "tenants": tenants,
            "verbs": verbs,
            "faults": KINDS,
            "views": [f"/_sandbox/{view}" for view in (*_VIEWS, "calls")],
        }


def _value(key: str, value: Any) -> Any:
    if key in _DATES and value is not None:
        return date.fromisoformat(value)
    if key == "updated" and value is not None:
        return datetime.fromisoformat(value)
    if key == "groups":
        return tuple(value)
    return value


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _glance(record: Contact | Invoice | Payment | Credit) -> Json:
    """The record's plain fields, for a person who wants to see what a change did."""
    shown: dict[str, Json] = {}
    for name in type(record).__slots__:
        value = getattr(record, name)
        if value is None or isinstance(value, bool | int | str | Decimal):
            shown[name] = value
        elif isinstance(value, date):
            shown[name] = value.isoformat()
        elif isinstance(value, Contact | Invoice):
            shown[f"{name}_id"] = value.id
    return shown


def _done(result: Json) -> Reply:
    return Reply.json(200, {"ok": True, "result": result})


def _fail(status: int, error: str) -> Reply:
    return Reply.json(status, {"ok": False, "error": error})
