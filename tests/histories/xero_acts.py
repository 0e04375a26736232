"""What people do in a Xero organisation: each word of a history, by the simulator's own verbs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import vocabulary as v
from vocabulary import among, share

from arsync_xero.simulator import Rules
from arsync_xero.simulator.records import ZERO, Allocation, Contact, Credit, Invoice, Payment

if TYPE_CHECKING:
    from xero_world import XeroWorld

# Xero's amounts have two places; with more they are none.
SPOILT = Decimal("0.00001")


def lasting(rules: Rules) -> Rules:
    """With access tokens that outlive every history."""
    return replace(rules, access_seconds=9000 * 86_400)


def is_spoilt(invoice: Invoice) -> bool:
    return bool(invoice.total % (SPOILT * 10))


def in_part(world: XeroWorld) -> list[Invoice]:
    """The open invoices of which a part is paid or credited."""
    return [each for each in _receivables(world, "AUTHORISED") if each.settled_in_part]


def act(world: XeroWorld, event: v.Event) -> bool:
    done = _people(world, event)
    if done is None:
        done = _invoices(world, event)
    return bool(_money(world, event) if done is None else done)


def _people(world: XeroWorld, event: v.Event) -> bool | None:
    company = world.company
    match event:
        case v.NewCustomer():
            company.add_contact(f"Customer {world.number()}", **_addresses(event.address))
            return True
        case v.Rename(customer) if found := _contact(world, customer):
            company.edit_contact(found.id, name=f"Renamed {world.number()}")
            return True
        case v.Readdress(customer, address) if found := _contact(world, customer):
            company.edit_contact(found.id, **_addresses(address))
            return True
        case v.Retire(customer) if found := _contact(world, customer):
            (company.gdpr if customer % 5 == 0 else company.archive)(found.id)
            return True
        case v.Merge(customer, into):
            source, target = _contact(world, customer), _contact(world, into)
            if source is None or target is None or source is target or source.merged_to:
                return False
            company.merge(source.id, target.id)
            return True
    return None


def _invoices(world: XeroWorld, event: v.Event) -> bool | None:
    company = world.company
    match event:
        case v.Bill() if who := _contact(world, event.customer):
            currency = _currency(world, event.currency)
            status = "DRAFT" if event.draft else "AUTHORISED"
            amount = _amount(event.amount, currency)
            due = world.day(event.due)
            if event.mail == 3:  # a supplier's bill, which is none of ours
                company.add_bill(who.id, amount, company.today(), due)
            else:
                rate = _rate(world, currency)
                company.add_invoice(who.id, amount, company.today(), due, None, currency, status, rate=rate)
            return True
        case v.Batch() if who := _contact(world, event.customer):
            for position in range(event.count):
                amount = _amount(1000 + 10 * position, world.home)
                company.add_invoice(who.id, amount, company.today(), world.day(event.due))
            return True
        case v.Approve(draft) if found := _of_status(world, draft, "DRAFT", "SUBMITTED"):
            company.approve(found.id)
            return True
        case v.Void(invoice) if found := _of_status(world, invoice, "AUTHORISED"):
            company.void(found.id, keep_amount=bool(invoice % 2))
            return True
        case v.Delete(invoice) if found := _of_status(world, invoice, "DRAFT"):
            company.delete(found.id)
            return True
        case v.Redate(invoice, due, part_paid) if found := _of_status(world, invoice, "AUTHORISED"):
            if part_paid:
                found = among(in_part(world), invoice) or found
            company.redate(found.id, world.day(due))
            return True
        case v.Renumber(invoice) if found := _of_status(world, invoice, "AUTHORISED", "DRAFT", "PAID"):
            company.renumber(found.id, f"R-{world.number()}")
            return True
        case v.Enlarge(invoice, by) if found := _of_status(world, invoice, "AUTHORISED", "DRAFT"):
            more = _amount(by, found.currency)
            _changed(world, found, total=found.total + more, amount_due=found.amount_due + more)
            return True
        case v.Spoil(invoice) if found := among(_receivables(world, "AUTHORISED"), invoice):
            rest = -SPOILT if is_spoilt(found) else SPOILT
            _changed(world, found, total=found.total + rest, amount_due=found.amount_due + rest)
            return True
        case v.Flood(documents):
            for found in _receivables(world)[:documents]:
                company.touch(found)
            return True
    return None


def _money(world: XeroWorld, event: v.Event) -> bool | None:
    company = world.company
    match event:
        case v.Pay(invoice, percent) if found := _of_status(world, invoice, "AUTHORISED"):
            wanted = _part(found.amount_due, percent, found.currency)
            over = wanted - found.amount_due
            company.pay(found.id, min(wanted, found.amount_due))
            if over > 0:
                company.add_overpayment(found.contact.id, over, currency=found.currency, rate=found.rate)
            return True
        case v.Payday(each):
            open_ = [one for one in _receivables(world, "AUTHORISED") if not is_spoilt(one)][::each]
            for one in open_:
                company.pay(one.id)
            return bool(open_)
        case v.Bounce(payment):
            standing = [each for each in company.payments.values() if each.status != "DELETED"]
            applied = [part for each in company.credits.values() for part in each.allocations]
            either: list[Payment | Allocation] = [*standing, *applied]
            found = among(either, payment)
            if isinstance(found, Payment):
                company.delete_payment(found.id)
            elif found is not None:
                _unapply(world, found)
            return found is not None
        case v.Deposit(customer, amount) if who := _contact(world, customer):
            currency = _currency(world, event.currency)
            company.add_overpayment(who.id, _amount(amount, currency), **_in(world, currency))
            return True
        case v.Prepay(customer, amount) if who := _contact(world, customer):
            currency = _currency(world, event.currency)
            company.add_prepayment(who.id, _amount(amount, currency), **_in(world, currency))
            return True
        case v.Credit(customer, amount) if who := _contact(world, customer):
            currency = _currency(world, event.currency)
            company.add_credit_note(who.id, _amount(amount, currency), **_in(world, currency))
            return True
        case v.Apply(credit, invoice, percent):
            return _apply(world, credit, invoice, percent)
        case v.Withdraw(credit):
            unused = [e for e in _credits(world) if not e.allocations]
            gone = among(unused, credit)
            if gone is not None:
                gone.status = "VOIDED" if credit % 2 else "DELETED"
                company.touch(gone)
            return gone is not None
    return False


def _apply(world: XeroWorld, credit: int, invoice: int, percent: int) -> bool:
    found = among(_credits(world), credit)
    if found is None:
        return False
    debts = [
        each
        for each in _receivables(world, "AUTHORISED")
        if (each.contact, each.currency) == (found.contact, found.currency) and not is_spoilt(each)
    ]
    debt = among(debts, invoice)
    if debt is None:
        return False
    most = min(found.remaining, debt.amount_due)
    world.company.allocate(found.id, debt.id, min(most, _part(most, percent, debt.currency)))
    return True


def _unapply(world: XeroWorld, part: Allocation) -> None:
    """Remove an allocation: the credit is there again, and the invoice is owed."""
    company, credit, invoice = world.company, part.credit, part.invoice
    with company.lock:
        credit.allocations.remove(part)
        invoice.allocations.remove(part)
        credit.remaining += part.amount
        credit.status = "AUTHORISED"
        invoice.amount_credited -= part.amount
        company.touch(credit)
        company._settle(invoice, part.on)


def _changed(world: XeroWorld, invoice: Invoice, **fields: Decimal) -> None:
    with world.company.lock:
        for name, value in fields.items():
            setattr(invoice, name, value)
        world.company.touch(invoice)


def _addresses(number: int) -> dict[str, Any]:
    """The contact's own address, and a person with each further one."""
    own, *others = v.ADDRESSES[number] or ("",)
    persons = [
        {"FirstName": "A", "LastName": "B", "EmailAddress": e, "IncludeInEmails": True} for e in others
    ]
    left_out = {"FirstName": "C", "LastName": "D", "EmailAddress": "no@no.example", "IncludeInEmails": False}
    place = v.PLACES[number]
    country, region = place.words
    groups = (place.group,) if place.group else ()
    about = {"country": country, "region": region, "groups": groups}
    return {"email": own or None, "persons": [*persons, left_out], **about}


def _currency(world: XeroWorld, number: int) -> str:
    return v.CURRENCIES[number] if world.setting.foreign else world.home


def _in(world: XeroWorld, currency: str) -> dict[str, Any]:
    return {"currency": currency, "rate": _rate(world, currency)}


def _rate(world: XeroWorld, currency: str) -> Decimal:
    """Units of a currency for one of the organisation's own."""
    if currency == world.home:
        return Decimal(1)
    return Decimal("0.75") + v.CURRENCIES.index(currency)


def _amount(minor: int, currency: str) -> Decimal:
    """Two places at most, whatever the currency could have; whole where it has no smaller unit."""
    return Decimal(minor) if currency == "JPY" else Decimal(minor).scaleb(-2)


def _part(amount: Decimal, percent: int, currency: str) -> Decimal:
    """So many per cent of an amount, in the currency's units."""
    cents = int(amount) if currency == "JPY" else int(amount.scaleb(2))
    return _amount(share(cents, percent), currency)


def _contact(world: XeroWorld, number: int) -> Contact | None:
    return among(list(world.company.contacts.values()), number)


def _receivables(world: XeroWorld, *statuses: str) -> list[Invoice]:
    invoices = [each for each in world.company.invoices.values() if each.type == "ACCREC"]
    return [each for each in invoices if not statuses or each.status in statuses]


def _of_status(world: XeroWorld, number: int, *statuses: str) -> Invoice | None:
    return among([each for each in _receivables(world, *statuses) if not is_spoilt(each)], number)


def _credits(world: XeroWorld) -> list[Credit]:
    credits_ = world.company.credits.values()
    return [each for each in credits_ if each.status == "AUTHORISED" and each.remaining > ZERO]
