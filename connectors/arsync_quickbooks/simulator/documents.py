"""What the service makes of an invoice: the mail it sends itself, the link to pay, the PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import fault, schema, wire
from .records import Body, Record
from .shapes import shape

if TYPE_CHECKING:
    from .company import Company


def send(company: Company, record: Record, to: str | None) -> bytes:
    """Mail the invoice with the service's own text; ``to`` takes the place of the invoice's BillEmail.

    Fault 2210 if there is no valid address. The invoice counts as changed.
    """
    given = {"BillEmail": {"Address": to}} if to else {}
    schema.check("Invoice", given)
    bill_email: Any = given.get("BillEmail") or record.body.get("BillEmail")
    if not bill_email:
        raise fault.bad_email("")
    with company.change() as change:
        change.touch(record)
        record.body = {
            **record.body,
            "BillEmail": bill_email,
            "EmailStatus": "EmailSent",
            "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": wire.stamp(change.at)},
        }
    company.sent.append((str(record.id), bill_email["Address"]))
    return company.encoded(record)


def with_link(company: Company, record: Record) -> bytes:
    """The invoice with its InvoiceLink, where the customer could pay: the company takes payments, the invoice
    allows them, and it has an address."""
    body = record.body
    allowed = body.get("AllowOnlineACHPayment") or body.get("AllowOnlineCreditCardPayment")
    if not (company.payments_enabled and allowed and body.get("BillEmail")):
        return company.encoded(record)
    link = f"https://connect.payments.example/t/{company.realm}-{record.id}"
    shown: Body = {"InvoiceLink": link, **shape(company, record)}
    return wire.encode(shown)


def pdf(company: Company, record: Record) -> bytes:
    """One page with the number and the amount."""
    number = record.body.get("DocNumber", record.id)
    text = f"Invoice {number} {company.name} {record.currency} {record.total}"
    shown = (
        text.encode("latin-1", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    )
    drawn = b"BT /F1 12 Tf 72 720 Td (" + shown + b") Tj ET"
    return _assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
            b"/Resources<</Font<</F1 5 0 R>>>>>>",
            b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )


def _assembled(objects: list[bytes]) -> bytes:
    file, offsets = b"%PDF-1.4\n", []
    for position, content in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj%s endobj\n" % (position, content)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    file += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return file
