"""Which mailboxes the settings mean."""

import pytest

from mailroom.core.config import MailroomSettings
from mailroom.model.known_mailboxes import KnownMailboxes, find_known_mailboxes
from mailroom.model.mailboxes import Mailbox


def mailboxes(*mailboxes: Mailbox, **settings: object) -> KnownMailboxes:
    return find_known_mailboxes(mailboxes, MailroomSettings.model_validate({"categories": ["Feed"]} | settings))


def box(identity: str, name: str, parent: str | None = None, role: str | None = None) -> Mailbox:
    return Mailbox(identity, name, parent, role)


COMPLETE = (
    box("1", "@ToFeed"),
    box("2", "Feed"),
    box("3", "Screener"),
    box("4", "@MailroomError"),
    box("5", "@MailroomWarning"),
    box("6", "Posteingang", role="inbox"),
    box("7", "Papierkorb", role="trash"),
    box("8", "Gesendet", role="sent"),
)


def test_labels_and_destinations_are_found_by_name_and_special_mailboxes_by_role() -> None:
    """The Inbox, the trash and the like may be named in any language."""
    found = mailboxes(*COMPLETE)
    assert {label: category.name for label, category in found.labels.items()} == {"1": "Feed"}
    assert dict(found.destinations) == {"Feed": "2"}
    assert (found.screener, found.inbox, found.error_label, found.warning_label) == ("3", "6", "4", "5")
    assert found.never_swept == {"7", "8"}


def test_nothing_is_missing_in_a_complete_account() -> None:
    """A healthy account is not complained about."""
    assert mailboxes(*COMPLETE).missing == ()


def test_every_missing_mailbox_is_named() -> None:
    """A person is told exactly what to create."""
    assert mailboxes().missing == (
        'label "@ToFeed"',
        'mailbox "Feed"',
        'mailbox "Screener"',
        'label "@MailroomError"',
        'label "@MailroomWarning"',
    )


def test_a_warning_label_that_is_not_used_is_not_missed() -> None:
    """With warnings off, nobody needs the label."""
    assert 'label "@MailroomWarning"' not in mailboxes(warnings_enabled=False).missing


def test_case_tells_mailboxes_apart() -> None:
    """`feed` is another mailbox than `Feed`."""
    assert "Feed" not in mailboxes(box("1", "feed")).destinations


def test_names_are_compared_in_normal_form() -> None:
    """However a client composed an accent, it is the same name (RFC 5198)."""
    boxes = [box("1", "Cafe\N{COMBINING ACUTE ACCENT}")]
    assert mailboxes(Mailbox.from_jmap({"id": "1", "name": boxes[0].name}), categories=["Café"]).destinations == {
        "Café": "1"
    }


def test_the_top_level_goes_before_deeper_ones() -> None:
    """Names are unique only among siblings."""
    assert mailboxes(box("1", "Work"), box("2", "Feed", "1"), box("3", "Feed")).destinations == {"Feed": "3"}


def test_the_only_one_of_a_name_is_found_at_any_level() -> None:
    """Some servers keep everything below the Inbox."""
    assert mailboxes(box("1", "INBOX", role="inbox"), box("2", "Feed", "1")).destinations == {"Feed": "2"}


def test_no_mailbox_is_chosen_by_chance() -> None:
    """Two of a name below the top level are a question for a person, and the answer is a path."""
    boxes = [box("1", "Work"), box("2", "Feed", "1"), box("3", "Home"), box("4", "Feed", "3")]
    found = mailboxes(*boxes)
    assert 'mailbox "Feed" (2 mailboxes have this name: write its path)' in found.missing


def test_a_path_leads_to_one_of_several() -> None:
    """Names of parents and child are joined by a slash."""
    boxes = [box("1", "Work"), box("2", "Feed", "1"), box("3", "Home"), box("4", "Feed", "3")]
    found = mailboxes(*boxes, categories=[{"name": "Feed", "destination_mailbox": "Home/Feed"}])
    assert found.destinations == {"Feed": "4"}


def test_a_slash_may_be_part_of_a_name() -> None:
    """A mailbox that really is called so goes before a path."""
    boxes = [box("1", "Home"), box("2", "Feed", "1"), box("3", "Home/Feed")]
    found = mailboxes(*boxes, categories=[{"name": "Feed", "destination_mailbox": "Home/Feed"}])
    assert found.destinations == {"Feed": "3"}


@pytest.mark.parametrize("name", ["A", "A/A", "B/A/B/A/B/A", "C"])
def test_parents_in_a_circle_end_the_search(name: str) -> None:
    """A server's faulty tree does not hold up a poll."""
    boxes = [box("1", "A", "2"), box("2", "B", "1")]
    found = mailboxes(*boxes, categories=[{"name": "Feed", "destination_mailbox": name}])
    assert found.destinations in ({}, {"Feed": "1"})
