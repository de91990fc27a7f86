"""The pieces that scripts are made of (RFC 5228), each with the extensions it needs."""

import json
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from mailroom.core.chunks import chunked
from mailroom.routing.targets import TargetMailbox

ADDRESSES_PER_TEST: Final = 100
"""How many addresses one test compares with: implementations limit the length of a list."""
_UNSENDABLE: Final = frozenset({"Cc", "Cs"})
"""Control characters and halves of surrogate pairs: no mail comes from such an address, and no script can hold it."""


def quoted(text: str) -> str:
    """A string as Sieve writes it: the quote and the backslash are escaped, everything else stands for itself.

    NUL alone cannot be written (RFC 5228 section 8.1), and is in no name or address: it is left out.
    """
    escaped = text.replace("\0", "").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def string_list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


@dataclass(frozen=True, slots=True)
class Condition:
    """A test (RFC 5228 section 5), and the extensions that it needs."""

    text: str
    extensions: frozenset[str] = frozenset()

    def __invert__(self) -> "Condition":
        return Condition(f"not {self.text}", self.extensions)


@dataclass(frozen=True, slots=True)
class Action:
    """What is done with a mail, and the extensions that it needs."""

    text: str
    extensions: frozenset[str] = frozenset()

    @property
    def lines(self) -> list[str]:
        return [self.text]


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment for people."""

    text: str
    extensions: frozenset[str] = frozenset()

    @property
    def lines(self) -> list[str]:
        return [f"# {self.text}"]


@dataclass(frozen=True, slots=True)
class Branch:
    """What is done with a mail if a condition holds, and what is done otherwise."""

    condition: Condition
    body: "Sequence[Step]"
    otherwise: "Sequence[Step]" = ()

    @property
    def extensions(self) -> frozenset[str]:
        return self.condition.extensions.union(*(each.extensions for each in (*self.body, *self.otherwise)))

    @property
    def lines(self) -> list[str]:
        otherwise = ["else", *_block(self.otherwise)] if self.otherwise else []
        return [*f"if {self.condition.text}".split("\n"), *_block(self.body), *otherwise]


Step: TypeAlias = Action | Branch | Remark


def _block(steps: Sequence[Step]) -> list[str]:
    return ["{", *(f"  {line}" for each in steps for line in each.lines), "}"]


NOBODY: Final = Condition("false")
KEEP: Final = Action("keep;")


def file_into(mailbox: TargetMailbox, offered: Collection[str]) -> Action:
    """File by the id, which outlives a rename (RFC 9042), with the path as a fallback; or else by the path alone."""
    if "mailboxid" in offered:
        action = f"fileinto :mailboxid {quoted(mailbox.id)} {quoted(mailbox.path)};"
        return Action(action, frozenset({"fileinto", "mailboxid"}))
    return Action(f"fileinto {quoted(mailbox.path)};", frozenset({"fileinto"}))


def any_of(conditions: Iterable[Condition]) -> Condition:
    """True if one of them is; of none, false."""
    asked = [condition for condition in dict.fromkeys(conditions) if condition != NOBODY]
    return _joined("anyof", asked) if asked else NOBODY


def all_of(*conditions: Condition) -> Condition:
    """True if each of them is."""
    return _joined("allof", conditions)


def _joined(test: str, conditions: Sequence[Condition]) -> Condition:
    if len(conditions) == 1:
        return conditions[0]
    inner = ",\n  ".join(condition.text for condition in conditions)
    return Condition(f"{test} ({inner})", frozenset[str]().union(*(each.extensions for each in conditions)))


def jmap_query(**conditions: Any) -> Condition:
    """Whether a mail passes a filter of Email/query (the extension is Cyrus' own)."""
    return Condition(f"jmapquery {quoted(json.dumps(conditions))}", frozenset({"vnd.cyrus.jmapquery"}))


def from_list(name: str) -> Condition:
    """Whether a sender's address is in an external list (RFC 6134)."""
    return Condition(f'address :list "from" {quoted(name)}', frozenset({"extlists"}))


def from_any(addresses: Iterable[str]) -> Condition:
    """Whether a sender is exactly one of these addresses, but for case (RFC 5228 sections 2.7.3 and 5.1).

    Never a pattern: `*@example.com` is itself, and nobody else. Invisible characters are characters like others; an
    address with a control character is no sender of any mail.
    """
    senders = sorted(each for each in addresses if _UNSENDABLE.isdisjoint(map(unicodedata.category, each)))
    return any_of(
        Condition(f'address :is "from" {string_list(chunk)}') for chunk in chunked(senders, ADDRESSES_PER_TEST)
    )


def from_beyond_ascii() -> Condition:
    """Whether a sender's address holds an octet that is no visible ASCII character."""
    return Condition('address :regex "from" "[^!-~]"', frozenset({"regex"}))
