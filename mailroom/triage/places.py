"""Which mailboxes the settings mean, in the account as it is now."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mailroom.core.categories import Category
from mailroom.core.config import MailroomSettings

MAILBOX_PROPERTIES: Final = ("id", "name", "parentId", "role")

_NEVER_SWEPT: Final = frozenset({"trash", "junk", "drafts", "sent"})


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox (RFC 8621 section 2), as far as finding it goes."""

    id: str
    name: str
    parent_id: str | None
    role: str | None

    @classmethod
    def from_jmap(cls, mailbox: Mapping[str, Any]) -> "Mailbox":
        return cls(mailbox["id"], _normal(mailbox["name"]), mailbox.get("parentId"), mailbox.get("role"))


@dataclass(frozen=True, slots=True)
class Places:
    """The mailbox ids behind the settings, and what is missing, in words.

    `labels` tells which category a label's mailbox asks for, `destinations` where a category's mail goes, by category
    name. `never_swept` are the mailboxes whose mail stays where it is: deleted stays deleted.
    """

    labels: Mapping[str, Category]
    destinations: Mapping[str, str]
    screener: str | None
    inbox: str | None
    error_label: str | None
    warning_label: str | None
    never_swept: frozenset[str]
    missing: tuple[str, ...]

    @property
    def managed(self) -> frozenset[str]:
        """What a sweep takes mail out of: every destination, and the screener."""
        return frozenset(self.destinations.values()) | ({self.screener} if self.screener else frozenset())

    @property
    def marks(self) -> frozenset[str]:
        """The error and the warning label: what a clean triage takes off."""
        return frozenset(label for label in (self.error_label, self.warning_label) if label)


def find_places(mailboxes: Iterable[Mailbox], settings: MailroomSettings) -> Places:
    """Look up every mailbox that the settings name."""
    finder = _Finder(mailboxes)
    labels = {finder.find("label", category.label): category for category in settings.categories}
    destinations = {
        category.name: finder.find("mailbox", category.destination_mailbox) for category in settings.categories
    }
    return Places(
        labels={label: category for label, category in labels.items() if label is not None},
        destinations={name: mailbox for name, mailbox in destinations.items() if mailbox is not None},
        screener=finder.find("mailbox", settings.screener_mailbox),
        inbox=finder.with_role("inbox"),
        error_label=finder.find("label", settings.error_label),
        warning_label=finder.find("label", settings.warning_label) if settings.warnings_enabled else None,
        never_swept=frozenset(filter(None, map(finder.with_role, _NEVER_SWEPT))),
        missing=tuple(dict.fromkeys(finder.missing)),
    )


class _Finder:
    """Finds mailboxes by name, and remembers what it did not find.

    Names are unique only among siblings (RFC 8621 section 2). A name means the mailbox of that name at the top level,
    else the only one of that name at any level, else the one at that path, its parts joined by `/`.
    """

    def __init__(self, mailboxes: Iterable[Mailbox]) -> None:
        self._by_id = {mailbox.id: mailbox for mailbox in mailboxes}
        self._by_name: dict[str, list[Mailbox]] = defaultdict(list)
        for mailbox in self._by_id.values():
            self._by_name[mailbox.name].append(mailbox)
        self.missing: list[str] = []

    def with_role(self, role: str) -> str | None:
        return next((mailbox.id for mailbox in self._by_id.values() if mailbox.role == role), None)

    def find(self, kind: str, name: str) -> str | None:
        candidates = self._candidates(_normal(name))
        if len(candidates) == 1:
            return candidates[0].id
        self.missing.append(
            f'{kind} "{name}" ({len(candidates)} mailboxes have this name: write its path)'
            if candidates
            else f'{kind} "{name}"'
        )
        return None

    def _candidates(self, name: str) -> Sequence[Mailbox]:
        named = self._by_name.get(name, ())
        at_top = [mailbox for mailbox in named if mailbox.parent_id not in self._by_id]
        return at_top or named or [mailbox for mailbox in self._by_id.values() if self._is_at(mailbox, name)]

    def _is_at(self, mailbox: Mailbox, path: str) -> bool:
        """Whether a path ends here: walked upwards, and never further than the path is long, for parents may circle."""
        if mailbox.parent_id not in self._by_id:
            return mailbox.name == path
        rest = path.removesuffix(f"/{mailbox.name}")
        return rest != path and self._is_at(self._by_id[mailbox.parent_id], rest)


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)
