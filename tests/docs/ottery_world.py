"""The invented service of docs/connectors.md as a world for the contract."""

from __future__ import annotations

import json
import threading
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from arsync.testing import World

PAGE = 3


class OtteryWorld(World):
    abilities = frozenset({"http", "oauth"})
    connector = "ottery"
    currency, tenant, unknown, page_rows = "GBP", "dell-farm-shop", "a999", PAGE
    connection = {"company": tenant, "client_id": "arsync", "client_secret": "env:SECRET"}  # noqa: RUF012
    secrets = {"env:SECRET": "made-up-secret"}  # noqa: RUF012

    def start(self) -> None:
        self.customers: dict[str, tuple[str, str]] = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self.granted = 0
        handler = type("Handler", (_Handler,), {"world": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, args=(0.005,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def tokens(self) -> None:
        """Ottery asks nobody for consent."""

    def everything(self) -> object:
        return json.dumps([self.customers, self.rows], default=str)

    def add_customer(self, name: str, email: str) -> str:
        id_ = f"c{len(self.customers) + 1}"
        self.customers[id_] = (name, email)
        return id_

    def set_email(self, customer: str, email: str) -> None:
        self.customers[customer] = (self.customers[customer][0], email)

    def add_invoice(self, customer: str, amount: Decimal, due: date, number: str) -> str:
        id_ = f"a{len(self.rows) + 1:03}"
        row = {"id": id_, "number": number, "customer": customer, "currency": "GBP", "due": due}
        self.rows[id_] = {**row, "total": amount, "open": amount}
        return id_

    def pay(self, invoice: str, amount: Decimal) -> None:
        self.rows[invoice]["open"] -= amount

    def remove(self, invoice: str) -> None:
        self.rows[invoice] = {}

    def answer(self, path: str, query: dict[str, str]) -> Any:
        if path == "/token":
            self.granted += 1
            return {"access_token": f"granted-{self.granted}", "expires_in": 3600}
        if path.endswith("/company"):
            return {"id": self.tenant, "name": "Dell Farm Shop", "currency": "GBP"}
        if "ids" in query:
            return {
                "rows": [self.shown(self.rows[id_]) for id_ in query["ids"].split(",") if self.rows.get(id_)]
            }
        left = [id_ for id_, row in self.rows.items() if id_ > query.get("after", "") and row and row["open"]]
        more = left[PAGE - 1] if len(left) > PAGE else None
        return {"rows": [self.shown(self.rows[id_]) for id_ in left[:PAGE]], "next": more}

    def shown(self, row: dict[str, Any]) -> dict[str, Any]:
        name, email = self.customers[row["customer"]]
        return {**row, "name": name, "emails": [email]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: OtteryWorld

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        bearer = self.headers["Authorization"].removeprefix("Bearer ")
        good = parts.path == "/token" or bearer == f"granted-{self.world.granted}"
        body = json.dumps(self.world.answer(parts.path, query) if good else {}, default=str).encode()
        self.send_response_only(200 if good else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *args: object) -> None:  # type: ignore[override]
        """Nothing is logged."""
