"""Whether a card is still as Mailroom created it, so that deleting it takes nothing from anybody. No I/O.

The question is asked the other way round: would Mailroom, told to create a card for this address and name now, write
the same? What it would not write is the user's, or another program's. Only what servers add of their own accord is let
pass, and where a server writes things in an unexpected way the answer is no: a card too many does less harm. An address
that is not the first one is told by the uid, another name by the seal.
"""

from collections.abc import Mapping
from typing import Any, Final

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import NewContact
from mailroom.contacts.carddav.content_line import Line
from mailroom.contacts.carddav.vcard import VCard, new_card
from mailroom.contacts.jmap import jscontact
from mailroom.contacts.notes import without_triage_notes
from mailroom.core.addresses import canonical_address
from mailroom.core.categories import ContactType
from mailroom.jmap.json_values import Json

_ADDED_BY_SERVERS: Final = frozenset({"@type", "version", "id", "addressBookIds", "prodId", "created", "updated"})
_ADDED_LINES: Final = frozenset({"VERSION", "PRODID", "REV", "CREATED"})
_KINDS: Final = frozenset({"individual", "org"})
_ADDED_PARAMETERS: Final = frozenset({"TYPE=INTERNET", "TYPE=PREF", "TYPE=INTERNET,PREF", "PREF=1", "CHARSET=UTF-8"})


def is_own_card(card: Json) -> bool:
    """Whether a whole JSContact card is as Mailroom created it.

    Vendors' properties (RFC 9553 section 1.8) are not looked at: some servers add their own, and none shows another's
    unasked.
    """
    emails = _values(card.get("emails"))
    address = emails[0].get("address") if len(emails) == 1 else None
    if not isinstance(address, str) or card.get("uid") != _own_uid(address):
        return False
    if any(without_triage_notes(text).strip() for text in jscontact.note_texts(card)):
        return False
    name = jscontact.read_contact(card).name
    contact_type: ContactType = "company" if card.get("kind") == "org" else "person"
    candidates = (NewContact(str(card["uid"]), address, each, contact_type) for each in (name, ""))
    return any(_facts(card) == _facts(jscontact.new_card(new, None, None)) for new in candidates)


def is_own_vcard(card: VCard) -> bool:
    """Whether a vCard is as Mailroom created it."""
    emails = [line.plain_text for line in card.lines if line.name == "EMAIL"]
    if len(emails) != 1 or card.uid != _own_uid(emails[0]):
        return False
    if any(without_triage_notes(text).strip() for text in card.note_texts):
        return False
    contact_type: ContactType = "company" if any(line.name == "ORG" for line in card.lines) else "person"
    candidates = (NewContact(card.uid, emails[0], each, contact_type) for each in (card.name, ""))
    return any(_lines(card) == _lines(new_card(new)) for new in candidates)


def _own_uid(address: str) -> str | None:
    canonical = canonical_address(address)
    return None if canonical is None else contact_uid(canonical)


def _facts(card: Json) -> dict[str, Any]:
    """What a card says, apart from notes and what servers add."""
    said = {name: value for name, value in card.items() if name not in {*_ADDED_BY_SERVERS, "notes"}}
    return {name: bare for name, value in said.items() if ":" not in name and (bare := _bare(value))}


def _bare(value: Any) -> Any:
    """A value without types, which servers leave out, and without what is empty."""
    if isinstance(value, Mapping):
        return {name: bare for name, each in value.items() if name != "@type" and (bare := _bare(each))}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def _values(entries: Any) -> list[Json]:
    return [entry for entry in entries.values() if isinstance(entry, Mapping)] if isinstance(entries, Mapping) else []


def _lines(card: VCard) -> list[tuple[str, str, frozenset[str]]]:
    """What a card says, apart from notes, what servers add, and in which order it says it."""
    return sorted(_line(line) for line in card.lines if line.name not in {*_ADDED_LINES, "UID", "NOTE"} and _says(line))


def _says(line: Line) -> bool:
    return bool(line.name) and not (line.name == "KIND" and line.value.lower() in _KINDS)


def _line(line: Line) -> tuple[str, str, frozenset[str]]:
    return line.name, line.plain_text, frozenset(filter(None, line.parameters.split(";"))) - _ADDED_PARAMETERS
