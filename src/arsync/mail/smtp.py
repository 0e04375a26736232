"""The connection to the mail server, kept for many messages."""

import base64
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from arsync.errors import ArsyncError, TryLater
from arsync.mail.addresses import check_address
from arsync.mail.delivery import Delivery, Outcome
from arsync.mail.server import MailServer, Security
from arsync.mail.transaction import Ending, NotBegun, transact
from arsync.mail.unreachable import FAULTS, why
from arsync.plain_text import one_line


class MailServerUnavailable(TryLater):
    """The mail server cannot be reached, does not answer as one, or cannot be trusted. Nothing was sent."""


class MailLoginRefused(ArsyncError):
    """The mail server does not accept the user name and password. Nothing was sent."""


class Mailer:
    """Hands messages to one mail server over one connection. Not for use by two threads at once.

    `with Mailer(server) as mailer:` opens it and raises what `open` raises.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._client: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Connects, encrypts and logs in; nothing when that is done already.

        Raises MailServerUnavailable or MailLoginRefused; their texts never hold the password.
        """
        if self._client is None or self._client.sock is None:
            self._client = _connect(self._server)

    def close(self) -> None:
        """Takes leave of the server. The mailer may be opened again."""
        client, self._client = self._client, None
        if client is None or client.sock is None:
            return
        try:
            client.quit()
        except smtplib.SMTPException:
            client.close()

    def deliver(
        self,
        message: EmailMessage,
        recipients: Sequence[str],
        blind: Sequence[str] = (),
        ending: Ending = nullcontext,
    ) -> Delivery:
        """Offers `message` to `recipients` in one transaction; its From address is the envelope's sender.

        `blind` are those whom the message does not name (Bcc). They get it where one of `recipients` does:
        a copy alone has reached nobody whom the message is for.
        What the network or the server does becomes a Delivery, never an exception. A server that cannot
        be reached or refuses the login is TEMPORARY: nothing left. A connection that went stale between
        two messages is opened anew once. Recipients who are no addresses are refused without asking the
        server.
        The end of the message, after which it cannot be called back, is written inside of `ending()`; what
        that raises as it is entered is raised on, and nothing left.
        Raises ValueError when `recipients` is empty or `message` has no usable From address.
        """
        if not recipients:
            raise ValueError("a message needs at least one recipient")
        sender = _sender(message)
        good, refused = _sorted_out(recipients)
        if not good:
            return Delivery(Outcome.PERMANENT, next(iter(refused.values())), refused=refused)
        hidden, hidden_refused = _sorted_out(blind)
        known = {address.casefold() for address in good}
        hidden = [address for address in hidden if address.casefold() not in known]
        payload = b"\r\n".join(message.as_bytes().splitlines()) + b"\r\n"
        delivery = self._offer(sender, good, hidden, payload, ending)
        return _with_refused(delivery, {**refused, **hidden_refused})

    def _offer(
        self, sender: str, recipients: Sequence[str], blind: Sequence[str], payload: bytes, ending: Ending
    ) -> Delivery:
        for _ in range(2):
            kept = self._client is not None and self._client.sock is not None
            try:
                self.open()
                assert self._client is not None
                timeout = self._server.final_timeout
                return transact(self._client, sender, recipients, payload, timeout, blind, ending)
            except (MailServerUnavailable, MailLoginRefused) as failure:
                return Delivery(Outcome.TEMPORARY, str(failure))
            except NotBegun as stale:
                answer = str(stale)
                if not kept:
                    break
        return Delivery(Outcome.TEMPORARY, answer)


def _sender(message: EmailMessage) -> str:
    addresses: tuple[Address, ...] = getattr(message["From"], "addresses", ())
    if len(addresses) != 1:
        raise ValueError("a message needs exactly one From address")
    return check_address(addresses[0].addr_spec)


def _sorted_out(recipients: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The addresses the server can be asked about, each once, and what is wrong with the others."""
    good: dict[str, str] = {}
    refused: dict[str, str] = {}
    for recipient in recipients:
        try:
            address = check_address(recipient)
        except ValueError as problem:
            refused[recipient] = str(problem)
        else:
            good.setdefault(address.casefold(), address)
    return list(good.values()), refused


def _with_refused(delivery: Delivery, refused: dict[str, str]) -> Delivery:
    return replace(delivery, refused={**refused, **delivery.refused}) if refused else delivery


def _connect(server: MailServer) -> smtplib.SMTP:
    """A connection that is encrypted and logged in as `server` says, never less than that."""
    context = server.ssl_context or ssl.create_default_context()
    with _unavailable(server):
        if server.security is Security.TLS:
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.connect_timeout, context=context
            )
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=server.connect_timeout)
    try:
        with _unavailable(server):
            if server.security is Security.STARTTLS:
                client.starttls(context=context)
            if client.sock:
                client.sock.settimeout(server.timeout)
            client.ehlo_or_helo_if_needed()
            _log_in(client, server)
    except BaseException:
        client.close()
        raise
    return client


@contextmanager
def _unavailable(server: MailServer) -> Iterator[None]:
    """Gives every way in which a connection fails to come about its reason."""
    try:
        yield
    except FAULTS as error:
        reason = why(error, missing="connection", seconds=server.connect_timeout)
    except smtplib.SMTPNotSupportedError:
        reason = "it does not offer what the settings ask for (STARTTLS or a login)"
    except smtplib.SMTPResponseException as error:
        reason = _without_secrets(_answer(error), server)
    except smtplib.SMTPServerDisconnected as error:
        reason = f"it ended the connection or fell silent ({error})"
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        return
    raise MailServerUnavailable(f"mail server {server.place}: {one_line(reason)}") from None


def _log_in(client: smtplib.SMTP, server: MailServer) -> None:
    if server.username is None or server.password is None:
        return
    refusal = None
    try:
        if (server.username + server.password).isascii():
            client.login(server.username, server.password)
        else:
            _log_in_beyond_ascii(client, server)
    except smtplib.SMTPNotSupportedError:
        refusal = "it offers no login, but the settings have a user name; remove it or use another port"
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code < 500:  # 454 and 421: it cannot tell right now (RFC 4954, section 6)
            raise
        refusal = _answer(error)
    except smtplib.SMTPException as error:
        if isinstance(error, (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException)):
            raise
        refusal = "it offers no login method that is known here (PLAIN, LOGIN or CRAM-MD5)"
    if refusal is not None:
        text = f"mail server {server.place} refuses the login of {server.username}: {refusal}"
        raise MailLoginRefused(one_line(_without_secrets(text, server)))


def _log_in_beyond_ascii(client: smtplib.SMTP, server: MailServer) -> None:
    """AUTH PLAIN in UTF-8 (RFC 4616); the standard library's login knows ASCII only."""
    code, text = client.docmd("AUTH", f"PLAIN {_plain_login(server)}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, text)


def _plain_login(server: MailServer) -> str:
    return base64.b64encode(f"\0{server.username}\0{server.password}".encode()).decode()


def _answer(error: smtplib.SMTPResponseException) -> str:
    text = error.smtp_error
    return f"{error.smtp_code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"


def _without_secrets(text: str, server: MailServer) -> str:
    """Servers may repeat the command they refuse, with the password in it."""
    if server.password:
        encoded = base64.b64encode(server.password.encode()).decode()
        for secret in (server.password, encoded, _plain_login(server)):
            text = text.replace(secret, "***")
    return text
