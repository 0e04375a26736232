"""A port that a test was given stays its own."""

from __future__ import annotations

import socket
import sys

import pytest

from free_port import free_port


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a port is let go of as soon as it is told")
def test_nobody_else_gets_it() -> None:
    """The system gives to those who ask for any port just what they could also name."""
    port = free_port()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))


def test_nobody_listens_on_it_until_a_server_does() -> None:
    port = free_port()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    for _ in range(2):
        with socket.create_server(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)):
            pass


def test_it_is_another_one_each_time() -> None:
    ports = [free_port() for _ in range(100)]
    if sys.platform == "linux":
        assert len(set(ports)) == 100
