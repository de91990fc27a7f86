"""Whether a JSContact card is still as Mailroom created it. No I/O."""

from collections.abc import Mapping
from typing import Any, Final

from mailroom.contacts.jmap.jscontact import new_card, note_texts, read_contact
from mailroom.contacts.provenance import possible_origins
from mailroom.jmap.json_values import Json, mapping, text

_ADDED_BY_SERVERS: Final = frozenset({"@type", "version", "id", "addressBookIds", "prodId", "created", "updated"})
_SERVER_VENDORS: Final = ("cyrusimap.org:", "fastmail.com:", "stalw.art:")
"""What servers put before the names of their own properties."""


def is_own_card(card: Json) -> bool:
    """Whether a whole JSContact card is as Mailroom created it.

    Vendors' properties (RFC 9553 section 1.8) count as an edit, but for those that a server is known to add.
    """
    contact = read_contact(card)
    addresses = [text(mapping(email).get("address")) for email in mapping(card.get("emails")).values()]
    is_company = card.get("kind") == "org"
    origins = possible_origins(
        contact.uid, addresses, contact.name, "company" if is_company else "person", note_texts(card)
    )
    try:
        return any(_facts(card) == _facts(new_card(origin, None, None)) for origin in origins)
    except RecursionError:
        return False  # nothing of Mailroom's is nested that deep


def _facts(card: Json) -> dict[str, Any]:
    """What a card says, apart from notes and what servers add."""
    said = {name: value for name, value in card.items() if name not in {*_ADDED_BY_SERVERS, "notes"}}
    return {
        name: bare for name, value in said.items() if not name.startswith(_SERVER_VENDORS) and (bare := _bare(value))
    }


def _bare(value: Any) -> Any:
    """A value without types, which servers leave out, and without what is empty."""
    if isinstance(value, Mapping):
        return {name: bare for name, each in value.items() if name != "@type" and (bare := _bare(each))}
    return [_bare(each) for each in value] if isinstance(value, list) else value
