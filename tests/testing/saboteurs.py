"""Connectors that are wrong in one way each, and the one law that each of them breaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, TypeVar

import msgspec
from orchard import At, Grower, Options, Record, Records
from orchard_service import OrchardWorld

from arsync.connector import Kit, Page, Snapshot, Tenant
from arsync.ledger import Credit, Customer, Gone, Invoice, Reject

Kind = TypeVar("Kind", bound=type[Grower] | type[OrchardWorld])
changed = msgspec.structs.replace

SABOTEURS: dict[str, tuple[str, frozenset[str]]] = {}
"""By name: the law that fails, and those of its cases that do (none: whichever)."""


def breaks(law: str, *cases: str) -> Callable[[Kind], Kind]:
    def note(kind: Kind) -> Kind:
        SABOTEURS[kind.__name__] = (f"test_{law}", frozenset(cases))
        return kind

    return note


def memory_of(grower: Grower) -> dict[Any, Any]:
    """What a connector knows of a book beside its cursor, from one process to the next."""
    store: Any = grower.kit.tokens._store
    found: dict[Any, Any] = vars(store).setdefault("memory", {})
    return found


# ---- who it is, and what it can do


@breaks("check_names_the_tenant")
class NamesTheBookInstead(Grower):
    def check(self) -> Tenant:
        return changed(super().check(), id="orchard")


@breaks("check_names_the_tenant")
class KnowsNoSuchTimeZone(Grower):
    def check(self) -> Tenant:
        return changed(super().check(), timezone="Mars/Olympus Mons")


@breaks("the_world_declares_what_the_source_can_do")
class DoesNotDeclareItsNotes(OrchardWorld):
    abilities = OrchardWorld.abilities - {"notes"}


@breaks("connecting_touches_nothing")
class AsksForATokenAtOnce(Grower):
    def __init__(self, options: Options, kit: Kit) -> None:
        super().__init__(options, kit)
        self.kit.tokens.access(self.app, self.kit.http)


# ---- the pull


@breaks("there_is_one_last_page_at_the_end")
class GoesOnAfterTheLastPage(Grower):
    def pull(self, cursor: str | None) -> Iterator[Page]:
        page = None
        for page in super().pull(cursor):
            yield page
        if page is not None:
            yield Page(cursor=page.cursor, full=page.full)


@breaks("there_is_one_last_page_at_the_end", "with customers")
class ItsCursorStandsStill(Grower):
    def pull(self, cursor: str | None) -> Iterator[Page]:
        start = cursor or self.cursor(At())
        for page in super().pull(cursor):
            yield page if page.last else changed(page, cursor=start)


@breaks("nothing_is_lost")
class PassesOverWhatItCannotRead(Grower):
    def records(self, rows: Sequence[Any]) -> Records:
        return {**super().records(rows), "rejects": []}


@breaks("nothing_is_lost")
class RoundsAmounts(Grower):
    def invoice(self, row: Any) -> Invoice:
        amounts = ("total", "open") if row["currency"] == "EUR" else ()
        return super().invoice({**row, **{name: f"{float(row[name]):.2f}" for name in amounts}})


@breaks("nothing_is_lost")
class FailsOnOneBadRow(Grower):
    def reject(self, row: Any, error: Exception) -> Reject:
        raise error


@breaks("nothing_is_lost")
class KeepsNoRawText(Grower):
    def reject(self, row: Any, error: Exception) -> Reject:
        return changed(super().reject(row, error), raw="")


@breaks("nothing_is_lost")
class CountsRowsThatItDoesNotBring(Grower):
    def page(self, at: At, answer: Any, onward: At) -> Page:
        page = super().page(at, answer, onward)
        return page if page.repeats else changed(page, rows=page.rows + 1)


@breaks("a_full_pull_mentions_all_that_is_open")
class HidesWhatIsDueInYears(Grower):
    def page(self, at: At, answer: Any, onward: At) -> Page:
        page = super().page(at, answer, onward)
        until = self.kit.clock().date().year + 1
        return changed(page, invoices=[each for each in page.invoices if each.due_on.year <= until])


@breaks("the_same_exchanges_give_the_same_pages")
class CountsItsReadings(Grower):
    readings: ClassVar[list[int]] = [0]

    def record(self, row: Any) -> Record:
        self.readings[0] += 1
        return changed(super().record(row), updated_at=f"{self.readings[0]:09}")


@breaks("the_same_exchanges_give_the_same_pages")
class AsksForSomethingElseEachTime(Grower):
    times: ClassVar[list[int]] = [0]

    def listed(self, at: At) -> Any:
        self.times[0] += 1
        since = {"since": str(at.since), "after": at.after, "time": str(self.times[0])}
        return self.asked("/rows", since)


@breaks("a_pull_goes_on_after_any_page")
class ItsCursorIsAPageAhead(Grower):
    def cursor(self, onward: At) -> str:
        ahead = f"{onward.after[0]}{int(onward.after[1:]) + 3:03}" if onward.after else ""
        return super().cursor(changed(onward, after=ahead))


@breaks("a_pull_goes_on_after_any_page")
class RemembersInsteadOfWritingDown(Grower):
    """What it has read belongs to the process; another one begins in the middle as if it were the start."""

    def pull(self, cursor: str | None) -> Iterator[Page]:
        seen: set[str] = set()
        for page in super().pull(cursor):
            seen |= {each.id for each in page.invoices}
            known = page.last and page.full and cursor is not None
            gone = [Gone(entity="invoice", id=f"i{n:03}") for n in range(99)] if known else []
            yield changed(page, gone=[each for each in gone if each.id not in seen] or page.gone)


@breaks("hostile_text_is_kept_or_rejected", "line breaks", "right to left", "emoji", "nul", "lone surrogate")
class CleansTexts(Grower):
    def record(self, row: Any) -> Record:
        names = {
            key: "".join(c for c in row[key] if c.isprintable()) for key in row.keys() & {"name", "number"}
        }
        return super().record({**row, **names})


@breaks("hostile_text_is_kept_or_rejected", "lone surrogate")
class KeepsWhatNothingCanStore(Grower):
    def record(self, row: Any) -> Record:
        record = super().record(row)
        return changed(record, name=row["name"]) if isinstance(record, Customer) else record


@breaks("hostile_text_is_kept_or_rejected", "nul")
class FailsOnNul(Grower):
    def record(self, row: Any) -> Record:
        if "\x00" in row.get("name", ""):
            raise TypeError("embedded null character")
        return super().record(row)


# ---- changes


@breaks("changes_lead_where_a_full_pull_leads")
class DoesNotHearOfNewAddresses(Grower):
    def page(self, at: At, answer: Any, onward: At) -> Page:
        page = super().page(at, answer, onward)
        return page if at.full else changed(page, customers=[])


@breaks("what_is_read_twice_counts_once")
class TakesPaymentsOffAgain(Grower):
    """Keeps balances of its own, and takes off what was paid whenever it reads of it."""

    def page(self, at: At, answer: Any, onward: At) -> Page:
        page = super().page(at, answer, onward)
        if at.full:
            return page
        revisions = {row["id"]: row["rev"] for row in answer["rows"]}
        return changed(page, invoices=[self.less(each, revisions[each.id]) for each in page.invoices])

    def less(self, invoice: Invoice, revision: int) -> Invoice:
        paid = memory_of(self)
        times = paid[invoice.id, revision] = paid.get((invoice.id, revision), 0) + 1
        return changed(invoice, open=invoice.total - times * (invoice.total - invoice.open))


@breaks("nothing_slips_through_while_it_is_read")
class StartsItsNextPullWhereThisOneEnded(Grower):
    def onward(self, at: At, answer: Any) -> At:
        return super().onward(changed(at, upto=None), answer)


@breaks("reading_changes_nothing")
class LeavesItsCard(Grower):
    def check(self) -> Tenant:
        tenant = super().check()
        for row in self.asked("/rows", {"since": "0", "after": ""})["rows"][:1]:
            self.called("PUT", f"/notes/{row['id']}", {}, json.dumps({"text": "arsync was here"}))
        return tenant


# ---- the state right now


@breaks("refresh_tells_the_state_right_now")
class RefreshesFromMemory(Grower):
    def page(self, at: At, answer: Any, onward: At) -> Page:
        self.seen = {**getattr(self, "seen", {}), **{row["id"]: row for row in answer["rows"]}}
        return super().page(at, answer, onward)

    def by_id(self, ids: Sequence[str]) -> list[Any]:
        rows = super().by_id(ids)
        return [getattr(self, "seen", {}).get(row["id"], row) for row in rows]


@breaks("refresh_tells_the_state_right_now")
class KnowsTheUnknown(Grower):
    def refresh(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Snapshot:
        found = super().refresh(invoice_ids, customer_ids)
        there = {each.id for each in found.invoices}
        made = [
            Invoice(id=id_, number="", customer_id="", currency="EUR", total=0, open=0)
            for id_ in invoice_ids
            if id_ not in there
        ]
        return changed(found, invoices=[*found.invoices, *made])


@breaks("refresh_tells_the_state_right_now")
class ForgetsCreditsOnRefresh(Grower):
    def credits(self, customers: set[str]) -> list[Credit]:
        return super().credits(customers)[1:]


@breaks("refresh_leaves_none_of_many_unread")
class ReadsOneBatchOnly(Grower):
    def by_id(self, ids: Sequence[str]) -> list[Any]:
        first = [id_ for id_ in ids if id_.startswith("i")][:5]
        return super().by_id([*first, *(id_ for id_ in ids if not id_.startswith("i"))])
