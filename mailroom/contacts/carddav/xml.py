"""The XML of WebDAV (RFC 4918) and CardDAV (RFC 6352): what is asked, and what is answered. No I/O."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from mailroom.contacts.errors import AnswerCutShort, NotDav
from mailroom.http.urls import redacted, same_origin

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
_NOT_XML_REFERENCE = re.compile(r"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|x0*(?:[0-8bcef]|1[0-9a-f]));", re.IGNORECASE)
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
    no multistatus at all, `AnswerCutShort` for one that holds only a part of what there is.
    """
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
    resources = [_resource(response, base) for response in root.iterfind(qualified("D:response"))]
    return tuple(resource for resource in resources if same_origin(resource.url, base))


def _parsed(body: bytes) -> Element:
    """The root of a document. Control characters and octets that are no text, as one odd card brings, become U+FFFD.

    XML forbids them, but servers hand out what is stored: one card must not hide all others.
    """
    try:
        root: Element = fromstring(body)
    except ParseError:
        text = _NOT_XML.sub("\ufffd", body.decode("utf-8", "replace"))
        root = fromstring(_NOT_XML_REFERENCE.sub("\ufffd", text))
    return root


def _statuses(root: Element) -> Iterator[str]:
    """What each response says of itself as a whole."""
    return (response.findtext(qualified("D:status"), "") for response in root.iterfind(qualified("D:response")))


def _resource(response: Element, base: str) -> Resource:
    properties = {
        element.tag: element
        for propstat in response.iterfind(qualified("D:propstat"))
        if _OK.match(propstat.findtext(qualified("D:status"), "").strip())
        for element in propstat.iterfind(f"{qualified('D:prop')}/*")
    }
    return Resource(_absolute(response.findtext(qualified("D:href"), ""), base), properties)


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
