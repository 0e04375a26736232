import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from arsync.mail import Mailer, MailLoginRefused, MailServer, MailServerUnavailable, Security, parse_server
from arsync.sandbox import MailCatcher
from free_port import free_port

Script = Callable[..., AbstractContextManager[int]]


@pytest.mark.parametrize(
    ("url", "security", "host", "port"),
    [
        ("smtp://mail.example", Security.PLAIN, "mail.example", 25),
        ("smtp+starttls://mail.example", Security.STARTTLS, "mail.example", 587),
        ("smtps://mail.example/", Security.TLS, "mail.example", 465),
        ("smtp+starttls://Mail.Example:2525", Security.STARTTLS, "mail.example", 2525),
        ("smtp://[::1]:1025", Security.PLAIN, "::1", 1025),
    ],
)
def test_what_a_url_names(url: str, security: Security, host: str, port: int) -> None:
    server = parse_server(url)
    assert (server.security, server.host, server.port) == (security, host, port)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "mail.example:587",
        "http://mail.example",
        "smtp://",
        "smtp://:25",
        "smtp://mail.example:0",
        "smtp://mail.example:70000",
        "smtp://mail.example:port",
        "smtp://mail.example/inbox",
        "smtp://mail.example?tls=1",
        "smtp://mail.example\n",
        "smtp://mail example",
    ],
)
def test_a_wrong_url_says_what_is_allowed(url: str) -> None:
    with pytest.raises(
        ValueError, match=r"smtp://HOST:PORT .*smtp\+starttls://HOST:PORT or smtps://HOST:PORT"
    ):
        parse_server(url)


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="do not belong") as caught:
        parse_server("smtps://ar:hunter2@mail.example")
    assert "hunter2" not in str(caught.value)


def test_a_password_does_not_cross_the_network_unencrypted() -> None:
    with pytest.raises(ValueError, match="unencrypted"):
        parse_server("smtp://mail.example", username="ar", password="hunter2")
    assert parse_server("smtp://127.0.0.1", username="ar", password="hunter2").username == "ar"


def test_half_a_login_is_refused() -> None:
    with pytest.raises(ValueError, match="both"):
        parse_server("smtps://mail.example", username="ar")


def test_the_password_is_not_in_the_text_of_a_server() -> None:
    assert "hunter2" not in repr(parse_server("smtps://mail.example", username="ar", password="hunter2"))


def refusal(server: MailServer) -> str:
    with pytest.raises(MailServerUnavailable) as caught, Mailer(server):
        pass
    return str(caught.value)


def test_nobody_listens() -> None:
    port = free_port()
    assert refusal(parse_server(f"smtp://127.0.0.1:{port}")) == (
        f"mail server 127.0.0.1:{port}: Connection refused"
    )


def test_an_unknown_host() -> None:
    # .invalid never resolves (RFC 6761)
    assert "its name is not known" in refusal(parse_server("smtp://mail.invalid"))


@pytest.fixture
def silent_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_server_that_says_nothing(silent_port: int) -> None:
    server = replace(parse_server(f"smtp://127.0.0.1:{silent_port}"), connect_timeout=0.05)
    assert "fell silent" in refusal(server)


def test_a_server_that_encrypts_nothing_when_asked_to(catcher: MailCatcher) -> None:
    with catcher.serve() as served:
        url = served.smtp_url.replace("smtp://", "smtp+starttls://")
        assert "does not offer" in refusal(parse_server(url))
    assert catcher.messages == []


@pytest.mark.parametrize("implicit", [True, False])
def test_a_certificate_nobody_vouches_for(
    catcher: MailCatcher, server_tls: ssl.SSLContext, implicit: bool
) -> None:
    with catcher.serve(ssl_context=server_tls, implicit_tls=implicit) as served:
        assert "certificate is not trusted" in refusal(parse_server(served.smtp_url))


def test_a_certificate_for_another_host(
    catcher: MailCatcher, server_tls: ssl.SSLContext, trusting_tls: ssl.SSLContext
) -> None:
    with catcher.serve(host="127.0.0.2", ssl_context=server_tls) as served:
        assert "not trusted" in refusal(parse_server(served.smtp_url, ssl_context=trusting_tls))


@pytest.mark.parametrize("password", ["right", "Straße", "with space"])
def test_a_login_that_fits(catcher: MailCatcher, password: str) -> None:
    with (
        catcher.serve(login=("ar", password)) as served,
        Mailer(parse_server(served.smtp_url, username="ar", password=password)) as mailer,
    ):
        mailer.open()  # open already: nothing happens


@pytest.mark.parametrize("password", ["hunter2", "Straße2"])
def test_a_login_that_does_not_fit(catcher: MailCatcher, password: str) -> None:
    with catcher.serve(login=("ar", "right")) as served:
        server = parse_server(served.smtp_url, username="ar", password=password)
        with pytest.raises(MailLoginRefused, match="refuses the login of ar: 535") as caught, Mailer(server):
            pass
    assert password not in str(caught.value)


def test_a_server_without_logins(script: Script) -> None:
    with script(b"220 hi", b"250 hello") as port:
        server = parse_server(f"smtp://127.0.0.1:{port}", username="ar", password="hunter2")
        with pytest.raises(MailLoginRefused, match="offers no login"), Mailer(server):
            pass


def test_a_server_that_repeats_the_password_in_its_refusal(script: Script) -> None:
    login = b"AGFyAGh1bnRlcjI="  # base64 of NUL ar NUL hunter2
    with script(b"220 hi", b"250-hi\r\n250 AUTH PLAIN", b"535 unknown: AUTH PLAIN " + login) as port:
        server = parse_server(f"smtp://127.0.0.1:{port}", username="ar", password="hunter2")
        with pytest.raises(MailLoginRefused, match=r"AUTH PLAIN \*\*\*$"), Mailer(server):
            pass


def test_a_login_server_that_is_down_is_no_refusal(script: Script) -> None:
    with script(b"220 hi", b"250-hi\r\n250 AUTH PLAIN", b"454 4.7.0 try later") as port:
        server = parse_server(f"smtp://127.0.0.1:{port}", username="ar", password="hunter2")
        assert "454 4.7.0 try later" in refusal(server)


def test_a_greeting_that_turns_away(script: Script) -> None:
    with script(b"554 no service") as port:
        assert "554 no service" in refusal(parse_server(f"smtp://127.0.0.1:{port}"))
