"""Damaged inputs by the thousand: ARSYNC_FUZZ of them over all targets, from ARSYNC_FUZZ_SEED on.

`make check` takes 3,000, `make nightly` 100,000. An input that breaks a law is written into the folder
``corpus``, below the name of its target; whatever stands there is fed in every run.
"""

from __future__ import annotations

import hashlib
import os
import random
from pathlib import Path

import pytest
from mutants import DEEP
from targets import FUZZ, Target, targets

INPUTS = int(os.environ.get("ARSYNC_FUZZ", "3000"))
SEED = int(os.environ.get("ARSYNC_FUZZ_SEED", "20261123"))
CORPUS = FUZZ / "corpus"
NAMES = (
    *(f"quickbooks-{it}" for it in ("Invoice", "Customer", "CreditMemo", "Payment", "cdc", "report")),
    *(f"quickbooks-{it}" for it in ("replies", "fault", "memo")),
    *(f"xero-{it}" for it in ("Invoices", "Contacts", "CreditNotes", "Overpayments", "Prepayments")),
    *("xero-Payments", "xero-plain", "xero-fault", "retry-after", "token", "access-token", "cursor", "notes"),
    *("files", "mail-answers", "addresses", "sentences"),
    *("policy", "practice", "template"),
)  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Target]:
    return targets(tmp_path_factory.mktemp("practice"))


def test_each_target_is_fed(known: dict[str, Target]) -> None:
    assert tuple(sorted(known)) == tuple(sorted(NAMES))
    strangers = {place.name for place in CORPUS.iterdir() if place.is_dir()} - set(NAMES)
    assert strangers == set(), "the corpus has inputs of a target that is no more"


@pytest.mark.parametrize("name", NAMES)
def test_good_inputs_go_through(known: dict[str, Target], name: str) -> None:
    for seed in known[name].seeds:
        known[name].feed(seed)


@pytest.mark.parametrize("name", NAMES)
def test_what_once_broke_a_law_does_not_again(known: dict[str, Target], name: str) -> None:
    for file in sorted((CORPUS / name).glob("*")):
        known[name].feed(file.read_bytes())


@pytest.mark.parametrize("deep", [b"[" * DEEP, b'{"a":' * DEEP, b'{"a":' + b"[" * DEEP + b"]" * DEEP + b"}"])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_nested_deeper_than_can_be_read_breaks_no_law(
    known: dict[str, Target], name: str, deep: bytes
) -> None:
    known[name].feed(deep)
    known[name].feed(known[name].seeds[0].replace(b": ", b": " + deep + b", ", 1))


@pytest.mark.parametrize("name", NAMES)
def test_damaged_inputs_break_no_law(known: dict[str, Target], name: str) -> None:
    target = known[name]
    parts = sum(each.weight for each in known.values())
    chance = random.Random(f"{SEED}:{name}")
    for number in range(-(-INPUTS * target.weight // parts)):
        given = target.damage(chance.choice(target.seeds), chance)
        try:
            target.feed(given)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the input is kept
            place, what = _kept(name, given), type(problem).__name__
            pytest.fail(f"input {number} of seed {SEED} (kept in {place}): {what}: {problem}")


def _kept(name: str, given: bytes) -> Path:
    place = CORPUS / name / hashlib.sha256(given).hexdigest()[:16]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(given)
    return place.relative_to(FUZZ)
