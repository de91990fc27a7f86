"""Whether a card is still as Mailroom created it, so that deleting it takes nothing from anybody. No I/O.

The question is asked the other way round: would Mailroom, told to create a card for this address and name now, write
the same? What it would not write is the user's, or another program's. Only what servers add of their own accord is let
pass, and where a server writes things in an unexpected way the answer is no: a card too many does less harm. An address
that is not the first one is told by the uid, another name by the fingerprint. Each protocol compares its own cards.
"""

from collections.abc import Iterable, Iterator, Sequence

from mailroom.contacts.address_variants import contact_uid
from mailroom.contacts.book import NewContact
from mailroom.contacts.notes import without_triage_notes
from mailroom.core.addresses import canonical_address
from mailroom.core.categories import ContactType


def possible_origins(
    uid: str, addresses: Sequence[str], name: str, contact_type: ContactType, note_texts: Iterable[str]
) -> Iterator[NewContact]:
    """What Mailroom may have been told to create when it made this card; nothing where the card cannot be its own.

    A card that is called by its address may have been created without a name.
    """
    canonical = canonical_address(addresses[0]) if len(addresses) == 1 else None
    is_only_ours = not any(without_triage_notes(text).strip() for text in note_texts)
    if canonical is not None and uid == contact_uid(canonical) and is_only_ours:
        yield from (NewContact(uid, addresses[0], each, contact_type) for each in (name, ""))
