"""An address book that speaks CardDAV (RFC 6352), beside a mail account that speaks JMAP."""

from collections.abc import Collection, Coroutine, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

from twisted.logger import Logger

from mailroom.contacts.address_variants import address_variants, contact_uid
from mailroom.contacts.book import Contact, ContactChanges, Directory, Group, NewContact, Removal
from mailroom.contacts.carddav.cards import MAX_WRITES_AT_ONCE, Cards
from mailroom.contacts.carddav.provenance import is_own_vcard
from mailroom.contacts.carddav.removal import CardDavRemoval
from mailroom.contacts.carddav.stored_card import StoredCard
from mailroom.contacts.carddav.vcard import VCard, new_card, new_group
from mailroom.contacts.carddav.webdav import WebDav
from mailroom.contacts.errors import (
    AddressBookError,
    CardGone,
    DavBusy,
    NoBookYet,
    UidTaken,
    reason_or_raise,
)
from mailroom.contacts.names import missing_names
from mailroom.contacts.notes import lines_of
from mailroom.contacts.write_outcome import MembershipChange, WriteOutcome, fresh_uid
from mailroom.core.addresses import canonical_address
from mailroom.core.credentials import Credentials
from mailroom.core.deferreds import gather
from mailroom.http.client import Http
from mailroom.jmap.client import Client
from mailroom.jmap.operation import Operation

_AT_ONCE: Final = 5
"""Requests at the same time for one sender: the card, two groups, the provenance group, and mail on the same server."""
_GROUPS = (("X-ADDRESSBOOKSERVER-KIND", "group"), ("KIND", "group"))


class CardDavAddressBook:
    """The `AddressBook` of a CardDAV server.

    `url` is that of a server, its well-known one, or a deeper one: an address book, or what leads to the user's. Where
    it is a guess, errors of looking for the book there say so. This holds the cards of the last look-up, which a write
    edits; their ETags keep it from writing over newer ones.
    """

    def __init__(
        self, client: Client, http: Http, url: str, credentials: Credentials, *, is_guess: bool = False
    ) -> None:
        self._client = client
        self._dav = WebDav(http, url, credentials)
        self._cards = Cards(self._dav, url, is_guess=is_guess)
        self._seen: dict[str, StoredCard] = {}

    def preconnect(self) -> None:
        self._dav.preconnect(_AT_ONCE)

    async def look_up(self, addresses: Collection[str], *alongside: Operation) -> Directory:
        """One REPORT; see `AddressBook`. What the write will need beyond that is connected meanwhile."""
        if addresses:
            self._dav.preconnect(min(len(addresses) - 1 + _AT_ONCE, MAX_WRITES_AT_ONCE + 1))
        directory: Directory = (await gather(self._find(frozenset(addresses)), *self._run(alongside)))[0]
        return directory

    async def write(self, changes: ContactChanges, *alongside: Operation) -> Mapping[str, str]:
        """New cards, joins and notes at the same time, and what leaves a group afterwards; see `AddressBook`."""
        write = _Write(self._cards, self._seen, changes)
        await write.run(*self._run(alongside))
        return write.outcome.failures

    async def everyone(self) -> Directory:
        """Pages of whole cards, of which no more is kept than what a `Contact` holds; see `AddressBook`."""
        contacts: list[Contact] = []
        groups: list[Group] = []
        try:
            async for page in self._cards.pages():
                cards = [stored.card for stored in page]
                groups += [_group(card) for card in cards if card.is_group]
                contacts += [
                    replace(_contact(card), untouched=is_own_vcard(card)) for card in cards if not card.is_group
                ]
        except NoBookYet:
            return Directory()
        return Directory(tuple(contacts), tuple(groups))

    async def create_groups(self, names: Collection[str]) -> Mapping[str, str]:
        """One request for each group, a few at a time; see `AddressBook`."""
        await self._cards.make_book()
        groups = [stored.card.name for stored in await self._cards.find(_GROUPS) if stored.card.is_group]
        failures: dict[str, str] = {}
        await gather(*(self._create_group(name, failures) for name in missing_names(names, groups)))
        return failures

    async def _create_group(self, name: str, failures: dict[str, str]) -> None:
        try:
            await self._cards.create(new_group(fresh_uid(), name))
        except AddressBookError as error:
            failures[name] = reason_or_raise(error)

    async def remove(self, changes: Removal) -> Mapping[str, str]:
        """Card by card, a few at a time; see `AddressBook`."""
        removal = CardDavRemoval(self._cards, changes)
        await removal.run()
        return removal.failures

    def _run(self, operations: tuple[Operation, ...]) -> Iterator[Coroutine[Any, Any, None]]:
        if operations:
            yield self._client.run(*operations)

    async def _find(self, addresses: frozenset[str]) -> Directory:
        found = await self._cards.find(_filters(addresses))
        self._seen = {stored.card.uid: stored for stored in reversed(found)}
        cards = [stored.card for stored in self._seen.values()]
        return Directory(
            contacts=tuple(_contact(card) for card in cards if not card.is_group and card.addresses & addresses),
            groups=tuple(_group(card) for card in cards if card.is_group),
        )


def _contact(card: VCard) -> Contact:
    return Contact(card.uid, card.addresses, card.name, lines_of(card.note_texts))


def _group(card: VCard) -> Group:
    return Group(card.uid, card.name, card.members)


def _filters(addresses: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What finds the groups, the cards with these addresses, and whatever holds the uids that new cards would get.

    Some servers store two cards with one uid without a word.
    """
    yield from _GROUPS
    for address in sorted(addresses):
        yield "UID", contact_uid(address)
        yield from (("EMAIL", spelling) for spelling in address_variants(address))


class _Write:
    """One write under way."""

    _log: ClassVar[Logger] = Logger()

    def __init__(self, cards: Cards, seen: dict[str, StoredCard], changes: ContactChanges) -> None:
        self._cards = cards
        self._seen = seen
        self._changes = changes
        self._busy: DavBusy | None = None
        members = {uid: stored.card.members for uid, stored in seen.items()}
        taken = {new.uid for new in changes.create if new.uid in seen and not _is_for(seen[new.uid], new)}
        self.outcome = WriteOutcome(changes, members, taken)

    async def run(self, *alongside: Coroutine[Any, Any, None]) -> None:
        """Write in two steps, the second only where something has to leave a group.

        What fails for everybody is raised, once all that was begun has ended. A server that is too busy for some cards
        has done the others.
        """
        created = {new.uid for new in self._changes.create}
        # Joins and notes go without waiting for the cards, under uids that are known beforehand; what of it turns out
        # wrong is put right by the second step. Leaves wait: nobody may be in no group because a join failed.
        await gather(
            *map(self._create, self._changes.create),
            *map(self._change_members, self.outcome.joins()),
            *(self._add_note(uid, note) for uid, note in self._changes.notes.items() if uid not in created),
            *alongside,
        )
        await gather(*map(self._change_members, self.outcome.leaves()))
        if self._busy is not None and self._changes.contacts <= self.outcome.failures.keys():
            raise self._busy

    def _reason(self, error: AddressBookError) -> str:
        if isinstance(error, DavBusy):
            self._busy = self._busy or error
            return str(error)
        return reason_or_raise(error)

    async def _create(self, new: NewContact) -> None:
        try:
            if not await self._create_as(self.outcome.uid_of(new.uid), new):
                # Another contact's card has the uid, and may not be touched.
                self.outcome.uid_was_taken(new.uid)
                if not await self._create_as(self.outcome.uid_of(new.uid), new):
                    self.outcome.was_not_created(new.uid, "The server takes no uid for the contact.")
        except AddressBookError as error:
            self.outcome.was_not_created(new.uid, self._reason(error))

    async def _create_as(self, uid: str, new: NewContact) -> bool:
        """Whether there is a card with this uid for the contact: a new one, or one that was created before."""
        card = new_card(replace(new, uid=uid), self._changes.notes.get(new.uid, ""))
        try:
            present = await self._cards.create(card)
        except UidTaken:
            return False
        return present is None or _is_for(present, new)

    async def _change_members(self, change: MembershipChange) -> None:
        group = self._seen.get(change.group)
        try:
            if group is None:
                raise CardGone(f"The contact group {change.group} is not there any more.")
            self._seen[change.group] = await self._cards.edit(
                group, lambda card: card.left_by(change.leave).joined_by(change.join)
            )
        except AddressBookError as error:
            # Who is to leave a group that is gone has left it.
            if change.join or not isinstance(error, CardGone):
                self.outcome.has_failed(change.concerns, self._reason(error))

    async def _add_note(self, uid: str, note: str) -> None:
        """A note is a courtesy: where the server refuses it for this card, the rest goes on without it."""
        try:
            if uid in self._seen:
                self._seen[uid] = await self._cards.edit(self._seen[uid], lambda card: card.with_note(note))
        except DavBusy as error:
            self.outcome.has_failed([uid], self._reason(error))
        except AddressBookError as error:
            self._log.warn("no note added: {reason}", reason=reason_or_raise(error))


def _is_for(stored: StoredCard, new: NewContact) -> bool:
    return canonical_address(new.address) in stored.card.addresses
