"""When a number or a name in a letter is somebody's, and when it is a year, an amount or just a word."""

from __future__ import annotations

import pytest

from arsync.writing.belonging import Whose, Words, addresses, ids, spans, telling_name, telling_number
from arsync.writing.wire_text import read_back


def told(line: str, number: str, whose: Whose = "template", *, prose: bool = True) -> bool:
    """Whether this number, which is a stranger's, is one on this line."""
    found = [span for span in spans(line) if span.text == number]
    assert found, (line, number)
    return any(telling_number(span, whose, prose=prose) for span in found)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Your INV-1002 is open", "INV-1002"),
        ("inv-1002.", "inv-1002"),
        ("(see INV-1002)", "INV-1002"),
        ("2026/0117R was sent", "2026/0117R"),
        ("your invoice 1002 is open", "1002"),
        ("Invoice no. 77", "77"),
        ("invoices 1001, 1002 and 1003", "1003"),
        ("Rechnung Nr. 1002", "1002"),
        ("#1002", "1002"),
        ("invoice #2026", "2026"),
        ("number 2026 is open", "2026"),
        ("Your reference: 1002", "1002"),
        ("facture n° 1002", "1002"),
        ("please pay 1234567 soon", "1234567"),
        ("https://acme.example/pay/INV-1002", "INV-1002"),
        ("https://acme.example/?invoice=INV-1002&x=1", "INV-1002"),
        ("PO 44 of INV 1002", "INV 1002"),
        ("INV-\u200b1002", "INV-1002"),
    ],
)
def test_a_number_of_the_template_tells(line: str, number: str) -> None:
    assert told(line, number)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("© 2026 Acme", "2026"),
        ("all invoices of 2026", "2026"),
        ("pay within 30 days", "30"),
        ("1040 Main Street", "1040"),
        ("PO Box 1001", "1001"),
        ("call +44 20 7946 0018", "7946"),
        ("costs of 1,500.00 may follow", "1,500.00"),
        ("paragraph 4a", "4a"),
        ("on the 1st of the month", "1st"),
        ("office A4", "A4"),
        ("from 01-12-2026 on", "01-12-2026"),
        ("ISO 9001", "9001"),
        ("5% of it", "5"),
    ],
)
def test_figures_of_the_template_are_just_figures(line: str, number: str) -> None:
    if len(number) == 1:
        assert not any(span.text == number for span in spans(line))
        return
    assert not told(line, number)


def test_figures_that_nothing_explains_tell_from_four_on() -> None:
    assert told("and 1002", "1002", "nobody")
    assert not told("and 102", "102", "nobody")
    assert not told("and 2026", "2026", "nobody")
    assert not told("width 1002", "1002", "nobody", prose=False)
    assert told("INV-1002", "INV-1002", "nobody", prose=False)
    assert not told("INV-1002", "INV-1002", "own")


@pytest.mark.parametrize(
    ("text", "name", "whose", "of_book", "tells"),
    [
        ("Lumen Yoga", "Lumen Yoga", "template", False, True),
        ("Lumen  Yoga", "Lumen Yoga", "template", False, True),
        ("kind regards", "Kind Regards", "template", False, False),
        ("Total", "Total", "template", False, False),
        ("Best", "Best", "template", True, True),
        ("best", "best", "template", True, False),
        ("lumen yoga", "Lumen Yoga", "nobody", False, True),
        ("LUMEN", "Lumen", "nobody", False, True),
        ("May", "May", "nobody", False, False),
        ("Lumen Yoga", "Lumen Yoga", "own", True, False),
        ("A 1", "A 1", "template", False, False),
    ],
)
def test_names(text: str, name: str, whose: Whose, of_book: bool, tells: bool) -> None:
    assert telling_name(text, name, whose, of_book=of_book) is tells


def test_words_are_found_whatever_stands_between_them() -> None:
    words = Words(["Lumen Yoga, Inc.", "INV-0042", "£1,234.50"])
    for text in ("lumen yoga", "Yoga Inc", "inv 0042", "INV‑0042", "1,234.50", "LUMEN"):
        assert text in words
    for text in ("Yoga Lumen", "Inc INV", "umen", "", "-", "0042 1"):
        assert text not in words


def test_addresses_and_ids() -> None:
    assert list(addresses("Ask Ann <Ann@X.example>, o'brien@y.example.")) == [
        "ann@x.example",
        "o'brien@y.example",
    ]
    assert list(ids("see 11111111-2222-4333-8444-555555555555 or INV-1002")) == [
        "11111111-2222-4333-8444-555555555555"
    ]


PAGE = """<html><head><title>T1</title><style>p { background: url('https://s.example/a') }</style></head>
<body><p title="in title" data-x="in data">INV-<b>10</b>02<br>next<!-- in comment --></p>
<table><tr><th>No</th><td>77</td></tr><tr><td>x</td></tr></table>
<a href="https://a.example/?n=5">link</a><img src="https://b.example/i.png" alt="in alt">
<!--[if mso]><a href="https://c.example/">hidden &amp; told</a><![endif]-->
<div style="display:none;background:url(https://d.example/x)">unseen</div></body></html>"""


def test_all_of_a_page_is_read() -> None:
    raw = b"Subject: S\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n"
    raw += b"Content-Type: text/plain\r\n\r\nplain https://t.example/x.\r\n"
    raw += b"--b\r\nContent-Type: text/html\r\n\r\n"
    wire = read_back(raw + PAGE.encode() + b"\r\n--b--\r\n")
    assert wire.strange == ()
    texts = "\n".join(passage.text for passage in wire.passages)
    for said in (
        "INV-1002",
        "in title",
        "in data",
        "in comment",
        "in alt",
        "hidden & told",
        "unseen",
        "T1",
        "No  77",
    ):
        assert said in texts
    assert "1002next" not in texts
    assert {link for _, link in wire.links} == {
        "https://t.example/x", "https://s.example/a", "https://a.example/?n=5", "https://b.example/i.png",
        "https://c.example/", "https://d.example/x",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "strange"),
    [
        (b"Subject: S\r\nBcc: x@y.example\r\n\r\nhello", "a header 'Bcc'"),
        (b"Subject: S\r\nSubject: T\r\n\r\nhello", "two headers 'subject'"),
        (b"Subject: S\r\nContent-Type: application/pdf\r\n\r\nhello", "application/pdf"),
        (
            b"Subject: S\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nx",
            "Content-Disposition",
        ),
        (b"Subject: S\r\nContent-Type: text/html\r\n\r\nx", "other parts"),
    ],
)
def test_what_has_no_business_in_a_letter(raw: bytes, strange: str) -> None:
    assert strange in " ".join(read_back(raw).strange)
