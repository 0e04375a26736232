"""What a letter asks for: less what is disputed or not due, with what is offered, and a way to say no."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from letters import EARLY, PAID_IN_PART, PLAIN, templates, view

from arsync.policy.model import Line, Message
from arsync.policy.rules import Offer
from arsync.writing import LetterLine, letter_view, load_templates, note_text, render
from arsync.writing.table import text_table

SHIPPED = ["final-notice", "firm-reminder", "first-reminder", "heads-up", "second-reminder"]
OPT_OUT = (
    "If you do not want to hear from us by e-mail, or are the wrong person, answer this message and say so."
)


def changed(line: LetterLine, **more: object) -> LetterLine:
    return msgspec.structs.replace(line, **more)


# 1,234.56 open of which 300.00 is disputed, and 80.00 of which 50.00 is not due: 964.56 is asked for.
DISPUTED = changed(PAID_IN_PART, disputed=30000)
INSTALMENT = changed(PLAIN, not_due=5000, instalment=True)
BOTH = view(lines=(DISPUTED, INSTALMENT))
OFFERED = {"discount": 250, "discount_until": date(2026, 11, 30)}


@pytest.mark.parametrize("template", SHIPPED)
def test_a_first_letter_does_not_speak_of_letters_before(template: str) -> None:
    first = render(load_templates(None), template, view(first_letter=True))
    for part in (first.subject, first.text, first.html):
        assert not [word for word in ("again on", "second reminder", "written to you before") if word in part]


def test_later_letters_do() -> None:
    assert "We are writing again on behalf of" in render(load_templates(None), "second-reminder", view()).text
    assert "We have written to you before about" in render(load_templates(None), "firm-reminder", view()).text


@pytest.mark.parametrize("template", SHIPPED)
def test_a_part_in_dispute_and_an_instalment_are_said(template: str) -> None:
    letter = render(load_templates(None), template, BOTH)

    for part in (letter.text, letter.html):
        assert "$1,314.56, of which $300.00 is in dispute and not part of this request" in part
        assert "As agreed in instalments, $30.00 of INV-12 was due on Nov 22, 2026; $50.00 of it" in part
        assert "What we ask for now is $964.56." in part
    assert "discount" not in letter.text
    if "{{ net }}" in (Path("src/arsync/standard/templates") / f"{template}.txt").read_text().split("\n")[0]:
        assert "$964.56" in letter.subject


@pytest.mark.parametrize("template", SHIPPED)
def test_nothing_is_said_of_what_is_not_there(template: str) -> None:
    letter = render(load_templates(None), template, view())

    for never in ("dispute and not part", "instalments,", "discount", "ask for now", "by e-mail"):
        assert never not in letter.text
    assert "\n\n\n" not in letter.text


@pytest.mark.parametrize("template", SHIPPED)
def test_an_instalment_that_is_due_in_full(template: str) -> None:
    line = changed(EARLY, instalment=True)

    text = render(load_templates(None), template, view(lines=(line,))).text

    assert "As agreed in instalments, $5.00 of INV-20 is due on Nov 26, 2026.\n" in text


@pytest.mark.parametrize("template", SHIPPED)
def test_a_discount_is_offered_with_its_last_day(template: str) -> None:
    """2.5 % off 80.00 is 2.00."""
    text = render(load_templates(None), template, view(**OFFERED)).text

    assert (
        "If $78.00 reaches us by Nov 30, 2026, we accept it in place of $80.00: a discount of 2.5%." in text
    )


def test_a_discount_is_on_what_is_asked_for_and_rounded_down() -> None:
    """Of 1,234.56 there are 300.00 in dispute and 50.00 of credit: 2.5 % off 884.56 leaves 862.446. An
    instalment has no discount: its 30.00 come on top."""
    offered = msgspec.structs.replace(BOTH, unapplied=5000, **OFFERED)

    assert (offered.net, offered.discounted) == (91456, 86244 + 3000)
    whole = render(load_templates(None), "first-reminder", view(lines=(INSTALMENT,), **OFFERED)).text
    assert "discount" not in whole  # nothing of it is left to be discounted


@pytest.mark.parametrize(("language", "percent"), [("en", "2.5%"), ("de", "2,5\xa0%")])
def test_a_discount_in_the_language_of_the_letter(tmp_path: Path, language: str, percent: str) -> None:
    source = templates(tmp_path, t_txt="S\n{{ discount }}")

    assert render(source, "t", view(language=language, **OFFERED)).text == f"{percent}\n"


def test_the_fields_of_a_line_and_of_the_letter(tmp_path: Path) -> None:
    source = templates(
        tmp_path,
        t_txt="S\n{{ disputed }}|{{ not_due }}|{{ asked }}|{{ net }}\n"
        "{% for i in invoices %}{{ i.disputed }}|{{ i.not_due }}|{{ i.asked }}|{{ i.instalment }}\n"
        "{% endfor %}",
    )

    text = render(source, "t", msgspec.structs.replace(BOTH, unapplied=456)).text

    assert text == ("$300.00|$50.00|$960.00|$960.00\n$300.00||$934.56|False\n|$50.00|$30.00|True\n")
    assert render(source, "t", view()).text == "||$80.00|$80.00\n||$80.00|False\n"


def test_the_table_shows_what_is_asked_where_it_is_less() -> None:
    assert text_table(BOTH).splitlines()[2:] == [
        "INV-3    Sep 1, 2026  Oct 1, 2026             53  $1,000.00  $1,234.56        $934.56",
        "INV-12                Nov 22, 2026             1     $80.00     $80.00         $30.00",
    ]
    assert "Asked for now" in text_table(BOTH)
    assert "Asked" not in text_table(view(lines=(PAID_IN_PART, PLAIN)))


def test_a_table_that_sums_up_its_end_sums_what_is_asked() -> None:
    lines = tuple(changed(PLAIN, number=f"N{n}", disputed=7000) for n in range(502))

    assert text_table(view(lines=lines)).splitlines()[-1].split() == ["…", "+2", "$160.00", "$20.00"]


def test_the_view_takes_parts_rounds_and_offers_from_the_message() -> None:
    lines = (
        Line("11", "INV-1", PLAIN.due_on, 500, 1, "first", 1, disputed=100),
        Line("12", "INV-2", PLAIN.due_on, 400, 1, "first", 1, not_due=150, round=2),
        Line("13", "INV-3", PLAIN.due_on, 300, 1, "first", 1, round=3),
    )
    message = Message(
        id="m1", customer_id="7", customer_name="Norrland", to=(), cc=(), step="first", template="t",
        offset=1, currency="EUR", total=1200, unapplied=50, lines=lines,
        offer=Offer(200, 7), offer_until=date(2026, 11, 30),
    )  # fmt: skip

    seen = letter_view(
        message, {}, company="Acme", sender_name="", sender_address="ar@acme.example", reply_to=None,
        today=view().today,
    )  # fmt: skip

    assert [line.instalment for line in seen.lines] == [False, True, True]
    assert [line.asked for line in seen.lines] == [400, 250, 300]
    assert seen.net == 400 + 250 + 300 - 50 == message.total - message.held_back - message.unapplied
    assert (seen.discount, seen.discount_until) == (200, date(2026, 11, 30))


@pytest.mark.parametrize("template", SHIPPED)
def test_a_natural_person_is_told_how_to_hear_no_more(template: str) -> None:
    letter = render(load_templates(None), template, view(opt_out=True))

    assert letter.text.endswith(f"\nAcme Ltd\n\n{OPT_OUT}\n")
    assert letter.html.count(OPT_OUT) == 1


def test_a_template_may_write_the_line_itself(tmp_path: Path) -> None:
    source = templates(
        tmp_path,
        t_txt="S\n{{ opt_out_line }}\nAcme",
        own_txt="S\nx",
        own_html="<html><body>x</body></html>",
        page_txt="S\nx",
        page_html="<p>{{ opt_out_line }}</p>",
    )

    assert render(source, "t", view(opt_out=True)).text == f"{OPT_OUT}\nAcme\n"
    assert render(source, "t", view()).text == "Acme\n"
    assert render(source, "own", view(opt_out=True)).html == f"<html><body>x<p>{OPT_OUT}</p>\n</body></html>"
    assert render(source, "own", view()).html == "<html><body>x</body></html>"
    assert render(source, "page", view(opt_out=True)).html == f"<p>{OPT_OUT}</p>"


def test_the_line_is_in_the_language_of_the_letter(tmp_path: Path) -> None:
    """Its apostrophes are the typographic ones: nothing is escaped, and a page has it once."""
    source = templates(tmp_path, t_txt="S\nx", t_html="{{ opt_out_line }}")

    french = render(source, "t", view(opt_out=True, language="fr_CA"))

    assert "courriel" in french.text
    assert french.html.count("courriel") == 1


def test_a_note_names_what_is_asked() -> None:
    assert note_text(msgspec.structs.replace(BOTH, unapplied=456), "k3j", ["ap@norrland.example"]) == (
        "2026-11-23 arsync: first reminder to ap@norrland.example about INV-3 1234.56 (asked 934.56), "
        "INV-12 80.00 (asked 30.00) (2 invoices, total 1314.56 USD, asked 964.56 USD, "
        "unapplied credit 4.56 USD) [arsync:k3j]"
    )
