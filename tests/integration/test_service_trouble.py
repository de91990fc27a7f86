"""Servers that hang up, fall silent or die: no label is forgotten, and no mail is lost or misplaced."""

import pytest

from mailroom.push.status import StreamState
from tests.integration.real_time import on_reactor
from tests.integration.servers import MailServer
from tests.integration.service import running, settings_for
from tests.integration.service_faults import Doomed, PushFilter
from tests.integration.service_user import User


@on_reactor
async def test_a_label_put_on_while_the_stream_is_away_is_worked_off(impatient_server: MailServer) -> None:
    """The server hangs up, as many do after five minutes; the next connection is followed by a poll."""
    user = await User(impatient_server, settings_for(impatient_server)).furnish()
    await user.receive({"One": "bob@example.com"})
    async with running(impatient_server) as service:
        await service.settle()
        await service.log.expect("event stream lost: The server ended the stream.")
        await user.tap("@ToFeed", "One")
        await service.log.expect("event stream connected")
        await service.log.expect("poll completed trigger=push senders=1")
    assert await user.mailboxes() == {"One": {"Feed"}}


@on_reactor
async def test_polls_go_on_at_the_interval_with_push_unavailable(pushless_server: MailServer) -> None:
    """They are fallback polls, and act on a label as well."""
    user = await User(pushless_server, settings_for(pushless_server)).furnish()
    await user.receive({"One": "bob@example.com"})
    async with running(pushless_server, poll_interval=1.0) as service:
        await service.log.expect("no event stream")
        await user.tap("@ToFeed", "One")
        await service.log.expect("poll completed trigger=fallback senders=1")
        assert service.account.stream_status.state is StreamState.UNAVAILABLE


@on_reactor
async def test_polls_go_on_at_the_interval_with_push_dropped(push_filter: PushFilter, user: User) -> None:
    """They are fallback polls, and act on a label as well."""
    await user.receive({"One": "bob@example.com"})
    async with running(push_filter, poll_interval=1.0) as service:
        await service.settle()
        push_filter.drop_streams()
        await service.log.expect("event stream lost")
        await user.tap("@ToFeed", "One")
        await service.log.expect("poll completed trigger=fallback senders=1")
        assert service.account.stream_status.state is not StreamState.CONNECTED


@pytest.mark.parametrize(
    ("method", "number"),
    [
        pytest.param("POST", 3, id="look-up"),
        pytest.param("PUT", 1, id="contacts"),
        pytest.param("POST", 4, id="moves"),
        pytest.param("POST", 5, id="labels"),
    ],
)
@on_reactor
async def test_a_triage_survives_the_death_of_the_server(
    server: MailServer, user: User, method: str, number: int
) -> None:
    """Killed in the middle of it and started again, the server finds the rest of the work done by the next poll."""
    mails = {f"Mail {number}": "bob@example.com" for number in range(50)}
    await user.receive(mails | {"Other": "ann@example.com"})
    await user.tap("@ToFeed", "Mail 0", "Mail 1")
    doomed = Doomed(method, number, server.kill)
    async with running(server, requests=doomed, poll_interval=1.0) as service:
        await doomed.died
        await server.start()
        await service.log.expect("poll completed")
    assert await user.mailboxes() == {mail: {"Feed"} for mail in mails} | {"Other": {"Screener"}}
    assert await user.groups_of("bob@example.com") == ["Feed", "Mailroom"]
