"""A copy in the folder of sent mail settles a message in doubt by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger
from loop_restore import Keeper

from arsync.sandbox.mail_faults import Moment
from free_port import free_port
from mail.imap_catcher import ImapCatcher

FIRST, SECOND = "first reminder", "second reminder"


@pytest.fixture
def imap(desk: Desk) -> Iterator[ImapCatcher]:
    """An IMAP server, and a desk whose practice file names its folder."""
    imap = ImapCatcher(login=("ar@acme.example", "pass word"))
    (desk.folder / "imap-password").write_text("pass word\n", "utf-8")
    with imap.serve() as port:
        name_folder(desk, port)
        yield imap


def name_folder(desk: Desk, port: int, password: str = "imap-password") -> None:
    """From now on the practice file names the sent folder."""
    file = desk.folder / "arsync.toml"
    write = type(desk).practice

    def practice(*args: object, **more: object) -> None:
        write(desk, *args, **more)  # type: ignore[arg-type]
        text = file.read_text("utf-8")
        keys = (
            f'sent_folder = "imap://127.0.0.1:{port}/Sent"\nsent_username = "ar@acme.example"\n'
            f'sent_password = "file:{password}"\n'
        )
        file.write_text(text.replace("[mail]\n", f"[mail]\n{keys}"), "utf-8")

    desk.practice = practice  # type: ignore[method-assign]


@pytest.fixture
def doubt(desk: Desk, imap: ImapCatcher, ledger: Ledger) -> str:
    """A message that left, and whose answer was lost; its id."""
    ledger.invoice(ledger.customer("Lumen", "pay@lumen.example"), "120.00", number="1001")
    desk.ok("sync")
    message: str = desk.approved()["id"]
    desk.catcher.drop(Moment.END, keep=True, times=1)
    desk.gives(1, "send")
    assert statuses(desk) == ["in-doubt"]
    return message


def statuses(desk: Desk) -> list[str]:
    return [status for (status,) in desk.rows("SELECT status FROM messages")]


def keep_copies(desk: Desk, imap: ImapCatcher) -> None:
    imap.folders["Sent"] = [caught.raw for caught in desk.catcher.messages]


@pytest.mark.parametrize("command", ["send", "run"])
@on_one_vendor
def test_a_copy_settles_it(desk: Desk, imap: ImapCatcher, doubt: str, command: str) -> None:
    """It counts as sent on the day it was handed over, and its notes are owed."""
    desk.now.go(days=2)
    keep_copies(desk, imap)
    typed = desk.ok(command)
    assert f"acme: {doubt} (first reminder, Lumen, 120.00 USD) counts as sent" in typed.out
    assert desk.rows("SELECT status, ended_on FROM messages") == [("sent", "2026-11-23")]
    assert desk.rows("SELECT step, on_day FROM steps_taken") == [(FIRST, "2026-11-23")]
    assert desk.rows("SELECT count(*) FROM notes") == [(1,)]
    assert len(desk.mail) == 1
    assert desk.ok("run").out.count("counts as sent") == 0


@on_one_vendor
def test_no_copy_proves_nothing(desk: Desk, imap: ImapCatcher, doubt: str) -> None:
    imap.keep(b"Message-ID: <arsync.ffffffffffff@acme.example>\r\n\r\n\r\n")
    typed = desk.gives(1, "run")
    assert doubt in typed.err
    assert statuses(desk) == ["in-doubt"]
    assert len(desk.mail) == 1


@pytest.mark.parametrize("what", ["login", "folder", "silent", "gone"])
@on_one_vendor
def test_a_folder_that_cannot_be_read(desk: Desk, imap: ImapCatcher, doubt: str, what: str) -> None:
    """One sentence, the doubt stays, and the rest of the run goes on."""
    keep_copies(desk, imap)
    if what == "login":
        imap.login = ("ar@acme.example", "another")
    elif what == "folder":
        imap.folders = {}
    elif what == "silent":
        imap.cuts = "EXAMINE"
    else:
        text = (desk.folder / "arsync.toml").read_text("utf-8")
        there = text.partition("imap://127.0.0.1:")[2].partition("/")[0]
        text = text.replace(f"imap://127.0.0.1:{there}/", f"imap://127.0.0.1:{free_port()}/")
        (desk.folder / "arsync.toml").write_text(text, "utf-8")
    typed = desk.gives(1, "run")
    assert "acme: what is in doubt stays so: the s" in typed.err
    assert typed.err.count("what is in doubt stays so") == 1
    assert "pass word" not in typed.err + typed.out
    assert statuses(desk) == ["in-doubt"]


@on_one_vendor
def test_nobody_is_asked_without_a_doubt(desk: Desk, imap: ImapCatcher, ledger: Ledger) -> None:
    ledger.invoice(ledger.customer("Lumen", "pay@lumen.example"), "120.00", number="1001")
    desk.ok("sync")
    desk.approved()
    desk.ok("send")
    desk.ok("run")
    assert imap.connections == 0


@on_one_vendor
def test_a_restored_book_asks_the_folder_step_by_step(desk: Desk, imap: ImapCatcher, ledger: Ledger) -> None:
    """Of a lost month the folder has every letter: one run finds them all, and asks nobody."""
    keeper = Keeper(desk)
    ledger.write(sending="automatic", extra='notes = "none"\n')
    ledger.invoice(ledger.customer("Lumen", "pay@lumen.example"), "120.00", overdue=0, number="1001")
    desk.ok("sync")
    file: Path = keeper.back_up()
    keeper.days(14)
    assert keeper.left() == {("1001", FIRST): 1, ("1001", SECOND): 1}
    keep_copies(desk, imap)
    keeper.lose()
    keeper.restore(file)
    desk.ok("connect", "acme")
    typed = desk.ok("run")
    assert typed.out.count("counts as sent: its copy is in the sent folder") == 2
    assert desk.rows("SELECT step FROM steps_taken ORDER BY step") == [(FIRST,), (SECOND,)]
    assert len(desk.mail) == 2


def test_the_keys_of_the_practice_file(desk: Desk) -> None:
    """What is wrong about them is said before anything is done, and no secret is repeated."""
    books = '[books.acme]\nconnector = "csv"\nfrom = "ar@acme.example"\n'

    def told(mail: str) -> str:
        text = f'[practice]\nname = "x"\n[mail]\nserver = "smtp://127.0.0.1:25"\n{mail}\n{books}'
        (desk.folder / "arsync.toml").write_text(text, "utf-8")
        return desk.gives(2, "plan").err

    login = 'sent_username = "ar"\nsent_password = "env:X"\n'
    assert "mail.sent_folder: 'ftp://x/y' is not a sent folder: write imaps" in told(
        f'sent_folder = "ftp://x/y"\n{login}'
    )
    assert "imap:// would send the password" in told(f'sent_folder = "imap://mail.example/Sent"\n{login}')
    assert "needs a user name and a password" in told('sent_folder = "imaps://mail.example/Sent"')
    assert "mail.sent_username: the login at the sent folder needs sent_password too" in told(
        'sent_folder = "imaps://mail.example/Sent"\nsent_username = "ar"'
    )
    assert "mail.sent_password: this is the login at sent_folder" in told('sent_password = "env:X"')
    secret = told('sent_folder = "imaps://mail.example/Sent"\nsent_username = "ar"\nsent_password = "geheim"')
    assert "must not be the secret itself" in secret
    assert "geheim" not in secret
