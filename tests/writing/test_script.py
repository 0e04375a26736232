"""What to say in a call: the shipped scripts, and those of a practice."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from letters import EARLY, PLAIN, view

from arsync.errors import FixSettings
from arsync.writing.script import PastContact, Situation, load_scripts, script_text

LEVELS = ["friendly", "firm", "final"]
SITUATION = Situation(
    debts=(view(customer_name="Norrland Joinery"),), step="call", firmness="firm", consumer=False
)


def situation(**changes: Any) -> Situation:
    return msgspec.structs.replace(SITUATION, **changes)


def scripts(folder: Path, **files: str) -> Any:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return load_scripts(folder)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("consumer", [False, True])
@pytest.mark.parametrize("broken", [0, 2])
def test_every_shipped_script_has_all_its_parts(level: str, consumer: bool, broken: int) -> None:
    text = script_text(load_scripts(None), situation(firmness=level, consumer=consumer, broken=broken))

    for part in ("Opening", "The question", "What to offer", "If they say", "already paid", "disputed",
                 "cannot pay", "instalments", "Closing", "Acme Ltd", "$80.00", "[your name]"):  # fmt: skip
        assert part.lower() in text.lower(), part
    for never in ("court", "lawyer", "bailiff", "police", "credit rating", "must", "demand"):
        assert never not in text.lower(), never
    assert "{" not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize("level", LEVELS)
def test_a_debt_is_told_to_nobody_else_than_the_person(level: str) -> None:
    person = script_text(load_scripts(None), situation(firmness=level, consumer=True))
    company = script_text(load_scripts(None), situation(firmness=level))

    assert "to nobody else" in person
    assert "Am I speaking with Norrland Joinery?" in person
    assert "nobody else" not in company
    assert "formal steps" not in person


def test_it_grows_firmer() -> None:
    friendly, firm, final = (script_text(load_scripts(None), situation(firmness=level)) for level in LEVELS)

    assert "anything that you need from us" in friendly
    assert "On which day can we expect it?" in firm
    assert "formal steps" in final
    broken = script_text(load_scripts(None), situation(broken=1))
    assert "You had told us a day" in broken


def test_the_caller_the_age_and_several_currencies() -> None:
    debts = (view(lines=(PLAIN, EARLY)), view(lines=(EARLY,), currency="EUR"))

    text = script_text(load_scripts(None), situation(firmness="friendly", caller="Kim", debts=debts))

    assert "this is Kim from Acme Ltd" in text
    assert "$85.00 and €5.00" in text
    assert "3 invoices, the oldest 1 day past its due date" in text


def test_the_fields_of_a_script(tmp_path: Path) -> None:
    source = scripts(
        tmp_path,
        firm_txt="{{ customer }}|{{ step }}|{{ count }}|{{ total }}|{{ asked }}|{{ disputed }}|{{ not_due }}|"
        "{{ unapplied }}|{{ oldest_days }}|{{ kept }}|{{ broken }}|{{ today }}|{{ consumer }}\n"
        "{% for c in contacts %}{{ c.day }} {{ c.what }} {{ c.detail }}\n{% endfor %}"
        "{% for p in promises + disputes + agreements %}{{ p }}\n{% endfor %}"
        "{% for i in invoices %}{{ i.number }} {{ i.asked }}\n{% endfor %}",
    )
    line = msgspec.structs.replace(PLAIN, disputed=1000, not_due=2000)
    told = situation(
        debts=(view(lines=(line,), unapplied=500),),
        contacts=(PastContact(view().today, "call", "no-answer\x1b[31m"),),
        kept=1, broken=2, promises=("p1",), disputes=("d1",), agreements=("a1",),
    )  # fmt: skip

    assert script_text(source, told) == (
        "Norrland Joinery Ltd|call|1|$80.00|$45.00|$10.00|$20.00|$5.00|1|1|2|Nov 23, 2026|False\n"
        "Nov 23, 2026 call no-answer [31m\np1\nd1\na1\nINV-12 $50.00\n"
    )


def test_a_script_of_the_steps_own_and_in_the_language_of_the_customer(tmp_path: Path) -> None:
    source = scripts(tmp_path, firm_txt="firm", chase_txt="chase", firm_fr_txt="ferme")

    assert script_text(source, situation(), "chase") == "chase\n"
    assert script_text(source, situation(), "unknown") == "firm\n"
    assert script_text(source, situation(debts=(view(language="fr_CA"),))) == "ferme\n"
    assert "Opening" in script_text(source, situation(firmness="final"), "unknown")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ custmer }}", "did you mean 'customer'"),
        ("{{ invoice_table }}", "unknown field 'invoice_table'"),
        ("{% for c in contacts %}{{ c.outcome }}{% endfor %}", "a contact has: day, what, detail"),
        ("{% for i in invoices %}{{ i.numbr }}{% endfor %}", "did you mean 'number'"),
        ("\n", "the script is empty"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    contacts = (PastContact(view().today, "call", "x"),)

    with pytest.raises(FixSettings, match=says) as caught:
        script_text(scripts(tmp_path, firm_txt=text), situation(contacts=contacts))

    assert str(tmp_path / "firm.txt") in (caught.value.where or "")
