"""vCards (RFC 2426, RFC 6350) from and to JSContact (RFC 9553), as far as the sandbox looks into them."""

from collections.abc import Mapping
from typing import Any, Final

import vobject
from vobject.base import Component, VObjectError

_URN: Final = "urn:uuid:"


class InvalidVCard(ValueError):
    """A Cyrus would not store this. The message is the one it gives."""


def vcard_of(card: Mapping[str, Any]) -> bytes:
    """A vCard 3.0; groups in Apple's form, which is the form that every CardDAV server keeps as it is."""
    name = card.get("name", {})
    pieces = {piece["kind"]: piece["value"] for piece in name.get("components", ())}
    full_name = name.get("full") or " ".join(pieces.values())
    vcard = vobject.vCard()
    vcard.add("uid").value = card["uid"]
    vcard.add("fn").value = full_name
    vcard.add("n").value = vobject.vcard.Name(family=pieces.get("surname", ""), given=pieces.get("given", full_name))
    for email in card.get("emails", {}).values():
        vcard.add("email").value = email["address"]
    for note in card.get("notes", {}).values():
        vcard.add("note").value = note["note"]
    for organization in card.get("organizations", {}).values():
        vcard.add("org").value = [organization["name"]]
    if card.get("kind") == "group":
        vcard.add("x-addressbookserver-kind").value = "group"
        for uid in card.get("members", {}):
            vcard.add("x-addressbookserver-member").value = _URN + uid
    return str(vcard.serialize()).encode()


def card_of(data: bytes) -> dict[str, Any]:
    """The JSContact object of a vCard; `InvalidVCard` for what a Cyrus refuses."""
    vcard = _parsed(data)
    if "uid" not in vcard.contents:
        raise InvalidVCard("Missing mandatory UID property")
    if "fn" not in vcard.contents or ("n" not in vcard.contents and _first(vcard, "version") == "3.0"):
        raise InvalidVCard("Failed restriction checks")
    card: dict[str, Any] = {
        "@type": "Card",
        "version": "1.0",
        "uid": _first(vcard, "uid").removeprefix(_URN),
        "kind": _kind(vcard),
        "name": {"full": _first(vcard, "fn")},
        "emails": {f"e{i}": {"address": value} for i, value in enumerate(_values(vcard, "email"), 1)},
        "notes": {f"n{i}": {"note": value} for i, value in enumerate(_values(vcard, "note"), 1)},
    }
    if card["kind"] == "group":
        members = _values(vcard, "x-addressbookserver-member") + _values(vcard, "member")
        card["members"] = {member.removeprefix(_URN): True for member in members if member.startswith(_URN)}
    return card


def properties_of(data: bytes) -> dict[str, list[str]]:
    """The values of a vCard's properties by their lower-case names."""
    vcard = _parsed(data)
    return {name: _values(vcard, name) for name in vcard.contents}


def _parsed(data: bytes) -> Component:
    try:
        vcard = vobject.readOne(data.decode())
    except (VObjectError, UnicodeDecodeError, StopIteration) as error:
        raise InvalidVCard("Resource is not a vCard object") from error
    if not isinstance(vcard, Component) or vcard.name != "VCARD":
        raise InvalidVCard("Resource is not a vCard object")
    return vcard


def _values(vcard: Component, name: str) -> list[str]:
    """The values of every property of one name, as text."""
    return [str(getattr(line, "value", "")) for line in vcard.contents.get(name.lower(), ())]


def _first(vcard: Component, name: str) -> str:
    found = _values(vcard, name)
    return found[0] if found else ""


def _kind(vcard: Component) -> str:
    kinds = _values(vcard, "kind") + _values(vcard, "x-addressbookserver-kind")
    return "group" if "group" in map(str.lower, kinds) else "individual"
