"""The vCards that Mailroom creates."""

import re

import pytest
import vobject
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Component

from mailroom.contacts.book import NewContact
from mailroom.contacts.carddav.vcard import VCard, new_card, new_group
from mailroom.contacts.names import display_name
from mailroom.core.categories import ContactType

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=120)
"""Whatever a note may hold. What else a sender's name may hold is taken out of it."""

TYPES: st.SearchStrategy[ContactType] = st.sampled_from(["person", "company"])


def read_by_vobject(written: str) -> dict[str, str]:
    card = vobject.readOne(written)
    return {name.upper(): str(card.contents[name][0].value) for name in ("uid", "fn", "email", "note")}


def read_by_icalendar(written: str) -> dict[str, str]:
    """Its values have their escapes still; none of them is a line break."""
    [card] = Component.from_ical(written, multiple=True)
    values = {name: str(card[name]) for name in ("UID", "FN", "EMAIL", "NOTE")}
    return {name: re.sub(r"\\(.)", r"\1", value) for name, value in values.items()}


def read_by_ourselves(written: str) -> dict[str, str]:
    card = VCard.parse(written)
    return {line.name: line.plain_text for line in card.lines if line.name in {"UID", "FN", "EMAIL", "NOTE"}}


@given(name=st.text(max_size=250), local=TEXT.map(str.strip), note=TEXT.map(str.strip), contact_type=TYPES)
@example(name="", local="ann", note="\\n and \\, and \\\\", contact_type="person")
@example(name="a\\", local="a;b,c\\", note="ü" * 120, contact_type="company")
def test_others_read_what_was_written(name: str, local: str, note: str, contact_type: ContactType) -> None:
    """Other programs read in a new card what Mailroom put there, whatever the sender and the category are called."""
    address = f"{local}@example.com"
    written = str(new_card(NewContact("the-uid", address, name, contact_type), note or "A note"))
    said = {"UID": "the-uid", "FN": display_name(name) or address, "EMAIL": address, "NOTE": note or "A note"}
    assert read_by_vobject(written) == said
    assert read_by_icalendar(written) == said
    assert read_by_ourselves(written) == said


@given(TEXT, TEXT, TYPES)
@example("ü" * 200, "x" * 200, "company")
def test_lines_have_the_length_and_ends_that_are_asked_for(name: str, note: str, contact_type: ContactType) -> None:
    """No line is longer than 75 octets, each is whole UTF-8, and CRLF ends it (RFC 6350 section 3.2)."""
    written = str(new_card(NewContact("u", "ann@example.com", name, contact_type), note)).encode()
    *lines, rest = written.split(b"\r\n")
    assert rest == b""
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert [line.decode() for line in lines][:2] == ["BEGIN:VCARD", "VERSION:3.0"]


@given(TEXT, TEXT, TYPES)
def test_new_card_is_the_one_that_is_read_back(name: str, note: str, contact_type: ContactType) -> None:
    """A new card, stored and read, is equal to itself."""
    written = new_card(NewContact("u", "ann@example.com", name, contact_type), note)
    assert VCard.parse(str(written)) == written


@pytest.mark.parametrize(
    ("name", "n"), [("Ann Mary Smith", "Smith;Ann Mary;;;"), ("Ann", ";Ann;;;"), ("Ann, B;C", "B\\;C;Ann\\,;;;")]
)
def test_person_has_a_surname(name: str, n: str) -> None:
    """The last word of a person's name is the surname; a single word is a given name."""
    assert f"N:{n}\r\n" in str(new_card(NewContact("u", "ann@example.com", name, "person")))


@pytest.mark.parametrize("name", ["Ann Mary Smith", "Ann", "Ann, B;C", "\\ \\;"])
def test_surname_is_read(name: str) -> None:
    """Another program finds the same parts of a name, whatever stands in them."""
    written = str(new_card(NewContact("u", "ann@example.com", name, "person")))
    parts = vobject.readOne(written).n.value
    assert f"{parts.given} {parts.family}".strip() == name


def test_company_is_one() -> None:
    """A company is shown as one, under its whole name."""
    written = str(new_card(NewContact("u", "news@example.com", "Example News", "company")))
    assert "N:;;;;\r\n" in written
    assert "ORG:Example News\r\nX-ABSHOWAS:COMPANY\r\n" in written


def test_person_is_no_company() -> None:
    """A person is not shown as a company."""
    assert "COMPANY" not in str(new_card(NewContact("u", "ann@example.com", "Ann", "person")))


def test_address_stands_for_a_name() -> None:
    """A contact without a name is called by its address."""
    assert new_card(NewContact("u", "ann@example.com", "", "person")).name == "ann@example.com"


@given(TEXT.map(str.strip).filter(bool))
@example("Paper, Trail; Ünï")
def test_new_group_is_one(name: str) -> None:
    """A new group has its name, whatever stands in it, and nobody in it; N is there, which vCard 3.0 demands."""
    group = VCard.parse(str(new_group("the-uid", name)))
    assert (group.uid, group.name, group.members, group.is_group) == ("the-uid", name, frozenset(), True)
    assert {"VERSION", "N"} < {line.name for line in group.lines}
    assert vobject.readOne(str(group)).fn.value == name
