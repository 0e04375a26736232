"""A file in the templates' folder that nothing reads is told to whoever plans or sends."""

from __future__ import annotations

from pathlib import Path

import pytest
from loop_desk import POLICY, Desk, on_one_vendor
from loop_ledgers import Ledger

LETTER = "About {{ company }}\nDear {{ customer }},\n"


@pytest.fixture
def templates(desk: Desk) -> Path:
    folder = desk.folder / "templates"
    folder.mkdir()
    return folder


def strays(desk: Desk, *line: str) -> list[str]:
    """What is said of the folder by a command that succeeds."""
    return [each for each in desk.ok(*line).err.splitlines() if "is not read" in each]


@on_one_vendor
def test_a_misspelled_template_is_told_with_the_nearest_name(
    desk: Desk, ledger: Ledger, templates: Path
) -> None:
    """By every command that plans or sends, once; by no other. The shipped letter leaves meanwhile."""
    (templates / "frist-reminder.txt").write_text(LETTER, "utf-8")
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    for line in (("plan",), ("plan", "--json"), ("approve", "acme", "--all"), ("send",), ("run",)):
        [told] = strays(desk, *line)
        assert str(templates / "frist-reminder.txt") in told
        assert "did you mean 'first-reminder'?" in told
        assert "second-reminder" in told  # what there is
    for line in (("sync",), ("aging",), ("note",), ("explain", "acme", "1001"), ("rejects",)):
        assert strays(desk, *line) == []
    (templates / "frist-reminder.txt").rename(templates / "first-reminder.txt")
    assert strays(desk, "plan") == []


def test_once_for_all_books(desk: Desk, both: tuple[Ledger, Ledger], templates: Path) -> None:
    (templates / "frist-reminder.txt").write_text(LETTER, "utf-8")
    assert len(strays(desk, "plan")) == 1


@on_one_vendor
@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("First Reminder.txt", "first-reminder"),
        ("final-notice.TXT", "final-notice"),
        ("heads-up.htm", "heads-up"),
        ("heads-up.txt.txt", "heads-up"),
        ("heads-up.french.txt", "heads-up"),
        ("secnd-reminder.fr.txt", "second-reminder"),
        ("secnd-reminder.html", "second-reminder"),
        ("zzz.txt", None),
    ],
)
def test_names_that_no_template_has(
    desk: Desk, ledger: Ledger, templates: Path, name: str, near: str | None
) -> None:
    """Spaces, capitals, endings, languages: each is told, with the nearest name where one is near."""
    (templates / name).write_text(LETTER, "utf-8")
    [told] = strays(desk, "plan")
    assert f"{templates / name} is not read" in told
    assert (f"did you mean '{near}'?" in told) if near else ("did you mean" not in told)


@on_one_vendor
def test_what_is_read_is_not_told(desk: Desk, ledger: Ledger, templates: Path) -> None:
    """Steps' templates in any language, with their pages; a shipped one's place; a file that another one
    takes in; and what is no template at all."""
    steps = POLICY.replace('name = "heads-up"', 'name = "hello"\ntemplate = "hello.us"')
    desk.policy(steps)
    for name in ("hello.us.txt", "hello.us.fr_CA.txt", "firm-reminder.txt", "first-reminder.html"):
        (templates / name).write_text(LETTER, "utf-8")
    (templates / "second-reminder.txt").write_text(LETTER + "{% include 'footer.txt' %}", "utf-8")
    (templates / "footer.txt").write_text("{{ sender }}", "utf-8")
    for name in ("README.txt", "logo.png", ".hidden.txt", "first-reminder.txt~"):
        (templates / name).write_text("x", "utf-8")
    (templates / "standard").mkdir()
    (templates / "standard" / "frist-reminder.txt").write_text(LETTER, "utf-8")
    assert strays(desk, "plan") == []


def test_another_books_templates_are_known(desk: Desk, both: tuple[Ledger, Ledger], templates: Path) -> None:
    """Only birch's policy has the step; a plan of acme alone says nothing of its letter. Where birch's
    policy cannot be read, nobody knows, and nothing is said."""
    (templates / "gentle-nudge.txt").write_text(LETTER, "utf-8")
    (desk.folder / "birch.toml").write_text(POLICY.replace('"first reminder"', '"gentle nudge"'), "utf-8")
    practice = desk.folder / "arsync.toml"
    acme, birch = practice.read_text("utf-8").split("[books.birch]")
    practice.write_text(f"{acme}[books.birch]{birch.replace('policy.toml', 'birch.toml')}", "utf-8")
    assert strays(desk, "plan", "acme") == []
    (desk.folder / "birch.toml").write_text("[[stpes]]", "utf-8")
    assert strays(desk, "plan", "acme") == []
    (desk.folder / "birch.toml").write_text(POLICY, "utf-8")
    assert len(strays(desk, "plan", "acme")) == 1


@on_one_vendor
def test_a_template_that_is_wrong_for_one_customer_says_for_whom(desk: Desk, ledger: Ledger) -> None:
    """A name of one word has no second one. What the sentence says lets the others leave."""
    folder = desk.folder / "templates"
    folder.mkdir()
    letter = "{{ company }}: a reminder\nDear {{ customer.split()[1] }},\n{{ invoice_table }}\n"
    (folder / "first-reminder.txt").write_text(letter, "utf-8")
    aster = ledger.customer("Aster", "pay@aster.example")
    ledger.invoice(aster, "120.00", number="1001")
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1002")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    said = desk.gives(2, "send").err
    assert "first-reminder.txt:2" in said
    assert f"`arsync hold acme customer:{aster} --reason paused`" in said
    desk.ok("hold", "acme", f"customer:{aster}", "--reason", "paused")
    desk.ok("send")
    assert "Dear Yoga" in desk.text()
