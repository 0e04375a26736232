"""What a mail server may do to a sender, on purpose."""

from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from threading import Lock


class Moment(Enum):
    """A point in an SMTP transaction."""

    MAIL = "mail"
    """The sender is named (MAIL FROM)."""
    RCPT = "rcpt"
    """A recipient is named (RCPT TO)."""
    DATA = "data"
    """The sender asks to send the message."""
    BODY = "body"
    """Part of the message has arrived, its end has not."""
    END = "end"
    """The final dot has arrived."""


class Act(Enum):
    """What the server does instead of going on."""

    ANSWER = "answer"
    DROP = "drop"
    STALL = "stall"


@dataclass(frozen=True, slots=True)
class Fault:
    """`act` at `moment`, for addresses that fit `pattern` (`*` and `?` as in file names; sender or
    recipient)."""

    moment: Moment
    act: Act
    pattern: str = "*"
    code: int = 0
    text: str = ""
    keep: bool = False
    """At END: the message is kept all the same."""
    times: int | None = None
    """How often; None for always."""

    def __post_init__(self) -> None:
        if self.act is Act.ANSWER and not 400 <= self.code < 600:
            raise ValueError(f"a refusal has a code from 400 to 599, not {self.code}")
        if self.act is Act.ANSWER and self.moment is Moment.BODY:
            raise ValueError("a server does not answer in the middle of a message")
        if any(not " " <= char <= "~" for char in self.text):
            raise ValueError("the text of an SMTP answer is one line of ASCII")

    @property
    def answer(self) -> str:
        return f"{self.code} {self.text}"


class Faults:
    """The faults in force, asked in the order in which they were added. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._left: list[tuple[Fault, int | None]] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._left.append((fault, fault.times))

    def clear(self) -> None:
        with self._lock:
            self._left.clear()

    def take(self, moment: Moment, address: str) -> Fault | None:
        """The fault that strikes now, if any; counts it."""
        with self._lock:
            for place, (fault, left) in enumerate(self._left):
                if fault.moment is moment and fnmatchcase(address.lower(), fault.pattern.lower()):
                    if left == 1:
                        del self._left[place]
                    elif left is not None:
                        self._left[place] = (fault, left - 1)
                    return fault
        return None
