"""What damaged files, sentences, letters and mail servers must not do."""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import responses
from answers import NOW
from seeds import COLUMNS
from vendor_laws import kept, says

from arsync.connector import ConnectionSettings, Http, Kit, OAuthApp, TokenPair, Tokens
from arsync.errors import ArsyncError, FixSettings
from arsync.mail import Delivery, Outcome, parse_mailbox, split_addresses
from arsync.mail.transaction import NotBegun, transact
from arsync.money import CURRENCIES, NotMoney, parse
from arsync.policy.load import load_policy
from arsync.policy.value_words import parse_cap, parse_closed, parse_hours, parse_offer
from arsync.policy.when import parse_when
from arsync.practice import load_practice, standard_policy
from arsync.writing import load_templates, render
from arsync.writing.note_reading import marks_in, read_note
from arsync.writing.render import _samples
from arsync_csv import connect as open_files


def mail_answers(body: bytes) -> None:
    """A mail server says this, whatever it is asked. Only an answer that takes the message is taken for one,
    and what may have left is never offered again by itself."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(body[:60_000])
        theirs.shutdown(socket.SHUT_WR)
        client = smtplib.SMTP()
        client.sock, client.file = ours, ours.makefile("rb")
        try:
            delivery = transact(
                client, "ar@acme.example", ["ap@lumen.example"], b"Subject: x\r\n\r\nx\r\n", 1.0
            )
        except NotBegun as error:
            says(error)
            return
        finally:
            client.close()
    if delivery.outcome is Outcome.ACCEPTED:
        assert re.match(r"2\d\d", delivery.answer)
        assert delivery.accepted
    assert delivery.answer.isprintable()
    assert len(delivery.answer) < 500
    dotted = _may_have_left(delivery)
    assert dotted or delivery.outcome is not Outcome.UNKNOWN


def _may_have_left(delivery: Delivery) -> bool:
    """Whether the end of the message may have gone out."""
    return bool(delivery.in_doubt or delivery.accepted)


def files(folder: Path, body: bytes) -> None:
    """A book in a file: each row that was read is a record or a reject."""
    place = folder / "files"
    place.mkdir(exist_ok=True)
    (place / "list.csv").write_bytes(body)
    table = {"path": "list.csv", "company": "Alder Ltd", "currency": "EUR", "columns": COLUMNS}
    settings = ConnectionSettings(
        "acme", table, where=lambda key: f"arsync.toml ({key})", reveal=lambda key, text: text, folder=place
    )
    http = Http(clock=lambda: NOW, sleep=lambda seconds: None)
    purse = _Purse()
    kit = Kit(
        http=http,
        tokens=Tokens("acme", purse, lambda: NOW),
        pace=lambda tenant, **rates: _NoBudget(),
        clock=lambda: NOW,
    )
    try:
        pages = list(open_files(settings, kit).pull(None))
    except ArsyncError as error:
        says(error)
        return
    for page in pages:
        kept(page.rejects)
        assert page.rows == len(page.invoices) + len(page.credits) + len(page.rejects)


class _NoBudget:
    def try_acquire(self, name: str = "call", weight: int = 1) -> object:
        return bool(name and weight)


class _Purse:
    """The tokens of a book, in memory: a renewal is due."""

    def __init__(self) -> None:
        self.pair = TokenPair(access="a", refresh="r", expires_at=NOW)

    def load(self) -> TokenPair:
        return self.pair

    def save(self, pair: TokenPair) -> None:
        self.pair = pair

    @contextmanager
    def locked(self) -> Iterator[None]:
        yield


def token_answer(body: bytes) -> None:
    """A pair is stored whole, or the error says what to do and repeats nothing of the answer."""
    app = OAuthApp(
        client_id="i", client_secret="s", authorize_url="", token_url="https://t.example/t", revoke_url="",
        scopes=(), redirect_uri="",
    )  # fmt: skip
    for status in (200, 400, 401, 500):
        purse = _Purse()
        http = Http(clock=lambda: NOW, sleep=lambda seconds: None)
        with responses.RequestsMock() as wire:
            wire.add(responses.POST, "https://t.example/t", body=body, status=status)
            try:
                Tokens("acme", purse, lambda: NOW).access(app, http)
            except ArsyncError as error:
                says(error, never="canary")
                assert purse.pair.access == "a"
            else:
                assert purse.pair.refresh, "nothing is left to renew with"
        http.close()


def written_notes(body: bytes) -> None:
    text = body.decode("utf-8", "replace")
    for id_, note in marks_in(text):
        assert f"[arsync:{id_}]" in note
        said = read_note(note)
        assert said is None or said.id == id_


def addresses(body: bytes) -> None:
    text = body.decode("utf-8", "replace")
    good, bad = split_addresses(text)
    for address in good:
        assert address.isascii()
        assert address.isprintable()
        assert "\r" not in address
        assert " " not in address
    assert all(each.isprintable() or each for each in bad)
    try:
        name, address = parse_mailbox(text)
    except ValueError:
        return
    assert "\n" not in name + address


def sentences(body: bytes) -> None:
    text = body.decode("utf-8", "replace")
    for read in (parse_when, parse_cap, parse_closed, parse_hours, parse_offer):
        try:
            read(text)
        except ValueError as error:
            says(error)
    for currency in ("GBP", "JPY", "KWD"):
        assert currency in CURRENCIES
        try:
            parse(text, currency)
        except NotMoney as error:
            says(error)


def policy(body: bytes) -> None:
    try:
        load_policy(body.decode("utf-8", "replace"), "fuzzed.toml")
    except FixSettings as error:
        says(error, "fuzzed.toml")


def practice(folder: Path, body: bytes) -> None:
    (folder / "arsync.toml").write_bytes(body)
    try:
        load_practice(folder)
    except FixSettings as error:
        # What stands where a key or a table has its name is told as that name: it is no secret's place.
        named = re.search(rb"^[^=\n]*hunter2", body, re.MULTILINE)
        says(error, str(folder), never="\0" if named else "hunter2")


@cache
def _views() -> tuple[Any, ...]:
    step = load_policy(standard_policy(), "standard.toml").steps[0]
    return _samples(step, "en")


def template(folder: Path, body: bytes) -> None:
    place = folder / "templates"
    place.mkdir(exist_ok=True)
    (place / "heads-up.txt").write_bytes(body)
    try:
        templates = load_templates(place)
        for view in _views()[:1]:
            rendered = render(templates, "heads-up", view)
            assert "\n" not in rendered.subject
            assert len(rendered.text) < 400_000
    except FixSettings as error:
        says(error, "heads-up.txt")
