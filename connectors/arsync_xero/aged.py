"""What each contact owes by Xero's own figures.

A contact's balance is one figure for all its documents, in the organisation's base currency. Whether it is
less by over- and prepayments that are not applied is not told in Xero's pages, so these are read beside it
and stand apart. (Xero's description of its API calls the balances "raw" and "not converted to base
currency": for a contact whose documents are all in the base currency that is the same figure.) The report
of aged receivables is of no use here: it is asked for one contact at a time.
https://developer.xero.com/documentation/api/accounting/contacts
"""

from __future__ import annotations

from collections.abc import Iterator

from arsync.ledger import AgedBalance, AgedItem, Credit
from arsync.ledger.home import half_up, worth
from arsync_xero.client import XeroClient
from arsync_xero.cursor import Cursor
from arsync_xero.decode import Documents, owing
from arsync_xero.pull import Pull
from arsync_xero.reading import pages


def aged_receivables(client: XeroClient, documents: Documents, base: str) -> list[AgedBalance]:
    """A balance for each contact that owes, is owed, or has an over- or prepayment left; archived ones too.

    One call for 1,000 contacts, and two for the over- and prepayments. A contact or credit that cannot be
    understood, or whose rate is not told, is left out: its figure then differs from the book's, and a
    person looks.
    """
    amounts: dict[str, int] = {}
    for listing in pages(lambda number: client.contacts(page=number), owing(base)):
        amounts |= {each.id: each.amount for each in listing.records}
    items: dict[str, list[AgedItem]] = {}
    for credit in _over_and_prepaid(client, documents):
        if (one := worth(credit.rate, credit.currency, base)) is not None:
            amount = -half_up(credit.remaining * one)
            item = AgedItem(kind=credit.kind, id=credit.id, amount=amount, number=credit.number)
            items.setdefault(credit.customer_id, []).append(item)
    return [
        AgedBalance(
            customer_id=customer,
            currency=base,
            amount=amounts.get(customer, 0),
            items=tuple(own := items.get(customer, [])),
            home=True,
            apart=-sum(item.amount for item in own),
        )
        for customer in sorted(amounts.keys() | items.keys())
    ]


def _over_and_prepaid(client: XeroClient, documents: Documents) -> Iterator[Credit]:
    """The ones with something left; a row that was read twice counts once."""
    found: dict[str, Credit] = {}
    for page in Pull(client, documents).pages(Cursor(full=True, stage="overpayments", start=client.now())):
        found |= {each.id: each for each in page.credits}
    return (each for each in found.values() if each.remaining)
