"""Mistakes of a book's policy: what its files show, what its templates lack, and what its records tell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from arsync.policy.lint import Finding, lint
from arsync.policy.rules import Policy, Step
from arsync.store import Store
from arsync.store import linting as records
from arsync.writing import Templates
from arsync.writing.needs import fields_used

# What every letter has to say: which invoices, and how much is asked for. The table says both.
ABOUT = frozenset({"invoices", "invoice_table"})
AMOUNTS = frozenset({"invoice_table", "total", "asked", "net"})
OFFERED = frozenset({"discount", "discounted", "discount_until"})


def lint_book(policy: Policy, templates: Templates, language: str) -> list[Finding]:
    """What is wrong with a policy and its templates; no record is looked at."""
    return [*lint(policy), *_templates(policy, templates, language)]


def lint_records(store: Store, book: str, policy: Policy, today: date) -> list[Finding]:
    """What the records of a book show to be wrong: holds that never end, customers whom no step reaches,
    and names in the policy that nobody has."""
    return [
        *_endless(book, records.endless_holds(store, book), today),
        *_unreached(store, book, policy),
        *_strangers(store, book, policy),
    ]


def _templates(policy: Policy, templates: Templates, language: str) -> Iterator[Finding]:
    told: set[tuple[str, str]] = set()
    for step in policy.every_step:
        if step.does != "message":
            continue
        for each in dict.fromkeys((language, *templates.languages(step.template))):
            for shown, used in fields_used(templates, step.template, each):
                for what, needed in _lacking(step, used):
                    if (shown, what) not in told:
                        told.add((shown, what))
                        yield Finding(
                            "template-field",
                            shown,
                            f"the letter of the step {step.name!r} does not say {what}: it uses none of "
                            f"{', '.join(sorted(needed))}",
                        )


def _lacking(step: Step, used: Collection[str]) -> Iterator[tuple[str, frozenset[str]]]:
    if not ABOUT.intersection(used):
        yield "which invoices it is about", ABOUT
    if not AMOUNTS.intersection(used):
        yield "how much is asked for", AMOUNTS
    if step.offer is not None and not OFFERED.intersection(used):
        yield "the discount that the step offers", OFFERED


def _endless(book: str, holds: Iterable[records.EndlessHold], today: date) -> Iterator[Finding]:
    for hold in holds:
        days = (today - hold.put_on).days if hold.put_on else 0
        old = f", since {hold.put_on} ({days} days)" if hold.put_on else ""
        yield Finding(
            "endless-hold",
            f"book {book}",
            f"{hold.target} {hold.label} is held as {hold.reason} without an end{old}: give it one with "
            f"`arsync hold {book} {hold.target}:{hold.target_id} --reason {hold.reason} --until DATE`",
        )


def _unreached(store: Store, book: str, policy: Policy) -> Iterator[Finding]:
    """Messages alone reach nobody who has no address: somebody has to call or write."""
    if any(step.does in ("call", "letter") for step in policy.every_step):
        return
    named = {name.casefold() for name, terms in policy.customers.items() if terms.to}
    without = [
        name
        for id_, name in records.without_address(store, book)
        if id_.casefold() not in named and name.casefold() not in named
    ]
    if without:
        shown = ", ".join(repr(name) for name in without[:3])
        more = f" and {len(without) - 3} more" if len(without) > 3 else ""
        yield Finding(
            "missing-fallback",
            f"book {book}",
            f"no step reaches {shown}{more}: there is no e-mail address in the accounting system. Enter one, "
            'give them one with to = ["..."] under [customers."NAME"], or add a step that does a call or '
            "a letter",
            fails=False,
        )


def _strangers(store: Store, book: str, policy: Policy) -> Iterator[Finding]:
    known = records.names(store, book)
    for kind, written, there in (
        ("customer", policy.customers, known.customers),
        ("invoice", policy.invoices, known.invoices),
    ):
        for name in written:
            if known.synced and name.casefold() not in there:
                yield Finding(
                    "unknown-name",
                    policy.sources.get(f"{kind}s.{name}", ""),
                    f"the book {book} has no {kind} {name!r}: what stands there is for nobody in it",
                    fails=False,
                )
