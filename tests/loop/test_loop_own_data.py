# ruff: noqa: E501 - lines of templates are as long as practices write them
"""No message holds what is another customer's or another book's: each kind of it stops the book, with words
that tell what to do and repeat nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import msgspec
import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger
from own_data_office import POLICY, Office, credit_note, customer, invoice

from arsync.mail import compose
from arsync.policy.model import Message
from arsync.runs.own_data import StrangersData, check_own_data


@cache
def office() -> Office:
    return Office()


def someone(place: Office) -> Message:
    who = customer("c1", "Lumen Yoga", "pay@lumen.example")
    other = customer("c2", "Zephyr & Quill", "zoe@zephyr.example")
    mine, theirs = invoice("i1", "INV-1001", "c1"), invoice("i2", "INV-1002", "c2")
    place.fill("acme", [who, other], [mine, theirs])
    place.fill("birch", [], [])
    return place.message(who, [mine])


@contextlib.contextmanager
def stopped(says: str) -> Iterator[None]:
    with pytest.raises(StrangersData, match=says):
        yield


def test_records_that_are_not_the_customers() -> None:
    """By the database alone, whatever the letter says: lines, numbers, addressees of all three kinds."""
    place = office()
    message = someone(place)
    composed = compose(place.letter(message))
    place.look(message, composed)
    replace = msgspec.structs.replace
    [line] = message.lines
    for changed, says in (
        (
            {"lines": (replace(line, invoice_id="i2", number="INV-1002"),)},
            "invoice i2 in it is not the customer's",
        ),
        ({"lines": (line, replace(line, invoice_id="i2"))}, "invoice i2"),
        ({"lines": (replace(line, invoice_id="i3"),)}, "invoice i3"),
        ({"lines": (replace(line, number="INV-1002"),)}, "not as the book has it"),
        ({"currency": "EUR"}, "not as the book has it"),
        ({"to": ("zoe@zephyr.example",)}, "addressees"),
        ({"cc": ("zoe@zephyr.example",)}, "addressees"),
        ({"bcc": ("zoe@zephyr.example",)}, "addressees"),
        ({"customer_name": "Zephyr & Quill"}, "greet"),
        ({"customer_id": "c2", "customer_name": "Zephyr & Quill"}, "invoice i1"),
    ):
        with stopped(says):
            check_own_data(place.book, replace(message, **changed), POLICY, composed, place.book.today)


def test_addressees_that_the_policy_names() -> None:
    """Those of the customer in the policy, and copies of its steps; not those of another customer."""
    place = office()
    message = msgspec.structs.replace(someone(place), to=("boss@lumen.example",), cc=("law@hart.example",))
    from arsync.policy.rules import CustomerTerms

    step = msgspec.structs.replace(POLICY.steps[0], cc=("law@hart.example",))
    for who, passes in (("Lumen Yoga", True), ("c1", True), ("lumen yoga", True), ("c2", False)):
        customers = {who: CustomerTerms(to=("boss@lumen.example",))}
        policy = msgspec.structs.replace(POLICY, steps=(step,), customers=customers)
        place.settings(policy=policy)
        composed = compose(place.letter(message))
        if passes:
            check_own_data(place.book, message, policy, composed, place.book.today)
        else:
            with stopped("addressees"):
                check_own_data(place.book, message, policy, composed, place.book.today)
    place.settings()


def test_headers_that_are_not_the_messages() -> None:
    place = office()
    message = someone(place)
    letter = place.letter(message)
    for changed, says in (
        ({"message_id": "<arsync.other@acme.example>"}, "Message-ID"),
        ({"sender": "Acme Accounts <ar@birch.example>"}, "'from'"),
        ({"reply_to": "ar@birch.example"}, "'reply-to'"),
        ({"reply_to": None}, "'reply-to'"),
        ({"to": ("pay@lumen.example", "zoe@zephyr.example")}, "'to'"),
        ({"cc": ("zoe@zephyr.example",)}, "'cc'"),
        ({"references": ("<arsync.mc2@acme.example>",)}, "answers a message"),
        (
            {"subject": "About INV-1002"},
            "the subject has the number of an invoice or credit note of customer:c2",
        ),
        ({"sender": "Zephyr & Quill <ar@acme.example>"}, "the header 'from' has the name of customer:c2"),
    ):
        with stopped(says):
            place.look(message, **{name: getattr(letter, name) for name in ()} | changed)
    place.look(message, references=(letter.message_id,))


def test_parts_that_no_letter_has() -> None:
    place = office()
    message = someone(place)

    def composed() -> EmailMessage:
        return compose(place.letter(message))

    attached = composed()
    attached.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="other.pdf")
    text = composed()
    text.add_attachment("a text", filename="note.txt")
    blind = composed()
    blind["Bcc"] = "zoe@zephyr.example"
    for each, says in ((attached, "application/pdf"), (text, "attached"), (blind, "'Bcc'")):
        with stopped(says):
            place.look(message, each)


@pytest.mark.parametrize("book", ["acme", "birch"])
def test_a_number_that_somebody_typed_into_a_template(book: str) -> None:
    """With the file and line where it stands, and what to do."""
    place = Office(own_txt="About {{ company }}\nDear {{ customer }},\n\nINV-1002 is open: {{ total }}.\n")
    message = msgspec.structs.replace(someone(place), template="own")
    if book == "birch":
        place.fill(
            "acme", [customer("c1", "Lumen Yoga", "pay@lumen.example")], [invoice("i1", "INV-1001", "c1")]
        )
        place.fill("birch", [customer("c2", "Z")], [invoice("i2", "INV-1002", "c2")])
        message = place.message(customer("c1", "Lumen Yoga", "pay@lumen.example"), [invoice("i1", "INV-1001", "c1")],
                                template="own")  # fmt: skip
    with pytest.raises(StrangersData) as caught:
        place.look(message)
    said = str(caught.value)
    assert f"{place.folder}/own.txt:4" in said
    assert "customer:c2" in said
    assert ("of the book birch" in said) is (book == "birch")
    assert "INV-1002" not in said
    assert "may_mention" in said
    place.settings(mentions=("INV-1002",))
    place.look(message)


@pytest.mark.parametrize(
    ("says", "stops"),
    [
        ("CN-77 was set against it", True),
        ("credit note 4077 was set against it", True),
        ("4077 was set against it", False),
        ("3f2a77c1-0000-4000-8000-00000000c077 was set against it", True),
        ("CN-78 was set against it", False),
        ("credit note 4079 was set against it", False),
    ],
)
def test_a_credit_note_that_somebody_typed_into_a_template(says: str, stops: bool) -> None:
    """Of another customer; not its own, and not a reference of somebody's payment."""
    place = Office(own_txt=f"{{{{ company }}}}\n{says}. {{{{ total }}}}\n")
    who, other = customer("c1", "Lumen Yoga", "pay@lumen.example"), customer("c2", "Zephyr & Quill")
    mine = invoice("i1", "INV-1001", "c1")
    notes = [
        credit_note("3f2a77c1-0000-4000-8000-00000000c077", "CN-77", "c2"),
        credit_note("n2", "4077", "c2"),
        credit_note("n3", "CN-78", "c1"),
        credit_note("n4", "4079", "c2", kind="payment"),
    ]
    place.fill("acme", [who, other], [mine], notes)
    place.fill("birch", [], [])
    message = place.message(who, [mine], template="own")
    with (
        stopped("credit note of customer:c2|id of a record of customer:c2")
        if stops
        else contextlib.nullcontext()
    ):
        place.look(message)


def test_its_own_other_invoice_may_be_named() -> None:
    place = Office(own_txt="About {{ company }}\nBesides, INV-1000 is paid. {{ total }}\n")
    who = customer("c1", "Lumen Yoga", "pay@lumen.example")
    bills = [invoice("i0", "INV-1000", "c1", open=0, status="closed"), invoice("i1", "INV-1001", "c1")]
    place.fill("acme", [who], bills)
    place.fill("birch", [customer("c7", "Lumen Yoga")], [invoice("i7", "INV-1000", "c7")])
    place.look(place.message(who, bills[1:], template="own"))


WORDS_OF_THE_PAGE = [
    "Helvetica",
    "Arial",
    "Margin",
    "Right",
    "Viewport",
    "Collapse",
    "HTML",
    "auto-generated",
]


@pytest.mark.parametrize("name", WORDS_OF_THE_PAGE)
def test_a_customer_whose_name_is_a_word_of_every_page(name: str) -> None:
    """It stands in the page's styles, or in what every letter says of itself, and nobody reads it there."""
    place = Office()
    who = customer("c1", "Lumen Yoga", "pay@lumen.example")
    mine = invoice("i1", "INV-1001", "c1")
    place.fill("acme", [who, customer("c2", name, "b@b.example")], [mine])
    place.fill("birch", [], [])
    place.look(place.message(who, [mine]))


LETTER = "{{ company }}: a reminder\nDear {{ customer }},\n\nas with 9042 last year, invoice 9042 is open.\n{{ total }}\n"


@on_one_vendor
def test_the_run_of_the_book_stops(desk: Desk, ledger: Ledger) -> None:
    """Exit 1, the message stays approved, nothing left; once the template is put right it leaves."""
    folder = Path(desk.folder / "templates")
    folder.mkdir()
    template = folder / "first-reminder.txt"
    template.write_text(LETTER, "utf-8")
    ledger.invoice(
        ledger.customer("Zephyr Studio", "zoe@zephyr.example"), "30.00", overdue=-20, number="9042"
    )
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.approved()
    for line in (("send",), ("run",), ("send", "--json")):
        typed = desk.gives(1, *line)
        assert "first-reminder.txt:4" in typed.err
        assert "9042" not in typed.err
        assert "Zephyr" not in typed.err
        assert desk.mail == []
        assert desk.rows("SELECT status, attempts FROM messages") == [("approved", 0)]
    template.write_text(LETTER.replace("9042", "{{ invoices[0].number }}"), "utf-8")
    assert "1 message sent" in desk.ok("run").out
    assert "invoice 1001 is open" in desk.text()
    assert [note for place in ledger.notes("1001", "1") for note in place] or desk.ok("note")


@on_one_vendor
@pytest.mark.parametrize(("fault", "status"), [("invoice 9042", 1), ("{{ customer.split()[1] }}", 2)])
def test_notes_that_are_owed_are_written_all_the_same(
    desk: Desk, ledger: Ledger, fault: str, status: int
) -> None:
    """A letter that cannot leave today, nor tomorrow, keeps no note of an earlier one back."""
    ledger.invoice(
        ledger.customer("Zephyr Studio", "zoe@zephyr.example"), "30.00", overdue=-20, number="9042"
    )
    ledger.invoice(ledger.customer("Lumen Yoga", "pay@lumen.example"), "120.00", number="1001")
    desk.ok("sync")
    desk.approved()
    desk.ok("send")
    ledger.invoice(ledger.customer("Quartz", "pay@quartz.example"), "50.00", number="1002")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    folder = Path(desk.folder / "templates")
    folder.mkdir()
    (folder / "first-reminder.txt").write_text(LETTER.replace("invoice 9042", fault), "utf-8")
    assert desk.rows("SELECT count(*) FROM notes WHERE status = 'written'") == [(0,)]
    desk.gives(status, "run")
    assert len(desk.mail) == 1
    assert desk.rows("SELECT DISTINCT status FROM notes") == [("written",)]


@on_one_vendor
def test_a_practice_may_say_what_everybody_may_read(desk: Desk, ledger: Ledger) -> None:
    folder = Path(desk.folder / "templates")
    folder.mkdir()
    (folder / "first-reminder.txt").write_text(LETTER.replace("9042", "Zephyr Studio"), "utf-8")
    ledger.invoice(
        ledger.customer("Zephyr Studio", "zoe@zephyr.example"), "30.00", overdue=-20, number="9042"
    )
    ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.approved()
    desk.gives(1, "send")
    file = desk.folder / "arsync.toml"
    file.write_text(
        file.read_text().replace('name = "Test"', 'name = "Test"\nmay_mention = ["Zephyr Studio"]')
    )
    desk.ok("send")
    assert len(desk.mail) == 1
