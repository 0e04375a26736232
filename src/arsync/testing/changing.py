"""Laws of change: what is read in parts, twice or later adds up; and reading changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from arsync.testing.laws import Laws
from arsync.testing.shelf import Shelf


class ChangingLaws(Laws):
    def test_changes_lead_where_a_full_pull_leads(self) -> None:
        """Changes read on top of an earlier pull give what a first pull now would give: the truth."""
        scene, desk = self.scene, self.desk
        invoices = scene.shop()
        credit = scene.credit(scene.debts[invoices[0]].customer, 6000)
        shelf = Shelf(pages := desk.pull(None))
        for _ in self._rounds(invoices, credit):
            scene.wait()
            shelf.take(pages := desk.pull(pages[-1].cursor))
            assert shelf.owed() == scene.owed()
            assert shelf.left() == scene.left()
            assert shelf.view() == Shelf(desk.pull(None)).view()

    def _rounds(self, invoices: list[str], credit: str | None) -> Iterator[None]:
        """What people do, in four sittings."""
        scene = self.scene
        first, second, third, fourth = invoices
        alder, birch = scene.debts[first].customer, scene.debts[second].customer
        scene.wait()
        scene.pay(first)
        scene.pay(second, 3300)
        scene.move(birch, "new@customers.example")
        scene.settle(alder, "DE", "BY")
        yield
        scene.remove(fourth)
        scene.join(birch, "Key accounts")
        scene.invoice(scene.customer("Dogwood Dairy"), 5500, due=14)
        yield
        scene.use(credit, third, 2500)
        scene.invoice(alder, 100)
        others = scene.each_credit(alder, 900)
        yield
        scene.use(credit, third, 3500)
        for other in others:
            scene.use(other, third, 600)
        scene.each_credit(birch, 900)
        scene.pay(second)
        yield

    def test_what_is_read_twice_counts_once(self) -> None:
        """Pages that were stored but whose cursor was lost are read again, and change nothing."""
        scene, desk = self.scene, self.desk
        first, second, *_ = scene.shop()
        full = desk.pull(None)
        scene.wait()
        scene.pay(first)
        scene.pay(second, 1000)
        scene.invoice(scene.debts[first].customer, 4200)
        changes = desk.pull(full[-1].cursor)
        shelf = Shelf(full).take(changes)
        state = shelf.view()
        assert shelf.take(desk.pull(full[-1].cursor)).view() == state, "the same changes, read once more"
        for _ in range(2):
            scene.wait()
            changes = desk.pull(changes[-1].cursor)
            assert shelf.take(changes).view() == state, "nothing happened since"

    def test_nothing_slips_through_while_it_is_read(self) -> None:
        """People go on working between two pages: after the next pull at the latest, all of it is known."""
        self.scene.shop()
        self.scene.crowd()
        pages = len(self.desk.pull(None))
        for moment in range(1, pages + 1):
            self.fresh()
            invoices = [*self.scene.shop(), *self.scene.crowd()]
            shelf, cursor = Shelf(), ""
            for number, page in enumerate(self.desk.source().pull(None), 1):
                shelf.take([page])
                cursor = page.cursor
                if number == moment:
                    self._meanwhile(invoices)
            self.scene.wait()
            shelf.take(self.desk.pull(cursor))
            assert shelf.owed() == self.scene.owed(), f"people worked after page {moment} of {pages}"
            assert shelf.left() == self.scene.left()

    def _meanwhile(self, invoices: list[str]) -> None:
        """Rows leave the list at both ends, and others come."""
        scene = self.scene
        scene.pay(invoices[0])
        scene.pay(invoices[4])
        scene.remove(invoices[1])
        scene.pay(invoices[-1], 100)
        scene.invoice(scene.debts[invoices[0]].customer, 6100)
        scene.each_credit(scene.debts[invoices[0]].customer, 700)

    def test_reading_changes_nothing(self) -> None:
        """check, pull and refresh leave the accounting system as it was."""
        scene, world = self.scene, self.desk.world
        scene.shop()
        source = self.desk.source()
        before = world.everything()
        source.check()
        assert world.everything() == before, "check changes something"
        pages = list(source.pull(None))
        assert world.everything() == before, "a full pull changes something"
        list(source.pull(pages[-1].cursor))
        assert world.everything() == before, "a pull of changes changes something"
        source.refresh(list(scene.debts), list(scene.names))
        assert world.everything() == before, "refresh changes something"
