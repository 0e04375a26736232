"""Amounts, dates and states: each read in one way, by the settings, or not at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync_csv.amounts import POINTS, Point, amount, figures_of, number
from arsync_csv.cells import NotUnderstood
from arsync_csv.days import USUAL, day, is_layout
from arsync_csv.statuses import meaning_of


@pytest.mark.parametrize(
    ("text", "point", "value"),
    [
        ("1,234.50", ".", "1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("€ 1 234,50", ",", "1234.50"),
        ("1\u00a0234,50\u00a0€", ",", "1234.50"),
        ("1\u202f234\u202f567,5", ",", "1234567.5"),
        ("1'234.50", ".", "1234.50"),
        ("1’234’567.50", ".", "1234567.50"),
        ("EUR 12.00", ".", "12.00"),
        ("12.00EUR", ".", "12.00"),
        ("(45.00)", ".", "-45.00"),
        ("-45.00", ".", "-45.00"),
        ("45,00-", ",", "-45.00"),
        ("\u221245.00", ".", "-45.00"),
        ("- €45.00", ".", "-45.00"),
        ("€-45.00", ".", "-45.00"),
        ("+45", ".", "45"),
        ("12,34,567.00", ".", "1234567.00"),
        (".50", ".", "0.50"),
        ("0", ",", "0"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("１２.50", ".", "12.50"),  # full-width digits
    ],
)
def test_an_amount_is_read_exactly(text: str, point: Point, value: str) -> None:
    assert amount(text, point, "EUR") == Decimal(value)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("1.234,50", "."),
        ("1,234.50", ","),
        ("1234.50", ","),  # a point may only stand before three digits there
        ("1,23", "."),
        ("12,345,67", "."),
        ("1 234,567.00", "."),  # two different marks between groups
        ("1.234.50", "."),
        ("12.", "."),
        ("(-45.00)", "."),
        ("-45.00-", "."),
        ("--45", "."),
        ("$45.00", "."),
        ("USD 45.00", "."),
        ("£45", "."),
        ("45.00 CR", "."),
        ("45%", "."),
        ("€45€", "."),
        ("45 00 1", "."),
        ("1e5", "."),
        ("NaN", "."),
        ("Infinity", "."),
        ("twelve", "."),
        ("€", "."),
        ("", "."),
        ("12\n34", "."),
        ("٤٥", "."),  # digits that are no figures of ours
    ],
)
def test_what_is_no_amount_in_euros_is_refused(text: str, point: Point) -> None:
    with pytest.raises(NotUnderstood):
        amount(text, point, "EUR")


def test_a_mark_has_to_be_of_the_rows_currency() -> None:
    assert amount("$45.00", ".", "CAD") == Decimal("45.00")
    assert amount("Fr. 45.00", ".", "CHF") == Decimal("45.00")
    assert amount("45,00 kr", ",", "SEK") == Decimal("45.00")
    with pytest.raises(NotUnderstood, match="not in CAD"):
        amount("US$45.00", ".", "CAD")


def test_a_date_is_no_amount() -> None:
    with pytest.raises(NotUnderstood):
        amount(date(2026, 11, 5), ".", "EUR")


@given(
    units=st.integers(-(10**12), 10**12),
    point=st.sampled_from(POINTS),
    group=st.sampled_from(["", " ", "\u00a0", "'", "other"]),
    places=st.integers(0, 3),
    brackets=st.booleans(),
)
def test_whatever_is_written_is_read_back(
    units: int, point: Point, group: str, places: int, brackets: bool
) -> None:
    value = Decimal(units).scaleb(-places)
    other = "," if point == "." else "."
    between = other if group == "other" else group
    plain = f"{abs(value):,.{places}f}".replace(",", "_").replace(".", point).replace("_", between)
    text = f"({plain})" if brackets and value < 0 else f"-{plain}" if value < 0 else plain
    assert amount(text, point, "EUR") == value


@given(st.text(max_size=20) | st.text("0123456789.,'-()€ ", max_size=12))
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    for point in POINTS:
        try:
            value = amount(text, point, "EUR")
        except NotUnderstood:
            continue
        assert value.is_finite()
        figures = figures_of(text)
        assert figures is not None
        assert number(figures, point) == abs(value)


@pytest.mark.parametrize(
    ("text", "layout", "value"),
    [
        ("2026-11-05", "YYYY-MM-DD", date(2026, 11, 5)),
        ("2026-11-05T23:30:00+02:00", "YYYY-MM-DD", date(2026, 11, 5)),
        ("2026-11-05 00:00:00", "YYYY-MM-DD", date(2026, 11, 5)),
        ("05/11/2026", "DD/MM/YYYY", date(2026, 11, 5)),
        ("05/11/2026", "MM/DD/YYYY", date(2026, 5, 11)),
        ("5/11/2026", "DD/MM/YYYY", date(2026, 11, 5)),
        ("5.11.26", "DD.MM.YY", date(2026, 11, 5)),
        ("20261105", "YYYYMMDD", date(2026, 11, 5)),
        ("5 Nov 2026", "DD MMM YYYY", date(2026, 11, 5)),
        ("05-NOV-26", "DD-MMM-YY", date(2026, 11, 5)),
        ("November 5, 2026", "MMM DD, YYYY", date(2026, 11, 5)),
        ("5. März 2026", "DD. MMM YYYY", date(2026, 3, 5)),
        ("5 août 2026", "DD MMM YYYY", date(2026, 8, 5)),
        ("5 juil. 2026", "DD MMM YYYY", date(2026, 7, 5)),
        ("5 ene 2026", "DD MMM YYYY", date(2026, 1, 5)),
        ("5 mrt 2026", "DD MMM YYYY", date(2026, 3, 5)),
        ("5 maggio 2026", "DD MMM YYYY", date(2026, 5, 5)),
    ],
)
def test_a_date_is_read_by_its_format(text: str, layout: str, value: date) -> None:
    assert day(text, layout) == value


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("05/13/2026", "DD/MM/YYYY"),
        ("31/02/2026", "DD/MM/YYYY"),
        ("05.11.2026", "DD/MM/YYYY"),
        ("05/11/26", "DD/MM/YYYY"),
        ("0026-11-05", "YYYY-MM-DD"),
        ("45983", "YYYY-MM-DD"),
        ("5 jui 2026", "DD MMM YYYY"),  # juin or juillet
        ("5 Foo 2026", "DD MMM YYYY"),
        ("soon", "DD/MM/YYYY"),
        ("0000-00-00", "YYYY-MM-DD"),
    ],
)
def test_what_is_not_written_so_is_refused(text: str, layout: str) -> None:
    with pytest.raises(NotUnderstood):
        day(text, layout)


def test_cells_of_a_workbook_need_no_format() -> None:
    assert day(date(2026, 11, 5), "DD/MM/YYYY") == date(2026, 11, 5)
    assert day("", "DD/MM/YYYY") is None
    with pytest.raises(NotUnderstood, match="a number"):
        day(Decimal(45983), "DD/MM/YYYY")


@given(day_=st.dates(date(1970, 1, 1), date(2199, 12, 31)), layout=st.sampled_from(USUAL))
def test_each_usual_format_is_read_back(day_: date, layout: str) -> None:
    if "YYYY" not in layout and not 2000 <= day_.year < 2100:
        day_ = day_.replace(year=2026, day=min(day_.day, 28))
    written = layout.replace("YYYY", "%Y").replace("YY", "%y").replace("MMM", "%b").replace("MM", "%m")
    assert day(day_.strftime(written.replace("DD", "%d")), layout) == day_


def test_every_usual_format_may_be_set() -> None:
    assert all(is_layout(layout) for layout in USUAL)
    assert not any(map(is_layout, ("", "YYYY", "DD/MM", "MM/DD/YYYY/DD", "dd/mm/yyyy", "YYYY-MM-DD hh")))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", "open"),
        ("Overdue", "open"),
        ("PAID", "paid"),
        ("Überfällig", "open"),
        ("Payée", "paid"),
        ("Geannuleerd", "void"),
        ("Borrador", "draft"),
        ("in Mahnung", "open"),
    ],
)
def test_a_state_in_words(text: str, meaning: str) -> None:
    assert meaning_of(text, {"In mahnung": "open"}) == meaning


def test_an_unknown_state_is_not_taken_for_open() -> None:
    with pytest.raises(NotUnderstood, match="written off"):
        meaning_of("written off", {})
