"""Ask for access to a book's company, and make sure it is the right one."""

from __future__ import annotations

from collections.abc import Callable

from arsync.connector import Tenant
from arsync.connector.consent import Listener, Redirect, is_loopback, read_redirect
from arsync.connector.oauth import Consent, ask
from arsync.runs.book import Book
from arsync.store.leases import claim, release
from arsync.store.refreshed import tenant_in


def connect(book: Book, show: Callable[[str], None], paste: Callable[[], str]) -> Tenant:
    """One OAuth 2 consent: ``show`` gets the address to open; the redirect is waited for on this
    machine, or, where the app's redirect goes elsewhere, ``paste`` gives the address that the browser
    was sent to. Raises what refuses, with what to do."""
    app = book.source.app
    if app.client_grant:
        book.tokens.access(app, book.http)
    else:
        consent = ask(app, book.http.place)
        redirect = _granted(book, consent, show, paste)
        book.tokens.redeem(app, book.http, redirect.code, consent.verifier)
    tenant = book.source.check()
    lease = claim(book.store, book.name, command=book.command, at=book.clock())
    try:
        tenant_in(book.store, lease, tenant)
    finally:
        release(book.store, lease, outcome="connected", at=book.clock())
    return tenant


def _granted(book: Book, consent: Consent, show: Callable[[str], None], paste: Callable[[], str]) -> Redirect:
    app = book.source.app
    if not is_loopback(app):
        show(consent.address)
        return read_redirect(paste(), app, consent)
    with Listener(app, consent) as listener:
        show(consent.address)
        return listener.wait()
