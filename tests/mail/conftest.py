import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Thread

import pytest

from arsync.sandbox import MailCatcher, ServedMail

# Self-signed, for localhost and 127.0.0.1, with its key; valid until 2120 and good for nothing else.
CERTIFICATE = Path(__file__).with_name("catcher.pem")


@pytest.fixture
def catcher() -> MailCatcher:
    return MailCatcher()


@pytest.fixture
def served(catcher: MailCatcher) -> Iterator[ServedMail]:
    with catcher.serve() as served:
        yield served


@pytest.fixture
def arrived(catcher: MailCatcher) -> Callable[[], int]:
    """How many messages have arrived, looked at for a minute where none has: who hung up on a server that is
    still reading is ahead of it."""

    def count() -> int:
        deadline = time.monotonic() + 60
        while not catcher.messages and time.monotonic() < deadline:
            time.sleep(0.01)
        return len(catcher.messages)

    return count


@pytest.fixture
def server_tls() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.fixture
def trusting_tls() -> ssl.SSLContext:
    """A client that trusts the certificate of `server_tls`, and checks it."""
    return ssl.create_default_context(cafile=CERTIFICATE)


@contextmanager
def _script(*answers: bytes) -> Iterator[int]:
    """A server on the port it yields that gives these answers to one client, one a line received, then ends.

    The first is the greeting; an empty answer says nothing.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as lines:
                for place, answer in enumerate(answers):
                    if place and not lines.readline():
                        return
                    if answer:
                        connection.sendall(answer + b"\r\n")

        thread = Thread(target=talk, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=10)


@pytest.fixture
def script() -> Callable[..., AbstractContextManager[int]]:
    return _script
