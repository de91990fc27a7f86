"""What the settings ask for, and how far an account has it, thing by thing. Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailroom.contacts.book import Group
from mailroom.core.config import MailroomSettings
from mailroom.core.names import normalized
from mailroom.model.known_mailboxes import refusals
from mailroom.model.mailboxes import Mailbox, Mailboxes
from mailroom.model.special_use import JUNK, TRASH
from mailroom.routing.capability import Mode
from mailroom.routing.sieve import SCRIPT_NAME
from mailroom.routing.state import RoutingState

_NEEDED_RIGHTS: Final = {
    "mayReadItems": "read its mail",
    "mayAddItems": "put mail into it",
    "mayRemoveItems": "take mail out of it",
}


class Kind(StrEnum):
    """What the settings ask for."""

    MAILBOX = "mailbox"
    LABEL = "triage label"
    ERROR_LABEL = "error label"
    WARNING_LABEL = "warning label"
    NEVER_SWEPT = "never swept"
    ADDRESS_BOOK = "address book"
    GROUP = "contact group"
    PROVENANCE_GROUP = "provenance group"
    ROUTING = "routing rules"

    @property
    def is_mailbox(self) -> bool:
        """Whether it is a mailbox to the server: to JMAP, labels are."""
        return self in {Kind.MAILBOX, Kind.LABEL, Kind.ERROR_LABEL, Kind.WARNING_LABEL}

    @property
    def is_group(self) -> bool:
        """Whether it is a contact group."""
        return self in {Kind.GROUP, Kind.PROVENANCE_GROUP}


class State(StrEnum):
    """How it stands with something that the settings ask for."""

    EXISTS = "exists"
    CREATE = "create"
    """It is missing, and can be created."""
    CREATED = "created"
    BY_HAND = "by hand"
    """Only its user can see to it, and Mailroom cannot tell whether that is done."""
    WRONG = "wrong"
    """Somebody has to put something right first."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that the settings ask for. `remark` says what is wrong, and what to do, or else what is noteworthy."""

    kind: Kind
    name: str
    state: State
    remark: str = ""

    def __str__(self) -> str:
        """How it stands, in words."""
        if self.state is State.WRONG:
            return self.remark
        return f"{self.state}: {self.remark}" if self.remark else str(self.state)


def mailbox_requirements(mailboxes: Mailboxes, settings: MailroomSettings, obstacle: str = "") -> list[Requirement]:
    """Every mailbox and label. `obstacle` says why none can be created at the top level, if that is so."""
    refused = refusals(mailboxes, settings)
    return [
        Requirement(kind, name, State.WRONG, refused[name])
        if name in refused
        else _mailbox_requirement(kind, name, mailboxes, obstacle)
        for kind, name in _mailbox_names(settings)
    ]


def never_swept_requirements(mailboxes: Mailboxes, settings: MailroomSettings) -> list[Requirement]:
    """What is amiss with the mailboxes whose mail is to stay where it is; nothing if their roles tell them all."""
    return [*_named_never_swept(mailboxes, settings), *_without_role(mailboxes, settings)]


def group_requirements(groups: Collection[Group], settings: MailroomSettings, obstacle: str = "") -> list[Requirement]:
    """Every contact group. `obstacle` says why none can be created, if that is so."""
    return [_group_requirement(kind, name, groups, obstacle) for kind, name in _group_names(settings)]


def routing_requirements(
    routing: RoutingState, settings: MailroomSettings, *, activate: bool = False
) -> list[Requirement]:
    """The rules by which the server routes new mail; none if the settings want none.

    `activate` tells that they may take the place of somebody else's.
    """
    if settings.routing == "none":
        return []
    if routing.mode is Mode.NONE:
        state = State.BY_HAND if settings.routing == "auto" else State.WRONG
        return [Requirement(Kind.ROUTING, "", state, routing.reason or "")]
    if routing.problem is not None:
        return [Requirement(Kind.ROUTING, SCRIPT_NAME, State.WRONG, routing.problem)]
    if routing.effective:
        return [Requirement(Kind.ROUTING, SCRIPT_NAME, State.EXISTS, f"by {routing.mode}")]
    if routing.current and routing.other is not None and not activate:
        return [Requirement(Kind.ROUTING, SCRIPT_NAME, State.BY_HAND, routing.advice or "")]
    what = "it is out of date" if routing.exists and not routing.current else f"by {routing.mode}"
    return [Requirement(Kind.ROUTING, SCRIPT_NAME, State.CREATE, what)]


def _mailbox_names(settings: MailroomSettings) -> Iterable[tuple[Kind, str]]:
    """What a name is for, and the name, each once: a category may share the mailbox of its parent."""
    names = [(Kind.MAILBOX, settings.screener_mailbox)]
    names += [(Kind.MAILBOX, category.destination_mailbox) for category in settings.categories]
    names += [(Kind.LABEL, category.label) for category in settings.categories]
    names.append((Kind.ERROR_LABEL, settings.error_label))
    if settings.warnings_enabled:
        names.append((Kind.WARNING_LABEL, settings.warning_label))
    return dict.fromkeys(names)


def _group_names(settings: MailroomSettings) -> Iterable[tuple[Kind, str]]:
    names = [(Kind.GROUP, category.contact_group) for category in settings.categories]
    return dict.fromkeys([*names, (Kind.PROVENANCE_GROUP, settings.provenance_group)])


def _mailbox_requirement(kind: Kind, name: str, mailboxes: Mailboxes, obstacle: str) -> Requirement:
    found = mailboxes.meant_by(name)
    if len(found) == 1:
        return _found_requirement(kind, name, mailboxes, found[0])
    if found:
        paths = " and ".join(sorted(mailboxes.path_of(mailbox) for mailbox in found))
        remark = f"several have this name ({paths}): write the path of one in the settings"
        return Requirement(kind, name, State.WRONG, remark)
    if (alike := mailboxes.in_other_case(name)) is not None:
        path = mailboxes.path_of(alike)
        return Requirement(kind, name, State.WRONG, f'it is called "{path}": rename it, or write it so in the settings')
    reason = next(_reasons_against(name, mailboxes, obstacle), "")
    return Requirement(kind, name, State.WRONG if reason else State.CREATE, reason)


def _found_requirement(kind: Kind, name: str, mailboxes: Mailboxes, found: Mailbox) -> Requirement:
    denied = [words for right, words in _NEEDED_RIGHTS.items() if right in found.denied]
    if denied:
        remark = f"Mailroom may not {' or '.join(denied)}: give its login the right to"
        return Requirement(kind, name, State.WRONG, remark)
    path = mailboxes.path_of(found)
    return Requirement(kind, name, State.EXISTS, "" if path == name else f"it is {path}")


def _reasons_against(name: str, mailboxes: Mailboxes, obstacle: str) -> Iterator[str]:
    """What keeps a mailbox from being created: rights, of the deepest mailbox on its path that is there already."""
    for path in reversed(parents(name)):
        if found := mailboxes.at(path):
            if "mayCreateChild" in found[0].denied:
                yield f'no right to create it below "{path}": create it as the owner of that mailbox'
            return
    if obstacle:
        yield obstacle


def _named_never_swept(mailboxes: Mailboxes, settings: MailroomSettings) -> Iterator[Requirement]:
    refused = refusals(mailboxes, settings)
    for name in dict.fromkeys(settings.never_swept):
        reason = refused.get(name, "" if mailboxes.meant_by(name) else "there is no such mailbox")
        if reason:
            yield Requirement(Kind.NEVER_SWEPT, name, State.WRONG, f"{reason}: correct never_swept in the settings")


def _without_role(mailboxes: Mailboxes, settings: MailroomSettings) -> Iterator[Requirement]:
    """The trash and the junk mailbox, where the server does not tell which they are, and some mailbox may be."""
    named = [mailbox for name in settings.never_swept for mailbox in mailboxes.meant_by(name)]
    in_use = {mailbox for use in settings.mailbox_uses() for mailbox in mailboxes.meant_by(use.name)}
    unknown = [each for each in mailboxes if mailboxes.role_of(each) is None and each not in in_use]
    for role in (TRASH, JUNK):
        found = mailboxes.all_with_role(role)
        if any(mailbox.role == role for mailbox in found) or (named and not set(found) - set(named)):
            continue
        if not found and not unknown:
            continue
        paths = " and ".join(sorted(mailboxes.path_of(mailbox) for mailbox in found))
        known = f"{paths} is taken for it by its name" if paths else "mail in it would be filed like any other"
        remark = f"no mailbox has the role {role}: {known}. Give it the role, or name it in never_swept in the settings"
        yield Requirement(Kind.NEVER_SWEPT, paths or role, State.BY_HAND, remark)


def parents(path: str) -> list[str]:
    """The paths of the mailboxes that one at this path lies in, from the top down."""
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _group_requirement(kind: Kind, name: str, groups: Collection[Group], obstacle: str) -> Requirement:
    names = [normalized(group.name) for group in groups]
    if (count := names.count(name)) > 1:
        return Requirement(kind, name, State.WRONG, f"{count} groups have this name: rename all but one")
    if count == 1:
        return Requirement(kind, name, State.EXISTS)
    alike = next((each for each in names if each.casefold() == name.casefold()), None)
    if alike is not None:
        remark = f'it is called "{alike}": rename it, or write it so in the settings'
        return Requirement(kind, name, State.WRONG, remark)
    return Requirement(kind, name, State.WRONG if obstacle else State.CREATE, obstacle)
