"""Waiting for the redirect of an OAuth 2 consent, on the loopback address that the app registered.

Only a GET of exactly that address counts: its path, and the host and port that the browser was told
(the Host header, so that no name of somebody else's that leads here will do). It is answered with a small
page, everything else is refused; nothing is logged. The state is compared in constant time (RFC 6749,
10.12), only one redirect is taken, and the whole wait has an end.
"""

from __future__ import annotations

import errno
import hmac
import socket
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import SplitResult, parse_qs, urlsplit

import msgspec

from arsync.connector.oauth import Consent, OAuthApp
from arsync.errors import ArsyncError, FixSettings

WAIT_SECONDS = 600.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")

_PAGE = """<!doctype html><meta charset="utf-8"><title>arsync</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}}</style>
<h1>{title}</h1><p>{text}</p>"""


class NotOurs(ArsyncError):
    """An address that is none of this consent's redirects: somebody else's, or an old one."""


class Redirect(msgspec.Struct, frozen=True):
    """What the redirect brought: the code, and the company where the vendor names it."""

    code: str
    tenant: str | None

    def __repr__(self) -> str:
        return "Redirect(...)"


def is_loopback(app: OAuthApp) -> bool:
    """Whether the redirect comes to this machine, so that it can be waited for."""
    parts = urlsplit(app.redirect_uri)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def read_redirect(address: str, app: OAuthApp, consent: Consent) -> Redirect:
    """What the address that the browser was sent to says. Raises ArsyncError for a refusal, NotOurs for an
    address that does not belong to this consent. Neither text holds the address: it may hold a code."""
    try:
        address.encode()  # half characters, as a terminal gives for bytes that are none
        parts = urlsplit(address.strip())
        place, told = _place(parts), parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        raise NotOurs("that is not the address of a redirect; start again") from None
    if place != _place(urlsplit(app.redirect_uri)):
        raise NotOurs(f"that is not the address that the app sends back to ({app.redirect_uri}); start again")
    states = told.get("state", [])
    if len(states) != 1 or not hmac.compare_digest(states[0].encode(), consent.state.encode()):
        raise NotOurs("that redirect does not belong to this consent (its state differs); start again")
    if any(len(values) > 1 for values in told.values()):  # RFC 6749, 3.1: none may come twice
        raise NotOurs("that redirect says something twice, as no service does; start again")
    query = {key: values[0] for key, values in told.items()}
    if "error" in query:
        word = query["error"] if query["error"].replace("_", "").isalnum() else "refused"
        raise ArsyncError(f"access was not granted ({word[:60]})")
    if not query.get("code"):
        raise ArsyncError("the redirect brought no code; start again")
    return Redirect(query["code"], query.get(app.tenant_param) if app.tenant_param else None)


def _place(parts: SplitResult) -> tuple[str, str, int | None, str]:
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port, parts.path or "/"


class _Server(HTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Whoever hangs up in the middle ends that request alone; the library would print a traceback."""
        if not isinstance(sys.exception(), OSError):
            raise


class _Six(_Server):
    address_family = socket.AF_INET6


class Listener:
    """Listens for the redirect from its construction on; use with ``with``."""

    def __init__(self, app: OAuthApp, consent: Consent) -> None:
        """Raises FixSettings when the redirect address cannot be listened on."""
        parts = urlsplit(app.redirect_uri)
        self._app, self._consent = app, consent
        self._outcome: Redirect | ArsyncError | None = None
        kind, host = (_Six, "::1") if parts.hostname == "::1" else (_Server, "127.0.0.1")
        try:
            self._server = kind((host, parts.port or 80), self._handler())
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            raise FixSettings(
                f"{app.redirect_uri} cannot be listened on ({error.strerror}): "
                + ("another program uses the port; end it, or set " if taken else "set ")
                + "redirect_uri (here and in the vendor's portal) to another port"
                + ("" if taken else " above 1023 of localhost")
            ) from None

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.server_close()

    def wait(self, seconds: float = WAIT_SECONDS, tick: Callable[[], None] = lambda: None) -> Redirect:
        """What the redirect brings. Raises ArsyncError for a refusal and when nobody comes in time."""
        end = time.monotonic() + seconds
        while self._outcome is None:
            left = end - time.monotonic()
            if left <= 0:
                raise ArsyncError("nobody granted access in time; run `arsync connect` again")
            self._server.timeout = min(left, 1.0)
            self._server.handle_request()
            tick()
        if isinstance(self._outcome, ArsyncError):
            raise self._outcome
        return self._outcome

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 5  # a browser may open a connection and say nothing on it

            def do_GET(self) -> None:
                hosts = self.headers.get_all("Host") or []
                address = f"http://{hosts[0]}{self.path}" if len(hosts) == 1 else ""
                if listener._outcome is not None or not self._asked_for(address):
                    self._answer(404, "Nothing here", "arsync waits for something else.")
                    return
                try:
                    listener._outcome = read_redirect(address, listener._app, listener._consent)
                except NotOurs:  # a stray request must not end the wait; the vendor's own refusal does
                    self._answer(400, "Not connected", "This page does not belong to what arsync waits for.")
                except ArsyncError as error:
                    listener._outcome = error
                    self._answer(400, "Not connected", "arsync says why in the window you started it in.")
                else:
                    self._answer(
                        200, "Thank you", "arsync goes on in the window you started it in; close this one."
                    )

            def _refuse(self) -> None:
                self._answer(405, "Not this way", "arsync waits for something else.")

            do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815

            def _asked_for(self, address: str) -> bool:
                try:
                    return _place(urlsplit(address)) == _place(urlsplit(listener._app.redirect_uri))
                except ValueError:
                    return False

            def _answer(self, status: int, title: str, text: str) -> None:
                body = _PAGE.format(title=title, text=text).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Referrer-Policy", "no-referrer")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """The address holds the code; it is not logged."""

        return Handler
