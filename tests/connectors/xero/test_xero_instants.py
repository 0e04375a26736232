"""The forms in which Xero tells instants, days and time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from arsync_xero.instants import NotADate, civil, instant, stamp, text_of
from arsync_xero.zones import iana


def test_both_forms_of_an_instant() -> None:
    expected = datetime(2018, 11, 2, 16, 31, 30, 160000, UTC)
    assert instant("/Date(1541176290160+0000)/") == expected
    assert instant("/Date(1541176290160)/") == expected
    assert instant("/Date(1541176290160-0500)/") == expected
    assert instant("2018-11-02 16:31:30.160+00:00") == expected
    assert instant("2018-11-02T16:31:30.160") == expected
    assert stamp("/Date(1541176290160+0000)/") == stamp("2018-11-02 16:31:30.160+00:00")
    assert stamp("/Date(-1+0000)/") == "1969-12-31T23:59:59.999Z"
    assert text_of(expected) == "2018-11-02T16:31:30Z"


@pytest.mark.parametrize("text", ["/Date(x)/", "/Date(99999999999999999+0000)/", "/Date(+0000)/", "today"])
def test_what_is_no_instant(text: str) -> None:
    with pytest.raises(NotADate):
        instant(text)
    with pytest.raises((NotADate, OverflowError)):
        stamp(text)


def test_a_civil_date_needs_no_offset() -> None:
    assert civil(None, None) is None
    assert civil("", "/Date(1735603200000+0000)/") == date(2024, 12, 31)


def test_the_time_zones_that_xero_names() -> None:
    assert iana("NEWZEALANDSTANDARDTIME") == "Pacific/Auckland"
    assert iana("GMTSTANDARDTIME") == "Europe/London"
    assert iana("CENTRALSTANDARDTIME(MEXICO)") == "America/Mexico_City"
    assert iana("UTC+12") == "Etc/GMT-12"
    assert iana("UTC11") == "Etc/GMT+11"
    assert iana("KAMCHATKASTANDARDTIME") == "Asia/Kamchatka"
    assert iana("MOONSTANDARDTIME") is None
    assert iana(None) is None
