"""Idempotency keys: a write under the same key is answered from memory for six minutes.

Errors are remembered too; the same key with another request is refused; keys belong to the app, not to
one organisation (developer.xero.com, "Idempotent requests").
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from .clock import SandboxClock
from .reply import Reply, bad_request
from .rules import Rules


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply that will be given again."""

    fingerprint: str
    reply: Reply
    ends: float


class Idempotency:
    """Replies by key. Writes under a key happen one after the other."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._kept: dict[str, Kept] = {}
        self._lock = threading.RLock()

    def once(self, key: str | None, fingerprint: str, rules: Rules, act: Callable[[], Reply]) -> Reply:
        """The remembered reply, or that of `act`, remembered from now on."""
        if key is None:
            return act()
        if len(key) > rules.idempotency_characters:
            return bad_request(
                f"Idempotency-Key must not be longer than {rules.idempotency_characters} characters"
            )
        with self._lock:
            now = self._clock.seconds()
            kept = self._kept.get(key)
            if kept is not None and now < kept.ends:
                if kept.fingerprint != fingerprint:
                    return bad_request("Idempotency-Key has already been used with a different request")
                return replace(kept.reply, headers=dict(kept.reply.headers))
            reply = act()
            copy = replace(reply, headers=dict(reply.headers))
            self._kept[key] = Kept(fingerprint, copy, now + rules.idempotency_seconds)
            return reply


def fingerprint(method: str, target: str, body: bytes) -> str:
    """What makes two requests the same: verb, address and body."""
    return hashlib.sha256(b"\n".join((method.encode(), target.encode(), body))).hexdigest()
