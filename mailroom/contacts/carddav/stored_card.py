"""Which of the forms that a server shows a card in is the one that it is stored in. No I/O.

A server may show a card converted to another version of vCard (Cyrus shows 3.0 by default), without saying so. To write
a conversion back would lose what only the other version can say. So a card is looked at in both versions, and edited
only where it is proved which of them is stored:

- An ETag that is a digest of the text, as several servers make it, cannot be one by chance.
- A server that shows the same octets for both versions does not convert.
- A server that converts shows the stored version as it is. Where the length of one version alone agrees with that of
  what is stored, it is that one. Where both agree, one does so by chance. XML hides whether lines end in CRLF or in LF,
  so that each version has two possible lengths, and chance is not rare; what a GET brings has one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import md5, sha1, sha256
from sys import getsizeof
from typing import Final, Self

from mailroom.contacts.carddav.vcard import VCard
from mailroom.contacts.carddav.xml import ADDRESS_DATA, CONTENT_LENGTH, ETAG, Resource
from mailroom.contacts.errors import UnreadableCard

VERSIONS: Final = ("3.0", "4.0")
"""The versions of vCard that a card is looked at in."""
MAX_ETAG: Final = 1000
"""How many characters an ETag may have, which goes back with each edit."""
MAX_CARD_SIZE: Final = 4 * 1024 * 1024
"""How many octets of memory the text of a card may take. Pictures make cards of some hundred kilobytes."""


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A card on a server. `is_as_stored` tells that this is proved to be how it is stored; else it is only shown so."""

    url: str
    etag: str
    card: VCard
    is_as_stored: bool

    @classmethod
    def read(cls, forms: Sequence["Form"]) -> Self:
        """The card that is shown in these forms, one for each version that the server has; `UnreadableCard` if none is.

        Octets that had to be replaced prove nothing, and neither does what somebody has changed in between.
        """
        proved = _stored_form(forms) if len({form.etag for form in forms}) == 1 else None
        form = proved or forms[0]
        return cls(form.url, form.etag, VCard.parse(form.text), is_as_stored=proved is not None)


@dataclass(frozen=True, slots=True)
class Form:
    """A card as it is shown in one version: its text, the octets that this may stand for, and the length to compare."""

    url: str
    etag: str
    text: str
    octets: tuple[bytes, ...]
    stored_length: str

    @classmethod
    def reported(cls, resource: Resource) -> Self:
        """The form in the answer to a REPORT. XML has made each CRLF an LF, so both are possible."""
        text = _of_bounded_size(resource.text(ADDRESS_DATA) or "")
        octets = (text.encode(), text.replace("\n", "\r\n").encode())
        etag = resource.text(ETAG) or ""
        if len(etag) > MAX_ETAG:
            etag = ""  # as good as none: a server would not take it back
        return cls(resource.url, etag, text, octets, resource.text(CONTENT_LENGTH) or "")

    def sent(self, etag: str, octets: bytes) -> Self:
        """The same card in the answer to a GET, octet by octet."""
        text = _of_bounded_size(octets.decode("utf-8", "replace"))
        return replace(self, etag=etag, text=text, octets=(octets,))

    @property
    def is_digested(self) -> bool:
        digests = {
            digest(each, usedforsecurity=False).hexdigest() for digest in (md5, sha1, sha256) for each in self.octets
        }
        return self.etag.strip('"').lower() in digests

    @property
    def has_stored_length(self) -> bool:
        return self.stored_length in {str(len(each)) for each in self.octets}

    @property
    def is_whole(self) -> bool:
        return "\ufffd" not in self.text


def _of_bounded_size(text: str) -> str:
    """The text with line feeds alone; `UnreadableCard` where it would take too much memory to compare and to read."""
    if getsizeof(text) > MAX_CARD_SIZE:
        raise UnreadableCard(f"The card takes more than {MAX_CARD_SIZE} octets.")
    return text.replace("\r\n", "\n")


def _stored_form(forms: Sequence[Form]) -> Form | None:
    """The form that is proved to be the stored one, if any is."""
    if digested := next((form for form in forms if form.is_digested), None):
        return digested
    whole = [form for form in forms if form.is_whole]
    agreeing = [form for form in whole if form.has_stored_length]
    if len({form.text for form in forms}) == 1:
        agreeing = [form for form in whole if form.has_stored_length or not form.stored_length][:1]
    return agreeing[0] if len(agreeing) == 1 else None
