"""The names of senders as an address book should know them, and of groups."""

import unicodedata
from collections.abc import Iterable
from hashlib import sha256

from mailroom.core.names import normalized

MAX_LENGTH = 200
_UNWANTED = frozenset("\ufffe\uffff\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def display_name(name: str) -> str:
    """A display name on one line, without what would break a card or turn its text around, at most 200 characters.

    The sender chose it, so it may hold line breaks, control characters, lone surrogates (JSON allows them) and the
    marks that change the direction of text.
    """
    readable = "".join(" " if _breaks(character) else character for character in name)
    return " ".join(readable.split())[:MAX_LENGTH].rstrip()


def split_name(name: str) -> tuple[str, str]:
    """The given names and the surname of a person: the last word is the surname, and a single word is a given name."""
    given, _, surname = name.rpartition(" ")
    return (given, surname) if given else (surname, "")


def fingerprint(name: str) -> str:
    """A mark of the name that a card was created with. It tells, later, whether the card has the same name still."""
    return f"mailroom-{sha256(name.encode()).hexdigest()[:16]}"


def missing_names(wanted: Iterable[str], there: Iterable[str]) -> tuple[str, ...]:
    """The names that are not there, each once. Names that look the same are the same (Unicode's form NFC)."""
    known = {normalized(name) for name in there}
    return tuple(name for name in dict.fromkeys(wanted) if normalized(name) not in known)


def _breaks(character: str) -> bool:
    return character in _UNWANTED or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
