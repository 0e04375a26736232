"""The table of invoices in a letter: aligned columns for text, a real table for HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from arsync.writing.fields import amount, day, locale_of
from arsync.writing.plain_text import plain_line
from arsync.writing.view import LetterView

LONGEST_NUMBER = 30
MOST_ROWS = 500
"""Invoices in rows of their own; the last row sums up the others."""

HEADINGS = {
    "de": ("Rechnung", "Datum", "Fällig", "Tage überfällig", "Betrag", "Offen", "Gefordert"),
    "en": ("Invoice", "Date", "Due", "Days overdue", "Amount", "Open", "Asked for now"),
    "es": ("Factura", "Fecha", "Vencimiento", "Días de retraso", "Importe", "Pendiente", "Solicitado ahora"),
    "fr": ("Facture", "Date", "Échéance", "Jours de retard", "Montant", "Solde dû", "Demandé"),
    "it": ("Fattura", "Data", "Scadenza", "Giorni di ritardo", "Importo", "Da pagare", "Richiesto ora"),
    "nl": ("Factuur", "Datum", "Vervaldatum", "Dagen te laat", "Bedrag", "Openstaand", "Nu gevraagd"),
    "pt": ("Fatura", "Data", "Vencimento", "Dias de atraso", "Valor", "Em aberto", "Pedido agora"),
}
_OPENING = '<table cellpadding="5" style="border-collapse:collapse;margin:0 0 16px 0;">'
FRAME = (_OPENING, "left", "right")
"""What every table of a page says of itself, whatever is in it."""
_NUMERIC = (False, False, False, True, True, True, True)  # columns that stand to the right


def text_table(view: LetterView) -> str:
    """Columns with two spaces between them, a line an invoice under its headings."""
    columns = _columns(view)
    widths = [max(map(len, cells)) for cells, _ in columns]
    rows = zip(*(cells for cells, _ in columns), strict=True)
    lines = []
    for row in rows:
        padded = (
            cell.rjust(width) if numeric else cell.ljust(width)
            for cell, width, (_, numeric) in zip(row, widths, columns, strict=True)
        )
        lines.append("  ".join(padded).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def html_table(view: LetterView) -> str:
    """The same cells as a table, everything escaped."""
    columns = _columns(view)
    rows = list(zip(*(cells for cells, _ in columns), strict=True))
    numeric = [right for _, right in columns]
    body = "\n".join(_row(row, numeric, "td") for row in rows[1:])
    return (
        f"{_OPENING}\n<thead>\n{_row(rows[0], numeric, 'th')}\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )


def _row(cells: Sequence[str], numeric: Sequence[bool], tag: str) -> str:
    return "".join(
        (
            "<tr>",
            *(
                f'<{tag} align="{"right" if right else "left"}">{escape(cell)}</{tag}>'
                for cell, right in zip(cells, numeric, strict=True)
            ),
            "</tr>",
        )
    )


def _columns(view: LetterView) -> list[tuple[list[str], bool]]:
    """Heading and cells of each column that says something, and whether it stands to the right."""
    locale = locale_of(view.language)
    lines, rest = view.lines[:MOST_ROWS], view.lines[MOST_ROWS:]
    part_paid = any(line.total != line.open for line in view.lines)
    part_asked = any(line.asked != line.open for line in view.lines)
    rows = [
        [
            plain_line(line.number, LONGEST_NUMBER),
            day(line.issued_on, locale),
            day(line.due_on, locale),
            str(line.days_overdue) if (line.days_overdue or 0) > 0 else "",
            amount(line.total, view.currency, locale) if part_paid else "",
            amount(line.open, view.currency, locale),
            amount(line.asked, view.currency, locale) if part_asked else "",
        ]
        for line in lines
    ]
    if rest:
        left, asked = (
            amount(sum(units), view.currency, locale)
            for units in zip(*((line.open, line.asked) for line in rest), strict=True)
        )
        rows.append([f"… +{len(rest)}", "", "", "", "", left, asked if part_asked else ""])
    headings = HEADINGS.get(locale.language, HEADINGS["en"])
    columns = zip(headings, zip(*rows, strict=True), _NUMERIC, strict=True)
    return [([heading, *cells], right) for heading, cells, right in columns if any(cells)]
