"""Connectors that are wrong in one way each, and the one law that each of them breaks."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, TypeVar

import msgspec
import requests
from orchard import At, Grower, Options, Records
from orchard_service import OrchardWorld

from arsync.connector import Kit, Note, Page, Receipt, Snapshot, Tenant, Wait
from arsync.errors import ArsyncError, Reconnect, Refused, TryLater
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
    def units(self, text: str) -> int:
        return super().units(f"{float(text):.2f}")


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

    def record(self, row: Any) -> Customer | Invoice | Credit | Gone:
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
    def record(self, row: Any) -> Customer | Invoice | Credit | Gone:
        names = {
            key: "".join(c for c in row[key] if c.isprintable()) for key in row.keys() & {"name", "number"}
        }
        return super().record({**row, **names})


@breaks("hostile_text_is_kept_or_rejected", "lone surrogate")
class KeepsWhatNothingCanStore(Grower):
    def record(self, row: Any) -> Customer | Invoice | Credit | Gone:
        record = super().record(row)
        return changed(record, name=row["name"]) if isinstance(record, Customer) else record


@breaks("hostile_text_is_kept_or_rejected", "nul")
class FailsOnNul(Grower):
    def record(self, row: Any) -> Customer | Invoice | Credit | Gone:
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


# ---- failures

FAULT = "a_fault_is_the_right_error_and_no_last_page"


@breaks(FAULT, "429 without a wait", "401", "403", "500", "503 in HTML")
class MisreadsStatuses(Grower):
    """Too hopeful about some, too hopeless about others."""

    READ: ClassVar[dict[int, type[ArsyncError]]] = {
        429: Refused,
        401: TryLater,
        403: TryLater,
        500: Refused,
        503: Reconnect,
    }

    def verdict(self, answer: requests.Response) -> Wait | ArsyncError | None:
        if answer.status_code in self.READ and "Retry-After" not in answer.headers:
            return self.READ[answer.status_code]("the orchard does not answer")
        return super().verdict(answer)


@breaks(FAULT, "429 with a wait of hours")
class DoesNotSayWhen(Grower):
    def wait(self, answer: requests.Response) -> float | None:
        seconds = super().wait(answer)
        return seconds if seconds is None or seconds < 60 else 60.0


@breaks(FAULT, "200 in HTML", "200 with something else", "200 with null")
class TakesWhateverItDoesNotKnowForTheEnd(Grower):
    def decoded(self, body: bytes, path: str) -> Any:
        known = body.startswith(b'{"') and not body.startswith(b'{"message"')
        if path == "/rows" and not known:
            return {"rows": [], "next": None, "revision": 0}
        return super().decoded(body, path)


@breaks(FAULT, "malformed JSON")
class LetsTheDecoderFail(Grower):
    def decoded(self, body: bytes, path: str) -> Any:
        return json.loads(body) if b' " ' in body else super().decoded(body, path)


@breaks(FAULT, "connection refused", "reset", "time-out", "cut-off body")
class TakesSilenceForTheEnd(Grower):
    def listed(self, at: At) -> Any:
        try:
            return super().listed(at)
        except TryLater as error:
            if "cannot be reached" not in str(error):
                raise
            return {"rows": [], "next": None, "revision": 0}


@breaks(FAULT, "500", "503 in HTML")
class NeverTiresOfAsking(Grower):
    def listed(self, at: At) -> Any:
        for _ in range(4):
            try:
                return super().listed(at)
            except TryLater as error:
                if "answered 50" not in str(error):
                    raise
        return super().listed(at)


@breaks(FAULT, "cut-off body")
class LeavesInvoicesUnread(Grower):
    def by_id(self, ids: Sequence[str]) -> list[Any]:
        try:
            return super().by_id(ids)
        except TryLater as error:
            if "cut off" not in str(error):
                raise
            return []


@breaks("a_short_wait_is_kept")
class DoesNotWaitForSeconds(Grower):
    def wait(self, answer: requests.Response) -> float | None:
        seconds = super().wait(answer)
        return 0.0 if seconds is not None and seconds < 60 else seconds


@breaks("a_page_that_comes_again_and_again_is_refused")
class LoopsForEver(Grower):
    def onward(self, at: At, answer: Any) -> At:
        return super().onward(changed(at, after=""), answer)


@breaks("a_page_that_comes_again_and_again_is_refused")
class TakesARepeatedPageForTheEnd(Grower):
    def listed(self, at: At) -> Any:
        answer = super().listed(at)
        repeated = answer["next"] is not None and answer["next"] <= at.after
        return {**answer, "rows": [], "next": None} if repeated else answer


@breaks("a_breakdown_is_the_right_error_and_no_last_page")
class TakesANightForATrouble(Grower):
    def verdict(self, answer: requests.Response) -> Wait | ArsyncError | None:
        return TryLater("the orchard is closed") if answer.status_code == 418 else super().verdict(answer)


# ---- secrets


@breaks("no_secret_and_no_name_is_told")
class QuotesTheService(Grower):
    def verdict(self, answer: requests.Response) -> Wait | ArsyncError | None:
        if answer.status_code == 403:
            return Refused(f"the orchard answered {answer.text}")
        return super().verdict(answer)


@breaks("no_secret_and_no_name_is_told")
class CarriesTheBodyAsItsCause(Grower):
    def decoded(self, body: bytes, path: str) -> Any:
        try:
            return super().decoded(body, path)
        except TryLater as error:
            raise error from ValueError(body)


@breaks("no_secret_and_no_name_is_told")
class ShowsItsSecret(Grower):
    def __repr__(self) -> str:
        return f"Grower({self.app.client_secret!r})"


@breaks("no_secret_and_no_name_is_told")
class LogsNames(Grower):
    def record(self, row: Any) -> Customer | Invoice | Credit | Gone:
        logging.getLogger("orchard").debug("read %s", row.get("name"))
        return super().record(row)


@breaks("no_secret_and_no_name_is_told")
class PrintsNames(Grower):
    def record(self, row: Any) -> Customer | Invoice | Credit | Gone:
        print(row)
        return super().record(row)


@breaks("a_rotated_token_is_saved_before_it_is_used")
class KeepsItsTokensToItself(Grower):
    """Renews on its own when the time has come, and saves nothing."""

    own: str | None = None

    def token(self, refused: list[str]) -> str:
        if self.own is None:
            store = self.kit.tokens._store
            pair = store.load()
            if refused or pair is None or pair.expires_at > self.kit.clock():
                return super().token(refused)
            form = {"grant_type": "refresh_token", "refresh_token": pair.refresh or ""}
            answer = self.kit.http.token_call(self.app.token_url, form, None)
            self.own = str(answer.json()["access_token"])
        return self.own


# ---- notes


@breaks("the_same_mark_leaves_one_note")
class LooksOncePerCall(Grower):
    def write(self, notes: Sequence[Note]) -> list[Receipt]:
        there = {note.target_id: self.standing(note) for note in notes if note.target_id != "i999"}
        owed = [note for note in notes if note.mark not in there.get(note.target_id, "")]
        for note in owed:
            if note.target_id in there:
                there[note.target_id] += f"\n{note.text}"
                self.put(note, there[note.target_id])
        return [self.receipt(note, None if note.target_id in there else "not there") for note in notes]


@breaks("a_note_leaves_the_others_as_they_are")
class WritesOverWhatIsThere(Grower):
    def text(self, standing: str, note: Note) -> str:
        return note.text


@breaks("a_note_leaves_the_others_as_they_are")
class GivesUpAtTheFirstRefusal(Grower):
    def written(self, note: Note) -> Receipt:
        if note.target_id == "i999":
            raise Refused("the orchard has no such row")
        return super().written(note)


@breaks("a_note_whose_answer_was_lost_stands_there_once")
class TrustsItsOwnMemory(Grower):
    def written(self, note: Note) -> Receipt:
        done, key = memory_of(self), (note.target_id, note.mark)
        if key not in done:
            try:
                self.put(note, self.text(self.standing(note), note))
            except Refused as error:
                return self.receipt(note, str(error))
            done[key] = True
        return self.receipt(note)
