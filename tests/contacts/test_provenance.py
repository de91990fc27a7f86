"""Whether a card is as Mailroom created it."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import NewContact
from mailroom.contacts.carddav.vcard import VCard, new_card
from mailroom.contacts.jmap import jscontact
from mailroom.contacts.provenance import is_own_card, is_own_vcard
from mailroom.core.categories import ContactType

NOTE = "Triaged to Feed on 2026-11-23"
NAMES = st.text(st.characters(), max_size=250)
TYPES: st.SearchStrategy[ContactType] = st.sampled_from(["person", "company"])


def contact(name: str = "Bob Stone", contact_type: ContactType = "person") -> NewContact:
    return NewContact(contact_uid("bob@example.com"), "Bob@Example.com", name, contact_type)


def json(**more: Any) -> Mapping[str, Any]:
    """A card as Mailroom creates it, with something else too."""
    return {**jscontact.new_card(contact(), NOTE, "Default"), **more}


def text(*more: str, drop: str = "", new: NewContact | None = None) -> VCard:
    """A vCard as Mailroom creates it, with lines more, or without those that begin so."""
    lines = str(new_card(new or contact(), NOTE)).splitlines()
    kept = [line for line in lines if not (drop and line.startswith(drop))]
    return VCard.parse("\r\n".join([*kept[:-1], *more, kept[-1]]))


@given(NAMES, TYPES)
def test_own_cards(name: str, contact_type: ContactType) -> None:
    """What Mailroom creates is its own, whatever the sender is called."""
    new = contact(name, contact_type)
    assert is_own_card(jscontact.new_card(new, NOTE, None))
    assert is_own_vcard(text(new=new))


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
    renamed = jscontact.new_card(contact("Bob Rock"), NOTE, "Default")
    assert not is_own_card(json(name=renamed["name"]))


@pytest.mark.parametrize(
    "more",
    [
        ("PRODID:-//Example//EN", "REV:2026-11-23T01:15:56Z"),
        ("NOTE:Re-triaged to Jail on 2026-11-24",),
        ("KIND:individual",),
    ],
)
def test_what_servers_add_to_a_vcard(more: tuple[str, ...]) -> None:
    """What servers note about a card, and further notes of Mailroom's, are let pass."""
    assert is_own_vcard(text(*more))


def test_lines_in_another_order() -> None:
    """A server may put the lines of a card in an order of its own, and fold them elsewhere."""
    lines = str(new_card(contact(), NOTE)).splitlines()
    shuffled = "\r\n".join([lines[0], *reversed(lines[1:-1]), lines[-1]])
    assert is_own_vcard(VCard.parse(shuffled.replace("FN:Bob", "FN:B\r\n ob")))


@pytest.mark.parametrize(
    "more",
    [
        ("TEL:1",),
        ("item1.X-ABLabel:Mother",),
        ("EMAIL:b@example.com",),
        ("ORG:Rock Ltd",),
        ("NOTE:likes figs",),
        ("X-ADDRESSBOOKSERVER-KIND:group",),
        ("FN:Bob Rock",),
    ],
)
def test_vcards_with_more_on_them(more: tuple[str, ...]) -> None:
    """A vCard with any line that Mailroom would not write now is not its own."""
    assert not is_own_vcard(text(*more))


@pytest.mark.parametrize(
    ("drop", "instead"),
    [
        ("UID", f"UID:{contact_uid('ann@example.com')}"),
        ("EMAIL", "EMAIL;TYPE=WORK:Bob@Example.com"),
        ("EMAIL", "EMAIL:bob@example.org"),
        ("EMAIL", "X-GONE:1"),
        ("FN", "FN:Bob Rock"),
        ("N:", "N:Rock;Bob;;;"),
        ("X-MAILROOM", "X-GONE:1"),
    ],
)
def test_edited_vcards(drop: str, instead: str) -> None:
    """A vCard with another value than Mailroom's is not its own."""
    assert not is_own_vcard(text(instead, drop=drop))


def test_vcard_renamed_in_every_part() -> None:
    """A new name that is told in all its parts is still another."""
    old, new = (str(new_card(contact(name), NOTE)) for name in ("Bob Stone", "Bob Rock"))
    [seal] = [line for line in old.splitlines() if line.startswith("X-MAILROOM")]
    [other] = [line for line in new.splitlines() if line.startswith("X-MAILROOM")]
    assert not is_own_vcard(VCard.parse(new.replace(other, seal)))
