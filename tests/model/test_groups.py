"""Which contact groups the settings mean."""

import pytest

from mailroom.contacts.book import Group
from mailroom.core.categories import DEFAULT_CATEGORIES, Categories, Category
from mailroom.model.groups import Groups, Memberships
from tests.triage.made_up import groups


def test_nothing_is_missing_where_every_group_is_there() -> None:
    """The groups of all categories and the provenance group are found by their names."""
    assert groups().missing == ()


def test_each_missing_group_is_named() -> None:
    """A person is told exactly which groups to create."""
    assert Groups([Group("1", "Feed")], DEFAULT_CATEGORIES, "Mailroom").missing == (
        'contact group "Imbox"',
        'contact group "Paper Trail"',
        'contact group "Jail"',
        'contact group "Person"',
        'contact group "Billboard"',
        'contact group "Truck"',
        'contact group "Mailroom"',
    )


def test_a_name_that_two_groups_bear_leads_to_neither() -> None:
    """No group is chosen by chance."""
    known = Groups([*groups().all, Group("2", "Feed")], DEFAULT_CATEGORIES, "Mailroom")
    assert known.find("Feed") is None
    assert known.missing == ('contact group "Feed" (2 groups have this name: rename all but one)',)


def test_the_provenance_group_is_not_one_of_the_managed_ones() -> None:
    """Re-triage takes nobody out of the group that tells whom Mailroom created."""
    assert groups(Feed=["bob"], Mailroom=["bob"]).managed_of("bob") == {"Feed"}


@pytest.mark.parametrize(
    ("members", "categories"),
    [
        ({"Feed": ["bob"]}, ["Feed"]),
        ({"Truck": ["bob"], "PaperTrail": ["bob"]}, ["Truck"]),
        ({"Truck": ["bob"]}, ["Truck"]),
        ({"PaperTrail": ["bob"]}, ["Paper Trail"]),
        ({"Feed": ["bob"], "Jail": ["bob"]}, ["Feed", "Jail"]),
        ({"Truck": ["bob"], "Billboard": ["bob"], "PaperTrail": ["bob"]}, ["Billboard", "Truck"]),
        ({"Mailroom": ["bob"], "Feed": ["ann"]}, []),
    ],
)
def test_a_sender_is_in_its_own_categories(members: dict[str, list[str]], categories: list[str]) -> None:
    """A parent's group is joined on behalf of the child, and several are left where people edited groups."""
    found = Memberships(groups(**members), DEFAULT_CATEGORIES).of(["bob"])
    assert [category.name for category in found] == categories


def test_several_contacts_are_one_sender() -> None:
    """An address may have two cards, in different groups."""
    found = Memberships(groups(Feed=["bob1"], Jail=["bob2"]), DEFAULT_CATEGORIES).of(["bob1", "bob2"])
    assert [category.name for category in found] == ["Feed", "Jail"]


def test_a_group_shared_with_the_parent_is_the_parents() -> None:
    """Else all senders of the parent would count as the child's."""
    categories = Categories(
        (Category("Paper Trail"), Category("Truck", contact_group="Paper Trail", parent="Paper Trail"))
    )
    known = Groups([Group("paper", "Paper Trail", frozenset({"bob"}))], categories, "Mailroom")
    assert [category.name for category in Memberships(known, categories).of(["bob"])] == ["Paper Trail"]
