"""The folder of sent mail, asked over real sockets: what it proves, and how it fails."""

from __future__ import annotations

import ssl

import pytest
from imap_catcher import ImapCatcher

from arsync.mail.sent_folder import (
    Protection,
    SentFolder,
    SentFolderRefused,
    SentFolderUnavailable,
    copies,
    parse_sent_folder,
)
from free_port import free_port

ONE, TWO = "<arsync.0123456789ab@acme.example>", "<arsync.ba9876543210@acme.example>"


def mail(message_id: str) -> bytes:
    return f"From: ar@acme.example\r\nMessage-ID: {message_id}\r\nSubject: x\r\n\r\nBody\r\n".encode()


def folder(port: int, name: str = "Sent", **more: object) -> SentFolder:
    values: dict[str, object] = {
        "protection": Protection.PLAIN,
        "host": "127.0.0.1",
        "port": port,
        "name": name,
        "username": "ar@acme.example",
        "password": 'pa ss"word\\',
        "timeout": 60.0,
    }
    return SentFolder(**{**values, **more})  # type: ignore[arg-type]


@pytest.fixture
def imap() -> ImapCatcher:
    return ImapCatcher()


def test_a_copy_is_found_and_nothing_is_changed(imap: ImapCatcher) -> None:
    imap.keep(mail("<another@acme.example>"))
    imap.keep(mail(ONE))
    with imap.serve() as port:
        assert copies(folder(port), [ONE, TWO]) == {ONE}
    said = [line.split()[0] for line in imap.heard]
    assert set(said) == {"CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT"}
    assert all("PEEK" in line for line in imap.heard if "FETCH" in line)


def test_only_the_very_id_counts(imap: ImapCatcher) -> None:
    """Servers find what only looks like it: another domain, a longer id, the id in another header."""
    imap.keep(mail("<arsync.0123456789ab@other.example>"))
    imap.keep(mail("<ARSYNC.0123456789AB@acme.example>"))
    imap.keep(b"Message-ID: <reply@x.example>\r\nIn-Reply-To: " + ONE.encode() + b"\r\n\r\nBody\r\n")
    imap.keep(b"Subject: no id\r\n\r\n" + ONE.encode())
    with imap.serve() as port:
        assert copies(folder(port), [ONE]) == frozenset()
    assert sum("FETCH" in line for line in imap.heard) == 4


def test_a_header_over_two_lines(imap: ImapCatcher) -> None:
    imap.keep(b"Message-ID:\r\n " + ONE.encode() + b"\r\n\r\nBody\r\n")
    with imap.serve() as port:
        assert copies(folder(port), [ONE]) == {ONE}


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("Sent Items", "Sent Items"),
        ("Éléments envoyés", "&AMk-l&AOk-ments envoy&AOk-s"),
        ("R&D/Sent", "R&-D/Sent"),
        ('a "quoted" \\ name', 'a "quoted" \\ name'),
        ("送信済み", "&kAFP4W4IMH8-"),
    ],
)
def test_folders_of_any_name(imap: ImapCatcher, name: str, wire: str) -> None:
    imap.keep(mail(ONE), wire)
    with imap.serve() as port:
        assert copies(folder(port, name), [ONE]) == {ONE}


def test_nothing_is_asked_for_no_ids(imap: ImapCatcher) -> None:
    with imap.serve() as port:
        assert copies(folder(port), []) == frozenset()
        assert copies(folder(port), ['<x"\r\nA1 DELETE Sent>', "<>", "plain"]) == frozenset()
    assert imap.connections == 0


@pytest.mark.parametrize("name", ["Jane Doe", "ACME\\jane"])
def test_a_name_that_is_more_than_one_word(imap: ImapCatcher, name: str) -> None:
    imap.login = (name, "secret")
    imap.keep(mail(ONE))
    with imap.serve() as port:
        assert copies(folder(port, username=name, password="secret"), [ONE]) == {ONE}


def test_a_password_beyond_ascii(imap: ImapCatcher) -> None:
    imap.login = ("ärger@acme.example", "Schlüssel")
    imap.keep(mail(ONE))
    with imap.serve() as port:
        where = folder(port, username="ärger@acme.example", password="Schlüssel")
        assert copies(where, [ONE]) == {ONE}
    assert "AUTHENTICATE" in imap.heard


@pytest.mark.parametrize("secret", ['wr"ong\\', "falschön"])
def test_a_refused_login_shows_no_secret(imap: ImapCatcher, secret: str) -> None:
    """The server repeats what it was told."""
    with imap.serve() as port, pytest.raises(SentFolderRefused) as refused:
        copies(folder(port, password=secret), [ONE])
    text = str(refused.value)
    assert "refuses the login of ar@acme.example" in text
    assert "AUTHENTICATIONFAILED" in text
    assert 'wr\\"' not in text  # in no spelling
    assert secret not in text
    assert secret not in repr(folder(1, password=secret))
    assert "\n" not in text


def test_a_folder_that_is_not_there(imap: ImapCatcher) -> None:
    with imap.serve() as port, pytest.raises(SentFolderRefused) as refused:
        copies(folder(port, "Gesendet"), [ONE])
    assert "has no folder 'Gesendet'" in str(refused.value)


@pytest.mark.parametrize("command", ["CAPABILITY", "LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH"])
@pytest.mark.parametrize("fault", ["silent", "cuts", "wrong"])
def test_whatever_goes_wrong_is_one_sentence(imap: ImapCatcher, command: str, fault: str) -> None:
    setattr(imap, fault, command)
    imap.keep(mail(ONE))
    with imap.serve() as port, pytest.raises((SentFolderUnavailable, SentFolderRefused)) as failed:
        copies(folder(port, timeout=0.3), [ONE])
    assert f"127.0.0.1:{port}" in str(failed.value)
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize(
    "greeting", [b"220 mail.example ESMTP\r\n", b"HTTP/1.1 400 Bad\r\n\r\n", b"\xff\xfe\r\n", b""]
)
def test_another_kind_of_server(imap: ImapCatcher, greeting: bytes) -> None:
    imap.greeting = greeting
    with imap.serve() as port, pytest.raises(SentFolderUnavailable):
        copies(folder(port, timeout=0.3), [ONE])


def test_nobody_there() -> None:
    with pytest.raises(SentFolderUnavailable) as failed:
        copies(folder(free_port()), [ONE])
    assert "Connection refused" in str(failed.value)


def test_tls_is_verified(imap: ImapCatcher, server_tls: ssl.SSLContext, trusting_tls: ssl.SSLContext) -> None:
    imap.keep(mail(ONE))
    with imap.serve(tls=server_tls, implicit=True) as port:
        trusted = folder(port, protection=Protection.TLS, ssl_context=trusting_tls)
        assert copies(trusted, [ONE]) == {ONE}
        with pytest.raises(SentFolderUnavailable, match="certificate is not trusted"):
            copies(folder(port, protection=Protection.TLS), [ONE])
    assert imap.heard.count("LOGIN") == 1


def test_starttls(imap: ImapCatcher, server_tls: ssl.SSLContext, trusting_tls: ssl.SSLContext) -> None:
    imap.keep(mail(ONE))
    with imap.serve(tls=server_tls) as port:
        trusted = folder(port, protection=Protection.STARTTLS, ssl_context=trusting_tls)
        assert copies(trusted, [ONE]) == {ONE}
        with pytest.raises(SentFolderUnavailable, match="certificate is not trusted"):
            copies(folder(port, protection=Protection.STARTTLS), [ONE])
    assert imap.heard.count("LOGIN") == 1


def test_no_login_where_starttls_is_not_offered(imap: ImapCatcher) -> None:
    with imap.serve() as port, pytest.raises(SentFolderUnavailable):
        copies(folder(port, protection=Protection.STARTTLS), [ONE])
    assert "LOGIN" not in imap.heard


def test_a_visit_comes_to_an_end(imap: ImapCatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are in doubt: what was not reached stays so."""
    monkeypatch.setattr("arsync.mail.sent_folder.VISIT_SECONDS", 0.0)
    imap.keep(mail(ONE))
    with imap.serve() as port:
        assert len(copies(folder(port), [f"<arsync.{n}@acme.example>" for n in range(500)])) == 0
    assert sum("SEARCH" in line for line in imap.heard) <= 1


@pytest.mark.parametrize(
    ("url", "protection", "host", "port", "name"),
    [
        ("imaps://mail.example/Sent", Protection.TLS, "mail.example", 993, "Sent"),
        ("imaps://mail.example:1993/Sent Items", Protection.TLS, "mail.example", 1993, "Sent Items"),
        ("imaps://mail.example/Sent%20Items", Protection.TLS, "mail.example", 993, "Sent Items"),
        ("imap+starttls://mail.example/A/B?c#d", Protection.STARTTLS, "mail.example", 143, "A/B?c#d"),
        ("imap://127.0.0.1:1143/Éé", Protection.PLAIN, "127.0.0.1", 1143, "Éé"),
        ("imap://[::1]:1143/Sent", Protection.PLAIN, "::1", 1143, "Sent"),
        ("imaps://[2001:db8::1]/Sent", Protection.TLS, "2001:db8::1", 993, "Sent"),
    ],
)
def test_urls(url: str, protection: Protection, host: str, port: int, name: str) -> None:
    found = parse_sent_folder(url, username="u", password="p")
    assert (found.protection, found.host, found.port, found.name) == (protection, host, port, name)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example/Sent", "https://mail.example/Sent", "imaps://mail.example", "imaps://mail.example/",
        "imaps:///Sent", "imaps://mail.example:0/Sent", "imaps://mail.example:70000/Sent",
        "imaps://mail.example:x/Sent", "imaps://mail example/Sent", "imaps://mail.example/a%0d%0ab",
        "imap://mail.example/Sent",
    ],
)  # fmt: skip
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match="imaps://"):
        parse_sent_folder(url, username="u", password="p")


def test_a_login_in_the_url_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="do not belong") as wrong:
        parse_sent_folder("imaps://ar:geheim@mail.example/Sent", username="u", password="p")
    assert "geheim" not in str(wrong.value)


def test_a_login_is_needed() -> None:
    with pytest.raises(ValueError, match="user name and a password"):
        parse_sent_folder("imaps://mail.example/Sent", username=None, password=None)
