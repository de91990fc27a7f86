"""The contacts of one account: one address book, which JMAP shows as cards and CardDAV as vCards."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote
from uuid import NAMESPACE_OID, uuid5

from mailroom.core.wall_clock import WallClock
from mailroom.sandbox.store.dates import utc_date
from mailroom.sandbox.store.journal import Journal
from mailroom.sandbox.store.vcards import properties_of, vcard_of

BOOK_ID: Final = "Default"
DATA_TYPE: Final = "ContactCard"


@dataclass(frozen=True)
class Card:
    """A contact or a group: its JSContact object (RFC 9553), and its name in the CardDAV collection.

    What came as a vCard is kept as `stored`, and given out unchanged.
    """

    json: Mapping[str, Any]
    name: str
    stored: bytes | None = None

    @cached_property
    def vcard(self) -> bytes:
        return vcard_of(self.json) if self.stored is None else self.stored

    @cached_property
    def vcard_properties(self) -> dict[str, list[str]]:
        return properties_of(self.vcard)

    @property
    def uid(self) -> str:
        return str(self.json.get("uid", ""))

    @cached_property
    def etag(self) -> str:
        return f'"{hashlib.sha1(self.vcard, usedforsecurity=False).hexdigest()}"'

    @property
    def is_group(self) -> bool:
        return self.json.get("kind") == "group"

    @property
    def full_name(self) -> str:
        """The name as one text, put together from its components where it was given in pieces."""
        name = self.json.get("name", {})
        pieces = (component.get("value", "") for component in name.get("components", ()))
        return str(name.get("full") or " ".join(pieces))

    @property
    def addresses(self) -> list[str]:
        return [email["address"] for email in self.json.get("emails", {}).values()]

    @property
    def members(self) -> set[str]:
        return set(self.json.get("members", {}))

    @property
    def notes(self) -> list[str]:
        return [note["note"] for note in self.json.get("notes", {}).values()]


class AddressBook:
    """Holds cards by their name in the collection, and notes each change in the journal.

    One that does not exist yet holds none, and nobody sees it.
    """

    def __init__(self, wall_clock: WallClock, journal: Journal) -> None:
        self._wall_clock = wall_clock
        self._journal = journal
        self._names: dict[str, str] = {}
        self._made_uids = 0
        self.exists = True
        self.cards: dict[str, Card] = {}

    def by_uid(self, uid: str) -> Card | None:
        name = self._names.get(uid)
        return None if name is None else self.cards[name]

    def put(self, json: Mapping[str, Any], vcard: bytes | None = None, name: str | None = None) -> Card:
        """Create or replace a card. Without a vCard of its own it gets one made from the JSON."""
        uid = json["uid"]
        name = name or self._names.get(uid) or f"{quote(uid, safe='')}.vcf"
        known = self.cards.get(name)
        now = utc_date(self._wall_clock())
        created = known.json["created"] if known else now
        stamped = {"addressBookIds": {BOOK_ID: True}} | dict(json) | {"created": created, "updated": now}
        card = Card(stamped, name, vcard)
        if known is not None and known.uid != uid:
            self.remove(name)
        is_new = uid not in self._names
        self.cards[name] = card
        self._names[uid] = name
        (self._journal.created if is_new else self._journal.updated)(DATA_TYPE, uid)
        return card

    def remove(self, name: str) -> None:
        card = self.cards.pop(name)
        if self._names.get(card.uid) == name:
            del self._names[card.uid]
        self._journal.destroyed(DATA_TYPE, card.uid)

    def add_contact(self, name: str, *addresses: str, note: str = "") -> str:
        """A new contact; its uid."""
        json: dict[str, Any] = self._card("individual", name)
        json["emails"] = {f"e{number}": {"address": address} for number, address in enumerate(addresses, 1)}
        if note:
            json["notes"] = {"n1": {"note": note}}
        return self.put(json).uid

    def add_group(self, name: str, members: Iterable[str] = ()) -> str:
        """A new group of the contacts with these uids; its uid."""
        return self.put(self._card("group", name) | {"members": dict.fromkeys(members, True)}).uid

    def add_member(self, group: str, uid: str) -> None:
        """Put a contact into the group of this name."""
        json = self.group(group).json
        self.put({**json, "members": {**json["members"], uid: True}})

    def contact(self, address: str) -> Card | None:
        """The first contact with an address, in any case."""
        return next((card for card in self.cards.values() if address.lower() in map(str.lower, card.addresses)), None)

    def group(self, name: str) -> Card:
        return next(card for card in self.cards.values() if card.is_group and card.full_name == name)

    def addresses_in(self, group: str) -> set[str]:
        """The addresses, in lower case, of the contacts in the group of this name."""
        members = filter(None, map(self.by_uid, self.group(group).members))
        return {address.lower() for card in members for address in card.addresses}

    def new_uid(self) -> str:
        """A uid of the server's making: the same ones in the same order in each sandbox."""
        self._made_uids += 1
        return str(uuid5(NAMESPACE_OID, str(self._made_uids)))

    def _card(self, kind: str, name: str) -> dict[str, Any]:
        return {"@type": "Card", "version": "1.0", "uid": self.new_uid(), "kind": kind, "name": {"full": name}}
