"""What a vendor lets a tenant and an app do, as a connector states it. Pure."""

from __future__ import annotations

import hashlib

import msgspec


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """Limits beyond the rates of a minute and a second. None: there is none.

    ``in_flight`` calls to a tenant may be under way at once, over all processes of the practice.
    ``per_day`` is what is assumed until the service tells what is left, by the header ``day_left_header``;
    ``month_key`` names the key of the connection under which a person tells another month's limit.
    ``reads_a_month`` are the successful reads that the plan gives, after which the vendor refuses them;
    ``bytes_a_month`` what it gives before each further one costs money. Both are of all books of the same
    ``pool``, which is the vendor's app. ``metered`` False: calls are counted, but the plan does not
    (a sandbox). ``tier`` is the plan's name, ``unconfirmed`` where its figures are known by hearsay.
    """

    tenant: str
    pool: str
    in_flight: int | None = None
    per_day: int | None = None
    day_left_header: str | None = None
    reads_a_month: int | None = None
    bytes_a_month: int | None = None
    metered: bool = True
    tier: str = ""
    unconfirmed: bool = False
    month_key: str = ""


def pool_of(vendor: str, client_id: str) -> str:
    """The name of an app's pool; it does not show the client id."""
    return f"{vendor}-{hashlib.sha256(client_id.encode()).hexdigest()[:12]}"
