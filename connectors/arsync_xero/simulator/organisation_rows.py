"""The organisation itself, its branding theme and its reminder switch."""

from __future__ import annotations

import uuid

from .books import Books
from .wire import Row, instant

_VERSIONS = {"GB": "UK", "US": "US", "AU": "AU", "NZ": "NZ"}


def organisation_row(books: Books) -> Row:
    """The organisation; `Timezone` is a Windows-style name in upper case, not an IANA one."""
    return {
        "Name": books.name,
        "LegalName": books.name,
        "PaysTax": True,
        "Version": _VERSIONS.get(books.country, "GLOBAL"),
        "OrganisationType": "COMPANY",
        "BaseCurrency": books.currency,
        "CountryCode": books.country,
        "IsDemoCompany": False,
        "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": 31,
        "FinancialYearEndMonth": 3,
        "SalesTaxBasis": "ACCRUALS",
        "SalesTaxPeriod": "QUARTERLY",
        "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Exclusive",
        "CreatedDateUTC": instant(books.created_ms),
        "OrganisationEntityType": "COMPANY",
        "Timezone": books.timezone,
        "ShortCode": f"!{books.tenant[:5]}",
        "OrganisationID": books.tenant,
        "Edition": "BUSINESS",
        "Class": "STANDARD",
        "Addresses": [],
        "Phones": [],
        "ExternalLinks": [],
        "PaymentTerms": {},
    }


def branding_theme_row(books: Books) -> Row:
    """The one theme every organisation begins with."""
    return {
        "BrandingThemeID": str(uuid.uuid5(uuid.UUID(books.tenant), "branding theme")),
        "Name": "Standard",
        "SortOrder": 0,
        "CreatedDateUTC": instant(books.created_ms),
    }


def reminders_row(books: Books) -> Row:
    """Whether the service sends reminders of its own; that is all the API tells about them."""
    return {"Enabled": books.reminders_enabled}
