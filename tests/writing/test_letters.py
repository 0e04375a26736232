"""Letters: what the templates that ship say, and how a template becomes text and HTML."""

from pathlib import Path

import pytest
from letters import EARLY, PAID_IN_PART, PLAIN, templates, view

from arsync.ledger.records import Invoice
from arsync.policy.model import Line, Message
from arsync.writing import LetterLine, LetterView, letter_view, load_templates, render
from arsync.writing.table import MOST_ROWS, text_table

SHIPPED = ["final-notice", "firm-reminder", "first-reminder", "heads-up", "second-reminder"]


@pytest.mark.parametrize("template", SHIPPED)
def test_every_shipped_letter_says_what_it_must(template: str) -> None:
    lines = (PAID_IN_PART, PLAIN)

    letter = render(load_templates(None), template, view(lines=lines, unapplied=5000))

    for part in (letter.text, letter.html):
        for needed in (
            "Norrland Joinery Ltd",  # to whom
            "Acme Ltd", "Acme Accounts",  # from whom
            "INV-3", "Oct 1, 2026", "$1,234.56", "INV-12", "Nov 22, 2026", "$80.00",  # about what
            "$1,314.56",  # the total
            "$50.00", "$1,264.56",  # the credit, and what remains
            "answers@acme.example", "reply to this message",  # how to answer
            "thank",
        ):  # fmt: skip
            assert needed.lower() in part.lower(), needed
        assert "pa" in part
        for never in ("interest", "court", "legal", "lawyer", "costs", "penalt", "credit rating"):
            assert never not in part.lower(), never
    assert letter.subject.startswith("Acme Ltd: ")
    assert "{" not in letter.text


@pytest.mark.parametrize("template", SHIPPED)
def test_no_credit_no_word_of_it(template: str) -> None:
    letter = render(load_templates(None), template, view(sender_name=""))

    assert "not yet applied" not in letter.text
    assert letter.text.endswith(",\nAcme Ltd\n")


def test_a_final_notice_leaves_time_and_ways_out() -> None:
    letter = render(load_templates(None), "final-notice", view())

    for words in ("last notice", "within 14 days", "paid already", "dispute", "instalments", "1 day past"):
        assert words in letter.text


def test_a_letter_word_for_word(tmp_path: Path) -> None:
    source = templates(
        tmp_path,
        letter_txt="About {{ total }} & more\n"
        "Dear {{ customer }},\r\n"
        "see <https://acme.example/terms?a=1&b=2>.\n\n\n\n"
        "{% for invoice in invoices %}\n"
        "{{ invoice.number }}: {{ invoice.open }} of {{ invoice.total }}, {{ invoice.days_overdue }}\n"
        "{% endfor %}\n",
    )

    letter = render(source, "letter", view(customer_name="A&B", lines=(PLAIN, EARLY)))

    assert letter.subject == "About $85.00 & more"
    assert letter.text == (
        "Dear A&B,\nsee <https://acme.example/terms?a=1&b=2>.\n\nINV-12: $80.00 of $80.00, 1\n"
        "INV-20: $5.00 of $5.00, 0\n"
    )
    body = letter.html.partition('<div style="max-width:640px;">\n')[2].partition("\n</div>")[0]
    assert body == (
        '<p style="margin:0 0 16px 0;">Dear A&amp;B,<br>\n'
        'see &lt;<a href="https://acme.example/terms?a=1&amp;b=2">https://acme.example/terms?a=1&amp;b=2</a>&gt;.'
        "</p>\n"
        '<p style="margin:0 0 16px 0;">INV-12: $80.00 of $80.00, 1<br>\nINV-20: $5.00 of $5.00, 0</p>'
    )


def test_the_table_in_columns(tmp_path: Path) -> None:
    full = view(lines=(PAID_IN_PART, PLAIN, EARLY))

    assert text_table(full) == (
        "Invoice  Date         Due           Days overdue     Amount       Open\n"
        "-------  -----------  ------------  ------------  ---------  ---------\n"
        "INV-3    Sep 1, 2026  Oct 1, 2026             53  $1,000.00  $1,234.56\n"
        "INV-12                Nov 22, 2026             1     $80.00     $80.00\n"
        "INV-20   Nov 1, 2026  Nov 26, 2026                    $5.00      $5.00"
    )
    assert text_table(view(lines=(EARLY,))) == (
        "Invoice  Date         Due            Open\n"
        "-------  -----------  ------------  -----\n"
        "INV-20   Nov 1, 2026  Nov 26, 2026  $5.00"
    )
    letter = render(templates(tmp_path, t_txt="S\nBefore {{ invoice_table }} after"), "t", full)
    assert "Before Invoice  Date" in letter.text
    assert letter.html.count("<tr>") == 4
    assert '<td align="right">$1,234.56</td></tr>' in letter.html
    assert "Before</p>\n<table" in letter.html
    assert "</table>\n<p" in letter.html


def test_a_table_of_thousands_sums_up_its_end(tmp_path: Path) -> None:
    lines = tuple(
        LetterLine(number=f"N{n}", issued_on=None, due_on=None, days_overdue=None, total=n, open=n)
        for n in range(1, 3001)
    )

    letter = render(load_templates(None), "first-reminder", view(lines=lines, currency="JPY"))

    # 501 + 502 + ... + 3000 = (501 + 3000) * 2500 / 2
    assert letter.text.count("\nN") == MOST_ROWS == 500
    assert "\n… +2500  ¥4,376,250\n" in letter.text
    assert len(letter.text.encode()) < 200_000
    assert len(letter.html.encode()) < 200_000


@pytest.mark.parametrize(
    ("language", "shown", "lang"),
    [
        ("de", "1.314,56\xa0$ 23.11.2026 Rechnung", '<html lang="de" dir="ltr">'),
        ("en-GB", "US$1,314.56 23 Nov 2026 Invoice", '<html lang="en" dir="ltr">'),
        ("fr_CA", "1\xa0314,56\xa0$\xa0US 23 nov. 2026 Facture", '<html lang="fr" dir="ltr">'),
        ("he", "Invoice", '<html lang="he" dir="rtl">'),
        ("tlh_XX", "$1,314.56 Nov 23, 2026 Invoice", '<html lang="en" dir="ltr">'),
        ('"><script>', "$1,314.56 Nov 23, 2026 Invoice", '<html lang="en" dir="ltr">'),
    ],
)
def test_amounts_and_dates_are_written_in_the_language(
    tmp_path: Path, language: str, shown: str, lang: str
) -> None:
    source = templates(tmp_path, t_txt="S\n{{ total }} {{ today }} {{ invoice_table }}")

    letter = render(source, "t", view(lines=(PAID_IN_PART, PLAIN), language=language))

    assert shown in letter.text
    assert lang in letter.html


def test_templates_in_the_customers_language(tmp_path: Path) -> None:
    source = templates(
        tmp_path,
        heads_txt="S\nplain",
        heads_html="<p>plain page</p>",
        heads_fr_txt="S\nfrançais",
        heads_fr_CA_txt="S\nnever: an underscore is no dot",
    )
    (tmp_path / "heads.de_AT.txt").write_text("S\nservus")
    (tmp_path / "heads.de.html").write_text("<p>seite</p>")
    (tmp_path / "heads.fr_CA.txt").unlink(missing_ok=True)
    source = load_templates(tmp_path)

    def read(language: str) -> tuple[str, bool]:
        letter = render(source, "heads", view(language=language))
        return letter.text, letter.html == "<p>plain page</p>"

    assert read("fr_CA") == ("français\n", False)  # a page in another language does not go with it
    assert read("de_AT") == ("servus\n", False)
    assert read("de") == ("plain\n", True)
    assert read("ja") == ("plain\n", True)
    assert source.languages("heads") == ["de_AT", "fr"]


def test_own_templates_stand_over_those_that_ship(tmp_path: Path) -> None:
    page = "<h1>{{ customer }}</h1>{{ invoice_table }}"
    source = templates(tmp_path, **{"first-reminder_html": page, "heads-up_txt": "Mine\nown"})

    reminder = render(source, "first-reminder", view(customer_name="<b>"))

    assert "Perhaps it slipped through" in reminder.text
    assert reminder.html.startswith("<h1>&lt;b&gt;</h1><table")
    assert render(source, "heads-up", view()).text == "own\n"
    assert render(load_templates(tmp_path / "gone"), "heads-up", view()).subject == (
        "Acme Ltd: a look ahead at your account"
    )


def test_the_view_of_a_planned_message() -> None:
    message = Message(
        id="m1", customer_id="7", customer_name="Norrland", to=("ap@norrland.example",), cc=(), step="first",
        template="t", offset=1, currency="EUR", total=750, unapplied=100,
        lines=(
            Line("11", "INV-1", PLAIN.due_on, 500, 1, "first", 1),
            Line("12", "", None, 200, None, None),
            Line("13", " \u200b", None, 50, None, None),  # shows nothing: its id is named
        ),
    )  # fmt: skip
    invoices = {
        "11": Invoice(
            id="11",
            number="INV-1",
            customer_id="7",
            currency="EUR",
            total=900,
            open=500,
            issued_on=EARLY.issued_on,
        ),
    }

    seen = letter_view(
        message,
        invoices,
        company="Acme",
        sender_name="",
        sender_address="ar@acme.example",
        reply_to=None,
        today=view().today,
    )

    assert seen.lines == (
        LetterLine(
            number="INV-1",
            issued_on=EARLY.issued_on,
            due_on=PLAIN.due_on,
            days_overdue=1,
            total=900,
            open=500,
            step="first",
        ),
        LetterLine(number="12", issued_on=None, due_on=None, days_overdue=None, total=200, open=200),
        LetterLine(number="13", issued_on=None, due_on=None, days_overdue=None, total=50, open=50),
    )
    assert (seen.total, seen.net, seen.oldest_days) == (750, 650, 1)
    assert (seen.reply_to, seen.step, seen.customer_name) == ("ar@acme.example", "first", "Norrland")
    assert isinstance(seen, LetterView)
