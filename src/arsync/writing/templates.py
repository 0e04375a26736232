"""The templates of a practice over those that ship, read once and looked up by name and language."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from arsync.errors import FixSettings
from arsync.files import nearest
from arsync.writing.fields import LETTERS, Vocabulary

if TYPE_CHECKING:
    from arsync.writing.engine import Engine

_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*\.(?:txt|html)")
_LANGUAGE = re.compile(r"\.(?!txt|htm)[A-Za-z]{2,3}(?:_[A-Za-z0-9]+)*$")
_NOT_TEMPLATES = {"README.txt"}
LARGEST = 200_000
"""Bytes of a template's file; a letter is no larger either."""
_ACTING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # they would pass for the renderer's own marks


class TemplateFile(msgspec.Struct, frozen=True):
    """A template's text, and how messages call its file. ``own``: it is the practice's, not a shipped one."""

    name: str
    shown: str
    text: str
    own: bool


class Templates:
    """All templates by file name; a practice's own come before those that ship."""

    def __init__(
        self,
        own: Mapping[str, TemplateFile],
        shipped: Mapping[str, TemplateFile],
        place: str,
        passed_over: Collection[str] = (),
        vocabulary: Vocabulary = LETTERS,
    ) -> None:
        """``place`` is how messages call the practice's folder; ``passed_over`` are files in it that look
        like templates and whose names cannot be one's. ``vocabulary`` is what they may write."""
        self._layers, self._place, self._passed_over = (own, shipped), place, passed_over
        self.vocabulary = vocabulary

    @cached_property
    def engine(self) -> Engine:
        """What compiles and runs these templates."""
        from arsync.writing.engine import Engine  # late: it brings Jinja2

        return Engine(self)

    def get(self, name: str) -> TemplateFile | None:
        """The file of that name."""
        return next((layer[name] for layer in self._layers if name in layer), None)

    def all(self) -> Iterator[TemplateFile]:
        """Every file, also a shipped one behind a practice's own of the same name."""
        for layer in self._layers:
            yield from layer.values()

    def letter(self, template: str, language: str) -> tuple[TemplateFile, TemplateFile | None]:
        """The text of a template in the nearest language, and its HTML in the same one where there is any.

        In the practice's own files and then in those that ship, "fr_CA" looks for `.fr_CA.`, `.fr.` and
        the plain name. Raises FixSettings naming the places looked at and the templates that exist.
        """
        parts = language.split("_")
        endings = [f".{'_'.join(parts[:count])}" for count in range(len(parts), 0, -1)]
        for layer in self._layers:
            for ending in (*endings, ""):
                text = layer.get(f"{template}{ending}.txt")
                if text is not None:
                    html = self.get(f"{template}{ending}.html")
                    # An own text is not sent beside a shipped page that says something else.
                    return text, html if html is not None and html.own >= text.own else None
        raise FixSettings(
            f"there is no template {template!r}: {template}.txt is neither in {self._place} nor among "
            f"those that ship; there are: {', '.join(self.names()) or 'none'}"
        )

    def strays(self, used: Collection[str]) -> Iterator[str]:
        """A sentence on each file of the practice's own that nothing reads: it is no template of a step
        (``used`` are theirs), takes no shipped one's place, and no other file names it."""
        own, shipped = self._layers
        known = sorted({*used, *(name.removesuffix(".txt") for name in shipped)})
        for name in sorted({*own, *self._passed_over}):
            whole = name.rpartition(".")[0]
            template = _LANGUAGE.sub("", whole)
            if name in own and (whole in known or template in known or self._is_named(name)):
                continue
            yield (
                f"{self._place}/{name} is not read: no step has a template of this name; "
                f"{nearest(template.replace(' ', '-'), known)}the templates are: {', '.join(known)}"
            )

    def _is_named(self, name: str) -> bool:
        """Another file takes it in, as ``{% include 'footer.txt' %}`` does."""
        return any(name in file.text for file in self.all() if file.name != name)

    def languages(self, template: str) -> list[str]:
        """The languages for which a template has a text of its own."""
        pattern = re.compile(rf"{re.escape(template)}\.([A-Za-z]{{2,3}}(?:_[A-Za-z0-9]+)*)\.txt")
        found = (pattern.fullmatch(name) for layer in self._layers for name in layer)
        return sorted({match[1] for match in found if match})

    def names(self) -> list[str]:
        """The names a step can give, with those of language variants."""
        return sorted(
            {name.removesuffix(".txt") for layer in self._layers for name in layer if name.endswith(".txt")}
        )


def load_templates(
    folder: Path | None,
    *,
    kind: Literal["templates", "scripts"] = "templates",
    vocabulary: Vocabulary = LETTERS,
) -> Templates:
    """The templates of a practice's folder, which need not exist, over those of that ``kind`` that ship.

    Raises FixSettings for a file that cannot be read, and for one in the place of the folder.
    """
    shipped = dict(_read(files("arsync") / "standard" / kind, own=False))
    if folder is not None and folder.is_file():
        raise FixSettings(
            f"this is a file; the {kind} of the practice go into a folder of this name", where=str(folder)
        )
    if folder is None or not folder.is_dir():
        return Templates({}, shipped, str(folder) if folder else f"a {kind} folder", vocabulary=vocabulary)
    passed_over = [each.name for each in folder.iterdir() if _is_misnamed(each)]
    return Templates(dict(_read(folder, own=True)), shipped, str(folder), passed_over, vocabulary)


def _is_misnamed(file: Path) -> bool:
    """A text or a page whose name has spaces or other signs that no template's name has."""
    ending = file.suffix.lower() in (".txt", ".html", ".htm", ".text")
    return ending and not _FILE.fullmatch(file.name) and not file.name.startswith(".") and file.is_file()


def _read(folder: Traversable | Path, *, own: bool) -> Iterator[tuple[str, TemplateFile]]:
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name in _NOT_TEMPLATES or not _FILE.fullmatch(file.name) or not file.is_file():
            continue
        shown = str(file) if own else f"{file.name} (shipped)"
        try:
            content = file.read_bytes()
            if len(content) > LARGEST:
                raise FixSettings(f"a template has at most {LARGEST // 1000} kB", where=shown)
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FixSettings("this is not UTF-8 text; save the file as UTF-8", where=shown) from None
        except OSError as error:
            raise FixSettings(f"cannot be read: {error.strerror}", where=shown) from None
        text = _ACTING.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
        yield file.name, TemplateFile(file.name, shown, text, own)
