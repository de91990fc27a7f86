"""The service as people run it, on real accounts: what must hold before anybody relies on it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from sys import executable
from typing import Any

import pytest

from tests.integration.real_time import finish, on_reactor
from tests.integration.routing import ON_CYRUS
from tests.integration.servers import MailLogin, MailServer
from tests.integration.service import settings_for
from tests.integration.service_process import (
    AT_ONCE,
    End,
    Process,
    environment_for,
    running_process,
    started,
)
from tests.integration.service_user import User

HUMAN_TEST = Path(__file__).parents[2] / "human-tests/test_16_eventsource_push.py"


@dataclass(frozen=True, slots=True)
class Life:
    """What was seen of a process: its log, what it said of itself, what it did to the mail, and how it ended."""

    log: Sequence[str]
    health: Mapping[str, Any]
    mailboxes: Mapping[str, set[str]]
    end: End


@pytest.fixture(scope="module")
def life(lasting_server: MailServer) -> Life:
    """One process, from its start over a tap to Ctrl-C."""
    return finish(live(lasting_server))


async def live(server: MailServer) -> Life:
    user = await User(server, settings_for(server)).furnish()
    await user.receive({"One": "bob@example.com"})
    async with running_process(server) as service:
        await service.settle()
        await user.tap("@ToFeed", "One")
        await service.log.expect("poll completed trigger=push senders=1 moved=1")
        health = await service.health()
        end = await service.stop("INT")
    return Life(service.log.lines, health, await user.mailboxes(), end)


def test_the_stream_starts_on_boot(life: Life) -> None:
    """Nobody has to ask for it."""
    assert sum("event stream connected" in line for line in life.log) == 1


def test_a_label_is_acted_on_through_push(life: Life) -> None:
    """The log says what the poll was for."""
    assert any("poll completed trigger=push senders=1 moved=1" in line for line in life.log)
    assert life.mailboxes == {"One": {"Feed"}}


def test_healthz_has_the_eventsource_object(life: Life, lasting_server: MailServer) -> None:
    """With all that there is to know about the stream."""
    stream = life.health["eventsource"]
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
    assert stream["url"].startswith(lasting_server.url)


def test_ctrl_c_ends_everything_at_once(life: Life) -> None:
    """The interrupted process is gone before anybody takes notice."""
    assert life.end.status == 0
    assert life.end.seconds < AT_ONCE


@asynccontextmanager
async def watching_a_tap(login: MailLogin, user: User, trigger: str) -> AsyncIterator[Process]:
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


@ON_CYRUS
@on_reactor
async def test_the_human_test_tells_a_push_from_scheduled_polls(server: MailServer, user: User) -> None:
    """It passes, since the label was worked off by a push. How it does so on the sandbox, it shows by itself."""
    async with watching_a_tap(server, user, trigger="scheduled") as watcher:
        await watcher.log.expect("trigger=push senders_triaged=1")
        await watcher.log.expect("PASS")
        assert await watcher.ended() == 0


@pytest.mark.parametrize("pushless_server", ["sandbox"], indirect=True)
@on_reactor
async def test_the_human_test_tells_a_fallback_from_a_push(pushless_server: MailServer) -> None:
    """It goes on watching: the label was worked off, but not by a push."""
    user = await User(pushless_server, settings_for(pushless_server)).furnish()
    async with watching_a_tap(pushless_server, user, trigger="fallback") as watcher:
        await watcher.log.expect("trigger=fallback senders_triaged=1")
        await watcher.stop("INT")
    assert not any("PASS" in line for line in watcher.log.lines)
