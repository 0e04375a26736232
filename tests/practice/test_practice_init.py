"""A new practice: it loads as written, and with every example line taken up."""

import re
from pathlib import Path

import pytest

from arsync.errors import FixSettings
from arsync.policy.load import load_policy
from arsync.practice import load_practice, standard_policy
from arsync.practice_init import write_practice
from arsync.writing import check_templates, load_templates
from arsync.writing.fields import FIELDS, INVOICE_FIELDS


def test_a_new_practice_loads(tmp_path: Path) -> None:
    folder = tmp_path / "Hartley & Co"

    written = write_practice(folder)

    assert {str(path.relative_to(folder)) for path in written} >= {
        "arsync.toml",
        "policies/standard.toml",
        "templates/README.txt",
        "templates/standard/final-notice.txt",
    }
    practice = load_practice(folder)
    assert (practice.name, practice.mail, dict(practice.books)) == ("Hartley & Co", None, {})
    policy = load_policy((folder / "policies" / "standard.toml").read_text(), "standard.toml")
    check_templates(policy, load_templates(practice.templates))


def test_every_example_line_is_right(tmp_path: Path) -> None:
    write_practice(tmp_path)
    file = tmp_path / "arsync.toml"

    file.write_text(re.sub(r"(?m)^#(?=[a-z\[])", "", file.read_text()))

    practice = load_practice(tmp_path)
    assert practice.mail is not None
    alerts = practice.alerts
    assert (alerts.webhook, alerts.mail) == ("https://hooks.example/T0/B1", "owner@hartley.example")
    assert alerts.heartbeat == "https://heartbeat.example/B1"
    assert list(practice.books) == ["acme", "birch"]
    assert practice.books["acme"].policy == tmp_path / "policies" / "standard.toml"
    assert practice.books["birch"].connection["tenant"] == "00000000-0000-0000-0000-000000000000"


def test_every_field_is_told(tmp_path: Path) -> None:
    write_practice(tmp_path)

    told = (tmp_path / "templates" / "README.txt").read_text()

    assert "{{ customer }}" in told
    for name in [*FIELDS, *INVOICE_FIELDS]:
        assert re.search(rf"(?m)^{name} ", told)


def test_a_folder_with_an_odd_name_gives_a_file_that_loads(tmp_path: Path) -> None:
    folder = tmp_path / 'a"b\\c'

    write_practice(folder)

    assert load_practice(folder).name == "My practice"


@pytest.mark.parametrize("there", ["arsync.toml", "policies/standard.toml", "templates/README.txt"])
def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path, there: str) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine")

    with pytest.raises(FixSettings, match="is there already"):
        write_practice(tmp_path)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / there]
    assert (tmp_path / there).read_text() == "mine"


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "templates").write_text("a file where a folder should be")

    with pytest.raises(FixSettings, match="nothing was written"):
        write_practice(tmp_path)

    assert not (tmp_path / "arsync.toml").exists()
    assert not (tmp_path / "policies" / "standard.toml").exists()


def test_the_standard_policy() -> None:
    policy = load_policy(standard_policy(), "standard.toml")

    assert [(step.name, step.offset, step.does) for step in policy.steps] == [
        ("heads-up", -3, "message"),
        ("first reminder", 1, "message"),
        ("second reminder", 10, "message"),
        ("firm reminder", 21, "message"),
        ("final notice", 40, "message"),
        ("hand over", 60, "task"),
    ]
    assert (policy.min_gap_days, policy.send_on) == (5, frozenset(range(5)))
    assert {policy.minimum[currency] for currency in ("GBP", "USD", "EUR")} == {2500}
    check_templates(policy, load_templates(None))
