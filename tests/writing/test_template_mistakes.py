"""Templates that are wrong: told with file, line, and what is allowed."""

import re
from pathlib import Path

import pytest
from letters import templates, view

from arsync.errors import FixSettings
from arsync.policy.rules import Policy, Step
from arsync.writing import check_templates, load_templates, render


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("S\nDear {{ custmer }}", 2, r"field 'custmer'; did you mean 'customer'\? the fields are: "),
        ("S\n\n{% if 1 > 2 %}\n{{ totals }}{% endif %}", 4, r"field 'totals'; did you mean 'total'\?"),
        ("S\n{% for i in invoices %}\n{{ i.numbr }}\n{% endfor %}", 3, r"did you mean 'number'\? an invoice"),
        ("S\n{{ customer.name }}", 2, "the fields are customer"),
        ("S\n{% if unapplied %}\nx", 3, "template error: .*endif"),
        ("S\n{{ total | euros }}", 2, "No filter named 'euros'"),
        ("S\n{{ customer | safe }}", 2, "No filter named 'safe'"),
        ("S\n{{ total + 1 }}", 2, "template error"),
        ("S\n\n{{ oldest_days // 0 }}", 3, "template error"),
        ("S\n{{ invoices.__class__.__mro__ }}", 2, "unsafe"),
        ("S\n{{ invoices.append(1) }}", 2, "unsafe|not safely callable"),
        ("S\n{% include 'gone.txt' %}", 2, "no file 'gone.txt'"),
        ("S\n{% for a in range(10 ** 9) %}x{% endfor %}", 2, "[Rr]ange too big"),
        ("S\n{% for a in range(9999) %}{{ customer }}{% endfor %}", 2, "over 200 kB"),
        ("{{ unapplied }}\nx", 1, "subject; it must not be empty"),
        ("\nSubject\nx", 1, "subject; it must not be empty"),
        ("{{ invoice_table }}\nx", 1, "no room for a table"),
        ("Only a subject\n", None, "below the subject is empty"),
        ("", 1, "subject"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_place(tmp_path: Path, text: str, line: int | None, says: str) -> None:
    source = templates(tmp_path, t_txt=text)

    with pytest.raises(FixSettings) as caught:
        render(source, "t", view())

    place = str(tmp_path / "t.txt")
    assert caught.value.where == (f"{place}:{line}" if line else place)
    assert re.search(says, caught.value.problem), caught.value.problem


def test_a_page_is_checked_as_well(tmp_path: Path) -> None:
    for text, says in (
        ("<p>\n{{ custmer }}", r"t\.html:2: unknown field 'custmer'"),
        ("{% autoescape false %}{{ customer }}{% endautoescape %}", "autoescape"),
    ):
        with pytest.raises(FixSettings, match=says):
            render(templates(tmp_path, t_txt="S\nx", t_html=text), "t", view())


def test_a_text_taken_into_a_page_is_escaped_there(tmp_path: Path) -> None:
    source = templates(tmp_path, t_txt="S\nx", t_html="{% include 'part.txt' %}", part_txt="{{ customer }}")

    assert render(source, "t", view(customer_name="<i>")).html == "&lt;i&gt;"


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes(b"S\n\xff")

    with pytest.raises(FixSettings, match=r"t\.txt: this is not UTF-8"):
        load_templates(tmp_path)


def test_other_files_of_the_folder_are_let_be(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"\xff")
    (tmp_path / "README.txt").write_bytes(b"\xff")
    (tmp_path / "standard").mkdir()

    assert "README" not in load_templates(tmp_path).names()


def test_a_policy_proves_its_templates_early(tmp_path: Path) -> None:
    steps = (Step("one", 1, "first-reminder"), Step("two", 2, "mine"), Step("three", 9, "gone", "task"))
    policy = Policy("p", steps)

    with pytest.raises(FixSettings) as caught:
        check_templates(policy, load_templates(tmp_path))
    assert str(caught.value).startswith("step 'two': there is no template 'mine': mine.txt is neither in ")
    assert str(tmp_path) in str(caught.value)
    assert "there are: final-notice, firm-reminder, first-reminder, heads-up, second-reminder" in str(
        caught.value
    )

    source = templates(tmp_path, mine_txt="S\nfine", mine_fr_txt="S\n{{ nom }}")
    with pytest.raises(FixSettings, match=r"mine\.fr\.txt:2: unknown field 'nom'"):
        check_templates(policy, source)
    check_templates(policy, templates(tmp_path, mine_fr_txt="S\nbien"))
