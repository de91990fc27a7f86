"""The service as people run it, on real accounts: what must hold before anybody relies on it."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from sys import executable

import pytest

from tests.integration.real_time import on_reactor
from tests.integration.servers import Login, MailServer
from tests.integration.service import settings_for
from tests.integration.service_faults import PushFilter
from tests.integration.service_process import (
    AT_ONCE,
    Process,
    environment_for,
    running_process,
    started,
)
from tests.integration.service_user import User

HUMAN_TEST = Path(__file__).parents[2] / "human-tests/test_16_eventsource_push.py"


@pytest.mark.usefixtures("user")
@on_reactor
async def test_healthz_has_the_eventsource_object(server: MailServer) -> None:
    """With all that there is to know about the stream."""
    async with running_process(server) as service:
        await service.settle()
        stream = (await service.health())["eventsource"]
    assert stream.keys() == {
        "connected",
        "status",
        "url",
        "last_event",
        "connected_since",
        "reconnect_count",
        "retry_in_seconds",
        "error",
    }
    assert (stream["connected"], stream["status"]) == (True, "connected")
    assert stream["url"].startswith(server.url)


@on_reactor
async def test_the_stream_starts_on_boot_and_ctrl_c_ends_everything_at_once(server: MailServer) -> None:
    """The interrupted process is gone before anybody takes notice."""
    async with running_process(server) as service:
        await service.log.expect("event stream connected")
        end = await service.stop("INT")
    assert end.status == -signal.SIGINT
    assert end.seconds < AT_ONCE


@on_reactor
async def test_a_label_is_acted_on_through_push(server: MailServer, user: User) -> None:
    """The log says what the poll was for."""
    await user.receive({"One": "bob@example.com"})
    async with running_process(server) as service:
        await service.settle()
        await user.tap("@ToFeed", "One")
        await service.log.expect("poll completed trigger=push senders=1 moved=1")
    assert await user.mailboxes() == {"One": {"Feed"}}


@on_reactor
async def test_polls_go_on_at_the_interval_with_push_unavailable(pushless_server: MailServer) -> None:
    """They are fallback polls, and act on a label as well."""
    user = await User(pushless_server, settings_for(pushless_server)).furnish()
    await user.receive({"One": "bob@example.com"})
    async with running_process(pushless_server, poll_interval=1) as service:
        await service.log.expect("no event stream")
        await user.tap("@ToFeed", "One")
        await service.log.expect("poll completed trigger=fallback senders=1")
        stream = (await service.health())["eventsource"]
    assert (stream["connected"], stream["status"]) == (False, "unavailable")


@on_reactor
async def test_polls_go_on_at_the_interval_with_push_dropped(push_filter: PushFilter, user: User) -> None:
    """They are fallback polls, and act on a label as well."""
    await user.receive({"One": "bob@example.com"})
    async with running_process(push_filter, poll_interval=1) as service:
        await service.settle()
        push_filter.drop_streams()
        await service.log.expect("event stream lost")
        await user.tap("@ToFeed", "One")
        await service.log.expect("poll completed trigger=fallback senders=1")
        stream = (await service.health())["eventsource"]
    assert not stream["connected"]


@asynccontextmanager
async def watching_a_tap(login: Login, user: User, trigger: str) -> AsyncIterator[Process]:
    """The human test beside a service, which sees a poll of this trigger, and then a label on a mail."""
    await user.receive({"One": "bob@example.com"})
    watcher = Process()
    async with running_process(login, poll_interval=1) as service:
        await service.log.expect("poll completed")
        command = [executable, str(HUMAN_TEST), "--health-url", service.health_url]
        async with started(watcher, command, environment_for(login)):
            await watcher.log.expect("Put one of these labels on a mail now")
            await watcher.log.expect(f"trigger={trigger} senders_triaged=0")
            await user.tap("@ToFeed", "One")
            yield watcher


@on_reactor
async def test_the_human_test_tells_a_push_from_scheduled_polls(server: MailServer, user: User) -> None:
    """It passes, since the label was worked off by a push."""
    async with watching_a_tap(server, user, trigger="scheduled") as watcher:
        await watcher.log.expect("trigger=push senders_triaged=1")
        await watcher.log.expect("PASS")
        assert await watcher.ended() == 0


@on_reactor
async def test_the_human_test_tells_a_fallback_from_a_push(pushless_server: MailServer) -> None:
    """It goes on watching: the label was worked off, but not by a push."""
    user = await User(pushless_server, settings_for(pushless_server)).furnish()
    async with watching_a_tap(pushless_server, user, trigger="fallback") as watcher:
        await watcher.log.expect("trigger=fallback senders_triaged=1")
        await watcher.stop("INT")
    assert not any("PASS" in line for line in watcher.log.lines)
