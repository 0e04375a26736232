"""How many calls it takes: the first pull, a quiet day, and the last look before sending."""

from __future__ import annotations

from datetime import date, timedelta

from quickbooks_desk import TODAY, Ledger, Serving

from arsync_quickbooks import simulator as sim


def shop(books: sim.Company) -> None:
    """A ledger of every kind, as it stands at the end of a day."""
    fern = books.add_customer("Fern Kitchens", "ap@fern.example")
    job = books.add_customer("Loft", parent=fern, bill_with_parent=True)
    invoice = books.add_invoice(fern, "400.25", date(2026, 1, 5), date(2026, 2, 4))
    books.add_invoice(job, "200.00", date(2026, 1, 5), date(2026, 2, 4))
    books.pay(invoice, "30.00")
    books.add_credit_memo(job, "30.00", date(2026, 1, 20))
    books.add_payment(fern, "55.50", date(2027, 1, 1))
    books.add_journal(job, "-12.00", date(2026, 1, 22))
    books.add_journal(job, "80.00", date(2026, 1, 22))
    books.advance(days=1)


def test_a_day_of_quarter_hours_with_nothing_changed_is_96_calls(
    books: sim.Company, serving: Serving, ledger: Ledger
) -> None:
    shop(books)
    simulator, desk = serving(books)
    ledger.pull(desk.source)
    known = (dict(ledger.customers), dict(ledger.invoices), dict(ledger.credits), dict(ledger.payments))
    before, metered = len(simulator.calls), desk.http.meter.calls
    for _ in range(96):
        books.advance(seconds=900)
        desk.clock.now = books.now()
        pages = ledger.pull(desk.connect())  # a process of its own each time
        assert [(page.last, page.full, page.rows) for page in pages] == [(True, False, 0)]
    assert [call.endpoint for call in simulator.calls[before:]] == ["cdc"] * 96
    assert desk.http.meter.calls - metered == 96
    assert (ledger.customers, ledger.invoices, ledger.credits, ledger.payments) == known


def test_a_first_pull_is_a_call_a_page_and_four_more(serving: Serving, ledger: Ledger) -> None:
    """Each page of 1,000 begins with the last second of the one before. So 2,500 invoices are 3 pages and
    1,200 customers 2, as 100,000 are 101 and 20,000 are 21; then come credit memos, payments, the report
    and what changed. For the large one that is 126."""
    company = sim.large_company(2500, 1200, TODAY)
    simulator, desk = serving(company)
    ledger.pull(desk.source)
    assert (len(ledger.owed()), len(ledger.customers)) == (2500, 1200)
    assert simulator.counts == {"query": 3 + 2 + 2, "report": 1, "cdc": 1}


def test_200_invoices_and_80_customers_are_read_again_in_three_calls(
    books: sim.Company, serving: Serving
) -> None:
    payers = [books.add_customer(f"Customer {n}") for n in range(80)]
    invoices = [books.add_invoice(payers[n % 80], "10.00", date(2026, 1, 5), None) for n in range(200)]
    simulator, desk = serving(books)
    found = desk.source.refresh(invoices, payers)
    assert (len(found.invoices), len(found.customers)) == (200, 80)
    assert simulator.counts == {"query": 2, "report": 1}
    assert simulator.calls[0].statement.count("'") == 2 * 200
    books.add_invoice(payers[0], "10.00", date(2026, 1, 5), None)
    simulator.calls.clear()
    desk.source.refresh(list(books.invoices), payers)
    assert simulator.counts == {"query": 3, "report": 1}


def test_the_tie_out_is_one_report_and_the_companys_preferences_once(
    books: sim.Company, serving: Serving
) -> None:
    shop(books)
    simulator, desk = serving(books)
    desk.source.aged_receivables(TODAY)
    assert simulator.counts == {"settings": 1, "report": 1}
    desk.source.aged_receivables(TODAY + timedelta(days=1))
    assert simulator.counts == {"settings": 1, "report": 2}
