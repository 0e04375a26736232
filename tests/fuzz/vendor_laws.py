"""What damaged answers of the services must not do: lose a row, or raise what nobody is told of."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from functools import partial
from typing import Any

import msgspec
import requests
from answers import NOW

from arsync.connector import Wait, retry_after
from arsync.errors import ArsyncError, TryLater
from arsync.ledger import Reject
from arsync.writing.note import mark
from arsync_quickbooks import cursor as quickbooks_cursor
from arsync_quickbooks import decode as quickbooks_decode
from arsync_quickbooks import faults as quickbooks_faults
from arsync_quickbooks import mapping, memo, replies, report
from arsync_xero import cursor as xero_cursor
from arsync_xero import decode as xero_decode
from arsync_xero import faults as xero_faults
from arsync_xero.client import decoded
from arsync_xero.granted import granted


def says(error: Exception, *words: str, never: str = "hunter2") -> None:
    """It is a sentence, and these words are in it; ``never`` is not."""
    text = str(error)
    assert text.strip(), "an error without words"
    assert all(word in text for word in words), text
    assert never not in text, "a secret was repeated"


def kept(rejects: Iterable[Reject]) -> None:
    for it in rejects:
        assert it.reason, "a reject without a reason"
        assert "Traceback" not in it.reason


def _rows_of(body: bytes, *path: str) -> int | None:
    """How many rows a list in a JSON answer has, counted by another decoder; None where there is none."""
    try:
        tree: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return len(tree) if isinstance(tree, list) else None


def _lost_whole(rejects: Iterable[Reject]) -> int:
    """A payment whose date cannot be told is a reject, and what is not applied a credit."""
    return sum(1 for it in rejects if it.entity != "payment")


def quickbooks_page(entity: str, body: bytes) -> None:
    try:
        rows, _ = quickbooks_decode.query(body, entity)
        found = mapping.records(rows, "USD")
    except ArsyncError:
        return
    kept(found.rejects)
    stored = len(found.customers) + len(found.invoices) + len(found.credits) + len(found.gone)
    assert len(rows) == stored + _lost_whole(found.rejects)
    counted = _rows_of(body, "QueryResponse", entity)
    assert counted in (None, len(rows)), "a row was lost"


def quickbooks_changes(body: bytes) -> None:
    try:
        changes = quickbooks_decode.changes(body)
        for rows in changes.groups:
            found = mapping.records(rows, "USD")
            kept(found.rejects)
            stored = len(found.customers) + len(found.invoices) + len(found.credits) + len(found.gone)
            assert len(rows) == stored + _lost_whole(found.rejects)
        mapping.journal_changed(changes.groups)
        mapping.merged(changes.groups, "2026-11-01T00:00:00Z")
    except ArsyncError:
        return


def quickbooks_report(body: bytes) -> None:
    try:
        lines = report.read(io.BytesIO(body), list, foreign=False, home=lambda: "USD")
    except (ArsyncError, report.Unreadable):
        return
    assert all(isinstance(line, report.Line) or line.reason for line in lines)


def quickbooks_replies(body: bytes) -> None:
    for read in (
        replies.company,
        replies.preferences,
        replies.customer_types,
        replies.batch,
        partial(replies.target, entity="Invoice"),
        partial(replies.targets, entity="Invoice"),
        partial(replies.standing, entity="Invoice"),
    ):
        try:
            read(body)
        except ArsyncError as error:
            says(error)


def quickbooks_fault(body: bytes) -> None:
    fault = quickbooks_faults.found(body)
    for status in (200, 400, 401, 403, 429, 500):
        verdict = quickbooks_faults.outcome(status, fault, request_id=None, wait=None)
        assert isinstance(verdict, Wait | ArsyncError)
    if fault is not None:
        assert len(quickbooks_faults.words(fault)) < 250
        shown = quickbooks_faults.words(fault)
        assert re.sub("[\u200c\u200d]", "", shown).isprintable()  # joiners act on nothing


def people_s_text(body: bytes) -> None:
    text = body.decode("utf-8", "replace")
    line = f"2026-11-23 arsync: first reminder {mark('abc')}"
    try:
        whole = memo.appended(text, [line], 4000)
    except memo.NoRoom:
        return
    assert len(whole) <= 4000
    assert whole.endswith(line)
    theirs = [each for each in text.split("\n") if memo.MARK not in each]
    assert [each for each in whole.split("\n") if memo.MARK not in each] == (theirs if text else [])


def answered(body: bytes, status: int, **headers: str) -> requests.Response:
    answer = requests.Response()
    answer.status_code, answer._content = status, body
    answer.headers.update(headers)
    return answer


def xero_page(kind: str, body: bytes) -> None:
    documents = xero_decode.Documents("foreign-per-base")
    reader: Any = {
        "Invoices": documents.invoices,
        "Contacts": xero_decode.CONTACTS,
        "CreditNotes": documents.credit_notes,
        "Overpayments": documents.overpayments,
        "Prepayments": documents.prepayments,
        "Payments": xero_decode.PAYMENTS,
    }[kind]
    try:
        listing = decoded(reader.read, answered(body, 200))
    except TryLater:
        return
    kept(listing.rejects)
    counted = _rows_of(body, kind)
    assert counted in (None, listing.rows), "a row was lost"


def xero_plain(body: bytes) -> None:
    for read in (
        xero_decode.connections,
        xero_decode.organisation,
        xero_decode.reminds,
        xero_decode.history,
    ):
        try:
            decoded(read, answered(body, 200))
        except TryLater as error:
            says(error)


def xero_fault(body: bytes) -> None:
    text = body[:40].decode("latin-1").replace("\r", " ").replace("\n", " ")
    for status in (200, 204, 301, 400, 401, 403, 404, 429, 500, 503):
        answer = answered(body, status, **{"Retry-After": text, "X-Rate-Limit-Problem": text, "Date": text})
        verdict = xero_faults.judge(answer, NOW, "acme")
        assert verdict is None or isinstance(verdict, Wait | ArsyncError)
        if isinstance(verdict, ArsyncError):
            assert len(str(verdict)) < 3000


def headers(body: bytes) -> None:
    text = body.decode("latin-1")
    found = retry_after(answered(b"", 429, **{"Retry-After": text}), NOW)
    assert found is None or 0 <= found <= 86400


def access_token(body: bytes) -> None:
    found = granted(body.decode("utf-8", "replace"))
    assert found is None or all(isinstance(scope, str) for scope in found)


def stored_cursors(body: bytes) -> None:
    text = body.decode("utf-8", "replace")
    for read in (lambda: quickbooks_cursor.read(text, NOW), lambda: xero_cursor.parsed(text)):
        try:
            read()
        except ArsyncError as error:
            says(error)
