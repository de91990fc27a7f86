"""The user's address book over CardDAV (RFC 6352), as it stands on the wire."""

from collections.abc import Mapping, Sequence

from mailroom.contacts.carddav.vcard import VCard
from mailroom.contacts.carddav.xml import (
    ADDRESS_DATA,
    ADDRESSBOOK_HOME_SET,
    CURRENT_USER_PRINCIPAL,
    RESOURCE_TYPE,
    Resource,
    card_query,
    parse_multistatus,
    property_request,
)
from mailroom.http.client import Answer
from tests.integration.conversation import Conversation

APPLE_GROUP = "X-ADDRESSBOOKSERVER-KIND"


class AddressBook:
    """The user's address book, found as RFC 6764 section 6 says: from nothing but the host."""

    def __init__(self, jmap: Conversation) -> None:
        self._jmap = jmap
        self.url = ""

    async def discover(self) -> "AddressBook":
        principal = await self._link("/.well-known/carddav", CURRENT_USER_PRINCIPAL)
        home = await self._link(principal, ADDRESSBOOK_HOME_SET)
        books = await self._multistatus("PROPFIND", home, property_request([RESOURCE_TYPE]), depth=1)
        self.url = next(book.url for book in books if book.has(RESOURCE_TYPE, "C:addressbook"))
        return self

    async def put(self, name: str, card: bytes, **conditions: str) -> Answer:
        """Store a card; conditions are headers, with `_` for `-`."""
        headers = {"Content-Type": "text/vcard", **_headers(conditions)}
        return await self._jmap.fetch(self.url + name, "PUT", card, headers)

    async def delete(self, name: str, **conditions: str) -> Answer:
        """Delete a card under conditions, as for a `put`."""
        return await self._jmap.fetch(self.url + name, "DELETE", headers=_headers(conditions))

    async def get(self, name: str) -> Answer:
        return await self._jmap.fetch(self.url + name)

    async def found(self, *filters: tuple[str, str]) -> list[str]:
        """The names of the cards where one of these properties equals its text."""
        cards = await self._query(filters)
        return sorted(card.url.removeprefix(self.url) for card in cards)

    async def cards(self, *filters: tuple[str, str]) -> list[VCard]:
        """Those cards themselves."""
        return [VCard.parse(card.text(ADDRESS_DATA) or "") for card in await self._query(filters)]

    async def _query(self, filters: Sequence[tuple[str, str]]) -> Sequence[Resource]:
        cards = await self._multistatus("REPORT", self.url, card_query(filters), depth=1)
        assert all(card.text(ADDRESS_DATA) for card in cards)
        return cards

    async def _link(self, path: str, name: str) -> str:
        (resource,) = await self._multistatus("PROPFIND", path, property_request([name]), depth=0)
        link = resource.link(name)
        assert link is not None
        return link

    async def _multistatus(self, method: str, path: str, body: bytes, depth: int) -> Sequence[Resource]:
        headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": str(depth)}
        answer = await self._jmap.fetch(path, method, body, headers)
        assert answer.status == 207
        return parse_multistatus(answer.body, answer.url)


def _headers(conditions: Mapping[str, str]) -> dict[str, str]:
    return {header.replace("_", "-"): value for header, value in conditions.items()}


def lines_of(card: bytes) -> list[bytes]:
    """The lines of a card in one order, for a server may change theirs."""
    return sorted(card.split(b"\r\n"))


def card(uid: str, *lines: str) -> bytes:
    """A vCard 3.0 with the properties that a strict server demands, and these lines."""
    demanded = ("BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{uid}", f"N:{uid};;;;")
    return "\r\n".join((*demanded, *lines, "END:VCARD", "")).encode()
