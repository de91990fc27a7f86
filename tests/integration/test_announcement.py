"""How soon real servers announce a change."""

from mailroom.account import Account
from mailroom.core.findings import Severity
from mailroom.http.agent import request_agent
from mailroom.setup.announcement import PATIENCE
from mailroom.setup.apply import apply
from mailroom.setup.check import check
from mailroom.setup.diff import diff_account
from tests.integration.conversation import Conversation
from tests.integration.real_time import on_reactor, reactor
from tests.integration.servers import MailServer
from tests.integration.service import settings_for


async def push_told_by_check(server: MailServer) -> str:
    """What `check` says of the push of an account that is ready."""
    account = Account(settings_for(server), reactor, request_agent(reactor))
    await apply(account, await diff_account(account))
    (push,) = [finding async for finding in check(account) if finding.subject == "push"]
    return f"{push.severity} {push.text}"


async def places(jmap: Conversation) -> dict[str, int]:
    """The place of each mailbox in the order."""
    mailboxes = await jmap.ask("Mailbox/get", properties=["name", "sortOrder"])
    return {each["name"]: each["sortOrder"] for each in mailboxes["list"]}


@on_reactor
async def test_a_prompt_server(server: MailServer, jmap: Conversation) -> None:
    """A change is announced within the time of the server's own poll, and is undone: every mailbox has its place."""
    told = await push_told_by_check(server)
    assert told.startswith(f"{Severity.OK} the event stream is there, and announced a change after ")
    assert float(told.split()[-2]) < PATIENCE
    before = await places(jmap)
    assert await push_told_by_check(server)
    assert await places(jmap) == before


@on_reactor
async def test_a_server_that_looks_for_changes_once_a_minute(slow_server: MailServer) -> None:
    """As a Cyrus does by default, which is told with the remedy."""
    told = await push_told_by_check(slow_server)
    assert told.startswith(f"{Severity.WARN} the event stream is accepted, but a change was not announced within 5 s")
    assert "jmap_pushpoll" in told
