"""The ways an alert takes: a webhook, a mail, and the heartbeat that tells that all went well.

Addresses of webhooks are secrets as often as not: no text made here has more of one than its host.
"""

from __future__ import annotations

import os
import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests

from arsync.connector.patience import Transport
from arsync.errors import TryLater
from arsync.mail import Letter, Mailer, MailServer, Outcome, compose
from arsync.mail.addresses import parse_mailbox
from arsync.plain_text import one_line
from arsync.writing.page import page_of

# A run waits no longer than this for somebody who only listens.
CONNECT_SECONDS, WHOLE_SECONDS = 5.0, 15.0


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """Where alerts go; a way that is None is not taken."""

    webhook: str | None = None
    mail: MailServer | None = None
    to: str | None = None
    sender: str | None = None

    @property
    def any(self) -> bool:
        return self.webhook is not None or self.to is not None

    def post(self, payload: dict[str, Any]) -> bool:
        """To the webhook; False where there is none. Raises TryLater."""
        if self.webhook is None:
            return False
        _ask("the alerts' webhook", self.webhook, msgspec.json.encode(payload))
        return True

    def write(self, subject: str, text: str, at: datetime) -> bool:
        """By mail; False where nobody is to be written to. Raises TryLater."""
        if self.to is None or self.mail is None:
            return False
        sender = self.sender or self.to
        _, address = parse_mailbox(sender)
        letter = Letter(
            message_id=f"<alert-{os.urandom(12).hex()}@{address.rpartition('@')[2]}>",
            sender=sender,
            to=(self.to,),
            subject=subject,
            text=text,
            html=page_of(text, "", "en"),
            date=at,
        )
        with Mailer(self.mail) as mailer:
            delivery = mailer.deliver(compose(letter), [parse_mailbox(self.to)[1]])
        if delivery.outcome not in (Outcome.ACCEPTED, Outcome.UNKNOWN):
            raise TryLater(f"the alert could not be mailed: {one_line(delivery.answer, 200)}")
        return True


def beat(address: str) -> None:
    """The heartbeat: whoever listens there notices when it stays away. Raises TryLater."""
    _ask("the heartbeat's address", address, b"")


def _ask(whose: str, address: str, body: bytes) -> None:
    host = urlsplit(address).hostname
    transport = Transport()
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", transport)
        session.mount("http://", transport)
        transport.ends = time.monotonic() + WHOLE_SECONDS
        try:
            answer = session.post(
                address,
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=(CONNECT_SECONDS, WHOLE_SECONDS),
                allow_redirects=False,
                stream=True,  # what it answers is nobody's concern
            )
        except (requests.RequestException, ValueError):
            raise TryLater(f"{whose} at {host} cannot be reached; the next run tries again") from None
        answer.close()
    if not 200 <= answer.status_code < 300:
        raise TryLater(f"{whose} at {host} answered {answer.status_code}; the next run tries again")
