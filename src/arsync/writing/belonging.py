"""What a letter names, and whose it may be. Pure.

Everything that people could take for somebody's is looked at: spans of words that could be a number or a
name, addresses, and ids. Whether it is somebody else's is looked up by who asks (`arsync.runs.own_data`); how
much that tells is decided here, for 2026 is a year, an amount and an invoice number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase
from typing import Literal, NamedTuple

Whose = Literal["own", "template", "nobody"]

LONGEST_SPAN = 6
"""Words of a name or number that is found."""
_EDGE = ".,;:!?()[]{}<>\"'«»“”„‘’‚‹›…*_|–—-·•"
_RIGHT_EDGE = ",;:!?)]}>\"'«»”’…|"
_WORD = re.compile(r"\w+")
_PIECE = re.compile(r"[^\s,;:=&?#/\\()<>\[\]{}\"'|]+")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_DAY = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}")
_AMOUNT = re.compile(r"\d{1,3}(?:[.,'’ ]\d{3})*[.,'’ ]\d{2,3}")
_ID = re.compile(r"(?=[\w-]*\d)[A-Za-z0-9_-]{16,64}")
# Words that announce the number of an invoice or a credit note, in the languages of the shipped words and
# their short forms.
_ANNOUNCING = frozenset(
    "invoice invoices inv bill no nr num number numbers ref reference rechnung rechnungen rechnungsnummer "
    "rechnungsnr belegnummer facture factures fattura fatture factura facturas fatura faturas factuur "
    "facturen factuurnummer numero número numéro nº n° № credit crédit credito crédito gutschrift abono "
    "creditnota creditfactuur".split()
)
_NUMBERING = frozenset("no nr num number numero número numéro nº n° № rechnungsnummer factuurnummer".split())
_BETWEEN = frozenset("and und et y e en ed or oder ou o the of".split())
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


class Span(NamedTuple):
    """Some words of a line as they stand there; the same as they are looked up; and what announces them:
    the words before them in small letters, nearest first, with "#" before these where one stands there."""

    text: str
    key: str
    before: tuple[str, ...]


def small(text: str) -> str:
    """The text as numbers and names are compared: in small letters of ASCII, as databases have them."""
    return text.translate(_SMALL)


class _Unseen(dict[int, int | None]):
    """What each sign becomes: nothing where it has no width. Each is looked at once."""

    def __missing__(self, code: int) -> int | None:
        kept = code == 10 or unicodedata.category(chr(code)) not in ("Cf", "Cc")
        self[code] = code if kept else 32 if chr(code).isspace() else None
        return self[code]


_UNSEEN = _Unseen()


def visible(text: str) -> str:
    """The text without signs that have no width: a number does not hide behind them."""
    return text if text.isascii() and text.isprintable() else text.translate(_UNSEEN)


class Words:
    """Texts in which spans are looked for, whatever the case and whatever stands between two words."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._all = "\n".join(f" {_words(text)} " for text in texts)

    def __contains__(self, span: str) -> bool:
        wanted = _words(span)
        return bool(wanted) and f" {wanted} " in self._all


def _words(text: str) -> str:
    plain = text if text.isascii() else unicodedata.normalize("NFKC", visible(text))
    return " ".join(_WORD.findall(plain.casefold()))


def spans(text: str) -> Iterator[Span]:
    """Every run of words on a line that could be a number or a name: as it stands and without the signs
    around it; single words also in the pieces that signs part them into."""
    for line in text.splitlines():
        yield from _spans(line)


@lru_cache(maxsize=512)  # lines of a template come again in every letter, and in its page
def _spans(line: str) -> tuple[Span, ...]:
    words = visible(line).split()
    found: dict[Span, None] = {}
    for at in range(len(words)):
        before = _before(words, at)
        runs = [] if words[at].isalnum() else _PIECE.findall(words[at])
        for end in range(at + 1, min(at + LONGEST_SPAN, len(words)) + 1):
            run = " ".join(words[at:end])
            runs.append(run)
            if not (run[-1].isalnum() and run[0].isalnum()):
                runs += [run.lstrip(_EDGE).rstrip(_RIGHT_EDGE), run.strip(_EDGE)]
        for run in runs:
            if len(run) > 1:
                found[Span(run, small(run), before)] = None
    return tuple(found)


def _before(words: list[str], at: int) -> tuple[str, ...]:
    """What stands before a word, without the figures of a list that it goes on ("invoices 1001 and 1002")."""
    sign = ("#",) if words[at].lstrip(_EDGE).startswith("#") else ()
    at -= 1
    while at >= 0 and (_is_figure(words[at]) or words[at].casefold().strip(_EDGE) in {"", *_BETWEEN}):
        at -= 1
    return (*sign, *(word.casefold().strip(_EDGE) for word in reversed(words[max(0, at - 1) : at + 1])))


def _is_figure(word: str) -> bool:
    bare = word.strip(_EDGE + "#")
    return bool(bare) and bare[-1].isdigit() and not bare.isalpha()


def addresses(text: str) -> Iterator[str]:
    """The e-mail addresses in a text, in small letters."""
    yield from (found.casefold().rstrip(".") for found in _ADDRESS.findall(visible(text)))


def ids(text: str) -> Iterator[str]:
    """What is long and odd enough to be the id of a record."""
    yield from _ID.findall(visible(text))


def readings(address: str) -> tuple[str, ...]:
    """The address as it stands, and what it is without something that only looks like a part of it: the
    path of a link, a quote."""
    cuts = [at + 1 for at, char in enumerate(address[: address.index("@")]) if char in "'/=?#|&+`{"]
    return address, *(address[at:] for at in cuts if not address[at:].startswith("@"))


def telling_number(span: Span, whose: Whose, *, prose: bool) -> bool:
    """Whether a span that is a stranger's number is one here. ``whose`` words they are; ``prose``
    is text that people read, not colours and widths.

    Letters and figures together tell by themselves. Figures alone may be a year, an amount, a day or a
    house number: where the template has them they tell after a word such as "invoice" or "no.", and in
    six places or more; elsewhere from four places on.
    """
    if whose == "own":
        return False
    bare = span.text.strip()
    letters = sum(char.isalpha() for char in bare)
    figures = sum(char.isdigit() for char in bare)
    if not figures or len(bare) < 2:
        return False
    if letters:
        return figures + letters >= 4
    if not prose:
        return False
    announced = "#" in span.before or bool(_ANNOUNCING.intersection(span.before))
    if _is_year(bare):
        return "#" in span.before or bool(_NUMBERING.intersection(span.before[:1]))
    if _DAY.fullmatch(bare) or _AMOUNT.fullmatch(bare):
        return announced
    return announced or figures >= (4 if whose == "nobody" else 6)


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdecimal() and 1990 <= int(text) <= 2099


def telling_name(text: str, name: str, whose: Whose, *, of_book: bool = False) -> bool:
    """Whether a span that is a stranger's ``name`` is meant as one. ``of_book``: it is another client's.

    Where neither the customer's data nor the template explains it, any name of four letters is. A
    template's own words are where they are two or more, spelt as the name is; one word, such as Best or
    Total, may be just a word: it tells where it is another client's company.
    """
    letters = sum(char.isalpha() for char in text)
    if whose == "own":
        return False
    if whose == "nobody":
        return letters >= 4
    if " ".join(text.split()) != " ".join(name.split()):
        return False
    several = sum(1 for word in text.split() if any(map(str.isalpha, word))) > 1
    return letters >= 4 and (several or (of_book and not text.islower()))
