"""Real accounts, as empty as their servers make them, made ready."""

import pytest

from mailroom.connection import Connection
from mailroom.core.findings import Mark
from mailroom.http.agent import request_agent
from mailroom.setup.apply import apply
from mailroom.setup.check import check
from mailroom.setup.rows import Kind, State
from mailroom.setup.survey import survey
from tests.integration.conversation import Conversation
from tests.integration.real_time import on_reactor, reactor
from tests.integration.servers import MailServer
from tests.integration.service import running, settings_for
from tests.integration.service_user import User


@pytest.fixture
def connection(server: MailServer) -> Connection:
    return Connection(settings_for(server), reactor, request_agent(reactor))


async def states(connection: Connection) -> set[State]:
    """How it stands with the account."""
    return {row.state for row in (await survey(connection)).rows}


@on_reactor
async def test_everything_is_created_once(connection: Connection, jmap: Conversation) -> None:
    """A look changes nothing, the first application all, the second one nothing."""
    untouched = await jmap.mailboxes()
    assert await states(connection) == {State.CREATE}
    assert await jmap.mailboxes() == untouched
    assert {row.state for row in await apply(connection, await survey(connection))} == {State.CREATED}
    assert await states(connection) == {State.EXISTS}
    ready = await jmap.mailboxes()
    assert {row.state for row in await apply(connection, await survey(connection))} == {State.EXISTS}
    assert await jmap.mailboxes() == ready


@on_reactor
async def test_mailboxes_are_subscribed(connection: Connection, jmap: Conversation) -> None:
    """Mail apps show the others to nobody."""
    before = set(await jmap.mailboxes())
    await apply(connection, await survey(connection))
    mailboxes = await jmap.ask("Mailbox/get", properties=["name", "isSubscribed"])
    assert {each["isSubscribed"] for each in mailboxes["list"] if each["name"] not in before} == {True}


@on_reactor
async def test_a_name_in_another_case_is_noticed(connection: Connection, jmap: Conversation) -> None:
    """It is left alone, and nothing is created beside it."""
    await jmap.ask("Mailbox/set", create={"new": {"name": "FEED"}})
    rows = {(row.kind, row.name): row for row in await apply(connection, await survey(connection))}
    assert str(rows[Kind.MAILBOX, "Feed"]) == 'it is called "FEED": rename it, or write it so in the settings'
    assert "Feed" not in await jmap.mailboxes()


@on_reactor
async def test_the_check_passes(connection: Connection) -> None:
    """Once everything is there, and not before."""
    assert Mark.FAIL in {finding.mark async for finding in check(connection)}
    await apply(connection, await survey(connection))
    assert [str(finding) async for finding in check(connection) if finding.mark is not Mark.OK] == []


@on_reactor
async def test_the_first_tap_works(connection: Connection, server: MailServer) -> None:
    """What setup made is what the service looks for."""
    await apply(connection, await survey(connection))
    user = await User(server, connection.settings).look_around()
    await user.receive({"One": "bob@example.com", "Other": "ann@example.com"})
    async with running(server) as service:
        await service.settle()
        await user.tap("@ToBillboard", "One")
        await service.log.expect("poll completed trigger=push senders=1 moved=1")
    assert await user.places() == {"One": {"Billboard", "Paper Trail"}, "Other": {"Screener"}}
    assert await user.groups_of("bob@example.com") == ["Billboard", "Mailroom", "Paper Trail"]
