"""Which mailboxes the settings mean, in the account as it is now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailroom.core.categories import Category
from mailroom.core.category_rules import INBOX, Use, contradict
from mailroom.core.config import MailroomSettings
from mailroom.model.mailboxes import Mailbox, Mailboxes
from mailroom.model.missing import missing_mailbox
from mailroom.model.special_use import NEVER_SWEPT


@dataclass(frozen=True, slots=True)
class KnownMailboxes:
    """The mailbox ids behind the settings, and what is missing, in words.

    `labels` tells which category a label's mailbox asks for, `destinations` where a category's mail goes, by category
    name. `never_swept` are the mailboxes whose mail stays where it is: deleted stays deleted, in whatever folder of the
    trash. `refused` are those of `missing` that are there, and cannot be what the settings say: as long as there is one
    of them, nothing is filed.
    """

    labels: Mapping[str, Category]
    destinations: Mapping[str, str]
    screener: str | None
    inbox: str | None
    error_label: str | None
    warning_label: str | None
    never_swept: frozenset[str]
    missing: tuple[str, ...]
    refused: tuple[str, ...] = ()

    @property
    def managed(self) -> frozenset[str]:
        """What a sweep takes mail out of: every destination, and the screener."""
        return frozenset(self.destinations.values()) | ({self.screener} if self.screener else frozenset())

    def lacks(self, categories: Iterable[Category]) -> tuple[str, ...]:
        """Which mailboxes are missing to file mail there, in words."""
        names = (each.destination_mailbox for each in categories if each.name not in self.destinations)
        return self.refused or tuple(map(self._lack, names))

    def _lack(self, name: str) -> str:
        """A mailbox that there is none of, or more than one."""
        plain = missing_mailbox(name)
        return next((each for each in self.missing if each.startswith(f"{plain} (")), plain)

    @property
    def marks(self) -> frozenset[str]:
        """The error and the warning label: what a clean triage takes off."""
        return frozenset(label for label in (self.error_label, self.warning_label) if label)


def find_known_mailboxes(mailboxes: Iterable[Mailbox], settings: MailroomSettings) -> KnownMailboxes:
    """Look up every mailbox that the settings name."""
    tree = Mailboxes(mailboxes)
    finder = _Finder(tree, settings)
    labels = {finder.find("label", category.label): category for category in settings.categories}
    destinations = {
        category.name: finder.find("mailbox", category.destination_mailbox) for category in settings.categories
    }
    screener = finder.find("mailbox", settings.screener_mailbox)
    error_label = finder.find("label", settings.error_label)
    warning_label = finder.find("label", settings.warning_label) if settings.warnings_enabled else None
    named = [mailbox for name in settings.never_swept for mailbox in finder.every("mailbox", name)]
    # Where a setting makes a label of such a mailbox, its mail waits there for a triage.
    in_use = {*labels, error_label, warning_label, tree.inbox}
    return KnownMailboxes(
        labels={label: category for label, category in labels.items() if label is not None},
        destinations={name: mailbox for name, mailbox in destinations.items() if mailbox is not None},
        screener=screener,
        inbox=tree.inbox,
        error_label=error_label,
        warning_label=warning_label,
        never_swept=tree.within([*tree.all_with_role(*NEVER_SWEPT), *named]) - in_use,
        missing=tuple(dict.fromkeys(finder.missing)),
        refused=tuple(dict.fromkeys(finder.refused)),
    )


def refusals(mailboxes: Mailboxes, settings: MailroomSettings) -> Mapping[str, str]:
    """Why names of the settings cannot be what they are to be, by name.

    Settings that agree as they are written may still meet in an account: in its Inbox, which may have any name, or in
    one mailbox that a name and a path both lead to.
    """
    uses: dict[str | None, list[Use]] = defaultdict(list)
    for use in settings.mailbox_uses():
        meant = mailboxes.meant_by(use.name)
        if use == INBOX:
            uses[mailboxes.inbox].append(use)
        elif len(meant) == 1:
            uses[meant[0].id].append(use)
    uses.pop(None, None)
    clashes = [together for together in uses.values() if contradict(together, settings.categories)]
    return {use.name: _refusal(together) for together in clashes for use in together if use != INBOX}


def _refusal(uses: Iterable[Use]) -> str:
    if INBOX in uses:
        return "it is the Inbox: name another mailbox in the settings"
    meanings = ", ".join(sorted({str(use) for use in uses}))
    return f"one mailbox with two meanings: {meanings}: give each a mailbox of its own"


class _Finder:
    """Finds mailboxes by name, and remembers what it did not find, and what cannot be used."""

    def __init__(self, mailboxes: Mailboxes, settings: MailroomSettings) -> None:
        self._mailboxes = mailboxes
        self._refusals = refusals(mailboxes, settings)
        self.missing: list[str] = []
        self.refused: list[str] = []

    def find(self, kind: str, name: str) -> str | None:
        """The only mailbox that this name can mean."""
        found = self.every(kind, name)
        if len(found) == 1:
            return found[0].id
        if found:
            self.missing.append(missing_mailbox(name, len(found), kind))
        return None

    def every(self, kind: str, name: str) -> list[Mailbox]:
        """All mailboxes that this name may mean, if it is not refused."""
        refusal = self._refusals.get(name, "")
        found = [] if refusal else list(self._mailboxes.meant_by(name))
        if not found:
            told = missing_mailbox(name, kind=kind, refusal=refusal)
            self.missing.append(told)
            self.refused += [told] if refusal else []
        return found
