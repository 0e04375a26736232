"""The pull, a step at a time: each makes one page and tells where the next one starts.

A full pull lists open invoices, customers and open credit memos by creation time, reads the newest
payments for their dates and the aging report for what no query finds, and ends with what changed
since it began. Any later pull is one call of change data capture, which looks back 30 days and cuts
its answer at 1,000 objects, deleted ones first. Source: developer.intuit.com, "Change data capture".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec
import requests

from arsync.connector import Page
from arsync.errors import Refused, TryLater
from arsync_quickbooks import cursor, decode, instants, keyset, mapping, query
from arsync_quickbooks.cursor import Listed, State
from arsync_quickbooks.customer_types import CustomerTypes
from arsync_quickbooks.mapping import Mapped
from arsync_quickbooks.reading import Reading

# Open records of each entity; a customer is listed whatever it owes, for its addresses.
_LISTED: dict[Listed, str] = {
    "Invoice": "Balance > '0'",
    "Customer": query.WITH_INACTIVE,
    "CreditMemo": "Balance > '0'",
}
_AFTER: dict[Listed, Listed] = {"Invoice": "Customer", "Customer": "CreditMemo"}
_SWEPT: tuple[Listed, ...] = ("Invoice", "Customer", "CreditMemo", "Payment")
_CAPTURED = (*_SWEPT, "JournalEntry")
_CHANGED = msgspec.structs.replace
Step = tuple[Page, State]


class Pull:
    """One company's pull. ``reading`` is the company, ``kit.clock`` inside it our own time."""

    def __init__(self, reading: Reading) -> None:
        self._reading, self._client = reading, reading.client
        self._types = CustomerTypes(reading.client)

    def pages(self, cursor_text: str | None) -> Iterator[Page]:
        """From a cursor to the last page."""
        state = cursor.read(cursor_text, self._reading.kit.clock())
        # What moved too often for an earlier run may stand still by now.
        state = _CHANGED(state, mark=_CHANGED(state.mark, restarts=0))
        afresh = cursor_text is not None and not state.since  # the cursor was of no use
        while True:
            page, state = self._step(state)
            yield _CHANGED(page, afresh=True) if afresh else page
            if page.last:
                return
            afresh = False

    def _step(self, state: State) -> Step:
        if state.stage == "list":
            return self._list(state)
        if state.stage == "payments":
            return self._payments(state)
        if state.stage == "sweep":
            return self._sweep(state)
        if state.stage == "report":
            return self._report(state)
        try:
            return self._changes(state)
        except Refused:
            if state.full:
                raise
            # The service would not look back that far, whatever our clock says: read it all.
            return self._list(self._afresh(state))

    def _list(self, state: State) -> Step:
        """Open invoices, then customers, then credit memos."""
        statement = self._statement(state, _LISTED[state.entity], "MetaData.CreateTime")
        answer = self._client.rows(statement)
        rows, time = decode.query(answer.content, state.entity)
        if not state.since:
            state = _CHANGED(state, since=_time(time, answer))
        mapped, state = self._mapped(rows, state, state.mark.brought())
        mark = keyset.after(state.mark, rows.slots, "create_time")
        if mark is not None:
            state = _CHANGED(state, mark=mark)
        elif state.entity in _AFTER:
            state = _CHANGED(state, mark=keyset.Mark(), entity=_AFTER[state.entity])
        else:
            state = _CHANGED(state, mark=keyset.Mark(), stage="payments")
        return _page(mapped, len(rows), state, full=True)

    def _payments(self, state: State) -> Step:
        """The newest payments, one page of them, for their dates alone. What is left of them, and of
        older ones, stands in the report, which is read next and knows them all."""
        answer = self._client.rows(query.select("Payment", order="TxnDate DESC"))
        rows, _ = decode.query(answer.content, "Payment")
        mapped, state = self._mapped(rows, state, frozenset())
        mapped.credits = []
        return _page(mapped, len(rows), _CHANGED(state, stage="report"), full=True)

    def _sweep(self, state: State) -> Step:
        """What is alive of an entity that changed too often for one capture, by the time of change."""
        first = keyset.Mark(at=instants.moved(state.since, -cursor.OVERLAP))
        start = state if state.mark.at else _CHANGED(state, mark=first)
        condition = (query.WITH_INACTIVE,) if state.entity == "Customer" else ()
        answer = self._client.rows(self._statement(start, *condition, "MetaData.LastUpdatedTime"))
        rows, _ = decode.query(answer.content, state.entity)
        # A row may change twice within the second at which a page ends: here nothing is a mere repeat.
        mapped, state = self._mapped(rows, state, frozenset())
        mark = keyset.after(start.mark, rows.slots, "last_updated_time")
        if mark is not None:
            return _page(mapped, len(rows), _CHANGED(state, mark=mark), full=state.full, repeats=True)
        state = _CHANGED(state, mark=keyset.Mark(), sweeps=state.sweeps[1:])
        return self._after_changes(mapped, len(rows), state)

    def _report(self, state: State) -> Step:
        """Unapplied payments and journal entries; credit memos are read by query, with their changes."""
        found = self._reading.credits(set(state.currencies), home=state.home)
        unapplied = [credit for credit in found.credits if credit.kind != "credit-note"]
        mapped = Mapped(credits=unapplied, rejects=found.rejects)
        rows = len(unapplied) + len(found.rejects)
        state = _CHANGED(state, home=found.home or state.home, reread=False)
        if state.upto:
            page, state = self._finished(mapped, rows, state)
        else:
            page, state = _page(mapped, rows, _CHANGED(state, stage="cdc"), full=True)
        # Nothing tells that a journal entry's credit was used up, but that the report has it no more.
        return _CHANGED(page, all_of=("journal",)), state

    def _changes(self, state: State) -> Step:
        """What changed: all entities in one call, or the first of those still to be asked alone."""
        asked = state.todo[:1] or _CAPTURED
        back = timedelta() if state.narrow else cursor.OVERLAP
        answer = self._client.changed(",".join(asked), instants.moved(state.since, -back))
        changes = decode.changes(answer.content)
        if not state.upto:
            now = self._reading.kit.clock().isoformat()
            state = _CHANGED(state, upto=_time(changes.time, answer), upto_began=now)
        mapped, rows = Mapped(), 0
        for group in changes.groups:
            if group.entity != "JournalEntry":
                some, state = self._mapped(group, state, frozenset())
                mapped.take(some)
                rows += len(group)
        if mapping.journal_changed(changes.groups):
            state = _CHANGED(state, reread=True)
        if mapping.merged(changes.groups, state.since if state.full else ""):
            state = _CHANGED(state, lossy=True)
        state = _narrowed(state, cut=changes.objects >= query.MOST_ROWS)
        if state.todo:
            return _page(mapped, rows, state, full=state.full, repeats=True)
        return self._after_changes(mapped, rows, state)

    def _after_changes(self, mapped: Mapped, rows: int, state: State) -> Step:
        """What is left to do once all captures are read."""
        if state.sweeps:
            state = _CHANGED(state, stage="sweep", entity=state.sweeps[0])
            return _page(mapped, rows, state, full=state.full, repeats=True)
        if state.lossy and not state.full:
            return _page(mapped, rows, self._afresh(state), full=False, repeats=True)
        if state.reread:
            return _page(mapped, rows, _CHANGED(state, stage="report"), full=state.full, repeats=True)
        return self._finished(mapped, rows, state)

    def _finished(self, mapped: Mapped, rows: int, state: State) -> Step:
        rest = State(
            began=state.upto_began,
            version=cursor.VERSION,
            stage="cdc",
            since=state.upto,
            home=state.home,
            currencies=state.currencies,
        )
        if state.lossy:
            # So much changed during this full pull that deletions may have been cut off, or a merge
            # moved what was listed. It is complete as of its beginning; the next one is full again.
            rest = self._afresh(state)
        return _page(mapped, rows, rest, full=state.full, last=True, repeats=True)

    def _afresh(self, state: State) -> State:
        return cursor.fresh(self._reading.kit.clock(), home=state.home, currencies=state.currencies)

    def _statement(self, state: State, *conditions_and_field: str) -> str:
        *conditions, field = conditions_and_field
        if state.mark.at:
            conditions.append(f"{field} >= {query.literal(state.mark.at)}")
        return query.select(state.entity, *conditions, order=field, start=state.mark.pos)

    def _mapped(self, rows: decode.Rows, state: State, brought: frozenset[str]) -> tuple[Mapped, State]:
        """The rows' records, and the state with what they tell of the company's currencies."""
        named = mapping.currencies(rows).union(state.currencies)
        if len(named) > len(state.currencies):
            # two are as good as more: both say that the report's sums are converted ones
            state = _CHANGED(state, currencies=tuple(sorted(named)[:2]))
        if not state.home and (mapping.names_no_currency(rows) or mapping.tells_rate(rows)):
            state = _CHANGED(state, home=self._reading.home)
        repeats = (lambda slot: slot.id in brought) if brought else None
        types = self._types.of(rows)
        return mapping.records(rows, state.home or None, repeats, types=types), state


def _narrowed(state: State, *, cut: bool) -> State:
    """Which capture comes next. One that was cut is asked again for each entity alone; in a full pull
    then without the overlap, since what it listed is as new as its beginning; else its living rows
    are swept and its deletions count as lost."""
    if not cut:
        return _CHANGED(state, todo=state.todo[1:], narrow=False)
    if not state.todo:
        return _CHANGED(state, todo=_CAPTURED)
    if state.full and not state.narrow:
        return _CHANGED(state, narrow=True)
    swept = tuple(entity for entity in _SWEPT if entity == state.todo[0])
    return _CHANGED(state, todo=state.todo[1:], narrow=False, sweeps=(*state.sweeps, *swept), lossy=True)


def _time(told: str | None, answer: requests.Response) -> str:
    """The server's time: changes are asked for in it, never in ours."""
    time = told or instants.of_header(answer.headers.get("Date"))
    if time is None:
        raise TryLater("QuickBooks' answer does not tell its time; try again later")
    return time


def _page(
    mapped: Mapped, rows: int, state: State, *, full: bool, last: bool = False, repeats: bool = False
) -> Step:
    page = Page(
        customers=mapped.customers,
        invoices=mapped.invoices,
        credits=mapped.credits,
        payments=mapped.payments,
        gone=mapped.gone,
        rejects=mapped.rejects,
        cursor=cursor.write(state),
        full=full,
        last=last,
        rows=rows,
        repeats=repeats,
    )
    return page, state
