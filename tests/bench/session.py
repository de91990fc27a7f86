"""One service, one account on the far side, and the long line between them."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from tests.bench.long_line import LongLine
from tests.bench.processes import Child, start_module

ROUND_TRIP: Final = 0.1

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
    reactor: Any, contacts: Contacts, poll_interval: int, *far_side_arguments: str, set_up: int = 1
) -> AsyncIterator[Session]:
    """A service that has just been started; all is stopped in the end.

    A connection takes `set_up` round trips to open. Contacts over CardDAV are on a host of their own.
    """
    far_side = start_module(reactor, "tests.bench.far_side", "--contacts", contacts, *far_side_arguments)
    told = await far_side.tell("port")
    line = LongLine(reactor, reactor, told["port"], ROUND_TRIP, set_up)
    cards_line = LongLine(reactor, reactor, told["cards_port"], ROUND_TRIP, set_up)
    ports = [reactor.listenTCP(0, each, interface="127.0.0.1") for each in (line, cards_line)]
    mail, cards = (f"http://127.0.0.1:{port.getHost().port}" for port in ports)
    settings = {
        "MAILROOM_JMAP_URL": f"{mail}/.well-known/jmap",
        "MAILROOM_JMAP_TOKEN": told["token"],
        "MAILROOM_CONTACTS": contacts,
        "MAILROOM_POLL_INTERVAL": str(poll_interval),
        "MAILROOM_WEB": "tcp:0:interface=127.0.0.1",
        "MAILROOM_LOG_FORMAT": "json",
        "MAILROOM_LOG_LEVEL": "debug",
    }
    if contacts == "carddav":
        settings |= {
            "MAILROOM_CARDDAV_URL": f"{cards}/.well-known/carddav",
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
            for port in ports:
                await port.stopListening()
