"""Saboteurs of sums: what they make of payments, of currencies, and of the service's own figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from orchard import At, Grower, Records
from orchard_service import OrchardWorld
from saboteurs import breaks, changed, memory_of

from arsync.connector import Page
from arsync.errors import TryLater
from arsync.ledger import AgedBalance, Invoice, Payment

DECLARED = "the_world_declares_what_the_source_can_do"


@breaks(DECLARED)
class DoesNotDeclareItsPayments(OrchardWorld):
    abilities = OrchardWorld.abilities - {"payments"}


@breaks(DECLARED)
class DoesNotDeclareItsFigures(OrchardWorld):
    abilities = OrchardWorld.abilities - {"figures"}


# ---- payments

BEARS = "where_it_tells_payments_each_bears_day_amount_and_invoices"
TAKEN_BACK = "where_it_tells_payments_one_taken_back_comes_as_nothing"


@breaks(BEARS)
class TellsTheDayOfEntry(Grower):
    def payment(self, row: Any) -> Payment:
        return changed(super().payment(row), paid_on=self.kit.clock().date())


@breaks(BEARS)
class DoesNotSayWhatWasPaid(Grower):
    def payment(self, row: Any) -> Payment:
        return changed(super().payment(row), allocations=())


@breaks(BEARS)
class TellsPaymentsOnceOnly(Grower):
    """In a first pull, and later on only when one was taken back."""

    def page(self, at: At, answer: Any, onward: At) -> Page:
        page = super().page(at, answer, onward)
        if at.full:
            return page
        return changed(page, payments=[each for each in page.payments if not each.amount])


@breaks(TAKEN_BACK)
class SaysNothingOfABouncedPayment(Grower):
    def page(self, at: At, answer: Any, onward: At) -> Page:
        page = super().page(at, answer, onward)
        return changed(page, payments=[each for each in page.payments if each.amount])


@breaks(TAKEN_BACK)
class KeepsABouncedPaymentAsItWas(Grower):
    def payment(self, row: Any) -> Payment:
        payment, seen = super().payment(row), memory_of(self)
        if payment.amount:
            seen[payment.id] = payment
        return seen.get(payment.id, payment)


@breaks("where_it_tells_payments_what_is_owed_hangs_on_none")
class LeavesPaymentsToBeTakenOff(Grower):
    """What came in on an earlier day is told as a payment, and stands on the invoice as if it had not."""

    def records(self, rows: Sequence[Any]) -> Records:
        found, paid = super().records(rows), memory_of(self)
        today = self.kit.clock().date()
        for each in found["payments"]:
            paid[each.id] = each if each.paid_on < today else changed(each, allocations=())
        found["invoices"] = [self.unpaid(each, list(paid.values())) for each in found["invoices"]]
        return found

    def unpaid(self, invoice: Invoice, payments: Sequence[Payment]) -> Invoice:
        late = [it.amount for each in payments for it in each.allocations if it.invoice_id == invoice.id]
        return changed(invoice, open=invoice.open + sum(late))


# ---- currencies

CURRENCIES = "where_it_bills_in_several_currencies_each_document_keeps_its_own"


@breaks(CURRENCIES)
class TurnsRatesRound(Grower):
    def rate(self, text: str) -> str:
        return f"1/{text}" if text else ""


@breaks(CURRENCIES)
class TellsNoRate(Grower):
    def rate(self, text: str) -> str:
        return ""


# ---- the service's own figures

FIGURES = "where_it_has_figures_"


@breaks(f"{FIGURES}they_tie_out_with_the_pull")
class LeavesOutWhoIsInCredit(Grower):
    def aged_receivables(self, as_of: date) -> list[AgedBalance]:
        return [each for each in super().aged_receivables(as_of) if each.amount > 0]


@breaks(f"{FIGURES}they_tie_out_in_each_currency")
class CountsAllMoneyAsItsOwn(Grower):
    def balance(self, row: Any) -> AgedBalance:
        return changed(super().balance(row), currency="EUR")


@breaks(f"{FIGURES}none_of_many_is_missing")
class ReadsOnePageOfFigures(Grower):
    def figures(self, after: str) -> Any:
        return {**super().figures(after), "next": None}


HALF = f"{FIGURES}a_fault_never_leaves_half_of_them"


@breaks(HALF, "cut-off body")
class IsContentWithHalfTheFigures(Grower):
    def figures(self, after: str) -> Any:
        try:
            return super().figures(after)
        except TryLater as error:
            if not after or "cut off" not in str(error):
                raise
            return {"rows": [], "next": None}


@breaks(HALF, "200 in HTML", "200 with something else", "200 with null")
class TakesWhatIsNoFigureForTheEnd(Grower):
    def decoded(self, body: bytes, path: str) -> Any:
        known = body.startswith(b'{"') and not body.startswith(b'{"message"')
        return super().decoded(body, path) if known or path != "/figures" else {"rows": [], "next": None}


@breaks(f"{FIGURES}a_page_that_comes_again_and_again_is_refused")
class ReadsFiguresForEver(Grower):
    def next_figures(self, after: str, answer: Any) -> str:
        return str(answer["next"])


@breaks(f"{FIGURES}a_page_that_comes_again_and_again_is_refused")
class TakesRepeatedFiguresForTheEnd(Grower):
    def figures(self, after: str) -> Any:
        answer = super().figures(after)
        repeated = answer["next"] is not None and answer["next"] <= after
        return {"rows": [], "next": None} if repeated else answer


@breaks(f"{FIGURES}one_that_is_unreadable_never_ties_out")
class CutsFiguresShort(Grower):
    def balance(self, row: Any) -> AgedBalance:
        if row["currency"] != "EUR":
            return super().balance(row)
        cut = Decimal(row["owed"]).quantize(Decimal("0.01"), ROUND_DOWN)
        return super().balance({**row, "owed": str(cut)})


@breaks(f"{FIGURES}asking_for_them_changes_nothing")
class LeavesAMarkWhereItAsked(Grower):
    def balance(self, row: Any) -> AgedBalance:
        path = f"/notes/{row['id']}"
        self.decoded(self.called("PUT", path, {}, '{"text": "compared"}'), path)
        return super().balance(row)
