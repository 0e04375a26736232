"""`arsync check`: the doctor, over real sockets."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, tzinfo
from typing import Any

import pytest
from loop_desk import POLICY, Desk, Typed, on_one_vendor
from loop_ledgers import Ledger, Open

from arsync.sandbox import MailCatcher
from mail.imap_catcher import ImapCatcher
from name_server import name_server

GOOD = {
    "acme.example": ["v=spf1 include:_spf.post.example -all"],
    "_spf.post.example": ["v=spf1 ip4:192.0.2.0/24 ~all"],
    "google._domainkey.acme.example": ["v=DKIM1; p=MIGf"],
    "_dmarc.acme.example": ["v=DMARC1; p=reject"],
}


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[str]]]:
    """Records that the name server of `--nameserver` has; ``at`` is its address."""
    monkeypatch.setattr("arsync.mail.domain_lookup.SECONDS", 60.0)  # a machine may stand still for a while
    records: dict[str, list[str]] = {key: list(value) for key, value in GOOD.items()}
    with name_server(records) as (address, _):
        records["at"] = [address]
        yield records


@pytest.fixture(autouse=True)
def sound(desk: Desk) -> None:
    """A policy without a remark."""
    desk.policy(POLICY.replace("min_gap_days = 5", "min_gap_days = 3"))


def checked(desk: Desk, names: dict[str, list[str]], status: int = 0) -> dict[tuple[str | None, str], Any]:
    typed = desk.gives(status, "check", "--json", "--nameserver", names["at"][0])
    return {(it["book"], it["what"]): it for it in typed.json}


def test_a_healthy_book(desk: Desk, ledger: Ledger, names: dict[str, list[str]]) -> None:
    ledger.write(zone="")
    found = checked(desk, names)
    assert {key: it["verdict"] for key, it in found.items() if it["verdict"] != "ok"} == (
        {("acme", "own reminders"): "unknown"} if ledger.connector == "quickbooks" else {}
    )
    asked = {what for _, what in found}
    assert {"arsync.toml", "database", "mail server", "access", "time zone", "clock", "policy"} <= asked
    assert {"SPF of acme.example", "DKIM of acme.example", "DMARC of acme.example"} <= asked


def test_nothing_is_sent_and_nothing_changed(desk: Desk, ledger: Ledger, names: dict[str, list[str]]) -> None:
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00")
    desk.ok("sync")
    before = desk.rows("SELECT * FROM invoices"), desk.rows("SELECT * FROM books")
    checked(desk, names)
    assert (desk.rows("SELECT * FROM invoices"), desk.rows("SELECT * FROM books")) == before
    assert desk.mail == []


@on_one_vendor
def test_each_trouble_is_told_with_what_to_do(
    desk: Desk, ledger: Ledger, names: dict[str, list[str]]
) -> None:
    names["acme.example"] = ["v=spf1 +all"]
    names.pop("google._domainkey.acme.example")
    desk.policy(POLICY.replace("min_gap_days = 5", "min_gap_days = 20"))
    ledger.strike("503-html", times=None)
    found = checked(desk, names, 1)
    wrong = {key for key, it in found.items() if it["verdict"] == "wrong"}
    assert wrong >= {
        (None, "SPF of acme.example"),
        (None, "DMARC of acme.example"),
        ("acme", "access"),
        ("acme", "policy"),
    }
    assert all(found[key]["do"] for key in wrong if key[1] != "policy")
    assert found[None, "DKIM of acme.example"]["verdict"] == "unknown"


@on_one_vendor
def test_an_authorisation_that_is_gone(desk: Desk, ledger: Ledger, names: dict[str, list[str]]) -> None:
    del ledger
    with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
        connection.execute("DELETE FROM tokens")
    found = checked(desk, names, 1)["acme", "access"]
    assert found["do"] == "run `arsync connect acme`"
    assert "arsync connect" not in found["said"]


@on_one_vendor
def test_a_secret_that_is_wrong(
    desk: Desk, ledger: Ledger, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence tells more than a consent that would end the same way."""
    del ledger
    desk.now.go(minutes=120)  # the token has to be renewed
    monkeypatch.setenv("ARSYNC_TEST_SECRET", "another")
    found = checked(desk, names, 1)["acme", "access"]
    assert "client_secret" in found["said"]
    assert found["do"] is None


FILE_BOOK = """
[books.shop]
connector = "csv"
policy = "policy.toml"
from = "ar@acme.example"
timezone = "UTC"
[books.shop.connection]
path = "shop.csv"
company = "Shop"
currency = "USD"
date_format = "YYYY-MM-DD"
decimal = "."
columns = { number = "No", customer = "Name", due = "Due", open = "Open" }
"""


@on_one_vendor
def test_a_file_that_is_not_there(desk: Desk, ledger: Ledger, names: dict[str, list[str]]) -> None:
    """It has no status page: the sentence tells which file, and the exit status that a person is wrong."""
    del ledger
    with (desk.folder / "arsync.toml").open("a", encoding="utf-8") as file:
        file.write(FILE_BOOK)
    found = checked(desk, names, 2)["shop", "access"]
    assert "shop.csv" in found["said"]
    assert found["do"] is None


def test_the_consent_that_lacks_a_scope(desk: Desk, xero: Ledger, names: dict[str, list[str]]) -> None:
    assert checked(desk, names)["acme", "scopes"]["verdict"] == "ok"
    for consent, _ in xero.simulator.tokens._access.values():
        consent.scopes = tuple(it for it in consent.scopes if it != "accounting.payments.read")
    xero.simulator.tokens.expire_access()
    found = checked(desk, names, 1)["acme", "scopes"]
    assert found["verdict"] == "wrong"
    assert "accounting.payments.read" in found["said"]
    assert "arsync connect acme" in found["do"]


def test_reminders_that_the_accounting_system_sends(
    desk: Desk, xero: Ledger, names: dict[str, list[str]]
) -> None:
    xero.company.reminders_enabled = True
    found = checked(desk, names, 1)["acme", "own reminders"]
    assert (found["verdict"], found["do"]) == ("wrong", "switch them off there")


@on_one_vendor
def test_the_mail_server_that_is_down(desk: Desk, ledger: Ledger, names: dict[str, list[str]]) -> None:
    file = desk.folder / "arsync.toml"
    file.write_text(file.read_text("utf-8").replace(desk.smtp, "smtp://127.0.0.1:9"), "utf-8")
    del ledger
    found = checked(desk, names, 1)[None, "mail server"]
    assert found["verdict"] == "wrong"
    assert "127.0.0.1:9" in found["said"]


def test_the_sent_folder_is_opened(desk: Desk, quickbooks: Ledger, names: dict[str, list[str]]) -> None:
    del quickbooks
    assert (None, "sent folder") not in checked(desk, names)
    imap = ImapCatcher(login=("ar@acme.example", "word"), folders={"Sent": []})
    secret, file = desk.folder / "imap-password", desk.folder / "arsync.toml"
    secret.write_text("word\n", "utf-8")
    with imap.serve() as port:
        keys = f'sent_folder = "imap://127.0.0.1:{port}/Sent"\nsent_username = "ar@acme.example"\n'
        keys += 'sent_password = "file:imap-password"\n'
        file.write_text(file.read_text("utf-8").replace("[mail]\n", f"[mail]\n{keys}"), "utf-8")
        assert checked(desk, names)[None, "sent folder"]["verdict"] == "ok"
        imap.login = ("ar@acme.example", "another")
        found = checked(desk, names, 1)[None, "sent folder"]
        assert found["verdict"] == "wrong"
        assert "refuses the login of ar@acme.example" in found["said"]
        assert "sent_password" in found["do"]
    secret.unlink()
    found = checked(desk, names, 2)[None, "sent folder"]
    assert found["verdict"] == "wrong"
    assert "imap-password" in found["said"]


def test_a_consent_that_ends_soon(desk: Desk, quickbooks: Ledger, names: dict[str, list[str]]) -> None:
    """Its last day, whatever is done, is ten days off."""
    good = checked(desk, names)["acme", "consent"]
    assert good["verdict"] == "ok"
    assert "is connected until" in good["said"]
    del quickbooks
    with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection, connection:
        last = (desk.now() + timedelta(days=10)).isoformat()
        connection.execute("UPDATE tokens SET consent_ends_at = ?", (last,))
    found = checked(desk, names)["acme", "consent"]
    assert found["verdict"] == "remark"
    assert "in 10 days" in found["said"]
    assert found["do"] == "run `arsync connect acme`"


@on_one_vendor
def test_the_login_at_the_mail_server(desk: Desk, ledger: Ledger, names: dict[str, list[str]]) -> None:
    del ledger
    with MailCatcher(clock=desk.now).serve(login=("ar@acme.example", "word")) as served:
        file, secret = desk.folder / "arsync.toml", desk.folder / "mail-password"
        keys = f'"{served.smtp_url}"\nusername = "ar@acme.example"\npassword = "file:mail-password"'
        file.write_text(file.read_text("utf-8").replace(f'"{desk.smtp}"', keys), "utf-8")
        secret.write_text("another\n", "utf-8")
        found = checked(desk, names, 1)[None, "mail server"]
        assert (found["verdict"], found["do"]) == ("wrong", "mend username and password of [mail]")
        secret.write_text("word\n", "utf-8")
        found = checked(desk, names)[None, "mail server"]
        assert found["verdict"] == "ok"
        assert found["said"].endswith("on this machine, the login is accepted")


@on_one_vendor
def test_the_selector_that_the_practice_names(
    desk: Desk, ledger: Ledger, names: dict[str, list[str]]
) -> None:
    del ledger
    file = desk.folder / "arsync.toml"
    file.write_text(file.read_text("utf-8").replace("[mail]\n", '[mail]\ndkim_selector = "s7"\n'), "utf-8")
    found = checked(desk, names, 1)[None, "DKIM of acme.example"]
    assert found["verdict"] == "wrong"
    assert "dkim_selector" in found["do"]
    names["s7._domainkey.acme.example"] = ["v=DKIM1; p=MIGf"]
    assert checked(desk, names)[None, "DKIM of acme.example"]["verdict"] == "ok"


@on_one_vendor
def test_what_the_records_show_of_a_policy(desk: Desk, ledger: Ledger, names: dict[str, list[str]]) -> None:
    ledger.invoice(ledger.customer("Lumen Yoga", ""), "120.00")
    desk.ok("sync")
    found = checked(desk, names)["acme", "policy"]
    assert found["verdict"] == "remark"
    assert "no step reaches 'Lumen Yoga'" in found["said"]


@on_one_vendor
def test_a_database_with_a_damaged_part(desk: Desk, ledger: Ledger, names: dict[str, list[str]]) -> None:
    """Two tables on one page: what a command does not need goes unnoticed, and the doctor looks at all."""
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00")
    desk.ok("sync")
    assert checked(desk, names)[None, "database"]["verdict"] == "ok"
    with closing(sqlite3.connect(desk.folder / "arsync.db")) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'holds') "
            "WHERE name = 'rejects'"
        )
        connection.commit()
    found = checked(desk, names, 1)[None, "database"]
    assert found["verdict"] == "wrong"
    assert "arsync restore" in found["do"]


@on_one_vendor
def test_a_setting_that_is_wrong_ends_with_2_and_the_rest_is_examined(
    desk: Desk, ledger: Ledger, names: dict[str, list[str]]
) -> None:
    del ledger
    (desk.folder / "policy.toml").write_text("nmae = 'x'\n", "utf-8")
    found = checked(desk, names, 2)
    assert found["acme", "settings"]["verdict"] == "wrong"
    assert "policy.toml" in found["acme", "settings"]["said"]
    assert found[None, "mail server"]["verdict"] == "ok"


@on_one_vendor
def test_a_time_zone_that_is_not_the_company_s(
    desk: Desk, ledger: Ledger, names: dict[str, list[str]], open_ledger: Open
) -> None:
    del open_ledger
    ledger.write(zone="Asia/Tokyo")
    found = checked(desk, names)["acme", "time zone"]
    assert found["verdict"] == "remark"
    assert "Asia/Tokyo" in found["said"]


@on_one_vendor
def test_offline_it_says_that_it_cannot_look_up(
    desk: Desk, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    del ledger
    monkeypatch.setattr("arsync.mail.domain_lookup.SECONDS", 0.2)
    typed: Typed = desk.ok("check", "--nameserver", "127.0.0.1:9")
    assert "cannot look up: no name server answered" in typed.out


@on_one_vendor
def test_a_clock_that_is_off(
    desk: Desk, ledger: Ledger, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service's Date is the real time; this machine's clock runs five minutes ahead of it."""
    del ledger
    assert checked(desk, names)["acme", "clock"]["verdict"] == "ok"

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(minutes=5)

    monkeypatch.setattr("arsync.connector.http.datetime", Ahead)
    begun = time.monotonic()
    off = checked(desk, names, 1)["acme", "clock"]
    took = time.monotonic() - begun  # an answer may be as late as that
    assert off["verdict"] == "wrong"
    told = re.search(r" ([0-9]+) seconds ahead", off["said"])
    assert told
    assert 300 <= int(told[1]) <= 302 + took  # Date has no fraction of its second


def test_the_words_for_people(desk: Desk, both: tuple[Ledger, Ledger], names: dict[str, list[str]]) -> None:
    del both
    names["birch.example"] = names["acme.example"]
    typed = desk.ok("check", "--nameserver", names["at"][0])
    lines = typed.out.splitlines()
    assert lines[0] == "practice"
    assert "acme" in lines
    assert "birch" in lines
    assert any(line.startswith("  ok      mail server: 127.0.0.1:") for line in lines)
    assert lines[-1].startswith("nothing is wrong; ")


@on_one_vendor
def test_a_name_server_that_is_no_address(desk: Desk, ledger: Ledger) -> None:
    del ledger
    assert "--nameserver" in desk.gives(2, "check", "--nameserver", "dns.example").err
