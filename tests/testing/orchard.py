"""The honest connector of the invented service; each of the saboteurs breaks one of its methods."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import msgspec
import requests

from arsync.connector import (
    ConnectionSettings,
    FoundNote,
    Kit,
    Note,
    OAuthApp,
    Page,
    Receipt,
    Secret,
    Snapshot,
    Tenant,
    Wait,
    groups_of,
    place_of,
    retry_after,
)
from arsync.errors import ArsyncError, BrokenConnector, Reconnect, Refused, TryLater
from arsync.ledger import AgedBalance, Allocation, Credit, Customer, Gone, Invoice, Payment, Reject
from arsync.money import minor

HOST, IDS = "https://orchard.example", 5
ANSWERED = {
    "/company": "currency",
    "/rows": "next",
    "/credits": "rows",
    "/figures": "next",
    "/reminders": "enabled",
}
Record = Customer | Invoice | Credit | Payment | Gone
Records = dict[str, list[Any]]


class Options(msgspec.Struct):
    client_secret: Secret

    def __repr__(self) -> str:
        return "Options(...)"


class At(msgspec.Struct, frozen=True):
    """Where a pull stands: changes after ``since`` up to ``upto``, rows after ``after``."""

    full: bool = True
    since: int = 0
    upto: int | None = None
    after: str = ""


class Grower:
    """One company of the service."""

    def __init__(self, options: Options, kit: Kit) -> None:
        self.kit = kit
        self.app = OAuthApp(
            client_id="kit",
            client_secret=options.client_secret,
            token_url=f"{HOST}/token",
            authorize_url="",
            revoke_url="",
            scopes=(),
            redirect_uri="",
        )

    def __repr__(self) -> str:
        return "Grower()"

    def check(self) -> Tenant:
        found = self.asked("/company", {})
        return Tenant(id=found["id"], name=found["name"], currency=found["currency"])

    # ---- the pull

    def pull(self, cursor: str | None) -> Iterator[Page]:
        at = msgspec.json.decode(cursor, type=At) if cursor else At()
        while True:
            answer = self.listed(at)
            onward = self.onward(at, answer)
            yield self.page(at, answer, onward)
            if answer["next"] is None:
                return
            at = onward

    def listed(self, at: At) -> Any:
        return self.asked("/rows", {"since": str(at.since), "after": at.after})

    def onward(self, at: At, answer: Any) -> At:
        upto = answer["revision"] if at.upto is None else at.upto
        if answer["next"] is None:
            return At(full=False, since=upto)
        if answer["next"] <= at.after:
            raise BrokenConnector("the service repeats a page")
        return At(at.full, at.since, upto, answer["next"])

    def page(self, at: At, answer: Any, onward: At) -> Page:
        found = self.records(answer["rows"])
        if at.full:
            found["gone"] = []
        last = answer["next"] is None
        return Page(
            **found,
            rows=len(answer["rows"]),
            cursor=self.cursor(onward),
            full=at.full,
            last=last,
            repeats=not at.full,
        )

    def cursor(self, onward: At) -> str:
        return msgspec.json.encode(onward).decode()

    # ---- rows

    def records(self, rows: Sequence[Any]) -> Records:
        found: Records = {
            name: [] for name in ("customers", "invoices", "credits", "payments", "gone", "rejects")
        }
        for row in rows:
            try:
                record = self.record(row)
            except ValueError as error:
                found["rejects"].append(self.reject(row, error))
            else:
                found["gone" if isinstance(record, Gone) else f"{row['kind']}s"].append(record)
        return found

    def record(self, row: Any) -> Record:
        row = {key: whole(value) if isinstance(value, str) else value for key, value in row.items()}
        if row["kind"] == "customer":
            return self.customer(row)
        if row["kind"] == "credit":
            return self.credit(row)
        if row["kind"] == "payment":
            return self.payment(row)
        return Gone(entity="invoice", id=row["id"]) if row["gone"] else self.invoice(row)

    def customer(self, row: Any) -> Customer:
        country, subdivision = self.place(row)
        return Customer(
            id=row["id"],
            name=row["name"],
            emails=(row["email"],),
            country=country,
            subdivision=subdivision,
            groups=self.groups(row),
        )

    def place(self, row: Any) -> tuple[str, str]:
        return place_of(row["land"], row["region"])

    def groups(self, row: Any) -> tuple[str, ...]:
        return groups_of([row["group"]])

    def invoice(self, row: Any) -> Invoice:
        return Invoice(
            id=row["id"],
            number=row["number"],
            customer_id=row["customer"],
            currency=row["currency"],
            total=self.units(row["total"], row["currency"]),
            open=self.units(row["open"], row["currency"]),
            due_on=date.fromisoformat(row["due"]),
            rate=self.rate(row["rate"]),
        )

    def credit(self, row: Any) -> Credit:
        return Credit(
            id=row["id"],
            kind=row["sort"],
            customer_id=row["customer"],
            currency=row["currency"],
            remaining=self.units(row["left"], row["currency"]),
            rate=self.rate(row["rate"]),
        )

    def payment(self, row: Any) -> Payment:
        amount = self.units(row["amount"], row["currency"])
        return Payment(
            id=row["id"],
            customer_id=row["customer"],
            currency=row["currency"],
            amount=amount,
            paid_on=date.fromisoformat(row["day"]),
            allocations=(Allocation(row["invoice"], amount),) if amount else (),
        )

    def units(self, text: str, currency: str) -> int:
        return minor(Decimal(text), currency)

    def rate(self, text: str) -> str:
        return text

    def reject(self, row: Any, error: Exception) -> Reject:
        return Reject(entity=row["kind"], id=row["id"], reason=str(error), raw=json.dumps(row))

    # ---- the state right now

    def refresh(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Snapshot:
        read_at = self.kit.clock()
        found = self.records(self.by_id([*invoice_ids, *customer_ids]))
        del found["gone"], found["payments"]
        found["credits"] = self.credits(set(customer_ids)) if customer_ids else []
        return Snapshot(**found, read_at=read_at)

    def by_id(self, ids: Sequence[str]) -> list[Any]:
        once = list(dict.fromkeys(ids))
        rows: list[Any] = []
        for start in range(0, len(once), IDS):
            rows += self.asked("/rows", {"ids": ",".join(once[start : start + IDS])})["rows"]
        return rows

    def credits(self, customers: set[str]) -> list[Credit]:
        rows = self.asked("/credits", {})["rows"]
        return [
            each for each in self.records(rows)["credits"] if each.customer_id in customers and each.remaining
        ]

    # ---- the service's own reminders

    def reminders(self) -> bool | None:
        return bool(self.asked("/reminders", {})["enabled"])

    # ---- the service's own figures

    def aged_receivables(self, as_of: date) -> list[AgedBalance]:
        after, found = "", []
        while True:
            answer = self.figures(after)
            found += [self.balance(row) for row in answer["rows"]]
            if answer["next"] is None:
                return found
            after = self.next_figures(after, answer)

    def figures(self, after: str) -> Any:
        return self.asked("/figures", {"after": after})

    def next_figures(self, after: str, answer: Any) -> str:
        if answer["next"] <= after:
            raise BrokenConnector("the service repeats its figures")
        return str(answer["next"])

    def balance(self, row: Any) -> AgedBalance:
        currency = row["currency"]
        try:
            amount = self.units(row["owed"], currency)
        except ValueError:
            raise TryLater("the orchard gave a figure that cannot be read; try again later") from None
        return AgedBalance(customer_id=row["id"], currency=currency, amount=amount)

    # ---- notes

    def write(self, notes: Sequence[Note]) -> list[Receipt]:
        return [self.written(note) for note in notes]

    def written(self, note: Note) -> Receipt:
        try:
            standing = self.standing(note)
            if note.mark not in standing:
                self.put(note, self.text(standing, note))
        except Refused as error:
            return self.receipt(note, str(error))
        return self.receipt(note)

    def standing(self, note: Note) -> str:
        return self.noted(note.target_id)

    def noted(self, target_id: str) -> str:
        return str(self.asked(f"/notes/{target_id}", {})["text"])

    def marks(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Iterator[FoundNote]:
        for id_ in dict.fromkeys(invoice_ids):
            yield from self.found("invoice", id_)
        for id_ in dict.fromkeys(customer_ids):
            yield from self.found("customer", id_)

    def found(self, target: Literal["invoice", "customer"], id_: str) -> Iterator[FoundNote]:
        try:
            text = self.noted(id_)
        except Refused as error:
            if error.code != "404":
                raise
            return
        yield FoundNote(target, id_, text if "[arsync:" in text else "")

    def settled(self, since: date) -> list[Invoice]:
        at, found = At(), []
        while True:
            answer = self.listed(at)
            rows = [row for row in answer["rows"] if row.get("changed", "") >= since.isoformat()]
            found += [each for each in self.records(rows)["invoices"] if each.owed <= 0]
            if answer["next"] is None:
                return found
            at = self.onward(at, answer)

    def text(self, standing: str, note: Note) -> str:
        return f"{standing}\n{note.text}"

    def put(self, note: Note, text: str) -> None:
        path = f"/notes/{note.target_id}"
        self.decoded(self.called("PUT", path, {}, json.dumps({"text": text})), path)

    def receipt(self, note: Note, error: str | None = None) -> Receipt:
        return Receipt(target=note.target, target_id=note.target_id, mark=note.mark, error=error)

    # ---- requests

    def asked(self, path: str, params: Mapping[str, str]) -> Any:
        return self.decoded(self.called("GET", path, params, None), path)

    def decoded(self, body: bytes, path: str) -> Any:
        try:
            value = json.loads(body.decode("utf-8", "replace"))
        except ValueError:
            raise TryLater("the orchard gave an answer that cannot be read; try again later") from None
        if not isinstance(value, dict) or ANSWERED.get(path, "text") not in value:
            raise TryLater("the orchard gave an answer to something else; try again later")
        return value

    def called(self, method: str, path: str, params: Mapping[str, str], data: str | None) -> bytes:
        refused: list[str] = []

        def verdict(answer: requests.Response) -> Wait | ArsyncError | None:
            if answer.status_code == 401 and not refused:
                refused.append(answer.request.headers["Authorization"].removeprefix("Bearer "))
                return Wait("the orchard did not take the token", 0.0)
            return self.verdict(answer)

        answer = self.kit.http.call(
            method,
            f"{HOST}{path}",
            params=params,
            data=data,
            verdict=verdict,
            repeat="read",  # a whole text that is put twice stands there once
            renew=lambda: {"Authorization": f"Bearer {self.token(refused)}"},
        )
        return answer.content

    def token(self, refused: list[str]) -> str:
        return self.kit.tokens.access(self.app, self.kit.http, refused=refused[0] if refused else None)

    def verdict(self, answer: requests.Response) -> Wait | ArsyncError | None:
        problem = f"the orchard answered {answer.status_code}"
        if answer.status_code == 200:
            return None
        if answer.status_code == 429 or answer.status_code >= 500:
            return Wait(problem, self.wait(answer))
        code = str(answer.status_code)
        return Reconnect(problem) if code == "401" else Refused(problem, code=code)

    def wait(self, answer: requests.Response) -> float | None:
        return retry_after(answer, self.kit.clock())


def whole(text: str) -> str:
    """The text with U+FFFD for halves of UTF-16 pairs, which nothing can store."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def connect(settings: ConnectionSettings, kit: Kit, kind: type[Grower] = Grower) -> Grower:
    return kind(settings.read(Options), kit)
