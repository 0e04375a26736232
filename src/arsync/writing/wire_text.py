"""What a composed message says, read back from its bytes: headers, texts, and everything in its HTML.

The page is read with all that a reader may not see: attributes, comments, hidden elements. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import unquote

HEADERS = frozenset(
    "from to cc reply-to subject date message-id in-reply-to references auto-submitted mime-version "
    "content-type".split()
)
_NAMING = ("from", "to", "cc", "reply-to", "auto-submitted")
_PARTS = {"text/plain": "text", "text/html": "page"}
_LINKS = frozenset(
    "href src action formaction background cite data longdesc lowsrc poster srcset ping xlink:href".split()
)
# Their start or end does not part a word: INV-<b>7</b> is read as INV-7.
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data em font i ins del kbd label mark q s samp small span strike "
    "strong sub sup time tt u var wbr".split()
)
_CELLS = frozenset({"td", "th"})
_URL = re.compile(r"url\(\s*['\"]?([^)'\"]*)", re.IGNORECASE)
_TYPED_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
_PARTED = re.compile(r"[/?=#;+]")
_STYLE = ("style", "script")


class Passage(NamedTuple):
    """A text of the message: where it stands, what it says, and whether people read it as prose."""

    place: str
    text: str
    prose: bool = True


class Wire(NamedTuple):
    """A message as it leaves. ``links`` are by place what can be followed, ``strange`` says what has no
    business in a letter."""

    headers: Mapping[str, str]
    message: EmailMessage
    passages: tuple[Passage, ...]
    links: tuple[tuple[str, str], ...]
    strange: tuple[str, ...]


def read_back(raw: bytes) -> Wire:
    """The message in these bytes."""
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(raw)
    passages = [Passage("the subject", str(message.get("subject", "")))]
    links: list[tuple[str, str]] = []
    strange = [f"a header {name!r}" for name in message if name.lower() not in HEADERS]
    names = [name.lower() for name in message]
    strange += [f"two headers {name!r}" for name in sorted(set(names)) if names.count(name) > 1]
    texts: list[str] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        if kind not in _PARTS or part.get_filename() or part.get_content_disposition():
            strange.append(f"a part of the kind {kind}" + (" that is attached" if kind in _PARTS else ""))
            continue
        texts.append(kind)
        content = part.get_content()
        if kind == "text/plain":
            passages.append(Passage("the text", content))
            links += [("the text", found.rstrip(".,;:!?)'")) for found in _TYPED_LINK.findall(content)]
        else:
            page = _Page(content)
            passages += page.passages()
            links += page.links
    if sorted(texts) != sorted(set(texts)) or "text/plain" not in texts:
        strange.append("other parts than one text and one page")
    headers = {name.lower(): str(value) for name, value in message.items()}
    passages += [Passage(f"the header {name!r}", headers[name]) for name in _NAMING if name in headers]
    return Wire(headers, message, tuple(passages), tuple(links), tuple(strange))


class _Page(HTMLParser):
    """The texts and links of a page, whatever hides them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self._text: list[str] = []
        self._unread: list[str] = []
        self._hidden: list[str] = []
        self._inside = ""
        self.links: list[tuple[str, str]] = []
        self.feed(page)
        self.close()

    def passages(self) -> Iterator[Passage]:
        yield Passage("the page", "".join(self._text))
        yield Passage("what the page does not show", "\n".join(self._hidden))
        yield Passage("the page's styles", "\n".join(self._unread), prose=False)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._part(tag)
        if tag in _STYLE:
            self._inside = tag
        for name, value in attrs:
            text = value or ""
            if name in _LINKS or (tag == "meta" and name == "content" and "url=" in text.lower()):
                address = text.partition("=")[2] if tag == "meta" else text
                self.links.append(("a link of the page", address.strip()))
                self._hidden += [text, _PARTED.sub(" ", unquote(text))]
            elif name == "style":
                self._style(text)
            elif name in ("alt", "title", "content", "value", "placeholder", "summary", "label", "abbr") or (
                name.startswith(("aria-", "data-"))
            ):
                self._hidden.append(text)
            else:
                self._unread.append(text)

    def handle_endtag(self, tag: str) -> None:
        self._part(tag)
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._style(data)
        else:
            self._text.append(data)

    def handle_comment(self, data: str) -> None:
        inner = _Page(data.replace("<!--", " ")) if "<" in data else None  # what Outlook reads of a condition
        if inner is None:
            self._hidden.append(data)
            return
        self.links += inner.links
        self._hidden += [passage.text for passage in inner.passages() if passage.prose]

    def handle_decl(self, decl: str) -> None:
        self._unread.append(decl)

    def handle_pi(self, data: str) -> None:
        self._hidden.append(data)

    def unknown_decl(self, data: str) -> None:
        self._hidden.append(data)

    def _style(self, text: str) -> None:
        self._unread.append(text)
        self.links += [("a style of the page", found.strip()) for found in _URL.findall(text)]

    def _part(self, tag: str) -> None:
        if tag in _CELLS:
            self._text.append(" ")
        elif tag not in _INLINE:
            self._text.append("\n")
