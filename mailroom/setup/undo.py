"""What a reset does: to each mail, and to the contacts and groups. No I/O."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import Contact, Directory, Removal
from mailroom.contacts.notes import triage_notes
from mailroom.core.config import MailroomSettings
from mailroom.model.groups import Groups
from mailroom.model.known_mailboxes import KnownMailboxes, find_known_mailboxes
from mailroom.model.mail import Mail
from mailroom.model.mailboxes import Mailbox, Mailboxes
from mailroom.triage.mailbox_patch import MailboxPatch


class Fate(Enum):
    """What becomes of a mail."""

    TO_SCREENER = auto()
    """It lay in Mailroom's mailboxes alone, and waits in the screener again."""
    ELSEWHERE = auto()
    """It leaves Mailroom's mailboxes, and stays where else it is."""
    UNLABELLED = auto()
    """It only loses a label of Mailroom's."""
    STUCK = auto()
    """It lies in Mailroom's mailboxes alone, and the account has neither a screener nor an Inbox to put it into."""


class MailReturn:
    """Takes mails out of all that Mailroom files them in, and every label of Mailroom's off.

    A mail that is anywhere else too, be it the Inbox, the archive, the trash or a folder of its user's, stays there;
    any other goes to the screener, whoever has put it where it was: nobody can tell any more. A mailbox with a role,
    such as the junk mailbox as the destination of a category, is the account's own: its mail
    stays in it.
    """

    def __init__(self, mailboxes: Iterable[Mailbox], settings: MailroomSettings) -> None:
        every = tuple(mailboxes)
        known = _known_mailboxes(every, settings)
        tree = Mailboxes(every)
        with_role = frozenset(mailbox.id for mailbox in tree if tree.role_of(mailbox) is not None)
        self._labels = frozenset(known.labels) | known.marks
        self._home = known.screener or known.inbox
        self._off = (self._labels | frozenset(known.destinations.values())) - with_role - {self._home}
        self.counts = Counter(dict.fromkeys(Fate, 0))

    def patch(self, mail: Mail) -> MailboxPatch:
        """What takes a mail back. It names where the mail stays, for a mail must never be without a mailbox."""
        off = mail.mailboxes & self._off
        stay = mail.mailboxes - off
        if not off:
            return {}
        if not stay and self._home is None:
            self.counts[Fate.STUCK] += 1
            return {}
        if not stay:
            self.counts[Fate.TO_SCREENER] += 1
            return {**dict.fromkeys(off), self._home: True} if self._home else {}
        self.counts[Fate.UNLABELLED if off <= self._labels else Fate.ELSEWHERE] += 1
        return dict.fromkeys(off) | dict.fromkeys(stay, True)


def removable(mailboxes: Iterable[Mailbox], settings: MailroomSettings) -> tuple[Mailbox, ...]:
    """The mailboxes and labels that are Mailroom's alone, each behind those that lie in it."""
    every = tuple(mailboxes)
    known = _known_mailboxes(every, settings)
    ours = known.managed | known.marks | frozenset(known.labels)
    tree = Mailboxes(every)
    found = (mailbox for mailbox in every if mailbox.id in ours and tree.role_of(mailbox) is None)
    return tuple(sorted(found, key=lambda mailbox: tree.path_of(mailbox).count("/"), reverse=True))


def _known_mailboxes(mailboxes: Iterable[Mailbox], settings: MailroomSettings) -> KnownMailboxes:
    """All mailboxes that the settings name: the warning label too if it is not in use any more."""
    return find_known_mailboxes(mailboxes, settings.model_copy(update={"warnings_enabled": True}))


@dataclass(frozen=True, slots=True)
class ContactReturn:
    """What becomes of the contacts that Mailroom has to do with, and of its groups.

    `deleted` were created by Mailroom and not touched since; `kept` were created by it and edited by their user;
    `adopted` were there before. `members` are all who leave the groups of the categories, and `provenance` who leaves
    the provenance group: last, as it is by that group that the contacts are known. `groups` names the groups that there
    are, by uid.
    """

    deleted: tuple[Contact, ...]
    kept: tuple[Contact, ...]
    adopted: tuple[Contact, ...]
    members: Mapping[str, frozenset[str]]
    provenance: Mapping[str, frozenset[str]]
    groups: Mapping[str, str]

    def removals(self) -> tuple[Removal, ...]:
        """What to write, one after the other."""
        steps = (
            Removal(leave=self.members),
            Removal(
                delete=frozenset(contact.uid for contact in self.deleted),
                strip_notes=frozenset(contact.uid for contact in (*self.kept, *self.adopted)),
                leave=self.provenance,
            ),
        )
        return tuple(step for step in steps if step != Removal())


def return_contacts(directory: Directory, settings: MailroomSettings) -> ContactReturn:
    """Look through the contacts for what is Mailroom's.

    A contact of Mailroom's own making is in the provenance group or has the uid that only Mailroom gives. One that its
    user put into a group of another kind counts as edited.
    """
    groups = Groups(directory.groups, settings.categories, settings.provenance_group)
    provenance = groups.provenance.members if groups.provenance else frozenset[str]()
    provenance_uid = {groups.provenance.uid} if groups.provenance else set()
    ours = groups.managed | provenance_uid
    theirs = frozenset(uid for group in groups.all if group.uid not in ours for uid in group.members)
    deleted, kept, adopted = [], [], []
    for contact in directory.contacts:
        noted = bool(triage_notes(contact.notes))
        created = contact.uid in provenance or contact.uid in map(contact_uid, contact.addresses)
        if created and contact.untouched and contact.uid not in theirs:
            deleted.append(contact)
        elif created and (noted or contact.uid in provenance):
            kept.append(contact)
        elif noted:
            adopted.append(contact)
    present = [group for group in groups.all if group.uid in ours]
    return ContactReturn(
        deleted=tuple(deleted),
        kept=tuple(kept),
        adopted=tuple(adopted),
        members={group.uid: group.members for group in present if group.members and group.uid in groups.managed},
        provenance={group.uid: group.members for group in present if group.members and group.uid in provenance_uid},
        groups={group.uid: group.name for group in present},
    )
