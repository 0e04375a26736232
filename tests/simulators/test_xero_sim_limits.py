"""Call limits and faults on demand."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import requests
from xero_desk import TODAY, Desk, desk_of, frozen_company

from arsync_xero.simulator import Company, Rules


@pytest.fixture
def company() -> Company:
    company = frozen_company()
    company.add_invoice(company.add_contact("Yew", "office@yew.example"), "100", TODAY, TODAY, "A1")
    return company


@pytest.fixture
def desk(company: Company) -> Iterator[Desk]:
    with desk_of(company) as desk:
        yield desk


def test_every_reply_tells_what_is_left(company: Company) -> None:
    with desk_of(company, rules=Rules(per_day=1000)) as desk:
        desk.get("Organisation")
        reply = desk.get(f"Invoices/{company.contact('Yew').id}")
        assert reply.status_code == 404
        assert reply.headers["X-DayLimit-Remaining"] == "998"
        assert reply.headers["X-MinLimit-Remaining"] == "58"
        assert reply.headers["X-AppMinLimit-Remaining"] == "9998"


def test_the_minute_is_over_after_sixty_calls_and_back_when_it_says(company: Company) -> None:
    with desk_of(company, rules=Rules()) as desk:
        assert {desk.get("Organisation").status_code for _ in range(60)} == {200}
        desk.simulator.advance(seconds=20)
        reply = desk.get("Organisation")
        assert (reply.status_code, reply.content) == (429, b"")
        assert reply.headers["X-Rate-Limit-Problem"] == "minute"
        assert reply.headers["X-MinLimit-Remaining"] == "0"
        wait = int(reply.headers["Retry-After"])
        assert 40 <= wait <= 41
        desk.simulator.advance(seconds=wait)
        assert desk.get("Organisation").status_code == 200


def test_the_day_is_over_for_hours(company: Company) -> None:
    with desk_of(company, rules=Rules(per_day=3)) as desk:
        assert [desk.get("Organisation").status_code for _ in range(4)] == [200, 200, 200, 429]
        reply = desk.get("Organisation")
        assert reply.headers["X-Rate-Limit-Problem"] == "day"
        assert reply.headers["X-DayLimit-Remaining"] == "0"
        assert int(reply.headers["Retry-After"]) > 86_000


def test_each_tenant_has_its_own_minute() -> None:
    other = Company("5b0c8a0e-3f0c-4b58-9a55-0a3d3c1f7c01", "Other Ltd")
    with desk_of(frozen_company(), other, rules=Rules(per_minute=1)) as desk:
        assert [desk.get("Organisation").status_code for _ in range(2)] == [200, 429]
        assert desk.get("Organisation", {"xero-tenant-id": other.tenant}).status_code == 200


def test_calls_above_the_concurrent_limit_are_refused_without_a_time_to_wait(company: Company) -> None:
    with desk_of(company, rules=Rules(concurrent=2)) as desk:
        fault = desk.simulator.faults.add("delay", times=2, seconds=60)
        replies: list[int] = []

        def slow() -> None:
            replies.append(
                requests.get(f"{desk.url}/api.xro/2.0/Organisation", headers=headers, timeout=120).status_code
            )

        headers = dict(desk.http.headers)
        threads = [threading.Thread(target=slow) for _ in range(2)]
        for thread in threads:
            thread.start()
        while desk.simulator.limits.in_flight(company.tenant) < 2:
            time.sleep(0.005)
        reply = desk.get("Organisation")
        assert (reply.status_code, reply.headers["X-Rate-Limit-Problem"]) == (429, "concurrent")
        assert "Retry-After" not in reply.headers
        fault.release()
        for thread in threads:
            thread.join()
        assert replies == [200, 200]


@pytest.mark.parametrize(
    ("kind", "status", "problem", "waits"),
    [
        ("429-minute", 429, "minute", "60"),
        ("429-day", 429, "day", "73451"),
        ("429-concurrent", 429, "concurrent", None),
        ("429-appminute", 429, "appminute", "60"),
        ("401-expired", 401, None, None),
        ("403-forbidden", 403, None, None),
        ("500", 500, None, None),
        ("503-html", 503, None, None),
        ("400-empty", 400, None, None),
        ("400-html", 400, None, None),
        ("200-html", 200, None, None),
    ],
)
def test_an_answer_instead_of_the_real_one(
    desk: Desk, kind: str, status: int, problem: str | None, waits: str | None
) -> None:
    fault = desk.simulator.faults.add(kind)
    reply = desk.get("Organisation")
    assert reply.status_code == status
    assert reply.headers.get("X-Rate-Limit-Problem") == problem
    assert reply.headers.get("Retry-After") == waits
    assert ("html" in reply.headers.get("Content-Type", "")) == kind.endswith("html")
    assert (reply.content == b"") == (kind == "400-empty" or status == 429)
    assert "X-DayLimit-Remaining" in reply.headers
    assert desk.get("Organisation").json()["Organisations"][0]["Name"] == "Bench Ltd"
    assert fault.hits == 1


def test_a_rule_picks_its_requests(desk: Desk) -> None:
    desk.simulator.faults.add("500", path_regex=r"/Invoices\?.*page=2", times=None)
    desk.simulator.faults.add("503-html", path_regex="Organisation", after=1, times=2)
    desk.simulator.faults.add("500", path_regex=r"/connect/token", method="POST")
    assert [desk.get("Invoices", page=page).status_code for page in (1, 2, 2, 3)] == [200, 500, 500, 200]
    assert [desk.get("Organisation").status_code for _ in range(4)] == [200, 503, 503, 200]
    assert requests.post(f"{desk.url}/connect/token", timeout=60).status_code == 500
    desk.simulator.faults.clear()
    assert desk.get("Invoices", page=2).status_code == 200
    with pytest.raises(ValueError, match="no fault 418"):
        desk.simulator.faults.add("418")


def test_malformed_and_cut_off_bodies(desk: Desk) -> None:
    desk.simulator.faults.add("malformed-json")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        desk.get("Organisation").json()
    desk.simulator.faults.add("cut-off-body")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        desk.get("Organisation")
    assert desk.get("Organisation").status_code == 200


@pytest.mark.parametrize(
    ("kind", "notes"),
    [("reset-before-commit", 0), ("reset-after-commit", 1), ("silent", 0), ("silent-after-commit", 1)],
)
def test_a_lost_answer_with_and_without_its_effect(
    desk: Desk, company: Company, kind: str, notes: int
) -> None:
    invoice = company.invoice("A1").id
    desk.simulator.faults.add(kind, seconds=0.05)
    with pytest.raises(requests.exceptions.ConnectionError):
        desk.note(f"Invoices/{invoice}", "hello", key="k1")
    assert len(company.history(invoice)) == notes
    assert desk.note(f"Invoices/{invoice}", "hello", key="k1").status_code == 200
    assert len(company.history(invoice)) == 1
    assert [call.status for call in desk.simulator.calls.to("PUT Invoices/{id}/History")] == [0, 200]


def test_a_slow_answer_arrives_whole(desk: Desk) -> None:
    desk.simulator.faults.add("slow-drip", seconds=0.1)
    assert desk.get("Organisation").json()["Status"] == "OK"


def test_an_unhandled_error_is_remembered_under_its_key_but_a_limit_is_not(
    desk: Desk, company: Company
) -> None:
    path = f"Invoices/{company.invoice('A1').id}"
    desk.simulator.faults.add("500")
    assert [desk.note(path, "hello", key="k1").status_code for _ in range(2)] == [500, 500]
    desk.simulator.faults.add("429-minute")
    assert [desk.note(path, "hello", key="k2").status_code for _ in range(2)] == [429, 200]
    assert len(company.history(company.invoice("A1").id)) == 1


def test_closing_the_server_ends_a_silence(company: Company) -> None:
    with desk_of(company) as desk:
        fault = desk.simulator.faults.add("silent", path_regex="Organisation", seconds=60)
        failures: list[Exception] = []

        def wait() -> None:
            try:
                desk.send("GET", "Organisation", timeout=50)
            except requests.exceptions.RequestException as error:
                failures.append(error)

        thread = threading.Thread(target=wait)
        thread.start()
        while not fault.hits:
            time.sleep(0.005)
    thread.join(timeout=30)
    assert [type(error) for error in failures] == [requests.exceptions.ConnectionError]
