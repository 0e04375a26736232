"""`arsync lint`: mistakes of policies, of their letters, and what the books' records show."""

from __future__ import annotations

import pytest
from loop_desk import POLICY, Desk
from loop_ledgers import Ledger, QuickBooks

WRONG = """\
name = "wrong"
min_gap_days = 5
[[steps]]
name = "first reminder"
when = "1 day after due"
[[steps]]
name = "second reminder"
when = "3 days after due"
[[steps]]
name = "hand over"
when = "60 days after due"
does = "task"
"""


def rules(desk: Desk, *line: str, status: int = 0) -> list[str]:
    return [each["rule"] for each in desk.gives(status, "lint", "--json", *line).json if each["mistake"]]


def test_a_sound_policy(desk: Desk, quickbooks: QuickBooks) -> None:
    """The heads-up 3 days before and the first reminder 1 day after due are worth a remark."""
    assert "nothing is wrong (1 remark)" in desk.ok("lint").out


def test_a_mistake_is_told_with_its_line(desk: Desk, quickbooks: QuickBooks) -> None:
    """The second reminder stands in lines 6 to 8 of the file."""
    desk.policy(WRONG)
    typed = desk.gives(1, "lint", "acme")
    assert "acme: 1 mistake" in typed.out
    assert "policy.toml:6: 'second reminder' comes 2 days after 'first reminder'" in typed.out
    assert rules(desk, status=1) == ["within-the-gap"]


def test_neither_secrets_nor_the_service_are_needed(
    desk: Desk, quickbooks: QuickBooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check before a change is merged runs where no secret is."""
    monkeypatch.delenv("ARSYNC_TEST_SECRET")
    (desk.folder / "arsync.db").unlink()
    desk.ok("lint")
    assert not (desk.folder / "arsync.db").exists()


def test_what_cannot_be_read_is_a_mistake_of_the_user(desk: Desk, quickbooks: QuickBooks) -> None:
    desk.policy("nonsense")
    assert "policy.toml" in desk.gives(2, "lint").err
    desk.policy(POLICY)
    assert "no book 'acne'" in desk.gives(2, "lint", "acne").err


def test_a_letter_that_does_not_say_what_it_is_about(desk: Desk, quickbooks: QuickBooks) -> None:
    """A text of its own that names neither invoices nor amounts; one that takes in a file that does."""
    templates = desk.folder / "templates"
    templates.mkdir()
    letter = templates / "first-reminder.txt"
    letter.write_text("Reminder\nDear {{ customer }}, please pay.\n", "utf-8")
    assert rules(desk, status=1) == ["template-field", "template-field"]
    (templates / "table.txt").write_text("{{ invoice_table }}\n", "utf-8")
    letter.write_text("Reminder\nDear {{ customer }}\n{% include 'table.txt' %}\n", "utf-8")
    assert rules(desk) == []


def test_a_discount_that_its_letter_does_not_mention(desk: Desk, quickbooks: QuickBooks) -> None:
    desk.policy(POLICY.replace('name = "heads-up"', 'name = "heads-up"\noffer = "2% within 7 days"'))
    templates = desk.folder / "templates"
    templates.mkdir()
    (templates / "heads-up.txt").write_text("Due soon\n{{ invoice_table }}\n", "utf-8")
    assert rules(desk, status=1) == ["template-field"]
    (templates / "heads-up.txt").write_text(
        "Due soon\n{{ invoice_table }}\n{% if discount %}{{ discounted }} by then{% endif %}\n",
        "utf-8",
    )
    assert rules(desk) == []


def test_a_hold_that_never_ends(desk: Desk, quickbooks: QuickBooks) -> None:
    customer = quickbooks.customer("Lumen Yoga")
    quickbooks.invoice(customer, "120.00", number="1001")
    desk.ok("sync")
    desk.ok("hold", "acme", "1001", "--reason", "excluded")
    desk.ok("hold", "acme", "Lumen Yoga", "--reason", "paused", "--until", "2026-12-01")
    assert rules(desk) == []
    desk.ok("hold", "acme", "Lumen Yoga", "--reason", "paused")
    assert rules(desk, status=1) == ["endless-hold"]
    assert rules(desk, "--files") == []


def test_a_customer_whom_no_step_reaches(desk: Desk, quickbooks: QuickBooks) -> None:
    """Until the ladder has a call, or the policy an address for it. It is no mistake of the policy."""
    customer = quickbooks.customer("Lumen Yoga", None)
    quickbooks.invoice(customer, "120.00", number="1001")
    desk.ok("sync")
    assert "remark [missing-fallback] book acme: no step reaches 'Lumen Yoga'" in desk.ok("lint").out
    desk.policy(POLICY + '[customers."lumen yoga"]\nto = ["pay@lumen.example"]\n')
    assert "missing-fallback" not in desk.ok("lint").out
    desk.policy(POLICY.replace('does = "task"', 'does = "call"'))
    assert "missing-fallback" not in desk.ok("lint").out


def test_a_name_that_nobody_has_is_remarked(desk: Desk, ledger: Ledger) -> None:
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.policy(
        POLICY
        + '[customers."Lumen Yogha"]\nmin_gap_days = 9\n[customers."LUMEN YOGA"]\nto = ["a@b.example"]\n'
    )
    found = [each for each in desk.ok("lint", "--json").json if each["rule"] == "unknown-name"]
    assert [("Lumen Yogha" in each["problem"], each["mistake"]) for each in found] == [(True, False)]
