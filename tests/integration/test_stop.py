"""SIGTERM ends the service at once, whatever it is doing: one process for each thing that it may be doing.

Nothing but loopback is ever contacted. `-rP` shows the seconds that were measured.
"""

import math
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailroom.sandbox import SandboxOptions
from mailroom.sandbox.faults import Delay
from tests.integration.real_time import eventually, finish, on_reactor
from tests.integration.servers import SandboxAccount
from tests.integration.service_process import (
    AT_ONCE,
    MODULE,
    TWIST,
    TWISTD,
    Process,
    ServiceProcess,
    running_process,
    started,
)
from tests.integration.service_tls import CERTIFICATE

ROOT = Path(__file__).parents[2]
AGES = 3600.0


@dataclass(frozen=True, slots=True)
class Somewhere:
    """A login for a server that will never look at it, at a port of loopback."""

    port: int
    scheme: str = "http"
    contacts: None = None
    username: str = SandboxOptions().username
    password: str = SandboxOptions().password

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"


@pytest.fixture
def server() -> Iterator[SandboxAccount]:
    server = SandboxAccount(SandboxOptions())
    yield server
    finish(server.kill())


async def assert_ends_at_once(service: ServiceProcess) -> None:
    """Stop it, as an init system does."""
    end = await service.stop("TERM")
    sys.stdout.write(f"ended {end.seconds:.3f} s after the signal\n")
    assert end.status == 0
    assert end.seconds < AT_ONCE


@pytest.mark.parametrize("program", [TWISTD, TWIST, MODULE], ids=["twistd", "twist", "mailroom"])
@on_reactor
async def test_idle(server: SandboxAccount, program: Sequence[str]) -> None:
    """With the stream connected, and nothing to do."""
    async with running_process(server, program) as service:
        await service.settle()
        await assert_ends_at_once(service)


@on_reactor
async def test_backing_off() -> None:
    """Nobody listens where the server should be; the next attempt has its time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nowhere = Somewhere(listener.getsockname()[1])
    async with running_process(nowhere) as service:
        await service.log.expect("poll failed")
        await service.log.expect("no event stream")
        await assert_ends_at_once(service)


@on_reactor
async def test_debouncing(server: SandboxAccount) -> None:
    """The poll that follows the connection waits for the end of the window that the first poll opened."""
    async with running_process(server, debounce_seconds=AGES) as service:
        await service.log.expect("poll completed trigger=fallback")
        await service.log.expect("event stream connected")
        await assert_ends_at_once(service)


@on_reactor
async def test_connecting_to_a_server_that_does_not_answer() -> None:
    """The connection is there, the request is out, and nothing comes back."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with running_process(Somewhere(silent.getsockname()[1])) as service:
            await assert_is_connecting(service)
            await assert_ends_at_once(service)


@on_reactor
async def test_connecting_to_a_host_that_does_not_answer() -> None:
    """Not even the connection comes about: the queue for those that nobody has accepted is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as overrun, ExitStack() as queue:
        for _ in range(4):
            waiting = queue.enter_context(closing(socket.socket()))
            waiting.settimeout(0)
            waiting.connect_ex(overrun.getsockname())
        async with running_process(Somewhere(overrun.getsockname()[1])) as service:
            await assert_is_connecting(service)
            await assert_ends_at_once(service)


async def assert_is_connecting(service: ServiceProcess) -> None:
    """Neither the first poll nor the first attempt at a stream has come to any end."""
    await service.log.expect("started")
    health = await service.health()
    assert (health["poll_count"], health["eventsource"]["status"]) == (0, "connecting")


@on_reactor
async def test_in_the_middle_of_a_poll(server: SandboxAccount) -> None:
    """The server has taken a request, and takes its time to answer."""
    server.sandbox.fail_next(Delay(AGES, path="/jmap/api"), math.inf)

    async def asked() -> bool:
        return any(request.path == "/jmap/api" for request in server.sandbox.received)

    async with running_process(server) as service:
        assert await eventually(asked, bool)
        await assert_ends_at_once(service)


@on_reactor
async def test_a_peer_that_has_stopped_reading(tmp_path: Path) -> None:
    """Its process is frozen, so that it will never answer the farewell that TLS asks for."""
    peer = Process()
    command = [sys.executable, "-m", "tests.integration.service_tls", str(tmp_path)]
    async with started(peer, command, {"PYTHONPATH": str(ROOT)}):
        port = (await peer.log.expect("listening on")).split()[-1]
        trust = {"SSL_CERT_FILE": str(tmp_path / CERTIFICATE)}
        async with running_process(Somewhere(int(port), "https"), environment=trust) as service:
            await service.settle()
            peer.freeze()
            await assert_ends_at_once(service)
