"""The mailboxes and groups that rules are about."""

from mailroom.contacts.book import Group
from mailroom.core.categories import Categories, Category
from mailroom.model.mailboxes import Mailbox
from mailroom.routing.targets import TargetMailbox, Targets, find_targets
from mailroom.sandbox.settings import SandboxSettings

SETTINGS = SandboxSettings(categories=Categories((Category("Feed", destination_mailbox="Lists/Feed"),)))
LISTS, FEED = Mailbox("L", "Lists", None, None), Mailbox("F", "Feed", "L", None)
SCREENER, GROUP = Mailbox("S", "Screener", None, None), Group("G", "Feed")


def found(*things: Mailbox | Group) -> Targets:
    mailboxes = [each for each in things if isinstance(each, Mailbox)]
    groups = [each for each in things if isinstance(each, Group)]
    return find_targets(mailboxes, groups, SETTINGS)


def test_mailboxes_are_known_by_their_paths() -> None:
    """Which is what a server without ids files by."""
    targets = found(LISTS, FEED, SCREENER, GROUP)
    assert targets.destinations == {"Feed": TargetMailbox("F", "Lists/Feed")}
    assert (targets.screener, targets.groups) == (TargetMailbox("S", "Screener"), {"Feed": GROUP})


def test_what_is_missing_is_left_out() -> None:
    """Nothing else stands in for it."""
    targets = found(LISTS)
    assert (targets.destinations, targets.groups, targets.screener) == ({}, {}, None)


def test_nothing_ambiguous_is_chosen() -> None:
    """Two groups of one name are as good as none: mail would be routed by one that nobody looks at."""
    targets = found(LISTS, FEED, SCREENER, GROUP, Group("H", "Feed"))
    assert targets.groups == {}


def test_what_cannot_be_used_is_left_out() -> None:
    """No rule files new mail in a label by another path, and strangers' mail has no screener in the Inbox."""
    boxes = [
        Mailbox("1", "Posteingang", None, "inbox"),
        Mailbox("2", "Lists", None, None),
        Mailbox("3", "Feed", "2", None),
    ]
    settings = SandboxSettings(
        screener_mailbox="Posteingang", categories=[{"name": "Feed", "label": "Lists/Feed"}], warnings_enabled=False
    )
    targets = find_targets(boxes, [], settings)
    assert (targets.screener, dict(targets.destinations)) == (None, {})
