"""Cuts Xero's description of its Accounting API to the paths that arsync uses, so that Prism starts sooner.

The description is `xero_accounting.yaml` of https://github.com/XeroAPI/Xero-OpenAPI. It is cut as text, by
its indentation; what is left of it is Xero's, word for word, but that the paths get the prefix which they
have at api.xero.com (Prism serves the paths without the server's own).

    python tests_contract/xero_description.py xero_accounting.yaml cut.yaml
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

PREFIX = "/api.xro/2.0"
USED = (
    "/Contacts",
    "/Contacts/{ContactID}/History",
    "/CreditNotes",
    "/InvoiceReminders/Settings",
    "/Invoices",
    "/Invoices/{InvoiceID}/History",
    "/Organisation",
    "/Overpayments",
    "/Payments",
    "/Prepayments",
)
_REF = re.compile(r"#/components/(\w+)/([\w.-]+)")


def cut(description: str) -> str:
    """The description with the used paths and what they refer to. Raises ValueError if one is missing."""
    sections = dict(_blocks(description.splitlines(), 0))
    paths = dict(_blocks(sections["paths"][1:], 2))
    if missing := [path for path in USED if path not in paths]:
        raise ValueError(f"this is not Xero's description of the Accounting API: it has no {missing[0]}")
    kept_paths = {path: lines for path, lines in paths.items() if path in USED}
    kinds = {kind: dict(_blocks(lines[1:], 4)) for kind, lines in _blocks(sections["components"][1:], 2)}
    kept = _referred(kept_paths, kinds)
    out = [*sections["openapi"], *sections["info"], *sections["servers"], "paths:"]
    for path, (_, *lines) in kept_paths.items():
        out += [f"  {PREFIX}{path}:", *lines]
    out.append("components:")
    for kind, blocks in kinds.items():
        out.append(f"  {kind}:")
        out += [line for name, lines in blocks.items() if (kind, name) in kept for line in lines]
    return "\n".join(out) + "\n"


def _referred(paths: dict[str, list[str]], kinds: dict[str, dict[str, list[str]]]) -> set[tuple[str, str]]:
    """The components that are used, also by one another; how to authorise always is."""
    open_ends = [ref for lines in paths.values() for ref in _REF.findall("\n".join(lines))]
    open_ends += [("securitySchemes", name) for name in kinds.get("securitySchemes", {})]
    kept: set[tuple[str, str]] = set()
    while open_ends:
        kind, name = open_ends.pop()
        if (kind, name) not in kept:
            kept.add((kind, name))
            open_ends += _REF.findall("\n".join(kinds[kind][name]))
    return kept


def _blocks(lines: list[str], depth: int) -> Iterator[tuple[str, list[str]]]:
    """The keys at a depth of indentation, each with its lines (its own first)."""
    key = re.compile(rf"^ {{{depth}}}(['\"]?)([^\s'\"#][^'\"]*?)\1:(\s|$)")
    name: str | None = None
    block: list[str] = []
    for line in lines:
        if match := key.match(line):
            if name is not None:
                yield name, block
            name, block = match[2], []
        block.append(line)
    if name is not None:
        yield name, block


if __name__ == "__main__":
    source, target = (Path(each) for each in sys.argv[1:])
    target.write_text(cut(source.read_text()))
