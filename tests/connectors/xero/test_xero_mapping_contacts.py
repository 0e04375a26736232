"""Who a contact is, where, in which groups, and whether it is still there."""

from __future__ import annotations

from typing import Any

import pytest
from xero_rows import contact_row, only, page

from arsync.ledger import Customer
from arsync_xero import decode


def test_a_contact() -> None:
    assert only("Contacts", contact_row()) == Customer(
        id="c-1",
        name="Brook & Daughters",
        emails=("office@brook.example", "ann@brook.example"),
        updated_at="2026-01-05T09:15:30.007Z",
    )


POBOX = {"AddressType": "POBOX", "Region": "Bayern", "Country": "Deutschland"}
STREET = {"AddressType": "STREET", "Region": "CA", "Country": "USA"}


@pytest.mark.parametrize(
    ("addresses", "place"),
    [
        ([STREET, POBOX], ("DE", "BY")),  # where invoices are sent to
        ([STREET, POBOX | {"Country": ""}], ("US", "CA")),
        ([POBOX | {"Country": "Atlantis"}, STREET], ("US", "CA")),
        ([{"AddressType": None, "Country": "Scotland"}], ("GB", "SCT")),
        ([STREET | {"Region": None}], ("US", "")),
        ([], ("", "")),
        # Harmless, whatever it is:
        (None, ("", "")),
        (7, ("", "")),
        ("USA", ("", "")),
        ({"Country": "USA"}, ("", "")),
        ([None, STREET], ("US", "CA")),
        ([POBOX | {"Country": 5}, STREET], ("US", "CA")),
        ([STREET | {"Region": ["CA"]}], ("US", "")),
        ([{"AddressType": ["POBOX"], "Country": {"Name": "USA"}}], ("", "")),
        ([[]], ("", "")),
    ],
)
def test_where_a_contact_is(addresses: Any, place: tuple[str, str]) -> None:
    found = only("Contacts", contact_row(Addresses=addresses))
    assert (found.country, found.subdivision) == place
    assert found.emails == ("office@brook.example", "ann@brook.example")


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        ([{"Name": "Key accounts"}, {"Name": "Retail", "Status": "ACTIVE"}], ("Key accounts", "Retail")),
        ([{"Name": "Old", "Status": "DELETED"}, {"Name": "Re\ntail\u2028"}], ("Re tail",)),
        ([], ()),
        # Harmless, whatever it is:
        (None, ()),
        ("Retail", ()),
        ([None, {"Name": None}, {"Name": 5}, {"Name": " "}, {}], ()),
        ([["Retail"]], ()),
    ],
)
def test_which_groups_a_contact_is_in(groups: Any, names: tuple[str, ...]) -> None:
    assert only("Contacts", contact_row(ContactGroups=groups)).groups == names


def test_stray_bytes_in_an_address_cost_nothing_else() -> None:
    row = contact_row(Addresses=[STREET | {"City": "????"}], ContactGroups=[{"Name": "Retail ????"}])
    listing = decode.CONTACTS.read(page("Contacts", row).replace(b"????", b"\xff"))
    [found] = listing.records
    assert (found.country, found.subdivision, found.groups) == ("US", "CA", ("Retail \ufffd",))


def test_contacts_that_are_archived_merged_or_forgotten() -> None:
    merged = only("Contacts", contact_row(ContactStatus="ARCHIVED", MergedToContactID="c-2"))
    assert (merged.active, merged.parent_id, len(merged.emails)) == (False, "c-2", 2)
    assert merged.bills_parent
    itself = only("Contacts", contact_row(MergedToContactID="c-1"))
    assert (itself.parent_id, itself.bills_parent) == (None, False)
    about = {"Addresses": [STREET], "ContactGroups": [{"Name": "Retail"}]}
    forgotten = only("Contacts", contact_row(ContactStatus="GDPRREQUEST", **about))
    assert (forgotten.active, forgotten.emails) == (False, ())
    assert (forgotten.country, forgotten.subdivision, forgotten.groups) == ("", "", ())
    sparse = only("Contacts", contact_row(EmailAddress=None, ContactPersons=[None], Name=None))
    assert (sparse.active, sparse.emails, sparse.name) == (True, (), "")
    assert only("Contacts", contact_row(ContactPersons=None)).emails == ("office@brook.example",)
