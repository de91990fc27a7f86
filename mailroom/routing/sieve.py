"""The rules as a Sieve script (RFC 5228). No I/O.

Every rule stands for itself, and none ends the script: one mail lands in the mailboxes of all rules that apply. A mail
to which none applies stays in the Inbox, by Sieve's implicit keep; so does one whose mailbox or group is missing.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Final

from mailroom.routing.rules import Rule
from mailroom.routing.sieve_syntax import (
    KEEP,
    NOBODY,
    Action,
    Branch,
    Condition,
    any_of,
    file_into,
    from_any,
    from_list,
    jmap_query,
    string_list,
)
from mailroom.routing.targets import Targets

SCRIPT_NAME: Final = "mailroom"
MARK: Final = "# Written by Mailroom, which writes it anew: what is changed here is lost."
"""The first line of each script, by which Mailroom knows its own."""
DEFAULT_BOOK: Final = "urn:ietf:params:sieve:addrbook:default"
"""The external list of everybody in the user's default address book (RFC 6134 section 2.6)."""


class GroupFilter(StrEnum):
    """How a server's `jmapquery` asks for the members of a contact group. Each knows one of them by the group's uid."""

    CARD_UID = "fromContactCardUid"
    """Cyrus with JMAP contacts (RFC 9610)."""
    GROUP_ID = "fromContactGroupId"
    """Cyrus 3.12 and before."""


def group_script(
    rules: Iterable[Rule], targets: Targets, group_filter: GroupFilter, extensions: Collection[str]
) -> str:
    """The script that has the server look into the groups at delivery, so that it never has to be renewed.

    `extensions` are those that the server offers. Whoever is in a group is known, also should `fromAnyContact` not
    reach the address book that the group's members are in.
    """
    members = {name: jmap_query(**{group_filter: group.uid}) for name, group in targets.groups.items()}
    known = any_of([jmap_query(fromAnyContact=True), *members.values()])
    return _script(rules, targets, members, known, extensions)


def address_script(
    rules: Iterable[Rule],
    targets: Targets,
    members: Mapping[str, Collection[str]],
    known: Condition,
    extensions: Collection[str],
) -> str:
    """The script that carries the addresses of each group's members, by the group's uid.

    `known` tells who is no stranger: one of the tests below.
    """
    tests = {name: from_any(members.get(group.uid, ())) for name, group in targets.groups.items()}
    return _script(rules, targets, tests, known, extensions)


def known_by_query() -> Condition:
    """All contacts, as the server knows them at delivery."""
    return jmap_query(fromAnyContact=True)


def known_by_list(addresses: Collection[str]) -> Condition:
    """The default address book at delivery, and these addresses: other books are no external lists by default."""
    return any_of([from_list(DEFAULT_BOOK), from_any(addresses)])


def known_by_address(addresses: Collection[str]) -> Condition:
    """These addresses and no others: who becomes a contact later is a stranger until the script is renewed."""
    return from_any(addresses)


def _script(
    rules: Iterable[Rule],
    targets: Targets,
    members: Mapping[str, Condition],
    known: Condition,
    extensions: Collection[str],
) -> str:
    blocks = [
        (rule.category.name, Branch(members[rule.category.name], _actions(rule, targets, members, extensions)))
        for rule in rules
        if members.get(rule.category.name, NOBODY) != NOBODY
    ]
    if targets.screener is not None:
        blocks.append(("Strangers", Branch(~known, [file_into(targets.screener, extensions)])))
    needed = frozenset[str]().union(*(branch.extensions for _, branch in blocks))
    lines = [MARK, *([f"require {string_list(sorted(needed))};"] if needed else [])]
    for title, branch in blocks:
        lines += ["", f"# {title}", *branch.lines]
    return "".join(f"{line}\r\n" for line in lines)


def _actions(
    rule: Rule, targets: Targets, members: Mapping[str, Condition], extensions: Collection[str]
) -> list[Action | Branch]:
    """File, and keep in the Inbox for those who decide so: members of the group, but of no child's."""
    destination = targets.destinations.get(rule.category.name)
    if destination is None:
        return [KEEP]
    filing = file_into(destination, extensions)
    if not rule.adds_to_inbox:
        return [filing]
    others = any_of(members.get(child.name, NOBODY) for child in rule.children)
    return [filing, KEEP if others == NOBODY else Branch(~others, [KEEP])]
