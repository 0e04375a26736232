# ruff: noqa: E501 - lines of templates are as long as practices write them
"""The last look over drawn practices: what is another customer's or another book's is found wherever it is
planted; what is the customer's own, or just a word or a year, stops nobody; and hostile texts do nothing."""

from __future__ import annotations

import contextlib
from email import message_from_bytes
from email import policy as email_policy
from functools import cache
from html.parser import HTMLParser

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from own_data_office import Office, credit_note, customer, invoice

from arsync.ledger import Customer, Invoice
from arsync.mail import compose
from arsync.runs.own_data import StrangersData

# What practices write into their letters: figures, words and names of all kinds that are nobody's.
TEXT = """{{ company }}: {{ count if count else invoices|length }} open, reminder 2
Dear {{ customer|upper }},

Best regards in May: the Total of {{ total }} for {{ invoices|length }} invoices is open since {{ oldest_days }} days,
all Invoices of 2026. Please pay within 30 days, or {{ oldest_days + 14 }} at the latest; costs of 1,500.00 may follow.
Rates are 5% or 1.5 a month, see paragraph 4a. A Final Notice follows on the 1st. Will you call us?

{{ invoice_table }}

{% for invoice in invoices %}* {{ loop.index }}. {{ invoice.number|lower }} ({{ invoice.open }}) due {{ invoice.due }}
{% endfor %}
Acme Studio, 1040 Main Street, PO Box 1001, Springfield 30301; +44 20 7946 0018; GB29 NWBK 6016 1331 9268 19
Hartley Bookkeeping for {{ company }}; {{ reply_to }}; https://acme.example/2026/{{ invoices[0].number }} © 2026
""".replace("{{ count if count else invoices|length }}", "{{ invoices|length }}")
PAGE = """<html><head><style>p { color: #100200; width: 1001px } a { margin: 30px }</style></head>
<body><p style="color:#2026aa;font-size:1001px" width="1040">Dear {{ customer|title }},</p>
<!-- Letter of 2026 -->{{ invoice_table }}
<p>In total {{ total }}, by <a href="https://acme.example/pay/{{ invoices[0].number }}?y=2026">this link</a>
or <a href="mailto:{{ reply_to }}">mail</a>. <img src="https://acme.example/1001.png" width="30" alt="Acme Studio"></p>
<p>PO Box 1001, 1040 Main Street</p></body></html>
"""
WORDS = ["Best", "Total", "Invoice", "May", "Will", "Final", "Notice", "Main Street Ltd", "Acme", "Dear", "Open",
         "Lumen", "Lumen Yoga", "Lumen Yoga Ltd", "Yoga & Sons", "2026", "Total 1001", "Søren Åse A/S"]  # fmt: skip
NUMBERS = ["2026", "1001", "1040", "30", "1", "14", "4a", "1st", "5%", "2", "INV-1", "INV-1001", "inv-1001", "1,500.00",
           "7946", "0018", "30301", "INV-1001/2", "11", "23", "21"]  # fmt: skip


@cache
def office() -> Office:
    return Office(own_txt=TEXT, own_html=PAGE)


@st.composite
def practices(draw: st.DrawFn) -> tuple[Office, Customer, list[Invoice]]:
    """Two books with customers whose names are words, alike or parts of each other's, and numbers that are
    years, amounts and days; one customer, with kin, to write to."""
    names = st.sampled_from(WORDS)
    place = office()
    for book in ("acme", "birch"):
        people = [
            customer(
                f"c{n}",
                draw(names),
                f"pay@c{n}.{book}.example",
                parent_id=draw(st.sampled_from([None, None, "c0"])) if n else None,
                bills_parent=bool(n) and draw(st.booleans()),
            )
            for n in range(draw(st.integers(1, 5)))
        ]
        count = draw(st.integers(1, 8))
        bills = [
            invoice(f"i{n}", draw(st.sampled_from(NUMBERS)), draw(st.sampled_from(people)).id)
            for n in range(count)
        ]
        notes = [
            credit_note(f"n{n}", draw(st.sampled_from(NUMBERS)), draw(st.sampled_from(people)).id)
            for n in range(draw(st.integers(0, 3)))
        ]
        place.fill(book, people, bills, notes)
        if book == "acme":
            chosen = people[0]
            kin = {chosen.id, *(it.id for it in people if it.bills_parent and it.parent_id == chosen.id)}
            own = [it for it in bills if it.customer_id in kin] or [invoice("i99", "INV-99", chosen.id)]
            if own[0].id == "i99":
                place.fill(book, people, [*bills, *own], notes)
    return place, chosen, own


@settings(max_examples=60)
@given(practices(), st.sampled_from(["first-reminder", "final-notice", "own"]))
def test_what_is_its_own_leaves(practice: tuple[Office, Customer, list[Invoice]], template: str) -> None:
    place, who, own = practice
    place.look(place.message(who, own, template=template))


NASTY = [
    "<script>alert(1)</script>", '"><img src=x onerror=y>', "</td></table>", "S\r\nBcc: all@evil.example", "all@evil.example",
    '=HYPERLINK("http://evil.example")', "{{ 7 * 7 }}", "\u202egnp.exe", "a\x00b\x1b[31m", "http://evil.example/pay now",
    "www.evil.example", "=?utf-8?q?x?=", "INV-1001", "javascript:alert(1)", "x" * 5_000, "&lt;b&gt;", "#1001", "no. 2026",
    "mailto:all@evil.example", "A https://acme.example@evil.example/ B", "O'Neil & Sons <o'neil@x.example>", "=FF 1",
]  # fmt: skip
no_surrogates = st.characters(codec="utf-8")
hostile = (
    st.sampled_from(NASTY)
    | st.text(no_surrogates, min_size=1, max_size=60)
    | st.lists(st.sampled_from(NASTY), min_size=1, max_size=4).map(" ".join)
)
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Reply-To",
}


class Tags(HTMLParser):
    """The tags of a page with the names of their attributes, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.hosts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.hosts += [
            (value or "").partition("//")[2].partition("/")[0]
            for name, value in attrs
            if name in ("href", "src")
        ]


@settings(max_examples=80)
@example("<script>alert(1)</script>", " ", "Lumen", "first-reminder")
@given(hostile, hostile, hostile, st.sampled_from(["first-reminder", "own"]))
def test_hostile_texts_of_its_own_leave_and_do_nothing(
    name: str, number: str, theirs: str, template: str
) -> None:
    """Read back from the bytes: the headers, parts, tags and links of the same letter with tame texts."""
    place = office()
    found = []
    for who, what in ((name, number), ("Tame Ltd", "N-1")):
        own, bill = customer("c1", who, "pay@lumen.example"), invoice("i1", what, "c1")
        place.fill("acme", [own, customer("c2", theirs)], [bill, invoice("i2", theirs, "c2")])
        place.fill("birch", [customer("c3", theirs)], [])
        message = place.message(own, [bill], template=template)
        composed = compose(place.letter(message))
        with contextlib.suppress(StrangersData) if who == "Tame Ltd" else contextlib.nullcontext():
            place.look(message, composed)  # a stranger's name may be words of the template: see the rules
        found.append(message_from_bytes(composed.as_bytes(), policy=email_policy.default))
    seen, tame = found
    assert seen.keys() == tame.keys()
    assert set(seen.keys()) == HEADERS
    assert seen["To"] == tame["To"]
    kinds = [[part.get_content_type() for part in each.walk()] for each in found]
    assert kinds == [["multipart/alternative", "text/plain", "text/html"]] * 2
    pages = [Tags(each.get_body(("html",)).get_content()) for each in found]
    assert [tag for tag in pages[0].tags if tag[0] not in ("p", "br")] == [
        tag for tag in pages[1].tags if tag[0] not in ("p", "br")
    ]
    assert pages[0].hosts == pages[1].hosts


# Things that are another customer's or another book's, and nobody else's.
SECRETS = {
    "number": "INV-770042",
    "figures": "770042",
    "announced": "Invoice 7742",
    "credit note": "CN-880015",
    "credit announced": "credit note 8815",
    "credit id": "9f3c2b1a-7d4e-4f00-8a11-2b3c4d5e6fc1",
    "name": "Zephyr & Quill",
    "address": "zoe@zephyr.example",
    "company": "Birch & Sons Carpentry",
    "neighbour": "ar@birch.example",
    "id": "9f3c2b1a-7d4e-4f00-8a11-2b3c4d5e6f70",
    "link": "https://evil.example/x",
    "other name": "Quartz Harbour",
}
PLACES = ["text", "page", "attribute", "comment", "hidden", "style", "split", "subject", "href", "entity", "condition",
          "title", "split by nothing"]  # fmt: skip


def planted(letter: dict[str, str], place: str, secret: str, kind: str) -> dict[str, str]:
    """The letter with a secret in some place of it."""
    page, half = letter["html"], len(secret) // 2
    body = {
        "page": f"<p>see {secret}</p>",
        "attribute": f'<p title="see {secret}">x</p>',
        "comment": f"<!-- see {secret} -->",
        "hidden": f'<div style="display:none">see {secret}</div>',
        "split": f"<p>see {secret[:half]}<b></b>{secret[half:]}</p>",
        "split by nothing": f"<p>see {secret[:half]}\u200b{secret[half:]}</p>",
        "href": f'<a href="https://acme.example/?invoice={secret}">x</a>',
        "entity": "<p>see " + "".join(f"&#{ord(char)};" for char in secret) + "</p>",
        "condition": f"<!--[if mso]><p>see {secret}</p><![endif]-->",
        "title": f"<title>see {secret}</title>",
        "style": f"<style>/* see {secret} */</style>",
    }.get(place)
    if kind == "link" and place != "text":
        body = f'<a href="{secret}">x</a>'
    if body is not None:
        return {**letter, "html": page.replace("</body>", body + "</body>")}
    name = "text" if place == "text" else "subject"
    return {**letter, name: f"{letter[name].rstrip()} see {secret}\n"}


@settings(max_examples=120)
@given(
    practices(),
    st.sampled_from(sorted(SECRETS)),
    st.sampled_from(PLACES),
    st.sampled_from(["first-reminder", "own"]),
    st.booleans(),
)
def test_what_is_a_strangers_is_found_anywhere(
    practice: tuple[Office, Customer, list[Invoice]], kind: str, where: str, template: str, near: bool
) -> None:
    """In the same book or the other, in what is seen and what is not; and the words do not repeat it."""
    if where == "style" and kind in ("figures", "announced", "credit announced"):
        assume(False)  # figures in a style are colours and widths
    place, who, own = practice
    message = place.message(who, own, template=template)
    secret = SECRETS[kind]
    bare = {"announced": "7742", "number": secret, "figures": secret}.get(kind, "N-1")
    name = secret if "name" in kind else "Nemo"
    id_ = secret if kind == "id" else "zzz"
    book = "acme" if near else "birch"
    with place.store.writing() as conn:
        conn.execute(
            "INSERT INTO customers (book, id, name, emails) VALUES (?, ?, ?, ?)",
            (book, id_, name, "other@x.example\nzoe@zephyr.example"),
        )
        conn.execute(
            "INSERT INTO invoices (book, id, number, customer_id, currency, total, open, status) "
            "VALUES (?, 'zz', ?, ?, 'GBP', 1, 1, 'in-force')",
            (book, bare, id_),
        )
        conn.execute(
            "INSERT INTO credits (book, kind, id, customer_id, currency, remaining, number) "
            "VALUES (?, 'credit-note', ?, ?, 'GBP', 1, ?)",
            (
                book,
                secret if kind == "credit id" else "zzn",
                id_,
                {"credit announced": "8815", "credit note": secret}.get(kind, "C-1"),
            ),
        )
    letter = place.letter(message)
    said = {"subject": letter.subject, "text": letter.text, "html": letter.html}
    place.look(message)
    with pytest.raises(StrangersData) as caught:
        place.look(message, **planted(said, where, secret, kind))
    if kind != "id":  # by which the record is found
        assert secret.casefold() not in str(caught.value).casefold()
    assert caught.value.exit_status == 1
