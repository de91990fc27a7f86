"""What becomes of a write while it is under way: the part that every address book shares. No I/O."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import uuid4

from mailroom.contacts.book import ContactChanges


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """What to do to one group, once; `concerns` are the contacts that have failed if this does."""

    group: str
    join: frozenset[str]
    leave: frozenset[str]
    concerns: frozenset[str]


class WriteOutcome:
    """Which contacts have failed so far, and under which uid the new ones came to be.

    Contacts are created and joined to their groups at the same time, under uids chosen beforehand. So a group may name
    a card that could not be created, or another one that has the uid already; a second step puts that right. `members`
    are those of each group before, `taken` the uids of new contacts that other cards are known to have.
    """

    def __init__(self, changes: ContactChanges, members: Mapping[str, frozenset[str]], taken: Collection[str]) -> None:
        self._changes = changes
        self._taken = frozenset(taken)
        self._uids = {new.uid: fresh_uid() if new.uid in taken else new.uid for new in changes.create}
        self._wrong_uids: set[str] = set()
        self._members = members
        self._joined = {group: self._joining(group) for group in changes.join}
        self.failures: dict[str, str] = {}

    def uid_of(self, new: str) -> str:
        """Under which uid to create a contact: the one that was wished for, if it is free."""
        return self._uids[new]

    def uid_was_taken(self, new: str) -> None:
        """Another card has the contact's uid; the contact gets one that nobody has."""
        self._wrong_uids.add(self._uids[new])
        self._uids[new] = fresh_uid()

    def was_not_created(self, new: str, reason: str) -> None:
        """The contact could not be created at all."""
        self._wrong_uids.add(self._uids[new])
        self.has_failed([new], reason)

    def has_failed(self, contacts: Iterable[str], reason: str) -> None:
        """Something was not written that these contacts need. The first reason is the one that is told."""
        self.failures = dict.fromkeys(contacts, reason) | self.failures

    def joins(self) -> Iterator[MembershipChange]:
        """The first step: each group with all who join it."""
        for group, contacts in self._changes.join.items():
            yield MembershipChange(group, self._joining(group), frozenset(), contacts)

    def leaves(self) -> Iterator[MembershipChange]:
        """The second step: whoever leaves a group, and the uids that turned out wrong.

        Nobody leaves a group who has not joined all the others first.
        """
        for group in dict.fromkeys([*self._changes.join, *self._changes.leave]):
            # Whoever failed to join anywhere stays where they are: leaving now could leave them in no group. And a uid
            # that is another card's must not be taken out on behalf of the contact that was to have it.
            leaving = self._changes.leave.get(group, frozenset()) - self.failures.keys() - self._taken
            wrong = self._joined.get(group, frozenset()) & self._wrong_uids
            if wrong:
                # A member of before may have the wrong uid too: only what this write has added is taken out again.
                added = wrong - self._members.get(group, frozenset())
                concerns = leaving | self._changes.join[group] & self._uids.keys()
                yield MembershipChange(group, self._joining(group), leaving | added, concerns)
            elif leaving:
                yield MembershipChange(group, frozenset(), leaving, leaving)

    def _joining(self, group: str) -> frozenset[str]:
        return frozenset(self._uids.get(uid, uid) for uid in self._changes.join[group]) - self._wrong_uids


def fresh_uid() -> str:
    """A uid that no card has."""
    return str(uuid4())
