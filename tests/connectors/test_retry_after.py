"""What a Retry-After header asks for, in whatever form it comes (RFC 9110, section 10.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests

from arsync.connector import retry_after

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DAY = 24 * 3600.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60", 60.0),
        (" 5 ", 5.0),
        ("Mon, 23 Nov 2026 08:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2026 07:59:00 GMT", 0.0),
        ("9" * 400, DAY),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY),
        ("²", None),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
def test_the_wait_that_is_asked_for(text: str, seconds: float | None) -> None:
    answer = requests.Response()
    answer.headers["Retry-After"] = text
    assert retry_after(answer, NOW) == seconds


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Mon, 23 Nov 2026 09:00:00 GMT", 90.0),  # our clock is an hour late, and it does not matter
        ("Mon, 23 Nov 2026 07:00:00 GMT", 7290.0),
        ("yesterday", 3690.0),
        ("Mon, 23 Nov 99999999999999999999 09:00:00 GMT", 3690.0),
    ],
)
def test_an_instant_is_one_of_the_services_clock(date: str, seconds: float) -> None:
    answer = requests.Response()
    answer.headers.update({"Retry-After": "Mon, 23 Nov 2026 09:01:30 GMT", "Date": date})
    assert retry_after(answer, NOW) == seconds
