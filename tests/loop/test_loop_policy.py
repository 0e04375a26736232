"""A house policy and what stands below it: `arsync policy show` and `arsync policy diff`."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from loop_desk import Desk
from loop_ledgers import Ledger, QuickBooks

HOUSE = """\
name = "house"
min_gap_days = 7
locked = ["caps"]
[[steps]]
name = "first reminder"
when = "1 day after due"
[[steps]]
name = "final notice"
when = "40 days after due"
only_for = "large"
[[ladders.gentle.steps]]
name = "second reminder"
when = "2 days after due"
[[segments]]
name = "large"
where = { at_least = { USD = "500.00" } }
"""
BOOK = """\
min_gap_days = 4
[customers."lumen YOGA"]
to = "books@lumen.example"
profile = "consumer"
[customers."Nobody Ltd"]
debt = "rent"
[invoices.1002]
ladder = "gentle"
[invoices.9999]
ladder = "gentle"
"""


def with_house(desk: Desk, house: str = HOUSE, book: str | None = BOOK) -> None:
    """The practice has a house policy; its books have a policy of their own or none."""
    path = desk.folder / "arsync.toml"
    text = path.read_text("utf-8").replace('"Test"\n', '"Test"\npolicy = "house.toml"\n', 1)
    if book is None:
        text = text.replace('policy = "policy.toml"\n', "")
    path.write_text(text, "utf-8")
    (desk.folder / "house.toml").write_text(house, "utf-8")
    desk.policy(book or "")


@pytest.fixture
def owing(desk: Desk, quickbooks: QuickBooks) -> Ledger:
    """Lumen Yoga owes 1001 and 1002, and a house policy stands above the book's."""
    with_house(desk)
    customer = quickbooks.customer("Lumen Yoga")
    quickbooks.invoice(customer, "120.00", number="1001")
    quickbooks.invoice(customer, "800.00", number="1002")
    quickbooks.invoice(customer, "900.00", number="1003")
    paid = quickbooks.invoice(customer, "5.00", number="1004")
    quickbooks.pay(paid)
    quickbooks.customer("Harbor Hotels", "pay@harbor.example")
    desk.ok("sync")
    return quickbooks


def values(shape: dict[str, Any]) -> dict[str, tuple[str, str, str | None]]:
    return {each["key"]: (each["value"], each["level"], each["source"]) for each in shape["values"]}


def test_what_is_in_force_in_a_book(desk: Desk, owing: Ledger) -> None:
    shape = desk.ok("policy", "show", "acme", "--json").json

    assert (shape["book"], shape["policy"], shape["customer"], shape["invoice"]) == (
        "acme", "house", None, None,
    )  # fmt: skip
    told = values(shape)
    assert told["min_gap_days"] == ("4 days", "book", "policy.toml:1")
    assert told["ladder"] == ("steps", "practice", "house.toml:4")
    assert told["caps"] == ("none", "built in", None)
    assert [(step["step"], step["when"], step["conditions"]) for step in shape["ladder"]] == [
        ("first reminder", "1 day after due", []),
        ("final notice", "40 days after due", ["only for large"]),
    ]
    assert [step["step"] for step in shape["ladders"]["gentle"]] == ["second reminder"]
    [large] = shape["segments"]
    assert (large["name"], large["where"], large["source"]) == (
        "large", "at least 500.00 USD", "house.toml:14",
    )  # fmt: skip
    assert shape["unknown"] == {"customers": ["Nobody Ltd"], "invoices": ["9999"]}


def test_what_is_in_force_for_a_customer(desk: Desk, owing: Ledger) -> None:
    shape = desk.ok("policy", "show", "acme", "Lumen Yoga", "--json").json

    assert shape["customer"]["name"] == "Lumen Yoga"
    told = values(shape)
    assert told["min_gap_days"] == ("4 days", "book", "policy.toml:1")
    assert told["profile"] == ("consumer", "customer", "policy.toml:4")
    assert told["to"] == ("books@lumen.example", "customer", "policy.toml:3")
    assert told["caps"] == ("2 in 7 days, 8 in 30 days", "profile consumer", None)
    assert "unknown" not in shape
    by_id = desk.ok("policy", "show", "acme", shape["customer"]["id"], "--json").json
    assert by_id == shape


def test_what_is_in_force_for_an_invoice(desk: Desk, owing: Ledger) -> None:
    """Each climbs its own ladder, and only those whom a step's conditions mean take it."""

    def ladder(number: str) -> list[str]:
        shape = desk.ok("policy", "show", "acme", "--invoice", number, "--json").json
        assert shape["invoice"]["number"] == number
        return [step["step"] for step in shape["ladder"]]

    assert ladder("1001") == ["first reminder"]
    assert ladder("1002") == ["second reminder"]
    assert ladder("1003") == ["first reminder", "final notice"]
    told = values(desk.ok("policy", "show", "acme", "lumen yoga", "--invoice", "1002", "--json").json)
    assert told["ladder"] == ("gentle", "invoice", "policy.toml:8")


def test_it_reads_well(desk: Desk, owing: Ledger) -> None:
    out = desk.ok("policy", "show", "acme").out
    for words in ("acme: policy house", "4 days", "book (policy.toml:1)", "built in", "ladder gentle",
                  "segment large: at least 500.00 USD", "only for large",
                  "customers that this book does not have: Nobody Ltd",
                  "invoices that this book does not have: 9999"):  # fmt: skip
        assert words in out, words
    out = desk.ok("policy", "show", "acme", "Lumen Yoga", "--invoice", "1002").out
    for words in (
        "Lumen Yoga",
        "invoice 1002",
        "profile consumer",
        "customer (policy.toml:4)",
        "2 days",
    ):
        assert words in out, words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["Lumen Yogi"], "did you mean 'Lumen Yoga'"),
        (["--invoice", "77"], "there is no invoice '77'"),
        (
            ["Harbor Hotels", "--invoice", "1001"],
            "is not one of Harbor Hotels, but of Lumen Yoga",
        ),
        (["--invoice", "1004"], "nothing is open on invoice 1004"),
    ],
)
def test_what_cannot_be_shown(desk: Desk, owing: Ledger, line: list[str], words: str) -> None:
    typed = desk.gives(2, "policy", "show", "acme", *line)
    assert typed.out == ""
    assert words in typed.err


def test_a_customer_that_owes_nothing(desk: Desk, owing: Ledger) -> None:
    """Its segments are those it would be in if it owed something."""
    abroad = 'name = "abroad"\nwhere = { country = "NO" }\nmin_gap_days = 12\n'
    desk.policy(f"[[segments]]\n{abroad}")
    with sqlite3.connect(desk.folder / "arsync.db") as known:
        known.execute("UPDATE customers SET country = 'NO' WHERE name = 'Harbor Hotels'")
    known.close()
    told = values(desk.ok("policy", "show", "acme", "Harbor Hotels", "--json").json)
    assert told["min_gap_days"] == ("12 days", "segment abroad", "policy.toml:4")


def test_no_policy_is_opened_with_what_it_does_not_need(
    desk: Desk, quickbooks: QuickBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A book that was never synced, with no secret at hand: its files tell all there is."""
    with_house(desk)
    (desk.folder / "arsync.db").unlink()
    shape = desk.ok("policy", "show", "acme", "--json").json
    assert shape["unknown"] is None
    assert desk.ok("policy", "diff", "--json").json[0]["differences"]
    assert not (desk.folder / "arsync.db").exists()


def test_what_differs_from_the_house_policy(desk: Desk, owing: Ledger) -> None:
    [told] = desk.ok("policy", "diff", "--json").json

    assert (told["book"], told["house"]) == ("acme", "house.toml")
    assert {each["key"]: (each["house"], each["book"], each["source"]) for each in told["differences"]} == {
        "min_gap_days": ("7 days", "4 days", "policy.toml:1"),
        "customers.lumen YOGA.profile": (None, "consumer", "policy.toml:4"),
        "customers.lumen YOGA.to": (None, "books@lumen.example", "policy.toml:3"),
        "customers.Nobody Ltd.debt": (None, "rent", "policy.toml:6"),
        "invoices.1002.ladder": (None, "gentle", "policy.toml:8"),
        "invoices.9999.ladder": (None, "gentle", "policy.toml:10"),
    }
    out = desk.ok("policy", "diff", "acme").out
    for words in ("acme: other than the house policy (house.toml)", "min_gap_days", "7 days", "4 days"):
        assert words in out


def test_a_book_without_a_policy_follows_the_house(desk: Desk, quickbooks: QuickBooks) -> None:
    with_house(desk, book=None)

    assert desk.ok("policy", "diff").out == "acme: as the house policy (house.toml)\n"
    told = values(desk.ok("policy", "show", "acme", "--json").json)
    assert told["min_gap_days"] == ("7 days", "practice", "house.toml:2")


def test_without_a_house_the_standard_policy_is_compared(desk: Desk, quickbooks: QuickBooks) -> None:
    [told] = desk.ok("policy", "diff", "--json").json

    assert told["house"] is None
    found = {each["key"]: (each["house"], each["book"]) for each in told["differences"]}
    assert found["minimum"][1] == "25.00 GBP, 25.00 USD"
    assert found["steps.firm reminder"] == ("21 days after due: message firm-reminder", None)
    assert "steps.final notice" not in found
    assert "other than the standard policy" in desk.ok("policy", "diff").out


def test_the_house_policy_is_what_is_planned_by(desk: Desk, owing: Ledger) -> None:
    """1002 climbs the gentle ladder, 1001 the house's; the message goes where the policy file says."""
    message = desk.message()
    assert {each["number"]: each["step"] for each in message["invoices"]} == {
        "1001": "first reminder",
        "1002": "second reminder",
        "1003": "first reminder",
    }
    assert message["to"] == ["books@lumen.example"]


@pytest.mark.parametrize(
    ("house", "book", "words"),
    [
        (HOUSE, 'caps = ["3 in 7 days"]\n', ["policy.toml:1", "caps", "house.toml:3"]),
        (HOUSE.replace('"caps"', '"cpas"'), "", ["house.toml:3", "locked", "'caps'"]),
        (HOUSE.replace("gentle.steps", "gentle.stps"), "", ["house.toml:11", "'steps'"]),
        (HOUSE, '[contacts]\nowner = "a@b"\n', ["policy.toml:2", "contacts.owner", "not a domain"]),
        (HOUSE, '[customers.7]\nto = ["ä@b.example"]\n', ["policy.toml:2", "customers.7.to", "before the @"]),
        (HOUSE, f'{BOOK}\n[[ladders.own.steps]]\nname = "x"\nwhen = "on the due date"\n', ["'x'"]),
        (HOUSE, None, []),
    ],
)
def test_mistakes_are_told_before_anything_is_done(
    desk: Desk, quickbooks: QuickBooks, house: str, book: str | None, words: list[str]
) -> None:
    """The last but one: templates of further ladders are tried too."""
    with_house(desk, house, book)
    typed = desk.gives(2 if words else 0, "plan")
    for word in words:
        assert word in typed.err


def test_the_house_file_has_to_be_there(desk: Desk, quickbooks: QuickBooks) -> None:
    with_house(desk)
    (desk.folder / "house.toml").unlink()
    err = desk.gives(2, "policy", "diff").err
    for word in ("arsync.toml:3", "practice.policy", "no file", "house.toml", "no house policy"):
        assert word in err


def test_locks_are_for_the_house_policy(desk: Desk, quickbooks: QuickBooks) -> None:
    """In a file that is no house policy they would lock nothing."""
    desk.policy(HOUSE)
    err = desk.gives(2, "plan").err
    for word in ("policy.toml:3", "locked", "[practice] policy"):
        assert word in err


def test_the_house_policy_may_be_a_book_s_too(desk: Desk, quickbooks: QuickBooks) -> None:
    with_house(desk)
    path = desk.folder / "arsync.toml"
    path.write_text(path.read_text("utf-8").replace('"policy.toml"', '"house.toml"'), "utf-8")
    assert desk.ok("policy", "diff").out == "acme: as the house policy (house.toml)\n"
