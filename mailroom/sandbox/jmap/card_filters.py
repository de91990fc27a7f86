"""The filter of an addressbook-query (RFC 6352 section 10.5), made into a predicate on vCards."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from mailroom.sandbox.web.dav_xml import CARD

CardProperties = Mapping[str, Sequence[str]]
"""The values of a vCard's properties by their lower-case names."""
CardTest = Callable[[CardProperties], bool]

_MATCHES: Final[dict[str, Callable[[str, str], bool]]] = {
    "equals": lambda value, sought: value == sought,
    "contains": lambda value, sought: sought in value,
    "starts-with": str.startswith,
    "ends-with": str.endswith,
}
_COLLATIONS: Final[dict[str, Callable[[str], str]]] = {
    "i;octet": str,
    "i;ascii-casemap": str.lower,
    "i;unicode-casemap": str.casefold,
}


class UnsupportedFilter(ValueError):
    """A condition that the server does not know; the message is the name of the precondition that fails."""


def card_test(query: Element) -> CardTest:
    """The predicate of a query; without a filter everything matches."""
    card_filter = query.find(f"{CARD}filter")
    if card_filter is None or len(card_filter) == 0:
        return lambda _properties: True
    return _combined(card_filter, [_property_test(part) for part in card_filter.findall(f"{CARD}prop-filter")])


def _property_test(prop_filter: Element) -> CardTest:
    name = prop_filter.get("name", "").lower()
    if prop_filter.find(f"{CARD}is-not-defined") is not None:
        return lambda properties: name not in properties
    texts = [_text_test(name, match) for match in prop_filter.findall(f"{CARD}text-match")]
    if not texts:
        return lambda properties: name in properties
    return _combined(prop_filter, texts)


def _text_test(name: str, text_match: Element) -> CardTest:
    matches = _MATCHES.get(text_match.get("match-type", "contains"))
    fold = _COLLATIONS.get(text_match.get("collation", "i;unicode-casemap"))
    if matches is None:
        raise UnsupportedFilter(f"{CARD}supported-filter")
    if fold is None:
        raise UnsupportedFilter(f"{CARD}supported-collation")
    sought = fold(text_match.text or "")
    negate = text_match.get("negate-condition") == "yes"

    def test(properties: CardProperties) -> bool:
        values = properties.get(name, ())
        return bool(values) and any(matches(fold(value), sought) for value in values) != negate

    return test


def _combined(element: Element, tests: Sequence[CardTest]) -> CardTest:
    combine = all if element.get("test") == "allof" else any
    return lambda properties: combine(test(properties) for test in tests)
