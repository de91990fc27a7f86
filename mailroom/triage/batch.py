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
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import ClassVar, Final

from twisted.logger import Logger

from mailroom.contacts.book import AddressBook, Directory
from mailroom.contacts.errors import AddressBookError, DavError
from mailroom.core.config import MailroomSettings
from mailroom.jmap.client import Client
from mailroom.jmap.errors import MethodError
from mailroom.jmap.set import Set
from mailroom.model.groups import Groups
from mailroom.model.mail import Mail, candidate_mails, mails_by_sender, read_candidates
from mailroom.polling.debounce import OwnWrites
from mailroom.triage.mailbox_patch import MAILS_PER_WRITE, MailboxPatch, MailboxPatches, not_written, set_operations
from mailroom.triage.plan import Filing, Planner, contact_changes, departures, shared_contact_conflicts
from mailroom.triage.scan import Scan
from mailroom.triage.taps import Conflict, Tap

_OBJECT_STATUSES: Final = frozenset({400, 403, 409, 413, 415, 422})


class TriageBatch:
    """Looks up, plans and writes. What came of it is read from it afterwards."""

    _log: ClassVar[Logger] = Logger()

    def __init__(self, client: Client, book: AddressBook, settings: MailroomSettings, scan: Scan, today: date) -> None:
        self._client = client
        self._book = book
        self._settings = settings
        self._mailboxes = scan.mailboxes
        self._today = today
        self.own_writes = OwnWrites(scan.state)
        self.groups: Groups | None = None
        self.filed: list[Filing] = []
        self.failures: dict[str, str] = {}
        self.conflicts: list[Conflict] = []

    async def run(self, taps: Sequence[Tap], conflicts: Iterable[Conflict]) -> None:
        """File the senders, mark what cannot be acted on, and take the labels off."""
        self.conflicts += conflicts
        filings = await self._prepare(taps) if taps else []
        # Nothing may follow this: it takes off the labels, by which unfinished work is found again.
        unwritten = await self._patch({**_merged(filing.finish for filing in filings), **self._marks()})
        self.filed += [filing for filing in filings if not self._failed(filing, map(unwritten.get, filing.finish))]

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
        directory, mails = await self._look_up(taps)
        clear, conflicts = shared_contact_conflicts(taps, directory)
        filings = await self._write(self._plan(clear, directory, mails))
        filings = await self._leave(filings)
        self.conflicts += conflicts
        return filings

    async def _look_up(self, taps: Sequence[Tap]) -> tuple[Directory, Mapping[str, Sequence[Mail]]]:
        addresses = {tap.address for tap in taps}
        queries = candidate_mails(addresses, self._mailboxes.screener)
        directory = await self._book.look_up(addresses, *queries)
        found = read_candidates((email for query in queries for email in query.objects), addresses)
        return directory, mails_by_sender(found, addresses)

    def _plan(self, taps: Iterable[Tap], directory: Directory, mails: Mapping[str, Sequence[Mail]]) -> list[Filing]:
        self.groups = Groups(directory.groups, self._settings.categories, self._settings.provenance_group)
        planner = Planner(self._settings.categories, self._mailboxes, self.groups)
        filings = []
        for tap in taps:
            if lacking := planner.lacks(tap.category):
                self._fail(tap, f"the account has no {', no '.join(lacking)}")
                continue
            contacts = [contact for contact in directory.contacts if tap.address in contact.addresses]
            filings.append(planner.file(tap, contacts, mails[tap.address]))
        return filings

    async def _write(self, filings: Sequence[Filing]) -> list[Filing]:
        """Contacts, groups and moves. The answer holds the filings of which all is written."""
        moves = _merged(filing.moves for filing in filings)
        changes, sets = contact_changes(filings, self._today), set_operations(moves)
        unfiled = await self._book.write(changes, *sets[:1]) if changes or sets else {}
        unmoved = self._unwritten(sets[:1])
        for done, move in enumerate(sets[1:], start=1):
            self._log.info("moved {done} of {total} mails", done=done * MAILS_PER_WRITE, total=len(moves))
            await self._client.run(move)
            unmoved |= self._unwritten([move])
        return [
            filing
            for filing in filings
            if not self._failed(filing, [unfiled.get(filing.contact), *map(unmoved.get, filing.moves)])
        ]

    async def _leave(self, filings: Sequence[Filing]) -> list[Filing]:
        """Take re-triaged senders out of their old groups.

        Only after the new ones are known to have them, at the price of one more round trip: no failure leaves a sender
        in none.
        """
        changes = departures(filings)
        unfiled = await self._book.write(changes) if changes else {}
        return [filing for filing in filings if not self._failed(filing, map(unfiled.get, filing.leave))]

    async def _patch(self, patches: MailboxPatches) -> Mapping[str, str]:
        sets = set_operations(patches)
        for each in sets:
            await self._client.run(each)
        return self._unwritten(sets)

    def _unwritten(self, sets: Sequence[Set]) -> dict[str, str]:
        for each in sets:
            self.own_writes.wrote(each.states)
        return not_written(sets)

    def _marks(self) -> MailboxPatches:
        """The error label for refused mails, once each."""
        label = self._mailboxes.error_label
        mails = [mail for conflict in self.conflicts for mail in conflict.mails]
        return {mail.id: {label: True} for mail in mails if label is not None and label not in mail.mailboxes}

    def _failed(self, filing: Filing, reasons: Iterable[str | None]) -> bool:
        reason = next(filter(None, reasons), None)
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


def _merged(patches: Iterable[MailboxPatches]) -> dict[str, MailboxPatch]:
    return {mail: patch for each in patches for mail, patch in each.items()}
