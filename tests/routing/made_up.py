"""An account to route mail in, as values: every mailbox and group has its name for an id, in capitals."""

from collections.abc import Iterable

from mailroom.contacts.book import Group
from mailroom.core.categories import DEFAULT_CATEGORIES, Categories
from mailroom.routing.targets import TargetMailbox, Targets

EXTENSIONS = ("fileinto", "mailboxid", "vnd.cyrus.jmapquery", "extlists")


def targets(categories: Categories = DEFAULT_CATEGORIES, *, without: Iterable[str] = ()) -> Targets:
    """Everything that the categories need, but for the mailboxes and groups of these names."""
    lacking = set(without)
    return Targets(
        destinations={
            each.name: TargetMailbox(each.destination_mailbox.upper(), each.destination_mailbox)
            for each in categories
            if each.destination_mailbox not in lacking
        },
        groups={
            each.name: Group(each.contact_group.upper(), each.contact_group)
            for each in categories
            if f"group {each.contact_group}" not in lacking
        },
        screener=TargetMailbox("SCREENER", "Screener") if "Screener" not in lacking else None,
    )
