"""The service in this process, on a real account."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from twisted.application.service import MultiService
from twisted.logger import globalLogPublisher
from twisted.web.iweb import IAgent

from mailroom.http.agent import request_agent, stream_agent
from mailroom.sandbox.settings import SandboxSettings
from mailroom.service import AccountService
from tests.integration.real_time import eventually, reactor
from tests.integration.servers import MailLogin, access
from tests.integration.service_log import Log

NEVER = 3600.0
"""Seconds between polls where a test wants none of the interval's but the first."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that runs, and its log."""

    account: AccountService
    log: Log

    async def settle(self) -> None:
        """Wait until the stream is connected, and the poll that follows is done."""
        await self.log.expect("poll completed trigger=push")

    async def hear_echo(self) -> None:
        """Wait for the event that the writes of the last poll make."""

        async def last_event() -> float:
            return self.account.stream_status.last_event or 0.0

        written_at = self.account.polls.last_poll_at or 0.0
        assert await eventually(last_event, lambda heard_at: heard_at > written_at) > written_at


def settings_for(login: MailLogin, **more: Any) -> SandboxSettings:
    """What a user would set. Contacts are found from the mail account, if they are there, over CardDAV."""
    return SandboxSettings(**{**access(login), "poll_interval": NEVER, "debounce_seconds": 0.0, **more})


@asynccontextmanager
async def running(login: MailLogin, *, requests: IAgent | None = None, **settings: Any) -> AsyncIterator[Service]:
    """The service, with an agent of a test's own if it needs one. Its log must stay free of tracebacks."""
    account = AccountService(
        settings_for(login, **settings),
        reactor,
        requests or request_agent(reactor),
        stream_agent(reactor),
        uniform=min,
    )
    log = Log()
    globalLogPublisher.addObserver(log)
    MultiService.startService(account)
    try:
        yield Service(account, log)
    finally:
        MultiService.stopService(account)
        globalLogPublisher.removeObserver(log)
    assert log.failures == []
