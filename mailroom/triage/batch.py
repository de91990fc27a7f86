"""What one poll does about the senders that it found labelled.

What makes it safe to break off anywhere, and to do again:

- **The label goes last.** It is the one record that something is to be done. As long as it is there the next poll finds
  it and begins anew, from the account as it is then.
- **A write states a fact**: this contact is in that group, this mail in those mailboxes. Writing it twice is writing it
  once, so what a lost answer left in doubt is simply written again.
- **Joins come before leaves**, and leaves only once the joins are known to be written: no failure leaves a sender in no
  group. New contacts get a uid that follows from the address, so that a second attempt finds the first one's card.
- **What concerns one sender fails for that sender**, whose label stays; what concerns all is raised, and every label
  stays.

What makes it safe while somebody else is at work in the account:

- **A tap counts if the look-up still sees it**, and not because the scan did. Once contacts are written it has been
  acted on: who takes the label off after that has come too late, and the sender's mail is filed all the same.
- **Where a mail goes is decided on where it is**, up to the write itself (`Snapshot`). Mail that was binned or archived
  meanwhile is treated as having been there from the beginning, and mail that came meanwhile as the rest.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from mailroom.contacts.book import AddressBook, Directory
from mailroom.contacts.errors import AddressBookError, DavError
from mailroom.core.config import MailroomSettings
from mailroom.jmap.client import Client
from mailroom.jmap.errors import MethodError
from mailroom.jmap.fallback import FallbackQuery
from mailroom.jmap.operation import Operation
from mailroom.model.groups import Groups
from mailroom.model.mail import Mail, candidate_mails, mails_from, read_candidates
from mailroom.model.missing import lacking
from mailroom.triage.mail_plan import MailPlan, assigned
from mailroom.triage.mailbox_patch import MailboxPatches
from mailroom.triage.plan import Filing, Planner, contact_changes, departures, shared_contact_conflicts
from mailroom.triage.scan import Scan
from mailroom.triage.snapshot import Snapshot, look_at
from mailroom.triage.taps import Conflict, Tap, read_taps

_OBJECT_STATUSES: Final = frozenset({400, 403, 409, 413, 415, 422})


class TriageBatch:
    """Looks up, plans and writes. What came of it is read from it afterwards."""

    def __init__(self, client: Client, book: AddressBook, settings: MailroomSettings, scan: Scan, today: date) -> None:
        self._book = book
        self._settings = settings
        self._mailboxes = scan.mailboxes
        self._seen = scan
        self._today = today
        self._mail_plan = MailPlan(scan.mailboxes)
        self.snapshot = Snapshot(client, [*scan.arrived, *scan.marked, *scan.labelled], scan.state)
        self.groups: Groups | None = None
        self.filed: list[Filing] = []
        self.failures: dict[str, str] = {}
        self.conflicts: list[Conflict] = []

    async def run(self, taps: Sequence[Tap], conflicts: Iterable[Conflict]) -> None:
        """File the senders, mark what cannot be acted on, unmark what can, and take the labels off."""
        self.conflicts += conflicts
        filings = await self._prepare(taps) if taps else []
        # Nothing may follow this: it takes off the labels, by which unfinished work is found again.
        await self.snapshot.write(lambda: self._remaining(filings))
        self.filed += self._with_moved(filing for filing in filings if not self._failed(filing))

    async def _prepare(self, taps: Sequence[Tap]) -> list[Filing]:
        """Everything but the labels, for all senders at once.

        Where that is refused it is tried for half of them, and so on: the one sender whom a server stumbles over keeps
        nobody else waiting.
        """
        try:
            return await self._prepare_together(taps)
        except (MethodError, AddressBookError) as error:
            if not _may_be_due_to_one_sender(error):
                raise
            if len(taps) == 1:
                self._fail(taps[0], str(error))
                return []
        middle = len(taps) // 2
        return [*await self._prepare(taps[:middle]), *await self._prepare(taps[middle:])]

    async def _prepare_together(self, taps: Sequence[Tap]) -> list[Filing]:
        # The order is what makes it safe to repeat: see the head of this module.
        directory = await self._look_up(taps)
        clear, conflicts = shared_contact_conflicts(self._still_asked(taps), directory)
        filings = await self._write(self._plan(clear, directory))
        filings = await self._leave(filings)
        self.conflicts += conflicts
        return filings

    async def _look_up(self, taps: Sequence[Tap]) -> Directory:
        """The contacts of these senders, and all of their mail: that from the other addresses of a contact as well."""
        addresses = frozenset(tap.address for tap in taps)
        look = look_at(mail.id for mail in (*self._seen.labelled, *self._seen.marked))
        queries = candidate_mails(addresses, self._mailboxes.screener)
        directory = await self._book.look_up(addresses, look, *queries)
        self.snapshot.senders |= addresses
        self.snapshot.renew(look, _found(queries, addresses))
        others = frozenset[str]().union(*(contact.addresses for contact in directory.contacts)) - addresses
        if others:
            queries = candidate_mails(others, self._mailboxes.screener)
            directory = await self._book.look_up(addresses | others, *queries)
            self.snapshot.senders |= others
            self.snapshot.add(_found(queries, others))
        return directory

    def _still_asked(self, taps: Iterable[Tap]) -> list[Tap]:
        """The taps that the look-up confirms. What labels ask for by now that is something else, the next poll does."""
        mails = self.snapshot.mails
        labelled = [mails[mail.id] for mail in self._seen.labelled if mail.id in mails]
        asked = {tap.address: tap for tap in read_taps(labelled, self._mailboxes.labels)[0]}
        return [
            tap
            for tap in taps
            if not tap.mails or (tap.address in asked and asked[tap.address].category == tap.category)
        ]

    def _plan(self, taps: Iterable[Tap], directory: Directory) -> list[Filing]:
        self.groups = Groups(directory.groups, self._settings.categories, self._settings.provenance_group)
        planner = Planner(self._settings.categories, self._mailboxes, self.groups)
        filings = []
        for tap in taps:
            if lacks := planner.lacks(tap.category):
                self._fail(tap, lacking(lacks))
            else:
                filings.append(planner.file(tap, directory.contacts))
        return filings

    async def _write(self, filings: Sequence[Filing]) -> list[Filing]:
        """Contacts, groups and moves. The answer holds the filings of which all is written."""
        changes = contact_changes(filings, self._today)
        unfiled: dict[str, str] = {}

        async def send(*operations: Operation) -> None:
            unfiled.update(await self._book.write(changes, *operations))

        await self.snapshot.write(lambda: self._moves(filings), send if changes else None)
        return [filing for filing in filings if not self._failed(filing, [unfiled.get(filing.contact)])]

    async def _leave(self, filings: Sequence[Filing]) -> list[Filing]:
        """Take re-triaged senders out of their old groups.

        Only after the new ones are known to have them, at the price of one more round trip: no failure leaves a sender
        in none.
        """
        changes = departures(filings)
        unfiled = await self._book.write(changes) if changes else {}
        return [filing for filing in filings if not self._failed(filing, map(unfiled.get, filing.leave))]

    def _moves(self, filings: Iterable[Filing]) -> MailboxPatches:
        found_in, mails = self.snapshot.found_in, self.snapshot.mails.values()
        left_alone = {mail.id for mail in mails if self._mail_plan.was_taken_out(mail, found_in.get(mail.id))}
        return self._mail_plan.moves(filings, (mail for mail in mails if mail.id not in left_alone))

    def _remaining(self, filings: Iterable[Filing]) -> MailboxPatches:
        """What is left once all of that is written: mail that has come meanwhile, and only then labels and marks."""
        clear, mails = [filing for filing in filings if not self._refusal(filing)], self.snapshot.mails.values()
        conflicting = {mail.id for conflict in self.conflicts for mail in conflict.mails}
        marks = self._mail_plan.marks(conflicting, mails)
        return self._moves(clear) or {**marks, **self._mail_plan.last(clear, mails)}

    def _with_moved(self, filings: Iterable[Filing]) -> list[Filing]:
        """The filings with the mails that have changed places, each of them at one sender's."""
        filings, written = tuple(filings), self.snapshot.written
        moved: dict[str, set[str]] = {filing.tap.address: set() for filing in filings}
        for filing, mail in assigned(filings, self.snapshot.mails.values()):
            if mail.id in written and self._mail_plan.has_moved(written[mail.id]):
                moved[filing.tap.address].add(mail.id)
        return [replace(filing, moved=frozenset(moved[filing.tap.address])) for filing in filings]

    def _refusal(self, filing: Filing) -> str | None:
        """Why the server would not change a mail of this sender's, if it would not."""
        refused, mails = self.snapshot.refused, self.snapshot.mails
        return next((why for id_, why in refused.items() if id_ in mails and _concerns(filing, mails[id_])), None)

    def _failed(self, filing: Filing, reasons: Iterable[str | None] = ()) -> bool:
        reason = next(filter(None, reasons), None) or self._refusal(filing)
        if reason is not None:
            self._fail(filing.tap, reason)
        return reason is not None

    def _fail(self, tap: Tap, reason: str) -> None:
        self.failures[tap.address] = f"{tap.address} is not triaged to {tap.category.name}: {reason}"


def _may_be_due_to_one_sender(error: MethodError | AddressBookError) -> bool:
    """Whether the server has understood and refused, rather than not let us in or not found the address book."""
    if isinstance(error, MethodError):
        return not error.temporary
    return isinstance(error, DavError) and error.status in _OBJECT_STATUSES


def _found(queries: Iterable[FallbackQuery], addresses: Collection[str]) -> list[Mail]:
    found = read_candidates((email for query in queries for email in query.objects), addresses)
    return mails_from(addresses, found)


def _concerns(filing: Filing, mail: Mail) -> bool:
    return mail.sender is not None and mail.sender.address in filing.destinations
