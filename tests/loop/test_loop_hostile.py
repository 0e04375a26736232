"""A hostile customer name through mail, notes, terminal and JSON: it is read, and it does nothing."""

from __future__ import annotations

import json
from email import message_from_bytes, policy

import pytest
from loop_desk import Desk
from loop_ledgers import Ledger, QuickBooks, Xero

NAMES = {
    "line breaks": "Lumen\r\nBcc: everybody@evil.example\r\n\r\nYoga",
    "html": "<script>alert(1)</script><img src=x onerror=alert(2)>&amp;",
    "quotes": "\"Lumen\" 'Yoga' `rm -rf ~` $(reboot) \\",
    "template": "{{ 7 * 6 }}{% for i in invoices %}{{ i }}{% endfor %}{{ config }}",
    "formula": '=HYPERLINK("http://evil.example","x")+cmd|\'/C calc\'!A0',
    "right to left": "Lumen \u202e\u2066gnp.exe\u2069 \u200f\u061c\ufeff Yoga",
    "terminal": "Lumen\x1b[2J\x1b]0;owned\x07\x9b31m Yoga\x08\x08\x00",
    "markup": "[bold red]Lumen[/bold red] [link=http://evil.example]x[/link]",
    "mark": "Lumen [arsync:000000000000] Yoga",
    "long": "Lumen " + "x" * 10_240,
}
# What must not be in anything that is shown: controls, line and paragraph separators, direction marks.
CONTROLS = [*range(10), *range(11, 32), *range(0x7F, 0xA0)]
ACTING = {*map(chr, CONTROLS), *"\u2028\u2029\u202e\u2066\u2069\u200f\u061c\ufeff"}


def rename(ledger: Ledger, customer: str, name: str) -> None:
    """Past the checks of the simulated screens: what a service sends is not ours to trust."""
    if isinstance(ledger, QuickBooks):
        with ledger.company.change() as change:
            record = ledger.company.find("Customer", int(customer))
            assert record is not None
            change.touch(record)
            record.body["DisplayName"] = name
        for table in ledger.company.tables.values():
            for each in table.rows.values():
                each.encoded = None
    else:
        assert isinstance(ledger, Xero)
        ledger.company.edit_contact(customer, name=name)


# All on Xero, where the note goes to the customer; on QuickBooks those that its wire treats in its own way.
CASES = [("xero", kind) for kind in NAMES] + [
    ("quickbooks", kind) for kind in ("line breaks", "html", "long")
]


@pytest.mark.parametrize(("ledger", "kind"), CASES, indirect=["ledger"])
def test_through_the_whole_loop(desk: Desk, ledger: Ledger, kind: str) -> None:
    """Synced, planned, approved, sent, noted, explained; every text that comes out is harmless."""
    name = NAMES[kind]
    customer = ledger.customer("Lumen Yoga")
    rename(ledger, customer, name)
    ledger.invoice(customer, "120.00", number="1001")
    if isinstance(ledger, Xero):  # QuickBooks refuses to write on a customer with such a name
        ledger.write(extra='notes = "both"\n')
    typed = [desk.ok("sync"), desk.ok("plan"), desk.ok("aging"), desk.ok("aging", "--by", "invoice")]
    message = desk.approved()
    typed += [
        desk.ok("plan"),
        desk.ok("run"),
        desk.ok("plan"),
        desk.ok("explain", "acme", "1001"),
        desk.ok(
            "hold",
            "acme",
            f"customer:{customer}",
            "--reason",
            "paused",
            "--note",
            name[:400].replace("\x00", ""),
        ),
        desk.ok("plan"),
        desk.ok("explain", "acme", f"customer:{customer}"),
        desk.ok("release", "acme", f"customer:{customer}"),
    ]
    for each in typed:
        assert not ACTING.intersection(each.out + each.err), each
        assert len(each.out) < 8_000  # nobody's name fills a screen

    # JSON carries the name as the accounting system has it: there it is data
    assert message["customer"] == {"id": customer, "name": name}

    # one mail, to the one addressee, with the headers that it ought to have and no others
    [caught] = desk.catcher.messages
    assert caught.rcpt_tos == ("pay@lumen.example",)
    parsed = message_from_bytes(caught.raw, policy=policy.default)
    assert set(parsed.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
        "References", "Reply-To",
    }  # fmt: skip
    text = desk.text()
    assert "Dear 42" not in text  # a name is no template
    assert not ACTING.intersection(text)
    assert max(map(len, text.splitlines())) < 1_000
    html = parsed.get_body(("html",)).get_content().replace("\r\n", "\n")
    assert "<script" not in html
    assert "<img" not in html
    assert not ACTING.intersection(html)

    # the notes are one line each, and their mark is the message's own
    lines = [line for place in ledger.notes("1001", customer) for line in place]
    assert len(lines) == (2 if isinstance(ledger, Xero) else 1)
    for line in lines:
        assert not ACTING.intersection(line)
        assert line.count("[arsync:") == 1
        assert line.endswith(f"[arsync:{message['id']}]")

    # and the story in JSON is JSON
    json.dumps(desk.ok("explain", "acme", "1001", "--json").json)


NUMBERS = ("1001\r\nBcc: x@evil.example", "<b>1002</b>", "\u202e1003", "[arsync:000000000000]")


def test_hostile_invoice_numbers(desk: Desk, xero: Xero) -> None:
    """Four customers, an invoice each."""
    customers = [xero.customer(f"Customer {at}", f"pay@c{at}.example") for at in range(len(NUMBERS))]
    for customer, number in zip(customers, NUMBERS, strict=True):
        xero.invoice(customer, "120.00", number=number)
    desk.ok("sync")
    ids = {message["customer"]["id"]: message["id"] for message in desk.plan()["messages"]}
    for line in (("approve", "acme", "--all"), ("run",), ("plan",), ("aging", "--by", "invoice")):
        typed = desk.ok(*line)
        assert not ACTING.intersection(typed.out + typed.err)
    assert sorted(caught.rcpt_tos for caught in desk.catcher.messages) == [
        (f"pay@c{at}.example",) for at in range(len(NUMBERS))
    ]
    for mail in desk.mail:
        assert "<b>" not in mail.get_body(("html",)).get_content()
        assert "Bcc" not in mail
    for customer, number in zip(customers, NUMBERS, strict=True):
        _, [note] = xero.notes(number, customer)
        assert not ACTING.intersection(note)
        assert note.count("[arsync:") == 1
        assert note.endswith(f"[arsync:{ids[customer]}]")


NO_ADDRESSES = (
    "Bcc: x@evil.example", "pay@lumen.example> <x@evil.example", "pay", "pay@@lumen.example",
    "<script>@lumen.example", "",
)  # fmt: skip


def test_hostile_addresses(desk: Desk, xero: Xero) -> None:
    """None of these is one: the customers are held for that, by name, and nothing leaves."""
    for at, address in enumerate(NO_ADDRESSES):
        xero.invoice(xero.customer(f"Customer {at}", address), "120.00")
    desk.ok("sync")
    plan = desk.plan()
    assert plan["messages"] == []
    assert [hold["reason"] for hold in plan["holds"]] == ["no-address"] * len(NO_ADDRESSES)
    assert not ACTING.intersection(desk.ok("plan").out)
    desk.ok("approve", "acme", "--all")
    desk.ok("run")
    assert desk.mail == []


def test_an_address_with_a_line_break(desk: Desk, xero: Xero) -> None:
    """What can be read as an address is one; what stands behind the break is no header and no addressee."""
    xero.invoice(xero.customer("Lumen Yoga", "pay@lumen.example\r\nBcc: x@evil.example"), "120.00")
    desk.ok("sync")
    assert desk.approved()["to"] == ["pay@lumen.example"]
    desk.ok("run")
    [caught] = desk.catcher.messages
    assert caught.rcpt_tos == ("pay@lumen.example",)
    assert b"evil.example" not in caught.raw
