"""`sync`: everything, what changed, and pulls that are cut off half way."""

from __future__ import annotations

import pytest
from loop_desk import Desk, on_one_vendor
from loop_ledgers import Ledger, Open, QuickBooks, Xero

from free_port import free_port

FAULTS = {
    "quickbooks": [
        "503-html", "500", "200-with-fault", "malformed-json", "cut-off-body", "401-expired", "429-json",
        "429-xml", "reset-before-commit",
    ],
    "xero": [
        "503-html", "500", "200-html", "malformed-json", "cut-off-body", "401-expired", "403-forbidden",
        "429-minute", "429-day", "reset-before-commit",
    ],
}  # fmt: skip


def pulled(desk: Desk, book: str = "acme") -> dict[str, str]:
    """What is open in the local book, by number."""
    rows = desk.ok("aging", book, "--by", "invoice", "--json").json
    return {row["invoice"]["number"]: row["open"] for row in rows}


def fill(ledger: Ledger) -> None:
    """Two customers with five invoices, one of them paid in part, and a credit."""
    first, second = ledger.customer("Lumen Yoga"), ledger.customer("Tern Coffee", "pay@tern.example")
    for number in range(1001, 1004):
        ledger.invoice(first, "120.00", number=str(number))
    ledger.invoice(second, "90.00", overdue=40, number="1004")
    ledger.invoice(second, "75.50", overdue=-10, number="1005")
    ledger.pay("1002", "20.00")
    ledger.credit(second, "10.00")


def test_the_first_sync_and_the_next(desk: Desk, ledger: Ledger) -> None:
    """All that is open; then nothing has changed: one call on QuickBooks, two on Xero (issue 2)."""
    fill(ledger)
    [report] = desk.ok("sync", "--json").json
    assert (report["book"], report["complete"], report["rejects"]) == ("acme", True, 0)
    assert (report["customers"], report["invoices"], report["credits"]) == (2, 5, 1)
    assert report["bytes"] > 0
    assert pulled(desk) == ledger.open()
    desk.now.go(minutes=20)
    before = ledger.calls()
    [again] = desk.ok("sync", "--json").json
    assert again["complete"] is True
    assert again["api_calls"] == ledger.calls() - before == (1 if ledger.connector == "quickbooks" else 2)


def test_what_changed(desk: Desk, ledger: Ledger) -> None:
    """A day of bookkeeping, pulled as changes: the local book is the company's again."""
    fill(ledger)
    desk.ok("sync")
    desk.now.go(minutes=90)
    ledger.pay("1001")
    ledger.pay("1003", "50.00")
    ledger.void("1005")
    ledger.enlarge("1004", "99.00")
    third = ledger.customer("Quay Bakery", "pay@quay.example")
    ledger.invoice(third, "33.00", number="1006")
    ledger.credit(third, "5.00")
    desk.ok("sync")
    assert pulled(desk) == ledger.open() == {
        "1002": "100.00", "1003": "70.00", "1004": "99.00", "1006": "33.00",
    }  # fmt: skip
    net = {row["customer"]["name"]: row["net"] for row in desk.ok("aging", "--json").json}
    assert net == {"Lumen Yoga": "170.00", "Tern Coffee": "89.00", "Quay Bakery": "28.00"}


def test_a_payment_that_bounces(desk: Desk, quickbooks: QuickBooks) -> None:
    fill(quickbooks)
    payment = quickbooks.company.pay("1001")
    desk.ok("sync")
    assert "1001" not in pulled(desk)
    desk.now.go(minutes=90)
    quickbooks.company.delete_payment(payment)
    desk.ok("sync")
    assert pulled(desk)["1001"] == "120.00"


@pytest.mark.parametrize(
    ("vendor", "kind"), [(vendor, kind) for vendor, kinds in FAULTS.items() for kind in kinds]
)
def test_cut_off_at_the_second_page(desk: Desk, open_ledger: Open, vendor: str, kind: str) -> None:
    """One sentence and exit 1; what came stays; the next sync goes on there and ends complete."""
    ledger = open_ledger(vendor)
    ledger.write()
    desk.ok("connect", "acme")
    fill(ledger)
    rule = ledger.strike(kind, after=1, times=None)
    typed = desk.gives(1, "sync", "--json")
    assert rule.hits
    [error] = [line for line in typed.err.splitlines() if "error:" in line]
    assert error.startswith("error: acme: ")
    [report] = typed.json
    assert report["complete"] is False
    kept = desk.rows("SELECT (SELECT count(*) FROM invoices) + (SELECT count(*) FROM customers)")
    assert kept[0][0] > 0
    ledger.well()
    if kind == "429-day":
        desk.now.go(days=1)  # no call is made before the instant that Xero told
    if kind in ("401-expired", "403-forbidden"):
        assert "arsync connect acme" in error
        desk.ok("connect", "acme")
    [resumed] = desk.ok("sync", "--json").json
    assert resumed["complete"] is True
    assert pulled(desk) == ledger.open()
    [full] = desk.ok("sync", "--full", "--json").json
    assert resumed["api_calls"] < full["api_calls"]  # it did not begin anew
    assert pulled(desk) == ledger.open()


def test_the_wait_that_is_asked_for_is_kept(desk: Desk, quickbooks: QuickBooks) -> None:
    """A throttle that passes: QuickBooks' minute is waited for, and the sync comes to its end."""
    fill(quickbooks)
    quickbooks.strike("429-xml", after=1)
    desk.ok("sync")
    assert 60.0 in desk.naps
    assert pulled(desk) == quickbooks.open()


def test_a_retry_after_is_kept(desk: Desk, xero: Xero) -> None:
    fill(xero)
    xero.strike("429-minute", after=1, retry_after=17)
    desk.ok("sync")
    assert 17.0 in desk.naps


def test_a_wait_of_hours_ends_the_sync(desk: Desk, xero: Xero) -> None:
    """Xero's day is used up: no waiting; when it makes sense to come back is told."""
    fill(xero)
    xero.strike("429-day", times=None, retry_after=7200)
    typed = desk.gives(1, "sync")
    assert "10:00 UTC" in typed.err  # eight o'clock and two hours
    assert not [nap for nap in desk.naps if nap > 1]


@on_one_vendor
def test_the_service_is_not_there(desk: Desk, ledger: Ledger) -> None:
    text = (desk.folder / "arsync.toml").read_text("utf-8")
    nowhere = f"http://127.0.0.1:{free_port()}"
    (desk.folder / "arsync.toml").write_text(text.replace(ledger.url, nowhere), "utf-8")
    typed = desk.gives(1, "sync")
    assert nowhere.removeprefix("http://") in typed.err
    assert typed.err.count("error:") == 1


def test_the_other_book_goes_on(desk: Desk, both: tuple[Ledger, Ledger]) -> None:
    """acme is down in the middle of its sync; birch is synced, and its approved message leaves."""
    acme, birch = both
    for each in both:
        each.invoice(each.customer("Lumen Yoga"), "120.00", number="1001")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    desk.ok("approve", "birch", "--all")
    acme.strike("503-html", times=None)
    typed = desk.gives(1, "run")
    assert typed.err.count("error:") == 1
    assert "error: acme: " in typed.err
    assert [mail["From"] for mail in desk.mail] == ["Accounts <ar@birch.example>"]
    assert "birch: 1 message sent" in typed.out
    acme.well()
    desk.ok("run")
    assert [mail["From"] for mail in desk.mail][1:] == ["Accounts <ar@acme.example>"]
    assert pulled(desk, "birch") == birch.open()


@pytest.mark.parametrize("how", ["full", "changes"])
def test_nothing_is_sent_on_half_a_pull(desk: Desk, ledger: Ledger, how: str) -> None:
    """A message was approved; the next sync is cut off. Neither `send` nor `approve` nor `run` goes on."""
    fill(ledger)
    ledger.write(sending="automatic")
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")
    desk.now.go(minutes=90)
    ledger.strike("503-html", after=0 if how == "changes" else 1, times=None)
    desk.gives(1, *(("sync", "--full") if how == "full" else ("sync",)))
    desk.gives(1, "run")
    ledger.well()
    for line in (("send",), ("approve", "acme", "--all")):
        typed = desk.gives(1, *line)
        assert "arsync sync acme" in typed.err
    assert desk.mail == []
    typed = desk.ok("plan")  # looking is allowed, and says what it looks at
    assert "did not come to its end" in typed.err
    desk.ok("run")
    assert len(desk.mail) == 2
    assert pulled(desk) == ledger.open()


@on_one_vendor
def test_never_synced(desk: Desk, ledger: Ledger) -> None:
    fill(ledger)
    for line in (("send",), ("approve", "acme", "--all"), ("done", "acme", "x")):
        assert "never synced" in desk.gives(1, *line).err
    assert "arsync sync acme" in desk.ok("plan").err


def test_only_a_complete_full_pull_closes(desk: Desk, ledger: Ledger) -> None:
    """An invoice vanishes and no change tells of it: it stays open through changes and through a full
    pull that is cut off, and is closed by one that comes to its end."""
    fill(ledger)
    for _ in range(2):  # the second one, so that the overlap is past
        desk.ok("sync")
        desk.now.go(minutes=20)
    ledger.vanish("1003")
    desk.ok("sync")
    assert "1003" in pulled(desk)
    ledger.strike("503-html", after=2, times=None)
    desk.gives(1, "sync", "--full")
    assert "1003" in pulled(desk)
    ledger.well()
    desk.ok("sync")  # goes on with the full pull
    assert pulled(desk) == ledger.open()
    assert "no longer among the open invoices" in desk.ok("explain", "acme", "1003").out


def test_a_row_that_does_not_fit(desk: Desk, xero: Xero) -> None:
    """It becomes a reject with its reason and raw text; the rest of the page comes, and nothing is chased
    for it. When it fits again it is an invoice as any other."""
    fill(xero)
    with xero.company.lock:
        record = xero.company.invoice("1001")
        record.currency = "XX"
        xero.company.touch(record)
    typed = desk.ok("sync", "--json")
    assert typed.json[0]["rejects"] == 1
    assert typed.json[0]["complete"] is True
    typed = desk.ok("sync", "--full")
    assert "1 reject" in typed.out
    assert "rejects" in typed.err
    assert set(pulled(desk)) == {"1002", "1003", "1004", "1005"}
    [(id_, reason, raw)] = desk.rows("SELECT id, reason, raw FROM rejects")
    assert (id_, "XX" in reason, "1001" in raw) == (record.id, True, True)
    record.currency = "GBP"
    xero.company.touch(record)
    desk.ok("sync")
    assert pulled(desk) == xero.open()
    assert desk.rows("SELECT count(*) FROM rejects") == [(0,)]


@on_one_vendor
def test_looking_changes_nothing(desk: Desk, ledger: Ledger) -> None:
    """plan, aging and explain leave every row of the database as it was, and ask the service nothing."""
    fill(ledger)
    desk.ok("sync")
    desk.ok("approve", "acme", "--all")

    def everything() -> list[tuple]:
        tables = [name for (name,) in desk.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [row for name in tables for row in desk.rows(f"SELECT '{name}', * FROM {name}")]

    before, calls = everything(), ledger.calls()
    for line in (("plan",), ("aging",), ("aging", "--by", "book"), ("explain", "acme", "1001")):
        desk.ok(*line)
        desk.ok(*line, "--json")
    assert everything() == before
    assert ledger.calls() == calls


def test_other_documents_are_left_out(desk: Desk, xero: Xero) -> None:
    """Drafts and bills are no receivables, a voided invoice is none any more."""
    customer = xero.customer("Lumen Yoga")
    day = desk.now().date()
    xero.company.add_bill(customer, "500.00", day, day)
    xero.company.add_draft(customer, "400.00", day, day)
    xero.invoice(customer, "120.00", number="1001")
    xero.invoice(customer, "80.00", number="1002")
    xero.void("1002")
    desk.ok("sync")
    assert pulled(desk) == {"1001": "120.00"}


def test_a_bounced_payment_reopens_its_invoice_though_nobody_says_so(desk: Desk, ledger: Ledger) -> None:
    """No vendor promises that an invoice counts as changed when its payment is deleted: here it does not.
    The payment's own change makes it be read again, and the chase goes on where it stood."""
    invoice = ledger.invoice(ledger.customer("Lumen Yoga"), "120.00", number="1001")
    ledger.write(sending="automatic")
    desk.ok("connect", "acme")
    desk.ok("run")
    desk.now.go(days=1)
    payment = ledger.company.pay(invoice)
    desk.ok("sync")
    assert desk.ok("aging", "--json").json == []
    desk.now.go(days=8)
    desk.ok("sync", "--full")  # the day's sweep of Xero is done
    desk.now.go(minutes=30)
    desk.ok("sync")
    ledger.delete_payment_unmarked(payment, invoice)
    desk.now.go(minutes=300)  # Xero's payments are read every few hours
    calls = desk.ok("sync", "--json").json[0]["api_calls"]
    assert [row["open"] for row in desk.ok("aging", "--json").json] == ["120.00"]
    assert desk.message()["step"] == "second reminder"
    # one more than without: changes and report (a payment is gone); changes, contacts, credits, payments
    assert calls == {"quickbooks": 1 + 1, "xero": 2 + 3 + 1}[ledger.connector] + 1
