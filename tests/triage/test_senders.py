"""The list of who has been triaged."""

from datetime import date

from mailroom.contacts.book import Contact, Directory, Group
from mailroom.core.categories import DEFAULT_CATEGORIES
from mailroom.sandbox.settings import SandboxSettings
from mailroom.triage.senders import TriagedSender, triaged_senders
from tests.triage.made_up import category, groups

SETTINGS = SandboxSettings()
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def contact(name: str, *notes: str) -> Contact:
    return Contact(name, frozenset({f"{name}@example.com"}), name.title(), notes)


def listed(*contacts: Contact, only: str | None = None, **members: list[str]) -> tuple[TriagedSender, ...]:
    directory = Directory(contacts, groups(**members).all)
    return triaged_senders(directory, SETTINGS, category(only) if only else None)


def test_a_sender_is_listed_with_category_and_day() -> None:
    """The group says where, the note says when, and the provenance group who made the contact."""
    bob = contact("bob", "met in May", "Triaged to Feed on 2026-11-23")
    assert listed(bob, Feed=["bob"], Mailroom=["bob"]) == (
        TriagedSender("Bob", ("bob@example.com",), (category("Feed"),), MONDAY, created=True),
    )


def test_contacts_in_no_category_are_not_listed() -> None:
    """They have not been triaged, or not any more."""
    assert listed(contact("bob", "Triaged to Feed on 2026-11-23"), contact("ann"), Mailroom=["bob"]) == ()


def test_the_day_is_that_of_the_latest_triage_to_where_the_sender_is() -> None:
    """Notes of other mailboxes are history."""
    notes = ["Triaged to Feed on 2026-11-20", "Re-triaged to Jail on 2026-11-21", "Re-triaged to Feed on 2026-11-24"]
    (bob,) = listed(contact("bob", *notes), Feed=["bob"])
    assert bob.day == TUESDAY


def test_who_was_put_into_a_group_by_hand_has_no_day() -> None:
    """What the notes say of another category says nothing about this one."""
    (bob,) = listed(contact("bob", "Triaged to Jail on 2026-11-23"), Feed=["bob"])
    assert (bob.day, bob.created) == (None, False)


def test_one_category_is_listed_without_its_children() -> None:
    """Senders of the child are in the parent's group, but on the child's behalf."""
    members = {"PaperTrail": ["bob", "ann"], "Truck": ["ann"]}
    paper = listed(contact("bob"), contact("ann"), only="Paper Trail", **members)
    assert [sender.name for sender in paper] == ["Bob"]


def test_senders_are_in_order() -> None:
    """By address, so that two lists can be compared."""
    names = [sender.name for sender in listed(contact("bob"), contact("ann"), Feed=["bob"], Jail=["ann"])]
    assert names == ["Ann", "Bob"]


def test_a_missing_provenance_group_says_that_nothing_was_created() -> None:
    """The list is there all the same."""
    known = [
        Group(each.name, each.contact_group, frozenset({"bob"})) for each in DEFAULT_CATEGORIES if each.name == "Feed"
    ]
    (bob,) = triaged_senders(Directory((contact("bob"),), tuple(known)), SETTINGS)
    assert not bob.created
