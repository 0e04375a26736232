"""Good answers of both services, as the simulators give them: what the damaged ones are made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

import requests

from arsync_quickbooks.simulator import QuickBooksSimulator
from arsync_quickbooks.simulator.demo import demo_company as quickbooks_company
from arsync_xero.simulator import SandboxClock, XeroSimulator
from arsync_xero.simulator.demo import demo_company as xero_company

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
_MARKED = (
    "2026-11-22 arsync: first reminder to ap@lumen.example about INV-1 120.00 (total 120.00 GBP) [arsync:abc]"
)
_REPORT = "subt_open_bal,tx_date,doc_num,cust_name,txn_type,due_date"


def _now() -> datetime:
    return NOW


@cache
def quickbooks() -> Mapping[str, bytes]:
    """Answers by what was asked: an entity, ``cdc``, ``report``, ``company``, ``preferences``, ``token``."""
    company = quickbooks_company(NOW.date(), _now)
    simulator = QuickBooksSimulator([company])
    with simulator.serve() as served, requests.Session() as session:
        tokens = simulator.grant(company.realm)
        session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        session.headers["Accept"] = "application/json"
        root = f"{served.url}/v3/company/{company.realm}"
        asked = {
            entity: session.post(
                f"{root}/query",
                data=f"SELECT * FROM {entity} MAXRESULTS 6",
                headers={"Content-Type": "application/text"},
                timeout=60,
            )
            for entity in ("Invoice", "Customer", "CreditMemo", "Payment", "CompanyInfo")
        }
        entities = "Invoice,Customer,CreditMemo,Payment,JournalEntry"
        asked["cdc"] = session.get(
            f"{root}/cdc", params={"entities": entities, "changedSince": "2026-11-01T00:00:00Z"}, timeout=60
        )
        asked["report"] = session.get(
            f"{root}/reports/AgedReceivableDetail", params={"columns": _REPORT}, timeout=60
        )
        asked["preferences"] = session.get(f"{root}/preferences", timeout=60)
    return _good(asked)


@cache
def xero() -> Mapping[str, bytes]:
    """Answers by endpoint, ``History`` among them, and ``connections``."""
    company = xero_company(NOW.date(), SandboxClock(_now))
    simulator = XeroSimulator([company])
    with simulator.serve() as served, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {simulator.grant(None)['access_token']}"
        session.headers["Accept"] = "application/json"
        asked = {"connections": session.get(f"{served.url}/connections", timeout=60)}
        session.headers["xero-tenant-id"] = company.tenant
        root = f"{served.url}/api.xro/2.0"
        lists = ("Invoices", "Contacts", "CreditNotes", "Overpayments", "Prepayments", "Payments")
        for name in (*lists, "Organisation", "InvoiceReminders/Settings"):
            paging = {"page": "1", "pageSize": "6"} if name in lists else {}
            asked[name] = session.get(f"{root}/{name}", params=paging, timeout=60)
        first = asked["Invoices"].json()["Invoices"][0]["InvoiceID"]
        place = f"{root}/Invoices/{first}/History"
        body = {"HistoryRecords": [{"Details": _MARKED}]}
        session.put(place, json=body, headers={"Idempotency-Key": "k"}, timeout=60)
        asked["History"] = session.get(place, timeout=60)
    answers = _good(asked)
    given = json.loads(answers["connections"])
    fixed = [{**each, "id": str(UUID(int=7)), "authEventId": str(UUID(int=8))} for each in given]
    return {**answers, "connections": json.dumps(fixed).encode()}  # else another text in each run


def _good(asked: Mapping[str, requests.Response]) -> dict[str, bytes]:
    for kind, answer in asked.items():
        assert answer.status_code == 200, (kind, answer.text[:300])
    return {kind: answer.content for kind, answer in asked.items()}
