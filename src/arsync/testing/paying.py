"""Laws of payments, for worlds whose source tells them: they are dates, and nothing is owed by them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from arsync.connector import Page
from arsync.ledger import Payment
from arsync.testing.laws import Laws, needs
from arsync.testing.shelf import Shelf


class PayingLaws(Laws):
    @needs("payments")
    def test_where_it_tells_payments_each_bears_day_amount_and_invoices(self) -> None:
        """The day on which money came, not that on which it was entered; in a first pull and a later one."""
        scene, desk = self.scene, self.desk
        first, second, third, _ = scene.shop()
        scene.wait(days=9)
        scene.receive(first, 2050, days_ago=4)
        scene.receive(second, days_ago=0)
        full = desk.pull(None)
        assert _told(full) == scene.received
        scene.wait()
        later = [scene.receive(first, days_ago=2), scene.receive(third, 700, days_ago=6)]
        told = _told(desk.pull(full[-1].cursor))
        assert {id_: told.get(id_) for id_ in later} == {id_: scene.received[id_] for id_ in later}
        assert told.items() <= scene.received.items(), "one of those that were told before is another now"
        assert _told(desk.pull(None)) == scene.received

    @needs("payments")
    def test_where_it_tells_payments_one_taken_back_comes_as_nothing(self) -> None:
        """A payment that bounced was told, so it is told again: with the amount 0, and nothing paid by it."""
        scene, desk = self.scene, self.desk
        first, second, *_ = scene.shop()
        scene.wait(days=9)
        whole, part = scene.receive(second, days_ago=3), scene.receive(first, 5000, days_ago=2)
        kept = scene.receive(first, 400, days_ago=1)
        full = desk.pull(None)
        scene.wait()
        scene.take_back(whole)
        scene.take_back(part)
        told = _told(desk.pull(full[-1].cursor))
        assert {whole, part} <= told.keys(), "nothing is said of a payment that was taken back"
        assert [(told[id_].amount, told[id_].allocations) for id_ in (whole, part)] == [(0, ()), (0, ())]
        afresh = _told(desk.pull(None))
        assert {id_ for id_, each in afresh.items() if each.amount or each.allocations} == {kept}

    @needs("payments")
    def test_where_it_tells_payments_what_is_owed_hangs_on_none(self) -> None:
        """Invoices bear what is open of them: received, received in part or taken back, told or not."""
        scene, desk = self.scene, self.desk
        first, second, third, _ = scene.shop()
        scene.wait(days=9)
        paid = scene.receive(second, days_ago=3)
        scene.receive(first, 5000, days_ago=2)
        shelf = Shelf(pages := desk.pull(None))
        assert shelf.owed() == scene.owed()
        scene.wait()
        part = scene.receive(third, 2500, days_ago=1)
        assert shelf.take(pages := desk.pull(pages[-1].cursor)).owed() == scene.owed()
        scene.wait()
        scene.take_back(paid)
        scene.take_back(part)
        assert shelf.take(desk.pull(pages[-1].cursor)).owed() == scene.owed(), "what bounced is owed again"
        found = desk.source().refresh(list(scene.debts), [])
        assert {each.id: each.owed for each in found.invoices if each.owed} == scene.owed()
        assert shelf.left() == scene.left(), "money that paid an invoice is no credit besides"


def _told(pages: Sequence[Page]) -> dict[str, Payment]:
    """The latest of each payment, without its stamp."""
    return {each.id: msgspec.structs.replace(each, updated_at="") for page in pages for each in page.payments}
