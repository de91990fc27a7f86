"""The service as people run it: a process, told what to do by its environment, read by what it prints."""

import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Final, Literal

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ProcessTerminated
from twisted.internet.interfaces import IProcessTransport
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

from mailroom.http.client import Request
from mailroom.http.errors import ConnectionFailed
from tests.integration.conversation import transport
from tests.integration.real_time import DEADLINE, reactor
from tests.integration.servers import MailLogin, access
from tests.integration.service_log import Log

BIN: Final = Path(sys.executable).parent
TWISTD: Final = (str(BIN / "twistd"), "-n", "--pidfile=", "mailroom")
TWIST: Final = (str(BIN / "twist"), "--log-format=text", "mailroom")
MODULE: Final = (sys.executable, "-m", "mailroom")
AT_ONCE: Final = 1.0
"""Seconds from a signal to the end of a process. A tenth is promised; the rest is for the interpreter's own exit, and
for a machine that is busy with other things."""


@dataclass(frozen=True, slots=True)
class End:
    """How a process ended, and how many seconds after it was told to.

    The status is what the process exited with, or minus the number of the signal that ended it.
    """

    status: int
    seconds: float


class Process(ProcessProtocol):
    """A process. What it prints, on either output, is its log."""

    transport: IProcessTransport

    def __init__(self) -> None:
        self.log = Log()
        self._rest = b""
        self._status: int | None = None
        self._waiting: list[Deferred[int]] = []

    def childDataReceived(self, childFD: int, data: bytes) -> None:  # noqa: ARG002, N802, N803 - Twisted's names
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self.log.add(line.decode())

    def processEnded(self, reason: Failure) -> None:  # noqa: N802 - Twisted's name
        end = reason.value
        self._status = (-end.signal if end.signal else end.exitCode) if isinstance(end, ProcessTerminated) else 0
        for waiting in self._waiting:
            waiting.callback(self._status)

    def ended(self) -> Deferred[int]:
        """Fires with the status of the process once it has ended."""
        if self._status is not None:
            return succeed(self._status)
        self._waiting.append(Deferred())
        return self._waiting[-1].addTimeout(DEADLINE, reactor)

    def freeze(self) -> None:
        """Take the processor away from it: it reads and writes nothing any more, and closes nothing."""
        self.transport.signalProcess("STOP")

    async def stop(self, how: Literal["INT", "TERM", "KILL"]) -> End:
        """Send a signal, and wait until the process has ended."""
        asked_at = reactor.seconds()
        if self._status is None:
            self.transport.signalProcess(how)
        status = await self.ended()
        return End(status, reactor.seconds() - asked_at)


class ServiceProcess(Process):
    """A service that is a process."""

    def __init__(self, port: int) -> None:
        Process.__init__(self)
        self.health_url = f"http://127.0.0.1:{port}/healthz"

    async def settle(self) -> None:
        """Wait until the stream is connected, and the poll that follows is done."""
        await self.log.expect("poll completed trigger=push")

    async def health(self) -> dict[str, Any]:
        """What it says about itself."""
        answer = await transport().fetch(Request("GET", self.health_url))
        health: dict[str, Any] = json.loads(answer.body)
        return health

    async def health_if_there(self) -> dict[str, Any]:
        """The same; nothing as long as it does not listen yet."""
        try:
            return await self.health()
        except ConnectionFailed:
            return {}


@asynccontextmanager
async def running_process(
    login: MailLogin,
    program: Sequence[str] = TWISTD,
    environment: Mapping[str, str] = MappingProxyType({}),
    **settings: Any,
) -> AsyncIterator[ServiceProcess]:
    """The service as a process."""
    port = _free_port()
    service = ServiceProcess(port)
    web = f"tcp:{port}:interface=127.0.0.1"
    given = {"log_format": "text", "poll_interval": 3600, "debounce_seconds": 0, "web": web, **settings}
    async with started(service, program, {**environment_for(login, **given), **environment}):
        yield service


def environment_for(login: MailLogin, **settings: object) -> dict[str, str]:
    """The environment variables with which Mailroom finds an account."""
    return {f"MAILROOM_{name.upper()}": str(value) for name, value in {**settings, **access(login)}.items()}


@asynccontextmanager
async def started(process: Process, command: Sequence[str], environment: Mapping[str, str]) -> AsyncIterator[None]:
    """Run a command in an empty folder, and see to it that it ends. Its environment has no settings but these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAILROOM_")}
    with TemporaryDirectory() as folder:
        reactor.spawnProcess(process, command[0], command, env={**inherited, **environment}, path=folder)
        try:
            yield
        finally:
            await process.stop("KILL")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
