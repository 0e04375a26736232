"""Words in an address become codes, and what is not understood stays empty."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arsync.connector import groups_of, loosely, place_of


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
        ("Germany", "DE"),
        (" germany ", "DE"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("Österreich", "AT"),
        ("Oesterreich", ""),  # no spelling is guessed
        ("ÖSTERREICH", "AT"),
        ("Eesti", "EE"),  # of its own language alone
        ("日本", "JP"),
        ("Ελλάδα", "GR"),
        ("EL", "GR"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("The United Kingdom", "GB"),
        ("Great Britain", "GB"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        ("The Netherlands", "NL"),
        ("Holland", "NL"),
        ("Republic of Ireland", "IE"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Hong Kong", "HK"),
        ("Georgia", "GE"),
        ("Côte d'Ivoire", "CI"),
        ("n/a", ""),
        ("EU", ""),  # a union, no country
        ("ZZ", ""),
        ("XX", ""),
        ("SU", ""),  # what it was is several countries now
        ("Atlantis", ""),
        ("12", ""),
        ("", ""),
        ("-", ""),
        ("Germany " * 50, ""),
    ],
)
def test_a_country_in_words_or_codes(words: str, code: str) -> None:
    assert place_of(words) == (code, "")


@pytest.mark.parametrize(
    ("country", "region", "place"),
    [
        ("Scotland", "", ("GB", "SCT")),
        ("England", "Kent", ("GB", "ENG")),
        ("Wales", "", ("GB", "WLS")),
        ("Northern Ireland", "Co. Antrim", ("GB", "NIR")),
        ("UK", "Scotland", ("GB", "SCT")),
        ("UK", "Greater London", ("GB", "")),
        ("USA", "CA", ("US", "CA")),
        ("USA", "ca", ("US", "CA")),
        ("USA", "California", ("US", "CA")),
        ("USA", "US-CA", ("US", "CA")),
        ("USA", "New York", ("US", "NY")),
        ("Canada", "Québec", ("CA", "QC")),
        ("Canada", "quebec", ("CA", "QC")),
        ("Australia", "NSW", ("AU", "NSW")),
        ("Australia", "Western Australia", ("AU", "WA")),
        ("Deutschland", "Bayern", ("DE", "BY")),
        ("Deutschland", "Augsburg", ("DE", "")),  # a town with a holiday of its own, no subdivision
        ("France", "Var", ("FR", "")),  # a name, for it is not written as a code
        ("Japan", "Kanto", ("JP", "")),
        ("Kosovo", "Prizren", ("XK", "")),
        ("", "CA", ("", "")),  # of which country?
        ("Nowhere", "California", ("", "")),
    ],
)
def test_a_subdivision(country: str, region: str, place: tuple[str, str]) -> None:
    assert place_of(country, region) == place


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_words_are_codes_or_nothing(country: str, region: str) -> None:
    code, subdivision = place_of(country, region)
    assert code == "" or (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper())
    assert len(subdivision) <= 3
    assert code or not subdivision


def test_nothing_is_loaded_for_nothing() -> None:
    """Names are looked up late: a book without addresses pays for none."""
    program = (
        "import sys; from arsync.connector import place_of; place_of('', ''); "
        "assert not {'babel', 'holidays'} & sys.modules.keys(); place_of('USA', 'CA'); "
        "assert 'holidays' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_groups_are_lines() -> None:
    told = [" Key\r\naccounts ", None, "", "KEY ACCOUNTS", 5, "Retail\u2028\x0b", " "]
    assert groups_of(told) == ("Key accounts", "Retail")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"", None),
        (b"null", None),
        (b'["a"]', ["a"]),
        (b'["a\xff"]', ["a\ufffd"]),
        (b'["\\ud83d"]', ["\ufffd"]),
        (b'{"a": 1}', None),
        (b"[1]", None),
        (b"[", None),
    ],
)
def test_a_part_that_is_beside_the_point(text: bytes, found: list[str] | None) -> None:
    assert loosely(msgspec.json.Decoder(list[str]), msgspec.Raw(text)) == found
