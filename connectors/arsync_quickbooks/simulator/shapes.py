"""Records as the service shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .amounts import ZERO, at_rate, currency_ref
from .records import Body, Record
from .wire import stamp

if TYPE_CHECKING:
    from .company import Company

_PAY_LINKS = (
    "AllowIPNPayment",
    "AllowOnlinePayment",
    "AllowOnlineCreditCardPayment",
    "AllowOnlineACHPayment",
)
_AFTER_CUSTOMER = (
    "CustomerMemo BillAddr ShipAddr FreeFormAddress SalesTermRef DueDate ShipDate ShipMethodRef TrackingNum "
    "ClassRef DepartmentRef PaymentMethodRef DepositToAccountRef"
).split()
_CUSTOM_FIELD = [{"DefinitionId": "1", "Name": "Crew #", "Type": "StringType"}]
_NO_TAX = {"TotalTax": 0}


def shape(company: Company, record: Record) -> Body:
    """The object in the service's own form."""
    return _SHAPES[record.kind](company, record)


def _head(record: Record) -> Body:
    return {
        "domain": "QBO",
        "sparse": False,
        "Id": str(record.id),
        "SyncToken": str(record.token),
        "MetaData": {
            "CreateTime": stamp(record.created),
            "LastModifiedByRef": {"value": "9130355377388386"},
            "LastUpdatedTime": stamp(record.updated),
        },
    }


def customer_ref(record: Record) -> Body:
    """A reference to the customer of a transaction, under the name it has now."""
    assert record.customer is not None
    return {"value": str(record.customer.id), "name": full_name(record.customer)}


def full_name(customer: Record) -> str:
    """``Parent:Job``."""
    name: str = customer.body["DisplayName"]
    return name if customer.customer is None else f"{full_name(customer.customer)}:{name}"


def _copied(shown: Body, body: Body, names: tuple[str, ...] | list[str]) -> None:
    for name in names:
        if name in body:
            shown[name] = body[name]


def _links(record: Record) -> list[Body]:
    return [{"TxnId": str(link.id), "TxnType": link.kind} for link in record.links]


def _sales(company: Company, record: Record) -> Body:
    body = record.body
    shown: Body = {}
    if record.kind == "Invoice":
        shown.update((name, body.get(name, False)) for name in _PAY_LINKS)
    else:
        shown["RemainingCredit"] = record.balance
    shown.update(_head(record))
    shown["CustomField"] = body.get("CustomField", _CUSTOM_FIELD)
    _copied(shown, body, ("DocNumber", "TxnDate"))
    shown["CurrencyRef"] = currency_ref(record.currency)
    if company.multicurrency:
        shown["ExchangeRate"] = record.rate
    _copied(shown, body, ("PrivateNote",))
    shown["LinkedTxn"] = _links(record)
    lines = body["Line"]
    subtotal = sum((line["Amount"] for line in lines if line.get("Amount")), ZERO)
    shown["Line"] = [
        *lines,
        {"Amount": subtotal, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
    ]
    shown["TxnTaxDetail"] = body.get("TxnTaxDetail", _NO_TAX)
    shown["CustomerRef"] = customer_ref(record)
    _copied(shown, body, _AFTER_CUSTOMER)
    shown["TotalAmt"] = record.total
    if company.multicurrency:
        shown["HomeTotalAmt"] = at_rate(record.total, record.rate, company.currency)
    shown["ApplyTaxAfterDiscount"] = body.get("ApplyTaxAfterDiscount", False)
    shown["PrintStatus"] = body.get("PrintStatus", "NeedToPrint")
    shown["EmailStatus"] = body.get("EmailStatus", "NotSet")
    _copied(shown, body, ("BillEmail", "BillEmailCc", "BillEmailBcc"))
    shown["Balance"] = record.balance
    if company.multicurrency:
        shown["HomeBalance"] = at_rate(record.balance, record.rate, company.currency)
    _copied(shown, body, ("DeliveryInfo",))
    return shown


def _payment(company: Company, record: Record) -> Body:
    body = record.body
    shown: Body = {
        "CustomerRef": customer_ref(record),
        "DepositToAccountRef": body.get("DepositToAccountRef", {"value": "4"}),
        "TotalAmt": record.total,
        "UnappliedAmt": record.balance,
        "ProcessPayment": False,
        **_head(record),
        "TxnDate": body["TxnDate"],
        "CurrencyRef": currency_ref(record.currency),
    }
    if company.multicurrency:
        shown["ExchangeRate"] = record.rate
    _copied(shown, body, ("PaymentMethodRef", "PaymentRefNum", "PrivateNote"))
    shown["Line"] = [
        {"Amount": link.amount, "LinkedTxn": [{"TxnId": str(link.id), "TxnType": link.kind}]}
        for link in record.links
    ]
    return shown


def balance_with_jobs(customer: Record) -> Any:
    """The customer's Balance and that of all jobs below it."""
    return sum((balance_with_jobs(job) for job in customer.children), customer.balance)


def level(customer: Record) -> int:
    """How deep a job lies: 0 for a customer."""
    return 0 if customer.customer is None else 1 + level(customer.customer)


def _customer(_: Company, record: Record) -> Body:
    body = record.body
    shown: Body = {"Taxable": body.get("Taxable", True)}
    _copied(shown, body, ("BillAddr", "ShipAddr", "Notes", "ResaleNum"))
    shown["Job"] = record.customer is not None
    shown["BillWithParent"] = body.get("BillWithParent", False)
    if record.customer is not None:
        shown["ParentRef"] = {"value": str(record.customer.id), "name": full_name(record.customer)}
        shown["Level"] = level(record)
    _copied(shown, body, ("CustomerTypeRef", "SalesTermRef", "PaymentMethodRef"))
    shown["Balance"] = record.balance
    shown["BalanceWithJobs"] = balance_with_jobs(record)
    shown["CurrencyRef"] = currency_ref(record.currency)
    shown["PreferredDeliveryMethod"] = body.get("PreferredDeliveryMethod", "Print")
    shown.update(_head(record))
    _copied(shown, body, ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix"))
    shown["FullyQualifiedName"] = full_name(record)
    _copied(shown, body, ("CompanyName",))
    shown["DisplayName"] = body["DisplayName"]
    shown["PrintOnCheckName"] = body.get("PrintOnCheckName", body["DisplayName"])
    shown["Active"] = body.get("Active", True)
    _copied(shown, body, ("PrimaryPhone", "AlternatePhone", "Mobile", "Fax", "PrimaryEmailAddr", "WebAddr"))
    shown["DefaultTaxCodeRef"] = body.get("DefaultTaxCodeRef", {"value": "2"})
    return shown


def _journal(company: Company, record: Record) -> Body:
    shown: Body = {"Adjustment": record.body.get("Adjustment", False), **_head(record)}
    _copied(shown, record.body, ("DocNumber", "TxnDate", "PrivateNote"))
    shown["CurrencyRef"] = currency_ref(record.currency)
    if company.multicurrency:
        shown["ExchangeRate"] = record.rate
    shown["TotalAmt"] = record.total
    shown["Line"] = record.body["Line"]
    return shown


def _plain(_: Company, record: Record) -> Body:
    return {**record.body, **_head(record)}


def _attachable(_: Company, record: Record) -> Body:
    refs = [
        {"EntityRef": ref["EntityRef"], "IncludeOnSend": ref.get("IncludeOnSend", False)}
        for ref in record.body.get("AttachableRef", [])
    ]
    return {**record.body, **_head(record), "AttachableRef": refs}


_SHAPES: dict[str, Callable[[Any, Record], Body]] = {
    "Invoice": _sales,
    "CreditMemo": _sales,
    "Payment": _payment,
    "Customer": _customer,
    "JournalEntry": _journal,
    "CustomerType": _plain,
    "Term": _plain,
    "Attachable": _attachable,
}
