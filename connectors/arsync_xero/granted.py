"""What an access token allows: Xero's are JSON Web Tokens whose claim ``scope`` lists it.

Only read, never trusted for anything but advice: no signature is looked at.
Source: developer.xero.com/documentation/guides/oauth2/token-types
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

import msgspec

from arsync.connector import NOT_JSON

# The scopes of older apps, and what each of them includes.
_BROAD = {"accounting.invoices": "accounting.transactions", "accounting.payments": "accounting.transactions"}


class _Claims(msgspec.Struct):
    scope: list[str] | str | None = None


def granted(token: str) -> frozenset[str] | None:
    """The scopes in a token; None where it does not tell."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = msgspec.json.decode(
            base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=_Claims
        )
    except (*NOT_JSON, ValueError):
        return None
    if claims.scope is None:
        return None
    return frozenset(claims.scope.split() if isinstance(claims.scope, str) else claims.scope)


def missing(needed: Iterable[str], given: frozenset[str]) -> tuple[str, ...]:
    """The needed scopes that nothing given includes: writing includes reading, an old broad one its parts."""
    return tuple(scope for scope in needed if not _including(scope) & given)


def _including(scope: str) -> set[str]:
    whole = scope.removesuffix(".read")
    return {scope, whole, *([_BROAD[whole]] if whole in _BROAD else [])}
