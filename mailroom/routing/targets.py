"""The mailboxes and contact groups that the rules are about, in the account as it is now. No I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailroom.contacts.book import Group
from mailroom.core.config import MailroomSettings
from mailroom.model.groups import Groups
from mailroom.model.known_mailboxes import find_known_mailboxes
from mailroom.model.mailboxes import Mailbox, Mailboxes


@dataclass(frozen=True, slots=True)
class TargetMailbox:
    """A mailbox that mail is filed in. `path` is its name behind those of its parents, joined by `/`."""

    id: str
    path: str


@dataclass(frozen=True, slots=True)
class Targets:
    """Where mail goes and whose it is, by category name.

    What the account lacks, has more than one of, or cannot use for this is left out. Nothing is ever filed there or by
    that group: such mail stays in the Inbox.
    """

    destinations: Mapping[str, TargetMailbox]
    groups: Mapping[str, Group]
    screener: TargetMailbox | None


def find_targets(mailboxes: Iterable[Mailbox], groups: Iterable[Group], settings: MailroomSettings) -> Targets:
    """Look up everything that the rules need."""
    every = tuple(mailboxes)
    known, tree = find_known_mailboxes(every, settings), Mailboxes(every)
    named = Groups(groups, settings.categories, settings.provenance_group)
    members = {each.name: named.find(each.contact_group) for each in settings.categories}
    paths = {mailbox.id: TargetMailbox(mailbox.id, tree.path_of(mailbox)) for mailbox in every}
    return Targets(
        destinations={name: paths[mailbox] for name, mailbox in known.destinations.items()},
        groups={name: group for name, group in members.items() if group is not None},
        screener=paths[known.screener] if known.screener else None,
    )
