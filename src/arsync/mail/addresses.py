"""Mail addresses as people type them into an accounting system, and the few that can be written to."""

import re
from typing import NamedTuple

from arsync.plain_text import one_line

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}")
_PART = re.compile(r'(?:[^,;"<]+|"(?:\\.|[^"\\])*"|<[^<>]*>|[^,;])+', re.DOTALL)

# IDNA 2003, the version in Python's standard library, turns these into other letters or into nothing, and
# so names another domain than IDNA 2008 does (RFC 5894, section 7.2). A letter must not go to a stranger.
_AMBIGUOUS_IN_DOMAINS = frozenset("ßẞς\u200c\u200d")


class Mailbox(NamedTuple):
    """A name to show, possibly empty, and an address that `check_address` has passed."""

    name: str
    address: str


def check_address(text: str) -> str:
    """`text` as the address a mail server takes; an international domain in its ASCII form.

    The syntax is sober: one @, a dot-atom of ASCII characters of at most 64 before it, a domain of at
    least two labels after it, at most 254 characters in all (RFC 5321, section 4.5.3.1). Quoted local
    parts, address literals and local parts beyond ASCII, which need a server with SMTPUTF8, are refused.
    Raises ValueError saying what is wrong.
    """
    if len(text) > 254:
        raise ValueError("an address has at most 254 characters")
    local, at, domain = text.partition("@")
    if not at or "@" in domain:
        raise ValueError(f"{one_line(text)!r} is not an address: it needs exactly one @")
    # "=?" opens an encoded word (RFC 2047), which readers of headers decode even where it must not stand.
    if len(local) > 64 or "=?" in local or not _LOCAL_PART.fullmatch(local):
        raise ValueError(f"{one_line(text)!r} is not an address: see what stands before the @")
    address = f"{local}@{_ascii_domain(domain, text)}"
    if len(address) > 254:
        raise ValueError("an address has at most 254 characters")
    return address


def _ascii_domain(domain: str, text: str) -> str:
    found = domain
    if not domain.isascii():
        if _AMBIGUOUS_IN_DOMAINS.intersection(domain):
            raise ValueError(
                f"{one_line(domain)!r} is ambiguous: write the domain in its ASCII form (xn--...)"
            )
        try:
            found = domain.encode("idna").decode("ascii")
        except UnicodeError:
            found = ""
    if not _DOMAIN.fullmatch(found):
        raise ValueError(f"{one_line(text)!r} is not an address: {one_line(domain)!r} is not a domain")
    return found


def parse_mailbox(text: str) -> Mailbox:
    """`Name <address>`, `"Name" <address>` or a bare address.

    The name may hold commas without quotes. Raises ValueError saying what is wrong with the address.
    """
    text = text.strip()
    if not text.endswith(">") or "<" not in text:
        return Mailbox("", check_address(text))
    name, _, address = text[:-1].rpartition("<")
    name = name.strip()
    if len(name) >= 2 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return Mailbox(one_line(name), check_address(address.strip()))


def split_addresses(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses of a list separated by commas or semicolons: those that can be written to, and the rest.

    Names around an address are dropped. An address that differs from an earlier one only by upper and
    lower case is left out; the order stays. What cannot be used is returned as it stands, made fit for
    one line.
    """
    good: dict[str, str] = {}
    bad: dict[str, None] = {}
    for part in filter(None, map(str.strip, _PART.findall(text))):
        try:
            address = parse_mailbox(part).address
        except ValueError:
            bad.setdefault(one_line(part))
        else:
            good.setdefault(address.casefold(), address)
    return tuple(good.values()), tuple(bad)
