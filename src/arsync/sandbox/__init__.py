"""Somewhere to send to without reaching anybody: a mail catcher, and faults to try senders with.

Needs the extra `arsync[sandbox]`.
"""

from arsync.sandbox.catcher import MailCatcher, ServedMail
from arsync.sandbox.caught import CaughtMessage
from arsync.sandbox.mail_faults import Moment

__all__ = ["CaughtMessage", "MailCatcher", "Moment", "ServedMail"]
