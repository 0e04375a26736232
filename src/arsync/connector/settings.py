"""What a book's ``[books.NAME.connection]`` says, read by the connector that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar

import msgspec

from arsync.errors import FixSettings

Options = TypeVar("Options", bound=msgspec.Struct)

# A field of this type holds a reference such as "env:NAME"; it is resolved when it is read.
Secret = Annotated[str, msgspec.Meta(extra={"secret": True})]


class ConnectionSettings:
    """The raw table of a book's connection, with the places of its keys for messages.

    ``server`` is the one address for every request of this book, or None for the vendor's hosts.
    """

    def __init__(
        self,
        book: str,
        table: Mapping[str, Any],
        *,
        where: Callable[[str | None], str],
        reveal: Callable[[str, str], str],
    ) -> None:
        """``where(key)`` names file and line of a key; ``reveal(key, reference)`` resolves a secret."""
        self.book = book
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
                near = get_close_matches(key, fields, n=1)
                hint = f"did you mean {near[0]!r}? " if near else ""
                raise self._wrong(key, f"unknown key; {hint}allowed here: {allowed}")
            values[key] = value
        for key, field in fields.items():
            if field.required and key not in values:
                raise self._wrong(None, f"the key {key!r} is missing; it asks for: {allowed}", name=key)
        for key, field in fields.items():
            if key in values and _is_secret(field.type):
                if not isinstance(values[key], str):
                    raise self._wrong(
                        key, "a secret is a reference: env:NAME, file:PATH or keyring:SERVICE/NAME"
                    )
                values[key] = self._reveal(f"books.{self.book}.connection.{key}", values[key])
        for key, field in fields.items():
            if key in values:
                try:
                    values[key] = msgspec.convert(values[key], field.type)
                except msgspec.ValidationError as error:
                    raise self._wrong(key, str(error).replace("`", "")) from None
        return shape(**values)

    def _wrong(self, key: str | None, problem: str, name: str | None = None) -> FixSettings:
        full = f"books.{self.book}.connection" + (f".{key or name}" if key or name else "")
        return FixSettings(problem, where=self._where(key), key=full)


def _is_secret(kind: Any) -> bool:
    inner = [kind, *getattr(kind, "__args__", ())]
    return any(
        isinstance(meta, msgspec.Meta) and bool((meta.extra or {}).get("secret"))
        for option in inner
        for meta in getattr(option, "__metadata__", ())
    )
