"""The two aging reports.

Cells are text. A column is known by its ColKey; titles are for people and differ by country. In a company
with several currencies Amount and Open Balance are in the home currency, beside those of the transaction.
https://developer.intuit.com/app/developer/qbo/docs/api/accounting/report-entities/aragingdetail
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from . import fault, wire
from .amounts import ZERO, at_rate, printed
from .receivables import OpenItem, open_items
from .records import Body, Record
from .shapes import full_name

if TYPE_CHECKING:
    from .company import Company

_TITLES = {
    "tx_date": "Date",
    "txn_type": "Transaction Type",
    "doc_num": "Num",
    "cust_name": "Customer",
    "due_date": "Due Date",
    "past_due": "Past Due",
    "currency": "Currency",
    "exch_rate": "Exchange Rate",
    "foreign_amount": "Foreign Amount",
    "foreign_open_bal": "Foreign Open Balance",
    "subt_amount": "Amount",
    "subt_open_bal": "Open Balance",
}
_FOREIGN = ("currency", "exch_rate", "foreign_amount", "foreign_open_bal")


@dataclass(frozen=True)
class Aging:
    """How items are sorted into buckets: bucket 0 is current, the last one has no end."""

    as_of: date
    base: date
    period: int
    periods: int
    from_txn_date: bool

    def days(self, item: OpenItem) -> int:
        return (self.base - (item.issued if self.from_txn_date else item.due)).days

    def bucket(self, item: OpenItem) -> int:
        days = self.days(item)
        return 0 if days <= 0 else min((days - 1) // self.period + 1, self.periods)

    def span(self, bucket: int, last: str) -> str:
        first = (bucket - 1) * self.period + 1
        return f"{first} {last}" if bucket == self.periods else f"{first} - {bucket * self.period}"


def report(company: Company, name: str, asked: Mapping[str, str]) -> bytes:
    """The report; Fault 500 for one that is not simulated."""
    makers: dict[str, Callable[[Company, Aging, list[OpenItem], Mapping[str, str]], Body]] = {
        "AgedReceivableDetail": _detail,
        "AgedReceivables": _summary,
    }
    if name not in makers:
        raise fault.unsupported(f"for report {name}")
    aging = _aging(company, asked)
    items = [item for item in open_items(company, aging.as_of) if _wanted(item, asked)]
    header = {
        "Time": wire.stamp(company.epoch()),
        "ReportName": name,
        **({"Customer": asked["customer"]} if asked.get("customer") else {}),
        "EndPeriod": aging.as_of.isoformat(),
        "Currency": company.currency,
        "Option": [
            {"Name": "report_date", "Value": aging.as_of.isoformat()},
            {"Name": "NoReportData", "Value": "false" if items else "true"},
        ],
    }
    return wire.encode({"Header": header, **makers[name](company, aging, items, asked)})


def _aging(company: Company, asked: Mapping[str, str]) -> Aging:
    try:
        as_of = date.fromisoformat(asked["report_date"]) if "report_date" in asked else company.today()
        period, periods = int(asked.get("aging_period", "30")), int(asked.get("num_periods", "4"))
    except ValueError:
        raise fault.invalid_query("report parameters are not valid") from None
    base = company.today() if asked.get("aging_method") == "Current" else as_of
    return Aging(as_of, base, period, periods, company.aging_from_txn_date)


def _wanted(item: OpenItem, asked: Mapping[str, str]) -> bool:
    customers = asked.get("customer")
    if customers and str(item.customer.id) not in customers.split(","):
        return False
    first, last = asked.get("start_duedate"), asked.get("end_duedate")
    due = item.due.isoformat()
    return not (first and due < first) and not (last and due > last)


# ---- detail


def _detail(company: Company, aging: Aging, items: list[OpenItem], asked: Mapping[str, str]) -> Body:
    keys = _keys(company, asked)
    buckets: dict[int, list[OpenItem]] = {}
    for item in sorted(items, key=lambda item: (item.issued, item.record.id)):
        buckets.setdefault(aging.bucket(item), []).append(item)
    rows: list[Body] = []
    for bucket in sorted(buckets, reverse=True):
        rows.append(_section(company, aging, bucket, buckets[bucket], keys))
    if items:
        rows.append(
            {"Summary": _totals(company, "TOTAL", items, keys), "type": "Section", "group": "GrandTotal"}
        )
    columns = [
        {"ColTitle": _title(company, key), "ColType": key, "MetaData": [{"Name": "ColKey", "Value": key}]}
        for key in keys
    ]
    return {"Columns": {"Column": columns}, "Rows": {"Row": rows} if rows else {}}


def _keys(company: Company, asked: Mapping[str, str]) -> list[str]:
    known = [key for key in _TITLES if company.multicurrency or key not in _FOREIGN]
    if not asked.get("columns"):
        return known
    return [key for key in asked["columns"].split(",") if key in known]


def _title(company: Company, key: str) -> str:
    return "Client" if key == "cust_name" and company.country != "US" else _TITLES[key]


def _section(company: Company, aging: Aging, bucket: int, items: list[OpenItem], keys: list[str]) -> Body:
    title = f"{aging.span(bucket, 'or more')} days past due" if bucket else "Current"
    header = [{"value": title}] + [{"value": ""} for _ in keys[1:]]
    return {
        "Header": {"ColData": header},
        "Rows": {"Row": [_row(company, aging, item, keys) for item in items]},
        "Summary": _totals(company, f"Total for {title}", items, keys),
        "type": "Section",
    }


def _home(company: Company, item: OpenItem, amount: Decimal) -> Decimal:
    if item.record.currency == company.currency:
        return amount
    return at_rate(amount, item.record.rate, company.currency)


def _row(company: Company, aging: Aging, item: OpenItem, keys: list[str]) -> Body:
    currency = item.record.currency
    cells: dict[str, Body] = {
        "tx_date": {"value": item.issued.isoformat()},
        "txn_type": {"value": item.label, "id": str(item.record.id)},
        "doc_num": {"value": item.number},
        "cust_name": {"value": full_name(item.customer), "id": str(item.customer.id)},
        "due_date": {"value": item.due.isoformat()},
        "past_due": {"value": str(aging.days(item))},
        "currency": {"value": currency},
        "exch_rate": {"value": format(item.record.rate, "f")},
        "foreign_amount": {"value": printed(item.total, currency)},
        "foreign_open_bal": {"value": printed(item.open, currency)},
        "subt_amount": {"value": printed(_home(company, item, item.total), company.currency)},
        "subt_open_bal": {"value": printed(_home(company, item, item.open), company.currency)},
    }
    return {"ColData": [cells[key] for key in keys], "type": "Data"}


def _totals(company: Company, title: str, items: Iterable[OpenItem], keys: list[str]) -> Body:
    listed = list(items)
    sums = {
        "subt_amount": sum((_home(company, item, item.total) for item in listed), ZERO),
        "subt_open_bal": sum((_home(company, item, item.open) for item in listed), ZERO),
    }
    cells = [{"value": printed(sums[key], company.currency) if key in sums else ""} for key in keys]
    return {"ColData": [{"value": title}, *cells[1:]]}


# ---- summary


def _summary(company: Company, aging: Aging, items: list[OpenItem], _: Mapping[str, str]) -> Body:
    amounts: dict[Record, list[Decimal]] = {}
    for item in items:
        sums = amounts.setdefault(item.customer, [ZERO] * (aging.periods + 1))
        sums[aging.bucket(item)] += _home(company, item, item.open)
    heads = (c for c in company.tables["Customer"].rows.values() if c.customer is None)
    rows = [row for head in heads for row in _family_rows(company, head, amounts)]
    if rows:
        grand = [sum(column, ZERO) for column in zip(*amounts.values(), strict=True)]
        rows.append(
            {"Summary": _line(company, "TOTAL", None, grand), "type": "Section", "group": "GrandTotal"}
        )
    titles = ["Current", *(aging.span(bucket, "and over") for bucket in range(1, aging.periods + 1)), "Total"]
    columns: list[Body] = [{"ColTitle": "", "ColType": "Customer"}]
    columns += [
        {"ColTitle": title, "ColType": "Money", "MetaData": [{"Name": "ColKey", "Value": _key(title)}]}
        for title in titles
    ]
    return {"Columns": {"Column": columns}, "Rows": {"Row": rows} if rows else {}}


def _key(title: str) -> str:
    return title.lower() if title in ("Current", "Total") else title.replace(" ", "")


def _family_rows(company: Company, customer: Record, amounts: dict[Record, list[Decimal]]) -> list[Body]:
    """A customer without jobs is a row; of one with jobs, its own amounts stand in the total only."""
    below = [row for job in customer.children for row in _family_rows(company, job, amounts)]
    own = amounts.get(customer)
    if not below:
        return [_line(company, full_name(customer), customer, own)] if own else []
    whole = _family_sums(customer, amounts)
    blank = [{"value": ""} for _ in range(len(whole) + 1)]
    header = {"ColData": [{"value": full_name(customer), "id": str(customer.id)}, *blank]}
    total = _line(company, f"Total {full_name(customer)}", None, whole)
    return [{"Header": header, "Rows": {"Row": below}, "Summary": total, "type": "Section"}]


def _family_sums(customer: Record, amounts: dict[Record, list[Decimal]]) -> list[Decimal]:
    parts = [_family_sums(job, amounts) for job in customer.children]
    parts.append(amounts.get(customer, []))
    return [sum(column, ZERO) for column in zip(*(part for part in parts if part), strict=True)]


def _line(company: Company, title: str, customer: Record | None, sums: list[Decimal]) -> Body:
    name: Body = {"value": title} if customer is None else {"value": title, "id": str(customer.id)}
    cells = [
        {"value": printed(amount, company.currency) if amount or customer is None else ""}
        for amount in [*sums, sum(sums, ZERO)]
    ]
    return {"ColData": [name, *cells]}
