"""The cards of one address book on a CardDAV server: found, created, and edited without losing what others wrote."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Self
from urllib.parse import quote, urljoin

from twisted.internet.defer import DeferredLock, DeferredSemaphore
from twisted.logger import Logger

from mailroom.contacts.carddav.discovery import find_address_book, make_address_book
from mailroom.contacts.carddav.vcard import VCard
from mailroom.contacts.carddav.webdav import WebDav
from mailroom.contacts.carddav.xml import (
    ADDRESS_DATA,
    CONTENT_LENGTH,
    ETAG,
    RESOURCE_TYPE,
    Resource,
    card_query,
    cards_request,
)
from mailroom.contacts.errors import (
    CardGone,
    CollectionGone,
    NoBookYet,
    PreconditionFailed,
    UneditableCard,
    UnreadableCard,
)
from mailroom.core.chunks import chunked
from mailroom.http.errors import TransportError

MAX_ATTEMPTS: Final = 3
MAX_WRITES_AT_ONCE: Final = 8
PAGE_SIZE: Final = 100
"""How many cards are read at once: cards may hold pictures."""


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A card as a server shows it, and whether that is how it is stored."""

    url: str
    etag: str
    card: VCard
    is_as_stored: bool

    @classmethod
    def from_resource(cls, resource: Resource) -> Self:
        """The card of a REPORT's answer.

        A server may show it converted to another version of vCard (Cyrus shows 3.0 by default), without saying so. The
        length of what is stored gives it away. XML has made each CRLF an LF.
        """
        text = (resource.text(ADDRESS_DATA) or "").replace("\r\n", "\n")
        size = len(text.encode())
        stored_sizes = {"", str(size), str(size + text.count("\n"))}
        is_as_stored = (resource.text(CONTENT_LENGTH) or "") in stored_sizes
        return cls(resource.url, resource.text(ETAG) or "", VCard.parse(text), is_as_stored)


class Cards:
    """One user's cards. The address book is found at the first use, and again once it has gone."""

    _log: ClassVar[Logger] = Logger()

    def __init__(self, dav: WebDav, url: str) -> None:
        self._dav = dav
        self._url = url
        self._book: str | None = None
        self._discovery = DeferredLock()
        self._writes = DeferredSemaphore(MAX_WRITES_AT_ONCE)

    async def find(self, filters: Iterable[tuple[str, str]]) -> list[StoredCard]:
        """The cards where one of these vCard properties equals its text. Cards that make no sense are left out."""
        query = card_query(filters)
        is_new = self._book is None
        book = await self._find_book()
        try:
            resources = await self._dav.report(book, query)
        except CollectionGone:
            self._book = None
            if is_new:
                raise
            resources = await self._dav.report(await self._find_book(), query)
        except TransportError:
            self._book = None
            raise
        return list(self._readable(resources))

    async def pages(self) -> AsyncIterator[list[StoredCard]]:
        """All cards, some at a time; `NoBookYet` if there is no address book."""
        book = await self._find_book()
        resources = await self._dav.find_properties(book, (RESOURCE_TYPE,), depth=1)
        urls = [each.url for each in resources if not each.has(RESOURCE_TYPE, "D:collection")]
        for page in chunked(urls, PAGE_SIZE):
            yield list(self._readable(await self._dav.report(book, cards_request(page))))

    async def make_book(self) -> None:
        """Make an address book if the user has none."""
        try:
            await self._find_book()
        except NoBookYet as missing:
            self._book = await make_address_book(self._dav, missing.home)
            self._log.info("made the address book {url}", url=self._book)

    async def create(self, card: VCard) -> StoredCard | None:
        """Store a new card. None if it is; else the card that is in its place."""
        url = urljoin(await self._find_book(), f"{quote(card.uid, safe='')}.vcf")
        async with self._writes:
            try:
                await self._dav.put(url, str(card), {"If-None-Match": "*"})
            except PreconditionFailed:
                return await self._read(url)
        return None

    async def edit(self, stored: StoredCard, change: Callable[[VCard], VCard]) -> StoredCard:
        """Change a card, on top of whatever others have changed meanwhile, and return it as it is then."""
        async with self._writes:
            for _attempt in range(MAX_ATTEMPTS):
                if change(stored.card) == stored.card:
                    return stored
                stored = await self._as_stored(stored)
                edited = change(stored.card)
                try:
                    etag = await self._dav.put(stored.url, str(edited), {"If-Match": stored.etag})
                except PreconditionFailed:
                    stored = await self._read(stored.url)
                else:
                    return replace(stored, etag=etag or "", card=edited, is_as_stored=True)
        raise _keeps_changing(stored)

    async def delete(self, stored: StoredCard, may_delete: Callable[[VCard], bool]) -> bool:
        """Delete a card if that may be done to it as it is at that moment. The answer is False if it may not."""
        async with self._writes:
            for _attempt in range(MAX_ATTEMPTS):
                stored = await self._as_stored(stored)
                if not may_delete(stored.card):
                    return False
                try:
                    await self._dav.delete(stored.url, stored.etag)
                except PreconditionFailed:
                    stored = await self._read(stored.url)
                else:
                    return True
        raise _keeps_changing(stored)

    async def _as_stored(self, shown: StoredCard) -> StoredCard:
        """The card as it is stored, so that an edit changes what it is meant to change, and no more."""
        if not shown.etag:
            shown = await self._read(shown.url)
        for version in ("4.0", "3.0"):
            if not shown.is_as_stored:
                shown = await self._read(shown.url, version)
        if not (shown.etag and shown.is_as_stored):
            raise UneditableCard(f"{shown.url} cannot be edited: the server shows it otherwise than it is stored.")
        return shown

    async def _read(self, url: str, version: str | None = None) -> StoredCard:
        for resource in await self._dav.report(await self._find_book(), cards_request([url], version)):
            if resource.text(ADDRESS_DATA) is not None:
                return StoredCard.from_resource(resource)
        raise CardGone(f"{url} is not there any more.")

    async def _find_book(self) -> str:
        async with self._discovery:
            if self._book is None:
                self._book = await find_address_book(self._dav, self._url)
                self._log.info("found the address book {url}", url=self._book)
            return self._book

    def _readable(self, resources: Iterable[Resource]) -> Iterator[StoredCard]:
        for resource in resources:
            if resource.text(ADDRESS_DATA) is None:
                continue
            try:
                yield StoredCard.from_resource(resource)
            except UnreadableCard as error:
                self._log.warn("skipped the card {url}: {reason}", url=resource.url, reason=str(error))


def _keeps_changing(stored: StoredCard) -> UneditableCard:
    return UneditableCard(f"{stored.url} is changed by somebody else again and again. It will be tried again later.")
