"""The query language: what it yields, in which order, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from http.client import HTTPConnection

import pytest
import requests
from quickbooks_sim_desk import NOON, TODAY, Desk, ago, exact, open_desk, refusal


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def add(desk: Desk, customer: str, *amounts: str) -> list[str]:
    """One invoice a minute."""
    ids = []
    for amount in amounts:
        desk.clock.forward(minutes=1)
        ids.append(desk.company.add_invoice(customer, amount, ago(40), ago(10)))
    return ids


def test_an_invoice_has_the_recorded_shape(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber & Sons", "pay@amber.example")
    desk.company.add_invoice(
        customer, "120.50", date(2026, 1, 5), date(2026, 2, 4), email="pay@amber.example"
    )
    answer = exact(desk.ask("SELECT * FROM Invoice"))
    [invoice] = answer["QueryResponse"]["Invoice"]
    assert answer["time"] == "2026-03-10T13:00:00.000-07:00"
    assert (answer["QueryResponse"]["startPosition"], answer["QueryResponse"]["maxResults"]) == (1, 1)
    assert invoice["Id"] == "101"
    assert invoice["SyncToken"] == "0"
    assert invoice["domain"] == "QBO"
    assert invoice["MetaData"]["CreateTime"] == "2026-03-10T13:00:00-07:00"
    assert invoice["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
    assert invoice["CustomerRef"] == {"value": customer, "name": "Amber & Sons"}
    assert (invoice["TxnDate"], invoice["DueDate"]) == ("2026-01-05", "2026-02-04")
    assert (invoice["TotalAmt"], invoice["Balance"]) == (Decimal("120.5"), Decimal("120.5"))
    assert [line["DetailType"] for line in invoice["Line"]] == ["SalesItemLineDetail", "SubTotalLineDetail"]
    assert invoice["BillEmail"] == {"Address": "pay@amber.example"}
    assert invoice["LinkedTxn"] == []
    assert invoice["TxnTaxDetail"] == {"TotalTax": 0}
    for absent in ("HomeBalance", "HomeTotalAmt", "ExchangeRate", "PrivateNote", "DeliveryInfo"):
        assert absent not in invoice


def test_amounts_are_numbers_without_rounding(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    for amount in ("90071992547409.93", "100", "100.00", "0.10"):
        desk.company.add_invoice(customer, amount, TODAY, None)
    text = desk.ask("SELECT * FROM Invoice ORDERBY Id").text
    for shown in ('"Balance":90071992547409.93', '"Balance":100}', '"Balance":100.0}', '"Balance":0.1}'):
        assert shown in text
    assert '"DueDate"' not in text


def test_without_an_order_the_newest_change_comes_first(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    first, second, third = add(desk, customer, "10.00", "20.00", "30.00")
    assert desk.ids("SELECT * FROM Invoice") == [third, second, first]
    desk.clock.forward(minutes=1)
    desk.company.pay(first, "1.00")
    assert desk.ids("SELECT * FROM Invoice") == [first, third, second]
    assert desk.ids("SELECT * FROM Invoice ORDERBY MetaData.CreateTime") == [first, second, third]
    assert desk.ids("SELECT * FROM Invoice ORDERBY MetaData.CreateTime DESC") == [third, second, first]


def test_a_page_has_100_rows_unless_asked_and_1000_at_most(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    for _ in range(103):
        desk.company.add_invoice(customer, "5.00", TODAY, TODAY)
    assert len(desk.ids("SELECT * FROM Invoice")) == 100
    assert len(desk.ids("SELECT * FROM Invoice MAXRESULTS 1000")) == 103
    last = exact(desk.ask("SELECT * FROM Invoice STARTPOSITION 101 MAXRESULTS 50"))["QueryResponse"]
    assert (len(last["Invoice"]), last["startPosition"], last["maxResults"]) == (3, 101, 3)
    assert exact(desk.ask("SELECT * FROM Invoice MAXRESULTS 5 STARTPOSITION 104"))["QueryResponse"] == {}
    assert exact(desk.ask("select count(*) from invoice"))["QueryResponse"] == {"totalCount": 103}
    too_many = desk.ask("SELECT * FROM Invoice MAXRESULTS 1001")
    assert refusal(too_many) == (400, "4001")
    assert "value 1001 is too large" in too_many.text
    assert refusal(desk.ask("SELECT * FROM Invoice STARTPOSITION 0")) == (400, "4001")


@pytest.mark.parametrize(
    ("statement", "code", "detail"),
    [
        (
            "SELECT * FROM Invoice WHERE EmailStatus = 'NotSet'",
            "4001",
            "property 'EmailStatus' is not queryable",
        ),
        ("SELECT * FROM Invoice WHERE TotalAmt > '5'", "4001", "property 'TotalAmt' is not queryable"),
        (
            "SELECT * FROM Payment WHERE UnappliedAmt > '0'",
            "4001",
            "property 'UnappliedAmt' is not queryable",
        ),
        ("SELECT * FROM CreditMemo WHERE RemainingCredit > '0'", "4001", "is not queryable"),
        ("SELECT * FROM Customer WHERE BalanceWithJobs > '0'", "4001", "is not queryable"),
        (
            "SELECT * FROM Invoice WHERE Colour = 'red'",
            "4001",
            "Property Colour not found for Entity Invoice",
        ),
        ("SELECT * FROM Invoice WHERE Id > '5'", "4001", "Operator > is not supported"),
        ("SELECT * FROM Invoice WHERE CustomerRef LIKE '1%'", "4001", "Operator LIKE is not supported"),
        ("SELECT * FROM Invoice WHERE Balance > 'much'", "4001", "value 'much' is not valid"),
        ("SELECT * FROM Invoice WHERE DueDate < 'soon'", "4001", "value 'soon' is not valid"),
        ("SELECT * FROM Invoice ORDERBY EmailStatus", "4001", "EmailStatus"),
        ("SELECT Id, BillAddr FROM Customer", "4001", "Property BillAddr not found for Entity Customer"),
        ("SELECT Id, InvoiceLink FROM Invoice", "4001", "Property InvoiceLink not found"),
        ("SELECT * FROM Dragon", "4001", "Metadata not found for Entity: Dragon"),
        ("SELECT * FROM Invoice WHERE Balance > 0", "4000", "QueryParserError: Encountered"),
        ("SELECT * FROM Invoice WHERE Balance > '0' OR Id = '1'", "4000", "column 43"),
        ("SELECT * FROM Invoice WHERE DocNumber = 'it's'", "4000", "column 45"),
        ("SELECT * FROM Invoice MAXRESULTS ten", "4000", "<IDENTIFIER>"),
        ("DELETE FROM Invoice", "4000", "column 1"),
        ("", "4000", "<EOF>"),
    ],
)
def test_what_cannot_be_asked_is_refused(desk: Desk, statement: str, code: str, detail: str) -> None:
    response = desk.ask(statement)
    assert refusal(response) == (400, code)
    assert detail in response.json()["Fault"]["Error"][0]["Detail"]
    assert response.json()["Fault"]["type"] == "ValidationFault"


def test_conditions(desk: Desk) -> None:
    amber = desk.company.add_customer("Amber")
    birch = desk.company.add_customer("Birch")
    one = desk.company.add_invoice(amber, "10.00", ago(40), ago(10), number="A-1")
    two = desk.company.add_invoice(amber, "20.00", ago(30), ago(5), number="A-2")
    three = desk.company.add_invoice(birch, "30.00", ago(20), None, number="B%1")
    desk.company.pay(two)
    found = {
        "Balance > '0'": {one, three},
        "Balance = '0.00'": {two},
        "Balance >= '10' AND Balance <= '10.00'": {one},
        f"CustomerRef = '{amber}'": {one, two},
        f"CustomerRef IN ('{amber}', '{birch}') AND Balance > '0'": {one, three},
        f"Id IN ('{one}','{three}','9999')": {one, three},
        f"Id = '{two}'": {two},
        "DocNumber = 'A-1'": {one},
        "DocNumber LIKE 'a-%'": {one, two},
        "DocNumber LIKE '%1'": {one, three},
        f"DueDate < '{ago(5)}'": {one},
        f"DueDate <= '{ago(0)}'": {one, two},
        f"TxnDate > '{ago(30)}'": {three},
    }
    for condition, expected in found.items():
        assert set(desk.ids(f"SELECT * FROM Invoice WHERE {condition}")) == expected, condition


def test_times_are_read_with_offset_zulu_or_as_the_companys_local_time(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    early = desk.company.add_invoice(customer, "10.00", TODAY, None)
    desk.clock.forward(minutes=40)
    late = desk.company.add_invoice(customer, "20.00", TODAY, None)
    for bound in ("2026-03-10T20:30:00Z", "2026-03-10T13:30:00-07:00", "2026-03-10T13:30:00"):
        statement = f"SELECT * FROM Invoice WHERE MetaData.CreateTime {{}} '{bound}'"
        assert desk.ids(statement.format(">=")) == [late], bound
        assert desk.ids(statement.format("<")) == [early], bound
    exactly = f"{(NOON + timedelta(minutes=40)).isoformat()}"
    for sign, expected in ((">=", [late]), (">", []), ("=", [late]), ("<=", [early, late])):
        statement = f"SELECT * FROM Invoice WHERE MetaData.CreateTime {sign} '{exactly}'"
        assert desk.ids(statement + " ORDERBY MetaData.CreateTime") == expected


def test_keyset_paging_by_creation_sees_every_row_once_paid_rows_or_not(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    expected = set()
    for index in range(25):
        expected.add(desk.company.add_invoice(customer, "10.00", TODAY, None))
        desk.clock.forward(seconds=index % 2)
    seen: list[str] = []
    last = "2026-01-01T00:00:00Z"
    while True:
        page = desk.rows(
            f"SELECT * FROM Invoice WHERE Balance > '0' AND MetaData.CreateTime >= '{last}' "
            "ORDERBY MetaData.CreateTime MAXRESULTS 10"
        )
        fresh = [row["Id"] for row in page if row["Id"] not in seen]
        seen += fresh
        if len(page) < 10:
            break
        desk.company.pay(page[0]["Id"])
        last = page[-1]["MetaData"]["CreateTime"]
    assert set(seen) == expected
    assert len(seen) == 25


def test_apostrophes_are_escaped_and_ampersands_pass_both_ways(desk: Desk) -> None:
    desk.company.add_customer("Amy's Bird & Cat \\ Co")
    statement = r"SELECT * FROM Customer WHERE DisplayName = 'Amy\'s Bird & Cat \\ Co'"
    assert len(desk.rows(statement)) == 1
    assert desk.get("query", query=statement).json()["QueryResponse"]["maxResults"] == 1


def test_a_posted_statement_must_say_what_it_is(desk: Desk) -> None:
    response = desk.post("query", "SELECT * FROM Invoice")
    assert refusal(response) == (400, "2010")


def test_inactive_customers_are_hidden_unless_asked_for(desk: Desk) -> None:
    kept = desk.company.add_customer("Amber")
    gone = desk.company.add_customer("Birch", active=True)
    desk.company.edit_customer(gone, active=False)
    assert desk.ids("SELECT * FROM Customer") == [kept]
    assert set(desk.ids("SELECT * FROM Customer WHERE Active IN ( true, false )")) == {kept, gone}
    assert desk.ids("SELECT * FROM Customer WHERE Active = false") == [gone]
    assert desk.get(f"customer/{gone}").json()["Customer"]["DisplayName"] == "Birch (deleted)"


def test_a_customer_tells_the_id_of_its_type_and_the_types_their_names(desk: Desk) -> None:
    trade = desk.control("create-customer-type", name="Trade").json()["id"]
    address = {"City": "Leith", "Country": "GBR"}
    amber = desk.control("create-customer", name="Amber", type=trade, address=address).json()["id"]
    desk.company.add_customer("Birch")
    [shown] = desk.rows(f"SELECT * FROM Customer WHERE Id = '{amber}'")
    assert (shown["CustomerTypeRef"], shown["BillAddr"]) == ({"value": trade}, address)
    assert "CustomerTypeRef" not in desk.rows("SELECT * FROM Customer WHERE DisplayName = 'Birch'")[0]
    [row] = desk.rows("SELECT * FROM CustomerType WHERE Active IN (true, false)")
    assert (row["Id"], row["Name"], row["Active"]) == (trade, "Trade", True)
    assert desk.get(f"customertype/{trade}").json()["CustomerType"]["Name"] == "Trade"
    desk.control("edit-customer", customer=amber, type=None, address=None)
    [shown] = desk.rows(f"SELECT * FROM Customer WHERE Id = '{amber}'")
    assert not {"CustomerTypeRef", "BillAddr"} & shown.keys()


def test_projections_and_sorting(desk: Desk) -> None:
    parent = desk.company.add_customer("Birch")
    job = desk.company.add_customer("Amber", parent=parent)
    desk.company.add_invoice(job, "10.00", TODAY, None)
    [row] = desk.rows(f"SELECT Id, BalanceWithJobs, MetaData.CreateTime FROM Customer WHERE Id = '{parent}'")
    assert row == {
        "domain": "QBO",
        "sparse": True,
        "Id": parent,
        "BalanceWithJobs": Decimal(10),
        "MetaData": {"CreateTime": "2026-03-10T13:00:00-07:00"},
    }
    assert desk.ids("SELECT * FROM Customer ORDERBY DisplayName") == [job, parent]
    assert desk.ids("SELECT * FROM Customer ORDER BY DisplayName DESC") == [parent, job]
    assert desk.ids("SELECT * FROM Customer ORDERBY Balance ASC") == [parent, job]


def test_one_object_by_its_id(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    invoice = desk.company.add_invoice(customer, "10.00", TODAY, None)
    assert desk.get(f"invoice/{invoice}", minorversion="75").json()["Invoice"]["Id"] == invoice
    missing = desk.get("invoice/999")
    assert refusal(missing) == (400, "610")
    assert missing.json()["Fault"]["Error"][0]["Message"] == "Object Not Found"
    assert refusal(desk.get("customer/1.5")) == (400, "2030")
    assert refusal(desk.get("customer/1/5")) == (400, "500")


def test_settings(desk: Desk) -> None:
    info = desk.get(f"companyinfo/{desk.company.realm}").json()["CompanyInfo"]
    assert (info["CompanyName"], info["Country"]) == ("Acme Studio LLC", "US")
    assert info["DefaultTimeZone"] == "America/Los_Angeles"
    prefs = desk.get("preferences").json()["Preferences"]
    assert prefs["CurrencyPrefs"] == {"MultiCurrencyEnabled": False, "HomeCurrency": {"value": "USD"}}
    assert prefs["ReportPrefs"]["CalcAgingReportFromTxnDate"] is False
    assert desk.rows("select * from CompanyInfo")[0]["CompanyName"] == "Acme Studio LLC"
    assert [row["DueDays"] for row in desk.rows("SELECT * FROM Term WHERE Name = 'Net 15'")] == [15]


def test_every_answer_bears_a_tid_and_connections_stay_open(desk: Desk) -> None:
    customer = desk.company.add_customer("Amber")
    desk.company.add_invoice(customer, "10.00", TODAY, None)
    first, second = desk.ask("SELECT * FROM Invoice"), desk.ask("nonsense")
    assert first.headers["intuit_tid"] != second.headers["intuit_tid"]
    assert first.headers["Content-Encoding"] == "gzip"
    plain = requests.get(
        f"{desk.base}/invoice/101",
        headers={**desk.session.headers, "Accept-Encoding": "identity"},  # type: ignore[dict-item]
        timeout=60,
    )
    assert "Content-Encoding" not in plain.headers
    assert int(plain.headers["Content-Length"]) == len(plain.content)
    connection = HTTPConnection(desk.url.removeprefix("http://"), timeout=60)
    for _ in range(3):
        connection.request("GET", f"/v3/company/{desk.company.realm}/preferences")
        answer = connection.getresponse()
        answer.read()
        assert (answer.version, answer.status, answer.will_close) == (11, 401, False)
    connection.close()
