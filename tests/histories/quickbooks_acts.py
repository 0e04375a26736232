"""What people do in a QuickBooks company: each word of a history, by the simulator's own verbs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import vocabulary as v
from vocabulary import among, share
from world import amount_of, units

from arsync_quickbooks.simulator import journals, payments, sales
from arsync_quickbooks.simulator.records import Record

if TYPE_CHECKING:
    from quickbooks_world import QuickBooksWorld

# More decimals than any currency has.
SPOILT = Decimal("0.0001")


def is_spoilt(invoice: Record) -> bool:
    return bool(invoice.total % (SPOILT * 10))


def payer(record: Record) -> Record:
    assert record.customer is not None
    return record.customer


def act(world: QuickBooksWorld, event: v.Event) -> bool:
    done = _people(world, event)
    if done is None:
        done = _invoices(world, event)
    return bool(_money(world, event) if done is None else done)


def _people(world: QuickBooksWorld, event: v.Event) -> bool | None:
    company = world.company
    match event:
        case v.NewCustomer():
            over = among(_rows(world, "Customer"), event.under) if event.under is not None else None
            currency = v.CURRENCIES[event.currency] if world.setting.foreign else world.home
            company.add_customer(
                f"Customer {world.number()}",
                **_about(world, event.address),
                parent=str(over.id) if over else None,
                bill_with_parent=event.billed,
                currency=over.currency if over else currency,
            )
            return True
        case v.Rename(customer):
            return _edited(world, customer, name=f"Renamed {world.number()}")
        case v.Readdress(customer, address):
            return _edited(world, customer, **_about(world, address))
        case v.Retire(customer):
            found = among(_rows(world, "Customer"), customer)
            return found is not None and _edited(world, customer, active=found.body.get("Active") is False)
        case v.Merge(customer, into, stays):
            return _merge(world, customer, into, stays=stays)
        case v.Remove(customer):
            lonely = [each for each in _rows(world, "Customer") if _is_lonely(world, each)]
            gone = among(lonely, customer)
            if gone is not None:
                with company.change() as change:
                    change.remove(gone)
                _forget(world, gone)
            return gone is not None
    return None


def _about(world: QuickBooksWorld, address: int) -> dict[str, Any]:
    """What people write of a customer that gets one of the addresses."""
    place = v.PLACES[address]
    country, region = place.words
    return {
        "email": ", ".join(v.ADDRESSES[address]) or None,
        "address": {"Country": country, "CountrySubDivisionCode": region} if country else None,
        "type": world.types[place.group] if place.group else None,
    }


def _invoices(world: QuickBooksWorld, event: v.Event) -> bool | None:
    company = world.company
    match event:
        case v.Bill():
            who = among(_rows(world, "Customer"), event.customer)
            if who is not None:
                company.add_invoice(
                    str(who.id),
                    amount_of(event.amount, who.currency),
                    company.today(),
                    world.day(event.due),
                    email=", ".join(v.ADDRESSES[event.mail]) or None,
                )
            return who is not None
        case v.Batch() if who := among(_rows(world, "Customer"), event.customer):
            for position in range(event.count):
                amount = amount_of(1000 + 10 * position, who.currency)
                company.add_invoice(str(who.id), amount, company.today(), world.day(event.due))
            return True
        case v.Void(invoice) if found := _readable(world, invoice):
            company.void(str(found.id))
            return True
        case v.Delete(invoice) if found := _readable(world, invoice):
            company.delete(str(found.id))
            return True
        case v.Redate(invoice, due) if found := _readable(world, invoice):
            company.redate(str(found.id), world.day(due))
            return True
        case v.Renumber(invoice) if found := _readable(world, invoice):
            company.renumber(str(found.id), f"R-{world.number()}")
            return True
        case v.Enlarge(invoice, by) if found := _readable(world, invoice):
            total = found.total + amount_of(by, found.currency)
            company.edit_invoice(str(found.id), Line=[sales.line(total, "More")])
            return True
        case v.Spoil(invoice) if found := among(_rows(world, "Invoice"), invoice):
            rest = -SPOILT if is_spoilt(found) else SPOILT
            with company.change() as change:
                change.touch(found)
                found.total += rest
                found.balance += rest
            return True
        case v.Flood(documents):
            for found in _rows(world, "Invoice")[:documents]:
                company.annotate(str(found.id), f"seen {world.number()}")
            return True
    return None


def _money(world: QuickBooksWorld, event: v.Event) -> bool | None:
    company = world.company
    match event:
        case v.Pay(invoice, percent) if found := _open(world, invoice):
            part = share(units(found.balance, found.currency), percent)
            company.pay(str(found.id), amount_of(part, found.currency))
            return True
        case v.Payday(each):
            paid = [one for one in _rows(world, "Invoice") if one.balance and not is_spoilt(one)][::each]
            for one in paid:
                company.pay(str(one.id))
            return bool(paid)
        case v.Bounce(payment) if found := among(_rows(world, "Payment"), payment):
            company.delete_payment(str(found.id))
            return True
        case v.Deposit(customer, amount) if who := among(_rows(world, "Customer"), customer):
            company.add_payment(str(who.id), amount_of(amount, who.currency))
            return True
        case v.Credit(customer, amount) if who := among(_rows(world, "Customer"), customer):
            company.add_credit_memo(str(who.id), amount_of(amount, who.currency), company.today())
            return True
        case v.Journal(customer, amount) if who := among(_rows(world, "Customer"), customer):
            company.add_journal(str(who.id), amount_of(amount, who.currency), company.today())
            return True
        case v.Unbook(journal) if found := among(_rows(world, "JournalEntry"), journal):
            journals.delete(company, found)
            return True
        case v.Withdraw(credit):
            unused = [each for each in _rows(world, "CreditMemo") if not each.links]
            found = among(unused, credit)
            if found is not None:
                (sales.void if credit % 2 else _deleted)(company, found)
            return found is not None
        case v.Apply(credit, invoice, percent):
            return _apply(world, credit, invoice, percent)
    return False


def _apply(world: QuickBooksWorld, credit: int, invoice: int, percent: int) -> bool:
    """A credit memo, money on account, or an entry in the customer's favour for one of its invoices."""
    company = world.company
    credits_ = [each for kind in ("CreditMemo", "Payment") for each in _rows(world, kind) if each.balance]
    entries = [
        each for each in _rows(world, "JournalEntry") if any(part < 0 for part in each.shares.values())
    ]
    found = among([*credits_, *entries], credit)
    if found is None:
        return False
    shares = [(id_, -part) for id_, part in found.shares.items() if part < 0]
    who, left = shares[0] if shares else (payer(found).id, found.balance)
    open_ = [
        each
        for each in _rows(world, "Invoice")
        if each.balance and payer(each).id == who and not is_spoilt(each)
    ]
    debt = among([each for each in open_ if each.currency == found.currency], invoice)
    if debt is None:
        return False
    used = amount_of(share(units(min(left, debt.balance), debt.currency), percent), debt.currency)
    used = min(used, left, debt.balance)
    if found.kind == "CreditMemo":
        company.apply_credit(str(found.id), str(debt.id), used)
    elif found.kind == "Payment":
        company.apply_payment(str(found.id), str(debt.id), used)
    else:
        lines = [
            {"Amount": used, "LinkedTxn": [{"TxnId": str(each.id), "TxnType": each.kind}]}
            for each in (debt, found)
        ]
        given = {"CustomerRef": {"value": str(who)}, "TotalAmt": Decimal(0), "Line": lines}
        payments.create(company, given)
    return True


def _merge(world: QuickBooksWorld, customer: int, into: int, *, stays: bool) -> bool:
    """Two names become one, as the company's screens do it; or all that stood on the one is made out to
    the other by hand, and the one is made inactive. By hand, money that an entry on the account is used
    with stays where it is, since the entry does."""
    company = world.company
    source = among([each for each in _rows(world, "Customer") if not each.children], customer)
    if source is None:
        return False
    others = [e for e in _rows(world, "Customer") if e is not source and e.currency == source.currency]
    target = among(others, into)
    if target is None:
        return False
    if not stays:
        company.merge_customers(str(source.id), str(target.id))
        return True
    money = [each for each in _rows(world, "Payment") if each.customer is source]
    if any(link.kind == "JournalEntry" for each in money for link in each.links):
        return False
    with company.change() as change:
        for each in [e for kind in ("Invoice", "CreditMemo", "Payment") for e in _rows(world, kind)]:
            if each.customer is source:
                change.touch(each)
                ref = {"value": str(target.id)}
                each.customer, each.body = target, {**each.body, "CustomerRef": ref}
    company.edit_customer(str(source.id), active=False)
    return True


def _edited(world: QuickBooksWorld, customer: int, **fields: object) -> bool:
    found = among(_rows(world, "Customer"), customer)
    if found is not None:
        world.company.edit_customer(str(found.id), **fields)
    return found is not None


def _forget(world: QuickBooksWorld, customer: Record) -> None:
    """The name of a customer who is not there any more is free."""
    world.company.names = {n: each for n, each in world.company.names.items() if each is not customer}
    if customer.customer is not None:
        customer.customer.children.remove(customer)


def _is_lonely(world: QuickBooksWorld, customer: Record) -> bool:
    documents = [each for kind in ("Invoice", "CreditMemo", "Payment") for each in _rows(world, kind)]
    entries = _rows(world, "JournalEntry")
    return not (
        customer.children
        or any(each.customer is customer for each in documents)
        or any(customer.id in each.shares for each in entries)
    )


def _deleted(company: object, memo: Record) -> None:
    sales.delete(company, memo, unlink=True)  # type: ignore[arg-type]


def _rows(world: QuickBooksWorld, kind: str) -> list[Record]:
    rows = world.company.tables[kind].rows
    return [rows[id_] for id_ in sorted(rows)]


def _readable(world: QuickBooksWorld, number: int) -> Record | None:
    return among([each for each in _rows(world, "Invoice") if not is_spoilt(each)], number)


def _open(world: QuickBooksWorld, number: int) -> Record | None:
    invoices = [each for each in _rows(world, "Invoice") if not is_spoilt(each) and each.balance]
    return among(invoices, number)
