"""Secrets are named in settings, never written there: env:NAME, file:PATH or keyring:SERVICE/NAME.

No text of an error repeats what stands where a reference was expected: it may be the secret itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from arsync.errors import FixSettings
from arsync.home_paths import at_home

FORMS = "env:NAME, file:PATH or keyring:SERVICE/NAME"

_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\s].*|keyring:[^/\s].*/[^/]+")


def check_reference(text: str) -> str:
    """The text, where it is a reference. Raises FixSettings that does not show it."""
    if not _REFERENCE.fullmatch(text):
        raise FixSettings(f"this must not be the secret itself but a reference to it: {FORMS}")
    return text


def reveal(reference: str, folder: Path, environ: Mapping[str, str]) -> str:
    """The secret. A file is found from the practice's folder; the line end after its text is not part
    of the secret. Raises FixSettings where there is none."""
    kind, _, rest = check_reference(reference).partition(":")
    match kind:
        case "env":
            secret = environ.get(rest)
            if secret is None:
                raise FixSettings(f"the environment variable {rest} is not set; it should hold the secret")
        case "file":
            secret = _from_file(secret_file(rest, folder))
        case _:
            service, _, name = rest.rpartition("/")
            secret = _from_keyring(service, name)
    if not secret:
        raise FixSettings(f"the secret behind {reference} is empty")
    if any("\ud800" <= each <= "\udfff" for each in secret):  # bytes that the system could not read
        raise FixSettings(f"the secret behind {reference} is not text")
    return secret


def secret_file(text: str, folder: Path) -> Path:
    """The file that a reference names. Raises FixSettings for a name that no file has."""
    return folder / at_home(text)


def _from_file(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise FixSettings(f"the secret's file {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FixSettings(f"the secret's file {path} is not text") from None


def _from_keyring(service: str, name: str) -> str:
    try:
        keyring = import_module("keyring")  # late: an extra, and slow to start
    except ImportError:
        raise FixSettings('secrets from the keyring need a package: pip install "arsync[keyring]"') from None
    try:
        secret = keyring.get_password(service, name)
    except Exception as error:  # noqa: BLE001 - a keyring is whatever plug-in the machine has
        raise FixSettings(f"the keyring cannot be read ({type(error).__name__})") from None
    if secret is None:
        raise FixSettings(f"the keyring has no entry {name!r} of {service!r}: keyring set {service} {name}")
    return str(secret)
