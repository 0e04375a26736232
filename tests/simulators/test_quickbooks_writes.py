"""Creating, changing, voiding and deleting; stale copies; requests that are sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from quickbooks_sim_desk import TODAY, Desk, ago, exact, open_desk, refusal


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


@pytest.fixture
def invoice(desk: Desk) -> str:
    customer = desk.company.add_customer("Amber", "pay@amber.example")
    return desk.company.add_invoice(
        customer, "120.00", ago(40), ago(10), note="Ask for Dana", memo="Thank you", email="pay@amber.example"
    )


def sale(customer: str, amount: float = 100.0, **fields: Any) -> dict[str, Any]:
    line = {
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "1", "name": "Services"}},
    }
    return {"CustomerRef": {"value": customer}, "Line": [line], **fields}


def test_a_new_invoice_gets_number_date_and_due_date(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    created = exact(desk.post("invoice", sale(customer)))["Invoice"]
    assert (created["DocNumber"], created["TxnDate"], created["DueDate"]) == (
        "1001",
        "2026-03-10",
        "2026-04-09",
    )
    assert (created["TotalAmt"], created["Balance"], created["SyncToken"]) == (100, 100, "0")
    term = exact(desk.post("invoice", sale(customer, SalesTermRef={"value": "2"})))["Invoice"]
    assert (term["DocNumber"], term["DueDate"]) == ("1002", "2026-03-25")
    assert desk.company.customers[customer]["Balance"] == 200


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Line": []}, "2020"),
        ({"CustomerRef": None}, "2020"),
        ({"CustomerRef": {"value": "99"}}, "2500"),
        ({"CustomerRef": {"value": "x"}}, "2030"),
        ({"Colour": "red"}, "2010"),
        ({"DocNumber": "9" * 22}, "2050"),
        ({"PrivateNote": "x" * 4001}, "2050"),
        ({"CustomerMemo": {"value": "x" * 1001}}, "2050"),
        ({"BillEmail": {"Address": "nobody"}}, "2210"),
        ({"DueDate": "tomorrow"}, "2010"),
    ],
)
def test_an_invoice_that_cannot_be(desk: Desk, changed: dict[str, Any], code: str) -> None:
    customer = desk.company.add_customer("Amber")
    assert refusal(desk.post("invoice", {**sale(customer), **changed})) == (400, code)
    assert len(desk.company.invoices) == 0


def test_a_sparse_update_of_the_note_leaves_the_rest(desk: Desk, invoice: str) -> None:
    before = desk.company.invoices[invoice]
    desk.clock.forward(minutes=1)
    given = {"Id": invoice, "SyncToken": "0", "sparse": True, "PrivateNote": "x" * 4000}
    after = exact(desk.post("invoice", given))["Invoice"]
    assert after["SyncToken"] == "1"
    assert after["MetaData"]["LastUpdatedTime"] == "2026-03-10T13:01:00-07:00"
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"PrivateNote", "SyncToken", "MetaData"}


def test_an_update_that_changes_nothing_moves_nothing(desk: Desk, invoice: str) -> None:
    desk.clock.forward(minutes=1)
    given = {"Id": invoice, "SyncToken": "0", "sparse": True, "PrivateNote": "Ask for Dana"}
    after = exact(desk.post("invoice", given))["Invoice"]
    assert after["SyncToken"] == "0"
    assert after["MetaData"]["LastUpdatedTime"] == "2026-03-10T13:00:00-07:00"


def test_a_full_update_drops_what_it_leaves_out(desk: Desk, invoice: str) -> None:
    customer = desk.company.invoices[invoice]["CustomerRef"]["value"]
    lacking = desk.post("invoice", {"Id": invoice, "SyncToken": "0", "PrivateNote": "only this"})
    assert refusal(lacking) == (400, "2020")
    after = exact(desk.post("invoice", {"Id": invoice, "SyncToken": "0", **sale(customer)}))["Invoice"]
    assert after["TotalAmt"] == 100
    for gone in ("PrivateNote", "CustomerMemo", "BillEmail", "DueDate"):
        assert gone not in after


def test_a_sparse_update_that_names_an_empty_value_clears_it(desk: Desk, invoice: str) -> None:
    given = {"Id": invoice, "SyncToken": "0", "sparse": True, "DueDate": "", "PrivateNote": None}
    after = exact(desk.post("invoice", given))["Invoice"]
    assert "DueDate" not in after
    assert "PrivateNote" not in after
    emptied = {"Id": invoice, "SyncToken": "1", "sparse": True, "Line": []}
    assert refusal(desk.post("invoice", emptied)) == (400, "2020")


def test_a_stale_copy_is_refused_and_changes_nothing(desk: Desk, invoice: str) -> None:
    desk.company.pay(invoice, "20.00")
    given = {"Id": invoice, "SyncToken": "0", "sparse": True, "PrivateNote": "too late"}
    response = desk.post("invoice", given)
    assert refusal(response) == (400, "5010")
    [error] = response.json()["Fault"]["Error"]
    assert error["Message"] == "Stale Object Error"
    assert error["Detail"].startswith("Stale Object Error : You and Another User were working on this")
    assert desk.company.invoices[invoice]["PrivateNote"] == "Ask for Dana"
    assert refusal(desk.post("invoice", {"Id": invoice, "sparse": True})) == (400, "2020")
    assert refusal(desk.post("invoice", {**given, "Id": "999"})) == (400, "610")


def test_voiding(desk: Desk, invoice: str) -> None:
    payment = desk.company.pay(invoice, "20.00")
    given = {"Id": invoice, "SyncToken": "1"}
    voided = exact(desk.post("invoice", given, operation="void"))["Invoice"]
    assert (voided["TotalAmt"], voided["Balance"], voided["LinkedTxn"]) == (0, 0, [])
    assert voided["PrivateNote"] == "Voided - Ask for Dana"
    assert [line["Amount"] for line in voided["Line"]] == [0, 0]
    assert voided["SyncToken"] == "2"
    assert desk.company.payments[payment]["UnappliedAmt"] == 20
    customer = voided["CustomerRef"]["value"]
    assert desk.company.customers[customer]["Balance"] == -20


def test_deleting(desk: Desk, invoice: str) -> None:
    payment = desk.company.pay(invoice, "20.00")
    assert refusal(desk.post("invoice", {"Id": invoice, "SyncToken": "1"}, operation="delete")) == (
        400,
        "6000",
    )
    desk.company.delete_payment(payment)
    gone = exact(desk.post("invoice", {"Id": invoice, "SyncToken": "2"}, operation="delete"))
    assert gone["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": invoice}
    assert refusal(desk.get(f"invoice/{invoice}")) == (400, "610")
    assert desk.ids("SELECT * FROM Invoice") == []
    assert desk.company.customers["1"]["Balance"] == 0


def test_customers(desk: Desk) -> None:
    created = exact(desk.post("customer", {"DisplayName": "Doe, Jane"}))["Customer"]
    assert created["FullyQualifiedName"] == "Doe, Jane"
    assert (created["Balance"], created["Active"], created["BillWithParent"]) == (0, True, False)
    assert refusal(desk.post("customer", {"DisplayName": "doe, jane"})) == (400, "6240")
    assert refusal(desk.post("customer", {})) == (400, "2020")
    too_long = {"Id": created["Id"], "SyncToken": "0", "sparse": True, "Notes": "x" * 2001}
    assert refusal(desk.post("customer", too_long)) == (400, "2050")
    noted = exact(desk.post("customer", {**too_long, "Notes": "x" * 2000}))["Customer"]
    assert (noted["SyncToken"], noted["DisplayName"]) == ("1", "Doe, Jane")
    job = exact(desk.post("customer", {"DisplayName": "Attic", "ParentRef": {"value": created["Id"]}}))[
        "Customer"
    ]
    assert (job["FullyQualifiedName"], job["Job"], job["Level"]) == ("Doe, Jane:Attic", True, 1)
    invoice = exact(desk.post("invoice", sale(job["Id"], 562.5)))["Invoice"]
    assert invoice["CustomerRef"]["name"] == "Doe, Jane:Attic"
    parent = exact(desk.get(f"customer/{created['Id']}"))["Customer"]
    assert (parent["Balance"], parent["BalanceWithJobs"]) == (0, Decimal("562.5"))
    renamed = {"Id": job["Id"], "SyncToken": "0", "sparse": True, "DisplayName": "Roof"}
    desk.post("customer", renamed)
    shown = exact(desk.get(f"invoice/{invoice['Id']}"))["Invoice"]
    assert (shown["CustomerRef"]["name"], shown["SyncToken"]) == ("Doe, Jane:Roof", "0")


def test_the_same_requestid_replays_the_answer_and_does_nothing(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    first = desk.post("invoice", sale(customer), requestid="r-1")
    again = desk.post("invoice", sale(customer, 5.0), requestid="r-1")
    assert again.content == first.content
    assert len(desk.company.invoices) == 1
    made = first.json()["Invoice"]["Id"]
    desk.company.delete(made)
    assert desk.post("invoice", sale(customer), requestid="r-1").content == first.content
    assert len(desk.company.invoices) == 0
    assert refusal(desk.post("invoice", sale(customer), requestid="r" * 51)) == (400, "2050")
    assert desk.post("invoice", sale(customer), requestid="r" * 50).status_code == 200


def test_a_refused_request_is_not_kept_under_its_requestid(desk: Desk, invoice: str) -> None:
    given = {"Id": invoice, "SyncToken": "7", "sparse": True, "PrivateNote": "now"}
    assert refusal(desk.post("invoice", given, requestid="r-2")) == (400, "5010")
    assert desk.post("invoice", {**given, "SyncToken": "0"}, requestid="r-2").status_code == 200
    assert desk.company.invoices[invoice]["PrivateNote"] == "now"


def test_a_body_must_be_json_and_say_so(desk: Desk) -> None:
    for body, kind in (("{", "application/json"), ("[]", "application/json"), ("{}", "text/plain")):
        response = desk.session.post(
            f"{desk.base}/invoice", data=body, headers={"Content-Type": kind}, timeout=60
        )
        assert refusal(response) == (400, "2010"), body
    assert refusal(desk.post("dragon", {})) == (400, "500")


def test_sending_sets_the_status_and_overwrites_the_address(desk: Desk, invoice: str) -> None:
    url = f"{desk.base}/invoice/{invoice}/send"
    headers = {"Content-Type": "application/octet-stream"}
    desk.clock.forward(minutes=1)
    sent = desk.session.post(url, params={"sendTo": "boss@amber.example"}, headers=headers, timeout=60)
    shown = sent.json()["Invoice"]
    assert shown["EmailStatus"] == "EmailSent"
    assert shown["BillEmail"] == {"Address": "boss@amber.example"}
    assert shown["DeliveryInfo"] == {"DeliveryType": "Email", "DeliveryTime": "2026-03-10T13:01:00-07:00"}
    assert shown["MetaData"]["LastUpdatedTime"] == "2026-03-10T13:01:00-07:00"
    desk.session.post(url, headers=headers, timeout=60)
    assert desk.company.sent == [(invoice, "boss@amber.example")] * 2
    assert refusal(desk.post(f"invoice/{invoice}/send", {})) == (400, "500")
    bare = desk.company.add_invoice("1", "5.00", TODAY, None)
    refused = desk.session.post(f"{desk.base}/invoice/{bare}/send", headers=headers, timeout=60)
    assert refusal(refused) == (400, "2210")


def test_the_pdf(desk: Desk, invoice: str) -> None:
    url = f"{desk.base}/invoice/{invoice}/pdf"
    answer = desk.session.get(url, headers={"Accept": "application/pdf"}, timeout=60)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.4")
    start = int(answer.content.rpartition(b"startxref\n")[2].split(b"\n")[0])
    assert answer.content[start:].startswith(b"xref")
    assert desk.get(f"invoice/{invoice}/pdf").status_code == 400


def test_the_link_to_pay_comes_only_when_all_conditions_hold(desk: Desk, invoice: str) -> None:
    def link() -> object:
        return desk.get(f"invoice/{invoice}", include="invoiceLink").json()["Invoice"].get("InvoiceLink")

    assert link() is None
    desk.company.payments_enabled = True
    assert link() is None
    desk.company.edit_invoice(invoice, online_payment=True)
    assert str(link()).startswith("https://")
    assert "InvoiceLink" not in desk.get(f"invoice/{invoice}").json()["Invoice"]
    found = desk.get("query", query="SELECT * FROM Invoice", include="invoiceLink").json()
    assert found["QueryResponse"]["Invoice"][0]["InvoiceLink"] == link()


def test_attached_notes(desk: Desk, invoice: str) -> None:
    ref = [{"EntityRef": {"type": "Invoice", "value": invoice}}]
    made = desk.post("attachable", {"Note": "Reminder sent", "AttachableRef": ref}).json()["Attachable"]
    assert made["AttachableRef"] == [{"EntityRef": ref[0]["EntityRef"], "IncludeOnSend": False}]
    assert desk.company.invoices[invoice]["SyncToken"] == "0"
    statement = (
        "SELECT * FROM Attachable WHERE AttachableRef.EntityRef.type = 'Invoice' "
        f"AND AttachableRef.EntityRef.value = '{invoice}'"
    )
    assert [row["Note"] for row in desk.rows(statement)] == ["Reminder sent"]
    missing = [{"EntityRef": {"type": "Invoice", "value": "75"}}]
    assert refusal(desk.post("attachable", {"Note": "x", "AttachableRef": missing})) == (400, "6000")
    assert refusal(desk.post("attachable", {"Note": "x" * 2001})) == (400, "2050")
    assert desk.post("attachable", {"Id": made["Id"]}, operation="delete").status_code == 200
    assert desk.rows(statement) == []
