"""Laws of what decides beside the debts: where a customer is, its groups, and who else reminds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from arsync.connector import ReminderSettings
from arsync.ledger import Customer
from arsync.testing.laws import Laws, needs
from arsync.testing.shelf import Shelf

# Countries with a subdivision each, as ISO 3166 has them; and one that is none.
_PLACES = (("DE", "BY"), ("US", "CA"), ("GB", "SCT"), ("FR", ""))
_NOWHERE = "Cloud Cuckoo Land"
_BROKEN = "Trade\r\nBcc: everybody@customers.example\u2028 and \x0bothers"


class DescribingLaws(Laws):
    @needs("places")
    def test_where_it_tells_places_they_are_codes(self) -> None:
        """Country and subdivision as ISO 3166 has them, in whatever words they stand there; nothing where the
        words name none, and no customer is lost for that. After a move it is so right now."""
        scene, desk = self.scene, self.desk
        people = {self._debtor(f"{country} Stores"): (country, region) for country, region in _PLACES}
        for who, (country, region) in people.items():
            scene.settle(who, country, region)
        nowhere, untold = self._debtor("Nowhere Nursery"), self._debtor("Silent Stores")
        scene.settle(nowhere, _NOWHERE)
        pages = desk.pull(None)
        truth = people | {nowhere: ("", ""), untold: ("", "")}
        assert _places(Shelf(pages).customers.values()) == truth
        scene.settle(nowhere, "JP")
        truth[nowhere] = ("JP", "")
        assert _places(desk.source().refresh([], list(truth)).customers) == truth

    @needs("places")
    def test_where_it_tells_groups_each_is_one_line(self) -> None:
        """The names of a customer's groups, without what would break a line. After a change it is so right
        now."""
        scene, desk = self.scene, self.desk
        whole, broken, none = (self._debtor(f"{name} Traders") for name in ("Oakwood", "Pinewood", "Sorrel"))
        scene.join(whole, "Key accounts")
        scene.join(broken, "Zanzibarwood Plaingroup")
        desk.world.say("Zanzibarwood Plaingroup", _BROKEN)
        pages = desk.pull(None)
        self._check_groups(Shelf(pages).customers, {whole: ("Key accounts",), none: ()}, broken)
        scene.join(none, "Late payers")
        truth = {whole: ("Key accounts",), none: ("Late payers",)}
        found = desk.source().refresh([], [whole, broken, none]).customers
        self._check_groups({each.id: each for each in found}, truth, broken)

    @needs("reminders")
    def test_where_it_tells_reminders_it_is_as_they_are_set(self) -> None:
        """Right now, also where the same source told something else before."""
        world = self.desk.world
        source = self._settings()
        for enabled in (False, True, False):
            world.switch_reminders(enabled=enabled)
            assert source.reminders() is enabled
            assert self._settings().reminders() is enabled

    def _debtor(self, name: str) -> str:
        who = self.scene.customer(name)
        self.scene.invoice(who, 4200)
        return who

    def _settings(self) -> ReminderSettings:
        source = self.desk.source()
        assert isinstance(source, ReminderSettings), "the world declares reminders, but the source tells none"
        return source

    def _check_groups(
        self, found: Mapping[str, Customer], truth: Mapping[str, tuple[str, ...]], broken: str
    ) -> None:
        assert {who: found[who].groups for who in truth} == truth
        assert broken in found, "a customer is no reject for the name of its group"
        for name in found[broken].groups:
            assert name == " ".join(name.split()), "a group's name is one line without blanks around it"
            assert name


def _places(customers: Iterable[Customer]) -> dict[str, tuple[str, str]]:
    return {each.id: (each.country, each.subdivision) for each in customers}
