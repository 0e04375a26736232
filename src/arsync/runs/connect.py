"""Ask for access to a book's company, and make sure it is the right one."""

from __future__ import annotations

from collections.abc import Callable

from arsync.connector import Tenant
from arsync.connector.consent import Listener, Redirect, is_loopback, read_redirect
from arsync.connector.oauth import Consent, OAuthApp, ask
from arsync.errors import ArsyncError
from arsync.plain_text import one_line
from arsync.runs.book import Book
from arsync.store.leases import briefly
from arsync.store.refreshed import tenant_in


def connect(book: Book, show: Callable[[str], None], paste: Callable[[], str]) -> Tenant:
    """One OAuth 2 consent: ``show`` gets the address to open; the redirect is waited for on this
    machine, or, where the app's redirect goes elsewhere, ``paste`` gives the address that the browser
    was sent to. Where nobody has to be asked, only who the company is. Raises what refuses, with what
    to do."""
    app = book.source.app
    if app is not None:
        book.tokens.ready()
        _authorise(book, app, show, paste)
    tenant = book.source.check()
    with briefly(book.store, book.name, command=book.command, clock=book.clock, done="connected") as lease:
        tenant_in(book.store, lease, tenant)
    return tenant


def _authorise(book: Book, app: OAuthApp, show: Callable[[str], None], paste: Callable[[], str]) -> None:
    if app.client_grant:
        book.tokens.access(app, book.http)
        return
    consent = ask(app, book.http.place)
    redirect = _granted(app, consent, show, paste)
    _refuse_another_company(book, app, redirect)
    book.tokens.redeem(app, book.http, redirect.code, consent.verifier)


def _refuse_another_company(book: Book, app: OAuthApp, redirect: Redirect) -> None:
    """Before the code is redeemed, so that the tokens of the right company stay as they are."""
    wanted = app.tenant
    if wanted and redirect.tenant and redirect.tenant != wanted:
        raise ArsyncError(
            f"access was granted to the company {one_line(redirect.tenant, 40)}, but the book {book.name} is "
            f"of the company {wanted}: run `arsync connect {book.name}` again and choose that one"
        )


def _granted(
    app: OAuthApp, consent: Consent, show: Callable[[str], None], paste: Callable[[], str]
) -> Redirect:
    if not is_loopback(app):
        show(consent.address)
        return read_redirect(paste(), app, consent)
    with Listener(app, consent) as listener:
        show(consent.address)
        return listener.wait()
