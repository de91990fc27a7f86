"""The figures as people read them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from mailroom.commands.table import table
from tests.bench.decoding import Speed
from tests.bench.measures import Change, Connections, Cost, Idle, Stop, Taps, Triage
from tests.bench.processes import Memory
from tests.bench.session import ROUND_TRIP

_MEMORY: Final = ("resident MB", "private MB")
AIM_MEGABYTES: Final = 50
"""Of resident memory, for an idle service."""


@dataclass(slots=True)
class Figures:
    """All that was measured."""

    triages: list[Triage] = field(default_factory=list)
    taps: list[Taps] = field(default_factory=list)
    connections: list[Connections] = field(default_factory=list)
    idle: list[Idle] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    answers: list[Cost] = field(default_factory=list)
    decoding: list[Speed] = field(default_factory=list)


def as_text(figures: Figures) -> str:
    """One table, whose parts have their own headings."""
    return "\n\n".join(_parts(figures))


def _parts(figures: Figures) -> Iterator[str]:
    yield table(
        (f"triage, {ROUND_TRIP * 1000:.0f} ms away", "contacts", "requests", "round trips", "seconds", "aim"),
        (
            (
                each.scenario,
                each.contacts,
                str(each.requests),
                _figure(each.round_trips, 0),
                _figure(each.seconds, 2),
                _figure(each.aim, 1),
            )
            for each in figures.triages
        ),
    )
    yield table(
        ("taps, one a second", "label gone after s (median)", "longest"),
        (
            (f"contacts over {each.contacts}", _figure(each.median, 2), _figure(each.longest, 2))
            for each in figures.taps
        ),
    )
    yield table(
        ("tap, connections", "contacts", "round trips to connect", "requests", "seconds"),
        (
            (each.connections, each.contacts, str(each.set_up), str(each.requests), _figure(each.seconds, 2))
            for each in figures.connections
        ),
    )
    yield table(
        ("idle poll", "requests", "CPU ms", *_MEMORY, "aim"),
        (
            (
                f"contacts over {each.contacts}",
                str(each.requests),
                _figure(each.cpu_milliseconds, 1),
                *_memory(each.memory),
                str(AIM_MEGABYTES),
            )
            for each in figures.idle
        ),
    )
    yield table(
        ("change of network", "last octet to tap done, seconds", "aim"),
        (
            (f"contacts over {each.contacts}", _figure(each.seconds, 1), _figure(each.aim, 0))
            for each in figures.changes
        ),
    )
    yield table(
        ("stop during", "hung up after ms", "gone after ms", *_MEMORY),
        (
            (
                each.during,
                _figure(each.connections_seconds * 1000, 0),
                _figure(each.process_seconds * 1000, 0),
                *_memory(each.memory),
            )
            for each in figures.stops
        ),
    )
    yield table(
        ("answer", "what came of it", "resident MB more", "reactor blocked ms"),
        (
            (each.answer, each.outcome, _figure(each.megabytes, 0), _figure(each.blocked_seconds * 1000, 0))
            for each in figures.answers
        ),
    )
    yield table(("decoder", "a read", "MB/s", "events/s", ""), map(_decoder_row, figures.decoding))


def _memory(memory: Memory | None) -> tuple[str, str]:
    return ("", "") if memory is None else (_figure(memory.resident, 1), _figure(memory.private, 1))


def _decoder_row(speed: Speed) -> tuple[str, ...]:
    if speed.missing:
        return speed.decoder, speed.reads, "", "", speed.missing
    return speed.decoder, speed.reads, f"{speed.megabytes_per_second:.0f}", f"{speed.events_per_second:,.0f}", ""


def _figure(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
