"""What a set of categories must not be, and how to put it right."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from mailroom.core.categories import Categories, Category
from mailroom.core.suggestions import did_you_mean

_SHARED_IN_A_FAMILY: Final = frozenset({"destination_mailbox", "contact_group"})
_T = TypeVar("_T")


def category_problems(
    categories: Categories, mailboxes: Mapping[str, str], groups: Mapping[str, str], never_swept: Iterable[str] = ()
) -> list[str]:
    """Every reason to refuse these categories, each naming the entry and the remedy; empty if they will do.

    `mailboxes` and `groups` are what other settings name, by setting: a category may claim none of them for itself, nor
    any of the mailboxes that are `never_swept`.

    Names that differ in case alone count as the same. Servers tell `Feed` from `feed`, but people do not see which of
    the two they tap, and on some file systems and in some clients they are one.
    """
    if not categories:
        return ["categories: there is none. List at least one, or leave the setting out for the default ones."]
    return [
        *_duplicate_names(categories),
        *_parents(categories),
        *_inboxes(categories),
        *_clashes(mailbox_uses(categories, mailboxes, never_swept), categories, "mailbox"),
        *_clashes(_group_uses(categories, groups), categories, "contact group"),
    ]


@dataclass(frozen=True, slots=True)
class Use:
    """What a mailbox or a contact group is for: the setting that names it, and whose setting it is."""

    name: str
    setting: str
    category: Category | None = None

    def __str__(self) -> str:
        owner = f" of category '{self.category.name}'" if self.category else ""
        return f"'{self.name}' is the {self.setting}{owner}"


def _duplicate_names(categories: Categories) -> Iterator[str]:
    for same in _alike((category.name, category) for category in categories):
        if len(same) > 1:
            names = [category.name for category in same]
            listed = ", ".join(f"'{name}'" for name in names)
            yield f"categories: duplicate names {listed}. Rename or remove all but one.{_case_note(names)}"


def _parents(categories: Categories) -> Iterator[str]:
    circles = set()
    for category in categories:
        chain = categories.chain(category)
        members = frozenset(each.name for each in chain)
        if category.parent and categories.by_name(category.parent) is None:
            yield (
                f"category '{category.name}': unknown parent '{category.parent}'."
                f"{did_you_mean(category.parent, (each.name for each in categories))} "
                "Name another category of the list, or leave parent out."
            )
        elif chain[-1].parent == category.name and members not in circles:
            circles.add(members)
            circle = " -> ".join([*(each.name for each in chain), category.name])
            yield f"category '{category.name}': a circle of parents ({circle}). Take the parent from one of them."


def _inboxes(categories: Categories) -> Iterator[str]:
    for category in categories:
        if _is_inbox(category.destination_mailbox):
            yield (
                f"category '{category.name}': the destination_mailbox cannot be the Inbox. "
                "Name another; with add_to_inbox its screened mail is put into the Inbox as well."
            )


INBOX: Final = Use("Inbox", "Inbox")
_NEVER_SWEPT: Final = "never_swept mailbox"


def mailbox_uses(
    categories: Categories, mailboxes: Mapping[str, str], never_swept: Iterable[str] = ()
) -> Iterator[Use]:
    """What every mailbox that is named is for, the Inbox first."""
    yield INBOX
    for setting, name in mailboxes.items():
        yield Use(name, setting)
    for category in categories:
        yield Use(category.label, "label", category)
        if not _is_inbox(category.destination_mailbox):
            yield Use(category.destination_mailbox, "destination_mailbox", category)
    for name in never_swept:
        yield Use(name, _NEVER_SWEPT)


def _group_uses(categories: Categories, groups: Mapping[str, str]) -> Iterator[Use]:
    for setting, name in groups.items():
        yield Use(name, setting)
    for category in categories:
        yield Use(category.contact_group, "contact_group", category)


def _clashes(uses: Iterable[Use], categories: Categories, thing: str) -> Iterator[str]:
    for same in _alike((use.name, use) for use in uses):
        if not contradict(same, categories):
            continue
        distinct = {str(use).casefold(): str(use) for use in same}
        settings = {use.setting for use in same}
        shareable = settings <= _SHARED_IN_A_FAMILY
        fault = f"duplicate {settings.pop()}" if len(settings) == 1 else f"one {thing} with two meanings"
        remedy = (
            f"Give each a {thing} of its own{', or make one category the parent of the other' if shareable else ''}."
        )
        note = _case_note(use.name for use in same)
        yield f"categories: {fault}: {', '.join(distinct.values())}. {remedy}{note}"


def contradict(uses: list[Use], categories: Categories) -> bool:
    """Whether a mailbox or a contact group cannot be for all of this at once."""
    return len({str(use).casefold() for use in uses}) > 1 and not (
        all(use.setting == _NEVER_SWEPT for use in uses) or _stays_in_a_family(uses, categories)
    )


def _stays_in_a_family(uses: list[Use], categories: Categories) -> bool:
    """Whether only categories with an ancestor in common are concerned, and all use it for the same.

    A child may share what its parent has: its contacts join the parent's group anyway, and its mail is filed in the
    parent's mailbox anyway.
    """
    if len({use.setting for use in uses}) > 1 or uses[0].setting not in _SHARED_IN_A_FAMILY:
        return False
    families = [{each.name for each in categories.chain(use.category)} for use in uses if use.category]
    return bool(set.intersection(*families))


def _alike(named: Iterable[tuple[str, _T]]) -> Iterable[list[_T]]:
    groups: defaultdict[str, list[_T]] = defaultdict(list)
    for name, value in named:
        groups[name.casefold()].append(value)
    return groups.values()


def _case_note(names: Iterable[str]) -> str:
    return " Names that differ in case alone count as one." if len(set(names)) > 1 else ""


def _is_inbox(name: str) -> bool:
    return name.casefold() == "inbox"
