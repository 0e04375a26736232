"""Where the links of a letter lead: only where its template, or the letter's own data, says. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WEB = re.compile(r"(?:https?:)?//([^/?#\\\s]*)|(www\.[^/?#\\\s]*)", re.IGNORECASE)
_ACTING = re.compile(r"[\s\x00-\x1f]*(?:javascript|vbscript|file|blob|cid)\s*:", re.IGNORECASE)


def stray_link(address: str, templates: Iterable[str], own: Iterable[str]) -> bool:
    """Whether a link leads where neither the text of the ``templates`` nor one of the ``own`` texts of the
    letter has it. The host of a web address decides: what stands behind it may be filled in. Addresses of
    people (mailto:) are looked at where addresses are."""
    target = address.strip()
    folded = target.casefold()
    if not target or target.startswith("#") or folded.startswith("mailto:"):
        return False
    if _ACTING.match(target):
        return True
    own_texts = [text.casefold() for text in own]
    if any(folded.rstrip("…") in text for text in own_texts):  # a table shows the beginning of a long number
        return False
    sources = [*(text.casefold() for text in templates), *own_texts]
    web = _WEB.match(folded)
    if web is None:
        return not any(folded[:200] in text for text in sources)
    host = web[1] or web[2] or ""
    return not any(_has_host(text, host) for text in sources)


def _has_host(text: str, host: str) -> bool:
    """Whether the host stands in the text as a whole: not as a part of a longer one."""
    return bool(host) and re.search(rf"(?<![\w.@-]){re.escape(host)}(?![\w@-]|\.\w)", text) is not None
