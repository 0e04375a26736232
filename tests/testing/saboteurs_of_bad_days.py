"""Saboteurs of bad days: what they make of faults, secrets and notes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, ClassVar, Literal

import requests
from orchard import At, Grower, Record
from saboteurs import breaks, changed, memory_of

from arsync.connector import FoundNote, Note, Receipt, Wait
from arsync.errors import ArsyncError, Reconnect, Refused, TryLater
from arsync.ledger import Invoice

# ---- failures

FAULT = "a_fault_is_the_right_error_and_no_last_page"
# Paths of which another law is that faults are taken for what they are.
ELSEWHERE = ("/figures", "/notes")


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
        foreseen = "Retry-After" in answer.headers or answer.request.path_url.startswith(ELSEWHERE)
        if answer.status_code in self.READ and not foreseen:
            return self.READ[answer.status_code]("the orchard does not answer")
        return super().verdict(answer)


@breaks(FAULT, "429 with a wait of hours")
class DoesNotSayWhen(Grower):
    def wait(self, answer: requests.Response) -> float | None:
        seconds = super().wait(answer)
        short = seconds is None or seconds < 60 or answer.request.path_url.startswith(ELSEWHERE)
        return seconds if short else 60.0


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
        raw = b' " ' in body and not path.startswith(ELSEWHERE)
        return json.loads(body) if raw else super().decoded(body, path)


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
    def record(self, row: Any) -> Record:
        logging.getLogger("orchard").debug("read %s", row.get("name"))
        return super().record(row)


@breaks("no_secret_and_no_name_is_told")
class PrintsNames(Grower):
    def record(self, row: Any) -> Record:
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


@breaks("a_fault_never_makes_a_note_look_written", "200 in HTML", "200 with something else", "200 with null")
class TakesAnyAnswerForAYes(Grower):
    def put(self, note: Note, text: str) -> None:
        self.called("PUT", f"/notes/{note.target_id}", {}, json.dumps({"text": text}))


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


@breaks("where_it_reads_notes_they_are_found_where_they_stand")
class TellsOfWhereNothingStandsNothing(Grower):
    """So that nobody can tell whether it was read."""

    def found(self, target: Literal["invoice", "customer"], id_: str) -> Iterator[FoundNote]:
        return (each for each in super().found(target, id_) if each.text)


@breaks("where_it_reads_notes_they_are_found_where_they_stand")
class LooksOnCustomersOnly(Grower):
    def marks(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Iterator[FoundNote]:
        yield from (FoundNote("invoice", id_) for id_ in invoice_ids)
        yield from super().marks([], customer_ids)


@breaks("where_it_reads_notes_it_tells_what_was_settled_lately")
class ForgetsWhatWasPaid(Grower):
    def settled(self, since: date) -> list[Invoice]:
        return []


@breaks("where_it_reads_notes_it_tells_what_was_settled_lately")
class TellsEverythingThatWasEverPaid(Grower):
    def settled(self, since: date) -> list[Invoice]:
        return super().settled(date(2000, 1, 1))


@breaks("where_it_reads_notes_a_fault_never_hides_one")
class TakesAFaultForNoNotes(Grower):
    def found(self, target: Literal["invoice", "customer"], id_: str) -> Iterator[FoundNote]:
        try:
            yield from list(super().found(target, id_))
        except TryLater:
            yield FoundNote(target, id_)
