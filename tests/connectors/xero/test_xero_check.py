"""Who the organisation is, and whether it is connected."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xero_book import TENANT, Town

from arsync.connector import Tenant
from arsync.errors import Reconnect
from arsync_xero.simulator import XeroSimulator
from arsync_xero.source import XeroSource

Build = Callable[..., Town]


def test_who_it_is(town: Build) -> None:
    built = town()
    assert built.source.check() == Tenant(
        id=TENANT, name="Hartley Joinery Ltd", currency="GBP", timezone="Europe/London"
    )
    built.company.reminders_enabled = True
    built.company.timezone = "MOONSTANDARDTIME"
    told = built.source.check()
    assert told.timezone is None
    assert [sentence.split(":")[0] for sentence in told.warnings] == [
        "Xero's time zone MOONSTANDARDTIME is not known",
        "Xero sends invoice reminders of its own for this organisation",
    ]


def test_whether_xero_reminds_is_one_call(town: Build) -> None:
    built = town()
    source: XeroSource = built.source
    assert source.reminders() is False
    built.company.switch_reminders(enabled=True)
    built.simulator.calls.clear()
    assert source.reminders() is True
    assert dict(built.simulator.calls.by_endpoint) == {"GET InvoiceReminders/Settings": 1}
    built.simulator.faults.add("400-empty", path_regex="InvoiceReminders")
    assert source.reminders() is None  # an organisation that does not have them


def test_an_organisation_that_is_not_connected(town: Build) -> None:
    built = town(tenant="00000000-0000-4000-8000-000000000001")
    with pytest.raises(Reconnect, match="Hartley Joinery Ltd"):
        built.source.check()


def test_a_disconnected_organisation(town: Build) -> None:
    built = town()
    simulator: XeroSimulator = built.simulator
    for each in simulator.tokens.connections():
        simulator.tokens.disconnect(each.id)
    with pytest.raises(Reconnect, match="none is connected"):
        built.source.check()
    with pytest.raises(Reconnect):
        list(built.source.pull(None))
