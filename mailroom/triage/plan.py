"""What is there, and what the labels ask, become what to write to the address book. No I/O.

A plan never depends on what an earlier poll did: it compares the account as it is with the account as it should be, and
writes the difference. So a poll that was killed anywhere is finished by the next one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import Contact, ContactChanges, Directory, NewContact
from mailroom.contacts.notes import TriageNote, triage_notes
from mailroom.core.addresses import canonical_address
from mailroom.core.categories import Categories, Category
from mailroom.model.groups import Groups, Memberships
from mailroom.model.known_mailboxes import KnownMailboxes
from mailroom.triage.mailbox_patch import Destination
from mailroom.triage.taps import Conflict, Tap


@dataclass(frozen=True, slots=True)
class Filing:
    """All there is to write for one sender.

    `contact` is the uid of the one card that joins the groups in `join`; `leave` maps the uids of the sender's cards to
    the groups that they leave. `destinations` tells where mail goes, by the address that it is from: the sender's own,
    and the others of that contact, which is in its groups with all of them. `moved` are the mails that have changed
    places. `mismatch` is the contact's name where it is not the mail's. `note_is_due` unless the contact's latest note
    says so already: it is written again if it was refused.
    """

    tap: Tap
    contact: str
    create: NewContact | None
    join: frozenset[str]
    leave: Mapping[str, frozenset[str]]
    destinations: Mapping[str, Destination]
    mismatch: str | None
    note_is_due: bool = True
    moved: frozenset[str] = frozenset()

    @property
    def retriage(self) -> bool:
        return bool(self.leave)


def contact_changes(filings: Iterable[Filing], today: date) -> ContactChanges:
    """What the address book has to learn before any sender leaves a group."""
    create, notes = [], {}
    join: dict[str, set[str]] = defaultdict(set)
    for filing in filings:
        if filing.create is not None:
            create.append(filing.create)
        if filing.note_is_due:
            notes[filing.contact] = str(TriageNote(filing.tap.category.name, today, filing.retriage))
        for group in filing.join:
            join[group].add(filing.contact)
    return ContactChanges(tuple(create), notes, join={group: frozenset(uids) for group, uids in join.items()})


def departures(filings: Iterable[Filing]) -> ContactChanges:
    """What is left of a re-triage once its joins are known to be written."""
    leave: dict[str, set[str]] = defaultdict(set)
    for filing in filings:
        for contact, groups in filing.leave.items():
            for group in groups:
                leave[group].add(contact)
    return ContactChanges(leave={group: frozenset(uids) for group, uids in leave.items()})


def shared_contact_conflicts(taps: Iterable[Tap], directory: Directory) -> tuple[list[Tap], list[Conflict]]:
    """A contact has one place, so labels that send two of its addresses to different ones contradict each other."""
    taps = list(taps)
    refused: dict[str, str] = {}
    for contact in directory.contacts:
        sharing = [tap for tap in taps if tap.address in contact.addresses]
        asked = sorted({tap.category.name for tap in sharing})
        if len(asked) > 1:
            reason = f"the contact of {', '.join(sorted(tap.address for tap in sharing))} is labelled for "
            refused |= {tap.address: reason + " and for ".join(asked) for tap in sharing}
    conflicts = [Conflict(tap.mails, refused[tap.address]) for tap in taps if tap.address in refused]
    return [tap for tap in taps if tap.address not in refused], conflicts


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans the filing of senders, given what an account holds."""

    categories: Categories
    mailboxes: KnownMailboxes
    groups: Groups

    def lacks(self, category: Category) -> tuple[str, ...]:
        """Which groups and mailboxes are missing to file somebody there, in words. Filing needs the whole chain."""
        chain = self.categories.chain(category)
        groups = (self.groups.lack(each.contact_group) for each in chain)
        return (*self.mailboxes.lacks(chain), *filter(None, groups))

    def file(self, tap: Tap, known: Iterable[Contact]) -> Filing:
        """What it takes to have this sender where its label says. `known` are all contacts that have to do with it.

        Of several contacts with the address one joins the groups, one that is in a group already if there is one; all
        of them leave the groups that are not of the chain, so that the server's rules find only one answer.

        A contact of Mailroom's own making is told by its uid: the poll that created it may have been cut short before
        it joined the provenance group.
        """
        chain = frozenset(
            group.uid
            for each in self.categories.chain(tap.category)
            if (group := self.groups.find(each.contact_group)) is not None
        )
        known = tuple(known)
        contacts = [each for each in known if tap.address in each.addresses]
        contact = min(contacts, key=self._preference, default=None)
        uids = {each.uid for each in contacts}
        create = None if contact else _new_contact(tap)
        own = contact_uid(tap.address)
        uid = contact.uid if contact else own
        wanted = chain | ({self.groups.provenance.uid} if uid == own and self.groups.provenance else frozenset())
        others = [each for each in known if each not in contacts]
        addresses = {tap.address} | (contact.addresses if contact else frozenset())
        return Filing(
            tap=tap,
            contact=uid,
            create=create,
            join=wanted if create else wanted - self.groups.of(uid),
            # By uid, whether or not there is a card: a membership that outlived its card counts again with a new one.
            leave={each: left for each in {uid, *uids} if (left := self.groups.managed_of(each) - chain)},
            destinations={address: self._destination(address, tap, others) for address in addresses},
            mismatch=contact.name if contact and _differs(contact.name, tap) else None,
            note_is_due=not _is_noted(contact, tap.category),
        )

    def _destination(self, address: str, tap: Tap, others: Iterable[Contact]) -> Destination:
        """Where mail from an address of the sender's contact goes: as a sweep has it, also to where others have it."""
        uids = [each.uid for each in others if address in each.addresses]
        also = Memberships(self.groups, self.categories).of(uids) if uids else ()
        also = tuple(each for each in also if not self.mailboxes.lacks(self.categories.chain(each)))
        return Destination.of(dict.fromkeys([tap.category, *also]), self.categories, self.mailboxes)

    def _preference(self, contact: Contact) -> tuple[bool, str]:
        return not self.groups.managed_of(contact.uid), contact.uid


def _new_contact(tap: Tap) -> NewContact:
    return NewContact(contact_uid(tap.address), tap.spelling, tap.name, tap.category.contact_type)


def _is_noted(contact: Contact | None, category: Category) -> bool:
    """Whether the contact's latest note tells of a triage to this category. Servers give notes in any order."""
    notes = triage_notes(contact.notes) if contact else ()
    latest = max((note.day for note in notes), default=None)
    return any(note.category == category.name and note.day == latest for note in notes)


def _differs(name: str, tap: Tap) -> bool:
    """Whether a contact and a mail tell two names. An address in place of a name tells none."""
    told = [" ".join(each.split()).casefold() for each in (name, tap.name) if canonical_address(each) is None]
    return len(set(filter(None, told))) > 1
