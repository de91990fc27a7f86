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


def test_everything_below_a_mailbox_that_is_never_swept_is_never_swept() -> None:
    """Deleted is a place: in whatever folder of the trash, of the junk, of what was sent or is being written."""
    boxes = [box("A", "Old", "7"), box("B", "Older", "A"), box("C", "2025", "8"), box("D", "Mine")]
    assert mailboxes(*COMPLETE, *boxes).never_swept == {"7", "8", "A", "B", "C"}


@pytest.mark.parametrize("name", ["Trash", "Deleted Items", "papierkorb", "JUNK E-MAIL", "Spam"])
def test_a_plain_name_is_believed_without_a_role(name: str) -> None:
    """At the top and below the Inbox, with all that is below it."""
    for parent in (None, "6"):
        found = mailboxes(*COMPLETE, box("A", name, parent), box("B", "2025", "A"))
        assert found.never_swept == {"7", "8", "A", "B"}


def test_the_settings_name_further_ones() -> None:
    """By name or path, with all that is below; of several of the name, all."""
    boxes = [box("A", "Old"), box("B", "Feed", "A"), box("C", "X"), box("D", "Old things", "C"), box("E", "Y", "D")]
    found = mailboxes(*COMPLETE, *boxes, never_swept=["Old", "X/Old things"])
    assert found.never_swept == {"7", "8", "A", "B", "D", "E"}
    twice = mailboxes(*COMPLETE, box("A", "X"), box("B", "Old", "A"), box("C", "Old", "6"), never_swept="Old")
    assert twice.never_swept == {"7", "8", "B", "C"}
    assert twice.missing == ()


def test_a_name_of_never_swept_that_leads_nowhere_is_missed() -> None:
    """A slip of the pen would have deleted mail come back."""
    assert mailboxes(*COMPLETE, never_swept=["Paperkorb"]).missing == ('mailbox "Paperkorb"',)


def test_a_label_in_such_a_place_is_still_a_label() -> None:
    """Mail that has only the label has to go somewhere when it comes off."""
    junk = box("9", "Junk", role="junk")
    found = mailboxes(*COMPLETE, junk, categories=[{"name": "Feed", "label": "Junk"}])
    assert (set(found.labels), "9" in found.never_swept) == ({"9"}, False)


INBOX_REFUSED = "(it is the Inbox: name another mailbox in the settings)"


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"screener_mailbox": "Posteingang"}, "mailbox"),
        ({"error_label": "Posteingang"}, "label"),
        ({"warning_label": "Posteingang"}, "label"),
        ({"categories": [{"name": "Feed", "label": "Posteingang"}]}, "label"),
        ({"categories": [{"name": "Feed", "destination_mailbox": "Posteingang"}]}, "mailbox"),
        ({"never_swept": ["Posteingang"]}, "mailbox"),
    ],
)
def test_the_inbox_is_refused_whatever_it_is_called(settings: dict[str, object], kind: str) -> None:
    """It is known by its role, and is nothing but the Inbox; nothing is filed until the settings are put right."""
    found = mailboxes(*COMPLETE, **settings)
    (refused,) = found.refused
    assert refused == f'{kind} "Posteingang" {INBOX_REFUSED}'
    assert refused in found.missing
    assert "6" not in {*found.labels, *found.managed, *found.marks, *found.never_swept}
    assert found.lacks(found.labels.values()) == (refused,)


LISTS = (box("L", "Lists"), box("F", "Feed", "L"))
WITHOUT_FEED = tuple(each for each in COMPLETE if each.name != "Feed")


@pytest.mark.parametrize(
    "settings",
    [
        {"categories": [{"name": "Feed", "label": "Lists/Feed"}]},
        {"screener_mailbox": "Lists/Feed"},
        {"categories": ["Feed", {"name": "News", "destination_mailbox": "Lists/Feed"}]},
        {"never_swept": ["Lists/Feed"]},
    ],
)
def test_two_paths_to_one_mailbox_are_one_mailbox(settings: dict[str, object]) -> None:
    """As settings that name it alike are, which are refused before there is an account."""
    found = mailboxes(*WITHOUT_FEED, *LISTS, **settings)
    assert found.refused
    assert all("one mailbox with two meanings" in each for each in found.refused)
    assert "F" not in {*found.labels, *found.managed, *found.never_swept}


def test_a_family_may_share_a_mailbox_by_two_paths() -> None:
    """A child's mail is filed in its parent's mailbox anyway."""
    categories = ["Feed", {"name": "News", "parent": "Feed", "destination_mailbox": "Lists/Feed"}]
    found = mailboxes(*WITHOUT_FEED, *LISTS, box("N", "@ToNews"), categories=categories)
    assert (found.refused, dict(found.destinations)) == ((), {"Feed": "F", "News": "F"})


def test_a_place_that_two_paths_never_sweep_is_no_contradiction() -> None:
    """It is only said twice."""
    assert mailboxes(*WITHOUT_FEED, *LISTS, box("2", "Feed"), never_swept=["Lists", "Lists/Feed"]).refused == ()
