"""Which JSContact cards (RFC 9553) may be stored: the checks that a Cyrus was seen to make."""

from collections.abc import Callable
from typing import Any, Final

from mailroom.sandbox.errors import invalid_properties
from mailroom.sandbox.store.address_book import BOOK_ID

PRODUCT: Final = "-//Mailroom//Sandbox//EN"
KNOWN_PROPERTIES: Final = frozenset(
    {
        "@type",
        "version",
        "uid",
        "kind",
        "prodId",
        "created",
        "updated",
        "addressBookIds",
        "name",
        "nicknames",
        "organizations",
        "titles",
        "emails",
        "phones",
        "onlineServices",
        "addresses",
        "notes",
        "keywords",
        "members",
        "relatedTo",
        "language",
        "media",
        "links",
        "anniversaries",
        "personalInfo",
    }
)
_REQUIRED: Final = {"@type": "Card", "version": "1.0"}
_MAPS: Final = {"emails": "address", "notes": "note", "organizations": "name"}
"""Maps of objects, and the text that each of the objects must have."""


def new_card(json: dict[str, Any], new_uid: Callable[[], str]) -> dict[str, Any]:
    """A card as it is stored, from what a client wants created; a SetError for what a Cyrus refuses."""
    wrong = [name for name, value in _REQUIRED.items() if json.get(name) != value]
    if wrong:
        raise invalid_properties(*wrong)
    card = {"kind": "individual", "addressBookIds": {BOOK_ID: True}, "prodId": PRODUCT, **json}
    card.setdefault("uid", None)
    if card["uid"] is None:
        card["uid"] = new_uid()
    check_card(card)
    return card


def check_card(card: dict[str, Any]) -> None:
    """Refuse a card that is not well formed; bring the rest into the shape in which a Cyrus shows it."""
    unknown = [name for name in card if name not in KNOWN_PROPERTIES and ":" not in name]
    if unknown:
        raise invalid_properties(*unknown)
    if card.get("addressBookIds") != {BOOK_ID: True}:
        raise invalid_properties("addressBookIds")
    if not isinstance(card["uid"], str):
        raise invalid_properties("uid")
    for name, text in _MAPS.items():
        _check_map(name, text, card.get(name, {}))
    _check_name(card)
    if card.get("kind") == "group":
        card.setdefault("members", {})
    _check_members(card.get("members", {}))


def _check_map(name: str, text: str, entries: Any) -> None:
    if not isinstance(entries, dict):
        raise invalid_properties(name)
    for key, entry in entries.items():
        if not isinstance(entry, dict):
            raise invalid_properties(f"{name}/{key}")
        if not isinstance(entry.get(text), str):
            raise invalid_properties(f"{name}/{key}/{text}")


def _check_name(card: dict[str, Any]) -> None:
    """A name given in pieces comes back with the surname first, unless it says that its order matters."""
    name = card.get("name", {})
    if not isinstance(name, dict):
        raise invalid_properties("name")
    if "components" in name and not name.get("isOrdered"):
        components = sorted(name["components"], key=lambda component: component.get("kind") != "surname")
        card["name"] = {**name, "components": components}


def _check_members(members: Any) -> None:
    if not isinstance(members, dict):
        raise invalid_properties("members")
    wrong = [uid for uid, member in members.items() if member is not True]
    if wrong:
        raise invalid_properties(*(f"members/{uid}/{uid}" for uid in wrong))
