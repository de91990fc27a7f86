"""Whether a vCard is still as Mailroom created it. No I/O."""

from typing import Final

from mailroom.contacts.carddav.content_line import Line
from mailroom.contacts.carddav.vcard import VCard, new_card
from mailroom.contacts.provenance import possible_origins

_ADDED_BY_SERVERS: Final = frozenset({"VERSION", "PRODID", "REV", "CREATED"})
_KINDS: Final = frozenset({"individual", "org"})
_ADDED_PARAMETERS: Final = frozenset({"TYPE=INTERNET", "TYPE=PREF", "TYPE=INTERNET,PREF", "PREF=1", "CHARSET=UTF-8"})


def is_own_vcard(card: VCard) -> bool:
    """Whether a vCard is as Mailroom created it."""
    addresses = [line.plain_text for line in card.lines if line.name == "EMAIL"]
    is_company = any(line.name == "ORG" for line in card.lines)
    origins = possible_origins(card.uid, addresses, card.name, "company" if is_company else "person", card.note_texts)
    return any(_facts(card) == _facts(new_card(origin)) for origin in origins)


def _facts(card: VCard) -> list[tuple[str, str, frozenset[str]]]:
    """What a card says, apart from notes, what servers add, and in which order it says it."""
    left_out = {*_ADDED_BY_SERVERS, "UID", "NOTE"}
    return sorted(_fact(line) for line in card.lines if line.name not in left_out and _says_something(line))


def _says_something(line: Line) -> bool:
    """Whether a line counts. One that cannot be read does: somebody else has written it."""
    return bool(line.text.strip()) and not (line.name == "KIND" and line.value.lower() in _KINDS)


def _fact(line: Line) -> tuple[str, str, frozenset[str]]:
    return (
        line.name,
        line.plain_text if line.name else line.text,
        frozenset(filter(None, line.parameters.split(";"))) - _ADDED_PARAMETERS,
    )
