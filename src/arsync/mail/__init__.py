"""Mail on its way out: addresses, the composed message, and the hand-over to a mail server.

`compose` turns a `Letter` into a message whose headers nobody can tamper with, `Mailer` hands it over and
says as a
`Delivery` exactly what is known afterwards. That a message leaves at most once rests on `Outcome`.
"""

from arsync.mail.addresses import Mailbox, check_address, parse_mailbox, split_addresses
from arsync.mail.compose import Letter, compose
from arsync.mail.delivery import Delivery, Outcome
from arsync.mail.server import MailServer, Security, parse_server
from arsync.mail.smtp import Mailer, MailLoginRefused, MailServerUnavailable

__all__ = [
    "Delivery",
    "Letter",
    "MailLoginRefused",
    "MailServer",
    "MailServerUnavailable",
    "Mailbox",
    "Mailer",
    "Outcome",
    "Security",
    "check_address",
    "compose",
    "parse_mailbox",
    "parse_server",
    "split_addresses",
]
