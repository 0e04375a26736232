"""Where values stand in a page: only where escaping makes them harmless. Pure.

A value is escaped, so it can neither begin a tag nor leave quotes. In some places that is not enough: a name
without quotes around it would bring attributes of its own, and one that begins a link would decide where the
link leads. So a page is followed sign by sign as a browser reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from arsync.writing.page import OPEN, SHUT

_LINKS = frozenset(
    "href src action formaction background cite data longdesc lowsrc poster usemap xlink:href".split()
)
_NEVER = frozenset({"srcdoc", "srcset", "ping", "content", "http-equiv"})
_SETTLED = re.compile(r"\s*(?:https?://[^/?#\s\\@]+[/?#]|mailto:|tel:)", re.IGNORECASE)
_TAME_STYLE = re.compile(r"[\w#%., -]{0,60}")
_RAW = frozenset("script style xmp iframe noembed noframes plaintext noscript template".split())
_NEXT = re.compile(f"[<{OPEN}{SHUT}]")
_SPACE = frozenset(" \t\n\f\r")


class Misplaced(Exception):
    """A value stands where it could act."""


class Places:
    """Follows one page piece by piece; values, between their marks, may stand in texts and between quotes."""

    def __init__(self) -> None:
        self._state: Callable[[str], None] = self._text
        self._tag = self._attribute = self._begun = self._closing = self._quote = self._value = ""

    def feed(self, piece: str) -> str:
        """The piece without marks, once every value in it stands well. Raises Misplaced."""
        at = 0
        while at < len(piece):
            if self._state == self._text and (found := _NEXT.search(piece, at)) is None:
                break
            at = found.start() if self._state == self._text and found else at
            char = piece[at]
            at += 1
            if char == OPEN:
                self._opened()
            elif char == SHUT:
                self._shut()
            else:
                self._value += char if self._styled() else ""
                self._state(char)
        return piece.replace(OPEN, "").replace(SHUT, "")

    def _styled(self) -> bool:
        return self._state == self._quoted and self._attribute == "style"

    def _opened(self) -> None:
        self._value = ""
        if self._state in (self._text, self._comment):
            return
        if self._state != self._quoted:
            raise Misplaced("a value inside a tag needs quotes around it, and an attribute that it is of")
        name, begun = self._attribute, unescape(self._begun)
        if name.startswith("on") or name in _NEVER:
            raise Misplaced(f"a value cannot stand in {name!r}")
        if name in _LINKS and not _SETTLED.match(begun):
            raise Misplaced("a value cannot begin a link: write it up to its path, as in https://HOST/")

    def _shut(self) -> None:
        if self._styled() and not _TAME_STYLE.fullmatch(unescape(self._value)):
            raise Misplaced("a value in 'style' may have letters and figures only")
        self._value = ""

    def _text(self, char: str) -> None:
        if char == "<":
            self._begun, self._state = "", self._less

    def _less(self, char: str) -> None:
        if char.isascii() and char.isalpha():
            self._tag, self._state = char, self._name
        elif char == "/" and not self._begun:
            self._begun = "/"
        elif char in "!?":
            self._begun, self._state = "", self._declared
        else:
            self._state = self._text
            self._text(char)

    def _name(self, char: str) -> None:
        if char in _SPACE or char in "/>":
            self._state = self._between
            self._between(char)
        else:
            self._tag += char

    def _between(self, char: str) -> None:
        """Inside a tag, where an attribute may begin."""
        if char == ">":
            raw = not self._begun and self._tag.lower() in _RAW
            self._begun, self._state = "", self._raw if raw else self._text
        elif char not in _SPACE and char != "/":
            self._attribute, self._state = char.lower(), self._named

    def _named(self, char: str) -> None:
        if char == "=":
            self._state = self._equals
        elif char == ">" or char == "/":
            self._state = self._between
            self._between(char)
        elif char in _SPACE:
            self._state = self._after_name
        else:
            self._attribute += char.lower()

    def _after_name(self, char: str) -> None:
        if char == "=":
            self._state = self._equals
        elif char not in _SPACE:
            self._state = self._between
            self._between(char)

    def _equals(self, char: str) -> None:
        if char in "\"'":
            self._closing, self._begun, self._quote, self._state = self._begun, "", char, self._quoted
        elif char == ">":
            self._state = self._between
            self._between(char)
        elif char not in _SPACE:
            self._state = self._bare

    def _quoted(self, char: str) -> None:
        if char == self._quote:
            self._begun, self._state = self._closing, self._between
        else:
            self._begun += char

    def _bare(self, char: str) -> None:
        if char in _SPACE or char == ">":
            self._state = self._between
            self._between(char)

    def _declared(self, char: str) -> None:
        """<!DOCTYPE ...>, <!-- or <![endif]-->, of which Outlook reads what others skip."""
        self._begun += char
        if self._begun == "--":
            self._begun, self._state = "", self._comment
        elif char == ">":
            self._begun, self._state = "", self._text

    def _comment(self, char: str) -> None:
        self._begun += char
        ended = self._begun.endswith(("-->", "--!>")) or self._begun in (">", "->")
        if ended or (char == ">" and self._begun.startswith("[if ")):
            self._begun, self._state = "", self._text

    def _raw(self, char: str) -> None:
        """A script or a style: text up to the end of its element."""
        self._begun += char.lower()
        if self._begun.endswith(f"</{self._tag.lower()}"):
            self._begun, self._state = "/", self._between
