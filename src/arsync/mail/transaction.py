"""One message handed over in one SMTP transaction (RFC 5321, section 3.3), step by step.

`smtplib.SMTP.sendmail` takes the same steps, but its exceptions do not tell a connection that broke
before the end of the message from one that broke after it, and on that rests whether a message may be
sent again.
"""

import select
import smtplib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from arsync.mail.delivery import Delivery, Outcome
from arsync.plain_text import one_line

_CHUNK = 65_536  # bytes; a time-out counts for each chunk, not for the whole message

# Gives a context manager: a moment in which the message may be ended.
Ending = Callable[[], AbstractContextManager[None]]

# These speak of the connection (a login or encryption is missing), not of the message: it can go once
# that is settled.
_ABOUT_THE_CONNECTION = (530, 535, 538)


class NotBegun(Exception):
    """The connection turned out to be closed before the server took the sender: nothing was offered yet."""


class _Broken(Exception):
    """The connection failed, or something that is no SMTP answer came back. It is closed."""


@dataclass(frozen=True, slots=True)
class _Reply:
    code: int
    text: str

    @property
    def taken(self) -> bool:
        return 200 <= self.code < 300

    @property
    def refusal(self) -> Outcome:
        for_good = self.code >= 500 and self.code not in _ABOUT_THE_CONNECTION
        return Outcome.PERMANENT if for_good else Outcome.TEMPORARY


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the server said to each addressee."""

    taken: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    deferred: dict[str, str] = field(default_factory=dict)

    def record(self, recipient: str, reply: _Reply) -> None:
        if reply.taken:
            self.taken.append(recipient)
        elif reply.refusal is Outcome.PERMANENT:
            self.refused[recipient] = reply.text
        else:
            self.deferred[recipient] = reply.text

    def delivery(self, outcome: Outcome, answer: str) -> Delivery:
        return Delivery(
            outcome=outcome,
            answer=answer,
            accepted=tuple(self.taken) if outcome is Outcome.ACCEPTED else (),
            in_doubt=tuple(self.taken) if outcome is Outcome.UNKNOWN else (),
            refused=self.refused,
            deferred=self.deferred,
        )


def transact(
    client: smtplib.SMTP,
    sender: str,
    recipients: Sequence[str],
    payload: bytes,
    final_timeout: float,
    blind: Sequence[str] = (),
    ending: Ending = nullcontext,
) -> Delivery:
    """Offers `payload`, a message with CRLF line ends, on a connection that has passed EHLO.

    `final_timeout` is how many seconds to wait for the answer to the end of the message. `blind` get the
    same message, and only where one of the `recipients` does. Afterwards the connection is ready for the
    next transaction, or closed. Raises NotBegun when it was closed already.

    The end of the message is written inside of `ending()`. What that raises as it is entered is raised on:
    no server has the message then, and the connection is closed.
    """
    answers = _Answers()
    try:
        ended = _announce(client, answers, sender, recipients, blind, len(payload))
        if ended is not None:
            _clear(client)
            return ended
        _send_body(client, payload)
        _await_room(client)
    except _Broken as broken:
        # The end of the message was not written, and without it no server has a message (RFC 5321, section
        # 4.1.1.4): nothing left, certainly.
        return answers.delivery(Outcome.TEMPORARY, str(broken))
    except BaseException:
        client.close()  # a QUIT in the middle of a message would become a part of it
        raise
    return _finish(client, answers, final_timeout, ending)


def _announce(
    client: smtplib.SMTP,
    answers: _Answers,
    sender: str,
    recipients: Sequence[str],
    blind: Sequence[str],
    size: int,
) -> Delivery | None:
    """Sender, addressees, the wish to send. None when the server awaits the text, else how it ended."""
    declared = f" SIZE={size}" if client.has_extn("size") else ""
    try:
        reply = _ask(client, "MAIL", f"FROM:<{sender}>{declared}")
    except _Broken as broken:
        raise NotBegun(str(broken)) from None
    if reply.code == 421:
        raise NotBegun(reply.text)
    if not reply.taken:
        return answers.delivery(reply.refusal, reply.text)
    for group in (recipients, blind):
        for recipient in group:
            reply = _ask(client, "RCPT", f"TO:<{recipient}>")
            if reply.code == 421:
                return answers.delivery(Outcome.TEMPORARY, reply.text)
            answers.record(recipient, reply)
        if not answers.taken:
            return answers.delivery(Outcome.TEMPORARY if answers.deferred else Outcome.PERMANENT, reply.text)
    reply = _ask(client, "DATA")
    return None if reply.code == 354 else answers.delivery(reply.refusal, reply.text)


def _send_body(client: smtplib.SMTP, payload: bytes) -> None:
    stuffed = (b"\r\n" + payload).replace(b"\r\n.", b"\r\n..")[2:]  # RFC 5321, section 4.5.2
    if not stuffed.endswith(b"\r\n"):
        stuffed += b"\r\n"
    try:
        for start in range(0, len(stuffed), _CHUNK):
            client.send(stuffed[start : start + _CHUNK])
    except smtplib.SMTPServerDisconnected:
        raise _Broken("the connection broke before the end of the message was sent") from None


def _await_room(client: smtplib.SMTP) -> None:
    """Until the few bytes of the end can be written at once: no time passes inside of `ending()`."""
    sock = client.sock
    if sock is not None and not select.select([], [sock], [], sock.gettimeout())[1]:
        client.close()
        raise _Broken("the mail server stopped reading before the end of the message")


def _finish(client: smtplib.SMTP, answers: _Answers, final_timeout: float, ending: Ending) -> Delivery:
    """The end of the message. From here on a failure leaves open whether the server has it."""
    usual_timeout = client.sock.gettimeout() if client.sock else None
    try:
        if client.sock:
            client.sock.settimeout(final_timeout)
        reply = _reply(client, lambda: _end(client, ending))
        if client.sock:
            client.sock.settimeout(usual_timeout)
    except _Broken as broken:
        return answers.delivery(Outcome.UNKNOWN, str(broken))
    except BaseException:
        client.close()
        raise
    if reply.taken:
        return answers.delivery(Outcome.ACCEPTED, reply.text)
    if reply.code < 400:
        client.close()
        return answers.delivery(Outcome.UNKNOWN, reply.text)
    return answers.delivery(reply.refusal, reply.text)


def _end(client: smtplib.SMTP, ending: Ending) -> tuple[int, bytes]:
    with ending():
        client.send(b".\r\n")
    return client.getreply()


def _clear(client: smtplib.SMTP) -> None:
    """Ends a transaction that was refused, so that the next one can begin."""
    if client.sock is None:
        return
    try:
        reply = _ask(client, "RSET")
    except _Broken:
        return
    if not reply.taken:
        client.close()


def _ask(client: smtplib.SMTP, command: str, argument: str = "") -> _Reply:
    return _reply(client, lambda: client.docmd(command, argument))


def _reply(client: smtplib.SMTP, exchange: Callable[[], tuple[int, bytes]]) -> _Reply:
    try:
        code, text = exchange()
    except smtplib.SMTPServerDisconnected as gone:
        raise _Broken(f"the mail server ended the connection or fell silent ({gone})") from None
    except smtplib.SMTPResponseException:  # an answer without an end
        code, text = -1, b""
    if not 200 <= code < 600:
        client.close()
        raise _Broken("what came back is not an SMTP answer")
    if code == 421:  # the server closes the connection after it
        client.close()
    return _Reply(code, f"{code} {one_line(text.decode('utf-8', 'replace'), 300)}".strip())
