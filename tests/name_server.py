"""A name server on a loopback socket, which knows the TXT records that a test gives it."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

_TXT, _IN = 16, 1


@contextmanager
def name_server(
    records: Mapping[str, Sequence[str]], *, failing: Collection[str] = ()
) -> Iterator[tuple[str, list[str]]]:
    """ADDRESS:PORT, and the names that it is asked for. A name that is not there does not exist; of those
    that are ``failing`` it cannot tell."""
    asked: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.1)
        ending = threading.Event()

        def serve() -> None:
            while not ending.is_set():
                try:
                    query, client = sock.recvfrom(4096)
                except TimeoutError:
                    continue
                name, end = _name(query)
                asked.append(name)
                code = 2 if name in failing else 0 if name in records else 3
                sock.sendto(_answer(query, end, records.get(name, ()), code), client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{sock.getsockname()[1]}", asked
        ending.set()
        thread.join(5)


def _name(query: bytes) -> tuple[str, int]:
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode("ascii"))
        at += 1 + length
    return ".".join(labels), at + 5


def _answer(query: bytes, end: int, texts: Sequence[str], code: int) -> bytes:
    """RFC 1035: the question again, and a record for each text; code 3 where the name does not exist, 2 where
    the server has a fault."""
    head = query[:2] + struct.pack("!5H", 0x8180 | code, 1, len(texts), 0, 0)
    body = b""
    for text in texts:
        raw = text.encode()
        pieces = [raw[at : at + 255] for at in range(0, len(raw), 255)]
        data = b"".join(bytes([len(piece)]) + piece for piece in pieces)
        body += b"\xc0\x0c" + struct.pack("!HHIH", _TXT, _IN, 60, len(data)) + data
    return head + query[12:end] + body
