"""The example of docs/connectors.md is a connector: installed beside arsync, it is synced and sent."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from arsync.sandbox import MailCatcher
from transcripts import ROOT, Window, blocks

PAGE = ROOT / "docs" / "connectors.md"
MONDAY = "2026-11-23T09:00:00+00:00"
SECRET = f"Basic {b64encode(b'arsync:made-up').decode()}"


class Ottery:
    """The invented service: two invoices a page, in the order of their ids."""

    def __init__(self) -> None:
        self.rows = [
            _row("a1", "120.50", due="2026-11-20"),
            _row("a2", "80.00", due="2026-12-31"),
            _row("a3", "12.345", due="2026-11-20"),
        ]

    def answer(self, path: str, query: dict[str, str]) -> Any:
        if path == "/token":
            return {"access_token": "granted", "expires_in": 3600}
        if path == "/dell-farm-shop/company":
            return {"id": "dell-farm-shop", "name": "Dell Farm Shop", "currency": "GBP"}
        if "ids" in query:
            return {"rows": [row for row in self.rows if row["id"] in query["ids"].split(",")]}
        left = [row for row in self.rows if row["id"] > query.get("after", "")]
        return {"rows": left[:2], "next": left[1]["id"] if len(left) > 2 else None}


def _row(id_: str, amount: str, due: str) -> dict[str, Any]:
    return {
        "id": id_,
        "number": id_.upper(),
        "customer": "c1",
        "name": "Coppice Cafe",
        "emails": ["till@coppice.example"],
        "currency": "GBP",
        "due": due,
        "total": amount,
        "open": amount,
    }


@pytest.fixture
def service() -> Iterator[str]:
    ottery = Ottery()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            granted = self.headers["Authorization"] in ("Bearer granted", SECRET)
            query = {key: values[0] for key, values in parse_qs(parts.query).items()}
            self._answer(200 if granted else 401, ottery.answer(parts.path, query) if granted else {})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def _answer(self, status: int, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:  # type: ignore[override]
            """Nothing is logged."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def window(tmp_path: Path, service: str) -> Iterator[Window]:
    """The practice of the page, with the connector of the page on the import path."""
    packaging, practice = blocks(PAGE, "toml")
    example, _ = blocks(PAGE, "python")
    site = tmp_path / "site"
    info = site / "arsync_ottery-0.1.0.dist-info"
    info.mkdir(parents=True)
    (site / "arsync_ottery.py").write_text(example, "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: arsync-ottery\nVersion: 0.1.0\n", "utf-8")
    entry = packaging.split('[project.entry-points."arsync.connectors"]\n')[1].replace('"', "")
    (info / "entry_points.txt").write_text(f"[arsync.connectors]\n{entry}", "utf-8")
    with MailCatcher().serve() as mail:
        head = f'[practice]\nname = "Test"\n[mail]\nserver = "{mail.smtp_url}"\n'
        window = Window(tmp_path, MONDAY, variables={"PYTHONPATH": str(site), "OTTERY_SECRET": "made-up"})
        window.write("arsync.toml", f'{head}{practice}server = "{service}"\n')
        yield window


def test_the_example_runs(window: Window) -> None:
    """Of three invoices on two pages one has a fraction of a penny: read = stored + rejected."""
    assert "dell is connected to Dell Farm Shop (GBP, no time zone told)" in window.type(
        "arsync connect dell"
    )
    printed = window.type("arsync sync")
    assert window.status == 0, printed
    assert "read everything open in 2 pages: 2 invoices, 1 customer, 0 credits, 1 reject;" in printed

    window.type("arsync golive dell --confirm")
    [plan] = json.loads(window.type("arsync plan --json"))
    [message] = plan["messages"]
    assert (message["to"], message["total"]) == (["till@coppice.example"], "120.50")
    # A2 is due on Thursday 31 December; three days before it is Monday the 28th.
    assert [(each["invoice"]["id"], each["on"]) for each in plan["upcoming"]] == [("a2", "2026-12-28")]

    window.type("arsync approve dell --all")
    printed = window.type("arsync run")
    assert window.status == 0, printed
    assert "dell: 1 message sent" in printed


def test_a_secret_that_the_service_refuses_asks_for_a_new_consent(window: Window) -> None:
    window.variables["OTTERY_SECRET"] = "another"
    printed = window.type("arsync sync")
    assert window.status == 1
    assert "run `arsync connect dell`" in printed
