"""Going live: what a new book would do, and letting it. Nothing leaves a book before.

What is asked of the accounting system here is only whether it sends reminders of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import msgspec

from arsync.connector.protocol import ReminderSettings
from arsync.errors import ArsyncError, FixSettings
from arsync.policy.first_wave import Hearer, first_wave, pause_order, spread
from arsync.policy.joining import MODES, Joined, JoinMode, join, left_out_order
from arsync.policy.model import Facts, Hold, Reason
from arsync.policy.plan import plan
from arsync.policy.proposal import Row, Suggestion, rows, suggestion
from arsync.runs.book import Book
from arsync.runs.planning import read_facts, staleness
from arsync.store import Claim
from arsync.store.golive import Live, go_live, live


class Joining(msgspec.Struct, frozen=True, kw_only=True):
    """How old debts are to join, and how the first wave is spread: ``per_day`` customers a sending day."""

    how: JoinMode = "start"
    leave_out_older: int | None = None
    per_day: int | None = None


class Reminding(msgspec.Struct, frozen=True):
    """Whether the accounting system sends reminders of its own; None where it cannot be told, and why."""

    on: bool | None
    why: str = ""


class Mode(msgspec.Struct, frozen=True):
    """One way of joining in short: debts by the step they join at, and how many customers hear first."""

    how: JoinMode
    joins: tuple[tuple[str, int], ...]
    hearers: int


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What going live on a day would do. ``wave`` is spread as asked for; ``decided`` is what the practice
    file has decided beforehand."""

    book: str
    as_of: date
    joining: Joining
    rows: tuple[Row, ...]
    modes: tuple[Mode, ...]
    wave: tuple[Hearer, ...]
    unreachable: tuple[Hold, ...]
    held: tuple[tuple[Reason, int], ...]  # invoices by reason
    suggestion: Suggestion
    reminding: Reminding
    decided: JoinMode | None


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """What a go-live has written. ``before``: it was live already, and nothing was changed."""

    book: str
    live: Live
    joins: int = 0
    left_out: int = 0
    paused: int = 0
    before: bool = False


def propose(book: Book, joining: Joining) -> Proposal:
    """What going live today would do; changes nothing. Raises HalfPulled."""
    book.complete_state()
    today, facts = book.today, _facts(book)
    modes, chosen = [], None
    for how in MODES:
        joined = join(facts, book.policy, today, how, leave_out_older=joining.leave_out_older)
        placed = rows(joined, book.policy, today)
        wave = first_wave(book.name, joined.facts, book.policy, today)
        modes.append(Mode(how, _by_step(placed), len(wave)))
        if how == joining.how:
            chosen = joined, placed, wave
    assert chosen is not None
    joined, placed, wave = chosen
    if joining.per_day is not None:
        wave = spread(wave, joined.facts, book.policy, joining.per_day)
    holds = plan(book.name, joined.facts, book.policy, today).holds
    counted: Counter[Reason] = Counter()
    for hold in holds:
        counted[hold.reason] += len(hold.invoices)
    return Proposal(
        book=book.name,
        as_of=today,
        joining=joining,
        rows=placed,
        modes=tuple(modes),
        wave=tuple(wave),
        unreachable=tuple(hold for hold in holds if hold.reason == "no-address"),
        held=tuple(sorted(counted.items())),
        suggestion=suggestion(facts.debts, today),
        reminding=reminding(book),
        decided=book.golive,
    )


def _by_step(placed: Sequence[Row]) -> tuple[tuple[str, int], ...]:
    found: Counter[str] = Counter()
    for row in placed:
        if row.band not in ("not due", "no due date"):
            found[row.joins] += row.debts
    return tuple(found.items())


def confirm(
    book: Book,
    joining: Joining,
    *,
    despite_reminders: bool = False,
    ask: bool = True,
    claim: Claim | None = None,
) -> Confirmed:
    """Make the book live today, with what that writes for its old debts, in one transaction.

    Raises HalfPulled, and FixSettings where the accounting system sends reminders of its own, unless
    ``despite_reminders``; ``ask`` False does not ask it.
    """
    if (known := live(book.store, book.name)).on is not None:
        return Confirmed(book=book.name, live=known, before=True)
    book.complete_state()
    reminders = _reminders(book, whatever=despite_reminders) if ask else None
    if reminders and not despite_reminders:
        raise FixSettings(
            "the accounting system sends reminders of its own, so customers would be chased twice; switch "
            "them off there, or say --despite-reminders. Nothing was changed"
        )
    today = book.today
    joined, pauses = _decided(book, joining)
    went = go_live(
        book.store,
        book.name,
        joining.how,
        joins=joined.joins,
        left_out=[(debt, left_out_order(today)) for debt in joined.left_out],
        pauses=[(it.customer_id, pause_order(it, today)) for it in pauses],
        reminders=reminders,
        detail=_detail(joining, joined, len(pauses)),
        at=book.clock(),
        day=today,
        claim=claim,
    )
    now = live(book.store, book.name)
    if not went:
        return Confirmed(book=book.name, live=now, before=True)
    return Confirmed(
        book=book.name,
        live=now,
        joins=len(joined.joins),
        left_out=len(joined.left_out),
        paused=len(pauses),
    )


def _decided(book: Book, joining: Joining) -> tuple[Joined, list[Hearer]]:
    """What follows for old debts, and the customers that wait for a later day of the first wave."""
    facts = _facts(book)
    joined = join(facts, book.policy, book.today, joining.how, leave_out_older=joining.leave_out_older)
    if joining.per_day is None:
        return joined, []
    wave = first_wave(book.name, joined.facts, book.policy, book.today)
    return joined, [it for it in spread(wave, joined.facts, book.policy, joining.per_day) if it.later]


def _facts(book: Book) -> Facts:
    return read_facts(book, book.today, stale=staleness(book, book.today), as_live=False)


def _detail(joining: Joining, joined: Joined, paused: int) -> str:
    words = [
        f"old debts join: {joining.how}",
        f"{len(joined.joins)} joined above the first step" if joined.joins else "",
        f"{len(joined.left_out)} left out" if joined.left_out else "",
        f"{paused} customers wait for a later day of the first wave" if paused else "",
    ]
    return "; ".join(filter(None, words))


def enter(book: Book, claim: Claim | None = None) -> Confirmed | None:
    """Make a book live whose practice file has decided that beforehand. None where it has not; else what
    was written, or that it was live before. Raises HalfPulled."""
    if book.live:
        return Confirmed(book=book.name, live=live(book.store, book.name), before=True)
    if book.golive is None:
        return None
    return confirm(book, Joining(how=book.golive), ask=False, claim=claim)


def require_live(book: Book) -> Confirmed:
    """Let people approve. Raises FixSettings while the book is not live, HalfPulled before a whole sync."""
    if not book.live:
        book.complete_state()
    entered = enter(book)
    if entered is None:
        raise FixSettings(not_live(book))
    return entered


def check_live(book: Book) -> None:
    """Raises FixSettings while the book is not live."""
    if not book.live:
        raise FixSettings(not_live(book))


def not_live(book: Book) -> str:
    """That nothing leaves a book yet, as a sentence with what to do."""
    return (
        f"the book {book.name} is not live, so nothing leaves it: look at `arsync golive {book.name}`, and "
        "confirm it with --confirm"
    )


def reminding(book: Book) -> Reminding:
    """Ask the accounting system whether it sends reminders of its own."""
    if not isinstance(book.source, ReminderSettings):
        return Reminding(None, "its connector cannot tell")
    try:
        on = book.source.reminders()
    except ArsyncError as error:
        return Reminding(None, f"it could not be asked: {error}")
    return Reminding(on, "" if on is not None else "it does not tell")


def _reminders(book: Book, *, whatever: bool) -> bool | None:
    """As `reminding`; a service that cannot be asked now is no reason to go on, but ``whatever``."""
    if whatever or not isinstance(book.source, ReminderSettings):
        return reminding(book).on
    return book.source.reminders()
