"""Requests to Xero: the SDK builds them, arsync's one HTTP seam sends them, nobody makes models.

``xero-python`` knows the paths, parameters and headers of the API. Its own transport is replaced,
because it has no time-outs, repeats a PUT on its own, sleeps for hours on a daily limit and lets two
threads refresh one token (XeroAPI/xero-python issues 49, 74, 199); its models are never made, see
``rows``. The SDK is imported with the first request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal

import msgspec
import requests

from arsync import __version__
from arsync.connector import Allowance, Budget, Kit, OAuthApp, Wait, mended
from arsync.errors import ArsyncError, Refused, TryLater
from arsync_xero import faults
from arsync_xero.decode import NotAnAnswer
from arsync_xero.instants import text_of

PAGE = 1000  # the most that Xero gives on one page
# Xero keeps the answer to a write for six minutes from its first attempt; after that the same request under
# the same key is another write.
KEY_LIFE = timedelta(minutes=5)
IDS = 40  # ids in one request; Xero's own advice, the address gets too long at about 52
ALL_STATUSES = "DRAFT,SUBMITTED,AUTHORISED,PAID,VOIDED,DELETED".split(",")

Target = Literal["invoice", "customer"]
Send = Callable[[str, str, Mapping[str, str], Mapping[str, str], Any], requests.Response]


class XeroClient:
    """The requests that arsync makes of one organisation. Each answers with its ``Response``."""

    def __init__(
        self, kit: Kit, app: OAuthApp, *, book: str, tenant: str, per_minute: int, allowance: Allowance
    ) -> None:
        self._kit, self._app, self._book = kit, app, book
        self._tenant, self._per_minute, self._allowance = tenant, per_minute, allowance

    def now(self) -> datetime:
        return self._kit.clock()

    def access(self) -> str:
        """An access token that is good now."""
        return self._kit.tokens.access(self._app, self._kit.http)

    def connections(self) -> requests.Response:
        """The organisations that the user connected to the app."""
        return self._got(self._apis[1].get_connections(_preload_content=False))

    def disconnect(self, connection: str) -> None:
        """End the connection of one organisation to the app. One that is gone is no error: the answer to an
        earlier attempt may have been lost."""
        try:
            self._got(self._apis[1].delete_connection(connection, _preload_content=False))
        except Refused as error:
            if error.code != "404":
                raise

    def organisation(self) -> requests.Response:
        return self._read("get_organisations")

    def reminders(self) -> requests.Response:
        return self._read("get_invoice_reminders")

    def invoices(
        self,
        *,
        page: int = 1,
        size: int = PAGE,
        ids: Sequence[str] = (),
        statuses: Sequence[str] = (),
        since: datetime | None = None,
    ) -> requests.Response:
        """Sales invoices without their lines, in the order of their ids."""
        return self._listed(
            "get_invoices",
            page,
            size,
            since,
            order="InvoiceID",
            summary_only="true",  # as text: the SDK would send a bool as "True"
            **({"i_ds": list(ids)} if ids else {"where": 'Type=="ACCREC"'}),
            **({"statuses": list(statuses)} if statuses else {}),
        )

    def contacts(
        self,
        *,
        page: int = 1,
        size: int = PAGE,
        ids: Sequence[str] = (),
        since: datetime | None = None,
    ) -> requests.Response:
        """Contacts with their persons (which a summary would leave out), archived ones too."""
        return self._listed(
            "get_contacts",
            page,
            size,
            since,
            order="ContactID",
            include_archived="true",
            **({"i_ds": list(ids)} if ids else {}),
        )

    def credit_notes(self, *, page: int, size: int, since: datetime | None = None) -> requests.Response:
        """Customers' credit notes: the usable ones, or all that changed since."""
        where = 'Type=="ACCRECCREDIT"' + ("" if since else ' AND Status=="AUTHORISED"')
        return self._listed("get_credit_notes", page, size, since, where=where, order="CreditNoteID")

    def overpayments(self, *, page: int, size: int, since: datetime | None = None) -> requests.Response:
        # Suppliers' ones are sorted out here: the receivable types are more than one.
        where = {} if since else {"where": 'Status=="AUTHORISED"'}
        return self._listed("get_overpayments", page, size, since, order="OverpaymentID", **where)

    def prepayments(self, *, page: int, size: int, since: datetime | None = None) -> requests.Response:
        where = {} if since else {"where": 'Status=="AUTHORISED"'}
        return self._listed("get_prepayments", page, size, since, order="PrepaymentID", **where)

    def payments(self, *, page: int, size: int, since: datetime | None = None) -> requests.Response:
        """Payments of sales invoices: the newest ones by their dates, or all that changed since."""
        where, order = 'PaymentType=="ACCRECPAYMENT"', "PaymentID" if since else "Date DESC"
        return self._listed("get_payments", page, size, since, where=where, order=order)

    def history(self, target: Target, target_id: str) -> requests.Response:
        return self._read(f"get_{_document(target)}_history", target_id)

    def add_history(
        self, target: Target, target_id: str, texts: Sequence[str], key: str
    ) -> requests.Response:
        """Add notes to one document, under an idempotency key (at most 128 characters)."""
        body = {"HistoryRecords": [{"Details": text} for text in texts]}
        return self._read(f"create_{_document(target)}_history", target_id, body, idempotency_key=key)

    def _listed(
        self, method: str, page: int, size: int, since: datetime | None, **filters: Any
    ) -> requests.Response:
        if since is not None:
            filters["if_modified_since"] = text_of(since)
        return self._read(method, page=page, page_size=size, **filters)

    def _read(self, method: str, *args: Any, **params: Any) -> requests.Response:
        call = getattr(self._apis[0], method)
        return self._got(call(self._tenant, *args, _preload_content=False, **params))

    def _got(self, answer: requests.Response) -> requests.Response:
        self._apis[0].api_client.last_response = None  # or the SDK keeps the last page in memory
        return answer

    @cached_property
    def _apis(self) -> tuple[Any, Any]:
        """The SDK's two APIs over one ApiClient that belongs to this source alone."""
        from xero_python.accounting import AccountingApi
        from xero_python.api_client import ApiClient
        from xero_python.api_client.configuration import Configuration
        from xero_python.identity import IdentityApi

        # Configuration is a singleton in disguise: arguments after the first call are ignored. Each
        # call gives a copy, though, and what is set on the copy is ours alone.
        configuration = Configuration()
        configuration.oauth2_token = _NoToken()
        client = ApiClient(configuration)
        client.rest_client = _Transport(self._send)
        client.user_agent = f"arsync/{__version__}"
        return AccountingApi(client), IdentityApi(client)

    @cached_property
    def _budget(self) -> Budget:
        allowance = self._allowance
        return self._kit.pace(allowance.tenant, per_minute=self._per_minute, allowance=allowance)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], params: Mapping[str, str], body: Any
    ) -> requests.Response:
        keyed = "Idempotency-Key" in headers
        bearer = _Bearer(self._kit, self._app, self._book, keyed=keyed)
        return self._kit.http.call(
            method,
            url,
            verdict=bearer.verdict,
            renew=bearer.header,
            # what was deleted is deleted, however often that is asked for
            repeat="read" if method == "GET" else "keyed" if keyed or method == "DELETE" else "once",
            key_life=KEY_LIFE if keyed else None,
            budget=self._budget,
            headers=headers,
            params=params,
            data=None if body is None else msgspec.json.encode(body),
        )


class _Bearer:
    """The token of one request: a refused one is renewed once, and then it is over."""

    def __init__(self, kit: Kit, app: OAuthApp, book: str, *, keyed: bool) -> None:
        self._kit, self._app, self._book, self._keyed = kit, app, book, keyed
        self._sent: str | None = None
        self._refused: str | None = None

    def header(self) -> Mapping[str, str]:
        self._sent = self._kit.tokens.access(self._app, self._kit.http, refused=self._refused)
        return {"Authorization": f"Bearer {self._sent}"}

    def verdict(self, answer: requests.Response) -> Wait | ArsyncError | None:
        if answer.status_code == 401 and self._refused is None and not faults.lacks_scope(answer):
            self._refused = self._sent
            return Wait("Xero did not accept the token", 0.0)
        outcome = faults.judge(answer, self._kit.clock(), self._book, keyed=self._keyed)
        if outcome is None:
            self._kit.tokens.accepted(self._sent)
        return outcome


class _NoToken:
    """Stands where the SDK keeps its token: the header comes from arsync's own, at each attempt."""

    def get_auth_settings(self) -> None:
        return None


class _Transport:
    """Stands where the SDK's own transport stood."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def GET(self, url: str, **request: Any) -> requests.Response:  # noqa: N802 - the SDK's name
        return self._forward("GET", url, request)

    def PUT(self, url: str, **request: Any) -> requests.Response:  # noqa: N802 - the SDK's name
        return self._forward("PUT", url, request)

    def DELETE(self, url: str, **request: Any) -> requests.Response:  # noqa: N802 - the SDK's name
        return self._forward("DELETE", url, request)

    def _forward(self, method: str, url: str, request: Mapping[str, Any]) -> requests.Response:
        headers = {name: str(value) for name, value in (request.get("headers") or {}).items()}
        params = {name: str(value) for name, value in request.get("query_params") or ()}
        return self._send(method, url, headers, params, request.get("body"))


def _document(target: Target) -> str:
    return "contact" if target == "customer" else target


def decoded(read: Callable[[bytes], Any], answer: requests.Response) -> Any:
    """The content of an answer. Raises TryLater for one that is not what was asked for."""
    try:
        return read(answer.content)
    except (NotAnAnswer, UnicodeDecodeError):
        text = mended(answer.content)
    try:
        return read(text)
    except NotAnAnswer as error:
        raise TryLater(f"Xero gave {error}; try again later") from None
