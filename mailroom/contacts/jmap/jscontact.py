"""Cards as JMAP has them (JSContact, RFC 9553): what triage reads in them, and patches that leave the rest alone."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from mailroom.contacts.address_variants import address_variants, contact_uid, words
from mailroom.contacts.book import Contact, Group, NewContact
from mailroom.contacts.names import display_name, fingerprint, split_name
from mailroom.contacts.notes import lines_of, without_triage_notes
from mailroom.core.addresses import canonical_address, is_plain
from mailroom.jmap.json_values import Json, mapping, optional_text, sequence, text

_NAME_ORDER: Final = ("title", "given", "given2", "surname", "surname2", "generation", "credential")


def is_group(card: Json) -> bool:
    return card.get("kind") == "group"


def read_contact(card: Json) -> Contact:
    """A card's uid, addresses, name and lines of notes, as far as it has them."""
    emails = [mapping(email).get("address") for email in mapping(card.get("emails")).values()]
    addresses = (canonical_address(address) for address in emails if isinstance(address, str))
    uid, notes = text(card.get("uid")), lines_of(note_texts(card))
    return Contact(uid, frozenset(filter(None, addresses)), _name(card), notes)


def note_texts(card: Json) -> list[str]:
    """The text of each of a card's notes."""
    return [text(mapping(note).get("note")) for note in mapping(card.get("notes")).values()]


def read_group(card: Json) -> Group:
    members = frozenset(uid for uid, is_member in mapping(card.get("members")).items() if is_member)
    return Group(text(card.get("uid")), _name(card), members)


def search_conditions(address: str) -> Iterator[Json]:
    """Filter conditions, any of which may find a card with this address (RFC 9610 section 3.3.1).

    A server's text search may cut up an address that is not plain, so that its whole is found nowhere: then cards with
    all of its words are candidates too.

    The card that has the uid which a new card would get is asked for as well. It may have got another address, and must
    be known before anybody joins a group by that uid.
    """
    texts = dict.fromkeys(address_variants(address))
    if not is_plain(address):
        texts |= dict.fromkeys(map(words, address_variants(address)))
    yield {"uid": contact_uid(address)}
    yield from ({"email": text} for text in texts if text)


def new_card(contact: NewContact, note: str | None, address_book_id: str | None) -> Json:
    """A card to create. Without an address book the server takes its default one, where it has any.

    The key of the address, which nobody sees, is the fingerprint of the name.
    """
    name = display_name(contact.name)
    is_person = contact.contact_type == "person"
    card: dict[str, Any] = {
        "@type": "Card",
        "version": "1.0",
        "uid": contact.uid,
        "kind": "individual" if is_person else "org",
        "name": _person_name(name) if is_person and name else {"full": name or contact.address},
        "emails": {fingerprint(name or contact.address): {"address": contact.address}},
    }
    if note:
        card["notes"] = _notes(note)
    if address_book_id is not None:
        card["addressBookIds"] = {address_book_id: True}
    return card


def note_patch(card: Json, note: str) -> Json:
    """The patch that adds a note. It may name a note only if the card has notes; else it brings the first one.

    The parts of a patch's path must exist (RFC 8620 section 5.3).
    """
    if not mapping(card.get("notes")):
        return {"notes": _notes(note)}
    return {f"notes/{key}": value for key, value in _notes(note).items()}


def strip_patch(card: Json) -> Json:
    """The patch that takes Mailroom's lines out of a card's notes, and away a note of which nothing is left."""
    patch: dict[str, str | None] = {}
    for key, note in mapping(card.get("notes")).items():
        written = text(mapping(note).get("note"))
        rest = without_triage_notes(written)
        if rest:
            patch |= {f"notes/{_escape(key)}/note": rest} if rest != written else {}
        elif written:
            patch[f"notes/{_escape(key)}"] = None
    return patch


def new_group(uid: str, name: str, address_book_id: str | None) -> Json:
    """A group to create, with nobody in it."""
    card = {"@type": "Card", "version": "1.0", "uid": uid, "kind": "group", "name": {"full": name}, "members": {}}
    return card if address_book_id is None else card | {"addressBookIds": {address_book_id: True}}


def members_patch(group: Json, join: Iterable[str], leave: Iterable[str]) -> Json:
    """The patch that lets contacts join and leave a group, whoever else does meanwhile.

    A group without members gets them as a whole: a path into nothing is refused (RFC 8620 section 5.3).
    """
    if not isinstance(group.get("members"), Mapping):
        return {"members": dict.fromkeys(sorted(join), True)}
    patch: dict[str, bool | None] = {f"members/{_escape(uid)}": None for uid in sorted(leave)}
    return patch | {f"members/{_escape(uid)}": True for uid in sorted(join)}


def _person_name(name: str) -> Json:
    given, surname = split_name(name)
    components = [{"kind": "given", "value": given}, {"kind": "surname", "value": surname}]
    return {"full": name, "components": [each for each in components if each["value"]], "isOrdered": True}


def _notes(note: str) -> Json:
    """A note under a key that its text decides, so that writing it twice is writing it once."""
    return {f"mailroom-{sha256(note.encode()).hexdigest()[:16]}": {"note": note}}


def _name(card: Json) -> str:
    """What the card's subject is called: a person, or else the organization that the card names."""
    name = mapping(card.get("name"))
    organizations = mapping(card.get("organizations")).values()
    named = (text(mapping(each).get("name")) for each in organizations)
    return text(name.get("full")) or _joined_components(name) or next(filter(None, named), "")


def _joined_components(name: Json) -> str:
    """A name put together from its components (RFC 9553 section 2.2.1).

    They stand in the order in which they are read only if the card says so; servers show others in any order (Cyrus:
    the surname first), and then the order is that of most languages which write names from the given one on.
    """
    components = [mapping(each) for each in sequence(name.get("components"))]
    if name.get("isOrdered") is not True:
        words = [each for each in components if each.get("kind") in _NAME_ORDER]
        words.sort(key=lambda each: _NAME_ORDER.index(each["kind"]))
        return " ".join(filter(None, (text(each.get("value")) for each in words)))
    default = optional_text(name.get("defaultSeparator"))
    joined, separator = "", ""
    for each in components:
        if each.get("kind") == "separator":
            separator = text(each.get("value"))
        else:
            joined += (separator if joined else "") + text(each.get("value"))
            separator = " " if default is None else default
    return joined.strip()


def _escape(key: str) -> str:
    """A key as a part of a JSON Pointer (RFC 6901 section 3)."""
    return key.replace("~", "~0").replace("/", "~1")
