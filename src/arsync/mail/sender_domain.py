"""What the domain of a From address publishes about its mail: SPF, DKIM and DMARC, and what to do about it.

arsync's letters have one domain in the From line and in the envelope, so SPF and DKIM records of that very
domain are aligned with it in DMARC's sense, strict or relaxed. Sources: RFC 7208 (SPF), RFC 6376 (DKIM),
RFC 7489 (DMARC).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

Verdict = Literal["ok", "remark", "wrong", "unknown"]
# The TXT records of a name, () where it has none. Raises CannotLookUp.
Texts = Callable[[str], Sequence[str]]

# RFC 7208, section 4.6.4: receivers give up beyond this many lookups, and the record counts as broken.
MOST_LOOKUPS = 10
# Selectors that mail services give their customers; only whoever runs the mail server knows the right one.
USUAL_SELECTORS = (
    "google",
    "selector1",
    "selector2",
    "default",
    "dkim",
    "mail",
    "k1",
    "k2",
    "k3",
    "s1",
    "s2",
    "key1",
    "pm",
    "fm1",
    "fm2",
    "fm3",
    "protonmail",
    "zoho",
    "mandrill",
    "mxvault",
)
_ASKS_FURTHER = re.compile(
    r"[+?~-]?(include|a|mx|ptr|exists|redirect)(?=[:=/]|$)(?:[:=]([^/]*))?", re.IGNORECASE
)
_IS_SPF = re.compile(r"v=spf1(\s|$)", re.IGNORECASE)
_TAG = re.compile(r"\s*([a-z]+)\s*=\s*([^;]*?)\s*(?:;|$)", re.IGNORECASE)
_CONTROL = re.compile(r"[^\x20-\x7e]+")


class CannotLookUp(Exception):
    """The name service was not reached or gave no answer; ``str`` says which."""


class Published(NamedTuple):
    """What a domain publishes: how good it is, in a sentence, and what to do ('' where nothing is)."""

    verdict: Verdict
    said: str
    do: str = ""

    @property
    def helps(self) -> bool:
        """Whether a receiver can count on it."""
        return self.verdict == "ok"


def spf(domain: str, texts: Texts) -> Published:
    """Which servers may send for the domain."""
    records = [text for text in texts(domain) if _IS_SPF.match(text)]
    if not records:
        return Published(
            "wrong",
            f"{domain} does not say which servers may send its mail (no SPF record)",
            "publish the TXT record that your mail service tells, such as v=spf1 include:... ~all",
        )
    if len(records) > 1:
        return Published(
            "wrong",
            f"{domain} has {len(records)} SPF records, so that none counts",
            "put what they allow into one TXT record",
        )
    [record] = records
    last = re.search(r"(?:^|\s)([+?~-]?)all(?:\s|$)", record, re.IGNORECASE)
    if last is not None and last[1] in ("", "+"):
        return Published(
            "wrong",
            f"{domain} allows every server in the world to send its mail ({_shown(record)})",
            "end its SPF record with ~all or -all",
        )
    try:
        asked = sum(1 for _ in _lookups(domain, record, texts))
    except _NoRecord as missing:
        return Published(
            "wrong",
            f"the SPF record of {domain} takes in that of {_shown(str(missing))}, which has none, so that it "
            "does not count",
            "compare it with what your mail service tells, and mend or take out that name",
        )
    if asked > MOST_LOOKUPS:
        return Published(
            "wrong",
            f"the SPF record of {domain} asks for more than {MOST_LOOKUPS} names, so that it does not count",
            "take out what does not send any more",
        )
    return Published(
        "ok", f"{_shown(record)}. Whether it covers your mail server shows a letter to yourself: spf=pass"
    )


class _NoRecord(Exception):
    """A name that is taken in has no SPF record: the whole record is an error (RFC 7208, 5.2 and 6.1)."""


def _lookups(domain: str, record: str, texts: Texts, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names that a receiver has to ask for, one after the other; no more than are needed to tell."""
    told = 0
    for term in record.split()[1:]:
        found = _ASKS_FURTHER.match(term)
        if found is None:
            continue
        kind, name = found[1].lower(), (found[2] or domain).lower()
        yield name
        told += 1
        if kind not in ("include", "redirect") or "%" in name or name in seen or len(seen) > MOST_LOOKUPS:
            continue
        records = [text for text in texts(name) if _IS_SPF.match(text)]
        if not records:
            raise _NoRecord(name)
        for text in records:
            for further in _lookups(name, text, texts, seen | {domain, name}):
                yield further
                told += 1
                if told > MOST_LOOKUPS:
                    return


def dkim(domain: str, texts: Texts, selector: str | None) -> Published:
    """Whether letters can be signed for the domain; ``selector`` None tries the usual ones."""
    for name in (selector,) if selector else USUAL_SELECTORS:
        for text in texts(f"{name}._domainkey.{domain}"):
            tags = dict(_tags(text))
            if tags.get("p"):
                return Published("ok", f"there is a key under the selector {name}")
            if selector and "p" in tags:
                return Published(
                    "wrong",
                    f"the key under the selector {name} was withdrawn",
                    "let your mail service make a new one",
                )
    if selector:
        return Published(
            "wrong",
            f"there is no key under {selector}._domainkey.{domain}",
            "compare dkim_selector of [mail] with what your mail service tells, and publish its record",
        )
    return Published(
        "unknown",
        f"no key of {domain} was found under the usual selectors",
        'name the one that your mail service signs with: dkim_selector = "..." under [mail]',
    )


def dmarc(domain: str, texts: Texts, *, spf_helps: bool, dkim_helps: bool) -> Published:
    """What receivers do with letters of the domain that neither SPF nor DKIM vouch for."""
    place, records = domain, _dmarc_at(domain, texts)
    # Where the very domain has none, that of the organisation above it counts (RFC 7489, section 6.6.3).
    while not records and place.count(".") > 1:
        place = place.partition(".")[2]
        records = _dmarc_at(place, texts)
    if not records:
        return Published(
            "remark",
            f"{domain} has no DMARC record",
            f'publish the TXT record _dmarc.{domain} with "v=DMARC1; p=none"; large receivers ask for one',
        )
    if len(records) > 1:
        return Published(
            "wrong", f"{place} has {len(records)} DMARC records, so that none counts", "keep one of them"
        )
    tags = dict(_tags(records[0]))
    below = tags.get("sp") if place != domain else None
    policy = (below or tags.get("p", "")).lower()
    if policy not in ("none", "quarantine", "reject"):
        return Published(
            "wrong",
            f"the DMARC record of {place} says no policy that is known (p={_shown(policy)})",
            "set p to none, quarantine or reject",
        )
    if policy == "none":
        return Published("ok", f"p=none, at {place}: nothing is refused on its account")
    if spf_helps or dkim_helps:
        means = " and ".join([*(["SPF"] if spf_helps else []), *(["DKIM"] if dkim_helps else [])])
        return Published("ok", f"p={policy}, at {place}: letters have to pass by {means}, which it publishes")
    return Published(
        "wrong",
        f"{place} asks receivers to {'refuse' if policy == 'reject' else 'set aside'} letters that neither "
        "SPF nor DKIM vouch for, and neither was found",
        "let your mail service sign with DKIM for this domain, or send from a domain that it serves",
    )


def _dmarc_at(domain: str, texts: Texts) -> list[str]:
    return [text for text in texts(f"_dmarc.{domain}") if re.match(r"v=DMARC1\s*(;|$)", text)]


def _tags(text: str) -> Iterator[tuple[str, str]]:
    for match in _TAG.finditer(text):
        yield match[1].lower(), match[2]


def _shown(text: str) -> str:
    text = _CONTROL.sub(" ", text)
    return text if len(text) <= 120 else f"{text[:119]}…"
