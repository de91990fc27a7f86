"""WebDAV's XML (RFC 4918, RFC 6352): the requests that the sandbox reads, and the multistatus that it answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from defusedxml.ElementTree import ParseError, fromstring

DAV: Final = "{DAV:}"
CARD: Final = "{urn:ietf:params:xml:ns:carddav}"
CALENDAR_SERVER: Final = "{http://calendarserver.org/ns/}"

Properties = Mapping[str, str | Element]
"""The properties of a resource by their names with namespace; text, or an element that is the property itself."""


class BadXml(ValueError):
    """The body of a request is no XML."""


@dataclass(frozen=True, slots=True)
class DavResponse:
    """One resource in a multistatus, with what was asked of it; without properties if it does not exist."""

    href: str
    found: Properties | None
    missing: tuple[str, ...] = field(default=())


def parsed(body: bytes) -> Element | None:
    """The root element of a request's body; None for an empty one."""
    if not body:
        return None
    try:
        root: Element = fromstring(body)
    except ParseError as error:
        raise BadXml(str(error)) from error
    return root


def names_asked(request: Element | None) -> list[str] | None:
    """The properties in the prop element of a request; None when there is none, which asks for all."""
    prop = None if request is None else request.find(f"{DAV}prop")
    return None if prop is None else [child.tag for child in prop]


def chosen(href: str, properties: Properties, names: list[str] | None) -> DavResponse:
    """What to answer about a resource that has these properties."""
    if names is None:
        return DavResponse(href, {name: value for name, value in properties.items() if name != f"{CARD}address-data"})
    found = {name: properties[name] for name in names if name in properties}
    return DavResponse(href, found, tuple(name for name in names if name not in properties))


def multistatus(responses: Iterable[DavResponse]) -> bytes:
    root = Element(f"{DAV}multistatus")
    for response in responses:
        element = SubElement(root, f"{DAV}response")
        SubElement(element, f"{DAV}href").text = response.href
        if response.found is None:
            SubElement(element, f"{DAV}status").text = "HTTP/1.1 404 Not Found"
            continue
        _add_propstat(element, response.found, "HTTP/1.1 200 OK")
        if response.missing:
            _add_propstat(element, dict.fromkeys(response.missing, ""), "HTTP/1.1 404 Not Found")
    return _written(root)


def dav_error(condition: str, text: str = "") -> bytes:
    """The body that names the condition that a request did not meet (RFC 4918 section 16)."""
    root = Element(f"{DAV}error")
    SubElement(root, condition).text = text
    return _written(root)


def nested(name: str, *children: str, text: str | None = None) -> Element:
    """An element with empty children, or one with a child `href` that holds a text."""
    element = Element(name)
    for child in children:
        SubElement(element, child)
    if text is not None:
        SubElement(element, f"{DAV}href").text = text
    return element


def _add_propstat(response: Element, properties: Properties, status: str) -> None:
    propstat = SubElement(response, f"{DAV}propstat")
    prop = SubElement(propstat, f"{DAV}prop")
    for name, value in properties.items():
        if isinstance(value, Element):
            prop.append(value)
        else:
            SubElement(prop, name).text = value
    SubElement(propstat, f"{DAV}status").text = status


def _written(root: Element) -> bytes:
    for prefix, namespace in (("D", DAV), ("C", CARD), ("CS", CALENDAR_SERVER)):
        register_namespace(prefix, namespace.strip("{}"))
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written
