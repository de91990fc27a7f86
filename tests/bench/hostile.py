"""What a hostile answer costs whoever asked for it: `python -m tests.bench.hostile NAME PORT`, a process an answer."""

import json
import sys
import time
from pathlib import Path
from typing import Any, Final

import click
from pydantic import SecretStr
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.task import LoopingCall, deferLater, react

from mailroom.contacts.carddav.address_book import CardDavAddressBook
from mailroom.core.credentials import BasicLogin, Credentials, Secret
from mailroom.core.errors import MailroomError
from mailroom.http.agent import request_agent, request_client, stream_agent, stream_client
from mailroom.http.client import Http
from mailroom.jmap.client import Client
from mailroom.jmap.get import Get
from mailroom.push.eventsource import EventSource
from mailroom.push.sse import ServerSentEvent
from tests.bench.hostile_answers import ANSWERS, Asked

PATIENCE: Final = 10.0
"""Seconds after which an answer without an end has shown what it costs."""
_TICK: Final = 0.005


class Pulse:
    """Notes for how long the reactor did one thing and nothing else: processor time, so that others do not count."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._last = time.thread_time()
        LoopingCall(self._beat).start(_TICK)

    def _beat(self) -> None:
        now = time.thread_time()
        self.longest = max(self.longest, now - self._last)
        self._last = now


class Deaf:
    """Listens to a stream, and does nothing of what it hears."""

    def stream_connected(self) -> None:
        """Nobody polls."""

    def stream_event(self, event: ServerSentEvent) -> None:
        """Nobody looks what has changed."""

    def stream_disconnected(self) -> None:
        """Nobody polls."""


async def main(reactor: Any, name: str, port: str) -> None:
    """Ask, and tell what came of it."""
    pulse = Pulse()
    await deferLater(reactor, 0.1)
    pulse.longest = 0.0
    before = _megabytes("VmRSS")
    try:
        asking = Deferred.fromCoroutine(_ask(reactor, ANSWERS[name].asked, f"http://127.0.0.1:{port}"))
        outcome = await asking.addTimeout(PATIENCE, reactor)
    except TookTooLong:
        outcome = "no end"
    except MailroomError as error:
        outcome = type(error).__name__
    await deferLater(reactor, _TICK * 2)
    megabytes = max(0.0, _megabytes("VmHWM") - before)
    click.echo(json.dumps({"outcome": outcome, "megabytes": megabytes, "blocked_seconds": pulse.longest}))


async def _ask(reactor: Any, asked: Asked, origin: str) -> str:
    credentials: Credentials = BasicLogin("ann", Secret("jmap_password", SecretStr("bench")))
    http = Http(request_client(request_agent(reactor)), reactor)
    client = Client(http, f"{origin}/session", credentials)
    if asked == "stream":
        await _listen(reactor, f"{origin}/stream", credentials)
    elif asked in {"session", "mailboxes"}:
        every = Get("Mailbox")
        await client.run(every)
        every.check()
        return f"{len(every.objects)} read"
    else:
        everyone = await CardDavAddressBook(client, http, f"{origin}/book/", credentials).everyone()
        return f"{len(everyone.contacts)} read"
    return "heard"


async def _listen(reactor: Any, url: str, credentials: Credentials) -> None:
    async def locate(_refresh: bool) -> str:  # noqa: FBT001 - as the service calls it
        return url

    http = Http(stream_client(stream_agent(reactor)), reactor)
    source = EventSource(http, reactor, locate, credentials, listener=Deaf())
    source.startService()
    await deferLater(reactor, PATIENCE / 2)
    source.stopService()


def _megabytes(name: str) -> float:
    """What /proc says of this process's memory, in megabytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    react(main, sys.argv[1:])
