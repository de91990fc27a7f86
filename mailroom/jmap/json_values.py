"""Reading the JSON of a server, where everything may be absent, null, or of another type than it should be.

What is none of the type asked for counts as absent: servers leave out what is optional (RFC 8620 section 3.5), and what
they must not leave out is no reason to fall over.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

MAX_IDENTIFIER: Final = 1000
"""How many characters an id or a state may have. RFC 8620 section 1.2 gives an id 255, and states no bound."""


def text(value: Any) -> str:
    """The text that a value is, or none."""
    return value if isinstance(value, str) else ""


def optional_text(value: Any) -> str | None:
    """The text that a value is."""
    return value if isinstance(value, str) else None


def identifier(value: Any) -> str | None:
    """The id or the state that a value is. One that is far too long is none: it might be sent back for ever."""
    return value if isinstance(value, str) and len(value) <= MAX_IDENTIFIER else None


def number(value: Any) -> int | None:
    """The whole number that a value is. A truth value is none, whatever Python thinks."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def unsigned(value: Any) -> int | None:
    """The number of things that a value is: none is counted below zero."""
    counted = number(value)
    return None if counted is None or counted < 0 else counted


def mapping(value: Any) -> dict[str, Any]:
    """The object that a value is, or an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> Sequence[Any]:
    """The array that a value is, or an empty one."""
    return value if isinstance(value, list) else ()


def texts(value: Any) -> list[str]:
    """The texts in an array."""
    return [item for item in sequence(value) if isinstance(item, str)]


def objects_by_id(value: Any) -> dict[str, dict[str, Any]]:
    """The objects in an array, by their ids. What has none is left out."""
    return {item["id"]: item for item in map(mapping, sequence(value)) if identifier(item.get("id")) is not None}


Json = Mapping[str, Any]
"""A JSON object to be read, not to be changed."""
