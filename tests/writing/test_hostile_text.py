"""Whatever stands in the accounting system, it is read in a letter and a note and does nothing there."""

import unicodedata
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from tempfile import mkdtemp

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st
from letters import PLAIN, templates, view

from arsync.writing import LetterView, Templates, load_templates, note_text, plain_line, render

NASTY = [
    "<script>alert(1)</script>", '"><img src=x onerror=y>', "</td></table>", "S\r\nBcc: all@evil.example",
    "=HYPERLINK(\"http://evil.example\")", "{{ 7 * 7 }}{% for %}", "\u202egnp.exe", "\u2066a\u2069",
    "a\x00b\x1b[31m", "http://evil.example/pay", "\x0ehttps://evil.example\x0f", "\x0f\x0f https://evil.example",
    "\x02", "\ud800", "javascript:alert(1)", "[arsync:other]", "&lt;b&gt;", "x" * 10_000,
    "\u2028\u2029\x85", "\U000e0041",
]  # fmt: skip
hostile = (
    st.sampled_from(NASTY)
    | st.text(st.characters(), max_size=60)
    | st.lists(st.sampled_from(NASTY)).map("".join)
)
views = st.builds(
    lambda customer, company, sender, step, number: view(
        customer_name=customer,
        company=company,
        sender_name=sender,
        step=step,
        reply_to="answers@acme.example",
        lines=(msgspec.structs.replace(PLAIN, number=number), PLAIN),
        unapplied=10,
    ),
    *[hostile] * 5,
)
ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
JOINERS = "\u200c\u200d"


@cache
def source() -> Templates:
    text = (
        "About {{ customer }} {{ step }}\n"
        "Dear {{ customer|upper }}, https://acme.example/{{ customer }} {{ sender }}\n"
        "{{ company }}\n\n{% for i in invoices %}{{ i.number|truncate(20) }}{% endfor %}\n\n"
        "{{ invoice_table }}\n"
    )
    page = '<p title="{{ customer }}">{{ step }}{{ company }}{{ sender }}</p>{{ invoice_table }}'
    return templates(Path(mkdtemp()), mine_txt=text, own_txt=text, own_html=page)


class Tags(HTMLParser):
    """The tags of a page with the names of their attributes, and the addresses they point to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.links: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.tags.append(("comment",))


def harmless(text: str) -> bool:
    return all(char in JOINERS or unicodedata.category(char) not in ACTING for char in text)


@given(views)
@example(view(customer_name="x", company="https://evil.example/", lines=(PLAIN, PLAIN), unapplied=10))
def test_a_page_has_the_templates_tags_and_no_others(seen: LetterView) -> None:
    kind = view(customer_name="A", company="B", sender_name="C", step="D", lines=(PLAIN, PLAIN), unapplied=10)
    for template in ("mine", "own"):
        page, tame = (Tags(render(source(), template, each).html) for each in (seen, kind))

        assert page.tags == tame.tags or _without_empty_paragraphs(page) == _without_empty_paragraphs(tame)
        assert len(page.links) == len(tame.links)
        for link in page.links:
            assert link.startswith("https://acme.example/")
            assert "evil.example/" not in link.removeprefix("https://acme.example/")


def _without_empty_paragraphs(page: Tags) -> list[tuple[str, ...]]:
    """A value that is empty once made harmless may leave a line or a paragraph with nothing in it."""
    return [tag for tag in page.tags if tag[0] not in ("p", "/p", "br")]


@given(views)
def test_nothing_acts_in_text_subject_and_note(seen: LetterView) -> None:
    for letter in (
        render(source(), "mine", seen),
        render(load_templates(None), "final-notice", msgspec.structs.replace(seen, company="Acme")),
    ):
        assert harmless(letter.subject)
        assert len(letter.subject) <= 200
        assert harmless(letter.text.replace("\n", ""))
        assert harmless(letter.html.replace("\n", ""))
        assert len(letter.text) < 5_000
    note = note_text(seen, "m1", [seen.customer_name], first=PLAIN.number)
    assert harmless(note)
    assert note.startswith("2026-11-23 arsync: ")
    assert note.endswith(" [arsync:m1]")
    assert note.count("[arsync:") == 1


@given(hostile, st.integers(1, 150))
def test_a_line_is_short_and_stays_as_it_is(text: str, limit: int) -> None:
    line = plain_line(text, limit)

    assert len(line) <= limit
    assert harmless(line)
    assert plain_line(line, limit) == line


def test_what_people_write_stays() -> None:
    for name in ("Łódź & Söhne «GmbH»", "株式会社サンプル", "می‌خواهم", "👩‍👧 Ltd", 'O\'Brien "Bob" <b>'):
        assert plain_line(name) == name
    assert plain_line(" a\tb\r\n c\u00a0d ") == "a b c d"
    assert plain_line("x" * 200) == "x" * 119 + "…"


@given(
    st.lists(st.tuples(hostile, st.integers(1, 10**15)), min_size=1, max_size=30),
    st.lists(hostile, min_size=1, max_size=5),
    st.integers(100, 600),
)
def test_a_note_fits_and_keeps_its_mark(invoices: list[tuple[str, int]], to: list[str], limit: int) -> None:
    lines = tuple(msgspec.structs.replace(PLAIN, number=number, open=units) for number, units in invoices)

    note = note_text(view(lines=lines), "3f2a-77", to, limit=limit)

    assert len(note) <= limit
    assert note.endswith(" [arsync:3f2a-77]")
    assert date.fromisoformat(note[:10]) == date(2026, 11, 23)
