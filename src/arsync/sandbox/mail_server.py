"""The catcher's SMTP side: aiosmtpd in a thread, with faults on demand."""

# ruff: noqa: ARG001, ARG002, N802  (the names and arguments of hooks are aiosmtpd's)

import asyncio
import logging
import socket
import ssl
from asyncio import BaseTransport
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from arsync.sandbox.mail_faults import Act, Fault, Faults, Moment

_NAME = "catcher.example"
# Seconds for what takes none, but where a machine stands still.
_PATIENCE = 60.0

Keep = Callable[[str, Sequence[str], bytes], None]
"""Called with envelope sender, recipients and raw message before the sender hears that it was taken."""


class CatchingServer:
    """A running SMTP server on `host`; `port` 0 picks a free one. Stopped by `close`.

    With `login`, mail is taken only after exactly this user name and password; without it any login will do.
    `ssl_context` offers STARTTLS, or encrypts from the first byte when `implicit_tls`.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        keep: Keep,
        faults: Faults,
        login: tuple[str, str] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
    ) -> None:
        logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)  # aiosmtpd's
        self._listener = socket.create_server((host, port), family=_family(host))
        self.port: int = self._listener.getsockname()[1]
        self._controller = _Controller(self._listener, host, self.port, _Hooks(keep, faults, login), faults)
        if ssl_context and implicit_tls:
            self._controller.ssl_context = ssl_context
        elif ssl_context:
            self._controller.SMTP_kwargs["tls_context"] = ssl_context
        try:
            self._controller.start()
        except BaseException:
            self._listener.close()
            raise

    def close(self) -> None:
        self._controller.hang_up()
        self._controller.stop()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


class _Hooks:
    """aiosmtpd's hooks: one a moment."""

    def __init__(self, keep: Keep, faults: Faults, login: tuple[str, str] | None) -> None:
        self._keep = keep
        self._faults = faults
        self.login = login

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if fault := self._faults.take(Moment.MAIL, address):
            return await _strike(server, fault)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if fault := self._faults.take(Moment.RCPT, address):
            return await _strike(server, fault)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        sender, raw = envelope.mail_from or "", envelope.original_content or b""
        fault = self._faults.take(Moment.END, sender)
        if fault is None or fault.keep:
            self._keep(sender, envelope.rcpt_tos, raw)
        return "250 2.0.0 OK: caught" if fault is None else await _strike(server, fault)


async def _strike(server: SMTP, fault: Fault) -> str:
    """The answer to give, unless the fault is that none comes."""
    if fault.act is Act.ANSWER and fault.code != 421:
        return fault.answer
    if fault.act is Act.ANSWER:
        await server.push(fault.answer)
        if server.transport:
            server.transport.close()
    elif fault.act is Act.DROP:
        _abort(server.transport)
    return await _say_nothing()


async def _say_nothing() -> NoReturn:
    """Until the connection ends, which cancels this."""
    while True:
        await asyncio.sleep(3600)


def _abort(transport: BaseTransport | None) -> None:
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


class _Connection(SMTP):
    """One client's connection, with faults at the moments for which aiosmtpd has no hook."""

    faults: Faults
    alive: "set[_Connection]"

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.alive.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.alive.discard(self)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:
        sender = self.envelope.mail_from if self.envelope else None
        if sender and (fault := self.faults.take(Moment.DATA, sender)):
            await self.push(await _strike(self, fault))
        elif sender and (fault := self.faults.take(Moment.BODY, sender)):
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._reader.read(1024)
            await _strike(self, fault)
        else:
            await super().smtp_DATA(arg)


class _Controller(Controller):
    """aiosmtpd's thread and event loop, on a socket that is bound already."""

    def __init__(self, listener: socket.socket, host: str, port: int, hooks: _Hooks, faults: Faults) -> None:
        super().__init__(
            hooks,
            hostname=host,
            port=port,
            server_hostname=_NAME,
            ident="arsync mail catcher",
            auth_require_tls=False,
            ready_timeout=_PATIENCE,
            authenticator=_authenticator(hooks.login),
        )
        self._listener = listener
        self._faults = faults
        self._alive: set[_Connection] = set()

    def factory(self) -> SMTP:
        connection = _Connection(self.handler, loop=self.loop, **self.SMTP_kwargs)
        connection.faults = self._faults
        connection.alive = self._alive
        return connection

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listener, ssl=self.ssl_context)

    def hang_up(self) -> None:
        """Ends all connections and waits until they are closed."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(timeout=_PATIENCE)

    async def _hang_up(self) -> None:
        # Not closed yet: asyncio loses a connection that is accepted but not begun when its server closes.
        with suppress(NotImplementedError):  # Windows
            self.loop.remove_reader(self._listener)
        while True:
            await asyncio.sleep(0.002)  # lets what was accepted begin
            others = asyncio.all_tasks() - {asyncio.current_task()}
            if not others and not self._alive:
                return
            for connection in list(self._alive):
                _abort(connection.transport)
            for task in others:
                task.cancel()


def _authenticator(
    login: tuple[str, str] | None,
) -> Callable[[SMTP, Session, Envelope, str, object], AuthResult]:
    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        expected = login and (login[0].encode(), login[1].encode())
        return AuthResult(success=expected is None or (data.login, data.password) == expected, handled=False)

    return check
