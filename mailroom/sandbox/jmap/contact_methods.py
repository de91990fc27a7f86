"""The methods of address books and of the cards in them (RFC 9610), as a Cyrus was seen to answer them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from mailroom.sandbox.errors import MethodError, SetError, invalid_properties
from mailroom.sandbox.jmap.arguments import CHANGES, GET, QUERY, QUERY_CHANGES, SET, Arguments
from mailroom.sandbox.jmap.cards import KNOWN_PROPERTIES, check_card, new_card
from mailroom.sandbox.jmap.core import CreatedIds, Method
from mailroom.sandbox.jmap.filters import card_filter
from mailroom.sandbox.jmap.patches import patched
from mailroom.sandbox.jmap.standard import (
    DataType,
    Json,
    SetActions,
    cannot_calculate_changes,
    check_properties,
    resolve_ids,
    window,
)
from mailroom.sandbox.store.address_book import BOOK_ID, AddressBook, Card

CONTACTS: Final = "urn:ietf:params:jmap:contacts"
CYRUS_CONTACTS: Final = "https://cyrusimap.org/ns/jmap/contacts"
"""What a Cyrus has that shows contacts over CardDAV."""
_BOOK: Final[Json] = {
    "id": BOOK_ID,
    "name": "Personal",
    "description": None,
    "sortOrder": 0,
    "isDefault": True,
    "isSubscribed": True,
    "shareWith": None,
    "myRights": {"mayRead": True, "mayWrite": True, "mayShare": True, "mayDelete": False},
}
_SORT_KEYS: Final[dict[str, Callable[[Card], str]]] = {
    "name": lambda card: card.full_name,
    "uid": lambda card: card.uid,
    "created": lambda card: card.json["created"],
    "updated": lambda card: card.json["updated"],
}


class ContactMethods:
    """The methods of the address book and its cards."""

    def __init__(self, book: AddressBook, data_type: DataType) -> None:
        self._book = book
        self._type = data_type

    def methods(self) -> dict[str, Method]:
        return {
            "AddressBook/get": Method(CONTACTS, GET, self._get_books),
            "AddressBook/set": Method(CONTACTS, SET, self._set_books),
            "ContactCard/get": Method(CONTACTS, GET, self._get),
            "ContactCard/changes": Method(CONTACTS, CHANGES, lambda arguments, _created: self._type.changes(arguments)),
            "ContactCard/query": Method(CONTACTS, QUERY, self._query),
            "ContactCard/queryChanges": Method(CONTACTS, QUERY_CHANGES, cannot_calculate_changes),
            "ContactCard/set": Method(CONTACTS, SET, self._set),
            "ContactGroup/get": Method(CYRUS_CONTACTS, GET, self._get_groups),
        }

    def _get_books(self, arguments: Arguments, _created: CreatedIds) -> Json:
        check_properties(arguments, _BOOK.__contains__)
        wanted = {"id", *arguments.get("properties", _BOOK)}
        books = {BOOK_ID: _BOOK} if self._book.exists else {}
        return self._type.get(arguments, books, lambda book: _only(book.items(), wanted))

    def _set_books(self, arguments: Arguments, created: CreatedIds) -> Json:
        return replace(self._type, name="AddressBook").set(arguments, SetActions(self._create_book), created)

    def _create_book(self, _json: Json) -> Json:
        """The first one, which is the default one whatever it is called; no other."""
        if self._book.exists:
            raise SetError("forbidden")
        self._book.exists = True
        return {"id": BOOK_ID, "isDefault": True}

    def _get(self, arguments: Arguments, created: CreatedIds) -> Json:
        """Cards by their ids. Vendors' properties are given only to those who name them."""
        check_properties(arguments, _is_property)
        asked = arguments.get("properties")
        wanted = None if asked is None else {"id", "addressBookIds", *asked}

        def read(card: Card) -> Json:
            json = {"id": card.uid, **card.json}
            return _only(json.items(), wanted or {name for name in json if ":" not in name})

        cards = {card.uid: card for card in self._book.cards.values()}
        return self._type.get(resolve_ids(arguments, created), cards, read)

    def _get_groups(self, arguments: Arguments, created: CreatedIds) -> Json:
        """The groups in the older form."""

        def read(card: Card) -> Json:
            group = {"id": card.uid, "uid": card.uid, "name": card.full_name, "contactIds": sorted(card.members)}
            return _only(group.items(), {"id", *arguments.get("properties", group)})

        groups = {card.uid: card for card in self._book.cards.values() if card.is_group}
        return replace(self._type, name="ContactGroup").get(resolve_ids(arguments, created), groups, read)

    def _query(self, arguments: Arguments, _created: CreatedIds) -> Json:
        matches = card_filter(arguments.get("filter"), kind_rules=self._type.options.kind_rules_filter)
        found = list(filter(matches, self._book.cards.values()))
        for order in reversed(arguments.get("sort", [])):
            if order.get("property") not in _SORT_KEYS:
                raise MethodError("unsupportedSort")
            found.sort(key=_SORT_KEYS[order["property"]], reverse=not order.get("isAscending", True))
        echoed: Json = {name: arguments[name] for name in ("filter", "sort") if name in arguments}
        head = echoed | {"queryState": self._type.state, "canCalculateChanges": False, "total": len(found)}
        return head | window([card.uid for card in found], arguments, self._type.options.max_query_limit)

    def _set(self, arguments: Arguments, created: CreatedIds) -> Json:
        return self._type.set(arguments, SetActions(self._create, self._update, self._destroy), created)

    def _create(self, json: Json) -> Json:
        """A new card, told as little of as a Cyrus tells: its uid only where the server made it up."""
        if not self._book.exists:
            raise invalid_properties("addressBookIds")
        card = new_card(json, self._book.new_uid)
        if self._book.by_uid(card["uid"]) is not None:
            raise invalid_properties("uid")
        stored = self._book.put(card)
        made = {"id": stored.uid, "prodId": stored.json["prodId"], "created": stored.json["created"]}
        return made | {name: stored.json[name] for name in ("uid", "addressBookIds") if name not in json}

    def _update(self, uid: str, patch: Json) -> Json:
        card = self._known(uid)
        if patch.get("uid", uid) != uid:
            raise invalid_properties("uid")
        json = patched(dict(card.json), patch)
        check_card(json)
        stored = self._book.put(json)
        return {
            "updated": stored.json["updated"],
            "cyrusimap.org:blobId": f"G{stored.etag.strip(chr(34))}",
            "cyrusimap.org:size": len(stored.vcard),
        }

    def _destroy(self, uid: str) -> None:
        self._book.remove(self._known(uid).name)

    def _known(self, uid: str) -> Card:
        card = self._book.by_uid(uid)
        if card is None:
            raise SetError("notFound")
        return card


def _is_property(name: str) -> bool:
    return name in KNOWN_PROPERTIES or name == "id" or ":" in name


def _only(items: Iterable[tuple[str, Any]], wanted: set[str]) -> Json:
    return {name: value for name, value in items if name in wanted}
