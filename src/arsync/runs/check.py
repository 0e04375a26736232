"""A doctor for a practice: what works, what does not, and what to do about each. Nothing is changed.

The accounting systems, the mail server and the name service are asked; no letter is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from arsync.connector import Scoped, Tenant
from arsync.errors import ArsyncError, FixSettings, Reconnect
from arsync.mail import Mailer, MailLoginRefused, MailServer, Security, parse_mailbox
from arsync.mail.sender_domain import CannotLookUp, Published, Texts, Verdict, dkim, dmarc, spf
from arsync.policy.lint import Finding
from arsync.runs.book import Book
from arsync.runs.consents import consent_of
from arsync.runs.golive import reminding
from arsync.runs.lint import lint_book, lint_records
from arsync.store import Store

if TYPE_CHECKING:
    from arsync.mail.sent_folder import SentFolder

# Tokens are renewed two minutes before their end: a clock that is further off asks too late or too early.
CLOCK_REMARK, CLOCK_WRONG = timedelta(seconds=30), timedelta(minutes=2)


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. ``book`` is empty for what concerns the whole practice, ``do`` where
    there is nothing to do. ``settings`` tells that a file has to be mended."""

    what: str
    verdict: Verdict
    said: str
    do: str = ""
    book: str = ""
    settings: bool = False


def check_database(store: Store) -> Checked:
    """Whether the file is sound (SQLite's own quick check)."""
    [(told,)] = store.rows("PRAGMA quick_check(1)")
    [(pages,)] = store.rows("PRAGMA page_count")
    [(size,)] = store.rows("PRAGMA page_size")
    shown = f"{store.path.name}, {pages * size / 1_000_000:.1f} MB"
    if told == "ok":
        return Checked(what="database", verdict="ok", said=f"{shown}, sound")
    return Checked(
        what="database",
        verdict="wrong",
        said=f"{shown}, is damaged",
        do="bring a backup back with `arsync restore FILE`",
    )


def check_mail(server: MailServer) -> Checked:
    """Connect, encrypt and log in, as a send does; nothing is offered."""
    what = "mail server"
    mailer = Mailer(server)
    try:
        mailer.open()
    except MailLoginRefused as error:
        return Checked(what=what, verdict="wrong", said=str(error), do="mend username and password of [mail]")
    except ArsyncError as error:
        return Checked(
            what=what, verdict="wrong", said=str(error), do="mend server of [mail], or ask who runs it"
        )
    mailer.close()
    login = "the login is accepted" if server.username else "without a login"
    if server.security is not Security.PLAIN:
        return Checked(
            what=what, verdict="ok", said=f"{server.place}: encrypted, its certificate is good, {login}"
        )
    if server.here:
        return Checked(what=what, verdict="ok", said=f"{server.place}: on this machine, {login}")
    return Checked(
        what=what,
        verdict="remark",
        said=f"{server.place}: letters cross the network unencrypted",
        do="use smtp+starttls:// or smtps:// in server of [mail]",
    )


def check_sent_folder(folder: SentFolder) -> Checked:
    """Log in and open the folder of sent mail, as a run with a doubt does."""
    from arsync.mail.sent_folder import look  # late: few practices name one

    what = "sent folder"
    try:
        look(folder)
    except ArsyncError as error:
        do = "mend sent_folder, sent_username and sent_password of [mail]"
        return Checked(what=what, verdict="wrong", said=str(error), do=do)
    return Checked(what=what, verdict="ok", said=f"{folder.name!r} at {folder.place} can be read")


def check_domain(domain: str, texts: Texts, selector: str | None) -> list[Checked]:
    """What the domain of a From address publishes, for SPF, DKIM and DMARC."""
    found: dict[str, Published] = {}
    try:
        found["SPF"] = spf(domain, texts)
        found["DKIM"] = dkim(domain, texts, selector)
        found["DMARC"] = dmarc(domain, texts, spf_helps=found["SPF"].helps, dkim_helps=found["DKIM"].helps)
    except CannotLookUp as error:
        missing = ", ".join(kind for kind in ("SPF", "DKIM", "DMARC") if kind not in found)
        found[missing] = Published(
            "unknown", f"cannot look up: {error}", "try again where names can be looked up"
        )
    return [
        Checked(what=f"{kind} of {domain}", verdict=it.verdict, said=it.said, do=it.do)
        for kind, it in found.items()
    ]


def sender_domain(book: Book) -> str:
    """The domain of the book's From address."""
    return parse_mailbox(book.sender).address.partition("@")[2].lower()


def unusable(book: str, error: FixSettings) -> Checked:
    """A book whose settings are wrong."""
    return Checked(what="settings", verdict="wrong", said=str(error), book=book, settings=True)


def check_book(book: Book, *, zone_chosen: bool) -> Iterator[Checked]:
    """Access, scopes and consent, the company's time zone, its own reminders, the clock and the policy.
    ``zone_chosen``: the practice file names the book's time zone."""
    try:
        tenant = book.source.check()
    except ArsyncError as error:
        yield _refused(book, error)
    else:
        yield _of(book, "access", "ok", f"{tenant.name}, in {tenant.currency}")
        yield from _scopes(book)
        yield from _consent(book)
        yield _time_zone(book, tenant, chosen=zone_chosen)
        yield _reminders(book)
    yield from _clock(book)
    yield from _policy(book)


def _scopes(book: Book) -> Iterator[Checked]:
    if not isinstance(book.source, Scoped):
        return
    missing = book.source.missing_scopes()
    if missing is None:
        yield _of(book, "scopes", "unknown", "the access token does not tell what it allows")
    elif missing:
        yield _of(
            book,
            "scopes",
            "wrong",
            f"the consent lacks {', '.join(missing)}",
            f"allow the app these scopes in the vendor's portal, then run `arsync connect {book.name}`",
        )
    else:
        yield _of(book, "scopes", "ok", "the consent allows all that is needed")


def _consent(book: Book) -> Iterator[Checked]:
    """How long it lasts; access was just had, so that it is there and has not ended."""
    found = consent_of(book)
    if found.state == "ending":
        sentence, _, _ = found.sentence.partition(": run ")
        yield _of(book, "consent", "remark", sentence, f"run `{found.command}`")
    elif found.ends_at is not None:
        yield _of(book, "consent", "ok", found.sentence)


def _time_zone(book: Book, tenant: Tenant, *, chosen: bool) -> Checked:
    told, used = tenant.timezone, book.zone.key
    if told is None and not chosen:
        return _of(
            book,
            "time zone",
            "remark",
            f"the accounting system tells none; days are counted by {used}",
            f'set timezone = "{used}" under [books.{book.name}] if that is right',
        )
    if told not in (None, used) and book.clock().astimezone(book.zone).utcoffset() != _there(book, told):
        return _of(
            book,
            "time zone",
            "remark",
            f"days are counted by {used}, the accounting system's are by {told}",
            f"take timezone out of [books.{book.name}], unless you mean it",
        )
    return _of(book, "time zone", "ok", used)


def _there(book: Book, zone: str) -> timedelta | None:
    from zoneinfo import ZoneInfo

    return book.clock().astimezone(ZoneInfo(zone)).utcoffset()


def _reminders(book: Book) -> Checked:
    told = reminding(book)
    if told.on:
        return _of(
            book,
            "own reminders",
            "wrong",
            "the accounting system sends reminders itself: customers are chased twice",
            "switch them off there",
        )
    if told.on is None:
        return _of(
            book,
            "own reminders",
            "unknown",
            f"whether the accounting system sends reminders itself: {told.why}",
            "look in its settings; customers would be chased twice",
        )
    return _of(book, "own reminders", "ok", "the accounting system sends none itself")


def _clock(book: Book) -> Iterator[Checked]:
    """Against the Date header of the service's last answer, which counts whole seconds."""
    told = book.http.told
    if told is None:
        return
    ahead = told.here - told.there
    off = abs(ahead)
    seconds = (
        f"{off.total_seconds():,.0f} seconds {'ahead of' if ahead > timedelta(0) else 'behind'} the service's"
    )
    if off <= CLOCK_REMARK:
        yield _of(book, "clock", "ok", "this machine's agrees with the service's")
    else:
        verdict: Verdict = "wrong" if off > CLOCK_WRONG else "remark"
        yield _of(
            book, "clock", verdict, f"this machine's is {seconds}", "let it be set by a time server (NTP)"
        )


def _policy(book: Book) -> Iterator[Checked]:
    findings = lint_book(book.policy, book.templates, book.language)
    findings += lint_records(book.store, book.name, book.policy, book.today)
    if not findings:
        yield _of(book, "policy", "ok", f"{book.policy.name}: no mistakes were found")
    for finding in findings:
        yield _of(book, "policy", "wrong" if finding.fails else "remark", _finding(finding))


def _finding(it: Finding) -> str:
    return f"{it.where}: {it.problem}" if it.where else it.problem


def _refused(book: Book, error: ArsyncError) -> Checked:
    """No access, with what helps unless the error tells more than that."""
    settings = isinstance(error, FixSettings)
    connect = f"run `arsync connect {book.name}`"
    said = str(error).removesuffix(f": {connect}")
    if isinstance(error, Reconnect):
        do = "" if connect in said else connect
    else:
        do = "" if settings else "look at the service's status page, and try again"
    return Checked(what="access", verdict="wrong", said=said, do=do, book=book.name, settings=settings)


def _of(book: Book, what: str, verdict: Verdict, said: str, do: str = "") -> Checked:
    return Checked(what=what, verdict=verdict, said=said, do=do, book=book.name)


def exit_status(found: Iterable[Checked]) -> int:
    """2 where a file has to be mended, 1 where something else is wrong, else 0."""
    wrong = [it for it in found if it.verdict == "wrong"]
    return 2 if any(it.settings for it in wrong) else int(bool(wrong))
