"""What is measured, and how."""

import math
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from twisted.internet.task import deferLater

from tests.bench.hostile_answers import ANSWERS
from tests.bench.processes import Memory, ProcessFailed, cpu_seconds, memory_of, start_module
from tests.bench.scenarios import SCENARIOS
from tests.bench.session import Contacts, Session, session

IDLE_SECONDS: Final = 10
_INTO_THE_TRIAGE: Final = 0.25
_NO_POLLS: Final = 3600
_POLL_INTERVAL: Final = 60


@dataclass(frozen=True, slots=True)
class Triage:
    """From the first label put on to the last one gone, both as the server sees it; None if that never came."""

    contacts: Contacts
    scenario: str
    requests: int
    round_trips: int | None
    seconds: float | None
    aim: float


@dataclass(frozen=True, slots=True)
class Taps:
    """How long mails kept their label that were tapped one a second; infinity for one that kept it for a minute."""

    contacts: Contacts
    median: float
    longest: float


@dataclass(frozen=True, slots=True)
class Connections:
    """One tap while connections to the address book are open (warm), or have been closed for idleness (cold).

    `set_up` is how many round trips a new connection takes.
    """

    contacts: Contacts
    set_up: int
    connections: str
    requests: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Idle:
    """What a poll costs that finds nothing, and the memory of a service that has just found nothing some times."""

    contacts: Contacts
    requests: int
    cpu_milliseconds: float | None
    memory: Memory | None


@dataclass(frozen=True, slots=True)
class Change:
    """From the last octet that came before the network changed until a tap after that is done; None if it never was."""

    contacts: Contacts
    seconds: float | None
    aim: float = 70.0


@dataclass(frozen=True, slots=True)
class Stop:
    """From SIGTERM until the last connection is closed, and until the process is gone; its memory just before."""

    during: str
    connections_seconds: float
    process_seconds: float
    memory: Memory | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What an answer cost: resident memory at its peak, and the longest time in which nothing else ran."""

    answer: str
    outcome: str
    megabytes: float
    blocked_seconds: float


async def triages(reactor: Any, contacts: Contacts) -> tuple[list[Triage], Stop]:
    """Every scenario in turn, and a stop in the middle of one more."""
    figures = []
    async with session(reactor, contacts, _NO_POLLS) as running:
        for scenario in SCENARIOS:
            told = await running.far_side.tell("triaged")
            polls = [each["round_trips"] for each in running.service.heard() if each.get("senders")]
            round_trips = polls[-1] if polls else None
            figures.append(
                Triage(contacts, str(scenario), told["requests"], round_trips, told["seconds"], scenario.aim)
            )
        await running.far_side.tell("tapped")
        await deferLater(reactor, _INTO_THE_TRIAGE)
        return figures, await _stop(reactor, running, f"a triage ({contacts})")


async def tapping(reactor: Any, contacts: Contacts) -> Taps:
    """A screenful of taps, at the pace of a person."""
    async with session(reactor, contacts, _NO_POLLS, "--measure", "taps") as running:
        told = await running.far_side.tell("taps")
        seconds = [math.inf if each is None else each for each in told["taps"]]
        return Taps(contacts, median(seconds), max(seconds))


async def cold_and_warm(reactor: Any, contacts: Contacts, set_up: int) -> list[Connections]:
    """A tap after connections were closed, and the next one."""
    figures = []
    async with session(reactor, contacts, _NO_POLLS, "--measure", "connections", set_up=set_up) as running:
        for _tap in range(2):
            told = await running.far_side.tell("connections")
            figures.append(Connections(contacts, set_up, told["connections"], told["requests"], told["seconds"]))
    return figures


async def idleness(reactor: Any, contacts: Contacts) -> tuple[Idle, Stop]:
    """A service that polls every second and finds nothing, and its stop."""
    async with session(reactor, contacts, 1, "--idle", str(IDLE_SECONDS)) as running:
        pid = running.service.pid
        await running.far_side.tell("idle")
        running.service.heard()
        before = cpu_seconds(pid)
        told = await running.far_side.tell("idle")
        after = cpu_seconds(pid)
        polls = sum("round_trips" in each for each in running.service.heard())
        if not polls:
            raise ProcessFailed("The service has not polled once.")
        spent = None if before is None or after is None else (after - before) / polls * 1000
        figure = Idle(contacts, round(told["requests"] / polls), spent, memory_of(pid))
        return figure, await _stop(reactor, running, f"idleness ({contacts})")


async def costs_of_answers(reactor: Any) -> list[Cost]:
    """Every answer, usual and hostile, each to a process of its own."""
    costs = []
    for answer in ANSWERS:
        server = start_module(reactor, "tests.bench.hostile_server", answer)
        port = str((await server.tell("port"))["port"])
        asking = start_module(reactor, "tests.bench.hostile", answer, port)
        try:
            costs.append(Cost(answer, **(await asking.tell("outcome"))))
        finally:
            for process in (asking, server):
                process.stop()
                await process.gone
    return costs


async def change_of_network(reactor: Any, contacts: Contacts) -> Change:
    """A tap while every connection that was open before is half-open: nothing comes over it, and nobody is told."""
    async with session(reactor, contacts, _POLL_INTERVAL, "--measure", "dark") as running:
        await running.far_side.tell("dark")
        running.line.go_dark()
        last = running.line.carried_at
        told = await running.far_side.tell("dark")
        return Change(contacts, None if told["done_at"] is None else told["done_at"] - last)


async def _stop(clock: Any, running: Session, during: str) -> Stop:
    memory = memory_of(running.service.pid)
    asked_at = clock.seconds()
    running.service.stop()
    gone_at = await running.service.gone
    closed_at = running.line.last_lost_at or asked_at
    return Stop(during, closed_at - asked_at, gone_at - asked_at, memory)
