"""Inputs that nobody sends on purpose, made from good ones: bytes, JSON trees and lines of text are damaged.

Everything comes from one ``random.Random``, so that a seed gives the same inputs again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

# What a field may hold that no page of a vendor's promises.
ATOMS: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        2**31,
        2**63,
        -(2**63) - 1,
        10**40,
        0.1,
        -0.0,
        1e308,
        "",
        " ",
        "0",
        "-0.01",
    ),
    *("1e5", "NaN", "Infinity", "0.005", "9" * 400, "12,5", "2026-02-30", "0000-00-00", "9999-12-31"),
    *("2026-11-23", "/Date(-1)/", "/Date(99999999999999)/", "/Date(1795348800000+0000)/"),
    *("2026-11-23T08:00:00-08:00", "GBP", "XXX", "gbp", "ACCREC", "AUTHORISED", "Paid", "[arsync:abc]"),
    *("=cmd|' /C calc'!A0", "\x1b[2J", "\u202e", "\x00", "\ud800", "a@b.example", "a@b.example, c@d.example"),
    *("<script>", "\r\nBcc: x@y.example", "{{ 7*7 }}", "é" * 5000),
    *([], {}, [[]], [None], [{}], {"a": {}}, {"value": None}, {"value": 7}),
    *({"Fault": {}}, {"fault": {"error": [None]}}),
)
BITS = (
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b"\r\n"),
    *(b"\t", b"\xef\xbb\xbf", b"null", b"1e999", b"\\ud800", b"<", b"&", b"=", b"%", b"..", b"]]>", b"'"),
)
DEEP = 3000


def damaged(seed: bytes, chance: random.Random) -> bytes:
    """Bytes cut, repeated, swapped, or with something else among them, up to a few times."""
    body = bytearray(seed)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        at, end = sorted((chance.randrange(len(body) + 1), chance.randrange(len(body) + 1)))
        match chance.randrange(8):
            case 0:
                del body[at:]
            case 1:
                del body[at : min(end, at + 40)]
            case 2:
                body[at:at] = body[at : min(end, at + 200)]
            case 3:
                body[at:at] = chance.choice(BITS)
            case 4 if at < len(body):
                body[at] = chance.randrange(256)
            case 5:
                body[at:at] = chance.choice((b"[", b'{"a":', b"(", b"<a>")) * chance.choice((3, DEEP))
            case 6:
                body[at : at + chance.randrange(1, 6)] = str(chance.choice(ATOMS)).encode("utf-8", "replace")[
                    :300
                ]
            case _:
                body += body[:at][-300:]
    return bytes(body)


def misshapen(seed: bytes, chance: random.Random) -> bytes:
    """A JSON answer with some values replaced, left out, doubled or put elsewhere; sometimes damaged too."""
    try:
        tree = json.loads(seed)
    except ValueError:
        return damaged(seed, chance)
    for _ in range(chance.choice((1, 1, 2, 4))):
        tree = _changed(tree, chance)
    try:
        body = json.dumps(tree, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    except (RecursionError, ValueError):
        return damaged(seed, chance)
    return damaged(body, chance) if chance.random() < 0.15 else body


def _changed(tree: Any, chance: random.Random) -> Any:
    """The tree with one place of it changed, drawn evenly over its depth."""
    if isinstance(tree, dict) and tree and chance.random() < 0.85:
        key = chance.choice(list(tree))
        match chance.randrange(6):
            case 0:
                return {k: v for k, v in tree.items() if k != key}
            case 1:
                return {**tree, chance.choice((key.swapcase(), key + "x", "", "Id", "__class__")): tree[key]}
            case _:
                return {**tree, key: _changed(tree[key], chance)}
    if isinstance(tree, list) and tree and chance.random() < 0.85:
        at = chance.randrange(len(tree))
        match chance.randrange(6):
            case 0:
                return tree[:at] + tree[at + 1 :]
            case 1:
                return tree[:at] + [tree[at]] * 2 + tree[at + 1 :]
            case _:
                return [*tree[:at], _changed(tree[at], chance), *tree[at + 1 :]]
    return chance.choice(ATOMS)


def reworded(seed: bytes, chance: random.Random, words: Sequence[str] = ()) -> bytes:
    """A text of lines with lines dropped, doubled, exchanged, and words (also of ``words``) elsewhere."""
    lines = seed.decode("utf-8").split("\n")
    known = [*words, *(word for line in lines for word in line.split())]
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                del lines[at : at + chance.randrange(1, 3)]
                lines = lines or [""]
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 3 if known:
                parts = lines[at].split(" ")
                parts[chance.randrange(len(parts))] = chance.choice(known)
                lines[at] = " ".join(parts)
            case 4:
                parts = lines[at].split(" ")
                parts[chance.randrange(len(parts))] = str(chance.choice(ATOMS))[:200]
                lines[at] = " ".join(parts)
            case 5:
                lines[at] = lines[at].swapcase()
            case _:
                place = chance.randrange(len(lines[at]) + 1)
                lines[at] = (
                    lines[at][:place] + chance.choice("\"'[]={}#,;:-%\\\t\u2028é0") + lines[at][place:]
                )
    body = "\n".join(lines).encode("utf-8", "surrogatepass")
    return damaged(body, chance) if chance.random() < 0.1 else body
