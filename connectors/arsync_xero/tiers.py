"""What Xero's plans for apps give, as published. Pure.

Sources, as of October 2026: developer.xero.com/pricing and "API limits"
(developer.xero.com/documentation/guides/oauth2/limits) for the calls of a day, and the FAQ on pricing and
policy updates (developer.xero.com/faq/pricing-and-policy-updates) for the bytes of a month. Whether bytes
are counted packed or unpacked, and whether answers to writes count, is not told; arsync counts all of them
as they come over the wire. Prices are without taxes.
"""

from __future__ import annotations

from typing import Literal

import msgspec

TierName = Literal["starter", "core", "plus", "advanced"]
_GB = 1_000_000_000


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """``per_day`` calls to each organisation, ``bytes_a_month`` of all of them together (None: none told),
    after which each GB costs. ``unconfirmed``: the figure of bytes is told by others than Xero."""

    per_day: int
    bytes_a_month: int | None
    unconfirmed: bool = False


TIERS: dict[TierName, Tier] = {
    "starter": Tier(per_day=1_000, bytes_a_month=None),
    "core": Tier(per_day=5_000, bytes_a_month=10 * _GB),
    "plus": Tier(per_day=5_000, bytes_a_month=50 * _GB, unconfirmed=True),
    "advanced": Tier(per_day=5_000, bytes_a_month=250 * _GB, unconfirmed=True),
}
