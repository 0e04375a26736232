"""Which fields a letter uses, in any of its branches and in the files it takes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arsync.errors import FixSettings
from arsync.writing.templates import Templates

if TYPE_CHECKING:
    from jinja2 import Environment


def fields_used(templates: Templates, template: str, language: str) -> list[tuple[str, frozenset[str]]]:
    """For the text of a letter, and for its page where there is one: how messages call the file, and the
    names of the fields in it. Raises FixSettings for a template that is missing or cannot be parsed."""
    from arsync.writing.confined import Confined  # late: it is heavy

    environment = Confined(autoescape=True)
    return [
        (file.shown, frozenset(_names(environment, templates, file.name, set())))
        for file in templates.letter(template, language)
        if file is not None
    ]


def _names(environment: Environment, templates: Templates, name: str, seen: set[str]) -> set[str]:
    from jinja2 import TemplateSyntaxError, meta

    file = templates.get(name)
    if file is None or name in seen:
        return set()
    seen.add(name)
    try:
        tree = environment.parse(file.text, file.name, file.shown)
    except TemplateSyntaxError as error:
        raise FixSettings(f"template error: {error.message}", where=f"{file.shown}:{error.lineno}") from None
    found = set(meta.find_undeclared_variables(tree))
    for included in meta.find_referenced_templates(tree):
        if included is not None:
            found |= _names(environment, templates, included, seen)
    return found
