"""Exact money: integers of minor units beside the ISO 4217 code of their currency.

Nothing here, or anywhere in arsync, is a float, and no two currencies are ever added.
"""

from __future__ import annotations

from copy import copy
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from functools import cache

# What a column of 64 bits and every vendor can carry with room to add: 10^15 minor units.
LARGEST = 10**15


# Shifting the point must not round, whatever the length of the number or the caller's own context.
_EXACT = Context(prec=100, traps=[InvalidOperation, Inexact, Overflow])


class NotMoney(ValueError):
    """An amount or a currency that cannot be kept exactly; the text says why."""


# ISO 4217's minor units where they are not 2. CLDR is not used here: it hides small units that
# invoices are written in (say HUF, COP).
_DIGITS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


# The currencies of ISO 4217 that are money in use; for the places where a person types one.
CURRENCIES = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ "
    "GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR "
    "LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN "
    "PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR "
    "ZMW ZWG".split()
)


@cache
def digits(currency: str) -> int:
    """Number of decimals of a currency by ISO 4217: JPY 0, EUR 2, KWD 3; codes it does not name have 2."""
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise NotMoney(f"{currency[:12]!r} is not an ISO 4217 currency code such as 'EUR'")
    return _DIGITS.get(currency, 2)


def minor(amount: Decimal, currency: str) -> int:
    """The amount in minor units. Raises NotMoney for NaN, for too large amounts and for a fraction
    of a minor unit (``Decimal('0.001')`` EUR), which no exact ledger can hold."""
    scale = digits(currency)
    try:
        scaled = amount.scaleb(scale, _EXACT)
        whole = int(scaled)
    except Inexact as error:
        raise NotMoney(f"{str(amount)[:40]} {currency} has too many digits") from error
    except (DecimalException, ValueError, OverflowError) as error:
        raise NotMoney(f"{str(amount)[:40]} is not an amount") from error
    if whole != scaled:
        raise NotMoney(f"{str(amount)[:40]} {currency} has more than {scale} decimals")
    if abs(whole) > LARGEST:
        raise NotMoney(f"{str(amount)[:40]} {currency} is larger than any invoice")
    return whole


def parse(text: str, currency: str) -> int:
    """Minor units of a plain decimal text such as '25.00'. Raises NotMoney."""
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise NotMoney(f"{text[:40]!r} is not an amount such as '25.00'") from error
    return minor(amount, currency)


def decimal(units: int, currency: str) -> Decimal:
    """The amount as a Decimal with the currency's own number of decimals."""
    return Decimal(units).scaleb(-digits(currency), _EXACT)


def plain(units: int, currency: str) -> str:
    """The amount as machine text with the currency's own number of decimals: '1234.50', '-3', '0.250'."""
    return f"{decimal(units, currency):f}"


def readable(units: int, currency: str, locale: str = "en") -> str:
    """The amount as people of a locale write it: 'US$1,234.50', '1.234,50 €'."""
    from babel import Locale  # late: the plan needs no locale data

    pattern = copy(Locale.parse(locale).currency_formats["standard"])
    pattern.frac_prec = (digits(currency), digits(currency))
    return str(pattern.apply(decimal(units, currency), locale, currency=currency, currency_digits=False))
