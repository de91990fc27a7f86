"""The vCards that Mailroom creates."""

import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from mailroom.contacts.book import NewContact
from mailroom.contacts.carddav.new_vcards import new_card, new_group
from mailroom.contacts.carddav.vcard import VCard

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80)


@given(TEXT, TEXT, TEXT, st.sampled_from(["person", "company"]))
def test_new_card_is_understood(name: str, address: str, note: str, contact_type: str) -> None:
    """What a new card says is what vobject and we read in it, whatever the sender is called."""
    new = NewContact("the-uid", f"{address}@example.com", name, "person" if contact_type == "person" else "company")
    written = new_card(new, note)
    read = VCard.parse(written)
    assert read.uid == "the-uid"
    assert read.name == vobject.readOne(written).fn.value
    assert not read.is_group
    assert "N" in {line.name for line in read.lines}


@pytest.mark.parametrize(
    ("name", "n"), [("Ann Mary Smith", "Smith;Ann Mary;;;"), ("Ann", ";Ann;;;"), ("Ann, B;C", "B\\;C;Ann\\,;;;")]
)
def test_person_has_a_surname(name: str, n: str) -> None:
    """The last word of a person's name is the surname; a single word is a given name."""
    assert f"N:{n}\r\n" in new_card(NewContact("u", "ann@example.com", name, "person"))


def test_company_is_one() -> None:
    """A company is shown as one, under its whole name."""
    written = new_card(NewContact("u", "news@example.com", "Example News", "company"))
    assert "N:;;;;\r\n" in written
    assert "ORG:Example News\r\nX-ABSHOWAS:COMPANY\r\n" in written


def test_address_stands_for_a_name() -> None:
    """A contact without a name is called by its address."""
    assert VCard.parse(new_card(NewContact("u", "ann@example.com", "", "person"))).name == "ann@example.com"


def test_new_group_is_one() -> None:
    """A new group has its name, whatever stands in it, and nobody in it; N is there, which vCard 3.0 demands."""
    group = VCard.parse(new_group("the-uid", "Paper, Trail; Ünï"))
    assert (group.uid, group.name, group.members, group.is_group) == ("the-uid", "Paper, Trail; Ünï", frozenset(), True)
    assert {"VERSION", "N"} < {line.name for line in group.lines}
