"""The test in docs/connectors.md is one: the example of that page, by its entry point, holds every law."""

from __future__ import annotations

import pytest

from arsync.testing import ConnectorContract
from arsync.testing.faults import FAULTS
from transcripts import ROOT, blocks

pytest_plugins = ["pytester"]

PAGE = ROOT / "docs" / "connectors.md"


def test_the_example_holds_every_law_by_the_test_of_the_page(pytester: pytest.Pytester) -> None:
    example, proof = blocks(PAGE, "python")
    packaging, _ = blocks(PAGE, "toml")
    assert len(proof.strip().splitlines()) < 10
    info = pytester.mkdir("arsync_ottery-0.1.0.dist-info")
    entry = packaging.split('[project.entry-points."arsync.connectors"]\n')[1].replace('"', "")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: arsync-ottery\nVersion: 0.1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[arsync.connectors]\n{entry}", "utf-8")
    pytester.makepyfile(arsync_ottery=example, test_ottery=proof)
    pytester.syspathinsert()
    run = pytester.inline_run("-q", "-p", "no:cacheprovider")
    passed, skipped, failed = run.listoutcomes()
    assert [(report.nodeid, str(report.longrepr)[-2000:]) for report in failed] == []
    assert skipped == []
    held = {report.nodeid.split("::")[-1].split("[")[0] for report in passed}
    laws = {name for name in dir(ConnectorContract) if name.startswith("test_")}
    optional = {name for name in laws if name.startswith("test_where_it_")}
    assert laws - held - optional == {
        "test_a_breakdown_is_the_right_error_and_no_last_page",
        "test_the_same_mark_leaves_one_note",
        "test_a_note_leaves_the_others_as_they_are",
        "test_a_fault_never_makes_a_note_look_written",
        "test_a_note_whose_answer_was_lost_stands_there_once",
    }
    assert not optional & held


def test_the_page_counts_the_ways_in_which_the_connection_breaks() -> None:
    assert "fifteen ways" in PAGE.read_text("utf-8")
    assert len(FAULTS) == 15
