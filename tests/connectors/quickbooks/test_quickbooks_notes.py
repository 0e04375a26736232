"""Notes: at least once, looked for first, and what people wrote stays."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quickbooks_desk import Serving

from arsync.connector import Note, NoteSink
from arsync.errors import TryLater
from arsync_quickbooks import memo
from arsync_quickbooks import simulator as sim


@pytest.fixture
def shop(books: sim.Company) -> sim.Company:
    fern = books.add_customer("Fern Kitchens", notes="Pays on Fridays.")
    for number in range(40):
        books.add_invoice(fern, "100.00", date(2026, 1, 5), None, str(number), note="Ask for Jo\nin the shop")
    return books


def note(target: str, mark: str, *, on: str = "invoice", words: str = "2026-03-02 first reminder") -> Note:
    return Note(
        target="customer" if on == "customer" else "invoice",
        target_id=target,
        mark=f"[arsync:{mark}]",
        text=f"{words} [arsync:{mark}]",
        key=str(uuid.uuid5(uuid.NAMESPACE_OID, mark)),
    )


def test_a_note_stands_below_what_people_wrote(shop: sim.Company, serving: Serving) -> None:
    _, desk = serving(shop)
    assert isinstance(desk.source, NoteSink)
    lines = len(shop.invoices["101"]["Line"])
    receipts = desk.source.write([note("101", "m1"), note("1", "m1", on="customer")])
    assert [(r.error, r.retry) for r in receipts] == [(None, False)] * 2
    expected = "2026-03-02 first reminder [arsync:m1]"
    assert shop.invoices["101"]["PrivateNote"] == "Ask for Jo\nin the shop\n" + expected
    assert shop.customers["1"]["Notes"] == "Pays on Fridays.\n" + expected
    assert len(shop.invoices["101"]["Line"]) == lines
    assert shop.invoices["101"]["Balance"] == 100


def test_the_same_mark_is_not_written_twice(shop: sim.Company, serving: Serving) -> None:
    simulator, desk = serving(shop)
    first, second = note("101", "m1"), note("101", "m2")
    desk.source.write([first, first])
    receipts = desk.source.write([first, second])
    assert [r.error for r in receipts] == [None, None]
    text = shop.invoices["101"]["PrivateNote"]
    assert text.count("[arsync:m1]") == text.count("[arsync:m2]") == 1
    before = simulator.counts["batch"]
    desk.source.write([first, second])
    assert simulator.counts["batch"] == before


def test_more_new_notes_than_there_is_room_for_at_once(shop: sim.Company, serving: Serving) -> None:
    """Weeks of notes that wait for one customer: each of 900 characters, two of which fit into 2,000 beside
    what people wrote. Each is written, and the last ones stay."""
    _, desk = serving(shop)
    notes = [note("1", f"m{n}", on="customer", words=str(n) * 900) for n in range(1, 6)]
    receipts = desk.source.write(notes)
    assert [(r.mark, r.error, r.retry) for r in receipts] == [(n.mark, None, False) for n in notes]
    assert shop.customers["1"]["Notes"].split("\n") == ["Pays on Fridays.", notes[3].text, notes[4].text]


def test_thirty_to_a_batch_and_one_update_an_invoice(shop: sim.Company, serving: Serving) -> None:
    simulator, desk = serving(shop)
    notes = [note(id_, mark) for id_ in shop.invoices for mark in ("m1", "m2")]
    receipts = desk.source.write(notes)
    assert [r.target_id for r in receipts] == [n.target_id for n in notes]
    assert not any(r.error for r in receipts)
    assert simulator.counts["batch"] == 2
    ids = [call.request_id for call in simulator.calls if call.endpoint == "batch"]
    assert [len(id_) for id_ in ids] == [36, 36]
    assert len(set(ids)) == 2
    assert desk.buckets["quickbooks-4620816365-batch"].taken == 2
    assert desk.rates["quickbooks-4620816365-batch"] == (35, None)


@pytest.mark.parametrize("kind", ["reset-after-commit", "cut-off-body", "malformed-json", "429-xml", "500"])
def test_a_lost_reply_is_asked_for_again_under_the_same_key(
    shop: sim.Company, serving: Serving, kind: str
) -> None:
    simulator, desk = serving(shop)
    simulator.faults.add(kind, "batch", commit=kind in ("429-xml", "500"))
    (receipt,) = desk.source.write([note("101", "m1")])
    assert receipt.error is None
    assert shop.invoices["101"]["PrivateNote"].count("[arsync:m1]") == 1
    assert shop.invoices["101"]["SyncToken"] == "1"
    assert len({call.request_id for call in simulator.calls if call.endpoint == "batch"}) == 1


def test_after_a_crash_between_write_and_receipt_nothing_is_written_twice(
    shop: sim.Company, serving: Serving
) -> None:
    simulator, desk = serving(shop)
    rule = simulator.faults.add("503-html", "batch", times=None, commit=True)
    with pytest.raises(TryLater):
        desk.source.write([note("101", "m1")])
    assert rule.hits == 4
    simulator.faults.clear()
    (receipt,) = desk.connect().write([note("101", "m1")])
    assert receipt.error is None
    assert shop.invoices["101"]["PrivateNote"].count("[arsync:m1]") == 1


def test_a_passing_fault_of_an_item_is_not_repeated_to_the_next_run(
    shop: sim.Company, serving: Serving
) -> None:
    """The vendor keeps the answer to a batch under its key, with the faults in it."""
    _, desk = serving(shop)
    shop.failing_items = 1
    (receipt,) = desk.source.write([note("101", "m1")])
    assert (receipt.error is not None, receipt.retry) == (True, True)
    (receipt,) = desk.connect().write([note("101", "m1")])
    assert receipt.error is None
    assert shop.invoices["101"]["PrivateNote"].count("[arsync:m1]") == 1


def test_a_record_changed_in_between_is_merged_and_written_once_more(
    shop: sim.Company, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator, desk = serving(shop)
    from arsync_quickbooks.client import Client

    send = Client.batch

    def meddled(self: Client, body: bytes, request_id: str) -> object:
        if simulator.counts["batch"] == 0:
            shop.annotate("0", "Jo has left")
        return send(self, body, request_id)

    monkeypatch.setattr(Client, "batch", meddled)
    receipts = desk.source.write([note("101", "m1"), note("102", "m1")])
    assert [r.error for r in receipts] == [None, None]
    assert shop.invoices["101"]["PrivateNote"] == "Jo has left\n2026-03-02 first reminder [arsync:m1]"
    assert simulator.counts["batch"] == 2
    assert len({call.request_id for call in simulator.calls if call.endpoint == "batch"}) == 2


def test_a_record_that_never_rests_is_for_another_run(
    shop: sim.Company, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, desk = serving(shop)
    from arsync_quickbooks.client import Client

    send, changes = Client.batch, iter(range(9))

    def meddled(self: Client, body: bytes, request_id: str) -> object:
        shop.annotate("0", f"change {next(changes)}")
        return send(self, body, request_id)

    monkeypatch.setattr(Client, "batch", meddled)
    receipts = desk.source.write([note("101", "m1"), note("102", "m1")])
    assert [(bool(r.error), r.retry) for r in receipts] == [(True, True), (False, False)]


def test_what_the_vendor_refuses_is_told_in_its_words(
    shop: sim.Company, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    from arsync_quickbooks.simulator import batch, fault, writes

    write = writes.write

    def picky(company: sim.Company, kind: str, operation: str, given: dict[str, str], **more: bool) -> bytes:
        if given.get("Id") == "101":
            raise fault.Fault("6210", "Account Period Closed\r\nCannot Update", "closed on 2026-01-31")
        if given.get("Id") == "102":
            raise fault.throttled()
        return write(company, kind, operation, given, **more)

    monkeypatch.setattr(batch.writes, "write", picky)
    _, desk = serving(shop)
    receipts = desk.source.write([note(id_, "m1") for id_ in ("101", "102", "103", "999")])
    assert [r.retry for r in receipts] == [False, True, False, False]
    assert receipts[0].error == "QuickBooks: Account Period Closed Cannot Update (code 6210)"
    assert receipts[2].error is None
    assert "does not exist" in (receipts[3].error or "")


def test_a_second_batch_that_fails_leaves_the_first_ones_receipts(
    shop: sim.Company, serving: Serving
) -> None:
    simulator, desk = serving(shop)
    simulator.faults.add("503-html", "batch", times=None, after=1)
    receipts = desk.source.write([note(id_, "m1") for id_ in shop.invoices])
    assert [r.error for r in receipts[:30]] == [None] * 30
    assert all(r.error and r.retry for r in receipts[30:])


def test_a_note_full_of_human_words_is_left_as_it_is(shop: sim.Company, serving: Serving) -> None:
    _, desk = serving(shop)
    shop.annotate("0", "x" * 3990)
    (receipt,) = desk.source.write([note("101", "m1")])
    assert "4000 characters" in (receipt.error or "")
    assert receipt.retry is False
    assert shop.invoices["101"]["PrivateNote"] == "x" * 3990


def test_our_oldest_lines_make_room() -> None:
    text = "human\n1 [arsync:a]\nhuman too\n2 [arsync:b]"
    assert memo.appended(text, ["3 [arsync:c]"], 44) == "human\nhuman too\n2 [arsync:b]\n3 [arsync:c]"
    assert memo.appended(text, ["3 [arsync:c]"], 30) == "human\nhuman too\n3 [arsync:c]"
    with pytest.raises(memo.NoRoom):
        memo.appended(text, ["3 [arsync:c]"], 27)


def test_a_note_is_one_line_without_control_characters() -> None:
    assert memo.line("a\r\nb\x00c\u2028d\ud83de ") == "a b c d e"


human_lines = st.text(max_size=20).filter(lambda t: memo.MARK not in t and "\n" not in t)


@given(st.lists(human_lines | human_lines.map(lambda t: f"{t}[arsync:x]"), max_size=8), st.integers(20, 120))
def test_what_people_wrote_is_never_changed(lines: list[str], limit: int) -> None:
    human = [line for line in lines if memo.MARK not in line]
    try:
        text = memo.appended("\n".join(lines), ["n [arsync:new]"], limit)
    except memo.NoRoom:
        kept = "\n".join(human)
        assert len(kept) + (1 if human else 0) + len("n [arsync:new]") > limit
    else:
        assert len(text) <= limit
        assert text.endswith("n [arsync:new]")
        rest = [line for line in text.split("\n") if memo.MARK not in line]
        assert rest == human or (rest == [] and human in ([], [""]))
