"""Who has been triaged where, and when: read from the groups and the notes of the contacts. No I/O."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from mailroom.contacts.book import Contact, Directory
from mailroom.contacts.notes import triage_notes
from mailroom.core.categories import Category
from mailroom.core.config import MailroomSettings
from mailroom.model.groups import Groups, Memberships


@dataclass(frozen=True, slots=True)
class TriagedSender:
    """A contact that is in a category, or in several where groups were edited by hand.

    `day` is that of its triage to one of them; None where nobody noted one, as for who was put into a group by hand.
    `created` tells whether Mailroom created the contact.
    """

    name: str
    addresses: tuple[str, ...]
    categories: tuple[Category, ...]
    day: date | None
    created: bool


def triaged_senders(
    directory: Directory, settings: MailroomSettings, only: Category | None = None
) -> tuple[TriagedSender, ...]:
    """All triaged senders, by address, or only those of one category.

    Senders of a child are its own, and not its parent's, whose group they are in on its behalf.
    """
    groups = Groups(directory.groups, settings.categories, settings.provenance_group)
    senders = _senders(directory.contacts, groups, Memberships(groups, settings.categories))
    wanted = (sender for sender in senders if only is None or only in sender.categories)
    return tuple(sorted(wanted, key=lambda sender: (sender.addresses, sender.name)))


def ambiguous_groups(directory: Directory, settings: MailroomSettings) -> tuple[str, ...]:
    """The groups whose members are not among the senders, for there is another of the same name, in words."""
    groups = Groups(directory.groups, settings.categories, settings.provenance_group)
    return groups.ambiguous(settings.categories)


def _senders(contacts: Iterable[Contact], groups: Groups, memberships: Memberships) -> Iterator[TriagedSender]:
    created = groups.provenance.members if groups.provenance else frozenset()
    for contact in contacts:
        categories = memberships.of([contact.uid])
        if categories:
            yield TriagedSender(
                name=contact.name,
                addresses=tuple(sorted(contact.addresses)),
                categories=categories,
                day=_day(contact, {category.name for category in categories}),
                created=contact.uid in created,
            )


def _day(contact: Contact, categories: set[str]) -> date | None:
    """The day of the latest triage to where the contact is now. Notes stand in the order in which they were written."""
    days = [note.day for note in triage_notes(contact.notes) if note.category in categories]
    return days[-1] if days else None
