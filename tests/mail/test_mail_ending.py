"""The end of a message is written in a moment that the caller gives, or not at all."""

import select
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from arsync.mail import Letter, Mailer, MailServer, Outcome, compose, parse_server
from arsync.mail.transaction import transact
from arsync.sandbox import MailCatcher, Moment, ServedMail

ANN = "ann@client.example"


class NotNow(Exception):
    pass


@pytest.fixture
def server(served: ServedMail) -> MailServer:
    """The catcher, with as much patience as a machine needs that stands still for a while."""
    return replace(parse_server(served.smtp_url), final_timeout=60.0)


def letter() -> EmailMessage:
    return compose(
        Letter(
            message_id="<m1@acme.example>",
            sender="Acme <ar@acme.example>",
            to=(ANN,),
            subject="Invoice 1042",
            text="Please pay.\n",
            html="<p>Please pay.</p>",
            date=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        )
    )


def test_nothing_has_left_when_the_moment_begins_and_it_is_over_before_the_answer(
    catcher: MailCatcher, server: MailServer, arrived: Callable[[], int]
) -> None:
    """The answer may take ten minutes; nobody is kept waiting for it."""
    seen: list[str] = []
    catcher.stall(Moment.END, keep=True)

    @contextmanager
    def ending() -> Iterator[None]:
        seen.append(f"begun with {len(catcher.messages)} caught")
        yield
        seen.append("over")

    with Mailer(replace(server, final_timeout=1.0)) as mailer:
        delivery = mailer.deliver(letter(), [ANN], ending=ending)
    assert seen == ["begun with 0 caught", "over"]
    assert delivery.outcome is Outcome.UNKNOWN
    assert arrived() == 1


def test_a_moment_that_is_refused_ends_the_connection_without_the_message(
    catcher: MailCatcher, server: MailServer
) -> None:
    @contextmanager
    def ending() -> Iterator[None]:
        raise NotNow
        yield

    with Mailer(server) as mailer:
        with pytest.raises(NotNow):
            mailer.deliver(letter(), [ANN], ending=ending)
        assert mailer.deliver(letter(), [ANN]).outcome is Outcome.ACCEPTED
    assert len(catcher.messages) == 1  # the second one


def test_a_moment_that_fails_at_its_end_leaves_the_message_with_the_server(
    catcher: MailCatcher, server: MailServer
) -> None:
    @contextmanager
    def ending() -> Iterator[None]:
        yield
        raise NotNow

    with Mailer(server) as mailer, pytest.raises(NotNow):
        mailer.deliver(letter(), [ANN], ending=ending)


def test_a_message_that_is_refused_before_never_comes_to_it(catcher: MailCatcher, server: MailServer) -> None:
    catcher.refuse("*", 550)

    @contextmanager
    def ending() -> Iterator[None]:
        raise NotNow
        yield

    with Mailer(server) as mailer:
        assert mailer.deliver(letter(), [ANN], ending=ending).outcome is Outcome.PERMANENT


class Stuffed(smtplib.SMTP):
    """A client whose connection is full once the text of a message is in it."""

    def send(self, s: str | bytes) -> None:
        super().send(s)
        if len(s) > 200:
            assert self.sock is not None
            self.sock.setblocking(False)
            while select.select([], [self.sock], [], 0.1)[1]:  # an acknowledgement that comes late makes room
                with suppress(BlockingIOError):
                    while True:
                        self.sock.send(b"x" * 65_536)
            self.sock.settimeout(0.2)


def deaf(listener: socket.socket, over: threading.Event) -> None:
    """A server that reads no more once it has said that it awaits the text."""
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 deaf.example\r\n")
        for line in iter(lines.readline, b""):
            connection.sendall(b"354 go on\r\n" if line.startswith(b"DATA") else b"250 OK\r\n")
            if line.startswith(b"DATA"):
                break
        over.wait(60)


def test_the_moment_does_not_begin_before_there_is_room_for_the_end() -> None:
    """A server that stops reading holds up this message, and nobody who waits for the moment to end."""
    begun: list[bool] = []
    over = threading.Event()

    @contextmanager
    def ending() -> Iterator[None]:
        begun.append(True)
        yield

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=deaf, args=(listener, over))
        server.start()
        client = Stuffed("127.0.0.1", listener.getsockname()[1], timeout=60)
        try:
            client.ehlo()
            payload = letter().as_bytes()
            delivery = transact(client, "ar@acme.example", [ANN], payload, 0.2, ending=ending)
        finally:
            client.close()
            over.set()
            server.join()
    assert delivery.outcome is Outcome.TEMPORARY
    assert begun == []
