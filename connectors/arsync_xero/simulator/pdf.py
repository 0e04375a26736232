"""A one-page PDF of an invoice: small, but one that a reader opens."""

from __future__ import annotations

from .records import Invoice


def invoice_pdf(company: str, invoice: Invoice) -> bytes:
    """The invoice's facts in Helvetica on A4."""
    lines = (
        company,
        f"Invoice {invoice.number}",
        f"To {invoice.contact.name}",
        f"Date {invoice.issued.isoformat()}",
        f"Due {invoice.due.isoformat() if invoice.due else '-'}",
        f"Amount due {invoice.amount_due} {invoice.currency}",
    )
    text = "".join(f"({_escaped(line)}) Tj 0 -20 Td\n" for line in lines)
    content = f"BT /F1 12 Tf 60 780 Td\n{text}ET".encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    return _assembled(objects)


def _assembled(objects: tuple[bytes, ...]) -> bytes:
    """The objects with a table of where each begins, as a reader expects."""
    document = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        document += b"%010d 00000 n \n" % place
    document += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    document += b"startxref\n%d\n%%%%EOF\n" % table
    return bytes(document)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
