import email
import re
from datetime import UTC, datetime, timedelta, timezone
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.mail import Letter, compose
from arsync.mail.compose import NAME_LIMIT, SUBJECT_LIMIT
from arsync.plain_text import one_line

LETTER = Letter(
    message_id="<m1@acme.example>",
    sender="Acme Accounts <ar@acme.example>",
    to=("Ann Ode <ann@client.example>",),
    subject="Invoice 1042",
    text="Dear Ann,\n\nplease pay £100.\n",
    html="<p>Dear Ann, please pay £100.</p>",
    date=datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=1))),
)
HEADERS = {
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "auto-submitted",
    "mime-version",
    "content-type",
}


def with_(**changes: object) -> Letter:
    fields = {name: getattr(LETTER, name) for name in Letter.__dataclass_fields__}
    return Letter(**(fields | changes))


def sent(letter: Letter) -> EmailMessage:
    """The letter as its reader's program parses it."""
    return email.message_from_bytes(compose(letter).as_bytes(), policy=policy.default)


def read(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def test_the_headers_of_a_plain_letter() -> None:
    wire = compose(LETTER).as_bytes().decode("ascii").split("\r\n\r\n")[0]
    lines = wire.split("\r\n")
    assert lines[:5] == [
        "From: Acme Accounts <ar@acme.example>",
        "To: Ann Ode <ann@client.example>",
        "Subject: Invoice 1042",
        "Date: Mon, 02 Mar 2026 09:30:00 +0100",
        "Message-ID: <m1@acme.example>",
    ]
    assert "Auto-Submitted: auto-generated" in lines
    assert {line.split(":")[0].lower() for line in lines if not line.startswith(" ")} == HEADERS


def test_text_and_html_are_alternatives_in_utf_8() -> None:
    message = sent(LETTER)
    assert message.get_content_type() == "multipart/alternative"
    parts = list(message.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [read(message, "plain"), read(message, "html")] == [LETTER.text, LETTER.html + "\n"]
    assert {part.get_content_charset() for part in parts} == {"utf-8"}


def test_cc_and_reply_to() -> None:
    message = sent(with_(cc=("ben@client.example", "Cy <cy@client.example>"), reply_to="ar@acme.example"))
    assert message["Cc"] == "ben@client.example, Cy <cy@client.example>"
    assert message["Reply-To"] == "ar@acme.example"


def test_a_thread_answers_its_last_message() -> None:
    long = tuple(f"<{letter * 60}@a-rather-long-domain-name.example>" for letter in "abc")
    wire = compose(with_(references=long)).as_bytes().decode("ascii")
    assert f"In-Reply-To: {long[-1]}\r\n" in wire
    assert f"References: {long[0]}\r\n {long[1]}\r\n {long[2]}\r\n" in wire


def test_a_name_outside_ascii_does_not_swallow_the_next_addressee() -> None:
    # the standard library's own folding turns the comma before the third address into an encoded word here
    to = ("ÓCòq <a@x.example>", "b@x.example", "ÓCòq <c@x.example>", "Ódd, Ltd <d@x.example>")
    addresses = sent(with_(to=to))["To"].addresses
    assert [(a.display_name, a.addr_spec) for a in addresses] == [
        ("ÓCòq", "a@x.example"),
        ("", "b@x.example"),
        ("ÓCòq", "c@x.example"),
        ("Ódd, Ltd", "d@x.example"),
    ]


def test_an_international_domain_is_written_in_ascii() -> None:
    assert b"To: info@xn--bcher-kva.example\r\n" in compose(with_(to=("info@bücher.example",))).as_bytes()


def test_a_line_break_in_a_subject_makes_no_header() -> None:
    message = sent(with_(subject="Pay\r\nBcc: thief@evil.example\r\n\r\nbody"))
    assert message["Bcc"] is None
    assert message["Subject"] == "Pay Bcc: thief@evil.example body"


def test_an_encoded_word_in_a_subject_is_text_not_code() -> None:
    message = sent(with_(subject="=?utf-8?q?Pay=0D=0ABcc:_x@evil.example?="))
    assert message["Subject"] == "= ?utf-8?q?Pay=0D=0ABcc:_x@evil.example?="


def test_bidirectional_overrides_are_stripped_and_joiners_kept() -> None:
    assert (
        sent(with_(subject="cod.\u202eexe \u2066x\u2069 نامه\u200cها"))["Subject"] == "cod.exe x نامه\u200cها"
    )


def test_a_subject_is_folded_between_words() -> None:
    words = "Reminder: " + "invoice 1042, " * 9
    wire = compose(with_(subject=words)).as_bytes().decode("ascii")
    assert max(map(len, wire.split("\r\n"))) <= 76
    assert sent(with_(subject=words))["Subject"] == words.strip()


def test_a_long_subject_ends_in_an_ellipsis() -> None:
    assert sent(with_(subject="x" * 200))["Subject"] == "x" * 200
    assert sent(with_(subject="x" * 201))["Subject"] == "x" * 199 + "…"


def test_long_lines_and_lone_dots_survive() -> None:
    text = "é" * 3000 + "\n.\n" + "word " * 1000 + "\nFrom here\n"
    message = compose(with_(text=text, html=f"<p>{'x' * 5000}</p>"))
    assert max(map(len, message.as_bytes().split(b"\r\n"))) <= 78
    assert read(sent(with_(text=text)), "plain") == text


def test_control_characters_and_surrogates_in_a_body_do_no_harm() -> None:
    message = sent(with_(text="a\x00b\x1b[2J\rc\r\nd\ud800"))
    assert read(message, "plain") == "ab[2J\nc\nd\ufffd\n"


@pytest.mark.parametrize(
    "changes",
    [
        {"to": ()},
        {"to": ("nobody",)},
        {"sender": "Acme"},
        {"reply_to": "a@x.example\r\nBcc: b@x.example"},
        {"message_id": "m1@acme.example"},
        {"message_id": "<m1@acme.example>\r\nBcc: b@x.example"},
        {"message_id": "<=?utf-8?q?=0D=0A?=@acme.example>"},
        {"references": ("<a@x.example> <b@x.example>",)},
        {"date": datetime(2026, 3, 2)},  # noqa: DTZ001
    ],
)
def test_what_cannot_be_a_letter_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        compose(with_(**changes))


hostile = st.text(
    alphabet=st.one_of(
        st.sampled_from('\r\n\t\x00\x0b\x0c\x1c\x85\u2028\u2029\u202e\u200b ,;:<>"\\()@=?_.'),
        st.characters(),
    ),
    max_size=250,
)


@given(hostile, hostile, hostile)
def test_no_text_injects_a_header_or_moves_an_address(name: str, other: str, subject: str) -> None:
    letter = with_(
        sender=f"{name} <ar@acme.example>",
        to=(f"{other} <ann@client.example>", "ben@client.example", f"{name}<cy@client.example>"),
        subject=subject,
        date=datetime(2026, 3, 2, tzinfo=UTC),
    )
    wire = compose(letter).as_bytes()
    head = wire.split(b"\r\n\r\n")[0].decode("ascii")
    assert not re.search(r"[^\x20-\x7e\r\n]|\r(?!\n)|(?<!\r)\n", head)
    assert [line for line in head.split("\r\n") if not line.strip()] == []
    assert {line.split(":")[0].lower() for line in head.split("\r\n") if not line.startswith(" ")} == HEADERS
    message = email.message_from_bytes(wire, policy=policy.default)
    assert [a.addr_spec for a in message["From"].addresses] == ["ar@acme.example"]
    assert [a.addr_spec for a in message["To"].addresses] == [
        "ann@client.example",
        "ben@client.example",
        "cy@client.example",
    ]
    assert one_line(message["Subject"]) == message["Subject"]
    assert len(str(message["Subject"])) <= SUBJECT_LIMIT
    assert len(message["From"].addresses[0].display_name) <= NAME_LIMIT


plain_names = st.text(alphabet="abcXYZ ,.é'\"()ñ&漢字@:;", min_size=1, max_size=80).map(lambda s: one_line(s))


@given(plain_names.filter(lambda name: name and not (name[0] == name[-1] == '"') and "<" not in name))
def test_ordinary_names_arrive_as_they_are(name: str) -> None:
    # read by the older parser: the newer one puts spaces between encoded words inside a name (RFC 2047, 6.2)
    wire = email.message_from_bytes(compose(with_(to=(f"{name} <a@x.example>",))).as_bytes())["To"]
    shown, address = parseaddr(wire.replace("\r\n", ""))
    assert (str(make_header(decode_header(shown))), address) == (name, "a@x.example")


@given(plain_names)
def test_ordinary_subjects_arrive_as_they_are(subject: str) -> None:
    assert sent(with_(subject=subject))["Subject"] == subject
