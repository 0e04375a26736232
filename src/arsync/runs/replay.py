"""Another policy over a book's past: what it would have done otherwise."""

from __future__ import annotations

from datetime import date

import msgspec

from arsync.errors import FixSettings
from arsync.policy.asks import asked
from arsync.policy.history import Difference, difference, replay
from arsync.policy.rules import Policy
from arsync.runs.book import Book
from arsync.runs.planning import sieve
from arsync.store.past import began_on
from arsync.store.replaying import history, oldest_day, sent_between


class Replayed(msgspec.Struct, frozen=True):
    """Both policies over the days from ``first`` to ``last``. ``sent`` is how many messages did leave then,
    and ``began`` the day from which on the book remembers."""

    book: str
    policy: str
    new_policy: str
    first: date
    last: date
    began: date
    difference: Difference
    sent: int


def replay_policy(book: Book, new: Policy, first: date, last: date | None = None) -> Replayed:
    """Run the book's own policy and ``new`` over its past, each by the same rules: what was taken before
    ``first`` is as it was, and from then on all that is planned counts as sent and done on its day.

    Raises FixSettings for days that are to come, or of which nothing is known.
    """
    last = book.today if last is None else last
    began = _checked(book, first, last)
    asks = asked(book.policy), asked(new)
    past = history(
        book.store,
        book.name,
        first,
        last,
        addresses=sieve,
        contact_days=max(wanted.contact_days for wanted in asks),
        written_to={**asks[0].written_to, **asks[1].written_to},
        zone=book.zone.key,
        with_behaviour=any(wanted.with_behaviour for wanted in asks),
    )
    return Replayed(
        book=book.name,
        policy=book.policy.name,
        new_policy=new.name,
        first=first,
        last=last,
        began=began,
        difference=difference(
            replay(book.name, past, book.policy, last), replay(book.name, past, new, last), (book.policy, new)
        ),
        sent=sent_between(book.store, book.name, first, last),
    )


def _checked(book: Book, first: date, last: date) -> date:
    """The day from which on the book remembers. Raises FixSettings."""
    today = book.today
    for day, option in ((first, "--from"), (last, "--to")):
        if day > today:
            raise FixSettings(
                f"{day} is to come, and nobody knows what is paid by then; today is {today} in the book "
                f"{book.name}. `arsync calendar {book.name}` tells what comes if nobody pays",
                where=option,
            )
    if last < first:
        raise FixSettings(f"{last} is before {first}, the first day", where="--to")
    began = began_on(book.store, book.name)
    if began is None:
        raise FixSettings(
            f"the book {book.name} was never pulled in full, so no past day of it is known: "
            f"run `arsync sync {book.name}`",
            where="--from",
        )
    oldest = min(oldest_day(book.store, book.name) or began, began)
    if first < oldest:
        raise FixSettings(
            f"nothing is known of {first}: the book {book.name} begins on {began}, and its oldest invoice is "
            f"of {oldest}",
            where="--from",
        )
    return began
