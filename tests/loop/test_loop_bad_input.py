"""What bad input gets: exit 2 and one clear message with the file, the line, the key and what is allowed."""

from __future__ import annotations

import socket

import pytest
from loop_desk import POLICY, Desk
from loop_ledgers import QuickBooks

PRACTICE = """\
[practice]
name = "Test"
[mail]
server = "smtp://127.0.0.1:9"
[books.acme]
connector = "quickbooks"
policy = "policy.toml"
sending = "approve"
from = "Accounts <ar@acme.example>"
timezone = "UTC"
[books.acme.connection]
company = "1234567890"
client_id = "env:ARSYNC_TEST_ID"
client_secret = "env:ARSYNC_TEST_SECRET"
server = "http://127.0.0.1:9"
"""


@pytest.fixture
def practice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A practice file that is right in every line; nothing listens where it points."""
    monkeypatch.setenv("ARSYNC_TEST_ID", "sandbox-client")
    monkeypatch.setenv("ARSYNC_TEST_SECRET", "sandbox-secret")
    (desk.folder / "arsync.toml").write_text(PRACTICE, "utf-8")
    return desk


def refused(desk: Desk, *line: str) -> str:
    """The one message of a command that is refused before anything is done."""
    typed = desk.gives(2, *line)
    assert typed.out == ""
    lines = [each for each in typed.err.splitlines() if not each.startswith("the clock is replaced")]
    assert len(lines) == 1, lines
    assert lines[0].startswith("error: ")
    return lines[0]


def test_a_right_practice_is_not_refused(practice: Desk) -> None:
    """The counterpart of all below: what stops here is that nobody connected it, with exit 1."""
    practice.ok("plan")
    assert "arsync connect acme" in practice.gives(1, "sync").err


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        ('nmae = "Test"', 'name = "Test"', ["arsync.toml:2", "practice.nmae", "'name'", "database"]),
        ('name = ["Test"]', 'name = "Test"', ["arsync.toml:2", "practice.name", "text", "list"]),
        ('name = "Test', 'name = "Test"', ["arsync.toml:2", "TOML"]),
        ("[mial]", "[mail]", ["arsync.toml:3", "mial", "'mail'", "practice, mail, alerts, books"]),
        (
            'server = "mail.example"',
            'server = "smtp://127.0.0.1:9"',
            ["arsync.toml:4", "mail.server", "smtp+starttls://", "smtps://"],
        ),
        ('connector = "quickbook"', 'connector = "quickbooks"', ["toml:6", "'quickbooks'", "xero"]),
        ('policy = "polisy.toml"', 'policy = "policy.toml"', ["toml:7", "books.acme.policy", "polisy.toml"]),
        ('sending = "automatc"', 'sending = "approve"', ["toml:8", "approve", "automatic"]),
        ('from = "ar at acme"', 'from = "Accounts <ar@acme.example>"', ["toml:9", "from", "name@domain"]),
        ('timezone = "Europe/Lodnon"', 'timezone = "UTC"', ["toml:10", "'Europe/London'", "IANA"]),
        ('notes = "invoices"', 'timezone = "UTC"', ["toml:10", "notes", '"invoice"', '"both"', '"none"']),
        ("company = 1234567890", 'company = "1234567890"', ["toml:12", "books.acme.connection.company"]),
        ('compny = "1234567890"', 'company = "1234567890"', ["toml:12", "compny", "'company'"]),
        (
            'server = "127.0.0.1"',
            'server = "http://127.0.0.1:9"',
            ["toml:15", "connection.server", "https://"],
        ),
    ],
)
def test_the_practice_file(practice: Desk, wrong: str, right: str, words: list[str]) -> None:
    assert right in PRACTICE
    (practice.folder / "arsync.toml").write_text(PRACTICE.replace(right, wrong, 1), "utf-8")
    message = refused(practice, "sync")
    for word in words:
        assert word in message


@pytest.mark.parametrize("command", ["sync", "plan", "send", "run", "connect"])
def test_a_literal_secret(practice: Desk, command: str) -> None:
    """It is refused, and not repeated."""
    text = PRACTICE.replace("env:ARSYNC_TEST_SECRET", "hunter2hunter2")
    (practice.folder / "arsync.toml").write_text(text, "utf-8")
    message = refused(practice, *((command, "acme") if command == "connect" else (command,)))
    for word in ("arsync.toml:14", "client_secret", "env:NAME", "file:PATH", "keyring:SERVICE/NAME"):
        assert word in message
    assert "hunter2" not in message


def test_a_literal_mail_password(practice: Desk) -> None:
    text = PRACTICE.replace('server = "smtp://127.0.0.1:9"', 'server = "smtps://m.example"\nusername = "a"\n'
                            'password = "hunter2"')  # fmt: skip
    (practice.folder / "arsync.toml").write_text(text, "utf-8")
    message = refused(practice, "send")
    assert "mail.password" in message
    assert "hunter2" not in message


def test_a_secret_that_is_not_there(practice: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARSYNC_TEST_SECRET")
    message = refused(practice, "sync")
    for word in ("arsync.toml:14", "ARSYNC_TEST_SECRET", "not set"):
        assert word in message
    text = PRACTICE.replace("env:ARSYNC_TEST_SECRET", "file:secrets/acme")
    (practice.folder / "arsync.toml").write_text(text, "utf-8")
    message = refused(practice, "sync")
    assert "arsync.toml:14" in message
    assert "secrets/acme" in message


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        (
            'when = "3 days befor due"',
            'when = "3 days before due"',
            ["policy.toml:7", "steps[1].when", "befor", "N days before due", "on the due date"],
        ),
        ('when = "-3 days"', 'when = "3 days before due"', ["policy.toml:7", "N days before due"]),
        ("when = 3", 'when = "3 days before due"', ["policy.toml:7", "steps[1].when", "text"]),
        ('wen = "1 day after due"', 'when = "1 day after due"', ["policy.toml:10", "wen", "'when'"]),
        ('does = "fax"', 'does = "task"', ["policy.toml:20", "message", "task"]),
        ("min_gap_days = -1", "min_gap_days = 5", ["policy.toml:2", "min_gap_days", "0"]),
        ('min_gap_days = "5"', "min_gap_days = 5", ["policy.toml:2", "whole number"]),
        ('send_on = ["monday", ', 'send_on = ["mon", ', ["policy.toml:3", "'mon'", "sun"]),
        ("USD = 25.00", 'USD = "25.00"', ["policy.toml:4", "minimum.USD", "quotes"]),
        ('USD = "25.001"', 'USD = "25.00"', ["policy.toml:4", "minimum.USD"]),
        ('usd = "25.00"', 'USD = "25.00"', ["policy.toml:4", "usd"]),
        ('name = "heads-up"', 'name = "first reminder"', ["policy.toml:9", "heads-up", "unique"]),
        ("[[stpes]]", "[[steps]]", ["policy.toml:5", "stpes", "'steps'"]),
    ],
)  # fmt: skip
def test_the_policy(practice: Desk, wrong: str, right: str, words: list[str]) -> None:
    assert right in POLICY
    practice.policy(POLICY.replace(right, wrong, 1))
    message = refused(practice, "plan")
    for word in words:
        assert word in message


@pytest.mark.parametrize("command", ["plan", "send", "run", "approve"])
def test_an_unknown_template(practice: Desk, command: str) -> None:
    """A step whose template is not found: every command that would need it says so at once."""
    practice.policy(POLICY.replace('name = "heads-up"', 'name = "gentle nudge"'))
    message = refused(practice, *(("approve", "acme", "--all") if command == "approve" else (command,)))
    assert "'gentle-nudge'" in message
    assert "first-reminder" in message  # what there is


def test_an_unknown_field(practice: Desk) -> None:
    """The error names file, line and field, offers the nearest, and lists them all."""
    folder = practice.folder / "templates"
    folder.mkdir()
    (folder / "first-reminder.txt").write_text("About {{ company }}\nDear {{ custmer }},\n", "utf-8")
    message = refused(practice, "plan")
    for word in ("first-reminder.txt:2", "'custmer'", "'customer'", "invoices", "total", "unapplied"):
        assert word in message


def test_an_unknown_field_of_an_invoice(practice: Desk) -> None:
    folder = practice.folder / "templates"
    folder.mkdir()
    text = "About {{ company }}\n{% for invoice in invoices %}\n{{ invoice.amount }}\n{% endfor %}\n"
    (folder / "first-reminder.txt").write_text(text, "utf-8")
    message = refused(practice, "plan")
    for word in ("first-reminder.txt:3", "'amount'", "number", "days_overdue", "open"):
        assert word in message


@pytest.mark.parametrize(
    "line",
    [
        ("sync", "acmee"), ("plan", "acmee"), ("aging", "acmee"), ("send", "acmee"), ("note", "acmee"),
        ("run", "acmee"), ("connect", "acmee"), ("approve", "acmee", "--all"), ("explain", "acmee", "1"),
        ("hold", "acmee", "1", "--reason", "paused"), ("release", "acmee", "1"), ("done", "acmee", "1"),
        ("resolve", "acmee", "1", "sent"),
    ],
)  # fmt: skip
def test_an_unknown_book(practice: Desk, line: tuple[str, ...]) -> None:
    """The nearest name is offered and all are listed."""
    message = refused(practice, *line)
    assert "'acmee'" in message
    assert "did you mean 'acme'?" in message


def test_one_wrong_book_stops_all(practice: Desk) -> None:
    """All settings are checked before anything is done: nothing is half done for a typing error."""
    practice.ok("plan")  # the book is known
    refused(practice, "sync", "acme", "acmee")
    assert practice.rows("SELECT count(*) FROM runs") == [(0,)]


@pytest.mark.parametrize(
    "text",
    ["tomorrow", "2026-11-23", "2026-11-23T08:00:00", "2026-13-23T08:00:00Z", "0001-01-01T00:00:00+14:00"],
)
@pytest.mark.parametrize("command", ["plan", "init"])
def test_a_clock_that_is_none(
    practice: Desk, monkeypatch: pytest.MonkeyPatch, text: str, command: str
) -> None:
    monkeypatch.setattr(practice, "now", Wrong(text))
    typed = practice.gives(2, *((command, str(practice.folder / "new")) if command == "init" else (command,)))
    assert typed.err.count("error:") == 1
    assert "ARSYNC_NOW" in typed.err
    assert text in typed.err
    assert "+00:00" in typed.err  # an example of how it is written


class Wrong:
    """A clock whose text is not an instant."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self) -> Wrong:
        return self

    def isoformat(self) -> str:
        return self.text


@pytest.mark.parametrize(
    "line",
    [
        (), ("pln",), ("plan", "--jsn"), ("approve",), ("approve", "acme"), ("approve", "acme", "x", "--all"),
        ("aging", "--by", "moon"), ("resolve", "acme", "x", "maybe"), ("hold", "acme", "x"),
        ("explain", "acme"),
    ],
)  # fmt: skip
def test_a_wrong_command_line(practice: Desk, line: tuple[str, ...]) -> None:
    typed = practice.gives(2, *line)
    assert typed.out == ""
    assert typed.err


def test_a_command_that_is_nearly_one(practice: Desk) -> None:
    assert "'plan'" in practice.gives(2, "paln").err


def test_no_practice(desk: Desk) -> None:
    """exit 2: where it was looked for, and how to make or name one."""
    message = refused(desk, "plan")
    assert str(desk.folder) in message
    assert "arsync init" in message
    assert "ARSYNC_PRACTICE" in message


def test_init_makes_a_practice_that_can_be_read(desk: Desk) -> None:
    """What `init` writes is right as it stands; a second `init` overwrites nothing."""
    folder = desk.folder / "new"
    desk.ok("init", str(folder))
    (folder / "arsync.toml").write_text((folder / "arsync.toml").read_text("utf-8") + "# mine\n", "utf-8")
    desk.type("init", str(folder))
    assert (folder / "arsync.toml").read_text("utf-8").endswith("# mine\n")


def test_a_database_of_something_else(practice: Desk) -> None:
    (practice.folder / "arsync.db").write_text("this is a diary, not a database\n" * 100, "utf-8")
    message = refused(practice, "plan")
    assert "arsync.db" in message


def test_approving_what_is_not_planned(practice: Desk) -> None:
    typed = practice.gives(1, "approve", "acme", "0123456789ab")  # nothing was ever synced
    assert "arsync sync acme" in typed.err


def test_a_broken_template_does_not_stop_a_hold(desk: Desk, quickbooks: QuickBooks) -> None:
    """What people decide, and connecting, need no letter: chasing can be stopped at any time."""
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.policy(POLICY.replace('name = "heads-up"', 'name = "gentle nudge"'))
    desk.ok("hold", "acme", "1001", "--reason", "disputed")
    desk.ok("release", "acme", "1001")
    desk.ok("connect", "acme")
    desk.gives(2, "run")


def test_a_port_of_the_sandbox_is_taken(desk: Desk) -> None:
    """Any of the four in a row: exit 2, naming the option."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        first = other.getsockname()[1] - 2
        message = refused(desk, "sandbox", "--port", str(first))
    assert "--port" in message
    assert str(first) in message


@pytest.mark.parametrize("port", ["-1", "65534", "many"])
def test_no_port_at_all(desk: Desk, port: str) -> None:
    assert "--port" in desk.gives(2, "sandbox", "--port", port).err
