"""Real accounts, as empty as their servers make them, made ready."""

from collections.abc import Iterable

import pytest

from mailroom.account import Account
from mailroom.core.findings import Severity
from mailroom.http.agent import request_agent
from mailroom.setup.apply import apply
from mailroom.setup.check import check
from mailroom.setup.diff import diff_account
from mailroom.setup.requirements import Kind, Requirement, State
from tests.integration.conversation import Conversation
from tests.integration.real_time import on_reactor, reactor
from tests.integration.servers import MailServer
from tests.integration.service import running, settings_for
from tests.integration.service_user import User


@pytest.fixture
def account(server: MailServer) -> Account:
    return Account(settings_for(server), reactor, request_agent(reactor))


async def states(account: Account) -> set[State]:
    """How it stands with the account."""
    return states_of((await diff_account(account)).requirements)


def states_of(requirements: Iterable[Requirement]) -> set[State]:
    return {each.state for each in requirements}


@on_reactor
async def test_everything_is_created_once(account: Account, jmap: Conversation) -> None:
    """A look changes nothing, the first application all, the second one nothing."""
    untouched = await jmap.mailboxes()
    assert await states(account) == {State.CREATE}
    assert await jmap.mailboxes() == untouched
    assert states_of(await apply(account, await diff_account(account))) == {State.CREATED}
    assert await states(account) == {State.EXISTS}
    ready = await jmap.mailboxes()
    assert states_of(await apply(account, await diff_account(account))) == {State.EXISTS}
    assert await jmap.mailboxes() == ready


@on_reactor
async def test_mailboxes_are_subscribed(account: Account, jmap: Conversation) -> None:
    """Mail apps show the others to nobody."""
    before = set(await jmap.mailboxes())
    await apply(account, await diff_account(account))
    mailboxes = await jmap.ask("Mailbox/get", properties=["name", "isSubscribed"])
    assert {each["isSubscribed"] for each in mailboxes["list"] if each["name"] not in before} == {True}


@on_reactor
async def test_a_name_in_another_case_is_noticed(account: Account, jmap: Conversation) -> None:
    """It is left alone, and nothing is created beside it."""
    await jmap.ask("Mailbox/set", create={"new": {"name": "FEED"}})
    rows = {(row.kind, row.name): row for row in await apply(account, await diff_account(account))}
    assert str(rows[Kind.MAILBOX, "Feed"]) == 'it is called "FEED": rename it, or write it so in the settings'
    assert "Feed" not in await jmap.mailboxes()


@on_reactor
async def test_the_check_passes(account: Account) -> None:
    """Once everything is there, and not before."""
    assert Severity.FAIL in {finding.severity async for finding in check(account)}
    await apply(account, await diff_account(account))
    assert [str(finding) async for finding in check(account) if finding.severity is not Severity.OK] == []


@on_reactor
async def test_the_first_tap_works(account: Account, server: MailServer) -> None:
    """What setup made is what the service looks for."""
    await apply(account, await diff_account(account))
    user = await User(server, account.settings).look_around()
    await user.receive({"One": "bob@example.com", "Other": "ann@example.com"})
    async with running(server) as service:
        await service.settle()
        await user.tap("@ToBillboard", "One")
        await service.log.expect("poll completed trigger=push senders=1 moved=1")
    assert await user.mailboxes() == {"One": {"Billboard", "Paper Trail"}, "Other": {"Screener"}}
    assert await user.groups_of("bob@example.com") == ["Billboard", "Mailroom", "Paper Trail"]
