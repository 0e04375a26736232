"""What the company says of itself: CompanyInfo, Preferences, and its payment terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .records import Body
from .wire import stamp

if TYPE_CHECKING:
    from .company import Company

TERMS: tuple[Body, ...] = tuple(
    {
        "Name": name,
        "Active": True,
        "Type": "STANDARD",
        "DiscountPercent": 0,
        "DueDays": days,
        "DiscountDays": 0,
    }
    for name, days in (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60))
)
DEFAULT_TERM_DAYS = 30


def _times(company: Company) -> Body:
    return {"CreateTime": stamp(company.born), "LastUpdatedTime": stamp(company.born)}


def company_info(company: Company) -> Body:
    """``CompanyInfo``; the country is a two-letter code."""
    address = {"Id": "1", "Line1": "12 Orchard Row", "City": "Alder", "PostalCode": "97001"}
    info: Body = {
        "CompanyName": company.name,
        "LegalName": company.name,
        "CompanyAddr": address,
        "CustomerCommunicationAddr": address,
        "LegalAddr": address,
        "PrimaryPhone": {},
        "CompanyStartDate": "2015-01-01",
        "FiscalYearStartMonth": "January",
        "Country": company.country,
        "Email": {"Address": "office@company.example"},
        "WebAddr": {},
        "SupportedLanguages": "en",
        "NameValue": [
            {"Name": "NeoEnabled", "Value": "true"},
            {"Name": "IsQbdtMigrated", "Value": "false"},
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
            {"Name": "SubscriptionStatus", "Value": "SUBSCRIBED"},
        ],
        "domain": "QBO",
        "sparse": False,
        "Id": "1",
        "SyncToken": "4",
        "MetaData": _times(company),
    }
    if company.tells_timezone:
        info["DefaultTimeZone"] = company.timezone
    return info


def preferences(company: Company) -> Body:
    """``Preferences``: the part that bears on receivables."""
    return {
        "AccountingInfoPrefs": {"TrackDepartments": False, "CustomerTerminology": "Customers"},
        "SalesFormsPrefs": {
            "CustomTxnNumbers": False,
            "AllowDeposit": False,
            "AllowDiscount": True,
            "ETransactionEnabledStatus": "Enabled" if company.payments_enabled else "NotApplicable",
            "ETransactionAttachPDF": False,
            "ETransactionPaymentEnabled": company.payments_enabled,
            "IPNSupportEnabled": False,
            "DefaultTerms": {"value": "3"},
        },
        "EmailMessagesPrefs": {
            "InvoiceMessage": {
                "Subject": f"Invoice from {company.name}",
                "Message": "Your invoice is attached.",
            }
        },
        "ReportPrefs": {
            "ReportBasis": "Accrual",
            "CalcAgingReportFromTxnDate": company.aging_from_txn_date,
        },
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": company.multicurrency,
            "HomeCurrency": {"value": company.currency},
        },
        "OtherPrefs": {"NameValue": [{"Name": "SalesFormsPrefs.DefaultItem", "Value": "1"}]},
        "domain": "QBO",
        "sparse": False,
        "Id": "1",
        "SyncToken": "6",
        "MetaData": _times(company),
    }
