"""The named steps of a run, as places in its code: what happens at each is in its name.

A place is what ``traps`` calls a point, with how often it has to be met. "COMMIT" and "sent" are calls into
SQLite and into a socket: a kill before the call and one after it are two cases.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Place(NamedTuple):
    name: str
    event: str
    function: str
    builtin: str | None = None
    inside: str | None = None
    n: int = 1

    def trap(self, act: str, step: int = 0) -> dict[str, Any]:
        point = [self.event, self.function, self.builtin, self.inside]
        return {"act": act, "at": "point", "n": self.n, "point": point, "step": step}


def request(name: str, inside: str, n: int = 1) -> Place:
    """A request is on the wire and its answer has not come."""
    return Place(name, "c_return", "client.HTTPConnection.send", "sendall", inside, n)


def commit(name: str, inside: str, *, after: bool, n: int = 1) -> Place:
    """Before or after the COMMIT of the n-th transaction in a function; BEGIN comes before it."""
    event = "c_return" if after else "c_call"
    return Place(name, event, "Store.writing", "execute", inside, 2 * n)


def smtp(name: str, inside: str, *, after: bool, n: int = 1) -> Place:
    """Before or after some bytes of a message's transaction were written to the mail server."""
    event = "c_return" if after else "c_call"
    return Place(name, event, "SMTP.send", "sendall", f"transaction.{inside}", n)


BEGINNING = [
    Place("the practice is read, nothing is open", "call", "opening.connect"),
    commit("before the claim's COMMIT", "leases.claim", after=False),
    Place("the book is claimed", "return", "leases.claim"),
]
TOKENS = [
    Place("before a token is asked for", "call", "Http.token_call"),
    request("while a token is rotated at the service", "Http.token_call"),
    Place("a token was rotated and not saved", "return", "Http.token_call"),
    commit("before the COMMIT of a rotated token", "BookTokens.save", after=False),
    Place("a rotated token was saved and not used", "return", "BookTokens.save"),
]
PULLING = [
    Place("while a call is counted", "c_call", "SQLiteBucket.put", "execute"),
    request("during the request of a page", "sync._pull"),
    request("during the request of a later page", "sync._pull", 2),
    Place("a page has come and is not stored", "call", "pull.store_page"),
    commit("before the COMMIT of a page and its cursor", "pull.store_page", after=False),
    commit("after the COMMIT of a page and its cursor", "pull.store_page", after=True),
    Place("a page is stored, the next is not asked for", "return", "pull.store_page"),
]
DECIDING = [
    Place("the plan is made", "return", "planning.make_plan"),
    commit("before the COMMIT of a release", "outbox.approve", after=False),
    Place("what the plan sends is released", "return", "outbox.approve"),
]
SENDING = [
    Place("the mail server is connected", "return", "Mailer.open"),
    request("while the debts are read again", "send.read_again"),
    Place("the debts are read again", "return", "send.read_again"),
    commit("before the COMMIT of a hand-over", "deliver._handed_over", after=False),
    commit("after the COMMIT of a hand-over", "deliver._handed_over", after=True),
    Place("handed over, before the first byte", "call", "Mailer.deliver"),
    smtp("after MAIL FROM", "_announce", after=True),
    smtp("after DATA", "_announce", after=True, n=3),
    smtp("in the middle of the text", "_send_body", after=True),
    Place("before the end of the text", "call", "transaction._finish"),
    smtp("right before the final dot", "_end", after=False),
    smtp("right after the final dot", "_end", after=True),
    Place(
        "the final dot is written, the answer is not read", "call", "SMTP.getreply", None, "transaction._end"
    ),
    Place("the mail server accepted, before the commit", "return", "Mailer.deliver"),
    commit("before the COMMIT of what was sent", "delivery.delivered", after=False),
    commit("after the COMMIT of what was sent", "delivery.delivered", after=True),
    Place("the second one is handed over", "return", "deliver._handed_over", n=2),
    smtp("right after the second final dot", "_end", after=True, n=2),
    Place("the second one was accepted, before the commit", "return", "Mailer.deliver", n=2),
    Place("both are sent and stored", "return", "delivery.delivered", n=2),
]
NOTING = [
    Place("after the commit, before any note", "call", "note.write_notes"),
    commit("before the COMMIT of the notes to be written", "notes.take", after=False),
    Place("notes are taken, none is written", "return", "notes.take"),
    *(request(f"during request {n} for the notes", "note.write_notes", n) for n in (1, 2, 3, 4)),
    Place("notes are written, before the receipts", "call", "notes.receipts"),
    commit("before the COMMIT of the receipts", "notes.receipts", after=False),
    Place("the receipts are stored", "return", "notes.receipts"),
]
ENDING = [
    Place("before the release", "call", "leases.release"),
    commit("before the COMMIT of the release", "leases.release", after=False),
    Place("the book is released", "return", "leases.release"),
]


def every_commit(how_many: int) -> list[Place]:
    """Before and after each COMMIT of a command."""
    return [
        Place(f"{'after' if after else 'before'} COMMIT {n}", event, "Store.writing", "execute", None, 2 * n)
        for n in range(1, how_many + 1)
        for after, event in ((False, "c_call"), (True, "c_return"))
    ]


def _of(places: list[Place], *words: str) -> list[Place]:
    return [place for place in places if any(word in place.name for word in words)]


_WHOLE_RUN = [*BEGINNING, *TOKENS, *PULLING, *DECIDING, *SENDING, *NOTING, *ENDING]
# Where a vendor's own part is at work.
_WITH_THE_SERVICE = [*TOKENS, *PULLING, *_of(SENDING, "read again"), *NOTING]
# What a run does one after the other a command does alone: its own steps once more. A decision does not
# ask the vendor.
_ALONE = {
    "sync": [*_of(TOKENS, "not saved"), *_of(PULLING, "COMMIT")],
    "first sync": [
        commit(f"{'after' if after else 'before'} COMMIT of page {n}", "pull.store_page", after=after, n=n)
        for n in (1, 2)
        for after in (False, True)
    ],
    "send": _of(SENDING, "COMMIT of what was sent", "COMMIT of a hand-over", "right after the final dot"),
    "note": _of(NOTING, "receipts"),
    "approve": every_commit(2),
    "hold": every_commit(2),
    "done": every_commit(2),
}
KILLS = [
    *(("quickbooks", "run", place) for place in _WHOLE_RUN),
    *(("xero", "run", place) for place in _WITH_THE_SERVICE),
    *(("quickbooks", command, place) for command, places in _ALONE.items() for place in places),
    *(("xero", "first sync", place) for place in _ALONE["first sync"]),
]
# One that stops before its claim has no lease to lose, and one that stops after its release neither.
_CLAIMED = [place for place in _WHOLE_RUN if place not in (*BEGINNING[:2], ENDING[-1])]
FREEZES = [
    *(("quickbooks", place) for place in _CLAIMED),
    *(("xero", place) for place in _WITH_THE_SERVICE),
]
