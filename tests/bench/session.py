"""One service, one account on the far side, and the long line between them."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from tests.bench.long_line import LongLine
from tests.bench.processes import Child, start_module

ROUND_TRIP: Final = 0.1
DEBOUNCE_SECONDS: Final = 0.5
"""How close to each other polls may begin: no scenario comes that soon after the one before."""

Contacts = Literal["jmap", "carddav"]
BACKENDS: Final[tuple[Contacts, ...]] = ("jmap", "carddav")


@dataclass(frozen=True, slots=True)
class Session:
    """The service and the account as processes, and the line between them."""

    service: Child
    far_side: Child
    line: LongLine


@asynccontextmanager
async def session(
    reactor: Any, contacts: Contacts, poll_interval: int, *far_side_arguments: str
) -> AsyncIterator[Session]:
    """A service that has just been started; all is stopped in the end."""
    far_side = start_module(reactor, "tests.bench.far_side", "--contacts", contacts, *far_side_arguments)
    told = await far_side.tell("port")
    line = LongLine(reactor, reactor, told["port"], ROUND_TRIP)
    listening = reactor.listenTCP(0, line, interface="127.0.0.1")
    origin = f"http://127.0.0.1:{listening.getHost().port}"
    settings = {
        "MAILROOM_JMAP_URL": f"{origin}/.well-known/jmap",
        "MAILROOM_JMAP_TOKEN": told["token"],
        "MAILROOM_CONTACTS": contacts,
        "MAILROOM_POLL_INTERVAL": str(poll_interval),
        "MAILROOM_DEBOUNCE_SECONDS": str(DEBOUNCE_SECONDS),
        "MAILROOM_WEB": "tcp:0:interface=127.0.0.1",
        "MAILROOM_LOG_FORMAT": "json",
        "MAILROOM_LOG_LEVEL": "debug",
    }
    if contacts == "carddav":
        settings |= {
            "MAILROOM_CARDDAV_URL": f"{origin}/.well-known/carddav",
            "MAILROOM_CARDDAV_USERNAME": told["username"],
            "MAILROOM_CARDDAV_PASSWORD": told["password"],
        }
    with tempfile.TemporaryDirectory() as directory:
        service = start_module(reactor, "mailroom", "run", settings=settings, directory=directory)
        try:
            yield Session(service, far_side, line)
        finally:
            for process in (service, far_side):
                process.stop()
                await process.gone
            await listening.stopListening()
