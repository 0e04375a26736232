"""The command lint: mistakes of policies, fit for a check before a change of them is merged."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from arsync.cli.books import books_argument, json_option, practice_option
from arsync.cli.saying import say, tell, tell_json
from arsync.cli.shapes import count
from arsync.opening import clock_from
from arsync.policy.lint import Finding
from arsync.practice import Practice, find_practice, load_book_policy, load_practice
from arsync.practice_books import BookSettings
from arsync.runs.lint import lint_book, lint_records
from arsync.store import Store
from arsync.writing import Templates, check_templates, load_templates


@click.command()
@books_argument
@click.option("--files", is_flag=True, help="Look at the files alone, not at what the books hold.")
@json_option
@practice_option
@click.pass_context
def lint(
    ctx: click.Context, books: tuple[str, ...], files: bool, as_json: bool, practice: Path | None
) -> None:
    """Find mistakes in policies: steps out of reach, contacts within the gap, a softer step after a firmer
    one, holds that never end, letters that lack what they have to say, values a profile overrules.

    Nothing is connected to, and no secret is read. Exit status: 0 nothing is wrong (remarks are no
    mistakes), 1 something is, 2 a file cannot be read.
    """
    settings = load_practice(find_practice(practice or ctx.obj.practice, os.environ, Path.cwd()))
    templates = load_templates(settings.templates)
    today = None if files or not settings.database.is_file() else _today()
    found = {
        book.name: _shown(settings.folder, _of(settings, book, templates, today))
        for book in settings.chosen(books)
    }
    if as_json:
        tell_json([_shape(name, finding) for name, each in found.items() for finding in each])
    else:
        for name, each in found.items():
            _tell(name, each)
    ctx.exit(int(any(finding.fails for each in found.values() for finding in each)))


def _today() -> date:
    clock, replaced = clock_from(os.environ)
    if replaced:
        say(replaced)
    return clock().date()


def _of(practice: Practice, book: BookSettings, templates: Templates, today: date | None) -> list[Finding]:
    """The findings of a book; without a day those of its files alone."""
    policy = load_book_policy(practice, book)
    check_templates(policy, templates, book.language)
    found = lint_book(policy, templates, book.language)
    if today is None:
        return found
    with Store.open(practice.database) as store:
        return found + lint_records(store, book.name, policy, today)


def _shown(folder: Path, found: list[Finding]) -> list[Finding]:
    """Files of the practice are told without its folder, so that two checkouts say the same."""
    return [replace(it, where=it.where.removeprefix(f"{folder}/")) for it in found]


def _tell(book: str, findings: list[Finding]) -> None:
    wrong = [finding for finding in findings if finding.fails]
    if not wrong:
        remarks = f" ({count(len(findings), 'remark')})" if findings else ""
        tell(f"{book}: nothing is wrong{remarks}")
    else:
        tell(f"{book}: {count(len(wrong), 'mistake')}")
    for finding in sorted(findings, key=lambda it: not it.fails):
        lead = "mistake" if finding.fails else "remark"
        where = f"{finding.where}: " if finding.where else ""
        tell(f"  {lead} [{finding.rule}] {where}{finding.problem}")


def _shape(book: str, finding: Finding) -> dict[str, Any]:
    return {
        "book": book,
        "rule": finding.rule,
        "where": finding.where or None,
        "problem": finding.problem,
        "mistake": finding.fails,
    }
