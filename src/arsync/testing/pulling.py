"""Laws of the pull: who it is, what is there, and that nothing is lost on the way."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from arsync.connector import NoteReader, Page, Receivables, ReminderSettings
from arsync.ledger import Credit, Invoice
from arsync.ledger.home import worth
from arsync.money import digits
from arsync.testing.laws import Laws, needs
from arsync.testing.shelf import Shelf

# Spoilt below: an amount that no currency can hold exactly. Distinct, so that it is nothing else's text.
_SPOILT_UNITS = 73127

HOSTILE = {
    "line breaks": "Alder\r\nBcc: everybody@customers.example\n\u2028\u0085 Bakery",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)> &amp; 'Alder' \"Bakery\" \\",
    "right to left": "\u202egnip.exe\u202c \u2066Alder\u2069 \u05d0\u05dc\u05d3\u05e8",
    "ten kilobytes": " ".join(["Alder"] * 1700),
    "emoji": "Alder \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308",
    "nul": "Alder\x00Bakery\x07\x1b[2J",
    "formula": '=HYPERLINK("http://alder.example";"Alder") {{ 7*7 }} ${HOME} %s',
    "lone surrogate": "Alder \ud83d Bakery",
    "not utf-8": "Alder \udcff\udcfe Bakery",
}


class PullingLaws(Laws):
    def test_check_names_the_tenant(self) -> None:
        """The company's id, its name, its currency, and a time zone that there is (or none)."""
        tenant = self.desk.source().check()
        assert tenant.id == self.desk.world.tenant
        assert tenant.name.strip()
        assert tenant.currency == self.desk.world.currency
        assert digits(tenant.currency) >= 0
        assert tenant.timezone is None or ZoneInfo(tenant.timezone)

    def test_the_world_declares_what_the_source_can_do(self) -> None:
        """No law is evaded: the source asks no network, uses no token, writes no note, and tells no payments,
        no figures, no places, no reminders and no marks but as declared."""
        desk, abilities = self.desk, self.desk.world.abilities
        source = desk.source()
        self.scene.pay(self.scene.shop()[0])
        source.check()
        pages = list(source.pull(None))
        source.refresh(list(self.scene.debts), list(self.scene.names))
        called = any(line.meter.calls or line.meter.token_calls for line in desk.lines)
        assert called == ("http" in abilities), "http is declared if, and only if, the source uses kit.http"
        assert bool(desk.purse.loads) == ("oauth" in abilities), "so is oauth, if it uses kit.tokens"
        assert (source.app is not None) == ("oauth" in abilities), "and then `app` tells how it asks"
        assert callable(getattr(source, "write", None)) == ("notes" in abilities), "and notes, for `write`"
        assert isinstance(source, Receivables) == ("figures" in abilities), "figures, for aged_receivables"
        tells = any(page.payments for page in pages)
        assert tells == ("payments" in abilities), "and payments, where its pages tell any"
        told = any(each.country or each.groups for page in pages for each in page.customers)
        assert not told or "places" in abilities, "and places, where its customers have any"
        assert isinstance(source, ReminderSettings) == ("reminders" in abilities), "and reminders"
        assert isinstance(source, NoteReader) == ("marks" in abilities), (
            "and marks, for `marks` and `settled`"
        )

    def test_connecting_touches_nothing(self) -> None:
        """``connect`` builds the source; the first question is asked when something is to be known."""
        world = self.desk.world
        before, loads = world.everything(), self.desk.purse.loads
        if "http" in world.abilities:
            self.desk.wire.heal()
        self.desk.source()
        assert "http" not in world.abilities or not self.desk.wire.exchanges
        assert self.desk.purse.loads == loads
        assert world.everything() == before

    @pytest.mark.parametrize("company", ["of nobody", "with customers"])
    def test_there_is_one_last_page_at_the_end(self, company: str) -> None:
        """Also where there is nothing to read and nothing new; and the pages' cursors move on."""
        if company == "with customers":
            self.scene.shop()
        full = self.desk.pull(None)
        _check_end(full)
        self.scene.wait()
        _check_end(self.desk.pull(full[-1].cursor))

    def test_nothing_is_lost(self) -> None:
        """read = stored + rejected: each row is a record, or a reject with its reason and raw text."""
        world, scene = self.desk.world, self.scene
        healthy = scene.shop()
        who = scene.debts[healthy[0]].customer
        spoilt = scene.invoice(who, _SPOILT_UNITS)
        scene.spoil(_SPOILT_UNITS)
        pages = self.desk.pull(None)
        invoices = {each.id: each for page in pages for each in page.invoices}
        for id_ in healthy:
            debt, found = scene.debts[id_], invoices[id_]
            assert (found.customer_id, found.number, found.currency) == (
                debt.customer,
                debt.number,
                world.currency,
            )
            assert (found.total, found.owed) == (debt.total, debt.owed)
        assert spoilt not in invoices, "an amount was rounded that cannot be kept exactly (or not said)"
        rejects = [each for page in pages for each in page.rejects]
        assert spoilt in [each.id for each in rejects if each.entity == "invoice"]
        assert all(each.reason and each.raw for each in rejects)
        customers = {each.id: each for page in pages for each in page.customers}
        assert {id_: customers[id_].name for id_ in scene.names} == scene.names
        assert {id_: customers[id_].emails for id_ in scene.emails} == {
            id_: (email,) for id_, email in scene.emails.items()
        }
        for page in pages:
            assert page.repeats or page.rows <= _brought(page), "a row is neither a record nor a reject"

    def test_a_full_pull_mentions_all_that_is_open(self) -> None:
        """Whatever is open: part-paid, long overdue or due in years; and it says that it is full."""
        scene = self.scene
        first, second, *_ = scene.shop()
        who = scene.debts[first].customer
        scene.pay(second, 3000)
        scene.invoice(who, 700, due=-1500)
        scene.invoice(who, 800, due=800)
        for credit in scene.each_credit(who, 2500):
            scene.use(credit, first, 2000)
        pages = self.desk.pull(None)
        assert all(page.full for page in pages), "pull(None) reads everything"
        mentioned = {each.id: each.owed for page in pages for each in page.invoices if each.owed}
        assert mentioned == scene.owed()
        left = {each.id: each.remaining for page in pages for each in page.credits if each.remaining}
        assert left == scene.left()

    @needs("currencies")
    def test_where_it_bills_in_several_currencies_each_document_keeps_its_own(self) -> None:
        """Whatever its digits; and its rate, where there is one, is the company's money for a unit of it."""
        world, scene = self.desk.world, self.scene
        payers = {scene.customer(f"{code} Trading", code): code for code in world.currencies}
        invoices = {scene.invoice(who, 123456): code for who, code in payers.items()}
        for id_, who in zip(invoices, payers, strict=True):
            scene.pay(id_, 23455)
            scene.credit(who, 4321)
        pages = self.desk.pull(None)
        found = {each.id: each for page in pages for each in page.invoices}
        left = {each.id: each for page in pages for each in page.credits if each.remaining}
        assert {id_: found[id_].currency for id_ in invoices} == invoices
        assert {(found[id_].total, found[id_].open) for id_ in invoices} == {(123456, 123456 - 23455)}
        assert {id_: each.remaining for id_, each in left.items()} == scene.left()
        documents: list[Invoice | Credit] = [*(found[id_] for id_ in invoices), *left.values()]
        for each in documents:
            assert each.currency == scene.currency(each.customer_id)
            rate = world.currencies[each.currency]
            one = worth(each.rate, each.currency, world.currency)
            exact = None if rate is None else worth(str(rate), each.currency, world.currency)
            assert one == exact, f"{each.rate!r} is not what one {each.currency} is worth"

    def test_the_same_exchanges_give_the_same_pages(self) -> None:
        """No chance, no memory, no look at the machine's clock: two processes read the same."""
        self.scene.shop()
        if "http" in self.desk.world.abilities:
            self.desk.wire.heal()
        once = self.desk.pull(None)
        again = self.desk.wire.replaying() if "http" in self.desk.world.abilities else nullcontext()
        with again:
            twice, error = self.desk.attempt(lambda: self.desk.source().pull(None))
            if "http" in self.desk.world.abilities:
                assert not self.desk.wire.strayed, "the second time it asks for something else"
        assert error is None
        assert twice == once

    def test_a_pull_goes_on_after_any_page(self) -> None:
        """A cursor holds all there is to know: another process comes to the same end."""
        scene = self.scene
        scene.shop()
        crowd = scene.crowd()
        whole = self.desk.pull(None)
        if self.desk.world.page_rows is not None:
            assert len(whole) > 1, "the source gives more rows in one page than `page_rows` says"
        self._check_cuts(whole, [])
        scene.wait()
        scene.pay(crowd[0])
        scene.invoice(scene.debts[crowd[0]].customer, 4711)
        self._check_cuts(self.desk.pull(whole[-1].cursor), whole)

    def _check_cuts(self, pages: list[Page], before: list[Page]) -> None:
        state = Shelf(before).take(pages).view()
        for at, page in enumerate(pages[:-1]):
            rest = self.desk.pull(page.cursor)
            resumed = Shelf(before).take(pages[: at + 1]).take(rest)
            assert resumed.view() == state, f"cut after page {at + 1} of {len(pages)}"

    @pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
    def test_hostile_text_is_kept_or_rejected(self, text: str) -> None:
        """Text from outside is data: it arrives as it is, or its row is a reject; nothing raises."""
        world, scene = self.desk.world, self.scene
        who = scene.customer("Zanzibarwood Plainname")
        what = scene.invoice(who, 12345)
        other = scene.invoice(who, 6789)
        world.say("Zanzibarwood Plainname", text)
        world.say(scene.debts[what].number, text)
        pages = self.desk.pull(None)
        if "say" not in type(world).__dict__ and "http" in world.abilities:
            assert self.desk.wire.said, "the answers hold no such text as JSON: give the world a `say`"
        rejected = {each.id for page in pages for each in page.rejects}
        names = {each.id: each.name for page in pages for each in page.customers}
        numbers = {each.id: each.number for page in pages for each in page.invoices}
        # Half of a UTF-16 pair is no text, and nor is a stray byte; U+FFFD is what stands for such a thing.
        kept = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        assert names.get(who) == kept or who in rejected
        assert numbers.get(what) == kept or what in rejected
        assert other in numbers or other in rejected


def _check_end(pages: list[Page]) -> None:
    assert pages, "a pull has at least the last page"
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    for earlier, later in pairwise(pages):
        assert later.last or earlier.cursor != later.cursor, "a page's cursor is that of the page before"


def _brought(page: Page) -> int:
    parts = (page.customers, page.invoices, page.credits, page.payments, page.gone, page.rejects)
    return sum(map(len, parts))
