"""TXT records from a name server on a real socket."""

from __future__ import annotations

import contextlib
import socket

import dns.resolver
import pytest

from arsync.mail.domain_lookup import Lookup
from arsync.mail.sender_domain import CannotLookUp
from name_server import name_server


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine may stand still for longer than a name server is waited for, or until it is asked again."""
    monkeypatch.setattr("arsync.mail.domain_lookup.SECONDS", 60.0)
    reset = dns.resolver.Resolver.reset

    def patient(self: dns.resolver.Resolver) -> None:
        reset(self)
        self.timeout = 60.0

    monkeypatch.setattr(dns.resolver.Resolver, "reset", patient)


def test_records_come_whole_and_are_asked_for_once() -> None:
    long = "v=spf1 " + " ".join(f"ip4:192.0.2.{n}" for n in range(60)) + " ~all"
    with name_server({"acme.example": [long, "other"]}) as (address, asked):
        texts = Lookup(address)
        assert sorted(texts("acme.example")) == sorted((long, "other"))
        assert texts("acme.example") == texts("acme.example")
        assert asked == ["acme.example"]
        assert texts("_dmarc.acme.example") == ()


def test_a_name_of_which_the_server_cannot_tell_stops_no_other() -> None:
    with name_server({"acme.example": ["v=spf1 -all"]}, failing=["birch.example"]) as (address, _):
        texts = Lookup(address)
        with pytest.raises(CannotLookUp, match=r"cannot tell of birch\.example"):
            texts("birch.example")
        assert texts("acme.example") == ("v=spf1 -all",)


def test_a_name_server_that_is_silent_is_told_and_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arsync.mail.domain_lookup.SECONDS", 0.3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        texts = Lookup(f"127.0.0.1:{deaf.getsockname()[1]}")
        for name in ("acme.example", "birch.example"):
            with pytest.raises(CannotLookUp, match="no name server answered"):
                texts(name)
        deaf.setblocking(False)
        heard: set[bytes] = set()
        with contextlib.suppress(BlockingIOError):
            while True:
                heard.add(deaf.recv(4096)[13:17])
        assert heard <= {b"acme"}  # nothing, where the time was over before the question was sent


@pytest.mark.parametrize("address", ["dns.example", "127.0.0.1:0", "127.0.0.1:x", ""])
def test_only_an_address_is_a_name_server(address: str) -> None:
    with pytest.raises(ValueError, match=r"port|address"):
        Lookup(address)


def test_an_address_of_the_sixth_version_may_have_a_port() -> None:
    assert Lookup("[::1]:5353")._resolver is not None
    assert Lookup("::1")._resolver is not None
