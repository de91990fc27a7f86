"""The mailboxes and contact groups that the rules are about, in the account as it is now. No I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailroom.contacts.book import Group
from mailroom.core.config import MailroomSettings
from mailroom.model.groups import Groups
from mailroom.model.mailboxes import Mailbox, Mailboxes


@dataclass(frozen=True, slots=True)
class TargetMailbox:
    """A mailbox that mail is filed in. `path` is its name behind those of its parents, joined by `/`."""

    id: str
    path: str


@dataclass(frozen=True, slots=True)
class Targets:
    """Where mail goes and whose it is, by category name.

    What the account lacks, or has more than one of, is left out. Nothing is ever filed there or by that group: such
    mail stays in the Inbox.
    """

    destinations: Mapping[str, TargetMailbox]
    groups: Mapping[str, Group]
    screener: TargetMailbox | None


def find_targets(mailboxes: Iterable[Mailbox], groups: Iterable[Group], settings: MailroomSettings) -> Targets:
    """Look up everything that the rules need."""
    known = Mailboxes(mailboxes)
    named = Groups(groups, settings.categories, settings.provenance_group)
    destinations = {each.name: _destination(each.destination_mailbox, known) for each in settings.categories}
    members = {each.name: named.find(each.contact_group) for each in settings.categories}
    screener = _destination(settings.screener_mailbox, known)
    return Targets(
        destinations={name: destination for name, destination in destinations.items() if destination is not None},
        groups={name: group for name, group in members.items() if group is not None},
        screener=screener,
    )


def _destination(name: str, mailboxes: Mailboxes) -> TargetMailbox | None:
    meant = mailboxes.meant_by(name)
    return TargetMailbox(meant[0].id, mailboxes.path_of(meant[0])) if len(meant) == 1 else None
