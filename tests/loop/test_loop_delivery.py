"""Rule 8: a message is handed to the mail server at most once, and its step counts once it was taken."""

from __future__ import annotations

import signal
import socket
import time

import pytest
from loop_desk import Desk
from loop_ledgers import QuickBooks

from arsync.sandbox.mail_faults import Moment


@pytest.fixture
def message(desk: Desk, quickbooks: QuickBooks) -> str:
    """An approved message about invoice 1001 over 120.00 to two addressees; its id."""
    quickbooks.invoice(
        quickbooks.customer("Lumen Yoga", "dana@lumen.example, kim@lumen.example"), "120.00", number="1001"
    )
    desk.ok("sync")
    found: str = desk.approved()["id"]
    return found


def statuses(desk: Desk) -> list[str]:
    return [each["status"] for each in desk.plan()["messages"]]


def steps_taken(desk: Desk) -> list[tuple]:
    return desk.rows("SELECT step, how, source FROM steps_taken")


def test_accepted_for_all(desk: Desk, message: str) -> None:
    desk.ok("send")
    assert statuses(desk) == ["sent"]
    assert desk.catcher.messages[0].rcpt_tos == ("dana@lumen.example", "kim@lumen.example")
    assert steps_taken(desk) == [("first reminder", "message", message)]


def test_the_mail_server_cannot_be_reached(desk: Desk, message: str) -> None:
    """It stays approved, is reported with the place that was tried, and leaves with the next run."""
    good = (desk.folder / "arsync.toml").read_text("utf-8")
    with socket.socket() as nobody:  # bound and not listening: nobody else takes the port meanwhile
        nobody.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{nobody.getsockname()[1]}"
        (desk.folder / "arsync.toml").write_text(good.replace(desk.smtp, f"smtp://{place}"), "utf-8")
        typed = desk.gives(1, "send")
    assert place in typed.err
    assert "what is approved stays so for the next send" in typed.err
    assert statuses(desk) == ["approved"]
    assert steps_taken(desk) == []
    (desk.folder / "arsync.toml").write_text(good, "utf-8")
    desk.ok("send")
    assert statuses(desk) == ["sent"]
    assert len(desk.mail) == 1


def test_greylisted(desk: Desk, message: str) -> None:
    """4xx for every addressee: approved still, reported in the server's words, tried again."""
    desk.catcher.refuse("*", 450, "4.7.1 Come back later")
    typed = desk.type("send")
    assert "Come back later" in typed.err
    assert "stays approved" in typed.err
    assert statuses(desk) == ["approved"]
    assert steps_taken(desk) == []
    desk.catcher.heal()
    desk.ok("send")
    assert len(desk.mail) == 1


def test_one_of_two_addressees_is_refused(desk: Desk, message: str) -> None:
    """It was sent, its step is taken, the refusal is reported and the exit status is 1, once."""
    desk.catcher.refuse("kim@*", 550, "5.1.1 No such mailbox")
    typed = desk.gives(1, "send")
    assert "sent" in typed.out
    assert "kim@lumen.example" in typed.err
    assert "No such mailbox" in typed.err
    assert statuses(desk) == ["sent"]
    assert steps_taken(desk) == [("first reminder", "message", message)]
    assert desk.catcher.messages[0].rcpt_tos == ("dana@lumen.example",)
    desk.catcher.heal()
    desk.ok("run")
    assert len(desk.mail) == 1  # and nothing more goes to the one who was refused
    assert "dana@lumen.example" in desk.rows("SELECT text FROM notes")[0][0]
    assert "kim@lumen.example" not in desk.rows("SELECT text FROM notes")[0][0]


def test_one_refused_for_now(desk: Desk, message: str) -> None:
    """A temporary refusal of one, beside another who was served: reported as well."""
    desk.catcher.refuse("kim@*", 451, "4.3.0 Try later")
    typed = desk.gives(1, "send")
    assert "kim@lumen.example" in typed.err
    assert statuses(desk) == ["sent"]


@pytest.fixture
def failed(desk: Desk, message: str) -> str:
    """The message after the mail server refused both addressees for good."""
    desk.catcher.refuse("*", 550, "5.1.1 No such mailbox")
    typed = desk.gives(1, "send")
    assert "No such mailbox" in typed.err
    assert message in typed.err
    desk.catcher.heal()
    return message


def test_all_are_refused(desk: Desk, failed: str) -> None:
    """failed: no step is taken, it is not tried again, and its invoice does not vanish from the plan."""
    [shown] = desk.plan()["messages"]
    assert (shown["id"], shown["status"]) == (failed, "failed")
    assert [each["number"] for each in shown["invoices"]] == ["1001"]
    assert steps_taken(desk) == []
    desk.type("run")
    assert desk.mail == []
    assert statuses(desk) == ["failed"]


def test_failed_and_resolved_as_not_sent(desk: Desk, failed: str, quickbooks: QuickBooks) -> None:
    """After the address was mended: read again, but a new addressee needs a new approval."""
    quickbooks.email("1", "dana@lumen.example")
    desk.ok("resolve", "acme", failed, "not-sent")
    assert statuses(desk) == ["approved"]
    desk.ok("send")
    assert [mail["To"] for mail in desk.mail] == ["dana@lumen.example"]
    assert statuses(desk) == ["sent"]


def test_failed_and_dropped(desk: Desk, failed: str) -> None:
    """Given up: withdrawn, and the ladder goes on with the step after it."""
    desk.ok("resolve", "acme", failed, "drop")
    assert statuses(desk) == ["withdrawn"]
    assert desk.next_step("1001") == "second reminder"
    desk.ok("run")
    assert desk.mail == []


@pytest.fixture
def doubtful(desk: Desk, message: str) -> str:
    """The message after the connection was cut behind the final dot; the server has it."""
    desk.catcher.drop(Moment.END, keep=True)
    typed = desk.gives(1, "send")
    assert "in doubt" in typed.err
    assert f"arsync resolve acme {message} sent" in typed.err
    desk.catcher.heal()
    assert len(desk.mail) == 1
    return message


def test_cut_after_the_final_dot(desk: Desk, doubtful: str) -> None:
    """in-doubt: no later run sends it again, and each says that it waits for a person."""
    assert statuses(desk) == ["in-doubt"]
    assert steps_taken(desk) == []
    for command in ("send", "run"):
        typed = desk.gives(1, command)
        assert doubtful in typed.err
        assert len(desk.mail) == 1
    desk.now.go(days=8)
    desk.gives(1, "run")
    assert len(desk.mail) == 1
    assert statuses(desk) == ["in-doubt"]


def test_in_doubt_and_resolved_as_sent(desk: Desk, doubtful: str, quickbooks: QuickBooks) -> None:
    """Its step is taken on the day it was handed over, and its note is owed."""
    desk.now.go(days=1)
    desk.ok("resolve", "acme", doubtful, "sent")
    desk.ok("run")
    assert len(desk.mail) == 1
    assert desk.rows("SELECT step, on_day FROM steps_taken") == [("first reminder", "2026-11-23")]
    on_invoice, _ = quickbooks.notes("1001", "1")
    assert any(f"[arsync:{doubtful}]" in line for line in on_invoice)


def test_in_doubt_and_resolved_as_not_sent(desk: Desk, doubtful: str) -> None:
    desk.ok("resolve", "acme", doubtful, "not-sent")
    assert statuses(desk) == ["approved"]
    desk.ok("send")
    assert statuses(desk) == ["sent"]
    assert len(desk.mail) == 2
    assert desk.mail[0]["Message-ID"] == desk.mail[1]["Message-ID"]


def test_in_doubt_and_dropped(desk: Desk, doubtful: str) -> None:
    desk.ok("resolve", "acme", doubtful, "drop")
    assert statuses(desk) == ["withdrawn"]
    assert desk.next_step("1001") == "second reminder"
    desk.ok("run")
    assert len(desk.mail) == 1


def test_in_doubt_is_paid_meanwhile(desk: Desk, doubtful: str, quickbooks: QuickBooks) -> None:
    """Resolved as not sent after the payment: it is read again, and does not leave."""
    quickbooks.pay("1001")
    desk.ok("resolve", "acme", doubtful, "not-sent")
    desk.ok("send")
    assert len(desk.mail) == 1
    assert statuses(desk) == ["withdrawn"]


def test_resolving_what_is_not_in_doubt(desk: Desk, message: str) -> None:
    """An approved or a sent message is none to resolve, nor is one that is not there."""
    for known in (message, "nothing"):
        typed = desk.gives(2, "resolve", "acme", known, "sent")
        assert typed.err.count("error:") == 1
    desk.ok("send")
    assert "is sent" in desk.gives(2, "resolve", "acme", message, "not-sent").err
    assert len(desk.mail) == 1


def test_cut_before_the_end_of_the_text(desk: Desk, message: str) -> None:
    """Without the final dot no server has a message: approved, and sent once by the next run."""
    desk.catcher.drop(Moment.DATA, times=1)
    desk.gives(1, "send")
    assert statuses(desk) == ["approved"]
    desk.ok("send")
    assert len(desk.mail) == 1


@pytest.fixture
def killed(desk: Desk, message: str) -> str:
    """The message after a process was killed between the final dot and the answer; the server has it."""
    desk.catcher.stall(Moment.END, keep=True)
    process = desk.start("send")
    try:
        deadline = time.monotonic() + 60
        while not desk.mail and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
        assert len(desk.mail) == 1
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    desk.catcher.heal()
    return message


def test_killed_between_the_hand_over_and_its_answer(desk: Desk, killed: str) -> None:
    """The next run takes the book over at once, puts the message in doubt, and does not send it again."""
    typed = desk.gives(1, "run")
    assert killed in typed.err
    assert len(desk.mail) == 1
    assert statuses(desk) == ["in-doubt"]
    desk.ok("resolve", "acme", killed, "sent")
    desk.ok("run")
    assert len(desk.mail) == 1
    assert statuses(desk) == ["sent"]


def test_resolving_before_the_next_run(desk: Desk, killed: str) -> None:
    """A person may be faster than the next run: the plan shows the message, and resolve says what to do."""
    [shown] = desk.plan()["messages"]
    assert shown["id"] == killed
    typed = desk.type("resolve", "acme", killed, "sent")
    if typed.status:
        assert "arsync send acme" in typed.err
        desk.gives(1, "send", "acme")
        desk.ok("resolve", "acme", killed, "sent")
    assert statuses(desk) == ["sent"]
    assert len(desk.mail) == 1


@pytest.mark.parametrize(
    ("sender", "domain"),
    [
        ("Büro <ar@müller.example>", "xn--mller-kva.example"),
        ("Müller, Söhne & Co <ar@acme.example>", "acme.example"),
        ("A. Smith, Inc <ar@acme.example>", "acme.example"),
    ],
)
def test_the_id_of_a_message_bears_the_domain_of_its_sender(
    desk: Desk, quickbooks: QuickBooks, sender: str, domain: str
) -> None:
    """Whatever name stands before the address, and also where the domain is not ASCII."""
    file = desk.folder / "arsync.toml"
    file.write_text(file.read_text("utf-8").replace("Accounts <ar@acme.example>", sender), "utf-8")
    quickbooks.invoice(quickbooks.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    id_ = desk.approved()["id"]
    desk.ok("send")
    assert desk.mail[0]["Message-ID"] == f"<arsync.{id_}@{domain}>"
