"""JSON and XML as a faulty server may send them: one place of a document changed for what should not be there."""

import copy
import random
from collections.abc import Iterator
from typing import Any, Final

JUNK: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    3.5,
    10**9,
    10**18,
    10**40,
    "",
    "junk",
    "\N{ZERO WIDTH SPACE}\x00/~1",
    "x" * 5000,
    [],
    [None],
    [[]],
    {},
    {"": None},
    {"id": None},
    {"junk": {"junk": ["junk"]}},
)

Place = tuple[Any, Any]
"""A container, and the key or index of what is in it."""


def places(document: Any) -> Iterator[Place]:
    """Every place in a document that something stands at."""
    keys = document.keys() if isinstance(document, dict) else range(len(document))
    for key in list(keys):
        yield document, key
        if isinstance(document[key], dict | list):
            yield from places(document[key])


def mutated(document: Any, chance: random.Random) -> Any:
    """The document with one place dropped, doubled, or given another value, so that it is plainly not as it should be.

    What a server might as well mean is left alone: another text in place of a text, one entry less of a set, a mail
    without a sender.
    """
    document = copy.deepcopy(document)
    container, key = chance.choice([place for place in places(document) if place[1] != "from"])
    value = container[key]
    match chance.randrange(6):
        case 0 if value is not True:
            del container[key]
        case 1 if isinstance(container, list):
            container.append(value)
        case 2 if isinstance(value, list | dict):
            container[key] = type(value)()
        case 3:
            container[key] = nested(value, chance.choice([1, 3, 400]))
        case _:
            kinds = [junk for junk in JUNK if not (isinstance(value, str) and isinstance(junk, str))]
            container[key] = copy.deepcopy(chance.choice(kinds))
    return document


def nested(value: Any, depth: int) -> Any:
    """The value in so many arrays."""
    for _level in range(depth):
        value = [value]
    return value


XML_JUNK: Final = (
    b"",
    b"\x00",
    b"\x0b",
    b"\xff\xfe",
    b"&#0;",
    b"&#x0B;",
    b"&nothing;",
    b"<",
    b">",
    b"]]>",
    b"<junk/>",
    b"<!-- -->",
    b"http://[",
    b"HTTP/1.1 507 Insufficient Storage",
    "\N{ZERO WIDTH SPACE}".encode(),
    b"END:VCARD\n",
    b"x" * 5000,
)


def mutated_xml(document: bytes, chance: random.Random) -> bytes:
    """The document cut short, or with a stretch of it dropped, doubled, or given for junk."""
    start = chance.randrange(len(document) + 1)
    end = min(len(document), start + chance.choice([0, 1, 5, 40]))
    match chance.randrange(5):
        case 0:
            return document[:start]
        case 1:
            return document[:end] + document[start:]
        case _:
            return document[:start] + chance.choice(XML_JUNK) + document[end:]
