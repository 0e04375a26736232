"""Where mail is handed over: the server's address, how it is secured, who logs in."""

import ipaddress
import re
import ssl
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

_ALLOWED = "smtp://HOST:PORT (no encryption), smtp+starttls://HOST:PORT or smtps://HOST:PORT"
_HOST = re.compile(r"[A-Za-z0-9._:-]+")


class Security(Enum):
    """How the connection is protected; the value is the scheme of the server's URL."""

    PLAIN = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"

    @property
    def default_port(self) -> int:
        return {Security.PLAIN: 25, Security.STARTTLS: 587, Security.TLS: 465}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server and how to speak with it. Time-outs are in seconds.

    Raises ValueError for a password without a user name or the other way round, and for a login that
    would cross a network unencrypted.
    """

    security: Security
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    connect_timeout: float = 10.0
    """For the connection, its encryption and the server's greeting, each."""
    timeout: float = 60.0
    """For every answer but the last."""
    final_timeout: float = 600.0
    """For the answer to the end of the message. Who gives up earlier than these ten minutes leaves behind
    messages of unknown fate: servers look for viruses at this point (RFC 5321, section 4.5.3.2.6)."""
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False, compare=False)
    """Default: the system's trusted authorities, certificate and host name verified."""

    def __post_init__(self) -> None:
        if (self.username is None) != (self.password is None):
            raise ValueError(f"the login at {self.host} needs both a user name and a password")
        if self.username is not None and self.security is Security.PLAIN and not is_this_machine(self.host):
            raise ValueError(
                f"smtp:// would send the password for {self.host} over the network unencrypted; "
                "use smtp+starttls:// or smtps://, or leave user name and password out"
            )

    @property
    def here(self) -> bool:
        """Whether it runs on this machine, so that nothing crosses a network."""
        return is_this_machine(self.host)

    @property
    def place(self) -> str:
        """Host and port, for messages to people."""
        return place_of(self.host, self.port)


def parse_server(
    url: str,
    *,
    username: str | None = None,
    password: str | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> MailServer:
    """The server a URL names: `smtp+starttls://mail.example:587`; without a port 25, 587 or 465 by its
    scheme.

    Raises ValueError naming what is allowed. Its text does not repeat a URL with an @, which may hold a
    password.
    """
    if "@" in url:
        raise ValueError(f"a mail server is {_ALLOWED}; user name and password do not belong into its URL")
    problem = f"{url!r} is not a mail server: write {_ALLOWED}"
    try:
        parts = urlsplit(url)
        security = Security(parts.scheme)
        port = parts.port
    except ValueError:
        raise ValueError(problem) from None
    host = parts.hostname
    extra = parts.path.strip("/") or parts.query or parts.fragment
    if host is None or not _HOST.fullmatch(host) or port == 0 or extra or any(c <= " " for c in url):
        raise ValueError(problem)
    return MailServer(
        security=security,
        host=host,
        port=port or security.default_port,
        username=username,
        password=password,
        ssl_context=ssl_context,
    )


def place_of(host: str, port: int) -> str:
    """Host and port as people write them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_this_machine(host: str) -> bool:
    """Whether what is said to this host stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
