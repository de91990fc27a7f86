"""The cards of one address book on a CardDAV server: found, created, and edited without losing what others wrote."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, Final
from urllib.parse import quote, urljoin

from twisted.internet.defer import DeferredLock, DeferredSemaphore
from twisted.logger import Logger

from mailroom.contacts.carddav.discovery import find_address_book, make_address_book
from mailroom.contacts.carddav.stored_card import VERSIONS, Form, StoredCard
from mailroom.contacts.carddav.vcard import VCard
from mailroom.contacts.carddav.webdav import WebDav
from mailroom.contacts.carddav.xml import ADDRESS_DATA, RESOURCE_TYPE, Resource, card_query, cards_request
from mailroom.contacts.errors import (
    AnswerCutShort,
    CardGone,
    CollectionGone,
    DavError,
    NoBookYet,
    PreconditionFailed,
    UneditableCard,
    UnreadableCard,
    reason_or_raise,
)
from mailroom.core.chunks import chunked
from mailroom.core.deferreds import gather
from mailroom.http.errors import TransportError

MAX_ATTEMPTS: Final = 3
MAX_WRITES_AT_ONCE: Final = 8
PAGE_SIZE: Final = 100
"""How many cards are read at once: cards may hold pictures."""


class Cards:
    """One user's cards. The address book is found at the first use, and again once it has gone."""

    _log: ClassVar[Logger] = Logger()

    def __init__(self, dav: WebDav, url: str, *, is_guess: bool = False) -> None:
        self._dav = dav
        self._look_for_book = partial(find_address_book, dav, url, is_guess=is_guess)
        self._book: str | None = None
        self._search_works = True
        self._versions: Sequence[str] = VERSIONS
        self._discovery = DeferredLock()
        self._writes = DeferredSemaphore(MAX_WRITES_AT_ONCE)

    async def find(self, filters: Iterable[tuple[str, str]]) -> list[StoredCard]:
        """The cards where one of these vCard properties holds its text. Cards that make no sense are left out.

        Some servers find nothing by some properties, or by any. So where nothing at all is found, which is nobody's
        usual case, all cards are looked at, and always from then on if that shows that the search had missed some.
        """
        wanted = tuple(filters)
        found = await self._search(wanted) if self._search_works else []
        if found:
            return found
        missed = [
            stored
            async for page in self.pages()
            for stored in page
            if any(stored.card.has(name, text) for name, text in wanted)
        ]
        if missed and self._search_works:
            self._search_works = False
            self._log.warn("the address book's search finds nothing, so all cards are read each time")
        return missed

    async def _search(self, filters: Sequence[tuple[str, str]]) -> list[StoredCard]:
        is_new = self._book is None
        try:
            return await self._report(filters)
        except CollectionGone:
            self._book = None
            if is_new:
                raise
            return await self._report(filters)
        except TransportError:
            self._book = None
            raise

    async def _report(self, filters: Sequence[tuple[str, str]]) -> list[StoredCard]:
        """What the filters find. Where the server gives only a part of it, it is asked for less at a time."""
        try:
            return self._readable(await self._in_each_version(lambda version: card_query(filters, version)))
        except AnswerCutShort:
            if len(filters) == 1:
                raise
            middle = len(filters) // 2
            halves = [await self._report(half) for half in (filters[:middle], filters[middle:])]
            return list({stored.url: stored for half in halves for stored in half}.values())

    async def _in_each_version(self, query: Callable[[str], bytes]) -> list[Resource]:
        """What a query finds, in each version of vCard that the server shows, all asked for at the same time."""
        book = await self._find_book()
        shown = await gather(*(self._in_version(book, version, query(version)) for version in self._versions))
        return [resource for resources in shown for resource in resources]

    async def _in_version(self, book: str, version: str, query: bytes) -> Sequence[Resource]:
        try:
            return await self._dav.report(book, query)
        except (CollectionGone, AnswerCutShort):
            raise
        except DavError as error:
            if version == VERSIONS[0]:
                raise
            # A server that has not got a version refuses the question (RFC 6352 section 8.6, supported-address-data).
            reason_or_raise(error)
            self._versions = VERSIONS[:1]
            return ()

    async def pages(self) -> AsyncIterator[list[StoredCard]]:
        """All cards, some at a time; `NoBookYet` if there is no address book."""
        book = await self._find_book()
        resources = await self._dav.find_properties(book, (RESOURCE_TYPE,), depth=1)
        urls = [each.url for each in resources if not each.has(RESOURCE_TYPE, "D:collection")]
        for page in chunked(urls, PAGE_SIZE):
            yield self._readable(await self._read_all(book, page))

    async def _read_all(self, book: str, urls: Sequence[str]) -> Sequence[Resource]:
        try:
            return await self._dav.report(book, cards_request(urls))
        except AnswerCutShort:
            if len(urls) == 1:
                raise
            middle = len(urls) // 2
            return [*await self._read_all(book, urls[:middle]), *await self._read_all(book, urls[middle:])]

    async def make_book(self) -> None:
        """Make an address book if the user has none."""
        try:
            await self._find_book()
        except NoBookYet as missing:
            self._book = await make_address_book(self._dav, missing.home)
            self._log.info("made the address book {url}", url=self._dav.shown(self._book))

    async def create(self, card: VCard) -> StoredCard | None:
        """Store a new card. None if it is; else the card that is in its place."""
        url = urljoin(await self._find_book(), f"{quote(card.uid, safe='')}.vcf")
        async with self._writes:
            try:
                # Without the condition, creating again would overwrite what the user has made of the card meanwhile.
                await self._dav.put(url, str(card), {"If-None-Match": "*"})
            except PreconditionFailed:
                # Most often the card is ours, from an attempt whose answer got lost. The caller looks.
                return await self._read(url)
        return None

    async def edit(self, stored: StoredCard, change: Callable[[VCard], VCard]) -> StoredCard:
        """Change a card, on top of whatever others have changed meanwhile, and return it as it is then."""
        async with self._writes:
            for _attempt in range(MAX_ATTEMPTS):
                # Nothing to change is no request: it might have every other client read the card again.
                if change(stored.card) == stored.card:
                    return stored
                stored = await self._as_stored(stored)
                edited = change(stored.card)
                try:
                    # The whole card goes back: without the condition, what others wrote meanwhile would be lost.
                    etag = await self._dav.put(stored.url, str(edited), {"If-Match": stored.etag})
                except PreconditionFailed:
                    # Sending the same card with the new ETag would lose it too. So the change is made to the new card.
                    stored = await self._read(stored.url)
                else:
                    # A server that names no ETag may have stored something else (RFC 6352 section 6.3.2.3). Without
                    # one the card is read again before it is edited again.
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
                    # Only as it was looked at: what the user has added since is not to be deleted with it.
                    await self._dav.delete(stored.url, stored.etag)
                except PreconditionFailed:
                    stored = await self._read(stored.url)
                else:
                    return True
        raise _keeps_changing(stored)

    async def _as_stored(self, shown: StoredCard) -> StoredCard:
        """The card as it is stored, so that an edit changes what it is meant to change, and no more."""
        if not (shown.etag and shown.is_as_stored):
            shown = await self._examine(shown.url)
        # A weak ETag never satisfies If-Match (RFC 9110 section 13.1.1), and without one newer edits would be lost.
        if not shown.etag or shown.etag.startswith("W/"):
            raise UneditableCard(
                f"{shown.url} cannot be edited: the server gives {'a weak' if shown.etag else 'no'} ETag for it, by "
                "which edits of others cannot be told. A proxy that compresses answers may be the reason."
            )
        if not shown.is_as_stored:
            raise UneditableCard(f"{shown.url} cannot be edited: the server does not show how it is stored.")
        return shown

    async def _read(self, url: str) -> StoredCard:
        return StoredCard.read(await self._forms(url))

    async def _forms(self, url: str) -> list[Form]:
        shown = await self._in_each_version(lambda version: cards_request([url], version))
        present = [Form.reported(resource) for resource in shown if resource.text(ADDRESS_DATA) is not None]
        if not present:
            raise CardGone(f"{url} is not there any more.")
        return present

    async def _examine(self, url: str) -> StoredCard:
        """The card, looked at octet by octet where the report alone proves nothing."""
        forms, *sent = await gather(self._forms(url), *(self._get(url, version) for version in self._versions))
        card = StoredCard.read(forms)
        exact = [forms[0].sent(*each) for each in sent if each is not None]
        return card if card.is_as_stored or not exact else StoredCard.read(exact)

    async def _get(self, url: str, version: str) -> tuple[str, bytes] | None:
        try:
            return await self._dav.get(url, version)
        except DavError as error:
            reason_or_raise(error)
            return None

    async def _find_book(self) -> str:
        async with self._discovery:
            if self._book is None:
                self._book = await self._look_for_book()
                self._log.info("found the address book {url}", url=self._dav.shown(self._book))
            return self._book

    def _readable(self, shown: Iterable[Resource]) -> list[StoredCard]:
        by_url: defaultdict[str, list[Resource]] = defaultdict(list)
        for resource in shown:
            if resource.text(ADDRESS_DATA) is not None:
                by_url[resource.url].append(resource)
        return list(self._read_each(by_url))

    def _read_each(self, shown: Mapping[str, Sequence[Resource]]) -> Iterator[StoredCard]:
        for url, resources in shown.items():
            try:
                yield StoredCard.read(list(map(Form.reported, resources)))
            except UnreadableCard as error:
                self._log.warn("skipped the card {url}: {reason}", url=self._dav.shown(url), reason=str(error))


def _keeps_changing(stored: StoredCard) -> UneditableCard:
    return UneditableCard(f"{stored.url} is changed by somebody else again and again. It will be tried again later.")
