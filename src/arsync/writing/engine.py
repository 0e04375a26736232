"""Jinja2 in a sandbox, and its complaints turned into places in a template's file."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.exceptions import TemplateNotFound, TemplateRuntimeError, UndefinedError
from markupsafe import Markup

from arsync.errors import FixSettings
from arsync.writing.confined import Confined, writable
from arsync.writing.fields import Vocabulary
from arsync.writing.growth import LONGEST, TooMuch, weigh
from arsync.writing.page import OPEN, SHUT
from arsync.writing.places import Misplaced, Places

if TYPE_CHECKING:
    from arsync.writing.templates import TemplateFile, Templates

_AROUND = Markup(f"{OPEN}{{}}{SHUT}")  # noqa: S704 - two control characters; `format` escapes the value
_NO_MARKS = str.maketrans("", "", OPEN + SHUT)
_UNKNOWN_NAME = re.compile(r"'([^']*)' is undefined")
_UNKNOWN_PART = re.compile(r"(\w+) object' has no attribute '([^']*)'")


class Engine:
    """Runs the templates of a practice. Raises FixSettings for whatever is wrong in one."""

    def __init__(self, templates: Templates) -> None:
        self._text = _environment(templates, html=False)
        self._html = _environment(templates, html=True)
        self._checked: set[str] = set()
        self._words = templates.vocabulary
        self._shown = {file.shown for file in templates.all()}

    def text(self, file: TemplateFile, values: Mapping[str, Any]) -> str:
        """The rendered text; what came from values stands between OPEN and SHUT."""
        return self._run(self._text, file, values)

    def html(self, file: TemplateFile, values: Mapping[str, Any]) -> str:
        """The rendered page; values are escaped, and stand where that makes them harmless."""
        return self._run(self._html, file, values)

    def _run(self, environment: Confined, file: TemplateFile, values: Mapping[str, Any]) -> str:
        environment.begin()
        try:
            template = environment.get_template(file.name)
            if file.name not in self._checked:
                _refuse_unknown_names(environment, file, self._words)
                self._checked.add(file.name)
            places = Places() if environment is self._html else None
            return "".join(_written(template.generate(**values), places))
        except FixSettings:
            raise
        except TemplateSyntaxError as error:
            shown = error.filename or file.shown
            raise FixSettings(f"template error: {error.message}", where=f"{shown}:{error.lineno}") from None
        except UndefinedError as error:
            raise _unknown(error, self._words, self._place(error, file)) from None
        except (RecursionError, MemoryError) as error:
            raise FixSettings(
                "the template never comes to an end, or is nested too deeply", where=self._place(error, file)
            ) from None
        except Exception as error:  # noqa: BLE001 - a template may raise whatever Python can
            raise FixSettings(f"template error: {error}", where=self._place(error, file)) from None

    def _place(self, error: BaseException, file: TemplateFile) -> str:
        """File and line in the template, from the frames that Jinja2 leaves in the traceback."""
        place, trace = file.shown, error.__traceback__
        while trace is not None:
            name = trace.tb_frame.f_code.co_filename
            if name in self._shown:
                place = f"{name}:{trace.tb_lineno}"
            trace = trace.tb_next
        return place


class _Loader(BaseLoader):
    def __init__(self, templates: Templates) -> None:
        self.templates = templates

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, None]:  # noqa: ARG002
        file = self.templates.get(template)
        if file is None:
            raise TemplateNotFound(template, f"there is no file {template!r} to take in")
        return file.text, file.shown, None


def _written(pieces: Generator[str, None, None], places: Places | None) -> Iterator[str]:
    """The pieces of a letter as they are made. What is wrong with one is raised in the template, whose line
    is then known."""
    size = 0
    for piece in pieces:
        size += len(piece.encode("utf-8", "replace"))
        try:
            if size > LONGEST:
                raise TooMuch(f"the letter grows over {LONGEST // 1000} kB")
            shown = piece if places is None else places.feed(piece)
        except (TooMuch, Misplaced) as problem:
            pieces.throw(TemplateRuntimeError(str(problem)))
        yield shown


def _environment(templates: Templates, *, html: bool) -> Confined:
    environment = Confined(
        loader=_Loader(templates),
        undefined=StrictUndefined,
        autoescape=html,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )

    def marked(value: object) -> str:
        shown = writable(value)
        environment.spend(weigh(shown))
        if html and isinstance(shown, Markup):  # the marks of what was written inside it stay
            return _AROUND.format(shown)
        text = str(shown).translate(_NO_MARKS)
        return _AROUND.format(text) if html else f"{OPEN}{text}{SHUT}"

    environment.finalize = marked
    return environment


def _refuse_unknown_names(environment: Confined, file: TemplateFile, words: Vocabulary) -> None:
    """Found in every branch, also in those that this letter does not take."""
    tree = environment.parse(file.text, file.name, file.shown)
    unknown = meta.find_undeclared_variables(tree) - words.fields.keys() - environment.globals.keys()
    if unknown:
        names = [node for node in tree.find_all(nodes.Name) if node.name in unknown]
        first = min(names, key=lambda node: (node.lineno, node.name))
        raise _unknown_field(first.name, words.fields, "the fields are", f"{file.shown}:{first.lineno}")


def _unknown(error: UndefinedError, words: Vocabulary, where: str) -> FixSettings:
    message = error.message or ""
    if (part := _UNKNOWN_PART.search(message)) and part[1] in words.parts:
        what, known = words.parts[part[1]]
        return _unknown_field(part[2], known, f"{what} has", where)
    if name := _UNKNOWN_NAME.search(message):
        return _unknown_field(name[1], words.fields, "the fields are", where)
    return FixSettings(f"template error: {message}; the fields are {', '.join(words.fields)}", where=where)


def _unknown_field(name: str, known: Mapping[str, str], opening: str, where: str) -> FixSettings:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return FixSettings(f"unknown field {name!r}; {hint}{opening}: {', '.join(known)}", where=where)
