"""Notes attached to other objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import fault, schema
from .records import Body, Record

if TYPE_CHECKING:
    from .company import Company


def create(company: Company, given: Body) -> Record:
    """A new note; Fault 6000 if what it is attached to does not exist."""
    body = schema.replaced("Attachable", given)
    if not body.get("Note") and not body.get("FileName"):
        raise fault.missing("Note")
    _check_refs(company, body)
    at = company.epoch()
    record = Record("Attachable", company.new_id("Attachable"), at, at, body)
    with company.change() as change:
        change.add(record)
    return record


def revise(company: Company, record: Record, given: Body, *, full: bool = False) -> None:
    body = schema.replaced("Attachable", given) if full else schema.merged("Attachable", record.body, given)
    _check_refs(company, body)
    if body == record.body:
        return
    with company.change() as change:
        change.touch(record)
        record.body = body


def delete(company: Company, record: Record) -> None:
    with company.change() as change:
        change.remove(record)


def _check_refs(company: Company, body: Body) -> None:
    for ref in body.get("AttachableRef", []):
        entity = ref.get("EntityRef") or {}
        kind, value = str(entity.get("type")), str(entity.get("value"))
        known = kind in company.tables and value.isdigit()
        if not known or company.find(kind, int(value)) is None:
            raise fault.business(
                f"The entity {kind} {value} that you are trying to link does not exist. {kind} {value}"
            )
