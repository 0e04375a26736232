"""Every key of a TOML text is found on the line on which it was written, whatever the style of writing."""

import json
import tomllib
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.toml_lines import Key, lines_of

texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=8
)
scalars = st.integers(-99, 99) | st.booleans() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(texts, values, max_size=5)


class Writer:
    """Writes a document in a random style and keeps the line of each key as it goes."""

    def __init__(self, random: Random) -> None:
        self.random, self.text = random, ""
        self.lines: dict[Key, int] = {}

    def now(self) -> int:
        return self.text.count("\n") + 1

    def note(self, path: Key) -> None:
        self.lines.setdefault(path, self.now())

    def gap(self) -> str:
        return self.random.choice(["", " ", "\n", "\n# a [comment] = {\n", ' # ]]} "\n\t'])

    def name(self, name: str) -> str:
        if name and name.isascii() and name.isalnum() and self.random.random() < 0.7:
            return name
        if name.isprintable() and "'" not in name and self.random.random() < 0.5:
            return f"'{name}'"
        return json.dumps(name, ensure_ascii=False)

    def table(self, table: dict[str, Any], path: Key, spelled: list[str]) -> None:
        """The plain keys of a table first, then the tables below it under headers of their own."""
        headed: list[tuple[str, Any]] = []
        for name, value in table.items():
            tables = isinstance(value, dict) or (
                isinstance(value, list) and value and all(isinstance(each, dict) for each in value)
            )
            if tables and self.random.random() < 0.6:
                headed.append((name, value))
            else:
                self.text += self.random.choice(["", "  ", "\n", "# x = 1\n"])
                self.assignment((*path,), [], name, value)
                self.text += self.random.choice(["\n", " # = end\n", "\n\n"])
        for name, value in headed:
            below, tag = (*path, name), self.name(name)
            if isinstance(value, dict):
                self.header("[", below, [*spelled, tag])
                self.table(value, below, [*spelled, tag])
                continue
            for index, each in enumerate(value):
                if index == 0:
                    self.text += "\n"
                    self.note(below)
                    self.text = self.text.removesuffix("\n")
                self.header("[[", (*below, index), [*spelled, tag])
                self.table(each, (*below, index), [*spelled, tag])

    def header(self, opening: str, path: Key, spelled: list[str]) -> None:
        self.text += "\n"
        self.lines[path] = self.now()
        self.text += opening + " . ".join(spelled) + opening.replace("[", "]") + "\n"

    def assignment(self, path: Key, prefix: list[str], name: str, value: Any) -> None:
        path, spelled = (*path, name), [*prefix, self.name(name)]
        self.note(path)
        if isinstance(value, dict) and len(value) == 1 and self.random.random() < 0.5:
            ((inner, below),) = value.items()
            self.assignment(path, spelled, inner, below)
            return
        self.text += self.random.choice([".", " . "]).join(spelled) + self.random.choice(["=", " = "])
        self.value(path, value)

    def value(self, path: Key, value: Any) -> None:
        if isinstance(value, dict):
            self.text += "{"
            for index, (name, inner) in enumerate(value.items()):
                self.text += ", " if index else " "
                self.assignment(path, [], name, inner)
            self.text += " }"
        elif isinstance(value, list):
            self.text += "["
            for index, inner in enumerate(value):
                self.text += ("," if index else "") + self.gap()
                self.note((*path, index))
                self.value((*path, index), inner)
            self.text += self.gap() + "]"
        elif isinstance(value, str) and "\\" not in value and self.random.random() < 0.3:
            body = json.dumps(value, ensure_ascii=False)[1:-1].replace("\\n", "\n")
            self.text += f'"""\n{body}"""'
        else:
            self.text += json.dumps(value, ensure_ascii=False)


@given(documents, st.randoms(use_true_random=False))
def test_each_key_is_found_on_its_line(document: dict[str, Any], random: Random) -> None:
    writer = Writer(random)
    writer.table(document, (), [])

    assert tomllib.loads(writer.text) == document  # or the writer above is wrong
    assert lines_of(writer.text) == writer.lines


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ('a = """\n# b = 1\n""""\nb = 2', ("b",), 4),
        ("a = '''\n]'''''\nb = 2", ("b",), 3),
        ('a = "\\"#"\n"b.c" = 2', ("b.c",), 2),
        ("[x]\n[[x.y]]\n[[x.y]]\n[x.y.z]\nk = 1979-05-27 07:32:00 # k", ("x", "y", 1, "z", "k"), 5),
        ("[x.y]\n\n[x]\nk=1", ("x",), 3),
        ("a = [\n  { b = 1 },\n  { b = [ 1,\n 2 ] }, # last\n]\n", ("a", 1, "b", 1), 4),
    ],
)  # fmt: skip
def test_odd_places(text: str, path: Key, line: int) -> None:
    tomllib.loads(text)
    assert lines_of(text)[path] == line
