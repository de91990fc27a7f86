"""The rules as a Sieve script (RFC 5228). No I/O.

Every rule stands for itself, and none ends the script: one mail lands in the mailboxes of all rules that apply. A mail
to which none applies stays in the Inbox, by Sieve's implicit keep; so does one whose mailbox or group is missing.

Strangers are those whom no rule has filed and who are no contacts. Cyrus' own query is not asked alone: it decodes a
header before it looks for addresses in it, so that it sees no sender behind a quote or a bracket in an encoded name.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailroom.jmap.json_values import optional_text
from mailroom.routing.rules import Rule
from mailroom.routing.sieve_syntax import (
    KEEP,
    NOBODY,
    Branch,
    Condition,
    Remark,
    Step,
    all_of,
    any_of,
    file_into,
    from_any,
    from_beyond_ascii,
    from_list,
    jmap_query,
    string_list,
)
from mailroom.routing.targets import Targets

SCRIPT_NAME: Final = "mailroom"
BY_ADDRESS: Final = "By address, as of the last renewal"
MARK: Final = "# Written by Mailroom, which writes it anew: what is changed here is lost."
"""The first line of each script, by which Mailroom knows its own."""
_PREDECESSOR: Final = "# It was activated in the place of "
DEFAULT_BOOK: Final = "urn:ietf:params:sieve:addrbook:default"
"""The external list of everybody in the user's default address book (RFC 6134 section 2.6)."""


class GroupFilter(StrEnum):
    """How a server's `jmapquery` asks for the members of a contact group. Each knows one of them by the group's uid."""

    CARD_UID = "fromContactCardUid"
    """Cyrus with JMAP contacts (RFC 9610)."""
    GROUP_ID = "fromContactGroupId"
    """Cyrus 3.12 and before."""


@dataclass(frozen=True, slots=True)
class Senders:
    """What a script says of addresses, which are compared exactly.

    - `members`: those of each group's members, by the group's uid.
    - `contact`: the test for whether a sender is a contact: by the server's lists, or by these addresses.
    - `mistaken`: those that the server's query takes for a contact's, whoever they belong to.
    """

    members: Mapping[str, Collection[str]]
    contact: Condition = NOBODY
    mistaken: Collection[str] = ()


def group_script(
    rules: Sequence[Rule], targets: Targets, group_filter: GroupFilter, extensions: Collection[str], senders: Senders
) -> str:
    """The script that has the server look into the groups at delivery.

    `extensions` are those that the server offers. Whoever is in a group is known, also should `fromAnyContact` not
    reach the address book that the group's members are in. For whom the query does not know, or may take for another,
    the addresses decide, as they were when the script was last renewed.
    """
    queries = {name: jmap_query(**{group_filter: group.uid}) for name, group in targets.groups.items()}
    known = any_of([jmap_query(fromAnyContact=True), *queries.values()])
    contacts = Branch(
        senders.contact,
        _filed(rules, targets, _by_address(targets, senders), extensions),
        _screened(targets, extensions),
    )
    by_query = Branch(
        _trusted(known, senders, extensions),
        _filed(rules, targets, queries, extensions),
        [Remark(BY_ADDRESS), *([contacts] if senders.contact != NOBODY else _screened(targets, extensions))],
    )
    return _script([Remark("Whom the server knows"), by_query])


def address_script(
    rules: Sequence[Rule],
    targets: Targets,
    extensions: Collection[str],
    senders: Senders,
    *,
    asks_query: bool = False,
) -> str:
    """The script that carries the addresses of each group's members.

    Strangers are those whom no rule has filed and who are no contacts, be it by their addresses or, with `asks_query`,
    by the server's own query too.
    """
    query = _trusted(jmap_query(fromAnyContact=True), senders, extensions) if asks_query else NOBODY
    every = from_any(address for some in senders.members.values() for address in some)
    steps = _filed(rules, targets, _by_address(targets, senders), extensions)
    if screening := _screened(targets, extensions):
        steps += [Remark("Strangers"), Branch(~any_of([query, senders.contact, every]), screening)]
    return _script(steps)


def contact_by_list(addresses: Iterable[str]) -> Condition:
    """Who is in the default address book at delivery, or has one of these addresses.

    Other books are no external lists by default.
    """
    return any_of([from_list(DEFAULT_BOOK), from_any(addresses)])


def contact_by_address(addresses: Iterable[str]) -> Condition:
    """These addresses and no others: who becomes a contact later is a stranger until the script is renewed."""
    return from_any(addresses)


def with_predecessor(script: str, name: str | None) -> str:
    """The script with a note of which one of the user's it takes the place of, so that this can be undone."""
    if name is None:
        return script
    return script.replace(f"{MARK}\r\n", f"{MARK}\r\n{_PREDECESSOR}{json.dumps(name)}\r\n", 1)


def predecessor_of(script: str) -> str | None:
    """The name in that note; None where there is none that can be read."""
    line = next((line for line in script.split("\r\n")[1:2] if line.startswith(_PREDECESSOR)), "")
    with suppress(ValueError):
        return optional_text(json.loads(line.removeprefix(_PREDECESSOR)))
    return None


def without_addresses(script: str) -> str:
    """What of a group script does not age: all but the addresses behind the query."""
    return script.partition(f"# {BY_ADDRESS}")[0]


def _by_address(targets: Targets, senders: Senders) -> dict[str, Condition]:
    return {name: from_any(senders.members.get(group.uid, ())) for name, group in targets.groups.items()}


def _trusted(query: Condition, senders: Senders, extensions: Collection[str]) -> Condition:
    """Whether the query says so of a sender whom it sees right.

    Cyrus' query drops invisible characters and folds letters, so that it takes a sender for a contact with a similar
    address; what is ASCII throughout can only be mistaken for a contact whose address is not.
    """
    beyond_ascii = from_beyond_ascii() if "regex" in extensions else NOBODY
    mistakable = any_of([beyond_ascii, from_any(senders.mistaken)])
    return query if mistakable == NOBODY else all_of(~mistakable, query)


def _filed(
    rules: Iterable[Rule], targets: Targets, members: Mapping[str, Condition], extensions: Collection[str]
) -> list[Step]:
    """A step for each rule whose members can be told by these tests."""
    steps: list[Step] = []
    for rule in rules:
        condition = members.get(rule.category.name, NOBODY)
        if condition != NOBODY:
            branch = Branch(condition, _actions(rule, targets, members, extensions))
            steps += [Remark(rule.category.name), branch]
    return steps


def _screened(targets: Targets, extensions: Collection[str]) -> list[Step]:
    return [] if targets.screener is None else [file_into(targets.screener, extensions)]


def _script(steps: Sequence[Step]) -> str:
    needed = frozenset[str]().union(*(step.extensions for step in steps))
    lines = [MARK, *([f"require {string_list(sorted(needed))};"] if needed else [])]
    for step in steps:
        lines += ["", *step.lines] if isinstance(step, Remark) else step.lines
    return "".join(f"{line}\r\n" for line in lines)


def _actions(rule: Rule, targets: Targets, members: Mapping[str, Condition], extensions: Collection[str]) -> list[Step]:
    """File, and keep in the Inbox for those who decide so: members of the group, but of no child's."""
    destination = targets.destinations.get(rule.category.name)
    if destination is None:
        return [KEEP]
    filing = file_into(destination, extensions)
    if not rule.adds_to_inbox:
        return [filing]
    others = any_of(members.get(child.name, NOBODY) for child in rule.children)
    return [filing, KEEP if others == NOBODY else Branch(~others, [KEEP])]
