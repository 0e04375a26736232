"""Every shape in which QuickBooks refuses, and what it means for the caller."""

from __future__ import annotations

import json

import pytest

from arsync.connector import Wait
from arsync.errors import Conflict, Reconnect, Refused
from arsync_quickbooks import faults


def upper(code: str, message: str = "No") -> bytes:
    error = {"Message": message, "Detail": "Some detail", "code": code, "element": ""}
    return json.dumps({"Fault": {"Error": [error], "type": "ValidationFault"}, "time": "x"}).encode()


def lower(code: str, message: str = "No") -> bytes:
    error = {"message": message, "detail": "Token expired: eyJhbGciOi", "code": code, "element": None}
    body = {"warnings": None, "fault": {"error": [error], "type": "AUTHENTICATION"}, "queryResponse": None}
    return json.dumps(body).encode()


def xml(code: str, message: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<IntuitResponse xmlns="http://schema.intuit.com/finance/v3" time="2026-03-02T04:00:00-08:00">'
        f'<Fault type="SERVICE"><Error code="{code}"><Message>{message}</Message>'
        "<Detail>The request limit was reached.</Detail></Error></Fault></IntuitResponse>"
    ).encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (upper("5010"), 5010),
        (lower("3200"), 3200),
        (xml("3001", "message=ThrottleExceeded; errorCode=003001; statusCode=403"), 3001),
        (b'<Fault type="x"><Error element="n"><Message>errorCode=003100</Message></Error></Fault>', 3100),
        (b'{"Fault":{"Error":[{"Message":"No code at all"}]}}', None),
        (b'{"Fault":{"Error":[{"Message":"Odd","code":"abc"}]}}', None),
        (b'{"Fault":{"Error":[]}}', None),
        (b'{"Fault":"odd"}', None),
        (b'{"Fault":{"Error":[{"code":610},{"code":5010}]}}', 610),
    ],
)
def test_a_fault_is_found_in_every_shape(body: bytes, code: int | None) -> None:
    fault = faults.found(body)
    assert fault is not None
    assert fault.code == code


@pytest.mark.parametrize(
    "body",
    [
        b'{"QueryResponse":{"Customer":[{"Id":"1","DisplayName":"\\"Fault\\" & Sons"}]}}',
        b'{"BatchItemResponse":[{"bId":"1","Fault":{"Error":[{"code":"5010"}]}}]}',
        b"<html><body>Service Unavailable</body></html>",
        b"",
        b'{"fault":null,"QueryResponse":{}}',
    ],
)
def test_words_inside_an_answer_are_no_fault(body: bytes) -> None:
    assert faults.found(body) is None


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, upper("3001"), Wait),
        (429, b"", Wait),
        (403, xml("3001", "message=ThrottleExceeded"), Wait),
        (200, xml("3001", "ThrottleExceeded"), Wait),
        (400, upper("99999"), Wait),
        (500, upper("10000"), Wait),
        (503, b"<html></html>", Wait),
        (200, b"<html></html>", Wait),
        (200, b"", Wait),
        (403, upper("3100"), Reconnect),
        (403, b"", Reconnect),
        (401, lower("120"), Reconnect),
        (401, lower("3200"), Reconnect),
        (400, upper("5010"), Conflict),
        (400, upper("610"), Refused),
        (400, upper("2050"), Refused),
        (400, upper("4001"), Refused),
        (400, upper("6190"), Refused),
        (400, upper("6210"), Refused),
        (400, b"<html></html>", Refused),
        (302, b"", Refused),
        (200, upper("6000"), Refused),
    ],
)
def test_what_a_refusal_means(status: int, body: bytes, kind: type) -> None:
    result = faults.outcome(status, faults.found(body), request_id="tid-1", wait=None)
    assert type(result) is kind


def test_throttling_waits_a_minute_unless_told_otherwise() -> None:
    fault = faults.found(upper("3001"))
    assert faults.outcome(429, fault, request_id=None, wait=None) == Wait(
        "QuickBooks is throttling this company", 60.0, throttled=True
    )
    told = faults.outcome(429, fault, request_id=None, wait=7.0)
    assert isinstance(told, Wait)
    assert told.seconds == 7.0


def test_an_error_names_code_and_request_and_none_of_the_vendors_details() -> None:
    error = faults.outcome(400, faults.found(upper("6210", "Secret words")), request_id="tid-9", wait=None)
    assert isinstance(error, Refused)
    assert (error.code, error.request_id) == ("6210", "tid-9")
    assert "closed" in str(error)
    assert "Secret" not in str(error)


def test_words_for_a_person_are_one_short_line_without_tokens() -> None:
    fault = faults.Fault(6000, "Bad\r\nvalue eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4 " + "x " * 200)
    words = faults.words(fault)
    assert "\n" not in words
    assert "eyJ" not in words
    assert words.startswith("QuickBooks: Bad value ... x")
    assert words.endswith("(code 6000)")
    assert len(words) < 200
