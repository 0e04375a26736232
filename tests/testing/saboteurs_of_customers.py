"""Connectors that are wrong about who customers are, and about who else reminds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchard import At, Grower
from orchard_service import OrchardWorld
from saboteurs import breaks, changed

from arsync.connector import Page, Snapshot
from arsync.errors import ArsyncError
from arsync.ledger import Customer

# ---- where they are


@breaks("where_it_tells_places_they_are_codes")
class TellsCountriesInWords(Grower):
    def place(self, row: Any) -> tuple[str, str]:
        return row["land"], super().place(row)[1]


@breaks("where_it_tells_places_they_are_codes")
class TellsSubdivisionsWithTheirCountry(Grower):
    def place(self, row: Any) -> tuple[str, str]:
        country, subdivision = super().place(row)
        return country, f"{country}-{subdivision}" if subdivision else ""


@breaks("where_it_tells_places_they_are_codes")
class TakesNoCustomerFromNowhere(Grower):
    def customer(self, row: Any) -> Customer:
        if row["land"] and not self.place(row)[0]:
            raise ValueError("there is no such country")
        return super().customer(row)


@breaks("where_it_tells_places_they_are_codes")
class ForgetsPlacesOnRefresh(Grower):
    def refresh(self, invoice_ids: Sequence[str], customer_ids: Sequence[str]) -> Snapshot:
        found = super().refresh(invoice_ids, customer_ids)
        return changed(
            found, customers=[changed(each, country="", subdivision="") for each in found.customers]
        )


@breaks("changes_lead_where_a_full_pull_leads")
class TellsPlacesInFullPullsAlone(Grower):
    def page(self, at: At, answer: Any, onward: At) -> Page:
        page = super().page(at, answer, onward)
        if at.full:
            return page
        return changed(page, customers=[changed(each, country="", subdivision="") for each in page.customers])


# ---- which groups they are in


@breaks("where_it_tells_groups_each_is_one_line")
class KeepsLineBreaksInGroups(Grower):
    def groups(self, row: Any) -> tuple[str, ...]:
        return (row["group"],) if row["group"] else ()


@breaks("where_it_tells_groups_each_is_one_line")
class PutsEverybodyIntoANamelessGroup(Grower):
    def groups(self, row: Any) -> tuple[str, ...]:
        return super().groups(row) or ("",)


@breaks("the_world_declares_what_the_source_can_do")
class PutsEverybodyIntoAGroupUndeclared(OrchardWorld):
    abilities = OrchardWorld.abilities - {"places"}

    def add_customer(self, name: str, email: str) -> str:
        id_ = super().add_customer(name, email)
        self.join(id_, "Customers")
        return id_


# ---- who else reminds them


@breaks("the_world_declares_what_the_source_can_do")
class DoesNotDeclareItsReminders(OrchardWorld):
    abilities = OrchardWorld.abilities - {"reminders"}


@breaks("where_it_tells_reminders_it_is_as_they_are_set")
class RemembersTheReminders(Grower):
    told: bool | None = None

    def reminders(self) -> bool | None:
        self.told = super().reminders() if self.told is None else self.told
        return self.told


@breaks("a_fault_is_the_right_error_and_no_last_page")
class TakesAFaultForNo(Grower):
    def reminders(self) -> bool | None:
        try:
            return super().reminders()
        except ArsyncError:
            return False
