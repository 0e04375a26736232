"""The vendor's numbers, in one place and changeable by a test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits and life spans as published for the Accounting API; None switches a limit off.

    Seconds are of the simulator's clock. `per_day` is 1,000 on the Starter plan. `refresh_grace` is how
    long a refresh token stays usable after it was exchanged, for a reply that was lost. `url_characters`
    counts the address as it would be at the vendor's host.
    """

    per_minute: int | None = 60
    per_day: int | None = 5000
    concurrent: int | None = 5
    app_per_minute: int | None = 10_000
    access_seconds: int = 1800
    code_seconds: int = 300
    refresh_seconds: int = 60 * 86_400
    refresh_grace: int = 1800
    broad_scopes: bool = False
    idempotency_seconds: int = 360
    idempotency_characters: int = 128
    note_characters: int = 2500
    url_characters: int = 2083
    record_cap: int = 100_000

    def unlimited(self) -> Self:
        """The same rules without call limits, for tests that are about something else."""
        return replace(self, per_minute=None, per_day=None, concurrent=None, app_per_minute=None)
