"""A view and a template become subject, text and HTML; and the templates of a policy are proved early."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

from arsync.errors import FixSettings
from arsync.policy.rules import Policy, Step
from arsync.writing.fields import locale_of, values_of
from arsync.writing.page import OPEN, SHUT, TABLE, page_of, plain_of
from arsync.writing.plain_text import plain_line
from arsync.writing.table import html_table, text_table
from arsync.writing.templates import TemplateFile, Templates
from arsync.writing.view import LetterLine, LetterView

LONGEST_SUBJECT = 200


class Rendered(msgspec.Struct, frozen=True):
    """What a letter says: one line of subject, a plain text, and an HTML page of the same content."""

    subject: str
    text: str
    html: str


def render(templates: Templates, template: str, view: LetterView) -> Rendered:
    """The letter of a template for a view. Raises FixSettings for a template that is missing or wrong."""
    from markupsafe import Markup

    text_file, html_file = templates.letter(template, str(locale_of(view.language)))
    values = values_of(view)
    marked = _with_opt_out(templates.engine.text(text_file, {**values, "invoice_table": TABLE}), values)
    subject, _, body = marked.partition("\n")
    text = plain_of(body, text_table(view))
    if html_file is None:
        html = page_of(body, html_table(view), view.language)
    else:
        # Safe: the table's cells are escaped where they are written.
        table = Markup(html_table(view))  # noqa: S704 - see above
        html = templates.engine.html(html_file, {**values, "invoice_table": table})
        html = _page_with_opt_out(html, str(values["opt_out_line"]))
    return Rendered(_subject(subject, text_file), _some(text, text_file), html)


def _with_opt_out(marked: str, values: Mapping[str, object]) -> str:
    """The opt-out line stands at the end of a letter whose template did not write it."""
    line = str(values["opt_out_line"])
    if line in marked.replace(OPEN, "").replace(SHUT, ""):  # also where a macro wrote it
        return marked
    return f"{marked.rstrip()}\n\n{OPEN}{line}{SHUT}\n"


def _page_with_opt_out(page: str, line: str) -> str:
    from markupsafe import escape

    written = str(escape(line))
    if not line or written in page:
        return page
    before, body, after = page.rpartition("</body>")
    return f"{before}<p>{written}</p>\n{body}{after}" if body else f"{page}\n<p>{written}</p>\n"


def _subject(line: str, file: TemplateFile) -> str:
    if TABLE in line:
        raise FixSettings(
            "the first line is the subject; it has no room for a table", where=f"{file.shown}:1"
        )
    subject = plain_line(line.replace(OPEN, "").replace(SHUT, ""), LONGEST_SUBJECT)
    if not subject:
        raise FixSettings("the first line is the subject; it must not be empty", where=f"{file.shown}:1")
    return subject


def _some(text: str, file: TemplateFile) -> str:
    if not text.strip():
        raise FixSettings("the letter below the subject is empty", where=file.shown)
    return text


def check_templates(policy: Policy, templates: Templates, language: str = "en") -> None:
    """Prove that every message of a policy finds its template and that it renders, in the book's
    language and in all others it has. Raises FixSettings."""
    for step in policy.every_step:
        if step.does == "message":
            for each in dict.fromkeys((language, *templates.languages(step.template))):
                for view in _samples(step, each):
                    _prove(step, templates, view)


def _prove(step: Step, templates: Templates, view: LetterView) -> None:
    try:
        render(templates, step.template, view)
    except FixSettings as error:
        if error.where:
            raise
        raise FixSettings(error.problem, key=f"step {step.name!r}") from None


def _samples(step: Step, language: str) -> tuple[LetterView, ...]:
    """A letter about two invoices with a credit beside them; one about a single invoice; and one with
    everything else that a letter may say."""
    today = date(2026, 11, 23)
    due = today - timedelta(days=step.offset)
    line = LetterLine(
        number="INV-7",
        issued_on=due - timedelta(days=30),
        due_on=due,
        days_overdue=step.offset,
        total=12000,
        open=12000,
    )
    older = LetterLine(
        number="INV-3", issued_on=None, due_on=date(2026, 8, 1), days_overdue=114, total=9000, open=8000
    )
    both = LetterView(
        customer_name="Norrland Joinery Ltd",
        company="Acme Ltd",
        sender_name="Acme Accounts",
        sender_address="ar@acme.example",
        reply_to="ar@acme.example",
        step=step.name,
        lines=(older, line),
        currency="EUR",
        unapplied=5000,
        today=today,
        language=language,
    )
    parts = msgspec.structs.replace(line, disputed=3000, not_due=4000, instalment=True)
    rich = {
        "discount": 200,
        "discount_until": today + timedelta(days=7),
        "opt_out": True,
        "first_letter": True,
    }
    return (
        both,
        msgspec.structs.replace(both, lines=(line,), unapplied=0),
        msgspec.structs.replace(both, lines=(older, parts), **rich),
    )
