"""Creating what an account lacks. Whatever fails keeps nothing else from being created, and it may be run again."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import groupby

from mailroom.account import Account
from mailroom.core.errors import MailroomError
from mailroom.jmap.client import Client
from mailroom.jmap.set import Set
from mailroom.model.mailboxes import Mailboxes
from mailroom.setup.diff import Diff
from mailroom.setup.requirements import Kind, Requirement, State, parents


async def apply(account: Account, diff: Diff, *, activate: bool = False) -> tuple[Requirement, ...]:
    """Create what is missing; the requirements, with what became of them.

    `activate` is as for `routing_requirements`.
    """
    mailboxes = {each.name for each in diff.missing if each.kind.is_mailbox}
    refused_mailboxes = await _create_mailboxes(account.client, mailboxes, diff.mailboxes)
    groups = {each.name for each in diff.missing if each.kind.is_group}
    refused_groups = await _create_groups(account, groups)
    outcomes = []
    # The rules come last, as they do in the diff: they speak of the mailboxes and the groups.
    for each in diff.requirements:
        if each.kind is Kind.ROUTING and each.state is State.CREATE:
            outcomes.append(await _install_rules(account, each, activate=activate))
        else:
            outcomes.append(_outcome(each, refused_mailboxes if each.kind.is_mailbox else refused_groups))
    return tuple(outcomes)


async def _install_rules(account: Account, requirement: Requirement, *, activate: bool) -> Requirement:
    try:
        routing = await account.router().install(activate=activate)
    except MailroomError as error:
        return replace(requirement, state=State.WRONG, remark=str(error))
    state = State.CREATED if routing.effective else State.BY_HAND
    return replace(requirement, state=state, remark=routing.advice or "")


def _outcome(requirement: Requirement, refused: Mapping[str, str]) -> Requirement:
    if requirement.state is not State.CREATE:
        return requirement
    if requirement.name in refused:
        return replace(requirement, state=State.WRONG, remark=refused[requirement.name])
    return replace(requirement, state=State.CREATED)


async def _create_mailboxes(client: Client, names: Collection[str], present: Mailboxes) -> Mapping[str, str]:
    """Create mailboxes at these paths, those that they lie in first; the names that failed, and why."""
    refused: dict[str, str] = {}
    paths = {path for name in names for path in (*parents(name), name)}
    ids = {path: found[0].id for path in paths if (found := present.at(path))}
    missing = paths - ids.keys()
    for _depth, level in groupby(sorted(missing, key=_depth_of), _depth_of):
        await _create_level(client, sorted(level), ids, refused)
    return refused


async def _create_level(client: Client, paths: Collection[str], ids: dict[str, str], refused: dict[str, str]) -> None:
    """Create mailboxes of one level, and note their ids, or why they were refused. They are subscribed, to be seen."""
    create = {}
    for path in paths:
        parent, _, name = path.rpartition("/")
        if parent in refused:
            refused[path] = f'"{parent}" could not be created, which it lies in'
        else:
            create[path] = {"name": name, "parentId": ids.get(parent), "isSubscribed": True}
    creation_ids = {f"mailbox-{number}": path for number, path in enumerate(create)}
    step = Set("Mailbox", create={id_: create[path] for id_, path in creation_ids.items()})
    try:
        await client.run(step)
        refused |= {creation_ids[id_]: f"the server refuses to create it: {e}" for id_, e in step.not_created.items()}
        ids |= {creation_ids[id_]: str(mailbox["id"]) for id_, mailbox in step.created.items()}
    except MailroomError as error:
        refused |= dict.fromkeys(create, str(error))


def _depth_of(path: str) -> int:
    return path.count("/")


async def _create_groups(account: Account, names: Collection[str]) -> Mapping[str, str]:
    """Create contact groups, and the address book if there is none; the names that failed, and why."""
    if not names:
        return {}
    try:
        book = await account.open_book()
        return await book.create_groups(names)
    except MailroomError as error:
        return dict.fromkeys((*names, ""), str(error))  # the address book, which has no name, is as little there
