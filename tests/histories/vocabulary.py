"""The words of a history: what happens in a company, what time does, and what arsync does meanwhile.

All are values, so that a failing history is printed as the text that plays it again. A number such as
``invoice=3`` picks among what is there at that moment, whatever it is; an act that cannot be done then
is passed over, as a person in the company would have to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Word:
    """Written as the shortest text that makes it again."""

    def __repr__(self) -> str:
        given = [(each, getattr(self, each.name)) for each in fields(self)]  # type: ignore[arg-type]
        told = [f"{each.name}={value!r}" for each, value in given if value != each.default]
        return f"{type(self).__name__}({', '.join(told)})"


# What happens in the company ---------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class NewCustomer(Word):
    """A customer with addresses; ``under`` makes it a part of another, ``billed`` to that other."""

    currency: int = 0
    address: int = 0
    under: int | None = None
    billed: bool = False


@dataclass(frozen=True, repr=False)
class Rename(Word):
    customer: int


@dataclass(frozen=True, repr=False)
class Readdress(Word):
    customer: int
    address: int


@dataclass(frozen=True, repr=False)
class Retire(Word):
    """Made inactive, archived; or brought back."""

    customer: int


@dataclass(frozen=True, repr=False)
class Merge(Word):
    """Two customers become one; ``stays``: the other is left behind empty and inactive."""

    customer: int
    into: int
    stays: bool = True


@dataclass(frozen=True, repr=False)
class Remove(Word):
    """A customer without any documents is deleted."""

    customer: int


@dataclass(frozen=True, repr=False)
class Bill(Word):
    """A new invoice over ``amount`` minor units, due in ``due`` days from today."""

    customer: int
    amount: int = 1000
    due: int | None = 14
    currency: int = 0
    draft: bool = False
    mail: int = 0


@dataclass(frozen=True, repr=False)
class Batch(Word):
    """As many new invoices at once, each a little larger than the one before."""

    customer: int
    count: int
    due: int | None = 14


@dataclass(frozen=True, repr=False)
class Payday(Word):
    """Every ``each``-th open invoice is paid at once."""

    each: int = 1


@dataclass(frozen=True, repr=False)
class Approve(Word):
    draft: int


@dataclass(frozen=True, repr=False)
class Pay(Word):
    """A payment of a part of what is open; above 100 per cent it is an overpayment."""

    invoice: int
    percent: int = 100


@dataclass(frozen=True, repr=False)
class Bounce(Word):
    """A payment is deleted, or a part of it is given to an invoice no more: it is owed again."""

    payment: int


@dataclass(frozen=True, repr=False)
class Deposit(Word):
    """Money that is applied to nothing yet."""

    customer: int
    amount: int = 500
    currency: int = 0


@dataclass(frozen=True, repr=False)
class Prepay(Word):
    customer: int
    amount: int = 500
    currency: int = 0


@dataclass(frozen=True, repr=False)
class Credit(Word):
    """A credit note or memo."""

    customer: int
    amount: int = 300
    currency: int = 0


@dataclass(frozen=True, repr=False)
class Apply(Word):
    """A part of a credit of any kind is used for an invoice of its customer."""

    credit: int
    invoice: int
    percent: int = 100


@dataclass(frozen=True, repr=False)
class Withdraw(Word):
    """A credit that was not used is voided or deleted."""

    credit: int


@dataclass(frozen=True, repr=False)
class Void(Word):
    invoice: int


@dataclass(frozen=True, repr=False)
class Delete(Word):
    invoice: int


@dataclass(frozen=True, repr=False)
class Redate(Word):
    """The due date is moved; ``part_paid``: of an invoice that is paid in part, if there is one."""

    invoice: int
    due: int | None
    part_paid: bool = False


@dataclass(frozen=True, repr=False)
class Renumber(Word):
    invoice: int


@dataclass(frozen=True, repr=False)
class Enlarge(Word):
    """The invoice is made out over more."""

    invoice: int
    by: int = 100


@dataclass(frozen=True, repr=False)
class Spoil(Word):
    """Something in an invoice becomes what no reader can understand; or it is mended."""

    invoice: int


@dataclass(frozen=True, repr=False)
class Journal(Word):
    """An entry on the customer's account; below zero it is in its favour."""

    customer: int
    amount: int


@dataclass(frozen=True, repr=False)
class Unbook(Word):
    """A journal entry is deleted."""

    journal: int


@dataclass(frozen=True, repr=False)
class Flood(Word):
    """Many documents change at once, and nothing in them that matters."""

    documents: int


@dataclass(frozen=True, repr=False)
class Shuffle(Word):
    """Files: the list is written anew, in so many files and in another style."""

    files: int = 1
    style: int = 0


@dataclass(frozen=True, repr=False)
class Lose(Word):
    """Files: one of them is deleted, and its rows with it."""

    file: int


@dataclass(frozen=True, repr=False)
class HalfWritten(Word):
    """Files: one of them is being written right now."""

    file: int


Event = (
    NewCustomer
    | Rename
    | Readdress
    | Retire
    | Merge
    | Remove
    | Bill
    | Batch
    | Payday
    | Approve
    | Pay
    | Bounce
    | Deposit
    | Prepay
    | Credit
    | Apply
    | Withdraw
    | Void
    | Delete
    | Redate
    | Renumber
    | Enlarge
    | Spoil
    | Journal
    | Unbook
    | Flood
    | Shuffle
    | Lose
    | HalfWritten
)

# What time does ----------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Wait(Word):
    seconds: int


# What arsync does --------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Mishap(Word):
    """From the ``at``-th request of a pull on, ``times`` requests go wrong; None: all that follow."""

    kind: str
    at: int = 0
    times: int | None = None


@dataclass(frozen=True, repr=False)
class Pull(Word):
    """A sync, to its end or not.

    ``meanwhile`` happens right before the request (of files: behind the page) of that number;
    ``killed`` ends the process behind that many pages.
    """

    full: bool = False
    meanwhile: tuple[tuple[int, Event | Wait], ...] = ()
    killed: int | None = None
    mishap: Mishap | None = None


@dataclass(frozen=True, repr=False)
class LookAgain(Word):
    """The reading right before sending, of some customers."""

    customers: tuple[int, ...] = (0,)


Step = Event | Wait | Pull | LookAgain


@dataclass(frozen=True, repr=False)
class Setting(Word):
    """What a company and its service are like.

    ``page`` is the most rows of an answer; ``skew`` are the seconds by which the service's clock is
    ahead of ours, ``latency`` those that a request takes. ``daemon``: all pulls are made by one process.
    """

    home: int = 0
    foreign: bool = True
    zone: int = 0
    page: int = 5
    skew: int = 0
    latency: int = 0
    daemon: bool = False
    style: int = 0


@dataclass(frozen=True, repr=False)
class History(Word):
    setting: Setting = field(default_factory=Setting)
    steps: tuple[Step, ...] = ()


CURRENCIES = ("GBP", "USD", "EUR", "JPY", "KWD")
ZONES = ("Europe/London", "America/Los_Angeles", "Pacific/Auckland")
ADDRESSES: tuple[tuple[str, ...], ...] = (
    ("pay@quill.example",),
    (),
    ("ap@lumen.example", "cfo@lumen.example"),
    ("Accounts@Wren.example",),
)


class Place(NamedTuple):
    """Where a customer is, in codes and in words, and the group that it is in."""

    country: str = ""
    subdivision: str = ""
    group: str = ""
    words: tuple[str, str] = ("", "")


# A customer that gets one of the addresses moves as well.
PLACES = (
    Place("GB", "SCT", words=("Scotland", "")),
    Place(),
    Place("DE", "BY", "Key accounts", ("Deutschland", "Bayern")),
    Place(group="Retail", words=("Cloud Cuckoo Land", "CA")),
)


def among(items: Sequence[T], number: int) -> T | None:
    """The item that a number picks; None where there is none."""
    return items[number % len(items)] if items else None


def share(whole: int, percent: int) -> int:
    """So many per cent of an amount, and at least one unit."""
    return max(1, whole * percent // 100)
