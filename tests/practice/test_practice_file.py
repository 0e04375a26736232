"""The practice file: what it gives, and how it speaks of each mistake."""

import re
from pathlib import Path

import pytest

from arsync.errors import FixSettings
from arsync.practice import find_practice, load_book_policy, load_practice

WHOLE = """\
[practice]
name = "Hartley & Co"
database = "books/arsync.db"

[mail]
server = "smtp+starttls://mail.example:587"
username = "ar@hartley.example"
password = "env:ARSYNC_SMTP_PASSWORD"

[books.acme]
connector = "quickbooks"
policy = "policies/gentle.toml"
sending = "automatic"
from = "Acme Accounts <ar@acme.example>"
reply_to = "answers@acme.example"
timezone = "Europe/London"
notes = "both"
language = "fr-CA"

[books.acme.connection]
company = "4620816365"
client_id = "env:ACME_CLIENT_ID"
client_secret = "env:ACME_CLIENT_SECRET"
server = "http://127.0.0.1:8001/"

[books.birch]
connector = "xero"
from = "ar@birch.example"
connection = { tenant = "0e5b9d3c" }
"""
SERVER = "books.acme.connection.server"
GENTLE = 'name = "gentle"\nsteps = [{ name = "one", when = "5 days after due" }]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "gentle.toml").write_text(GENTLE)
    (tmp_path / "arsync.toml").write_text(WHOLE)
    return tmp_path


def complaint(folder: Path, text: str) -> FixSettings:
    (folder / "arsync.toml").write_text(text)
    with pytest.raises(FixSettings) as caught:
        load_practice(folder)
    return caught.value


def test_everything_that_is_said(folder: Path) -> None:
    practice = load_practice(folder)

    assert (practice.name, practice.folder) == ("Hartley & Co", folder)
    assert practice.database == folder / "books" / "arsync.db"
    assert practice.mail is not None
    assert (practice.mail.server, practice.mail.username) == (
        "smtp+starttls://mail.example:587",
        "ar@hartley.example",
    )
    assert practice.mail.password == "env:ARSYNC_SMTP_PASSWORD"
    acme = practice.books["acme"]
    assert (acme.name, acme.connector, acme.sending, acme.notes) == (
        "acme",
        "quickbooks",
        "automatic",
        "both",
    )
    assert (acme.sender, acme.reply_to) == ("Acme Accounts <ar@acme.example>", "answers@acme.example")
    assert (acme.timezone, acme.language) == ("Europe/London", "fr_CA")
    assert acme.policy == folder / "policies" / "gentle.toml"
    assert acme.connection["server"] == "http://127.0.0.1:8001"
    assert acme.connection["client_secret"] == "env:ACME_CLIENT_SECRET"
    assert load_book_policy(practice, acme).name == "gentle"
    assert practice.where("books", "acme", "notes") == f"{folder / 'arsync.toml'}:17"


def test_what_is_left_out(folder: Path) -> None:
    practice = load_practice(folder)
    birch = practice.books["birch"]

    assert (birch.sending, birch.notes, birch.reply_to) == ("approve", None, None)
    assert (birch.timezone, birch.language, birch.policy) == (None, "en", None)
    assert load_book_policy(practice, birch).name == "standard"
    (folder / "arsync.toml").write_text('[practice]\nname = "Small"\n')
    small = load_practice(folder)
    assert (small.database, small.mail, dict(small.books)) == (folder / "arsync.db", None, {})
    with pytest.raises(FixSettings, match="no book yet"):
        small.chosen([])


def test_books_are_chosen_by_name(folder: Path) -> None:
    practice = load_practice(folder)

    assert [book.name for book in practice.chosen([])] == ["acme", "birch"]
    assert [book.name for book in practice.chosen(["birch", "birch"])] == ["birch"]
    with pytest.raises(FixSettings, match=r"no book 'acmee'; did you mean 'acme'\? books: acme, birch"):
        practice.chosen(["acmee"])


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ("[mail]", "[mial]", 5, "mial", r"did you mean 'mail'\? allowed here: practice, mail, alerts, books"),
        ("database =", "databse =", 3, "practice.databse", "did you mean 'database'"),
        ('name = "Hartley & Co"', "name = 7", 2, "practice.name", "a text in quotes, not a whole number"),
        ('name = "Hartley & Co"', 'name = " "', 2, "practice.name", "must not be empty"),
        ('name = "Hartley & Co"\n', "", 1, "practice.name", "is missing"),
        ("[practice]\n", "", 1, "name", "unknown key"),
        ("smtp+starttls:", "http:", 6, "mail.server", r"smtps://HOST:PORT"),
        ("smtp+starttls:", "smtp:", 7, "mail.username", "unencrypted"),
        ('password = "env:ARSYNC_SMTP_PASSWORD"', "", 7, "mail.username", "both a user name and a password"),
        ("[books.acme]", '[books."ac me"]', 10, "books.ac me", "letters, digits, - and _"),
        ("[books.birch]", "[books]\nbirch = 1\n[books.cedar]", 27, "books.birch", r"such as \[books.birch\]"),
        ('"quickbooks"', '"quickbook"', 11, "books.acme.connector", "did you mean 'quickbooks'"),
        ("gentle.toml", "genle.toml", 12, "books.acme.policy", "there are: policies/gentle.toml"),
        ('"automatic"', '"auto"', 13, "books.acme.sending", 'allowed: "approve", "automatic"'),
        ('"automatic"', "true", 13, "books.acme.sending", "must be a text in quotes, not true or false"),
        ("from = \"Acme Accounts <ar@acme.example>\"\n", "", 10, "books.acme.from", "is missing"),
        ("<ar@acme.example>", "<ar.acme.example>", 14, "books.acme.from", "exactly one @"),
        ("Acme Accounts <", "Acme\\nBcc: <", 14, "books.acme.from", "one line"),
        ("answers@", "a@b, c@", 15, "books.acme.reply_to", "not an address"),
        ("Europe/London", "Europe/Londen", 16, "books.acme.timezone", r"did you mean 'Europe/London'\?"),
        ("Europe/London", "../../etc/passwd", 16, "books.acme.timezone", "not a time zone"),
        ('"both"', '"costumer"', 17, "books.acme.notes", "did you mean 'customer'"),
        ("fr-CA", "french", 18, "books.acme.language", "en_GB"),
        ("127.0.0.1:8001/", "127.0.0.1:8001/v3", 24, SERVER, "without a path"),
        ("http://127.0.0.1:8001/", "http://api.example", 24, SERVER, "plain http"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1.nip.example", 24, SERVER, "plain http"),
        ("http://127.0.0.1:8001/", "ftp://127.0.0.1", 24, SERVER, "https://HOST:PORT"),
        ("http://127.0.0.1:8001/", "http://127.0.0.1:x", 24, SERVER, "https://HOST:PORT"),
        ('connection = { tenant = "0e5b9d3c" }', "connection = 3", 29, "books.birch.connection", "a table"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_place(
    folder: Path, old: str, new: str, line: int, key: str, says: str
) -> None:
    assert WHOLE.count(old) == 1

    error = complaint(folder, WHOLE.replace(old, new))

    assert (error.where, error.key) == (f"{folder / 'arsync.toml'}:{line}", key)
    assert re.search(says, error.problem)


@pytest.mark.parametrize(
    ("old", "line", "key"),
    [
        ("env:ARSYNC_SMTP_PASSWORD", 8, "mail.password"),
        ("env:ACME_CLIENT_SECRET", 23, "books.acme.connection.client_secret"),
    ],
)
@pytest.mark.parametrize(
    "literal", ["hunter2-hunter2", "env:hunter2-hunter2", "keyring:hunter2-hunter2", "file: "]
)
def test_a_literal_secret_is_refused_and_not_repeated(
    folder: Path, old: str, line: int, key: str, literal: str
) -> None:
    error = complaint(folder, WHOLE.replace(old, literal))

    assert (error.where, error.key) == (f"{folder / 'arsync.toml'}:{line}", key)
    assert "env:NAME, file:PATH or keyring:SERVICE/NAME" in str(error)
    assert "hunter2" not in str(error)


def test_a_password_in_the_address_of_a_server_is_not_repeated(folder: Path) -> None:
    for old, new in (
        ("smtp+starttls://mail", "smtps://ar:hunter2@mail"),
        ("http://127", "http://a:hunter2@127"),
    ):
        assert "hunter2" not in str(complaint(folder, WHOLE.replace(old, new)))


def test_two_books_of_one_company_are_an_error(folder: Path) -> None:
    twin = '[books.cedar]\nconnector = "xero"\nfrom = "ar@birch.example"\nconnection = {{ tenant = "{}" }}\n'

    error = complaint(folder, WHOLE + twin.format("0E5B9D3C"))

    assert (error.where, error.key) == (f"{folder / 'arsync.toml'}:33", "books.cedar.connection")
    assert "'birch' and 'cedar' are the same company" in error.problem
    (folder / "arsync.toml").write_text(WHOLE + twin.format("another"))
    assert len(load_practice(folder).books) == 3


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (b"[practice]\nname = \n", 2, "not TOML"),
        (b"[practice]\nname = 'a'\nname = 'b'\n", 3, "not TOML"),
        (b"[practice]\nname = [1,\n", 2, "not TOML"),
        (b'[practice]\nname = "a"\ndatabase = "C:\\data"\n', 3, "Windows path"),
        (b"[practice]\nname = '\xe9'\n", 2, "UTF-8"),
    ],
)
def test_what_is_not_toml(tmp_path: Path, text: bytes, line: int, says: str) -> None:
    (tmp_path / "arsync.toml").write_bytes(text)

    with pytest.raises(FixSettings, match=says) as caught:
        load_practice(tmp_path)

    assert caught.value.where == f"{tmp_path / 'arsync.toml'}:{line}"
    assert "at line" not in str(caught.value)


def test_files_of_other_systems_are_read(tmp_path: Path) -> None:
    text = '\ufeff[practice]\r\nname = "Møller"\r\n[mial]\r\n'
    (tmp_path / "arsync.toml").write_bytes(text.encode())

    with pytest.raises(FixSettings, match=r"arsync.toml:3: mial: unknown key"):
        load_practice(tmp_path)


def test_bottomless_nesting_is_an_error_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "arsync.toml").write_text("x = " + "[" * 20_000)

    with pytest.raises(FixSettings):
        load_practice(tmp_path)


def test_the_practice_is_found(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = tmp_path_factory.mktemp("empty")

    assert find_practice(None, {}, folder) == folder
    assert find_practice(None, {"ARSYNC_PRACTICE": str(folder)}, empty) == folder
    assert find_practice(folder, {"ARSYNC_PRACTICE": "/nowhere"}, empty) == folder
    assert find_practice(Path(folder.name), {"ARSYNC_PRACTICE": ""}, folder.parent) == folder
    with pytest.raises(FixSettings, match="arsync init"):
        find_practice(None, {}, empty)
    with pytest.raises(FixSettings, match=r"^--practice: .*arsync.toml is a file; name the folder"):
        find_practice(folder / "arsync.toml", {}, empty)
    with pytest.raises(FixSettings, match=r"^\$ARSYNC_PRACTICE: there is no folder /nowhere"):
        find_practice(None, {"ARSYNC_PRACTICE": "/nowhere"}, empty)
