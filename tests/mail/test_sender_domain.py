"""What a domain publishes about its mail, told from the records alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from arsync.mail.sender_domain import MOST_LOOKUPS, USUAL_SELECTORS, Published, Texts, dkim, dmarc, spf

KEY = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEB"


def of(records: dict[str, Sequence[str]]) -> Texts:
    return lambda name: records.get(name, ())


def asked(records: dict[str, Sequence[str]]) -> tuple[Texts, list[str]]:
    names: list[str] = []

    def texts(name: str) -> Sequence[str]:
        names.append(name)
        return records.get(name, ())

    return texts, names


@pytest.mark.parametrize("end", ["~all", "-all", "?all"])
def test_one_record_that_ends_is_good(end: str) -> None:
    records = {"acme.example": ["google-site=1", f"v=spf1 include:_spf.post.example {end}"]}
    found = spf("acme.example", of(records | {"_spf.post.example": ["v=spf1 ip4:192.0.2.0/24 ~all"]}))
    assert found.verdict == "ok"


@pytest.mark.parametrize("term", ["include:_spf.psot.example ~all", "redirect=_spf.psot.example"])
@pytest.mark.parametrize("there", [[], ["google-site=1"]])
def test_a_name_that_is_taken_in_and_has_no_record_spoils_the_whole(term: str, there: list[str]) -> None:
    """RFC 7208, sections 5.2 and 6.1: an error, for which no letter passes. A macro is anybody's guess."""
    found = spf("acme.example", of({"acme.example": [f"v=spf1 mx {term}"], "_spf.psot.example": there}))
    assert found.verdict == "wrong"
    assert "_spf.psot.example, which has none" in found.said
    assert found.do
    macro = of({"acme.example": ["v=spf1 include:%{i}._spf.post.example ~all"]})
    assert spf("acme.example", macro).verdict == "ok"


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ((), "no SPF record"),
        (("v=spf10 -all",), "no SPF record"),
        (("v=spf1 -all", "v=spf1 mx ~all"), "2 SPF records"),
        (("v=spf1 mx +all",), "every server in the world"),
        (("v=spf1 all",), "every server in the world"),
    ],
)
def test_what_is_wrong_with_spf_is_told(records: Sequence[str], said: str) -> None:
    found = spf("acme.example", of({"acme.example": records}))
    assert found.verdict == "wrong"
    assert said in found.said
    assert found.do


@pytest.mark.parametrize(("names", "verdict"), [(MOST_LOOKUPS, "ok"), (MOST_LOOKUPS + 1, "wrong")])
def test_receivers_ask_for_ten_names_and_no_more(names: int, verdict: str) -> None:
    """RFC 7208, section 4.6.4. An include counts, and what stands in the record it names counts too."""
    inner = " ".join(f"a:h{n}.post.example" for n in range(names - 2))
    texts = of(
        {
            "acme.example": ["v=spf1 mx include:_spf.post.example ip4:192.0.2.1 ~all"],
            "_spf.post.example": [f"v=spf1 {inner} ~all"],
        }
    )
    assert spf("acme.example", texts).verdict == verdict


def test_records_that_name_each_other_come_to_an_end() -> None:
    texts = of(
        {
            "acme.example": ["v=spf1 include:a.example include:a.example ~all"],
            "a.example": ["v=spf1 include:acme.example include:a.example ~all"],
        }
    )
    assert spf("acme.example", texts).verdict in ("ok", "wrong")


def test_the_usual_selectors_are_tried() -> None:
    texts, names = asked({"selector1._domainkey.acme.example": [KEY]})
    found = dkim("acme.example", texts, None)
    assert found.helps
    assert "selector1" in found.said
    assert names[:2] == ["google._domainkey.acme.example", "selector1._domainkey.acme.example"]


def test_no_key_under_the_usual_selectors_proves_nothing() -> None:
    texts, names = asked({})
    found = dkim("acme.example", texts, None)
    assert found.verdict == "unknown"
    assert "dkim_selector" in found.do
    assert len(names) == len(USUAL_SELECTORS)


def test_the_selector_that_is_named_is_the_one_that_counts() -> None:
    texts, names = asked({"google._domainkey.acme.example": [KEY]})
    found = dkim("acme.example", texts, "s7")
    assert found.verdict == "wrong"
    assert names == ["s7._domainkey.acme.example"]
    withdrawn = dkim("acme.example", of({"s7._domainkey.acme.example": ["v=DKIM1; p="]}), "s7")
    assert (withdrawn.verdict, "withdrawn" in withdrawn.said) == ("wrong", True)


def judged(record: str, *, spf_helps: bool = False, dkim_helps: bool = False) -> Published:
    texts = of({"_dmarc.acme.example": [record]})
    return dmarc("acme.example", texts, spf_helps=spf_helps, dkim_helps=dkim_helps)


def test_a_strict_domain_needs_one_of_the_two() -> None:
    assert judged("v=DMARC1; p=reject", spf_helps=True).verdict == "ok"
    assert judged("v=DMARC1; p=quarantine", dkim_helps=True).verdict == "ok"
    neither = judged("v=DMARC1;p=reject")
    assert neither.verdict == "wrong"
    assert "refuse" in neither.said
    assert "set aside" in judged("v=DMARC1; p=quarantine").said
    assert judged("v=DMARC1; p=none").verdict == "ok"
    assert judged("v=DMARC1; rua=mailto:a@acme.example").verdict == "wrong"


def test_the_organisation_above_counts_where_the_domain_says_nothing() -> None:
    """RFC 7489, section 6.6.3: the policy for domains below it is ``sp``, where it has one."""
    texts = of({"_dmarc.acme.example": ["v=DMARC1; p=none; sp=reject"]})
    below = dmarc("mail.acme.example", texts, spf_helps=False, dkim_helps=False)
    assert below.verdict == "wrong"
    assert "acme.example asks" in below.said
    own = of(
        {"_dmarc.acme.example": ["v=DMARC1; p=reject"], "_dmarc.mail.acme.example": ["v=DMARC1; p=none"]}
    )
    assert dmarc("mail.acme.example", own, spf_helps=False, dkim_helps=False).verdict == "ok"


def test_none_and_two_records() -> None:
    assert dmarc("acme.example", of({}), spf_helps=True, dkim_helps=True).verdict == "remark"
    two = of({"_dmarc.acme.example": ["v=DMARC1; p=none", "v=DMARC1; p=reject"]})
    assert dmarc("acme.example", two, spf_helps=True, dkim_helps=True).verdict == "wrong"


def test_what_a_record_says_cannot_drive_a_terminal() -> None:
    texts = of({"acme.example": ["v=spf1 \x1b[2J\u202e ~all" + "x" * 500]})
    said = spf("acme.example", texts).said
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert len(said) < 250
