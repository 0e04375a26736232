"""Secrets behind references, and the settings that a connector and the mail room are given."""

import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from arsync.connector import Secret
from arsync.errors import FixSettings
from arsync.mail.server import Security
from arsync.practice import Practice, connection_settings, load_practice, mail_server
from arsync.secret_references import reveal


class Options(msgspec.Struct):
    company: str
    client_secret: Secret
    client_id: Secret | None = None


def practice(folder: Path, connection: str, mail: str = "") -> Practice:
    (folder / "arsync.toml").write_text(
        f'[practice]\nname = "P"\n{mail}\n[books.acme]\nconnector = "quickbooks"\nfrom = "a@acme.example"\n'
        f"[books.acme.connection]\n{connection}\n"
    )
    return load_practice(folder)


def test_a_connector_reads_its_settings(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("from a file \r\n")
    settings = practice(
        tmp_path,
        'company = "1"\nclient_secret = "file:secret.txt"\nclient_id = "env:ID"\nserver = "https://api.example:8443"',
    )

    read = connection_settings(settings, settings.books["acme"], {"ID": "from the environment"})

    assert read.server == "https://api.example:8443"
    assert read.read(Options) == Options(
        company="1", client_secret="from a file ", client_id="from the environment"
    )


def test_its_mistakes_are_told_with_their_place(tmp_path: Path) -> None:
    where = f"{tmp_path / 'arsync.toml'}:8: books.acme.connection"
    for connection, says in (
        (
            'client_secret = "env:GONE"\ncompany = "1"',
            f"{where}.client_secret: the environment variable GONE",
        ),
        (
            'client_secret = "env:EMPTY"\ncompany = "1"',
            f"{where}.client_secret: the secret behind env:EMPTY is e",
        ),
        ('compny = "1"', f"{where}.compny: unknown key; did you mean 'company'?"),
        (
            'client_id = "hunter2"\ncompany = "1"\nclient_secret = "env:SET"',
            f"{where}.client_id: this must not be",
        ),
    ):
        settings = practice(tmp_path, connection)
        with pytest.raises(FixSettings) as caught:
            connection_settings(settings, settings.books["acme"], {"EMPTY": "", "SET": "x"}).read(Options)
        assert str(caught.value).startswith(says)
        assert "hunter2" not in str(caught.value)


def test_the_mail_server_with_its_password(tmp_path: Path) -> None:
    mail = '[mail]\nserver = "smtps://mail.example"\nusername = "ar"\npassword = "env:PASSWORD"'
    settings = practice(tmp_path, "", mail)

    server = mail_server(settings, {"PASSWORD": "hunter2"})

    assert (server.host, server.port, server.security) == ("mail.example", 465, Security.TLS)
    assert (server.username, server.password) == ("ar", "hunter2")
    with pytest.raises(FixSettings, match=r"arsync.toml:6: mail.password: .*PASSWORD is not set"):
        mail_server(settings, {})
    with pytest.raises(FixSettings, match="no mail server is set"):
        mail_server(practice(tmp_path, ""), {})


def test_secrets_in_files(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "empty").write_text("\n")

    for name, says in (
        ("gone", "cannot be read"),
        (".", "cannot be read"),
        ("~nobody-of-this-name/key", "no file can have the name ~nobody"),
        ("a\0b", "no file can have the name a"),
        ("binary", "not text"),
        ("empty", "empty"),
    ):
        with pytest.raises(FixSettings, match=says):
            reveal(f"file:{name}", tmp_path, {})
    (tmp_path / "key").write_text("two\nlines\n")
    assert reveal(f"file:{tmp_path / 'key'}", Path("/nowhere"), {}) == "two\nlines"


def test_a_secret_of_bytes_that_are_no_text(tmp_path: Path) -> None:
    """As the environment gives them."""
    with pytest.raises(FixSettings, match="the secret behind env:KEY is not text"):
        reveal("env:KEY", tmp_path, {"KEY": b"se\xffcret".decode("utf-8", "surrogateescape")})


def test_secrets_in_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = ModuleType("keyring")
    ring.errors = errors = ModuleType("keyring.errors")  # type: ignore[attr-defined]

    class KeyringError(Exception):
        pass

    def get_password(service: str, name: str) -> str | None:
        if service == "locked":
            raise KeyringError("hunter2")
        if service == "broken":
            raise ModuleNotFoundError("hunter2")
        return {("arsync", "acme"): "hunter2"}.get((service, name))

    errors.KeyringError = KeyringError  # type: ignore[attr-defined]
    ring.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)

    assert reveal("keyring:arsync/acme", tmp_path, {}) == "hunter2"
    with pytest.raises(FixSettings, match="keyring set arsync birch"):
        reveal("keyring:arsync/birch", tmp_path, {})
    for service, name in (("locked", "KeyringError"), ("broken", "ModuleNotFoundError")):
        with pytest.raises(FixSettings) as refused:
            reveal(f"keyring:{service}/x", tmp_path, {})
        assert str(refused.value) == f"the keyring cannot be read ({name})"


def test_a_missing_keyring_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    with pytest.raises(FixSettings, match=r'pip install "arsync\[keyring\]"'):
        reveal("keyring:arsync/acme", tmp_path, {})
