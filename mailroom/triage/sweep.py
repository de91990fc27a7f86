"""All mail filed as the contact groups say: for people who edited groups by hand, or changed their categories.

Mail of senders who are in no category's group stays where it is, as it may be there for a reason of its user's. Who is
in the groups of several categories has mail in all of them, as the server's rules would file it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

from mailroom.contacts.book import AddressBook, Contact, Directory
from mailroom.core.categories import Category
from mailroom.core.config import MailroomSettings
from mailroom.jmap.client import Client
from mailroom.jmap.get import Get
from mailroom.model.groups import Groups, Memberships
from mailroom.model.known_mailboxes import KnownMailboxes, find_known_mailboxes
from mailroom.model.mail import Mail
from mailroom.model.mailboxes import MAILBOX_PROPERTIES, Mailbox
from mailroom.triage.all_mail import Progress, patch_all_mail
from mailroom.triage.mailbox_patch import Destination, MailboxPatch, move


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep is to a category, or to several where senders are in all of these: how many mails it moves."""

    categories: str
    senders: int
    mails: int


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep did, or would do. `missing` names what keeps some mail from being filed."""

    looked_at: int
    swept: tuple[Swept, ...]
    missing: tuple[str, ...]
    refused: Mapping[str, int]
    """How many mails the server refused to move, by reason."""

    @property
    def moved(self) -> int:
        return sum(each.mails for each in self.swept) - sum(self.refused.values())


async def sweep(
    client: Client, book: AddressBook, settings: MailroomSettings, progress: Progress, *, apply: bool
) -> SweepReport:
    """Look at all mail, and move what is not in its place; without `apply`, only count it.

    It reads the contacts whole, and the mail a page at a time. It may be broken off and run again at any time.
    """
    every = Get("Mailbox", properties=MAILBOX_PROPERTIES)
    await client.run(every)
    mailboxes = find_known_mailboxes(map(Mailbox.from_jmap, every.objects), settings)
    plan = Sweep(settings, mailboxes, await book.everyone())
    refused = await patch_all_mail(client, plan.patch, progress, apply=apply)
    return plan.report(refused)


class Sweep:
    """Where the mail of every sender in the address book belongs, and how much of it is not there. No I/O."""

    def __init__(self, settings: MailroomSettings, mailboxes: KnownMailboxes, directory: Directory) -> None:
        self._mailboxes = mailboxes
        self._order = {category: place for place, category in enumerate(settings.categories)}
        groups = Groups(directory.groups, settings.categories, settings.provenance_group)
        memberships = Memberships(groups, settings.categories)
        self._ambiguous = groups.ambiguous(settings.categories)
        self._filed = _by_address(directory.contacts, memberships)
        self._looked_at = 0
        self._moved: Counter[tuple[Category, ...]] = Counter()
        self._missing: dict[tuple[Category, ...], tuple[str, ...]] = {}
        self._destinations: dict[tuple[Category, ...], Destination] = {}
        for categories in dict.fromkeys(self._filed.values()):
            self._missing[categories] = mailboxes.lacks(settings.categories.chains(categories))
            if not self._missing[categories]:
                self._destinations[categories] = Destination.of(categories, settings.categories, mailboxes)

    def patch(self, mail: Mail) -> MailboxPatch:
        """What brings a mail to its place. The labels of taps and of conflicts stay on: those wait for somebody."""
        self._looked_at += 1
        categories = self._filed.get(mail.sender.address) if mail.sender else None
        destination = self._destinations.get(categories) if categories else None
        patch = move(mail, destination, self._mailboxes) if destination else {}
        if patch and categories:
            self._moved[categories] += 1
        return patch

    def report(self, refused: Mapping[str, int]) -> SweepReport:
        """What came of it so far."""
        senders = Counter(self._filed.values())
        return SweepReport(
            looked_at=self._looked_at,
            swept=tuple(
                Swept(" and ".join(each.name for each in categories), count, self._moved[categories])
                for categories, count in sorted(
                    senders.items(), key=lambda item: [self._order[each] for each in item[0]]
                )
            ),
            missing=tuple(dict.fromkeys([*self._ambiguous, *chain.from_iterable(self._missing.values())])),
            refused=refused,
        )


def _by_address(contacts: Iterable[Contact], memberships: Memberships) -> dict[str, tuple[Category, ...]]:
    """The categories of each sender who is in any: one address may have several contacts."""
    uids: dict[str, set[str]] = defaultdict(set)
    for contact in contacts:
        for address in contact.addresses:
            uids[address].add(contact.uid)
    filed = ((address, memberships.of(of_address)) for address, of_address in uids.items())
    return {address: categories for address, categories in filed if categories}
