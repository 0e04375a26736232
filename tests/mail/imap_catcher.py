"""A small IMAP server on a socket, for tests: one mailbox with folders of messages, and ways to misbehave.

It speaks as much of RFC 3501 as a client needs that looks for messages by a header, and searches as servers
do: loosely. It shares no code with the client.
"""

from __future__ import annotations

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

_LITERAL = re.compile(rb"\{(\d+)\}$")
_WORDS = re.compile(rb'"((?:[^"\\]|\\.)*)"|\(([^()]*)\)|([^\s"()]+)')


@dataclass
class ImapCatcher:
    """``folders`` are raw messages by the folder's name as the wire has it (modified UTF-7). What clients
    have said stands in ``heard``, without logins.

    ``refuses`` are words to refuse a login with; ``silent`` a command that is never answered; ``cuts`` one at
    which the connection ends; ``wrong`` one that gets NO.
    """

    login: tuple[str, str] = ("ar@acme.example", 'pa ss"word\\')
    folders: dict[str, list[bytes]] = field(default_factory=lambda: {"Sent": []})
    heard: list[str] = field(default_factory=list)
    refuses: str = ""
    silent: str = ""
    cuts: str = ""
    wrong: str = ""
    greeting: bytes = b"* OK ready\r\n"
    connections: int = 0

    def keep(self, raw: bytes, folder: str = "Sent") -> None:
        self.folders.setdefault(folder, []).append(raw)

    @contextmanager
    def serve(self, *, tls: ssl.SSLContext | None = None, implicit: bool = False) -> Iterator[int]:
        """Serve in threads; yields the port."""
        server = _Server(self, tls, implicit)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield cast(int, server.server_address[1])
        finally:
            server.ended.set()
            server.shutdown()
            server.server_close()
            thread.join(10)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, catcher: ImapCatcher, tls: ssl.SSLContext | None, implicit: bool) -> None:
        self.catcher, self.tls, self.implicit = catcher, tls, implicit
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", 0), _Talk)

    def handle_error(self, *_: object) -> None:
        """A client that went away is no news."""


class _Talk(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        catcher = self.server.catcher
        catcher.connections += 1
        self.folder: list[bytes] | None = None
        if self.server.implicit and self.server.tls:
            self._encrypt()
        else:
            self.stream = self.request.makefile("rwb")
        try:
            self._say(catcher.greeting)
            while self._command():
                pass
        finally:
            self.stream.close()
            self.request.close()

    def _encrypt(self) -> None:
        assert self.server.tls is not None
        self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        self.stream = self.request.makefile("rwb")

    def _say(self, line: bytes) -> None:
        self.stream.write(line)
        self.stream.flush()

    def _command(self) -> bool:
        line = self._line()
        if not line:
            return False
        tag, _, rest = line.partition(b" ")
        words = [b"".join(found) for found in _WORDS.findall(rest)]
        if not words:
            return False
        name = words[0].decode().upper()
        if name == "UID":
            name, words = f"UID {words[1].decode().upper()}", words[1:]
        catcher = self.server.catcher
        catcher.heard.append(name if name in ("LOGIN", "AUTHENTICATE") else rest.decode("latin-1"))
        if name == catcher.silent:
            self.server.ended.wait(20)
            return False
        if name == catcher.cuts:
            return False
        if name == catcher.wrong:
            self._say(tag + b" NO not now\r\n")
            return True
        return self._answer(tag, name, words[1:])

    def _line(self) -> bytes:
        """A line, with the literals in it."""
        whole = b""
        while True:
            line = self.stream.readline()
            text = line.rstrip(b"\r\n")
            found = _LITERAL.search(text)
            if not found:
                return whole + text
            self._say(b"+ go on\r\n")
            literal = self.stream.read(int(found[1]))
            whole += (
                text[: found.start()] + b'"' + literal.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
            )

    def _answer(self, tag: bytes, name: str, words: list[bytes]) -> bool:
        catcher = self.server.catcher
        match name:
            case "CAPABILITY":
                offers = b" STARTTLS" if self.server.tls and not self.server.implicit else b""
                self._say(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN" + offers + b"\r\n" + tag + b" OK done\r\n")
            case "STARTTLS":
                self._say(tag + b" OK go on\r\n")
                self._encrypt()
            case "LOGIN":
                given = tuple(re.sub(rb"\\(.)", rb"\1", word).decode() for word in words)
                self._logged_in(tag, given, b" ".join(words))
            case "AUTHENTICATE":
                import base64

                self._say(b"+ \r\n")
                said = self.stream.readline().strip()
                _, user, password = base64.b64decode(said).decode().split("\0")
                self._logged_in(tag, (user, password), said)
            case "EXAMINE":
                folder = re.sub(rb"\\(.)", rb"\1", words[0]).decode()
                self.folder = catcher.folders.get(folder)
                if self.folder is None:
                    self._say(tag + b" NO [NONEXISTENT] no such mailbox\r\n")
                else:
                    count = str(len(self.folder)).encode()
                    self._say(b"* " + count + b" EXISTS\r\n" + tag + b" OK [READ-ONLY] done\r\n")
            case "UID SEARCH":
                self._search(tag, words)
            case "UID FETCH":
                self._fetch(tag, int(words[0]))
            case "LOGOUT":
                self._say(b"* BYE\r\n" + tag + b" OK done\r\n")
                return False
            case _:
                self._say(tag + b" BAD what is that\r\n")
        return True

    def _logged_in(self, tag: bytes, given: tuple[str, ...], said: bytes) -> None:
        catcher = self.server.catcher
        if given == catcher.login and not catcher.refuses:
            self._say(tag + b" OK logged in\r\n")
            return
        words = catcher.refuses or "[AUTHENTICATIONFAILED] wrong: " + said.decode("latin-1")
        self._say(tag + b" NO " + words.encode("utf-8", "replace") + b"\r\n")

    def _search(self, tag: bytes, words: list[bytes]) -> None:
        """As loosely as a full-text index: whatever has a part of the id."""
        assert [word.upper() for word in words[:2]] == [b"HEADER", b"MESSAGE-ID"]
        part = words[2].strip(b"<>").lower().partition(b"@")[0]
        numbers = [str(at).encode() for at, raw in enumerate(self.folder or [], 1) if part in raw.lower()]
        self._say(b"* SEARCH" + b"".join(b" " + it for it in numbers) + b"\r\n" + tag + b" OK done\r\n")

    def _fetch(self, tag: bytes, number: int) -> None:
        raw = (self.folder or [])[number - 1]
        head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0].replace(b"\r\n", b"\n")
        found = re.search(rb"(?im)^message-id:.*(?:\n[ \t].*)*", head)
        text = (found[0].replace(b"\n", b"\r\n") if found else b"") + b"\r\n\r\n"
        place = f"* {number} FETCH (UID {number} BODY[HEADER.FIELDS (MESSAGE-ID)] {{{len(text)}}}\r\n"
        self._say(place.encode() + text + b")\r\n" + tag + b" OK done\r\n")
