"""The mail catcher: takes every message, delivers none, and shows them on a page."""

import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Self

from arsync.sandbox.caught import CaughtMessage
from arsync.sandbox.mail_faults import Act, Fault, Faults, Moment
from arsync.sandbox.mail_page import PageServer
from arsync.sandbox.mail_server import CatchingServer


class MailCatcher:
    """Keeps every message it is sent; with `folder` each also as `<id>.eml` in it (created when missing).

    Ids go on from the highest in the folder. `clock` tells the instant at which a message arrives. The
    methods that set up faults may be called at any time; `times` limits how often a fault strikes.

        catcher = MailCatcher()
        catcher.refuse("*@gone.example")
        with catcher.serve() as served:
            ...  # send to served.smtp_url, read at served.page_url or in catcher.messages
    """

    def __init__(self, folder: Path | None = None, clock: Callable[[], datetime] | None = None) -> None:
        self._folder = folder
        self._clock = clock or _now
        self._faults = Faults()
        self._lock = Lock()
        self._messages: list[CaughtMessage] = []
        self._next_id = 1
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            numbers = [int(path.stem) for path in folder.glob("*.eml") if path.stem.isdecimal()]
            self._next_id = max(numbers, default=0) + 1

    @property
    def messages(self) -> list[CaughtMessage]:
        """Those kept so far, the oldest first."""
        with self._lock:
            return list(self._messages)

    def clear(self) -> None:
        """Forgets the messages; files stay."""
        with self._lock:
            self._messages.clear()

    def refuse(
        self,
        recipient: str = "*",
        code: int = 550,
        text: str = "5.1.1 No such mailbox",
        *,
        times: int | None = None,
    ) -> None:
        """A recipient is refused: for good (5xx) or for now (4xx). `*` and `?` fit as in file names."""
        self._faults.add(Fault(Moment.RCPT, Act.ANSWER, recipient, code, text, times=times))

    def refuse_sender(
        self,
        sender: str = "*",
        code: int = 550,
        text: str = "5.7.1 Sender refused",
        *,
        times: int | None = None,
    ) -> None:
        """A sender is refused before anything else; by default everybody."""
        self._faults.add(Fault(Moment.MAIL, Act.ANSWER, sender, code, text, times=times))

    def answer(
        self,
        moment: Moment,
        code: int,
        text: str = "Not now",
        *,
        keep: bool = False,
        times: int | None = None,
    ) -> None:
        """A refusal at any moment but BODY. 421 also closes the connection.

        With `keep` a message refused at END is kept all the same: a server that breaks its word.
        """
        self._faults.add(Fault(moment, Act.ANSWER, "*", code, text, keep, times))

    def drop(self, moment: Moment, *, keep: bool = False, times: int | None = None) -> None:
        """The connection is cut without an answer; at END with `keep` after the message was taken."""
        self._faults.add(Fault(moment, Act.DROP, keep=keep, times=times))

    def stall(self, moment: Moment, *, keep: bool = False, times: int | None = None) -> None:
        """No answer comes, the connection stays open."""
        self._faults.add(Fault(moment, Act.STALL, keep=keep, times=times))

    def heal(self) -> None:
        """Ends all faults."""
        self._faults.clear()

    def serve(
        self,
        host: str = "127.0.0.1",
        smtp_port: int = 0,
        http_port: int = 0,
        *,
        login: tuple[str, str] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
    ) -> "ServedMail":
        """Starts both servers in threads; port 0 picks a free one. Raises OSError when a port is taken.

        `login`, a user name and a password, is then required of senders. `ssl_context`, with a certificate,
        offers STARTTLS, or encrypts from the first byte when `implicit_tls`.
        """
        smtp = CatchingServer(
            host,
            smtp_port,
            keep=self._keep,
            faults=self._faults,
            login=login,
            ssl_context=ssl_context,
            implicit_tls=implicit_tls,
        )
        try:
            page = PageServer(lambda: self.messages, host, http_port)
        except BaseException:
            smtp.close()
            raise
        scheme = "smtp" if ssl_context is None else "smtps" if implicit_tls else "smtp+starttls"
        return ServedMail(host, scheme, smtp, page)

    def _keep(self, mail_from: str, rcpt_tos: Sequence[str], raw: bytes) -> None:
        with self._lock:
            caught = CaughtMessage(self._next_id, self._clock(), mail_from, tuple(rcpt_tos), raw)
            if self._folder is not None:
                (self._folder / f"{caught.id:04}.eml").write_bytes(raw)
            self._messages.append(caught)
            self._next_id += 1


class ServedMail:
    """A catcher while it is served. Leaving `with`, or `close`, ends both servers; the messages stay."""

    def __init__(self, host: str, scheme: str, smtp: CatchingServer, page: PageServer) -> None:
        self._smtp, self._page = smtp, page
        self._closed = False
        shown = f"[{host}]" if ":" in host else host
        self.smtp_url = f"{scheme}://{shown}:{smtp.port}"
        self.page_url = f"http://{shown}:{page.port}/"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends both servers; nothing when that was done already."""
        if not self._closed:
            self._closed = True
            self._smtp.close()
            self._page.close()


def _now() -> datetime:
    return datetime.now(UTC)
