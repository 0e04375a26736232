"""Whatever happens in a company, and however its pulls are cut, the book ends equal to it.

A history is drawn: invoices, payments, credits, customers and what becomes of them; days that pass;
pulls that are killed, that meet a fault, during which more happens; and the readings right before
sending. ``ARSYNC_HISTORIES`` is how many are played for each connector (``make nightly``: 10,000), in
parts that several workers can share. A failure prints the history as text: ``play(...)`` plays it again.
"""

from __future__ import annotations

import os

import pytest
from csv_world import CsvWorld
from drawing import histories
from engine import play
from hypothesis import HealthCheck, given, note, settings
from quickbooks_world import QuickBooksWorld
from vocabulary import History
from xero_world import XeroWorld

HISTORIES = int(os.environ.get("ARSYNC_HISTORIES", "500"))
PART = 500

many = settings(
    max_examples=min(HISTORIES, PART),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
in_parts = pytest.mark.parametrize("part", range(-(-HISTORIES // PART)))


@in_parts
@many
@given(history=histories("quickbooks", QuickBooksWorld.mishaps))
def test_a_book_equals_its_company_in_quickbooks(part: int, history: History) -> None:
    note(repr(history))
    play(QuickBooksWorld, history)


@in_parts
@many
@given(history=histories("xero", XeroWorld.mishaps))
def test_a_book_equals_its_organisation_in_xero(part: int, history: History) -> None:
    note(repr(history))
    play(XeroWorld, history)


@in_parts
@many
@given(history=histories("csv", CsvWorld.mishaps))
def test_a_book_equals_the_files_it_is_read_from(part: int, history: History) -> None:
    note(repr(history))
    play(CsvWorld, history)
