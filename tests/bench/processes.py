"""Python modules that run as processes of their own, and what the system knows about them."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.interfaces import IProcessTransport, IReactorProcess, IReactorTime
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure

PATIENCE: Final = 180.0
"""Seconds within which a process has something to say."""
_QUOTED: Final = 2000


class ProcessFailed(Exception):
    """A process ended, or fell silent, before it said what was waited for."""


class Child(ProcessProtocol):
    """A process that says JSON objects, one a line, on either output. Other lines are kept for when it fails."""

    transport: IProcessTransport

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._rest: dict[int, bytes] = {}
        self._said = ""
        self._objects: DeferredQueue[dict[str, Any]] = DeferredQueue()
        self.gone: Deferred[float] = Deferred()
        """Fires with the time at which the process was gone, in seconds since the epoch."""

    @property
    def pid(self) -> int:
        return cast("int", self.transport.pid)

    def childDataReceived(self, child_fd: int, data: bytes) -> None:  # noqa: N802 - Twisted's name
        *lines, self._rest[child_fd] = (self._rest.get(child_fd, b"") + data).split(b"\n")
        for line in lines:
            try:
                self._objects.put(json.loads(line))
            except ValueError:
                self._said = f"{self._said}{line.decode(errors='replace')}\n"[-_QUOTED:]

    def processEnded(self, _reason: Failure) -> None:  # noqa: N802 - Twisted's name
        self.gone.callback(self._clock.seconds())

    async def tell(self, *keys: str) -> dict[str, Any]:
        """The next object with all these keys; those before it are dropped."""
        while True:
            try:
                told = await self._objects.get().addTimeout(PATIENCE, self._clock)
            except TookTooLong:
                raise ProcessFailed(f"A process fell silent. Its last words:\n{self._said}") from None
            if all(key in told for key in keys):
                return told

    def heard(self) -> list[dict[str, Any]]:
        """Every object since the last one that was told or heard."""
        objects, self._objects.pending = self._objects.pending, []
        return objects

    def stop(self) -> None:
        """Ask it to end, as an operator would. One that is gone has ended."""
        if not self.gone.called:
            self.transport.signalProcess("TERM")


def start_module(
    reactor: Any, module: str, *arguments: str, settings: Mapping[str, str] | None = None, directory: str | None = None
) -> Child:
    """Run a module of this Python. Its environment has the settings, and nothing else that Mailroom would read."""
    child = Child(reactor)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAILROOM_")}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    spawn: IReactorProcess = reactor
    spawn.spawnProcess(
        child,
        sys.executable,
        [sys.executable, "-m", module, *arguments],
        env=environment | dict(settings or {}),
        path=directory,
    )
    reactor.addSystemEventTrigger("before", "shutdown", child.stop)
    return child


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory in megabytes, and how much of it is the process's own rather than files that others map too."""

    resident: float
    private: float


def memory_of(pid: int) -> Memory | None:
    """What a process holds; None where the system has no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kilobytes = {
        name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines) if "kB" in rest
    }
    return Memory(kilobytes["VmRSS"] * 1024 / 1e6, kilobytes["RssAnon"] * 1024 / 1e6)


def cpu_seconds(pid: int) -> float | None:
    """The time that a process spent on the processor, to the nanosecond; None where the system has no /proc."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9
    except OSError:
        return None
