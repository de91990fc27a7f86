"""Cards as JMAP has them."""

from typing import Any

import pytest

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import Contact, Group, NewContact
from mailroom.contacts.jmap.jscontact import (
    is_group,
    members_patch,
    new_card,
    new_group,
    note_patch,
    read_contact,
    read_group,
    search_conditions,
    strip_patch,
)

NOTE = "Triaged to Feed on 2026-11-23"


def test_contact_is_read() -> None:
    """A contact has its uid, canonical addresses and full name."""
    card = {"uid": "u", "emails": {"a": {"address": "BOB@x.org"}, "b": {"address": "none"}}, "name": {"full": "Bob"}}
    assert read_contact(card) == Contact("u", frozenset({"bob@x.org"}), "Bob")


def test_name_in_pieces() -> None:
    """A name that is given in pieces only is put together."""
    pieces = [{"kind": "given", "value": "Bob"}, {"kind": "surname", "value": "Stone"}]
    assert read_contact({"uid": "u", "name": {"components": pieces}}).name == "Bob Stone"


SURNAME_FIRST = [{"kind": "surname", "value": "Lee"}, {"kind": "given", "value": "Ann"}]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ({"components": SURNAME_FIRST}, "Ann Lee"),
        ({"components": SURNAME_FIRST, "isOrdered": False}, "Ann Lee"),
        ({"components": SURNAME_FIRST, "isOrdered": True}, "Lee Ann"),
        ({"components": SURNAME_FIRST, "isOrdered": True, "defaultSeparator": ""}, "LeeAnn"),
        (
            {
                "components": [SURNAME_FIRST[0], {"kind": "separator", "value": ", "}, SURNAME_FIRST[1]],
                "isOrdered": True,
            },
            "Lee, Ann",
        ),
        ({"full": "Ann L.", "components": SURNAME_FIRST}, "Ann L."),
        ({"components": [None, "Lee", {"kind": 7, "value": "x"}, *SURNAME_FIRST]}, "Ann Lee"),
    ],
)
def test_components_stand_in_the_order_that_the_card_says(name: dict[str, Any], read: str) -> None:
    """Or in that of the kinds, where it says none: servers show components in any order."""
    assert read_contact({"uid": "u", "name": name}).name == read


def test_an_organization_is_a_name() -> None:
    """A card of a company may have no other."""
    assert read_contact({"uid": "u", "organizations": {"1": {"units": []}, "2": {"name": "Acme"}}}).name == "Acme"


def test_group_is_read() -> None:
    """A group's members are the uids that are there."""
    card = {"uid": "g", "kind": "group", "name": {"full": "Feed"}, "members": {"a": True, "b": False}}
    assert is_group(card)
    assert read_group(card) == Group("g", "Feed", frozenset({"a"}))


@pytest.mark.parametrize("wrong", [None, [], "text", 7, {"x": None}, {"x": {"address": 7, "note": 7}}])
def test_odd_cards_are_read_as_far_as_they_go(wrong: Any) -> None:
    """Members that are absent or of the wrong type count as empty."""
    assert read_contact({"uid": "u", "emails": wrong, "name": wrong}) == Contact("u", frozenset(), "")


def test_person_has_a_given_name_and_a_surname() -> None:
    """A person's card has the name whole and in pieces, in an order that matters."""
    card = new_card(NewContact("u", "Bob@x.org", "Bob B. Stone", "person"), NOTE, "book")
    assert card["kind"] == "individual"
    assert card["name"] == {
        "full": "Bob B. Stone",
        "components": [{"kind": "given", "value": "Bob B."}, {"kind": "surname", "value": "Stone"}],
        "isOrdered": True,
    }
    assert card["addressBookIds"] == {"book": True}
    assert [note["note"] for note in card["notes"].values()] == [NOTE]


def test_company_is_an_organisation() -> None:
    """A company's card has a whole name, and leaves out what there is nothing of."""
    card = new_card(NewContact("u", "news@x.org", "Example News", "company"), None, None)
    assert (card["kind"], card["name"]) == ("org", {"full": "Example News"})
    assert not {"notes", "addressBookIds"} & card.keys()


def test_first_note_comes_with_the_map() -> None:
    """A card without notes gets the whole property, since a patch may not go through what is not there."""
    assert [note["note"] for note in note_patch({}, NOTE)["notes"].values()] == [NOTE]


def test_further_note_leaves_the_others_alone() -> None:
    """A card with notes gets one more, under a key of its own."""
    ((path, note),) = note_patch({"notes": {"n1": {"note": "Mine"}}}, NOTE).items()
    assert path.startswith("notes/mailroom-")
    assert note == {"note": NOTE}


def test_same_note_has_the_same_key() -> None:
    """A note written twice is there once, and another one beside it."""
    card = {"notes": {"n1": {"note": "Mine"}}}
    assert note_patch(card, NOTE) == note_patch(card, NOTE)
    assert note_patch(card, NOTE).keys() != note_patch(card, "Re-triaged").keys()


def test_notes_of_mailrooms_are_taken_out() -> None:
    """A note of Mailroom's alone goes whole, another loses the lines, and one of the user's is not named."""
    notes = {"a/b": {"note": NOTE}, "n1": {"note": f"Mine\n{NOTE}"}, "n2": {"note": "Mine"}, "n3": {"note": ""}}
    assert strip_patch({"notes": notes}) == {"notes/a~1b": None, "notes/n1/note": "Mine"}


@pytest.mark.parametrize("wrong", [None, [], "text", {"x": None}, {"x": {"note": 7}}])
def test_odd_notes_are_left(wrong: Any) -> None:
    """What is no note is not touched."""
    assert strip_patch({"notes": wrong}) == {}


def test_new_group() -> None:
    """A group has nobody in it at first, and goes where it is told or where the server puts it."""
    group = new_group("g", "Feed", "book")
    assert is_group(group)
    assert read_group(group) == Group("g", "Feed", frozenset())
    assert group["addressBookIds"] == {"book": True}
    assert "addressBookIds" not in new_group("g", "Feed", None)


def test_members_are_patched_one_by_one() -> None:
    """A patch names each member, with the characters of a JSON Pointer escaped."""
    patch = members_patch({"members": {}}, join=["a/b~c", "7"], leave=["urn:uuid:d"])
    assert patch == {"members/7": True, "members/a~1b~0c": True, "members/urn:uuid:d": None}


@pytest.mark.parametrize("group", [{}, {"members": None}, {"members": []}])
def test_a_group_without_members_is_given_them_whole(group: dict[str, Any]) -> None:
    """A path into nothing is refused."""
    assert members_patch(group, join=["a/b"], leave=["c"]) == {"members": {"a/b": True}}


def test_plain_address_has_one_condition_beside_its_uid() -> None:
    """A plain address is searched for as it is, and by nothing broader; and whoever has the uid is to be known."""
    conditions = [{"uid": contact_uid("bob@example.com")}, {"email": "bob@example.com"}]
    assert list(search_conditions("bob@example.com")) == conditions


def test_odd_address_is_searched_for_in_several_ways() -> None:
    """An address that a search may cut up is also searched for by its words and by the uid that its card would have."""
    conditions = list(search_conditions("x@y@example.com"))
    assert {"email": "x y example com"} in conditions
    assert {"uid": contact_uid("x@y@example.com")} in conditions
