"""What is fed with damaged inputs. Each has its law: nothing but the errors that a reader is told of comes
out, and what was read is stored or rejected, never lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from answers import NOW, quickbooks, xero
from file_laws import (
    addresses,
    files,
    mail_answers,
    policy,
    practice,
    sentences,
    template,
    token_answer,
    written_notes,
)
from mutants import ATOMS, damaged, misshapen, reworded
from seeds import (
    FAULTS,
    GRANTED,
    LIST,
    NOTES,
    POLICY,
    PRACTICE,
    SMTP,
    TEMPLATE,
    TOKEN,
    WORDS,
    XERO_FAULTS,
)
from vendor_laws import (
    access_token,
    headers,
    people_s_text,
    quickbooks_changes,
    quickbooks_fault,
    quickbooks_page,
    quickbooks_replies,
    quickbooks_report,
    stored_cursors,
    xero_fault,
    xero_page,
    xero_plain,
)

from arsync.practice import standard_policy
from arsync_quickbooks import cursor as quickbooks_cursor

FUZZ = Path(__file__).parent
CURSORS = (b"", quickbooks_cursor.write(quickbooks_cursor.fresh(NOW, home="USD")).encode())


class Target(NamedTuple):
    """``feed`` gets an input and asserts; ``seeds`` are good inputs, ``damage`` makes bad ones of them.
    ``weight`` is how many inputs it gets beside the others."""

    seeds: Sequence[bytes]
    feed: Callable[[bytes], None]
    damage: Callable[[bytes, random.Random], bytes] = damaged
    weight: int = 1


def _secret_seeds() -> tuple[bytes, ...]:
    return (PRACTICE, PRACTICE.replace(b"env:ARSYNC_SMTP_PASSWORD", b"hunter2"))


def targets(folder: Path) -> dict[str, Target]:
    """All of them; ``folder`` is for those that read files."""
    ours, theirs = quickbooks(), xero()
    words = [str(atom) for atom in ATOMS if isinstance(atom, str | int)]
    toml = partial(reworded, words=[word for word in words if len(word) < 50 and word.isprintable()])
    found = {
        f"quickbooks-{entity}": Target([ours[entity]], partial(quickbooks_page, entity), misshapen, 2)
        for entity in ("Invoice", "Customer", "CreditMemo", "Payment")
    }
    found |= {
        f"xero-{kind}": Target([theirs[kind]], partial(xero_page, kind), misshapen, 2)
        for kind in ("Invoices", "Contacts", "CreditNotes", "Overpayments", "Prepayments", "Payments")
    }
    plain = [theirs[kind] for kind in ("connections", "Organisation", "InvoiceReminders/Settings", "History")]
    asked = [ours[kind] for kind in ("CompanyInfo", "preferences", "Invoice", "Customer")]
    return found | {
        "quickbooks-cdc": Target([ours["cdc"]], quickbooks_changes, misshapen, 2),
        "quickbooks-report": Target([ours["report"]], quickbooks_report, misshapen, 2),
        "quickbooks-replies": Target(asked, quickbooks_replies, misshapen),
        "quickbooks-fault": Target(FAULTS, quickbooks_fault, misshapen),
        "quickbooks-memo": Target(NOTES, people_s_text),
        "xero-plain": Target(plain, xero_plain, misshapen),
        "xero-fault": Target(XERO_FAULTS, xero_fault, misshapen),
        "retry-after": Target((b"60", b"Mon, 23 Nov 2026 08:00:00 GMT"), headers),
        "files": Target((LIST,), partial(files, folder), partial(reworded, words=words), 2),
        "mail-answers": Target(SMTP, mail_answers, damaged, 2),
        "token": Target(GRANTED, token_answer, misshapen),
        "access-token": Target((TOKEN,), access_token),
        "cursor": Target(CURSORS, stored_cursors, misshapen),
        "notes": Target(NOTES, written_notes),
        "addresses": Target(WORDS, addresses),
        "sentences": Target(WORDS, sentences, partial(reworded, words=words)),
        "policy": Target((POLICY, standard_policy().encode()), policy, toml, 2),
        "practice": Target(_secret_seeds(), partial(practice, folder), toml, 2),
        "template": Target((TEMPLATE,), partial(template, folder), partial(reworded, words=words), 2),
    }
