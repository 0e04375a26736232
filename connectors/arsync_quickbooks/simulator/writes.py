"""What a caller writes: create, update, delete, void, send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import attachables, customers, fault, journals, payments, sales, schema, wire
from .records import Body, Record

if TYPE_CHECKING:
    from .company import Company


def kind_of(name: str) -> str:
    """The kind a path or a batch item names; Fault 500 for one that cannot be written."""
    for kind in schema.WRITABLE:
        if kind.casefold() == name.casefold():
            return kind
    raise fault.unsupported(f"for entity {name}")


def write(company: Company, kind: str, operation: str, given: object, *, void: bool = False) -> bytes:
    """Do what is asked; returns the object's JSON, or for a deletion what stands for it.

    ``operation`` is ``create``, ``update``, ``delete``, ``void``, or empty: then an Id makes it an update.
    """
    if not isinstance(given, dict):
        raise fault.bad_property("Can not deserialize instance out of START_ARRAY token")
    if operation == "delete":
        return _delete(company, kind, given)
    schema.check(kind, given)
    if operation == "void" or (operation == "update" and void):
        return _void(company, kind, given)
    if operation == "update" or (operation == "" and "Id" in given):
        return _update(company, kind, given)
    if operation in ("", "create"):
        return company.encoded(_create(company, kind, given))
    raise fault.unsupported(operation)


def existing(company: Company, kind: str, given: Body, *, token: bool = True) -> Record:
    """The object to change: Fault 2020 without Id or SyncToken, 610 if there is none, 5010 if it is stale."""
    if given.get("Id") in (None, ""):
        raise fault.missing("Id")
    record = company.find(kind, schema.read_id(given["Id"]))
    if record is None:
        raise fault.not_found()
    if token and given.get("SyncToken") in (None, ""):
        raise fault.missing("SyncToken")
    if "SyncToken" in given and str(given["SyncToken"]) != str(record.token):
        raise fault.stale()
    return record


def _create(company: Company, kind: str, given: Body) -> Record:
    if kind in ("Invoice", "CreditMemo"):
        return sales.create(company, kind, given)
    if kind == "Payment":
        return payments.create(company, given)
    if kind == "Customer":
        return customers.create(company, given)
    if kind == "JournalEntry":
        return journals.create(company, given)
    return attachables.create(company, given)


def _update(company: Company, kind: str, given: Body) -> bytes:
    record = existing(company, kind, given)
    full = given.get("sparse") is not True
    if kind in ("Invoice", "CreditMemo"):
        sales.revise(company, record, given, full=full)
    elif kind == "Payment":
        payments.revise(company, record, given, full=full)
    elif kind == "Customer":
        customers.revise(company, record, given, full=full)
    elif kind == "Attachable":
        attachables.revise(company, record, given, full=full)
    else:
        raise fault.unsupported(f"update for entity {kind}")
    return company.encoded(record)


def _void(company: Company, kind: str, given: Body) -> bytes:
    record = existing(company, kind, given)
    if kind == "Invoice":
        sales.void(company, record)
    elif kind == "Payment":
        payments.void(company, record)
    else:
        raise fault.unsupported(f"void for entity {kind}")
    return company.encoded(record)


def _delete(company: Company, kind: str, given: Body) -> bytes:
    record = existing(company, kind, given, token=kind != "Attachable")
    if kind in ("Invoice", "CreditMemo"):
        sales.delete(company, record, unlink=False)
    elif kind == "Payment":
        payments.delete(company, record)
    elif kind == "JournalEntry":
        journals.delete(company, record)
    elif kind == "Attachable":
        attachables.delete(company, record)
    else:
        raise fault.unsupported(f"delete for entity {kind}")
    return wire.encode({"domain": "QBO", "status": "Deleted", "Id": str(record.id)})
