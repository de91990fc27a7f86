"""Whether a JSContact card is as Mailroom created it."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import NewContact
from mailroom.contacts.jmap.jscontact import new_card
from mailroom.contacts.jmap.provenance import is_own_card
from mailroom.core.categories import ContactType

NOTE = "Triaged to Feed on 2026-11-23"


def contact(name: str = "Bob Stone", contact_type: ContactType = "person") -> NewContact:
    return NewContact(contact_uid("bob@example.com"), "Bob@Example.com", name, contact_type)


def json(**more: Any) -> Mapping[str, Any]:
    """A card as Mailroom creates it, with something else too."""
    return {**new_card(contact(), NOTE, "Default"), **more}


@given(st.text(st.characters(), max_size=250), st.sampled_from(["person", "company"]))
def test_own_cards(name: str, contact_type: ContactType) -> None:
    """What Mailroom creates is its own, whatever the sender is called."""
    assert is_own_card(new_card(contact(name, contact_type), NOTE, None))


def test_what_servers_add_to_a_card() -> None:
    """Ids, dates, the server's name and its own properties, and defaults that stand for nothing, are let pass."""
    added = {
        "id": "1",
        "prodId": "-//CyrusIMAP.org//Cyrus 3.13//EN",
        "created": "2026-11-23T01:15:56Z",
        "updated": "2026-11-24T01:15:56Z",
        "addressBookIds": {"other": True},
        "cyrusimap.org:blobId": "G1",
        "members": {},
        "phones": {},
    }
    assert is_own_card(json(**added))


def test_types_that_servers_leave_out_or_put_in() -> None:
    """Whether a server names the types of objects makes no difference."""
    emails = {key: {"@type": "EmailAddress", **value} for key, value in json()["emails"].items()}
    assert is_own_card(json(emails=emails))


@pytest.mark.parametrize(
    "edit",
    [
        {"phones": {"p1": {"number": "1"}}},
        {"media": {"m1": {"kind": "photo", "uri": "data:,"}}},
        {"keywords": {"friend": True}},
        {"name": {"full": "Bob Rock"}},
        {"name": {**json()["name"], "full": "Bob Rock"}},
        {"kind": "org"},
        {"uid": contact_uid("ann@example.com")},
        {"emails": {}},
        {"emails": {**json()["emails"], "e2": {"address": "b@example.com"}}},
        {"emails": {key: {**value, "contexts": {"work": True}} for key, value in json()["emails"].items()}},
        {"emails": {"e1": {"address": "Bob@Example.com"}}},
        {"emails": {key: {"address": "bob"} for key in json()["emails"]}},
        {"emails": ["odd"]},
        {"emails": {"e1": "odd"}},
        {"notes": {"n1": {"note": f"{NOTE}\nlikes figs"}}},
        {"notes": {**json()["notes"], "n2": {"note": "likes figs"}}},
    ],
)
def test_edited_cards(edit: dict[str, Any]) -> None:
    """A card that holds anything that Mailroom would not write now is not its own."""
    assert not is_own_card(json(**edit))


def test_renamed_in_every_part() -> None:
    """A new name that is told in all its parts, as a contacts app would, is still another."""
    renamed = new_card(contact("Bob Rock"), NOTE, "Default")
    assert not is_own_card(json(name=renamed["name"]))


def test_a_vendors_property_is_an_edit() -> None:
    """Another program has written it, for somebody."""
    assert not is_own_card(json(**{"example.com:colour": "red"}))
