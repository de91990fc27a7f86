"""The XML of WebDAV (RFC 4918) and CardDAV (RFC 6352): what is asked, and what is answered. No I/O.

What XML becomes may be twenty times as large as its octets, and a line of a card may take longer than it does to send.
So what an answer will take is estimated before anything is made of it, from the octets that begin elements, attributes,
lines and the like. What would take too much is refused as cut short, for then less is asked for at a time. Listing a
card takes some 2 kB by this estimate, a plain card 6 kB: 20,000 cards can be listed in one answer, and 8,000 read.
"""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Final
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from mailroom.contacts.errors import AnswerCutShort, NotDav
from mailroom.http.urls import MAX_URL, redacted, same_origin

ADDRESS_DATA: Final = "C:address-data"
CURRENT_USER_PRINCIPAL: Final = "D:current-user-principal"
ADDRESSBOOK_HOME_SET: Final = "C:addressbook-home-set"
RESOURCE_TYPE: Final = "D:resourcetype"
PRIVILEGES: Final = "D:current-user-privilege-set"
ETAG: Final = "D:getetag"
CONTENT_LENGTH: Final = "D:getcontentlength"

_NAMESPACES: Final = {"D": "DAV:", "C": "urn:ietf:params:xml:ns:carddav"}
_OK = re.compile(r"HTTP/\S+ 200\b")
_CUT_SHORT = re.compile(r"HTTP/\S+ 507\b")
_CUT_SHORT_STATUS: Final = 507
_MULTI_STATUS: Final = 207
_MAX_COST: Final = 52_000_000
"""How many octets of memory an answer and what is made of it may take, as estimated; the time follows from it."""
_COSTS: Final = {b"<": 250, b"</": -250, b"=": 350, b"\n": 250, b"\r": 250, b"&": 250, b"\\": 50}
"""Octets of memory for what each of these makes in the end: an element has two tags, and a card as many lines."""
_WIDE: Final = ((re.compile(rb"[\xf0-\xff]"), 4), (re.compile(rb"[\xc4-\xff]"), 2))
"""What makes texts take so many octets a character."""
_NOT_XML_REFERENCE = re.compile(rb"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));", re.IGNORECASE)
_DECLARATION = re.compile(rb"\A\s*<\?xml[^>]*>")
_PLAIN_PATH = re.compile(r"(?:/[\w~%-][\w.~%-]*)+/?", re.ASCII)
"""What needs no more than an origin before it: most of what servers list, and the dear part of reading a list."""
_PIECE: Final = 64 * 1024
_MAX_REPAIRS: Final = 500_000
"""How many octets longer a document may become by its repair: a character of three octets for each that is none."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Resource:
    """One `response` of a multistatus: an absolute URL, and the properties that the server has of it."""

    url: str
    properties: Mapping[str, Element]

    def text(self, name: str) -> str | None:
        """A property's text, if the property is there."""
        element = self.properties.get(qualified(name))
        return None if element is None else element.text or ""

    def has(self, name: str, child: str) -> bool:
        """Whether a property holds an element of this name, at any depth."""
        element = self.properties.get(qualified(name))
        return element is not None and next(element.iter(qualified(child)), None) is not None

    def link(self, name: str) -> str | None:
        """The absolute URL that a property points to."""
        element = self.properties.get(qualified(name))
        href = None if element is None else element.findtext(f".//{qualified('D:href')}")
        return _absolute(href, self.url) if href else None


def qualified(name: str) -> str:
    """A name such as `D:href` as ElementTree spells it in what it has parsed."""
    prefix, _, local = name.partition(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


_RESPONSE: Final = qualified("D:response")
_HREF: Final = qualified("D:href")
_STATUS: Final = qualified("D:status")
_PROPSTAT: Final = qualified("D:propstat")
_PROPERTIES: Final = f"{qualified('D:prop')}/*"


def property_request(names: Sequence[str]) -> bytes:
    """The body of a PROPFIND (RFC 4918 section 9.1)."""
    root = _root("D:propfind")
    _ask_for(root, names)
    return _document(root)


def card_query(filters: Iterable[tuple[str, str]], version: str | None = None) -> bytes:
    """The body of a REPORT for each card where one of these vCard properties holds its text (RFC 6352 section 8.6).

    Servers compare without regard to case by default (section 10.5.4). A text that XML cannot express cannot be in any
    answer either, and is not asked for.
    """
    root = _root("C:addressbook-query")
    _ask_for_cards(root, version)
    anyof = SubElement(root, "C:filter", test="anyof")
    for name, text in filters:
        if not _NOT_XML.search(text):
            # Programs write `mailto:` and spaces around addresses, so that equality would miss some.
            kind = {"match-type": "contains"}
            SubElement(SubElement(anyof, "C:prop-filter", name=name), "C:text-match", kind).text = text
    return _document(root)


def cards_request(urls: Iterable[str], version: str | None = None) -> bytes:
    """The body of a REPORT for these cards (RFC 6352 section 8.7), in a version of vCard if one is named."""
    root = _root("C:addressbook-multiget")
    _ask_for_cards(root, version)
    for url in urls:
        SubElement(root, "D:href").text = urlsplit(url)._replace(scheme="", netloc="").geturl()
    return _document(root)


def address_book_request(name: str) -> bytes:
    """The body of a MKCOL for an address book (RFC 5689 section 3, RFC 6352 section 6.3.1)."""
    root = _root("D:mkcol")
    wanted = SubElement(SubElement(root, "D:set"), "D:prop")
    kind = SubElement(wanted, RESOURCE_TYPE)
    SubElement(kind, "D:collection")
    SubElement(kind, "C:addressbook")
    SubElement(wanted, "D:displayname").text = name
    return _document(root)


def parse_multistatus(body: bytes, base: str) -> tuple[Resource, ...]:
    """The resources of a multistatus (RFC 4918 section 13), each with the properties whose status is 200.

    Resources at another origin are left out: nobody may be sent there with credentials. `NotDav` is raised for what is
    no multistatus at all, `AnswerCutShort` for one that holds only a part of what there is, or too much to be read.
    """
    if _cost(body) > _MAX_COST:
        raise AnswerCutShort(f"{redacted(base)}: the server tells more at once than can be read.", status=_MULTI_STATUS)
    try:
        root = _parsed(body)
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise NotDav(
            f"{redacted(base)}: the answer is no XML ({type(error).__name__}).", status=_MULTI_STATUS
        ) from error
    if root.tag != qualified("D:multistatus"):
        raise NotDav(f"{redacted(base)}: the answer is no WebDAV multistatus.", status=_MULTI_STATUS)
    if any(_CUT_SHORT.match(status.strip()) for status in _statuses(root)):
        raise AnswerCutShort(
            f"{redacted(base)}: the server tells only a part of what it has found.", status=_CUT_SHORT_STATUS
        )
    return tuple(_resources(root, base))


def _cost(body: bytes) -> int:
    """How many octets of memory these take together with the texts and with what is made of them."""
    width = 1 if body.isascii() else next((width for wide, width in _WIDE if wide.search(body)), 1)
    return len(body) * (2 + width) + sum(body.count(mark) * cost for mark, cost in _COSTS.items())


def _parsed(body: bytes) -> Element:
    """The root of a document. Control characters and octets that are no text, as one odd card brings, become U+FFFD.

    XML forbids them, but servers hand out what is stored: one card must not hide all others.
    """
    with suppress(ParseError):
        return fromstring(body)
    return fromstring(_repaired(body))


def _repaired(body: bytes) -> bytes:
    """The document without what XML forbids, in UTF-8. In pieces, for as a text it may take four times more."""
    decoder = getincrementaldecoder("utf-8")("replace")
    repaired = BytesIO()
    for at in range(0, len(body), _PIECE):
        repaired.write(_NOT_XML.sub("\ufffd", decoder.decode(body[at : at + _PIECE])).encode())
        if repaired.tell() > len(body) + _MAX_REPAIRS:
            raise ValueError("hardly anything of it is text")
    return _DECLARATION.sub(b"", _NOT_XML_REFERENCE.sub("\ufffd".encode(), repaired.getvalue()))


def _statuses(root: Element) -> Iterator[str]:
    """What each response says of itself as a whole."""
    return (response.findtext(_STATUS, "") for response in root.iterfind(_RESPONSE))


def _resources(root: Element, base: str) -> Iterator[Resource]:
    """What can be asked for, at the same origin and by a URL that a request may have."""
    origin = urlsplit(base)._replace(path="", query="", fragment="").geturl()
    for response in root.iterfind(_RESPONSE):
        href = response.findtext(_HREF, "").strip()
        if len(href) > MAX_URL:
            continue
        if _PLAIN_PATH.fullmatch(href):
            yield Resource(f"{origin}{href}", _properties(response))
        elif href and same_origin(url := _absolute(href, base), base):
            yield Resource(url, _properties(response))


def _properties(response: Element) -> dict[str, Element]:
    return {
        element.tag: element
        for propstat in response.iterfind(_PROPSTAT)
        if _OK.match(propstat.findtext(_STATUS, "").strip())
        for element in propstat.iterfind(_PROPERTIES)
    }


def _absolute(href: str, base: str) -> str:
    """The URL that an href stands for. One that is malformed stays so: without an origin, it is left out."""
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return href


def _document(root: Element) -> bytes:
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _root(name: str) -> Element:
    return Element(name, {f"xmlns:{prefix}": uri for prefix, uri in _NAMESPACES.items()})


def _ask_for(root: Element, names: Sequence[str]) -> Element:
    wanted = SubElement(root, "D:prop")
    return [SubElement(wanted, name) for name in names][-1]


def _ask_for_cards(root: Element, version: str | None) -> None:
    data = _ask_for(root, [ETAG, CONTENT_LENGTH, ADDRESS_DATA])
    if version is not None:
        data.attrib |= {"content-type": "text/vcard", "version": version}
