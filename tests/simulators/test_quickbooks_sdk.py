"""Another's client at the desk: python-quickbooks reads and writes what it expects to."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from quickbooks_sim_desk import TODAY, Desk, ago, open_desk

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from quickbooks import QuickBooks
    from quickbooks.exceptions import ObjectNotFoundException, ValidationException
    from quickbooks.objects.customer import Customer
    from quickbooks.objects.invoice import Invoice
    from quickbooks.objects.payment import Payment


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


@pytest.fixture
def client(desk: Desk) -> Any:
    client = QuickBooks(company_id=desk.company.realm, minorversion=75, use_decimal=True)
    client.sandbox = True
    client.sandbox_api_url_v3 = f"{desk.url}/v3"
    desk.session.access_token = desk.tokens["access_token"]  # type: ignore[attr-defined]
    client.session = desk.session
    return client


def test_the_sdks_models_read_the_answers(desk: Desk, client: Any) -> None:
    customer = desk.company.add_customer("Amber", "pay@amber.example")
    invoice = desk.company.add_invoice(customer, "120.10", ago(40), ago(10), note="Ask for Dana")
    [found] = Invoice.query("SELECT * FROM Invoice WHERE Balance > '0'", qb=client)
    assert (found.Id, found.Balance, found.PrivateNote) == (invoice, Decimal("120.1"), "Ask for Dana")
    assert found.Line[0].SalesItemLineDetail.ItemRef.name == "Services"
    assert Customer.get(int(customer), qb=client).PrimaryEmailAddr.Address == "pay@amber.example"
    assert Invoice.count("Balance > '0'", qb=client) == 1
    with pytest.raises(ObjectNotFoundException):
        Invoice.get(999, qb=client)
    with pytest.raises(ValidationException):
        Payment.query("SELECT * FROM Payment WHERE UnappliedAmt > '0'", qb=client)


def test_the_sdk_sends_voids_and_reports(desk: Desk, client: Any) -> None:
    customer = desk.company.add_customer("Amber", "pay@amber.example")
    number = desk.company.add_invoice(customer, "120.00", ago(40), ago(10), email="pay@amber.example")
    invoice = Invoice.get(int(number), qb=client)
    invoice.send(qb=client)
    assert desk.company.sent == [(number, "pay@amber.example")]
    assert invoice.download_pdf(qb=client).startswith(b"%PDF")
    report = client.get_report("AgedReceivableDetail", {"report_date": TODAY.isoformat()})
    assert report["Header"]["EndPeriod"] == "2026-03-10"
    Invoice.get(int(number), qb=client).void(qb=client)
    assert desk.company.invoices[number]["TotalAmt"] == 0
    changed = client.change_data_capture("Invoice", "2026-03-10T00:00:00Z")
    assert changed["CDCResponse"][0]["QueryResponse"][0]["Invoice"][0]["PrivateNote"] == "Voided"


def test_what_the_sdks_sparse_payment_would_do(desk: Desk, client: Any) -> None:
    """Its model sends an empty line list, and the money comes loose: the simulator must show that."""
    customer = desk.company.add_customer("Amber")
    invoice = desk.company.add_invoice(customer, "120.00", ago(40), ago(10))
    payment = desk.company.pay(invoice)
    sparse = Payment()
    sparse.Id, sparse.SyncToken, sparse.sparse, sparse.PrivateNote = payment, "0", True, "cheque 7"
    client.post(f"{client.api_url}/company/{client.company_id}/payment", sparse.to_json())
    assert desk.company.payments[payment]["PrivateNote"] == "cheque 7"
    assert desk.company.payments[payment]["Line"] == []
    assert desk.company.invoices[invoice]["Balance"] == 120
