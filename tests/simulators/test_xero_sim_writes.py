"""Writes to the simulated API: notes, mails, updates, and what an idempotency key does to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from xero_desk import TODAY, Desk, desk_of, frozen_company

from arsync_xero.simulator import Company, Person, Rules

UNKNOWN = "11111111-2222-4333-8444-555555555555"
NOT_FOUND = "The document with the supplied id was not found for this endpoint."


@pytest.fixture
def company() -> Company:
    company = frozen_company()
    persons = [Person("Ann", "Lee", "ann@oak.example"), Person("Bo", "Ray", "bo@oak.example", False)]
    company.add_contact("Oak", "office@oak.example", persons)
    company.add_contact("Silent")
    company.add_invoice("Oak", "100", date(2026, 10, 1), date(2026, 11, 1), "A1")
    company.add_invoice("Silent", "5", date(2026, 10, 1), date(2026, 11, 1), "A2")
    company.add_draft("Oak", "7", date(2026, 11, 1), None, "D1")
    company.add_bill("Oak", "9", date(2026, 11, 1), None, "B1")
    return company


@pytest.fixture
def desk(company: Company) -> Iterator[Desk]:
    with desk_of(company) as desk:
        yield desk


def messages(reply: Any) -> list[str]:
    assert reply.status_code == 400, reply.text
    assert reply.json()["Type"] == "ValidationException"
    return [each["Message"] for row in reply.json()["Elements"] for each in row["ValidationErrors"]]


def test_notes_are_kept_and_read_back(desk: Desk, company: Company) -> None:
    path = f"Invoices/{company.invoice('A1').id}"
    company.advance(seconds=60)
    reply = desk.note(path, "first", "second")
    assert reply.status_code == 200
    assert reply.json()["HistoryRecords"][1] == {
        "DateUTCString": "2026-11-22T12:01:00",
        "DateUTC": "/Date(1795348860250)/",
        "Details": "second",
        "ValidationErrors": [],
    }
    records = desk.get(f"{path}/History").json()["HistoryRecords"]
    assert [(each["Changes"], each["User"], each["Details"]) for each in records] == [
        ("Note", "System Generated", "second"),
        ("Note", "System Generated", "first"),
        ("Created", "System Generated", "A1 created"),
    ]
    assert [note.details for note in company.history(company.invoice("A1").id)] == ["first", "second"]


def test_a_note_moves_nothing_and_can_go_on_a_contact(desk: Desk, company: Company) -> None:
    company.advance(seconds=60)
    assert desk.note(f"Contacts/{company.contact('Oak').id}", "statement sent").status_code == 200
    assert desk.note(f"Invoices/{company.invoice('A1').id}", "reminder sent").status_code == 200
    since = {"If-Modified-Since": "2026-11-22T12:00:30Z"}
    assert desk.invoices(since) == []
    assert desk.get("Contacts", since).json()["Contacts"] == []


@pytest.mark.parametrize("endpoint", ["Invoices", "Contacts", "CreditNotes"])
def test_a_note_on_an_unknown_document_is_refused(desk: Desk, endpoint: str) -> None:
    reply = desk.note(f"{endpoint}/{UNKNOWN}", "hello")
    assert messages(reply) == [NOT_FOUND]
    element = reply.json()["Elements"][0]
    assert set(element) == {"DateUTCString", "DateUTC", "Details", "ValidationErrors"}
    assert element["Details"] == "hello"


def test_payments_and_overpayments_take_no_notes_even_when_known(desk: Desk, company: Company) -> None:
    desk.sign_in("accounting.payments")
    payment = company.pay("A1", "1")
    over = company.add_overpayment("Oak", "5")
    assert messages(desk.note(f"Payments/{payment}", "hello")) == [NOT_FOUND]
    assert messages(desk.note(f"Overpayments/{over}", "hello")) == [NOT_FOUND]


def test_a_long_or_empty_note_spoils_its_whole_call(desk: Desk, company: Company) -> None:
    path = f"Invoices/{company.invoice('A1').id}"
    assert desk.note(path, "x" * 2500).status_code == 200
    assert "2500" in messages(desk.note(path, "fine", "x" * 2501))[0]
    assert messages(desk.note(path, " ")) == ["Details is required."]
    assert desk.note(path).status_code == 400
    assert len(company.history(company.invoice("A1").id)) == 1


def test_the_length_of_a_note_can_be_set_to_the_older_limit(company: Company) -> None:
    with desk_of(company, rules=Rules(note_characters=250)) as desk:
        assert desk.note(f"Invoices/{company.invoice('A1').id}", "x" * 251).status_code == 400


def test_a_key_leaves_one_note_and_gives_the_same_answer_again(desk: Desk, company: Company) -> None:
    path = f"Invoices/{company.invoice('A1').id}"
    first = desk.note(path, "once", key="k1")
    company.advance(seconds=359)
    assert desk.note(path, "once", key="k1").json() == first.json()
    assert len(company.history(company.invoice("A1").id)) == 1
    company.advance(seconds=1)
    desk.note(path, "once", key="k1")
    assert len(company.history(company.invoice("A1").id)) == 2


def test_a_key_remembers_a_refusal(desk: Desk, company: Company) -> None:
    invoice = company.invoice("D1").id
    mail = {"method": "POST", "path": f"Invoices/{invoice}/Email", "headers": {"Idempotency-Key": "k2"}}
    assert desk.send(**mail).status_code == 400
    company.approve("D1")
    assert desk.send(**mail).status_code == 400
    company.advance(seconds=360)
    assert desk.send(**mail).status_code == 204


def test_a_key_fits_one_request_only_and_128_characters(desk: Desk, company: Company) -> None:
    path = f"Invoices/{company.invoice('A1').id}"
    desk.note(path, "one", key="k3")
    for other in (desk.note(path, "two", key="k3"), desk.note(f"Invoices/{UNKNOWN}", "one", key="k3")):
        assert (other.status_code, other.json()["Title"]) == (400, "Bad Request")
        assert "different request" in other.json()["Detail"]
    assert desk.note(path, "three", key="k" * 128).status_code == 200
    assert desk.note(path, "four", key="k" * 129).status_code == 400
    assert [note.details for note in company.history(company.invoice("A1").id)] == ["one", "three"]


def test_mailing_goes_to_the_contact_and_its_included_persons(desk: Desk, company: Company) -> None:
    reply = desk.send("POST", f"Invoices/{company.invoice('A1').id}/Email", json={})
    assert (reply.status_code, reply.content) == (204, b"")
    assert [mail.recipients for mail in company.emails] == [("office@oak.example", "ann@oak.example")]
    assert company.invoice("A1").sent_to_contact


@pytest.mark.parametrize("number", ["A2", "D1", "B1"])
def test_mailing_needs_an_address_a_sales_invoice_and_one_in_force(
    desk: Desk, company: Company, number: str
) -> None:
    assert len(messages(desk.send("POST", f"Invoices/{company.invoice(number).id}/Email"))) == 1
    assert company.emails == ()


def test_the_daily_mail_limit_is_a_400_and_ends_with_the_day(company: Company) -> None:
    company.email_limit = 1
    with desk_of(company) as desk:
        path = f"Invoices/{company.invoice('A1').id}/Email"
        assert desk.send("POST", path).status_code == 204
        assert "limit" in messages(desk.send("POST", path))[0]
        desk.simulator.advance(seconds=12 * 3600)
        desk.sign_in()
        assert desk.send("POST", path).status_code == 204


def test_an_online_invoice_has_a_lasting_address_but_a_draft_has_none(desk: Desk, company: Company) -> None:
    path = f"Invoices/{company.invoice('A1').id}/OnlineInvoice"
    first = desk.get(path).json()["OnlineInvoices"]
    assert first[0]["OnlineInvoiceUrl"].startswith("https://in.xero.example/")
    assert desk.get(path).json()["OnlineInvoices"] == first
    assert desk.get(f"Invoices/{company.invoice('D1').id}/OnlineInvoice").status_code == 400


def test_an_invoice_can_be_had_as_a_pdf(desk: Desk) -> None:
    reply = desk.get("Invoices/A1", {"Accept": "application/pdf"})
    assert reply.headers["Content-Type"] == "application/pdf"
    assert reply.content.startswith(b"%PDF-1.4")
    table = int(reply.content.split(b"startxref\n")[1].split(b"\n")[0])
    assert reply.content[table : table + 4] == b"xref"


def update(desk: Desk, *elements: dict[str, Any], summarize: str | None = None) -> Any:
    parameters = {"summarizeErrors": summarize} if summarize else None
    return desk.send("POST", "Invoices", json={"Invoices": list(elements)}, params=parameters)


def test_expected_payment_dates_are_set_in_a_batch(desk: Desk, company: Company) -> None:
    reply = update(
        desk,
        {"InvoiceID": company.invoice("A1").id, "ExpectedPaymentDate": "2026-12-01", "HasErrors": False},
        {"InvoiceNumber": "A2", "ExpectedPaymentDate": "/Date(1796169600000+0000)/"},
        summarize="false",
    )
    assert [row["StatusAttributeString"] for row in reply.json()["Invoices"]] == ["OK", "OK"]
    assert company.invoice("A1").expected == date(2026, 12, 1)
    assert company.invoice("A2").expected == date(2026, 12, 2)


def test_a_bad_element_spoils_the_batch_unless_errors_are_kept_apart(desk: Desk, company: Company) -> None:
    good = {"InvoiceID": company.invoice("A1").id, "ExpectedPaymentDate": "2026-12-01"}
    bad = {"InvoiceID": UNKNOWN, "ExpectedPaymentDate": "2026-12-01"}
    assert messages(update(desk, good, bad)) == [NOT_FOUND]
    assert company.invoice("A1").expected is None
    reply = update(desk, good, bad, summarize="false")
    assert reply.status_code == 200
    assert [row["StatusAttributeString"] for row in reply.json()["Invoices"]] == ["OK", "ERROR"]
    assert company.invoice("A1").expected == date(2026, 12, 1)


def test_an_update_that_would_rewrite_lines_or_the_contact_is_refused(desk: Desk, company: Company) -> None:
    invoice = company.invoice("A1").id
    assert "LineItems" in messages(update(desk, {"InvoiceID": invoice, "LineItems": []}))[0]
    contact = {"ContactID": company.contact("Oak").id, "EmailAddress": "x@oak.example"}
    assert len(messages(update(desk, {"InvoiceID": invoice, "Contact": contact}))) == 1
    assert "VOIDED" in messages(update(desk, {"InvoiceNumber": "D1", "Status": "VOIDED"}))[0]


def test_what_cannot_be_read_or_done_says_so(desk: Desk) -> None:
    assert desk.send("POST", "Invoices", data="{not json").status_code == 400
    assert desk.get(f"Invoices/{UNKNOWN}").status_code == 404
    assert desk.get("Quotes").status_code == 404
    assert desk.send("PUT", "Invoices", json={"Invoices": []}).status_code == 501
    assert desk.get("Reports/AgedReceivablesByContact", date=str(TODAY)).status_code == 401
