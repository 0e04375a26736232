"""Laws of the refresh: the last look before a message leaves."""

from __future__ import annotations

from arsync.testing.laws import Laws


class RefreshingLaws(Laws):
    def test_refresh_tells_the_state_right_now(self) -> None:
        """Paid, part-paid, voided, unchanged or unknown: whatever an earlier pull saw, this is the truth."""
        scene, desk = self.scene, self.desk
        paid, part, kept, removed = scene.shop()
        alder, birch = scene.debts[paid].customer, scene.debts[part].customer
        other = scene.invoice(scene.customer("Elmwood Estates"), 3100)
        credit, *_ = scene.each_credit(alder, 5000)
        source = desk.source()
        list(source.pull(None))
        scene.wait()
        scene.pay(paid)
        scene.pay(part, 800)
        scene.remove(removed)
        scene.use(credit, kept, 1000)
        scene.move(alder, "now@customers.example")
        asked = [paid, part, kept, removed]
        found = source.refresh([*asked, desk.world.unknown], [alder, birch, desk.world.unknown])
        owed = {each.id: each.owed for each in found.invoices}
        assert {id_: owed.get(id_, 0) for id_ in asked} == {id_: scene.debts[id_].owed for id_ in asked}
        assert desk.world.unknown not in owed
        assert other not in owed, "an invoice that nobody asked for"
        emails = {each.id: each.emails for each in found.customers}
        assert {id_: emails.get(id_) for id_ in (alder, birch)} == {
            id_: (scene.emails[id_],) for id_ in (alder, birch)
        }
        left = {each.id: each.remaining for each in found.credits if each.remaining}
        assert left == scene.left([alder, birch])
        assert not found.rejects
        assert found.read_at.utcoffset() is not None
        assert found.read_at == desk.world.clock()

    def test_refresh_leaves_none_of_many_unread(self) -> None:
        """However many are asked for, and however often one is named."""
        scene = self.scene
        scene.shop()
        asked = scene.crowd()
        who = scene.debts[asked[0]].customer
        found = self.desk.source().refresh([*asked, *asked[:3]], [who, who])
        owed = {each.id: each.owed for each in found.invoices}
        missing = [id_ for id_ in asked if owed.get(id_) != scene.debts[id_].owed]
        assert not missing, f"{len(missing)} of {len(asked)} invoices were left unread"
        assert [each.id for each in found.customers if each.id == who], "the customer was left unread"
