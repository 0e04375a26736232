"""An invented accounting service on loopback, as small as a service can be that the whole contract fits.

``GET /rows?since=REV&after=ID`` gives what changed after a revision, three rows a page in the order of
their ids; ``GET /rows?ids=...`` gives rows by id; ``GET /figures?after=ID`` what customers owe less their
credits, five of them a page; notes are one text on a row, read and replaced as a whole.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from orchard import connect

from arsync.connector import ConnectionSettings, Kit, Source, TokenPair
from arsync.errors import Refused
from arsync.ledger import CreditKind
from arsync.testing import World
from arsync.testing.world import Target

PAGE, FIGURES, IDS = 3, 5, 5
LIFETIME = 30 * 86400


class Orchard:
    """The service's state and answers."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.revision = 0
        self.notes: dict[str, str] = {}
        self.issued = 0
        self.closed = self.reminds = False

    def put(self, id_: str, **fields: Any) -> str:
        self.revision += 1
        self.rows[id_] = {**self.rows.get(id_, {}), **fields, "id": id_, "rev": self.revision}
        return id_

    def grant(self) -> dict[str, Any]:
        """A new pair; the one before is worth nothing from now on."""
        self.issued += 1
        return {
            "access_token": f"access-token-{self.issued}",
            "refresh_token": f"refresh-token-{self.issued}",
            "expires_in": LIFETIME,
        }

    def answer(self, verb: str, path: str, query: Mapping[str, str], body: bytes, bearer: str) -> Any:
        """The answer's status and its value."""
        if path == "/token":
            spent = query["refresh_token"] != f"refresh-token-{self.issued}"
            return (400, {"error": "invalid_grant"}) if spent else (200, self.grant())
        if bearer != f"Bearer access-token-{self.issued}":
            return 401, {"message": f"no such token: {bearer}"}
        if self.closed:
            return 418, {"message": "the orchard is closed"}
        if path == "/company":
            return 200, {"id": "orchard-1", "name": "Orchard & Daughters", "currency": "EUR"}
        if path == "/reminders":
            return 200, {"enabled": self.reminds}
        if path.startswith("/notes/"):
            return self._noted(verb, path.removeprefix("/notes/"), body)
        if path == "/credits":
            return 200, {"rows": self._of("credit"), "next": None}
        if path == "/figures":
            return 200, self._figures(query["after"])
        if "ids" in query:
            return 200, {
                "rows": [self.rows[i] for i in query["ids"].split(",") if i in self.rows],
                "next": None,
            }
        return 200, self._changed(int(query["since"]), query["after"])

    def _changed(self, since: int, after: str) -> dict[str, Any]:
        found = [row for id_, row in sorted(self.rows.items()) if row["rev"] > since and id_ > after]
        more = found[PAGE - 1]["id"] if len(found) > PAGE else None
        return {"rows": found[:PAGE], "next": more, "revision": self.revision}

    def _of(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.rows.values() if row["kind"] == kind]

    def _figures(self, after: str) -> dict[str, Any]:
        """What each customer owes, invoices that are gone aside, less what is left of credits."""
        owed = {row["id"]: Decimal(0) for row in self._of("customer")}
        for row in self._of("invoice"):
            owed[row["customer"]] += 0 if row["gone"] else row["open"]
        for row in self._of("credit"):
            owed[row["customer"]] -= row["left"]
        ids = [id_ for id_, amount in sorted(owed.items()) if amount and id_ > after]
        rows = [
            {"id": id_, "currency": self.rows[id_]["currency"], "owed": owed[id_]} for id_ in ids[:FIGURES]
        ]
        return {"rows": rows, "next": ids[FIGURES - 1] if len(ids) > FIGURES else None}

    def _noted(self, verb: str, id_: str, body: bytes) -> tuple[int, Any]:
        if id_ not in self.rows:
            return 404, {"message": "nothing there"}
        if verb == "PUT":
            self.notes[id_] = json.loads(body)["text"]
        return 200, {"text": self.notes.get(id_, "")}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    orchard: Orchard

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        text = body.decode() if parts.path == "/token" else parts.query
        query = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
        bearer = self.headers.get("Authorization", "")
        status, value = self.orchard.answer(self.command, parts.path, query, body, bearer)
        answer = json.dumps(value, default=str).encode()
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_GET  # noqa: N815 - the base class's names

    def log_message(self, *args: object) -> None:  # type: ignore[override]
        """Nothing is logged."""


class OrchardWorld(World):
    abilities = frozenset(
        "http oauth notes credits payments figures currencies places reminders marks breakdowns".split()
    )
    currency, tenant, unknown, page_rows = "EUR", "orchard-1", "i999", PAGE
    credit_kinds = ("credit-note", "payment")
    currencies = {"JPY": Decimal("0.0062"), "KWD": Decimal("3.05")}  # noqa: RUF012
    breakdowns = {"closed": (Refused,)}  # noqa: RUF012
    connection = {"client_secret": "env:SECRET"}  # noqa: RUF012
    secrets = {"env:SECRET": "pomegranate-secret"}  # noqa: RUF012

    def start(self) -> None:
        self.orchard = Orchard()
        handler = type("Handler", (_Handler,), {"orchard": self.orchard})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, args=(0.005,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def connect(self, settings: ConnectionSettings, kit: Kit) -> Source:
        return connect(settings, kit)

    def tokens(self) -> TokenPair:
        grant = self.orchard.grant()
        until = self.clock() + timedelta(seconds=LIFETIME)
        return TokenPair(access=grant["access_token"], refresh=grant["refresh_token"], expires_at=until)

    def everything(self) -> object:
        return self.orchard.revision, dict(self.orchard.notes)

    def add_customer(self, name: str, email: str) -> str:
        return self.add_foreign_customer(name, email, self.currency)

    def add_foreign_customer(self, name: str, email: str, currency: str) -> str:
        about = {"name": name, "email": email, "currency": currency}
        return self.orchard.put(self._id("c"), kind="customer", land="", region="", group="", **about)

    def set_email(self, customer: str, email: str) -> None:
        self.orchard.put(customer, email=email)

    def settle(self, customer: str, country: str, subdivision: str) -> None:
        self.orchard.put(customer, land={"GB": "United Kingdom"}.get(country, country), region=subdivision)

    def join(self, customer: str, group: str) -> None:
        self.orchard.put(customer, group=group)

    def switch_reminders(self, *, enabled: bool) -> None:
        self.orchard.reminds = enabled

    def add_invoice(self, customer: str, amount: Decimal, due: date, number: str) -> str:
        more = {"number": number, "gone": False, "total": amount, "open": amount}
        return self.orchard.put(self._id("i"), kind="invoice", due=due, **self._of(customer), **more)

    def _of(self, customer: str) -> dict[str, Any]:
        """Whose a document is, its currency, and its rate where that is not the company's own."""
        currency = self.orchard.rows[customer]["currency"]
        return {"customer": customer, "currency": currency, "rate": self.currencies.get(currency, "")}

    def pay(self, invoice: str, amount: Decimal) -> None:
        self.receive(invoice, amount, self.clock().date())

    def receive(self, invoice: str, amount: Decimal, day: date) -> str:
        row = self.orchard.rows[invoice]
        whose = {name: row[name] for name in ("customer", "currency")}
        self._settle(invoice, amount)
        return self.orchard.put(
            self._id("p"), kind="payment", day=day, amount=amount, invoice=invoice, **whose
        )

    def take_back(self, payment: str) -> None:
        row = self.orchard.rows[payment]
        self._settle(row["invoice"], -row["amount"])
        self.orchard.put(payment, amount=Decimal(0), invoice=None)

    def _settle(self, invoice: str, amount: Decimal) -> None:
        left = self.orchard.rows[invoice]["open"] - amount
        self.orchard.put(invoice, open=left, changed=self.clock().date())

    def remove(self, invoice: str) -> None:
        self.orchard.put(invoice, gone=True)

    def add_credit(self, customer: str, amount: Decimal, kind: CreditKind) -> str:
        whose = self._of(customer)
        return self.orchard.put(self._id("k"), kind="credit", sort=kind, left=amount, **whose)

    def use_credit(self, credit: str, invoice: str, amount: Decimal) -> None:
        self.orchard.put(credit, left=self.orchard.rows[credit]["left"] - amount)
        self._settle(invoice, amount)

    def note(self, target: Target, target_id: str) -> str:
        return self.orchard.notes.get(target_id, "")

    def break_down(self, name: str) -> None:
        self.orchard.closed = True

    def _id(self, letter: str) -> str:
        return f"{letter}{len(self.orchard.rows) + 1:03}"
