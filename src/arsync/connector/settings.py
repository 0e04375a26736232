"""What a book's ``[books.NAME.connection]`` says, read by the connector that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec

from arsync.errors import FixSettings

Options = TypeVar("Options", bound=msgspec.Struct)

# A field of this type holds a reference such as "env:NAME", never the secret; it is resolved as it is read.
Secret = Annotated[str, msgspec.Meta(extra={"reference": "secret"})]
# A field of this type is no secret; it may be a reference all the same, so that the file can be shared.
Referable = Annotated[str, msgspec.Meta(extra={"reference": "allowed"})]
_REFERENCES = ("env:", "file:", "keyring:")


class ConnectionSettings:
    """The raw table of a book's connection, with the places of its keys for messages.

    ``server`` is the one address for every request of this book, or None for the vendor's hosts.
    ``folder`` is the practice's: a relative path in the settings starts there.
    """

    def __init__(
        self,
        book: str,
        table: Mapping[str, Any],
        *,
        where: Callable[[str | None], str],
        reveal: Callable[[str, str], str],
        folder: Path = Path(),
    ) -> None:
        """``where(key)`` names file and line of a key; ``reveal(key, reference)`` resolves a secret."""
        self.book, self.folder = book, folder
        self.server: str | None = table.get("server")
        self._table = {key: value for key, value in table.items() if key != "server"}
        self._where, self._reveal = where, reveal

    def read(self, shape: type[Options]) -> Options:
        """The table as the connector's own struct. Raises FixSettings for an unknown key, a wrong
        type, a missing key or a literal secret, naming file, line and what is allowed."""
        fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
        allowed = ", ".join([*fields, "server"])
        values: dict[str, Any] = {}
        for key, value in self._table.items():
            if key not in fields:
                near = get_close_matches(key, [*fields, "server"], n=1)
                hint = f"did you mean {near[0]!r}? " if near else ""
                raise self.wrong(key, f"unknown key; {hint}allowed here: {allowed}")
            values[key] = value
        for key, field in fields.items():
            if field.required and key not in values:
                raise self.wrong(key, f"this key is missing; the connection asks for: {allowed}")
        for key, field in fields.items():
            if key in values and (kind := _reference(field.type)):
                if kind == "allowed" and not str(values[key]).startswith(_REFERENCES):
                    continue
                if not isinstance(values[key], str):
                    raise self.wrong(
                        key, "a secret is a reference: env:NAME, file:PATH or keyring:SERVICE/NAME"
                    )
                values[key] = self._reveal(f"books.{self.book}.connection.{key}", values[key])
        for key, field in fields.items():
            if key in values:
                try:
                    values[key] = msgspec.convert(values[key], field.type)
                except msgspec.ValidationError as error:
                    raise self.wrong(key, _in_words(str(error))) from None
        return shape(**values)

    def wrong(self, key: str, problem: str) -> FixSettings:
        """The error for a key of this connection, with file and line; for a connector to raise.

        A key inside a table of the connection is written with a dot: ``columns.due``.
        """
        return FixSettings(problem, where=self._where(key), key=f"books.{self.book}.connection.{key}")


def _in_words(problem: str) -> str:
    """What msgspec complains of; of a number without quotation marks (a company's id) what to do."""
    if problem.startswith("Expected `str`, got `"):
        return 'this is a text, and stands in quotation marks: "..."'
    return problem.replace("`", "")


def _reference(kind: Any) -> str | None:
    """Whether a field's type asks for a reference ("secret") or allows one ("allowed")."""
    for option in (kind, *getattr(kind, "__args__", ())):
        for meta in getattr(option, "__metadata__", ()):
            if isinstance(meta, msgspec.Meta) and meta.extra and "reference" in meta.extra:
                return str(meta.extra["reference"])
    return None
