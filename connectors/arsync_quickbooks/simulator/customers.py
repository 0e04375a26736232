"""Customers and their jobs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from . import fault, schema
from .amounts import ZERO, currency_ref
from .change import forget_shown
from .records import Body, Record
from .shapes import level

if TYPE_CHECKING:
    from .company import Company

_DELETED = " (deleted)"
_DEEPEST = 4  # five levels, the customer itself being the first


def create(company: Company, given: Body) -> Record:
    """A new customer; Fault 2020 without a name, 6240 if the name is taken."""
    created = given.pop("created", None)
    body = schema.replaced("Customer", given)
    name = body.setdefault("DisplayName", _name_from_parts(body))
    if not name:
        raise fault.missing("DisplayName")
    _check_name(company, name, None)
    at = company.epoch() if created is None else int(created.timestamp())
    parent = _parent(company, body)
    currency = _currency(company, body, parent)
    record = Record("Customer", company.new_id("Customer"), at, at, body, customer=parent, currency=currency)
    company.store(record)
    company.names[name.casefold()] = record
    if parent is not None:
        parent.children.append(record)
    return record


def revise(company: Company, record: Record, given: Body, *, full: bool = False) -> None:
    """Change a customer; nothing moves if nothing differs, as recorded.

    An inactive customer's name carries `` (deleted)``, as recorded for other names.
    """
    body = schema.replaced("Customer", given) if full else schema.merged("Customer", record.body, given)
    if not body.get("DisplayName"):
        raise fault.missing("DisplayName")
    _mark_inactive(body)
    _check_name(company, body["DisplayName"], record)
    parent = _parent(company, body)
    if parent is record:
        raise fault.business("A customer cannot be its own parent.")
    if _currency(company, body, parent) != record.currency:
        raise fault.business("The currency of a customer cannot be changed.")
    if body == record.body:
        return
    renamed = body["DisplayName"] != record.body["DisplayName"]
    with company.change() as change:
        change.touch(record)
        record.body = body
        _rehang(record, parent)
        forget_shown(record)
    if renamed:
        company.names = {other.body["DisplayName"].casefold(): other for other in _all(company)}
        _forget_names(company)


def merge(company: Company, merged: Record, into: Record) -> None:
    """Two names for one customer become one: what stood on the first stands on the second, and the first
    is deleted. Its transactions do not count as changed: nothing promises that they do."""
    if merged is into:
        raise fault.business("A customer cannot be merged with itself.")
    if merged.children:
        raise fault.business("A customer with sub-customers cannot be merged.")
    if merged.currency != into.currency:
        raise fault.business("Customers of different currencies cannot be merged.")
    with company.change() as change:
        for table in company.tables.values():
            for record in table.rows.values():
                if record.kind != "Customer":
                    _rebill(record, merged, into)
        change.shift(into, merged.balance)
        _rehang(merged, None)
        change.remove(merged)
    del company.names[merged.body["DisplayName"].casefold()]


def _rebill(record: Record, merged: Record, into: Record) -> None:
    if record.customer is merged:
        record.customer = into
        record.body = {**record.body, "CustomerRef": {"value": str(into.id)}}
        record.encoded = None
    if merged.id in record.shares:
        lines = [_renamed(line, merged, into) for line in record.body["Line"]]
        record.shares = _joined(record.shares, merged, into)
        record.body = {
            **record.body,
            "Line": lines,
            "opened": _joined(record.body["opened"], merged, into),
        }
        record.encoded = None


def _joined(shares: dict[int, Decimal], merged: Record, into: Record) -> dict[int, Decimal]:
    joined = {customer: share for customer, share in shares.items() if customer != merged.id}
    joined[into.id] = joined.get(into.id, ZERO) + shares[merged.id]
    return joined


def _renamed(line: Body, merged: Record, into: Record) -> Body:
    detail = line["JournalEntryLineDetail"]
    entity = detail.get("Entity")
    if not entity or entity["EntityRef"]["value"] != str(merged.id):
        return line
    entity = {**entity, "EntityRef": {"value": str(into.id)}}
    return {**line, "JournalEntryLineDetail": {**detail, "Entity": entity}}


def _rehang(record: Record, parent: Record | None) -> None:
    if record.customer is parent:
        return
    if record.customer is not None:
        forget_shown(record.customer)
        record.customer.children.remove(record)
    record.customer = parent
    if parent is not None:
        parent.children.append(record)


def _forget_names(company: Company) -> None:
    """A name shows in the customer's transactions and jobs, without making them change."""
    for table in company.tables.values():
        for record in table.rows.values():
            record.encoded = None


def _mark_inactive(body: Body) -> None:
    name = body["DisplayName"].removesuffix(_DELETED)
    body["DisplayName"] = name + _DELETED if body.get("Active") is False else name


def _name_from_parts(body: Body) -> str:
    parts = (body.get(name) for name in ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix"))
    return " ".join(part for part in parts if part)


def _check_name(company: Company, name: str, own: Record | None) -> None:
    if any(mark in name for mark in ":\t\n"):
        raise fault.business("The name contains characters that are not allowed: colon, tab, newline.")
    if company.names.get(name.casefold(), own) is not own:
        raise fault.duplicate_name()


def _all(company: Company) -> Iterable[Record]:
    return company.tables["Customer"].rows.values()


def _parent(company: Company, body: Body) -> Record | None:
    parent_id = schema.reference(body, "ParentRef")
    if parent_id is None:
        return None
    parent = company.find("Customer", parent_id)
    if parent is None:
        raise fault.bad_reference(f"Names element id {parent_id} not found")
    if level(parent) >= _DEEPEST:
        raise fault.business("Jobs can be nested five levels deep.")
    return parent


def _currency(company: Company, body: Body, parent: Record | None) -> str:
    ref = body.get("CurrencyRef")
    default = company.currency if parent is None else parent.currency
    currency: str = ref["value"] if isinstance(ref, dict) and ref.get("value") else default
    if currency != company.currency and not company.multicurrency:
        raise fault.business(f"Multicurrency is off; {currency} cannot be used.")
    body["CurrencyRef"] = currency_ref(currency)
    return currency
