"""The groups tell which category a sender is in."""

import pytest

from mailroom.contacts.book import Group
from mailroom.core.categories import DEFAULT_CATEGORIES, Categories, Category
from mailroom.model.groups import Groups
from mailroom.model.memberships import Memberships
from tests.triage.made_up import groups


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
