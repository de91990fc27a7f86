"""Which contact groups the settings mean."""

from mailroom.contacts.book import Group
from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.model.groups import Groups
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
    assert known.missing == ('contact group "Feed" (several have this name: rename all but one)',)


def test_the_provenance_group_is_not_one_of_the_managed_ones() -> None:
    """Re-triage takes nobody out of the group that tells whom Mailroom created."""
    assert groups(Feed=["bob"], Mailroom=["bob"]).managed_of("bob") == {"Feed"}
