"""The catcher's web page: the mail as a list, one message, and all of it as JSON.

Messages are foreign text. Everything is escaped, no page runs scripts or loads anything from elsewhere, and a
message's own HTML is shown in a sandboxed frame under a policy that forbids it everything but its styles.
"""

import json
import socket
from collections.abc import Callable, Iterable, Sequence
from html import escape
from importlib.resources import files
from threading import Thread
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from arsync.sandbox.caught import CaughtMessage

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FOREIGN_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

_URLS = Map(
    [
        Rule("/", endpoint="list", methods=["GET"]),
        Rule("/messages.json", endpoint="json", methods=["GET"]),
        Rule("/messages/<int:id>", endpoint="message", methods=["GET"]),
        Rule("/messages/<int:id>/html", endpoint="html", methods=["GET"]),
        Rule("/messages/<int:id>.eml", endpoint="raw", methods=["GET"]),
        Rule("/page.css", endpoint="style", methods=["GET"]),
    ]
)


class MailPage:
    """A WSGI application over the messages that `messages` returns, the oldest first.

    With `hosts`, requests for any other host name are refused, so that no web site can read the mail by
    giving itself this address (DNS rebinding).
    """

    def __init__(
        self, messages: Callable[[], Sequence[CaughtMessage]], hosts: Iterable[str] | None = None
    ) -> None:
        self._messages = messages
        self._hosts = None if hosts is None else list(hosts)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        request.trusted_hosts = self._hosts
        try:
            response = self._answer(request)
        except HTTPException as problem:
            response = _page(f"{problem.code} {problem.name}", "", status=problem.code or 500)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        _ = request.host  # raises when it is not one of the hosts
        endpoint, arguments = _URLS.bind_to_environ(request.environ).match()
        if endpoint == "style":
            return Response(files(__package__).joinpath("mail_page.css").read_bytes(), mimetype="text/css")
        messages = self._messages()
        if endpoint == "list":
            return _list(messages)
        if endpoint == "json":
            return Response(json.dumps([_record(m) for m in messages], indent=1), mimetype="application/json")
        caught = next((m for m in messages if m.id == arguments["id"]), None)
        if caught is None:
            raise NotFound
        if endpoint == "raw":
            name = f"attachment; filename={caught.id:04}.eml"
            return Response(caught.raw, mimetype="message/rfc822", headers={"Content-Disposition": name})
        return _foreign(caught) if endpoint == "html" else _message(caught, messages)


def _list(messages: Sequence[CaughtMessage]) -> Response:
    rows = "".join(
        f'<tr><td class="time">{_time(m)}</td><td>{_shown(m.header("From"))}</td>'
        f"<td>{_shown(', '.join(m.rcpt_tos))}</td>"
        f'<td><a href="/messages/{m.id}">{_shown(_subject(m))}</a></td></tr>'
        for m in reversed(messages)
    )
    table = (
        '<table class="list"><thead><tr><th>Time</th><th>From</th><th>Delivered to</th><th>Subject</th></tr>'
        f"</thead><tbody>{rows}</tbody></table>"
        if messages
        else '<p class="empty">No mail yet. Reload the page when something was sent.</p>'
    )
    count = "1 message" if len(messages) == 1 else f"{len(messages)} messages"
    top = f'<p class="faint">{count}, the latest first. Nothing here was delivered to anybody.</p>'
    return _page("Caught mail", f'{top}<div class="card">{table}</div>')


def _message(caught: CaughtMessage, messages: Sequence[CaughtMessage]) -> Response:
    text, html = caught.body("plain"), caught.body("html")
    parts = [f'<p class="faint">{_time(caught)}</p>', _facts(_summary(caught))]
    if text is not None:
        parts.append(f'<h2>Text</h2><div class="card"><pre>{escape(text)}</pre></div>')
    if html is not None:
        frame = f'<iframe sandbox src="/messages/{caught.id}/html" title="The message as HTML"></iframe>'
        parts.append(f'<h2>HTML</h2><div class="card">{frame}</div>')
    parts.append(f"<details><summary>All headers</summary>{_facts(caught.headers())}</details>")
    return _page(_subject(caught), "".join(parts), links=_links(caught, messages))


def _links(caught: CaughtMessage, messages: Sequence[CaughtMessage]) -> str:
    earlier = max((m.id for m in messages if m.id < caught.id), default=None)
    later = min((m.id for m in messages if m.id > caught.id), default=None)
    links = ['<a href="/">All mail</a>']
    links += [f'<a href="/messages/{earlier}">Earlier</a>'] if earlier is not None else []
    links += [f'<a href="/messages/{later}">Later</a>'] if later is not None else []
    links.append(f'<a class="right" href="/messages/{caught.id}.eml">Download as .eml</a>')
    return f"<nav>{''.join(links)}</nav>"


def _summary(caught: CaughtMessage) -> list[tuple[str, str]]:
    facts = [(name, caught.header(name)) for name in ("From", "To", "Cc", "Reply-To", "Date")]
    facts.append(("Delivered to", ", ".join(caught.rcpt_tos)))
    return [(name, value) for name, value in facts if value]


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{_shown(value)}</td></tr>" for name, value in facts)
    return f'<div class="card"><table class="facts">{rows}</table></div>'


def _foreign(caught: CaughtMessage) -> Response:
    html = caught.body("html")
    if html is None:
        raise NotFound
    response = Response(html.encode("utf-8", "replace"), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _FOREIGN_POLICY
    return response


def _record(caught: CaughtMessage) -> dict[str, Any]:
    return {
        "id": caught.id,
        "at": caught.at.isoformat(),
        "mail_from": caught.mail_from,
        "rcpt_tos": list(caught.rcpt_tos),
        "from": caught.header("From"),
        "to": caught.header("To"),
        "cc": caught.header("Cc"),
        "subject": caught.header("Subject"),
        "date": caught.header("Date"),
        "message_id": caught.header("Message-ID"),
        "in_reply_to": caught.header("In-Reply-To"),
        "text": caught.body("plain"),
        "html": caught.body("html"),
        "size": len(caught.raw),
        "raw": f"/messages/{caught.id}.eml",
    }


def _subject(caught: CaughtMessage) -> str:
    return caught.header("Subject").strip() or "(no subject)"


def _time(caught: CaughtMessage) -> str:
    at = caught.at
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M:%S} {escape(at.tzname() or "")}</time>'


def _shown(text: str) -> str:
    """Escaped, and isolated so that right-to-left text cannot rearrange what stands beside it."""
    return f"<bdi>{escape(text)}</bdi>"


def _page(title: str, body: str, *, links: str = "", status: int = 200) -> Response:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/page.css"></head>'
        f"<body><main>{links}<h1>{_shown(title)}</h1>{body}</main></body></html>"
    )
    response = Response(html.encode("utf-8", "replace"), status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _PAGE_POLICY
    return response


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  (the name is werkzeug's)
        """Nothing: the page is read beside a program's own output."""


class PageServer:
    """Serves a MailPage from threads, until `close`. Raises OSError when the port is taken."""

    def __init__(self, messages: Callable[[], Sequence[CaughtMessage]], host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        app = MailPage(messages, (*_LOOPBACK, "[::1]") if host in _LOOPBACK else None)
        # Bound here, because werkzeug ends the whole process when a port is taken.
        with socket.create_server((host, port), family=family) as listener:
            self._server = make_server(
                host, port, app, threaded=True, request_handler=_Quiet, fd=listener.fileno()
            )
        self.port: int = self._server.port
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="mail page", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
