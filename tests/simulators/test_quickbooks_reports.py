"""The aging reports: every open item, whatever its kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from quickbooks_sim_desk import TODAY, Clock, Desk, ago, open_desk, refusal

from arsync_quickbooks.simulator import Company


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def detail(desk: Desk, **params: str) -> dict[str, Any]:
    response = desk.get("reports/AgedReceivableDetail", **params)
    assert response.status_code == 200
    report: dict[str, Any] = response.json()
    return report


def cells(report: dict[str, Any]) -> list[dict[str, dict[str, str]]]:
    """The data rows, cells by ColKey."""
    keys = [column["MetaData"][0]["Value"] for column in report["Columns"]["Column"]]
    return [
        dict(zip(keys, row["ColData"], strict=True))
        for section in report["Rows"].get("Row", [])
        for row in section.get("Rows", {}).get("Row", [])
        if row["type"] == "Data"
    ]


def test_every_kind_of_open_item_is_listed(desk: Desk) -> None:
    company = desk.company
    amber = company.add_customer("Amber")
    part = company.add_invoice(amber, "100.00", ago(60), ago(35), number="A-1")
    company.pay(part, "40.00", on=ago(20))
    company.pay(company.add_invoice(amber, "9.00", ago(60), ago(30)))
    memo = company.add_credit_memo(amber, "25.50", ago(4), number="CM-1")
    money = company.add_payment(amber, "10.00", ago(2))
    entry = company.add_journal(amber, "-5.00", ago(1))
    found = cells(detail(desk))
    assert [
        (
            row["txn_type"]["value"],
            row["txn_type"]["id"],
            row["subt_amount"]["value"],
            row["subt_open_bal"]["value"],
        )
        for row in found
    ] == [
        ("Invoice", part, "100.00", "60.00"),
        ("Credit Memo", memo, "-25.50", "-25.50"),
        ("Payment", money, "-10.00", "-10.00"),
        ("Journal Entry", entry, "-5.00", "-5.00"),
    ]
    assert {(row["cust_name"]["id"], row["cust_name"]["value"]) for row in found} == {(amber, "Amber")}
    assert (found[0]["doc_num"]["value"], found[0]["due_date"]["value"]) == ("A-1", ago(35).isoformat())
    assert found[0]["past_due"]["value"] == "35"
    total = sum(Decimal(row["subt_open_bal"]["value"]) for row in found)
    assert total == company.customers[amber]["Balance"] == Decimal("19.50")


def test_sections_by_age_with_totals(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    for overdue in (-3, 0, 1, 30, 31, 60, 61, 90, 91):
        desk.company.add_invoice(customer, "10.00", ago(120), ago(overdue))
    report = detail(desk)
    sections = report["Rows"]["Row"]
    assert [
        (section["Header"]["ColData"][0]["value"], len(section["Rows"]["Row"])) for section in sections[:-1]
    ] == [
        ("91 or more days past due", 1),
        ("61 - 90 days past due", 2),
        ("31 - 60 days past due", 2),
        ("1 - 30 days past due", 2),
        ("Current", 2),
    ]
    assert sections[0]["Summary"]["ColData"][0]["value"] == "Total for 91 or more days past due"
    assert sections[1]["Summary"]["ColData"][-1]["value"] == "20.00"
    assert sections[-1]["group"] == "GrandTotal"
    assert sections[-1]["Summary"]["ColData"][-1]["value"] == "90.00"
    assert report["Header"]["ReportName"] == "AgedReceivableDetail"
    assert {"Name": "report_date", "Value": "2026-03-10"} in report["Header"]["Option"]


def test_columns_are_told_by_key(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    desk.company.add_invoice(customer, "10.00", ago(9), ago(1))
    keys = [column["MetaData"] for column in detail(desk)["Columns"]["Column"]]
    assert [key[0]["Value"] for key in keys] == [
        "tx_date",
        "txn_type",
        "doc_num",
        "cust_name",
        "due_date",
        "past_due",
        "subt_amount",
        "subt_open_bal",
    ]
    [row] = cells(detail(desk, columns="subt_open_bal,cust_name,nonsense"))
    assert list(row) == ["subt_open_bal", "cust_name"]


def test_as_of_an_earlier_day_later_acts_have_not_happened(desk: Desk) -> None:
    company = desk.company
    customer = company.add_customer("Amber")
    invoice = company.add_invoice(customer, "100.00", ago(30), ago(5))
    memo = company.add_credit_memo(customer, "30.00", ago(15))
    company.pay(invoice, "60.00", on=ago(10))
    company.apply_credit(memo, invoice)
    company.add_invoice(customer, "7.00", TODAY + timedelta(days=3), None)

    def balances(day: date) -> dict[str, str]:
        found = cells(detail(desk, report_date=day.isoformat()))
        return {row["txn_type"]["value"]: row["subt_open_bal"]["value"] for row in found}

    assert balances(ago(40)) == {}
    assert balances(ago(20)) == {"Invoice": "100.00"}
    assert balances(ago(12)) == {"Invoice": "100.00", "Credit Memo": "-30.00"}
    assert balances(ago(9)) == {"Invoice": "40.00", "Credit Memo": "-30.00"}
    assert balances(TODAY) == {"Invoice": "10.00"}


def test_some_customers_only(desk: Desk) -> None:
    ids = [desk.company.add_customer(name) for name in ("Amber", "Birch", "Coral")]
    for customer in ids:
        desk.company.add_invoice(customer, "10.00", ago(9), ago(1))
    report = detail(desk, customer=f"{ids[0]},{ids[2]}")
    assert [row["cust_name"]["value"] for row in cells(report)] == ["Amber", "Coral"]
    assert report["Header"]["Customer"] == f"{ids[0]},{ids[2]}"


def test_a_company_that_ages_by_transaction_date(desk: Desk) -> None:
    desk.company.aging_from_txn_date = True
    customer = desk.company.add_customer("Amber")
    desk.company.add_invoice(customer, "10.00", ago(40), ago(10))
    report = detail(desk)
    assert report["Rows"]["Row"][0]["Header"]["ColData"][0]["value"] == "31 - 60 days past due"
    assert desk.get("preferences").json()["Preferences"]["ReportPrefs"]["CalcAgingReportFromTxnDate"] is True


def test_nothing_open(desk: Desk) -> None:
    report = detail(desk)
    assert report["Rows"] == {}
    assert {"Name": "NoReportData", "Value": "true"} in report["Header"]["Option"]


def test_several_currencies_have_their_columns_and_another_title() -> None:
    company = Company(realm="7", name="Acme", country="GB", currency="GBP", multicurrency=True, clock=Clock())
    company.set_rate("JPY", "0.005")
    with open_desk(company) as desk:
        customer = company.add_customer("Tokyo Tea", currency="JPY")
        invoice = company.add_invoice(customer, "12000", ago(9), ago(1))
        company.pay(invoice, "2000")
        report = detail(desk)
        [row] = cells(report)
        shown = {key: cell["value"] for key, cell in row.items()}
        assert (shown["currency"], shown["exch_rate"]) == ("JPY", "0.005")
        assert (shown["foreign_amount"], shown["foreign_open_bal"]) == ("12000", "10000")
        assert (shown["subt_amount"], shown["subt_open_bal"]) == ("60.00", "50.00")
        assert "Client" in [column["ColTitle"] for column in report["Columns"]["Column"]]


def test_the_summary_shows_a_parents_own_amount_in_its_total_only(desk: Desk) -> None:
    company = desk.company
    group = company.add_customer("Group")
    job = company.add_customer("Attic", parent=group)
    lone = company.add_customer("Lone")
    company.add_invoice(group, "5.00", ago(9), ago(1))
    company.add_invoice(job, "10.00", ago(9), ago(1))
    company.add_invoice(lone, "20.00", ago(120), ago(100))
    report = desk.get("reports/AgedReceivables").json()
    titles = [column["ColTitle"] for column in report["Columns"]["Column"]]
    assert titles == ["", "Current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "Total"]
    family, single, total = report["Rows"]["Row"]
    assert family["Header"]["ColData"][0] == {"value": "Group", "id": group}
    assert {cell["value"] for cell in family["Header"]["ColData"][1:]} == {""}
    assert [cell["value"] for cell in family["Rows"]["Row"][0]["ColData"]] == [
        "Group:Attic",
        "",
        "10.00",
        "",
        "",
        "",
        "10.00",
    ]
    assert family["Summary"]["ColData"][-1]["value"] == "15.00"
    assert single["ColData"][0] == {"value": "Lone", "id": lone}
    assert single["ColData"][5]["value"] == "20.00"
    assert [cell["value"] for cell in total["Summary"]["ColData"]] == [
        "TOTAL",
        "0.00",
        "15.00",
        "0.00",
        "0.00",
        "20.00",
        "35.00",
    ]


def test_what_is_not_simulated_is_refused(desk: Desk) -> None:
    response: requests.Response = desk.get("reports/BalanceSheet")
    assert refusal(response) == (400, "500")
    assert refusal(desk.get("reports/AgedReceivableDetail", report_date="soon")) == (400, "4001")
