# ruff: noqa: S603, ARG002, ARG005 - stand-ins take what they do not use
"""The requests of the Xero connector, judged by the vendor's own description of its API.

Prism serves that description and turns down what it does not allow: a wrong path, verb or type, a missing
tenant or token. It keeps no state: its answers are the examples of the description. Run by `make contract`:

    ARSYNC_XERO_SPEC=xero_accounting.yaml make contract     (the file of github.com/XeroAPI/Xero-OpenAPI)

Prism is started by npx (Node 18.20 or newer); or set ARSYNC_PRISM to the address of one that serves the
description as `xero_description.py` cuts it.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
import responses
from xero_description import PREFIX, cut

from arsync.connector import ConnectionSettings, Http, Kit, Note, TokenPair, Tokens
from arsync_xero import XeroSource, connect

PRISM = "@stoplight/prism-cli@5.14.2"
TENANT = "0c9f7a52-4c1e-4d53-9d0b-6a1f5b2f9e11"
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
START_SECONDS = 180.0


@pytest.fixture(scope="session")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prism that serves Xero's description."""
    if address := os.environ.get("ARSYNC_PRISM"):
        yield address.rstrip("/")
        return
    given = os.environ.get("ARSYNC_XERO_SPEC")
    if not given or not Path(given).is_file():
        pytest.fail(
            "set ARSYNC_XERO_SPEC to the path of xero_accounting.yaml "
            "(from the repository XeroAPI/Xero-OpenAPI on GitHub), or ARSYNC_PRISM to a running Prism",
            pytrace=False,
        )
    folder = tmp_path_factory.mktemp("prism")
    description = folder / "xero.yaml"
    description.write_text(cut(Path(given).read_text()))
    port = _free_port()
    log = (folder / "prism.log").open("w+")
    program = ["npx", "--yes", PRISM, "mock", "-h", "127.0.0.1", "-p", str(port), str(description)]
    # Prism's dependencies report installations unless they are told not to.
    quiet = {**os.environ, "SCARF_ANALYTICS": "false"}
    running = subprocess.Popen(
        program, stdout=log, stderr=subprocess.STDOUT, env=quiet, start_new_session=True
    )
    try:
        _wait(running, port, log.name)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(running.pid, 15)  # npx and what it started
        running.wait(30)
        log.close()
        refusals = [line for line in Path(log.name).read_text().splitlines() if "✖" in line]
        print("\n".join(refusals))


@pytest.fixture
def source(prism: str) -> Iterator[XeroSource]:
    """A source whose every request goes to Prism."""

    class Store:
        pair = TokenPair(access="any", refresh=None, expires_at=NOW + timedelta(hours=1))

        def load(self) -> TokenPair:
            return self.pair

        def save(self, pair: TokenPair) -> None:
            raise AssertionError("there is nothing to renew")

        def locked(self) -> AbstractContextManager[None]:
            return nullcontext()

    class Budget:
        def try_acquire(self, name: str = "", weight: int = 1) -> bool:
            return True

    settings = ConnectionSettings(
        "acme",
        {"tenant": TENANT, "client_id": "id"},
        where=lambda key: str(key),
        reveal=lambda key, reference: reference,
    )
    http = Http(server=prism, clock=lambda: NOW, sleep=time.sleep)
    kit = Kit(
        http=http,
        tokens=Tokens("acme", Store(), lambda: NOW),
        pace=lambda tenant, *, per_minute, per_second=None: Budget(),
        clock=lambda: NOW,
    )
    yield connect(settings, kit)
    http.close()


def test_prism_does_judge(prism: str) -> None:
    good = {"Authorization": "Bearer any", "Accept": "application/json", "xero-tenant-id": TENANT}
    address = f"{prism}{PREFIX}/InvoiceReminders/Settings"
    assert requests.get(address, headers=good, timeout=60).status_code == 200
    without_tenant = {name: value for name, value in good.items() if name != "xero-tenant-id"}
    assert requests.get(address, headers=without_tenant, timeout=60).status_code == 422
    assert requests.get(f"{prism}{PREFIX}/Nothing", headers=good, timeout=60).status_code == 404


def test_who_it_is(prism: str, source: XeroSource) -> None:
    with responses.RequestsMock() as mock:
        # /connections belongs to another API, with a description of its own.
        mock.get(f"{prism}/Connections", json=[{"tenantId": TENANT, "tenantName": "Hartley Joinery"}])
        mock.add_passthru(f"{prism}{PREFIX}")
        tenant = source.check()
    assert (tenant.id, tenant.currency, tenant.timezone) == (TENANT, "NZD", "Pacific/Auckland")


def test_everything_and_then_what_changed(source: XeroSource) -> None:
    pages = list(source.pull(None))
    assert [page.last for page in pages] == [False] * 6 + [True]
    assert sum(len(page.customers) for page in pages) > 0
    assert sum(len(page.invoices) for page in pages) > 0
    assert {credit.kind for page in pages for credit in page.credits} == {
        "credit-note",
        "overpayment",
        "prepayment",
    }
    assert sum(len(page.payments) for page in pages) > 0
    assert [reject for page in pages for reject in page.rejects] == []
    # The examples are of different years: no sweep is to come due between two of them.
    cursor = json.loads(pages[-1].cursor) | {"swept": "2099-01-01T00:00:00Z"}
    later = list(source.pull(json.dumps(cursor)))
    assert later[-1].last
    assert not later[0].full


def test_a_sweep_and_payments_since(source: XeroSource) -> None:
    since = "2026-03-01T09:00:00Z"
    cursor = {"stage": "changes", "since": since, "credits_since": since, "payments_since": since}
    pages = list(source.pull(json.dumps(cursor)))
    assert pages[-1].last
    assert all(page.full for page in pages)
    assert sum(len(page.payments) for page in pages) > 0


def test_its_own_figures(source: XeroSource) -> None:
    found = source.aged_receivables(NOW.date())
    assert {each.currency for each in found} <= {"NZD"}


def test_the_state_right_now(source: XeroSource) -> None:
    pages = list(source.pull(None))
    invoices = [each.id for page in pages for each in page.invoices]
    customers = [each.id for page in pages for each in page.customers]
    snapshot = source.refresh([*invoices, "00000000-0000-4000-8000-000000000001"], customers)
    assert {each.id for each in snapshot.invoices} == set(invoices)
    assert {each.id for each in snapshot.customers} == set(customers)


@pytest.mark.parametrize("target", ["invoice", "customer"])
def test_notes(source: XeroSource, target: str) -> None:
    owed = [
        Note(
            target=target,  # type: ignore[arg-type]
            target_id="4f0b5a3e-7a3c-4d2e-9a55-0c1d2e3f4a5b",
            mark=f"[arsync:m-{number}]",
            text=f"First reminder sent [arsync:m-{number}]",
            key=f"0000000{number}-0000-4000-8000-000000000000",
        )
        for number in (1, 2)
    ]
    assert [receipt.error for receipt in source.write(owed)] == [None, None]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(running: subprocess.Popen[bytes], port: int, log: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if running.poll() is not None:
            break
        try:
            requests.get(f"http://127.0.0.1:{port}/", timeout=5)
        except requests.RequestException:
            time.sleep(0.5)
        else:
            return
    pytest.fail(f"Prism did not start: {Path(log).read_text()[-2000:]}", pytrace=False)
