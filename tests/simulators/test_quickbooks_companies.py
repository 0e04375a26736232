"""The demonstration company, the large one, and a company's own methods."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from quickbooks_sim_desk import TODAY, Clock, ago, exact, open_desk

from arsync_quickbooks.simulator import Company, demo_company, large_company


def test_the_demonstration_holds_one_of_every_case() -> None:
    studio = demo_company(TODAY, clock=Clock())
    assert studio.name == "Juniper & Pine Studio"
    customers = {shown["DisplayName"]: shown for shown in studio.customers.values()}
    open_invoices = [shown for shown in studio.invoices.values() if shown["Balance"] > 0]
    overdue = {(TODAY - datetime.fromisoformat(shown["DueDate"]).date()).days for shown in open_invoices}
    assert {-3, 0, 2, 9, 16, 35, 65} <= overdue
    harbor = [shown for shown in open_invoices if shown["CustomerRef"]["name"] == "Harbor & Finch Hotels"]
    assert len(harbor) == 3
    assert [shown["PrivateNote"] for shown in harbor if "PrivateNote" in shown] == [
        "Spoke to Dana on Monday, will check with her boss"
    ]
    assert "PrimaryEmailAddr" not in customers["Maple Court Dental"]
    assert customers["Maple Court Dental"]["Balance"] == 740
    assert customers["Tern Coffee Roasters"]["Balance"] == -50
    assert customers["Alder Valley Theatre"]["Balance"] == 1200
    assert customers["Alder Valley Theatre"]["PrimaryEmailAddr"]["Address"].count(",") == 1
    assert customers["Plume Stationery"]["Balance"] < 25
    job = customers["Pier Nine Renovation"]
    assert (job["Job"], job["BillWithParent"], job["ParentRef"]["name"]) == (True, True, "Brightwater Group")
    assert (customers["Brightwater Group"]["Balance"], customers["Brightwater Group"]["BalanceWithJobs"]) == (
        0,
        3120,
    )
    assert [shown["Active"] for shown in customers.values()].count(False) == 1
    places = {
        (shown["BillAddr"]["Country"], shown["BillAddr"]["CountrySubDivisionCode"])
        for shown in customers.values()
        if "BillAddr" in shown
    }
    assert places == {("USA", "OR"), ("USA", "CA"), ("DEU", "BY"), ("GBR", "SCT")}
    assert sum("CustomerTypeRef" in shown for shown in customers.values()) == 5
    notes = [shown.get("PrivateNote", "") for shown in studio.invoices.values()]
    assert notes.count("Voided") == 1
    assert all(
        address.strip().endswith(".example")
        for shown in customers.values()
        for address in shown.get("PrimaryEmailAddr", {}).get("Address", "x.example").split(",")
    )


def test_balances_agree_with_the_items_after_a_long_story() -> None:
    studio = demo_company(TODAY, clock=Clock())
    with open_desk(studio) as desk:
        report = desk.get("reports/AgedReceivableDetail").json()
        total = Decimal(report["Rows"]["Row"][-1]["Summary"]["ColData"][-1]["value"])
    assert total == sum(shown["Balance"] for shown in studio.customers.values())


def test_a_large_company_is_the_same_for_the_same_seed() -> None:
    one, two = (large_company(400, 50, TODAY, seed=3) for _ in range(2))
    other = large_company(400, 50, TODAY, seed=4)
    assert list(one.invoices.items()) == list(two.invoices.items())
    assert list(one.invoices.items()) != list(other.invoices.items())


def test_a_large_company_can_be_paged_by_creation() -> None:
    company = large_company(2500, 100, TODAY)
    with open_desk(company) as desk:
        seen: dict[str, Any] = {}
        last, pages = "2020-01-01T00:00:00Z", 0
        while True:
            rows = desk.rows(
                f"SELECT * FROM Invoice WHERE Balance > '0' AND MetaData.CreateTime >= '{last}' "
                "ORDERBY MetaData.CreateTime MAXRESULTS 1000"
            )
            pages += 1
            seen.update((row["Id"], row) for row in rows)
            if len(rows) < 1000:
                break
            last = rows[-1]["MetaData"]["CreateTime"]
        assert (len(seen), pages) == (2500, 3)
        created = [row["MetaData"]["CreateTime"] for row in seen.values()]
        assert created == sorted(created)
        assert 1000 < len(set(created)) < 2500
        owed: dict[str, Decimal] = {}
        for row in seen.values():
            payer = row["CustomerRef"]["value"]
            owed[payer] = owed.get(payer, Decimal(0)) + row["Balance"]
        assert owed == {ident: shown["Balance"] for ident, shown in company.customers.items()}
        size = len(desk.get(f"invoice/{next(iter(seen))}").content)
        assert 1900 < size < 2700


def test_views_are_copies_of_what_is_shown() -> None:
    company = Company(realm="7", name="Acme", clock=Clock())
    customer = company.add_customer(
        "Amber", "pay@amber.example", notes="Ring first", phone="555", GivenName="Jo"
    )
    invoice = company.add_invoice(customer, "120.00", ago(9), None, number="A-1")
    company.invoices[invoice]["Balance"] = Decimal(0)
    assert company.invoices[invoice]["Balance"] == Decimal("120.00")
    assert company.invoices.numbered("A-1")["Id"] == invoice
    shown = company.customers[customer]
    assert (shown["Notes"], shown["GivenName"]) == ("Ring first", "Jo")
    assert list(company.invoices) == [invoice]
    assert "999" not in company.invoices
    with pytest.raises(KeyError):
        company.invoices.numbered("A-2")


@pytest.mark.parametrize("amount", ["1.234", 1.5, "ten", "NaN", True])
def test_amounts_are_exact_or_refused(amount: Any) -> None:
    company = Company(realm="7", name="Acme", clock=Clock())
    customer = company.add_customer("Amber")
    with pytest.raises(ValueError, match="amount"):
        company.add_invoice(customer, amount, TODAY, None)


def test_unknown_fields_are_refused() -> None:
    company = Company(realm="7", name="Acme", clock=Clock())
    with pytest.raises(TypeError, match="unknown field 'colour'"):
        company.add_customer("Amber", colour="red")


def test_a_history_can_be_built() -> None:
    company = Company(realm="7", name="Acme", clock=Clock())
    customer = company.add_customer("Amber", created=datetime(2025, 1, 1, tzinfo=UTC))
    invoice = company.add_invoice(customer, "1.00", TODAY, None, created=datetime(2025, 7, 1, 12, tzinfo=UTC))
    company.restamp("Invoice", invoice, None, datetime(2025, 12, 1, tzinfo=UTC))
    times = company.invoices[invoice]["MetaData"]
    assert times["CreateTime"] == "2025-07-01T05:00:00-07:00"
    assert times["LastUpdatedTime"] == "2025-11-30T16:00:00-08:00"


def test_today_is_the_companys() -> None:
    clock = Clock(datetime(2026, 3, 10, 23, tzinfo=UTC))
    assert Company(realm="7", name="Acme", timezone="Pacific/Auckland", clock=clock).today().day == 11
    assert Company(realm="7", name="Acme", clock=clock).today().day == 10


def test_ids_of_customers_and_transactions_are_counted_apart() -> None:
    company = Company(realm="7", name="Acme", clock=Clock())
    customers = [company.add_customer(name) for name in ("Amber", "Birch")]
    invoice = company.add_invoice(customers[0], "1.00", TODAY, None)
    payment = company.pay(invoice)
    assert customers == ["1", "2"]
    assert int(payment) == int(invoice) + 1


def test_many_hands_at_once_lose_nothing() -> None:
    with open_desk() as desk:
        customer = desk.company.add_customer("Amber")
        invoice = desk.company.add_invoice(customer, "100.00", TODAY, None)

        def pay() -> None:
            for _ in range(25):
                desk.company.pay(invoice, "1.00")

        threads = [threading.Thread(target=pay) for _ in range(3)]
        for thread in threads:
            thread.start()
        balances = [exact(desk.get(f"invoice/{invoice}"))["Invoice"]["Balance"] for _ in range(20)]
        for thread in threads:
            thread.join()
        assert balances == sorted(balances, reverse=True)
        shown = desk.company.invoices[invoice]
        assert (shown["Balance"], shown["SyncToken"], len(shown["LinkedTxn"])) == (25, "75", 75)
        assert desk.company.customers[customer]["Balance"] == 25
