"""The host of the sandbox: every simulated service that is installed, and the mail catcher, on loopback.

Simulators come through the entry-point group ``arsync.sandboxes``; each names a function
``sandbox(clock, host, port)`` that serves one demonstration company and describes it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, Self

from arsync.errors import FixSettings
from arsync.sandbox.catcher import MailCatcher, ServedMail

GROUP = "arsync.sandboxes"
HOST = "127.0.0.1"


class Sandbox(Protocol):
    """A simulated accounting system with one company, being served."""

    title: str
    book: str
    client_id: str
    client_secret: str

    @property
    def url(self) -> str: ...
    @property
    def connection(self) -> Mapping[str, str]: ...
    def someone_pays(self) -> tuple[str, str]: ...
    def notes(self) -> list[tuple[str, str]]: ...
    def close(self) -> None: ...


class SandboxHost:
    """All sandboxes by connector, and the mail catcher. Leaving ``with`` ends every server.

    ``port`` 0 takes free ports; else the services take it and those that follow, the mail server
    the next, and its page the one after.
    """

    def __init__(
        self, *, clock: Callable[[], datetime], port: int = 0, mail_folder: Path | None = None
    ) -> None:
        self._stack, first = ExitStack(), port
        self.sandboxes: dict[str, Sandbox] = {}
        try:
            self.catcher = MailCatcher(mail_folder, clock)
        except OSError as error:
            raise FixSettings(
                f"{mail_folder} cannot be written ({error.strerror}); name another folder",
                where="--mail-folder",
            ) from None
        points = sorted(entry_points(group=GROUP), key=lambda each: each.name)
        try:
            if port:
                # Asked here first: the servers' library would end the process over a port that is taken.
                for taken in range(port, port + len(points) + 2):
                    socket.create_server((HOST, taken)).close()
            for point in points:
                serve = point.load()
                served: Sandbox = serve(clock=clock, host=HOST, port=port)
                self._stack.callback(served.close)
                self.sandboxes[point.name] = served
                port += 1 if port else 0
            page = port + 1 if port else 0
            self.mail: ServedMail = self._stack.enter_context(self.catcher.serve(HOST, port, page))
        except OSError as error:
            self._stack.close()
            raise FixSettings(
                f"the ports from {first} on cannot be used on {HOST} "
                f"({os.strerror(error.errno) if error.errno else error}); choose others",
                where="--port",
            ) from None
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()


def practice_text(host: SandboxHost, *, automatic: str | None = None, redirect_port: int = 8722) -> str:
    """An arsync.toml for a practice on this sandbox. ``automatic`` is the connector whose book sends
    by itself; each book's client secret is expected in secrets/BOOK."""
    parts = [
        '[practice]\nname = "Demonstration"\n',
        f'[mail]\nserver = "{host.mail.smtp_url}"\n',
    ]
    for connector, served in host.sandboxes.items():
        sending = "automatic" if connector == automatic else "approve"
        connection = "".join(f'{key} = "{value}"\n' for key, value in served.connection.items())
        secrets = f'client_id = "{served.client_id}"\nclient_secret = "file:secrets/{served.book}"\n'
        parts.append(
            f'[books.{served.book}]\nconnector = "{connector}"\npolicy = "policies/standard.toml"\n'
            f'sending = "{sending}"\ngolive = "start"\n'
            f'from = "{served.book.title()} Accounts <ar@{served.book}.example>"\n\n'
            f"[books.{served.book}.connection]\n{connection}{secrets}"
            f'redirect_uri = "http://localhost:{redirect_port}/callback"\nserver = "{served.url}"\n'
        )
    return "\n".join(parts)


def write_secrets(host: SandboxHost, folder: Path) -> None:
    """The sandbox's own made-up client secrets, in the files that `practice_text` names."""
    place = folder / "secrets"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for served in host.sandboxes.values():
        (place / served.book).write_text(served.client_secret + "\n", "utf-8")
