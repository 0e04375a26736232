"""The commands of `arsync policy`: what is in force and where it comes from, and what differs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from arsync.cli.books import books_argument, json_option, open_desk, practice_option
from arsync.cli.saying import clean, table, tell, tell_json
from arsync.cli.shapes import listed
from arsync.policy.differences import Difference, differences, override_words
from arsync.policy.rules import Policy, Step
from arsync.policy.trace import Traced, trace_book
from arsync.policy.value_words import step_conditions, where_words
from arsync.policy.when import when_words
from arsync.practice import (
    Practice,
    find_practice,
    load_book_policy,
    load_house_policy,
    load_practice,
    read_standard_policy,
)
from arsync.runs.policies import Looked, look
from arsync.store import Store
from arsync.store.linting import names


@click.group()
def policy() -> None:
    """Show the policy in force, or what differs from the house policy."""


@policy.command()
@click.argument("book")
@click.argument("customer", required=False)
@click.option("--invoice", metavar="N", help="One invoice of it, by number or id.")
@json_option
@practice_option
@click.pass_context
def show(
    ctx: click.Context,
    book: str,
    customer: str | None,
    invoice: str | None,
    as_json: bool,
    practice: Path | None,
) -> None:
    """Show every value in force in BOOK, for CUSTOMER (name or id) or one invoice, and where it comes
    from: built in, the practice's house policy, the book's policy, a segment, the customer, the invoice,
    or the floor of a profile."""
    if customer is None and invoice is None:
        settings = _practice(ctx, practice)
        [chosen] = settings.chosen([book])
        shape = _book_shape(book, load_book_policy(settings, chosen), settings)
    else:
        with open_desk(ctx, practice) as desk:
            opened = desk.one(book, "policy", letters=False)
            shape = _looked_shape(book, look(opened, customer, invoice), desk.practice)
    if as_json:
        tell_json(shape)
    else:
        _tell(shape)


@policy.command()
@books_argument
@json_option
@practice_option
@click.pass_context
def diff(ctx: click.Context, books: tuple[str, ...], as_json: bool, practice: Path | None) -> None:
    """Show what each book's policy says otherwise than the house policy, or than the standard one where
    the practice has no house policy: values, steps, ladders, segments, customers and invoices."""
    settings = _practice(ctx, practice)
    house = load_house_policy(settings)
    name = "standard policy" if house is None else f"house policy ({_near(str(settings.policy), settings)})"
    told = []
    for book in settings.chosen(books):
        own = load_book_policy(settings, book)
        found = differences(house or read_standard_policy(), own)
        told.append({
            "book": book.name,
            "house": None if settings.policy is None else _near(str(settings.policy), settings),
            "differences": [_difference(each, settings) for each in found],
        })  # fmt: skip
    if as_json:
        tell_json(told)
        return
    for each in told:
        _tell_differences(each, name)


def _practice(ctx: click.Context, practice: Path | None) -> Practice:
    """The settings alone: nothing is opened, and no secret is read."""
    return load_practice(find_practice(practice or ctx.obj.practice, os.environ, Path.cwd()))


# Shapes ------------------------------------------------------------------------------------------


def _book_shape(book: str, policy: Policy, practice: Practice) -> dict[str, Any]:
    return {
        "book": book,
        "policy": policy.name,
        "customer": None,
        "invoice": None,
        "values": [_value(each, practice) for each in trace_book(policy)],
        "ladder": [_step(step) for step in policy.steps],
        "ladders": {name: [_step(step) for step in steps] for name, steps in policy.ladders.items()},
        "segments": [
            {
                "name": segment.name,
                "where": where_words(segment.where),
                "values": override_words(segment.values),
                "source": _near(policy.sources.get(f"segments.{segment.name}", ""), practice) or None,
            }
            for segment in policy.segments
        ],
        "customers": list(policy.customers),
        "invoices": list(policy.invoices),
        "unknown": _unknown(book, policy, practice),
    }


def _looked_shape(book: str, looked: Looked, practice: Practice) -> dict[str, Any]:
    debtor, debt = looked.debtor, looked.debt
    return {
        "book": book,
        "policy": looked.policy.name,
        "customer": {"id": debtor.id, "name": debtor.name},
        "invoice": None if debt is None else {"id": debt.id, "number": debt.number},
        "values": [_value(each, practice) for each in looked.values],
        "ladder": [_step(step) for step in looked.policy.steps],
    }


def _value(traced: Traced, practice: Practice) -> dict[str, Any]:
    source = _near(traced.source, practice) or None
    return {"key": traced.key, "value": traced.value, "level": traced.level, "source": source}


def _step(step: Step) -> dict[str, Any]:
    return {
        "step": step.name,
        "when": when_words(step.offset),
        "does": step.does,
        "template": step.template if step.does == "message" else None,
        "conditions": step_conditions(step),
    }


def _difference(found: Difference, practice: Practice) -> dict[str, Any]:
    source = _near(found.source, practice) or None
    return {"key": found.key, "house": found.house, "book": found.book, "source": source}


def _unknown(book: str, policy: Policy, practice: Practice) -> dict[str, list[str]] | None:
    """Names in the policy that the book does not have; None where the book was never synced."""
    if not practice.database.is_file():
        return None
    with Store.open(practice.database) as store:
        known = names(store, book)
    if not known.synced:
        return None
    return {
        "customers": [name for name in policy.customers if name.casefold() not in known.customers],
        "invoices": [name for name in policy.invoices if name.casefold() not in known.invoices],
    }


def _near(source: str, practice: Practice) -> str:
    """A file of the practice without its folder."""
    return source.removeprefix(f"{practice.folder}/")


# Words -------------------------------------------------------------------------------------------


def _tell(shape: dict[str, Any]) -> None:
    whom = shape["customer"]
    about = f", {clean(whom['name'])} ({whom['id']})" if whom else ""
    if shape["invoice"]:
        about += f", invoice {clean(shape['invoice']['number'] or shape['invoice']['id'])}"
    tell(f"{shape['book']}: policy {clean(shape['policy'])}{about}")
    rows = [
        (each["key"], each["value"], " ".join(filter(None, (each["level"], _beside(each["source"])))))
        for each in shape["values"]
    ]
    table(["value", "in force", "from"], rows)
    tell()
    _tell_ladder("step", shape["ladder"])
    for name, steps in shape.get("ladders", {}).items():
        tell()
        _tell_ladder(f"ladder {name}", steps)
    for segment in shape.get("segments", ()):
        values = ", ".join(f"{key} {value}" for key, value in segment["values"].items())
        tell(f"segment {clean(segment['name'])}: {clean(segment['where'])}{values and f': {clean(values)}'}")
    for key in ("customers", "invoices"):
        if shape.get(key):
            tell(f"{key} with a policy of their own: {listed(map(clean, shape[key]))}")
        if unknown := (shape.get("unknown") or {}).get(key):
            tell(f"{key} that this book does not have: {listed(map(clean, unknown))}")


def _beside(source: str | None) -> str:
    return f"({source})" if source else ""


def _tell_ladder(heading: str, steps: Sequence[dict[str, Any]]) -> None:
    table(
        [heading, "when", "does", "besides"],
        [
            (step["step"], step["when"], _does(step), ", ".join(step["conditions"]))
            for step in steps
        ],
    )  # fmt: skip


def _does(step: dict[str, Any]) -> str:
    return f"{step['does']} {step['template']}" if step["template"] else str(step["does"])


def _tell_differences(told: dict[str, Any], house: str) -> None:
    found = told["differences"]
    if not found:
        tell(f"{told['book']}: as the {house}")
        return
    tell(f"{told['book']}: other than the {house}")
    table(
        ["value", "house", "book", "from"],
        [(each["key"], each["house"] or "-", each["book"] or "-", each["source"] or "") for each in found],
    )
