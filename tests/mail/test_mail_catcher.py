import smtplib
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from arsync.mail import parse_server
from arsync.sandbox import MailCatcher, Moment
from free_port import free_port

RAW = b"From: a@x.example\r\nTo: b@y.example\r\nSubject: hello\r\n\r\nfirst\r\n"


def send(url: str, raw: bytes = RAW, to: tuple[str, ...] = ("b@y.example",)) -> None:
    server = parse_server(url)
    with smtplib.SMTP(server.host, server.port, timeout=60) as client:
        client.sendmail("bounce@x.example", to, raw)


def test_it_keeps_what_it_is_sent() -> None:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    times = iter([at, at + timedelta(seconds=1)])
    catcher = MailCatcher(clock=lambda: next(times))
    with catcher.serve() as served:
        send(served.smtp_url, to=("b@y.example", "c@z.example"))
        send(served.smtp_url, RAW.replace(b"first", b".second"))
    one, two = catcher.messages
    assert (one.id, one.at, one.mail_from) == (1, at, "bounce@x.example")
    assert one.rcpt_tos == ("b@y.example", "c@z.example")
    assert one.raw == RAW
    assert one.message["Subject"] == "hello"
    assert (two.id, two.at) == (2, at + timedelta(seconds=1))
    assert two.body("plain") == ".second\r\n"


def test_a_folder_holds_every_message_and_none_is_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "mail"
    for raw in (RAW, RAW.replace(b"first", b"second")):
        with MailCatcher(folder).serve() as served:
            send(served.smtp_url, raw)
    assert [path.name for path in sorted(folder.iterdir())] == ["0001.eml", "0002.eml"]
    assert (folder / "0001.eml").read_bytes() == RAW
    assert b"second" in (folder / "0002.eml").read_bytes()


def test_closing_ends_open_connections_and_frees_the_ports() -> None:
    catcher = MailCatcher()
    port, page_port = free_port(), free_port()  # which nobody else takes meanwhile
    served = catcher.serve(smtp_port=port, http_port=page_port)
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.noop()
        served.close()
        served.close()  # closed already: nothing happens
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()
    with catcher.serve(smtp_port=port, http_port=page_port) as again:
        assert (again.smtp_url, again.page_url) == (served.smtp_url, served.page_url)


@pytest.mark.parametrize("said", [b"", b"EHLO x\r\nMAIL FROM:<a@x.example>\r\n"])
def test_a_client_that_waits_does_not_keep_it_from_closing(said: bytes) -> None:
    catcher = MailCatcher()
    catcher.stall(Moment.MAIL)
    for _ in range(10):  # closing meets the connection at different stages
        with (
            catcher.serve() as served,
            socket.create_connection(("127.0.0.1", parse_server(served.smtp_url).port), timeout=60) as client,
            suppress(ConnectionResetError),
        ):
            client.sendall(said)
            served.close()
            while client.recv(4096):
                pass


@pytest.mark.parametrize("taken", ["smtp_port", "http_port"])
def test_a_port_that_is_taken_is_an_error(taken: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="in use"):
        MailCatcher().serve(**{taken: other.getsockname()[1]})


def test_faults_strike_as_often_as_they_should_and_end_by_healing() -> None:
    catcher = MailCatcher()
    catcher.refuse("*@Y.example", 450, "4.2.0 Later", times=1)
    with catcher.serve() as served:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            send(served.smtp_url)
        assert refused.value.recipients == {"b@y.example": (450, b"4.2.0 Later")}
        send(served.smtp_url)
        catcher.refuse_sender()
        with pytest.raises(smtplib.SMTPSenderRefused):
            send(served.smtp_url)
        catcher.heal()
        send(served.smtp_url)
    assert len(catcher.messages) == 2
    catcher.clear()
    assert catcher.messages == []


@pytest.mark.parametrize("login", [("ar", "wrong"), ("other", "secret")])
def test_a_login_is_required_when_one_is_set(login: tuple[str, str]) -> None:
    catcher = MailCatcher()
    with (
        catcher.serve(login=("ar", "secret")) as served,
        smtplib.SMTP("127.0.0.1", parse_server(served.smtp_url).port, timeout=60) as client,
    ):
        with pytest.raises(smtplib.SMTPSenderRefused, match="530"):
            client.sendmail("a@x.example", ["b@y.example"], RAW)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(*login)
        client.login("ar", "secret")
        client.sendmail("a@x.example", ["b@y.example"], RAW)
    assert len(catcher.messages) == 1


def test_any_login_will_do_when_none_is_set() -> None:
    with (
        MailCatcher().serve() as served,
        smtplib.SMTP("127.0.0.1", parse_server(served.smtp_url).port, timeout=60) as client,
    ):
        assert client.login("anybody", "anything")[0] == 235


@pytest.mark.parametrize(("moment", "code"), [(Moment.BODY, 451), (Moment.END, 250), (Moment.MAIL, 600)])
def test_a_fault_that_makes_no_sense_is_refused(moment: Moment, code: int) -> None:
    with pytest.raises(ValueError):
        MailCatcher().answer(moment, code)


def test_an_answer_is_one_line() -> None:
    with pytest.raises(ValueError, match="one line"):
        MailCatcher().refuse("*", 550, "no\r\n250 yes")
