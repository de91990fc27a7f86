"""The address book over CardDAV (RFC 6352), as a Cyrus serves it; vCards are given out as they were put."""

from collections.abc import Iterable
from typing import Final, cast
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element

from twisted.web.resource import Resource
from twisted.web.server import Request

from mailroom.sandbox.jmap.card_filters import UnsupportedFilter, card_test
from mailroom.sandbox.store.account import Account
from mailroom.sandbox.store.address_book import BOOK_ID, DATA_TYPE, AddressBook, Card
from mailroom.sandbox.store.vcards import InvalidVCard, card_of
from mailroom.sandbox.web.dav_xml import (
    CALENDAR_SERVER,
    CARD,
    DAV,
    BadXml,
    DavResponse,
    Properties,
    chosen,
    dav_error,
    multistatus,
    names_asked,
    nested,
    parsed,
)
from mailroom.sandbox.web.incoming import body_of, path_of

HOMES: Final = "/dav/addressbooks"


class _Refused(Exception):
    def __init__(self, status: int, body: bytes = b"") -> None:
        super().__init__(status)
        self.status = status
        self.body = body


class CardDav(Resource):
    """Principal, home and books of the one user. Books made by MKCOL live here; JMAP knows only the first."""

    def __init__(self, account: Account, username: str) -> None:
        Resource.__init__(self)
        self.isLeaf = True
        self._account = account
        self._principal = f"/dav/principals/user/{quote(username)}/"
        self._home = f"{HOMES}/user/{quote(username)}/"
        self._more_books: dict[str, AddressBook] = {}

    def render(self, request: Request) -> bytes:
        """Answer by method; what is refused gets the status and body of its reason."""
        try:
            return cast("bytes", Resource.render(self, request))
        except _Refused as refused:
            request.setResponseCode(refused.status)
            return refused.body
        except BadXml:
            request.setResponseCode(400)
            return b"The body is not XML."

    def render_OPTIONS(self, request: Request) -> bytes:  # noqa: N802 - twisted.web's way to name methods
        request.setHeader("dav", "1, 3, addressbook, extended-mkcol")
        return b""

    def render_PROPFIND(self, request: Request) -> bytes:  # noqa: N802
        names = names_asked(parsed(body_of(request)))
        below = request.getHeader("depth") != "0"
        found = [chosen(href, properties, names) for href, properties in self._resources(path_of(request), below=below)]
        if not found:
            raise _Refused(404)
        return _multistatus(request, found)

    def render_REPORT(self, request: Request) -> bytes:  # noqa: N802
        report = parsed(body_of(request))
        if report is None or report.tag not in {f"{CARD}addressbook-query", f"{CARD}addressbook-multiget"}:
            raise _Refused(403, dav_error(f"{DAV}supported-report"))
        answer = self._query if report.tag.endswith("query") else self._multiget
        return _multistatus(request, answer(path_of(request), report))

    def render_GET(self, request: Request) -> bytes:  # noqa: N802
        card = self._card(path_of(request))
        if card is None:
            raise _Refused(404)
        request.setHeader("content-type", "text/vcard; charset=utf-8")
        request.setHeader("etag", card.etag)
        if request.getHeader("if-none-match") == card.etag:
            raise _Refused(304)
        return card.vcard

    def render_PUT(self, request: Request) -> bytes:  # noqa: N802
        path = path_of(request)
        known = self._card(path)
        _check_preconditions(request, known)
        data = body_of(request)
        try:
            json = card_of(data)
        except InvalidVCard as error:
            raise _Refused(403, dav_error(f"{CARD}valid-address-data", str(error))) from error
        book, name = self._place(path)
        stored = book.put(json, data, name)
        request.setResponseCode(201 if known is None else 204)
        request.setHeader("etag", stored.etag)
        return b""

    def render_DELETE(self, request: Request) -> bytes:  # noqa: N802
        path = path_of(request)
        card = self._card(path)
        if card is None:
            raise _Refused(404)
        _check_preconditions(request, card)
        self._place(path)[0].remove(card.name)
        request.setResponseCode(204)
        return b""

    def render_MKCOL(self, request: Request) -> bytes:  # noqa: N802
        """A new address book (RFC 5689)."""
        root = parsed(body_of(request))
        name = path_of(request).removeprefix(self._home).strip("/")
        if root is None or root.find(f".//{CARD}addressbook") is None or not name or "/" in name:
            raise _Refused(403, dav_error(f"{DAV}valid-resourcetype"))
        if unquote(name) in self._books:
            raise _Refused(405)
        if unquote(name) == BOOK_ID:
            self._account.address_book.exists = True
        else:
            self._more_books[unquote(name)] = self._account.new_book()
        request.setResponseCode(201)
        return b""

    @property
    def _books(self) -> dict[str, AddressBook]:
        default = {BOOK_ID: self._account.address_book} if self._account.address_book.exists else {}
        return default | self._more_books

    def _query(self, path: str, report: Element) -> list[DavResponse]:
        try:
            matches = card_test(report)
        except UnsupportedFilter as error:
            raise _Refused(403, dav_error(str(error))) from error
        names = names_asked(report)
        cards = self._cards_below(path)
        return [chosen(href, _card_properties(card), names) for href, card in cards if matches(card.vcard_properties)]

    def _multiget(self, _path: str, report: Element) -> list[DavResponse]:
        names = names_asked(report)
        hrefs = [element.text or "" for element in report.findall(f"{DAV}href")]
        cards = [(href, self._card(href)) for href in hrefs]
        return [
            DavResponse(href, None) if card is None else chosen(href, _card_properties(card), names)
            for href, card in cards
        ]

    def _resources(self, path: str, *, below: bool) -> Iterable[tuple[str, Properties]]:
        """The resource at a path with its properties, and those one level below."""
        slashed = path.rstrip("/") + "/"
        card = self._card(path)
        if card is not None:
            yield path, _card_properties(card)
        elif slashed == self._home:
            yield self._home, {**self._common(), f"{DAV}resourcetype": nested(f"{DAV}resourcetype", f"{DAV}collection")}
            for name in self._books if below else ():
                yield self._book_href(name), self._book_properties(name)
        elif slashed in {"/", "/dav/", f"{HOMES}/", self._principal}:
            yield path, self._common()
        else:
            name = unquote(slashed.removeprefix(self._home).rstrip("/"))
            if name in self._books:
                yield self._book_href(name), self._book_properties(name)
                for href, found in self._cards_below(slashed) if below else ():
                    yield href, _card_properties(found)

    def _common(self) -> dict[str, str | Element]:
        principal, home = f"{DAV}current-user-principal", f"{CARD}addressbook-home-set"
        return {principal: nested(principal, text=self._principal), home: nested(home, text=self._home)}

    def _book_properties(self, name: str) -> Properties:
        state = self._account.journal.state(DATA_TYPE)
        return self._common() | {
            f"{DAV}resourcetype": nested(f"{DAV}resourcetype", f"{DAV}collection", f"{CARD}addressbook"),
            f"{DAV}displayname": "Personal" if name == BOOK_ID else name,
            f"{CALENDAR_SERVER}getctag": state,
        }

    def _book_href(self, name: str) -> str:
        return f"{self._home}{quote(name, safe='')}/"

    def _cards_below(self, path: str) -> list[tuple[str, Card]]:
        """The cards of a book; of every book for their home."""
        hrefs = {self._book_href(name): book for name, book in self._books.items()}
        wanted = path.rstrip("/") + "/"
        return [
            (href + quote(card.name, safe=""), card)
            for href, book in hrefs.items()
            if wanted in {href, self._home}
            for card in book.cards.values()
        ]

    def _card(self, path: str) -> Card | None:
        directory, _, name = path.rpartition("/")
        book = self._books.get(unquote(directory.removeprefix(self._home)))
        return None if book is None else book.cards.get(unquote(name))

    def _place(self, path: str) -> tuple[AddressBook, str]:
        """The book and the name in it that a path stands for."""
        directory, _, name = path.rpartition("/")
        book = self._books.get(unquote(directory.removeprefix(self._home)))
        if book is None or not name:
            raise _Refused(409)
        return book, unquote(name)


def _card_properties(card: Card) -> Properties:
    return {
        f"{DAV}resourcetype": "",
        f"{DAV}getetag": card.etag,
        f"{DAV}getcontenttype": "text/vcard; charset=utf-8",
        f"{CARD}address-data": card.vcard.decode(),
    }


def _check_preconditions(request: Request, card: Card | None) -> None:
    """Refuse what If-Match or If-None-Match forbids (RFC 9110 section 13)."""
    required, forbidden = request.getHeader("if-match"), request.getHeader("if-none-match")
    if required is not None and (card is None or required not in {"*", card.etag}):
        raise _Refused(412)
    if forbidden is not None and card is not None and forbidden in {"*", card.etag}:
        raise _Refused(412)


def _multistatus(request: Request, responses: Iterable[DavResponse]) -> bytes:
    request.setResponseCode(207)
    request.setHeader("content-type", "application/xml; charset=utf-8")
    return multistatus(responses)
