"""The HTML part of a letter whose template has only a text: the same words, escaped, as a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from urllib.parse import quote

from arsync.writing.fields import locale_of

TABLE = "\x02"
"""Stands in a rendered text where the table of invoices goes."""
# Around every value in a rendered text. Values themselves hold no control characters.
OPEN, SHUT = "\x0e", "\x0f"

# A link is the template's own: its host stands there in plain, values may follow in its path. An address
# inside a value stays text, or a customer's name could lead somewhere. (?>...) never gives characters back.
_PIECES = re.compile(
    r"(?P<link>(?>https?://[^\W_][^\s<>\"\x0e\x0f/]*(?:/(?:[^\s<>\"\x0e\x0f]|\x0e[^\x02\x0e\x0f]*\x0f)*)?)(?!\x0e))"
    r"|(?P<open>\x0e)|(?P<shut>\x0f)|(?P<table>\x02)"
)
_MARKS = str.maketrans("", "", "\x0e\x0f")
_PAGE = """<!DOCTYPE html>
<html lang="{lang}" dir="{dir}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin:0;padding:16px;font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:1.5;color:#222;">
<div style="max-width:640px;">
{body}
</div>
</body>
</html>
"""  # noqa: E501
_PARAGRAPH = '<p style="margin:0 0 16px 0;">'
FRAME = (_PAGE, _PARAGRAPH)
"""What every page says of itself, whatever its letter says."""


def page_of(marked: str, table: str, language: str) -> str:
    """The page of a rendered text with its marks; ``table`` is the HTML of the invoices."""
    locale = locale_of(language)
    blocks = re.split(r"\n\s*\n", _inline(marked).strip())
    body = "\n".join(part for block in blocks for part in _block(block, table))
    return _PAGE.format(lang=locale.language, dir=locale.text_direction, body=body)


def plain_of(marked: str, table: str) -> str:
    """The text part: marks away, the table in its place, no trailing spaces or heaps of empty lines."""
    text = marked.translate(_MARKS).replace(TABLE, table)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _block(block: str, table: str) -> Iterator[str]:
    """Paragraphs, with the table between them where it stands."""
    for index, part in enumerate(block.split(TABLE)):
        if index:
            yield table
        if part.strip():
            lines = "<br>\n".join(part.strip().split("\n"))
            yield f"{_PARAGRAPH}{lines}</p>"


def _inline(marked: str) -> str:
    """Escaped text with the template's links in it; only the mark of the table is left."""
    written: list[str] = []
    depth = at = 0
    for found in _PIECES.finditer(marked):
        written.append(escape(marked[at : found.start()]))
        at = found.end()
        match found.lastgroup:
            case "open":
                depth += 1
            case "shut":
                depth = max(0, depth - 1)
            case "table":
                written.append(TABLE)
            case _:
                written.append(escape(found[0].translate(_MARKS)) if depth else _link(found[0]))
    return "".join([*written, escape(marked[at:])])


def _link(link: str) -> str:
    shown = link.rstrip(".,;:!?)'")
    address = re.sub(r"\x0e([^\x0f]*)\x0f", lambda value: quote(value[1], safe=""), shown)
    after = escape(link[len(shown) :])
    return f'<a href="{escape(address)}">{escape(shown.translate(_MARKS))}</a>{after}'
