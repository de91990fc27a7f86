"""Taking what is Mailroom's out of an address book that speaks CardDAV.

Cards are read anew, a few at a time, and changed only as they were read: a card that somebody edits meanwhile is looked
at again.
"""

from collections.abc import Callable, Collection, Coroutine, Iterator
from typing import Any

from mailroom.contacts.book import Removal
from mailroom.contacts.carddav.cards import PAGE_SIZE, Cards
from mailroom.contacts.carddav.provenance import is_own_vcard
from mailroom.contacts.carddav.stored_card import StoredCard
from mailroom.contacts.carddav.vcard import VCard
from mailroom.contacts.errors import AddressBookError, CardGone, CollectionGone, reason_or_raise
from mailroom.core.chunks import chunked
from mailroom.core.deferreds import gather

_Action = Callable[[StoredCard], Coroutine[Any, Any, None]]


class CardDavRemoval:
    """One removal under way. `failures` maps uids to reasons."""

    def __init__(self, cards: Cards, changes: Removal) -> None:
        self._cards = cards
        self._changes = changes
        self.failures: dict[str, str] = {}

    async def run(self) -> None:
        """Remove in the order that makes a second run find what the first one left: see `AddressBook.remove`."""
        await self._each(self._changes.delete, self._delete_contact)
        await self._each(self._changes.strip_notes - self._changes.delete, self._strip_notes)
        await self._each(self._changes.leave.keys(), self._leave)
        await self._each(self._changes.delete_groups, self._delete_group)

    async def _each(self, uids: Collection[str], action: _Action) -> None:
        for some in chunked(sorted(uids), PAGE_SIZE):
            found = await self._cards.find(_filters(some))
            await gather(*(self._try(stored, action) for stored in found if stored.card.uid in some))

    async def _try(self, stored: StoredCard, action: _Action) -> None:
        try:
            await action(stored)
        except (CardGone, CollectionGone):
            pass
        except AddressBookError as error:
            self._fail(stored, reason_or_raise(error))

    async def _delete_contact(self, stored: StoredCard) -> None:
        # Asked of the card as it is then, and not as the plan saw it: the user may have edited it since.
        if not await self._cards.delete(stored, is_own_vcard):
            self._fail(stored, "The contact has been edited, and is kept.")

    async def _strip_notes(self, stored: StoredCard) -> None:
        await self._cards.edit(stored, VCard.without_triage_notes)

    async def _leave(self, stored: StoredCard) -> None:
        # A contact that could not be changed stays in its group, where the next removal finds it.
        leaving = self._changes.leave[stored.card.uid] - self.failures.keys()
        await self._cards.edit(stored, lambda card: card.left_by(leaving))

    async def _delete_group(self, stored: StoredCard) -> None:
        if not await self._cards.delete(stored, lambda card: card.is_group and not card.members):
            self._fail(stored, "The contact group is not empty, and is kept.")

    def _fail(self, stored: StoredCard, why: str) -> None:
        self.failures.setdefault(stored.card.uid, why)


def _filters(uids: Collection[str]) -> Iterator[tuple[str, str]]:
    """What finds the cards with these uids, in vCard 3.0 and 4.0."""
    for uid in uids:
        yield "UID", uid
        yield "UID", f"urn:uuid:{uid}"
