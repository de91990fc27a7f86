"""Which mailboxes the settings mean, in the account as it is now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from mailroom.core.categories import Category
from mailroom.core.config import MailroomSettings
from mailroom.model.mailboxes import Mailbox, Mailboxes
from mailroom.model.missing import missing_mailbox

_NEVER_SWEPT: Final = frozenset({"trash", "junk", "drafts", "sent"})


@dataclass(frozen=True, slots=True)
class KnownMailboxes:
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

    def lacks(self, categories: Iterable[Category]) -> tuple[str, ...]:
        """Which mailboxes are missing to file mail there, in words."""
        return tuple(
            missing_mailbox(each.destination_mailbox) for each in categories if each.name not in self.destinations
        )

    @property
    def marks(self) -> frozenset[str]:
        """The error and the warning label: what a clean triage takes off."""
        return frozenset(label for label in (self.error_label, self.warning_label) if label)


def find_known_mailboxes(mailboxes: Iterable[Mailbox], settings: MailroomSettings) -> KnownMailboxes:
    """Look up every mailbox that the settings name."""
    finder = _Finder(mailboxes)
    labels = {finder.find("label", category.label): category for category in settings.categories}
    destinations = {
        category.name: finder.find("mailbox", category.destination_mailbox) for category in settings.categories
    }
    return KnownMailboxes(
        labels={label: category for label, category in labels.items() if label is not None},
        destinations={name: mailbox for name, mailbox in destinations.items() if mailbox is not None},
        screener=finder.find("mailbox", settings.screener_mailbox),
        inbox=finder.with_role("inbox"),
        error_label=finder.find("label", settings.error_label),
        warning_label=finder.find("label", settings.warning_label) if settings.warnings_enabled else None,
        never_swept=frozenset(filter(None, map(finder.with_role, _NEVER_SWEPT))),
        missing=tuple(dict.fromkeys(finder.missing)),
    )


class _Finder(Mailboxes):
    """Finds mailboxes by name, and remembers what it did not find."""

    def __init__(self, mailboxes: Iterable[Mailbox]) -> None:
        super().__init__(mailboxes)
        self.missing: list[str] = []

    def find(self, kind: str, name: str) -> str | None:
        candidates = self.meant_by(name)
        if len(candidates) == 1:
            return candidates[0].id
        self.missing.append(missing_mailbox(name, len(candidates), kind))
        return None
