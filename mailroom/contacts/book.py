"""What triage, setup and reset ask of an address book, whichever protocol it speaks.

What makes it safe to write again what may have been written, and to write while others do:

- **A uid follows from the address**, so that creating a contact twice finds the first one's card. If that card is
  somebody else's, the new contact gets a uid that nobody has.
- **A change names who joins and who leaves**, never the whole group: whoever else was added meanwhile stays. A note is
  added only where it is not there yet.
- **Nothing is written over what was not read.** CardDAV stores whole cards, so each is stored under the condition that
  it is as it was read, and read anew if not. A JMAP patch touches only what it names; what a removal takes away, it
  takes under the condition that no card was changed since.
- **Joins are written before leaves**, and nobody leaves a group without being in the others that were asked for. A
  removal goes the other way: cards first and groups last, since the groups are how the cards are found again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mailroom.core.categories import ContactType
from mailroom.jmap.operation import Operation


@dataclass(frozen=True, slots=True)
class Contact:
    """A card of a person or a company, as far as Mailroom looks at it. Addresses are canonical.

    `notes` are the lines of all its notes, in their order. `untouched` is told by `everyone` alone: the card is as
    Mailroom created it for that address, but for Mailroom's own notes and what servers add. Where there is any doubt,
    it is not.
    """

    uid: str
    addresses: frozenset[str]
    name: str = ""
    notes: tuple[str, ...] = ()
    untouched: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A group of contacts. Members are uids, and may name cards that are no more."""

    uid: str
    name: str
    members: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Directory:
    """What the address book holds: every group, and each contact that has one of the addresses asked for."""

    contacts: tuple[Contact, ...] = ()
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class NewContact:
    """A card to create. The address is spelled as in the sender's mail; `name` may be empty."""

    uid: str
    address: str
    name: str
    contact_type: ContactType


@dataclass(frozen=True, slots=True)
class ContactChanges:
    """What to write. Groups are named by their uid, and what joins or leaves them by contact uid.

    `notes` holds one line to add to the notes of a contact, old or new, whose other notes stay as they are. All of it
    may be written twice: joining a group again, or leaving one already left, changes nothing.
    """

    create: tuple[NewContact, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    join: Mapping[str, frozenset[str]] = field(default_factory=dict)
    leave: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def contacts(self) -> frozenset[str]:
        """Everybody whom it is about."""
        moved = frozenset[str]().union(*self.join.values(), *self.leave.values())
        return moved | self.notes.keys() | {new.uid for new in self.create}

    def __bool__(self) -> bool:
        return bool(self.create or self.notes or self.join or self.leave)


@dataclass(frozen=True, slots=True)
class Removal:
    """What of Mailroom's to take away again, by uid.

    `delete` are contacts, deleted only if they are untouched to the last; `strip_notes` contacts that lose Mailroom's
    lines of their notes and nothing else; `leave` names who leaves which group; `delete_groups` are deleted only if
    nobody is in them by then. All of it may be done twice, and what is gone already is no failure.
    """

    delete: frozenset[str] = frozenset()
    strip_notes: frozenset[str] = frozenset()
    leave: Mapping[str, frozenset[str]] = field(default_factory=dict)
    delete_groups: frozenset[str] = frozenset()


class AddressBook(Protocol):
    """An address book that groups live in.

    `alongside` are JMAP operations of the caller's that want to travel at the same time: in the same request where the
    book speaks JMAP, in one beside its own where it speaks CardDAV. They have run when the call returns, whatever
    became of the book's own part.
    """

    def preconnect(self) -> None:
        """Open what a look-up and a write of one sender will want to have at the same time; no request is sent.

        Worth it only where a triage is likely: whoever has just been told of a change is about to scan for it.
        """
        ...

    async def look_up(self, addresses: Collection[str], *alongside: Operation) -> Directory:
        """Every contact with one of these canonical addresses, compared exactly, and every group."""
        ...

    async def write(self, changes: ContactChanges, *alongside: Operation) -> Mapping[str, str]:
        """Write the changes; the answer maps the uid of each contact that was not written whole to the reason.

        One contact's failure does not keep the others from being written. What fails for all of them is raised.
        """
        ...

    async def everyone(self) -> Directory:
        """Every contact and every group, read a part at a time. A user without any address book has none of them."""
        ...

    async def create_groups(self, names: Collection[str]) -> Mapping[str, str]:
        """Create a group of each name that no group has; the answer maps the names that failed to the reasons.

        A user without any address book gets one first.
        """
        ...

    async def remove(self, changes: Removal) -> Mapping[str, str]:
        """Take away what is Mailroom's; the answer maps the uid of each contact or group that failed to the reason.

        Contacts come first, then whoever leaves a group, then groups: it is by their groups that the contacts are
        found again if this is cut short. Nobody leaves whose card could not be changed.
        """
        ...
