"""Laws of the pull: who it is, what is there, and that nothing is lost on the way."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from arsync.connector import Page
from arsync.money import decimal, digits
from arsync.testing.laws import Laws
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
        """No law is evaded: the source asks no network, uses no token and writes no note but as declared."""
        desk, abilities = self.desk, self.desk.world.abilities
        source = desk.source()
        self.scene.shop()
        source.check()
        list(source.pull(None))
        source.refresh(list(self.scene.debts), list(self.scene.names))
        called = any(line.meter.calls or line.meter.token_calls for line in desk.lines)
        assert called == ("http" in abilities), "http is declared if, and only if, the source uses kit.http"
        assert bool(desk.purse.loads) == ("oauth" in abilities), "so is oauth, if it uses kit.tokens"
        assert (source.app is not None) == ("oauth" in abilities), "and then `app` tells how it asks"
        assert callable(getattr(source, "write", None)) == ("notes" in abilities), "and notes, for `write`"

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
        text = str(decimal(_SPOILT_UNITS, world.currency))
        world.say(text, text + ("5" if "." in text else ".5"))
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
        scene.use(scene.credit(who, 2500), first, 2000)
        pages = self.desk.pull(None)
        assert all(page.full for page in pages), "pull(None) reads everything"
        mentioned = {each.id: each.owed for page in pages for each in page.invoices if each.owed}
        assert mentioned == scene.owed()
        left = {each.id: each.remaining for page in pages for each in page.credits if each.remaining}
        assert left == scene.left()

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
