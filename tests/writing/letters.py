"""Views of letters for the tests of this folder."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from arsync.writing import LetterLine, LetterView, Templates, load_templates

PAID_IN_PART = LetterLine(
    number="INV-3",
    issued_on=date(2026, 9, 1),
    due_on=date(2026, 10, 1),
    days_overdue=53,
    total=100000,
    open=123456,
    step="first reminder",
)
PLAIN = LetterLine(
    number="INV-12",
    issued_on=None,
    due_on=date(2026, 11, 22),
    days_overdue=1,
    total=8000,
    open=8000,
    step="first reminder",
)
EARLY = LetterLine(
    number="INV-20",
    issued_on=date(2026, 11, 1),
    due_on=date(2026, 11, 26),
    days_overdue=-3,
    total=500,
    open=500,
    step="first reminder",
)
VIEW = LetterView(
    customer_name="Norrland Joinery Ltd",
    company="Acme Ltd",
    sender_name="Acme Accounts",
    sender_address="ar@acme.example",
    reply_to="answers@acme.example",
    step="first reminder",
    lines=(PLAIN,),
    currency="USD",
    unapplied=0,
    today=date(2026, 11, 23),
)


def view(**changes: Any) -> LetterView:
    """VIEW with other values."""
    return msgspec.structs.replace(VIEW, **changes)


def templates(folder: Path, **files: str) -> Templates:
    """The shipped templates under those of a folder; `letter_fr_txt` becomes `letter.fr.txt`."""
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return load_templates(folder)
