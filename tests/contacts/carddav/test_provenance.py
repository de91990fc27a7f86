"""Whether a vCard is as Mailroom created it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import NewContact
from mailroom.contacts.carddav.provenance import is_own_vcard
from mailroom.contacts.carddav.vcard import VCard, new_card
from mailroom.core.categories import ContactType

NOTE = "Triaged to Feed on 2026-11-23"


def contact(name: str = "Bob Stone", contact_type: ContactType = "person") -> NewContact:
    return NewContact(contact_uid("bob@example.com"), "Bob@Example.com", name, contact_type)


def text(*more: str, drop: str = "") -> VCard:
    """A vCard as Mailroom creates it, with lines more, or without those that begin so."""
    lines = str(new_card(contact(), NOTE)).splitlines()
    kept = [line for line in lines if not (drop and line.startswith(drop))]
    return VCard.parse("\r\n".join([*kept[:-1], *more, kept[-1]]))


@given(st.text(st.characters(), max_size=250), st.sampled_from(["person", "company"]))
def test_own_cards(name: str, contact_type: ContactType) -> None:
    """What Mailroom creates is its own, whatever the sender is called."""
    assert is_own_vcard(VCard.parse(str(new_card(contact(name, contact_type), NOTE))))


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
    [kept] = [line for line in old.splitlines() if line.startswith("X-MAILROOM")]
    [other] = [line for line in new.splitlines() if line.startswith("X-MAILROOM")]
    assert not is_own_vcard(VCard.parse(new.replace(other, kept)))
