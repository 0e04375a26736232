"""Waiting for the redirect of an OAuth 2 consent, on the loopback address that the app registered.

One request is answered with a small page, everything else with 404; nothing is logged. The state is
compared in constant time (RFC 6749 10.12), and the whole wait has an end.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import msgspec

from arsync.connector.oauth import Consent, OAuthApp
from arsync.errors import ArsyncError, FixSettings

WAIT_SECONDS = 600.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")

_PAGE = """<!doctype html><meta charset="utf-8"><title>arsync</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}}</style>
<h1>{title}</h1><p>{text}</p>"""


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
    """What the address that the browser was sent to says. Raises ArsyncError for a refusal and for an
    address that does not belong to this consent."""
    query = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    if not hmac.compare_digest(query.get("state", "").encode(), consent.state.encode()):
        raise ArsyncError("that redirect does not belong to this consent (its state differs); start again")
    if "error" in query:
        word = query["error"] if query["error"].replace("_", "").isalnum() else "refused"
        raise ArsyncError(f"access was not granted ({word[:60]})")
    if not query.get("code"):
        raise ArsyncError("the redirect brought no code; start again")
    return Redirect(query["code"], query.get(app.tenant_param) if app.tenant_param else None)


class Listener:
    """Listens for the redirect from its construction on; use with ``with``."""

    def __init__(self, app: OAuthApp, consent: Consent) -> None:
        """Raises FixSettings when the port of the redirect address is taken."""
        parts = urlsplit(app.redirect_uri)
        self._app, self._consent, self._path = app, consent, parts.path or "/"
        self._outcome: Redirect | ArsyncError | None = None
        host = "::1" if parts.hostname == "::1" else "127.0.0.1"
        try:
            self._server = HTTPServer((host, parts.port or 80), self._handler())
        except OSError as error:
            raise FixSettings(
                f"{app.redirect_uri} cannot be listened on ({error.strerror}): another program uses the "
                "port; end it, or set redirect_uri (here and in the vendor's portal) to another port"
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
                if urlsplit(self.path).path != listener._path:
                    self.send_error(404)
                    return
                try:
                    listener._outcome = read_redirect(self.path, listener._app, listener._consent)
                except ArsyncError as error:
                    # A stray request must not end the wait; the vendor's own refusal does.
                    if "state differs" not in str(error):
                        listener._outcome = error
                    self._answer(400, "Not connected", "arsync says why in the window you started it in.")
                else:
                    self._answer(
                        200, "Thank you", "arsync goes on in the window you started it in; close this one."
                    )

            def _answer(self, status: int, title: str, text: str) -> None:
                body = _PAGE.format(title=title, text=text).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Referrer-Policy", "no-referrer")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """The address holds the code; it is not logged."""

        return Handler
