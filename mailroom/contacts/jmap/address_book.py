"""An address book that speaks JMAP (RFC 9610), at the server that has the mail too."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from twisted.logger import Logger

from mailroom.contacts.book import ContactChanges, Directory, NewContact, Removal
from mailroom.contacts.errors import NoAddressBook
from mailroom.contacts.jmap.jscontact import (
    is_group,
    members_patch,
    new_card,
    new_group,
    note_patch,
    read_contact,
    read_group,
    search_conditions,
)
from mailroom.contacts.jmap.provenance import is_own_card
from mailroom.contacts.jmap.removal import MAX_PAGE_SIZE, JmapRemoval
from mailroom.contacts.names import missing_names
from mailroom.contacts.write_outcome import MembershipChange, WriteOutcome, fresh_uid
from mailroom.core.addresses import canonical_address
from mailroom.core.chunks import chunked
from mailroom.jmap.client import Client
from mailroom.jmap.errors import MethodError, SetError
from mailroom.jmap.get import Get
from mailroom.jmap.json_values import Json, mapping
from mailroom.jmap.operation import Operation
from mailroom.jmap.query import QueryAndGet
from mailroom.jmap.set import Set

CARDS_PER_WRITE: Final = 100
"""How many cards one request creates at most: a server may hold the user's mail locked until all are written."""
_CARD: Final = ("uid", "kind", "name", "organizations", "emails", "notes")
_GROUP: Final = ("uid", "kind", "name", "members")


class JmapAddressBook:
    """The `AddressBook` of a JMAP account.

    It holds the cards of the last look-up, since a write needs their ids, and which address book new ones go to.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._seen: dict[str, Json] = {}
        self._address_book_id: str | None = None

    def preconnect(self) -> None:
        """Nothing: all of it travels over the connection that the scan has used."""

    async def look_up(self, addresses: Collection[str], *alongside: Operation) -> Directory:
        """One request; see `AddressBook`.

        Groups have a query of their own: on some servers a `kind` anywhere in a filter rules all of it.
        """
        wanted = frozenset(addresses)
        conditions = [condition for address in sorted(wanted) for condition in search_conditions(address)]
        candidates = QueryAndGet("ContactCard", {"operator": "OR", "conditions": conditions}, _CARD)
        address_books = Get("AddressBook", properties=("isDefault", "myRights"))
        groups = QueryAndGet("ContactCard", {"kind": "group"}, _GROUP)
        operations: list[Operation] = [candidates, address_books, groups] if wanted else [groups]
        await self._client.run(*operations, *alongside)

        cards = [card for card in candidates.objects if not is_group(card)] if wanted else []
        self._seen = {str(card.get("uid")): card for card in (*cards, *groups.objects)}
        self._address_book_id = _default_of(address_books) if wanted else None
        return Directory(
            contacts=tuple(each for each in map(read_contact, cards) if each.uid and each.addresses & wanted),
            groups=tuple(map(read_group, groups.objects)),
        )

    async def write(self, changes: ContactChanges, *alongside: Operation) -> Mapping[str, str]:
        """New contacts, joins and notes in one request, and in another what leaves a group; see `AddressBook`."""
        write = _Write(self._client, self._seen, self._address_book_id, changes)
        await write.run(*alongside)
        return write.outcome.failures

    async def everyone(self) -> Directory:
        """Pages of what a `Contact` holds, and then whole cards, where they look untouched; see `AddressBook`."""
        every = QueryAndGet("ContactCard", None, tuple(dict.fromkeys([*_CARD, *_GROUP])))
        await self._client.run(every)
        cards = [card for card in every.objects if not is_group(card)]
        contacts = [(str(card["id"]), read_contact(card)) for card in cards]
        untouched = await self._untouched([str(card["id"]) for card in cards if is_own_card(card)])
        return Directory(
            contacts=tuple(replace(contact, untouched=id_ in untouched) for id_, contact in contacts if contact.uid),
            groups=tuple(read_group(card) for card in every.objects if is_group(card)),
        )

    async def _untouched(self, ids: Sequence[str]) -> set[str]:
        """Those whose cards hold nothing else either, pictures for instance."""
        untouched: set[str] = set()
        for some in chunked(ids, MAX_PAGE_SIZE):
            whole = Get("ContactCard", some)
            await self._client.run(whole)
            untouched |= {str(card["id"]) for card in whole.objects if is_own_card(card)}
        return untouched

    async def create_groups(self, names: Collection[str]) -> Mapping[str, str]:
        """All of them in one request; see `AddressBook`."""
        groups = QueryAndGet("ContactCard", {"kind": "group"}, _GROUP)
        address_books = Get("AddressBook", properties=("isDefault", "myRights"))
        await self._client.run(groups, address_books)
        book = _default_of(address_books) if _any_of(address_books) else await self._make_address_book()
        wanted = dict(enumerate(missing_names(names, [read_group(card).name for card in groups.objects])))
        step = Set("ContactCard", {f"group-{n}": new_group(fresh_uid(), name, book) for n, name in wanted.items()})
        await self._client.run(step)
        refused = {wanted[n]: step.not_created.get(f"group-{n}") for n in wanted}
        return {
            name: f"The server refused to create the contact group: {error}."
            for name, error in refused.items()
            if error is not None and not _is_uid_taken(error)
        }

    async def _make_address_book(self) -> str:
        step = Set("AddressBook", {"book": {"name": "Contacts"}})
        await self._client.run(step)
        for error in step.not_created.values():
            raise NoAddressBook(f"The account has no address book, and the server refused to make one: {error}.")
        return str(step.created["book"]["id"])

    async def remove(self, changes: Removal) -> Mapping[str, str]:
        """Two requests for each hundred of cards; see `AddressBook`."""
        removal = JmapRemoval(self._client, changes)
        await removal.run()
        return removal.failures


class _Write:
    """One write under way. Objects that have gone meanwhile have nobody to lose and need no note."""

    _log: ClassVar[Logger] = Logger()

    def __init__(
        self, client: Client, seen: Mapping[str, Json], address_book_id: str | None, changes: ContactChanges
    ) -> None:
        self._client = client
        self._seen = seen
        self._address_book_id = address_book_id
        self._changes = changes
        members = {uid: read_group(card).members for uid, card in seen.items()}
        taken = {new.uid for new in changes.create if new.uid in seen and not _is_for(seen[new.uid], new)}
        self.outcome = WriteOutcome(changes, members, taken)

    async def run(self, *alongside: Operation) -> None:
        """Write in two steps, the second only where something has to leave a group."""
        contacts = {f"contact-{number}": new for number, new in enumerate(self._changes.create)}
        for some in list(chunked(list(contacts), CARDS_PER_WRITE))[:-1]:
            await self._create({id_: contacts.pop(id_) for id_ in some})
        joins, notes = self._by_id(self.outcome.joins()), self._notes_by_id()
        note_patches = {id_: note_patch(self._seen[uid], note) for id_, (uid, note) in notes.items()}
        # One request for all: joins name uids that are known beforehand, and what of it turns out wrong is put right by
        # the second step. Leaves wait: nobody may be in no group because a join failed.
        step = Set("ContactCard", create=self._cards(contacts), update=self._members_patches(joins) | note_patches)
        await self._client.run(step, *alongside)
        for id_, error in step.not_updated.items():
            if id_ in joins:
                self._note_change_of_members(joins[id_], error)
            elif error.is_throttle:
                self.outcome.has_failed([notes[id_][0]], f"The server refused to add a note: {error}.")
            elif error.type != "notFound":
                # A note is a courtesy: whoever reads it may miss it, but the mail goes where it should.
                self._log.warn("no note added: {reason}", reason=str(error))
        if taken := self._note_creation(contacts, step):
            await self._create_under_fresh_uids(taken)
        if leaves := self._by_id(self.outcome.leaves()):
            step = Set("ContactCard", update=self._members_patches(leaves))
            await self._client.run(step)
            for id_, error in step.not_updated.items():
                self._note_change_of_members(leaves[id_], error)

    async def _create(self, contacts: Mapping[str, NewContact]) -> None:
        step = Set("ContactCard", create=self._cards(contacts))
        await self._client.run(step)
        if taken := self._note_creation(contacts, step):
            await self._create_under_fresh_uids(taken)

    def _members_patches(self, changes: Mapping[str, MembershipChange]) -> dict[str, Json]:
        return {id_: members_patch(self._seen[each.group], each.join, each.leave) for id_, each in changes.items()}

    def _cards(self, contacts: Mapping[str, NewContact]) -> dict[str, Json]:
        return {
            id_: new_card(
                replace(new, uid=self.outcome.uid_of(new.uid)), self._changes.notes.get(new.uid), self._address_book_id
            )
            for id_, new in contacts.items()
        }

    def _note_creation(self, contacts: Mapping[str, NewContact], step: Set) -> dict[str, NewContact]:
        """Note who was not created. The answer is those whose uid a card has already."""
        refused = {contacts[id_].uid: error for id_, error in step.not_created.items() if not _is_uid_taken(error)}
        for uid, error in refused.items():
            self.outcome.was_not_created(uid, f"The server refused to create the contact: {error}.")
        return {id_: contacts[id_] for id_ in step.not_created if contacts[id_].uid not in refused}

    async def _create_under_fresh_uids(self, contacts: Mapping[str, NewContact]) -> None:
        """Look who has the uids of these contacts, and create those anew whose uid is somebody else's.

        The card is the contact's own where an earlier request had created it and the answer got lost.
        """
        uids = [{"uid": self.outcome.uid_of(new.uid)} for new in contacts.values()]
        present = QueryAndGet("ContactCard", {"operator": "OR", "conditions": uids}, _CARD)
        await self._client.run(present)
        cards = {card.get("uid"): card for card in present.objects}
        others = {
            id_: new for id_, new in contacts.items() if not _is_for(cards.get(self.outcome.uid_of(new.uid), {}), new)
        }
        for new in others.values():
            self.outcome.uid_was_taken(new.uid)
        step = Set("ContactCard", create=self._cards(others))
        await self._client.run(step)
        for new in self._note_creation(others, step).values():
            self.outcome.was_not_created(new.uid, "The server takes no uid for the contact.")

    def _by_id(self, changes: Iterable[MembershipChange]) -> dict[str, MembershipChange]:
        by_id = {}
        for each in changes:
            if each.group in self._seen:
                by_id[str(self._seen[each.group]["id"])] = each
            else:
                self._note_change_of_members(each, SetError("notFound"))
        return by_id

    def _note_change_of_members(self, change: MembershipChange, error: SetError) -> None:
        # Who is to leave a group that is gone has left it; who is to join it has not.
        if error.type != "notFound":
            reason = f"The server refused to change the contact group {change.group}: {error}."
            self.outcome.has_failed(change.concerns, reason)
        elif change.join:
            self.outcome.has_failed(change.concerns, f"The contact group {change.group} is not there any more.")

    def _notes_by_id(self) -> dict[str, tuple[str, str]]:
        """The contacts that were there before and get a note, by id: their uid and the note."""
        new = {new.uid for new in self._changes.create}
        notes = {uid: note for uid, note in self._changes.notes.items() if uid in self._seen and uid not in new}
        return {str(self._seen[uid]["id"]): (uid, note) for uid, note in notes.items()}


def _is_for(card: Json, new: NewContact) -> bool:
    return canonical_address(new.address) in read_contact(card).addresses


def _is_uid_taken(error: SetError) -> bool:
    return error.type == "alreadyExists" or (error.type == "invalidProperties" and "uid" in error.properties)


def _default_of(address_books: Get) -> str | None:
    """The address book for new cards: the default one, or the only one to write to. None leaves it to the server."""
    try:
        books = address_books.objects
    except MethodError:
        return None
    writable = [book for book in books if mapping(book.get("myRights")).get("mayWrite", True)]
    if len(writable) != 1:
        writable = [book for book in writable if book.get("isDefault")]
    return str(writable[0]["id"]) if writable else None


def _any_of(address_books: Get) -> bool:
    """Whether there is an address book at all; where the server does not say, it may have one."""
    try:
        return bool(address_books.objects)
    except MethodError:
        return True
