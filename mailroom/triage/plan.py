"""What is there, and what the labels ask, become what to write. No I/O.

A plan never depends on what an earlier poll did: it compares the account as it is with the account as it should be, and
writes the difference. So a poll that was killed anywhere is finished by the next one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import Contact, ContactChanges, Directory, NewContact
from mailroom.contacts.notes import TriageNote, triage_notes
from mailroom.core.addresses import canonical_address
from mailroom.core.categories import Categories, Category
from mailroom.model.groups import Groups
from mailroom.model.known_mailboxes import KnownMailboxes
from mailroom.model.mail import Mail
from mailroom.triage.mailbox_patch import Destination, MailboxPatch, move
from mailroom.triage.taps import Conflict, Tap


@dataclass(frozen=True, slots=True)
class Filing:
    """All there is to write for one sender.

    `contact` is the uid of the one card that joins the groups in `join`; `leave` maps the uids of the sender's cards to
    the groups that they leave. `moves` go with the first writes; `finish`, for the labelled mails, goes last and takes
    the label off; `moved` are the mails of both that change places. `mismatch` is the contact's name where it is not
    the mail's. `note_is_due` unless the contact's latest note says so already: it is written again if it was refused.
    """

    tap: Tap
    contact: str
    create: NewContact | None
    join: frozenset[str]
    leave: Mapping[str, frozenset[str]]
    moves: Mapping[str, MailboxPatch]
    finish: Mapping[str, MailboxPatch]
    moved: frozenset[str]
    mismatch: str | None
    note_is_due: bool = True

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

    def file(self, tap: Tap, contacts: Sequence[Contact], mails: Iterable[Mail]) -> Filing:
        """What it takes to have this sender where its label says. `contacts` and `mails` are all of the sender's.

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
        contact = min(contacts, key=self._preference, default=None)
        uids = {each.uid for each in contacts}
        create = None if contact else _new_contact(tap)
        own = contact_uid(tap.address)
        uid = contact.uid if contact else own
        wanted = chain | ({self.groups.provenance.uid} if uid == own and self.groups.provenance else frozenset())
        mismatch = contact.name if contact and _differs(contact.name, tap) else None
        labelled = {mail.id for mail in tap.mails}
        every = {mail.id: mail for mail in [*mails, *tap.mails]}
        destination = Destination.of([tap.category], self.categories, self.mailboxes)
        patches = {mail.id: move(mail, destination, self.mailboxes, self.mailboxes.marks) for mail in every.values()}
        return Filing(
            tap=tap,
            contact=uid,
            create=create,
            join=wanted if create else wanted - self.groups.of(uid),
            # By uid, whether or not there is a card: a membership that outlived its card counts again with a new one.
            leave={each: left for each in {uid, *uids} if (left := self.groups.managed_of(each) - chain)},
            moves={mail: patch for mail, patch in patches.items() if patch and mail not in labelled},
            finish={mail.id: self._last_patch(mail, patches[mail.id], mismatch) for mail in tap.mails},
            moved=frozenset(mail for mail, patch in patches.items() if self._moves(every[mail], patch)),
            mismatch=mismatch,
            note_is_due=not _is_noted(contact, tap.category),
        )

    def _last_patch(self, mail: Mail, patch: MailboxPatch, mismatch: str | None) -> MailboxPatch:
        """The patch of a labelled mail: its move, its labels off, and the warning label on if it is due."""
        labels, marks = mail.mailboxes & self.mailboxes.labels.keys(), mail.mailboxes & self.mailboxes.marks
        # Without a move it names where the mail stays: no patch may take a mail out of its last mailbox.
        last = dict(patch) or dict.fromkeys(mail.mailboxes - labels - marks, True)
        last |= dict.fromkeys(labels | marks)
        if mismatch is not None and self.mailboxes.warning_label is not None:
            last[self.mailboxes.warning_label] = True
        return last

    def _moves(self, mail: Mail, patch: MailboxPatch) -> bool:
        changed = {box for box, there in patch.items() if bool(there) != (box in mail.mailboxes)}
        return bool(changed - self.mailboxes.marks)

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
