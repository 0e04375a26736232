import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from arsync.mail import Delivery, Letter, Mailer, MailServer, Outcome, compose, parse_server
from arsync.mail.transaction import transact
from arsync.sandbox import MailCatcher, Moment, ServedMail
from free_port import free_port

Script = Callable[..., AbstractContextManager[int]]

ANN, BEN = "ann@client.example", "ben@client.example"
CY, DEE = "cy@client.example", "dee@client.example"


def letter(subject: str = "Invoice 1042", text: str = "Please pay.\n") -> EmailMessage:
    return compose(
        Letter(
            message_id="<m1@acme.example>",
            sender="Acme <ar@acme.example>",
            to=(ANN,),
            subject=subject,
            text=text,
            html="<p>Please pay.</p>",
            date=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        )
    )


@pytest.fixture
def server(served: ServedMail) -> MailServer:
    """The catcher, with as much patience as a machine needs that stands still for a while."""
    return replace(parse_server(served.smtp_url), final_timeout=60.0)


@pytest.fixture
def mailer(server: MailServer) -> Iterator[Mailer]:
    with Mailer(server) as mailer:
        yield mailer


@pytest.fixture
def cut_short(server: MailServer, fault: str) -> Iterator[Mailer]:
    """One who waits for four seconds only where the server is to fall silent."""
    hasty = replace(server, timeout=4.0, final_timeout=4.0) if fault == "stall" else server
    with Mailer(hasty) as mailer:
        yield mailer


def subjects(catcher: MailCatcher) -> list[str]:
    return [caught.header("Subject") for caught in catcher.messages]


# What a server that works does


def test_a_message_arrives_as_it_was_composed(catcher: MailCatcher, mailer: Mailer) -> None:
    message = letter(text=".\n..two dots\nend.\n")
    delivery = mailer.deliver(message, [ANN, BEN])
    assert delivery == Delivery(Outcome.ACCEPTED, "250 2.0.0 OK: caught", accepted=(ANN, BEN))
    [caught] = catcher.messages
    assert (caught.mail_from, caught.rcpt_tos) == ("ar@acme.example", (ANN, BEN))
    assert caught.message["Message-ID"] == "<m1@acme.example>"
    assert caught.body("plain") == ".\n..two dots\nend.\n".replace("\n", "\r\n")
    # the boundary between the parts is made anew each time a message is written out
    boundary = caught.message.get_boundary()
    message.set_boundary(str(boundary))
    assert caught.raw == message.as_bytes()


def test_many_messages_over_one_connection(script: Script) -> None:
    one = [b"250 sender", b"250 recipient", b"354 go on", *[b""] * lines_of(letter()), b"250 taken"]
    with (
        script(b"220 hi", b"250 hello", *one, *one, b"221 bye") as port,  # accepts once only
        Mailer(parse_server(f"smtp://127.0.0.1:{port}")) as mailer,
    ):
        outcomes = [mailer.deliver(letter(), [ANN]).outcome for _ in range(2)]
    assert outcomes == [Outcome.ACCEPTED, Outcome.ACCEPTED]


def lines_of(message: EmailMessage) -> int:
    return message.as_bytes().count(b"\r\n")


def test_a_mailer_opens_itself_and_again_after_closing(catcher: MailCatcher, server: MailServer) -> None:
    mailer = Mailer(server)
    for _ in range(2):
        assert mailer.deliver(letter(), [ANN]).outcome is Outcome.ACCEPTED
        mailer.close()
    mailer.close()
    assert len(catcher.messages) == 2


@pytest.mark.parametrize("implicit", [True, False])
def test_over_tls_with_a_login(
    catcher: MailCatcher, server_tls: ssl.SSLContext, trusting_tls: ssl.SSLContext, implicit: bool
) -> None:
    with catcher.serve(ssl_context=server_tls, implicit_tls=implicit, login=("ar", "secret")) as served:
        server = parse_server(served.smtp_url, username="ar", password="secret", ssl_context=trusting_tls)
        with Mailer(server) as mailer:
            assert mailer.deliver(letter(), [ANN]).outcome is Outcome.ACCEPTED
    assert len(catcher.messages) == 1


# Recipients


def test_one_recipient_is_refused_and_the_other_gets_it(catcher: MailCatcher, mailer: Mailer) -> None:
    catcher.refuse(BEN)
    delivery = mailer.deliver(letter(), [BEN, ANN])
    assert delivery.outcome is Outcome.ACCEPTED
    assert delivery.accepted == (ANN,)
    assert delivery.refused == {BEN: "550 5.1.1 No such mailbox"}
    assert catcher.messages[0].rcpt_tos == (ANN,)


def test_a_recipient_refused_for_now_stands_apart(catcher: MailCatcher, mailer: Mailer) -> None:
    catcher.refuse(BEN, 450, "4.2.0 Greylisted")
    delivery = mailer.deliver(letter(), [ANN, BEN])
    assert (delivery.accepted, delivery.refused) == ((ANN,), {})
    assert delivery.deferred == {BEN: "450 4.2.0 Greylisted"}


def test_all_recipients_refused_for_good(catcher: MailCatcher, mailer: Mailer) -> None:
    catcher.refuse("*@client.example")
    delivery = mailer.deliver(letter(), [ANN, BEN])
    assert delivery.outcome is Outcome.PERMANENT
    assert set(delivery.refused) == {ANN, BEN}
    assert catcher.messages == []


def test_all_recipients_refused_but_one_only_for_now(catcher: MailCatcher, mailer: Mailer) -> None:
    catcher.refuse(ANN, 450, "4.2.0 Greylisted")
    catcher.refuse(BEN)
    delivery = mailer.deliver(letter(), [ANN, BEN])
    assert delivery.outcome is Outcome.TEMPORARY
    assert (set(delivery.deferred), set(delivery.refused)) == ({ANN}, {BEN})


def test_what_is_no_address_is_not_offered(catcher: MailCatcher, mailer: Mailer) -> None:
    delivery = mailer.deliver(letter(), ["ann at client", ANN, "ANN@client.example"])
    assert delivery.accepted == (ANN,)
    assert set(delivery.refused) == {"ann at client"}
    assert catcher.messages[0].rcpt_tos == (ANN,)
    nobody = mailer.deliver(letter(), [f"a@x.example>\r\nRCPT TO:<{BEN}"])
    assert nobody.outcome is Outcome.PERMANENT
    assert len(catcher.messages) == 1


def test_blind_recipients_get_it_and_no_copy_names_them(catcher: MailCatcher, mailer: Mailer) -> None:
    delivery = mailer.deliver(letter(), [ANN], [CY, DEE])
    assert (delivery.outcome, delivery.accepted) == (Outcome.ACCEPTED, (ANN, CY, DEE))
    assert {to for caught in catcher.messages for to in caught.rcpt_tos} == {ANN, CY, DEE}
    for caught in catcher.messages:
        assert b"cy@" not in caught.raw
        assert b"dee@" not in caught.raw
        assert "bcc" not in {name.lower() for name, _ in caught.headers()}


def test_a_blind_recipient_who_is_refused_is_told_like_others(catcher: MailCatcher, mailer: Mailer) -> None:
    catcher.refuse(CY)
    catcher.refuse(DEE, 450, "4.2.0 Greylisted")
    delivery = mailer.deliver(letter(), [ANN], [CY, "dee at client", DEE])
    assert (delivery.outcome, delivery.accepted) == (Outcome.ACCEPTED, (ANN,))
    assert delivery.refused.keys() == {CY, "dee at client"}
    assert delivery.deferred.keys() == {DEE}


@pytest.mark.parametrize(("code", "outcome"), [(550, Outcome.PERMANENT), (450, Outcome.TEMPORARY)])
def test_nothing_goes_to_blind_recipients_alone(
    catcher: MailCatcher, mailer: Mailer, code: int, outcome: Outcome
) -> None:
    """Whom the message is for has not got it; that a copy left would count it as delivered."""
    catcher.refuse(ANN, code, "No")
    delivery = mailer.deliver(letter("first"), [ANN], [CY])
    assert (delivery.outcome, delivery.accepted, delivery.answer) == (outcome, (), f"{code} No")
    assert catcher.messages == []
    assert mailer.deliver(letter("second"), [BEN], [CY]).accepted == (BEN, CY)


def test_a_blind_recipient_who_is_named_as_well_is_asked_once(catcher: MailCatcher, mailer: Mailer) -> None:
    delivery = mailer.deliver(letter(), [ANN], ["ANN@client.example", CY])
    assert delivery.accepted == catcher.messages[0].rcpt_tos == (ANN, CY)


def test_no_recipient_at_all_is_a_mistake_of_the_caller(mailer: Mailer) -> None:
    for blind in ([], [CY]):
        with pytest.raises(ValueError, match="recipient"):
            mailer.deliver(letter(), [], blind)


def test_a_message_without_a_sender_is_a_mistake_of_the_caller(mailer: Mailer) -> None:
    with pytest.raises(ValueError, match="From"):
        mailer.deliver(EmailMessage(), [ANN])


# Refusals of the whole message


@pytest.mark.parametrize(
    ("moment", "code", "outcome"),
    [
        (Moment.MAIL, 451, Outcome.TEMPORARY),
        (Moment.MAIL, 550, Outcome.PERMANENT),
        (Moment.RCPT, 421, Outcome.TEMPORARY),
        (Moment.DATA, 451, Outcome.TEMPORARY),
        (Moment.DATA, 421, Outcome.TEMPORARY),
        (Moment.DATA, 554, Outcome.PERMANENT),
        (Moment.END, 451, Outcome.TEMPORARY),
        (Moment.END, 421, Outcome.TEMPORARY),
        (Moment.END, 554, Outcome.PERMANENT),
    ],
)
def test_a_refusal_says_whether_to_try_again(
    catcher: MailCatcher, mailer: Mailer, moment: Moment, code: int, outcome: Outcome
) -> None:
    catcher.answer(moment, code, "No", times=1)
    delivery = mailer.deliver(letter("first"), [ANN])
    assert (delivery.outcome, delivery.answer, delivery.accepted) == (outcome, f"{code} No", ())
    # and the connection, or a new one, serves for the next message
    assert mailer.deliver(letter("second"), [ANN]).outcome is Outcome.ACCEPTED
    assert subjects(catcher) == ["second"]


def test_a_missing_login_is_no_fault_of_the_message(catcher: MailCatcher) -> None:
    with catcher.serve(login=("ar", "secret")) as served, Mailer(parse_server(served.smtp_url)) as mailer:
        delivery = mailer.deliver(letter(), [ANN])
    assert (delivery.outcome, delivery.answer) == (Outcome.TEMPORARY, "530 5.7.0 Authentication required")


def test_an_unreachable_server() -> None:
    port = free_port()
    delivery = Mailer(parse_server(f"smtp://127.0.0.1:{port}")).deliver(letter(), [ANN])
    assert delivery == Delivery(Outcome.TEMPORARY, f"mail server 127.0.0.1:{port}: Connection refused")


def test_a_refused_login_leaves_the_message(catcher: MailCatcher) -> None:
    with catcher.serve(login=("ar", "secret")) as served:
        mailer = Mailer(parse_server(served.smtp_url, username="ar", password="wrong"))
        assert mailer.deliver(letter(), [ANN]).outcome is Outcome.TEMPORARY


# Connections that break


@pytest.mark.parametrize("moment", [Moment.RCPT, Moment.DATA])
@pytest.mark.parametrize("fault", ["drop", "stall"])
def test_a_cut_before_the_message_begins_sends_nothing(
    catcher: MailCatcher, cut_short: Mailer, moment: Moment, fault: str
) -> None:
    getattr(catcher, fault)(moment)
    delivery = cut_short.deliver(letter(), [ANN])
    assert (delivery.outcome, delivery.accepted, delivery.in_doubt) == (Outcome.TEMPORARY, (), ())
    assert catcher.messages == []


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("fault", ["drop", "stall"])
def test_a_cut_after_the_final_dot_is_in_doubt(
    catcher: MailCatcher, cut_short: Mailer, fault: str, kept: bool, arrived: Callable[[], int]
) -> None:
    getattr(catcher, fault)(Moment.END, keep=kept)
    catcher.refuse(BEN)
    delivery = cut_short.deliver(letter(), [ANN, BEN])
    assert (delivery.outcome, delivery.accepted, delivery.in_doubt) == (Outcome.UNKNOWN, (), (ANN,))
    assert set(delivery.refused) == {BEN}
    assert arrived() == 1 if kept else catcher.messages == []


def test_a_cut_in_a_short_message_is_never_called_delivered(catcher: MailCatcher, mailer: Mailer) -> None:
    # whether the final dot was written before the cut was noticed is a race: both are honest answers
    catcher.drop(Moment.BODY)
    delivery = mailer.deliver(letter(), [ANN])
    assert delivery.outcome in (Outcome.TEMPORARY, Outcome.UNKNOWN)
    assert catcher.messages == []


def test_a_cut_in_a_message_too_long_to_be_buffered_sends_nothing(
    catcher: MailCatcher, served: ServedMail
) -> None:
    catcher.drop(Moment.BODY)
    payload = b"Subject: long\r\n\r\n" + (b"x" * 76 + b"\r\n") * 300_000  # 23 MB
    with smtplib.SMTP("127.0.0.1", parse_server(served.smtp_url).port, timeout=60) as client:
        client.ehlo()
        delivery = transact(client, "ar@acme.example", [ANN], payload, 60)
    assert delivery.outcome is Outcome.TEMPORARY
    assert delivery.answer == "the connection broke before the end of the message was sent"
    assert catcher.messages == []


@pytest.mark.parametrize(
    "answer",
    [b"", b"hello", b"250" + b"x" * 10_000, b"250-half an answer", b"354 go on", b"150 well", b"999 ?"],
)
def test_no_answer_to_be_understood_after_the_final_dot_is_in_doubt(script: Script, answer: bytes) -> None:
    waiting = [b""] * lines_of(letter())
    talk = [b"220 hi", b"250 hello", b"250 sender", b"250 recipient", b"354 go on", *waiting, answer]
    with script(*talk) as port:
        mailer = Mailer(parse_server(f"smtp://127.0.0.1:{port}"))
        delivery = mailer.deliver(letter(), [ANN])
        mailer.close()
    assert (delivery.outcome, delivery.in_doubt) == (Outcome.UNKNOWN, (ANN,))


def test_control_characters_in_an_answer_reach_no_terminal(script: Script) -> None:
    with script(b"220 hi", b"250 hello", b"550 \x1b[2Jgone\x07") as port:
        mailer = Mailer(parse_server(f"smtp://127.0.0.1:{port}"))
        delivery = mailer.deliver(letter(), [ANN])
        mailer.close()
    assert delivery.answer == "550 [2Jgone"


class Interrupted(smtplib.SMTP):
    """Ctrl-C at the moment when `at` is about to be sent."""

    at = b""

    def send(self, s: Any) -> None:
        if isinstance(s, bytes) and s.startswith(self.at):
            raise KeyboardInterrupt
        super().send(s)


@pytest.mark.parametrize("at", [b"Subject", b".\r\n"])
def test_an_interrupt_leaves_no_connection_in_the_middle_of_a_message(
    catcher: MailCatcher, served: ServedMail, at: bytes
) -> None:
    with Interrupted("127.0.0.1", parse_server(served.smtp_url).port, timeout=60) as client:
        client.ehlo()
        client.at = at
        with pytest.raises(KeyboardInterrupt):
            transact(client, "ar@acme.example", [ANN], b"Subject: x\r\n\r\n", 60)
        assert client.sock is None
    assert catcher.messages == []


# Connections that went stale


@pytest.mark.parametrize("fault", ["drop", "stall", "421"])
def test_a_stale_connection_is_opened_anew_once(catcher: MailCatcher, cut_short: Mailer, fault: str) -> None:
    if fault == "421":
        catcher.answer(Moment.MAIL, 421, "4.4.2 Idle too long", times=1)
    else:
        getattr(catcher, fault)(Moment.MAIL, times=1)
    assert cut_short.deliver(letter(), [ANN]).outcome is Outcome.ACCEPTED
    assert len(catcher.messages) == 1


def test_a_server_that_always_closes_is_given_up(catcher: MailCatcher, server: MailServer) -> None:
    catcher.answer(Moment.MAIL, 421, "Closing", times=2)
    with Mailer(server) as mailer:
        delivery = mailer.deliver(letter(), [ANN])
        assert (delivery.outcome, delivery.answer) == (Outcome.TEMPORARY, "421 Closing")
        assert mailer.deliver(letter(), [ANN]).outcome is Outcome.ACCEPTED


def test_a_new_connection_that_closes_is_not_tried_twice(catcher: MailCatcher, server: MailServer) -> None:
    catcher.answer(Moment.MAIL, 421, "Closing", times=1)
    assert Mailer(server).deliver(letter(), [ANN]).outcome is Outcome.TEMPORARY


# Never twice


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("fault", ["drop", "stall", "421", "451", "554"])
def test_what_is_tried_again_until_settled_arrives_at_most_once(
    catcher: MailCatcher, cut_short: Mailer, moment: Moment, fault: str
) -> None:
    if fault.isdecimal() and moment is Moment.BODY:
        fault = "drop"  # a server cannot answer there
    if fault.isdecimal():
        catcher.answer(moment, int(fault), times=2)
    else:
        getattr(catcher, fault)(moment, keep=moment is Moment.END, times=2)
    outcome = Outcome.TEMPORARY
    while outcome is Outcome.TEMPORARY:
        outcome = cut_short.deliver(letter(), [ANN]).outcome
    possible = {Outcome.ACCEPTED: {1}, Outcome.PERMANENT: {0}, Outcome.UNKNOWN: {0, 1}}
    assert len(catcher.messages) in possible[outcome]
