"""What every operation on a type of data shares, and how the members of answers are read.

A member that is absent, null or of the wrong type counts as empty: servers leave out what is optional (RFC 8620 section
3.5), and what they must not leave out is no reason to fall over.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from mailroom.jmap.errors import JmapError, MethodError, NotRun
from mailroom.jmap.session import CONTACTS, MAIL, SIEVE

_CAPABILITIES: Final = {
    "Mailbox": MAIL,
    "Thread": MAIL,
    "Email": MAIL,
    "AddressBook": CONTACTS,
    "ContactCard": CONTACTS,
    "SieveScript": SIEVE,
}
_T = TypeVar("_T")


class DataTypeOperation:
    """What the operations share: the type of data they are about, and how they ended."""

    def __init__(self, data_type: str) -> None:
        self.capability: str = _CAPABILITIES[data_type]
        self._type = data_type
        self._failure: JmapError | None = NotRun(f"{data_type}: read before it was run to its end.")
        self._done = False

    def _end(self, failure: MethodError | None = None) -> None:
        self._done = True
        self._failure = failure

    def check(self) -> None:
        """Raise what the operation failed with, if it did, as reading any of its results does."""
        if self._failure is not None:
            raise self._failure


def parts(items: Sequence[_T], size: int) -> list[list[_T]]:
    """The items in runs of at most `size`. No items are one run of none."""
    return [list(items[start : start + size]) for start in range(0, max(len(items), 1), size)]


def wanted(properties: Sequence[str]) -> dict[str, Any]:
    return {"properties": list(properties)} if properties else {}


def objects_by_id(answer: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    found = answer.get("list")
    objects = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return {item["id"]: item for item in objects if isinstance(item.get("id"), str)}


def strings(answer: Mapping[str, Any], member: str) -> list[str]:
    value = answer.get(member)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def mapping(answer: Mapping[str, Any], member: str) -> dict[str, Any]:
    value = answer.get(member)
    return value if isinstance(value, dict) else {}


def text(answer: Mapping[str, Any], member: str) -> str | None:
    value = answer.get(member)
    return value if isinstance(value, str) else None
