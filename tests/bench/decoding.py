"""How fast the event stream decoder is, beside those of other libraries where they are installed."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from typing import Any, Final

from mailroom.push.sse import EventStreamDecoder

EVENT: Final = (
    b"event: state\nid: 1234567\n"
    b'data: {"@type":"StateChange","changed":{"u3f8a40c1":{"Email":"d35ecb040aab","Mailbox":"0af7a512ce70"}}}\n\n'
)
EVENTS: Final = 20_000
READ_SIZE: Final = 64 * 1024
ROUNDS: Final = 5

CountEvents = Callable[[Sequence[bytes]], int]
"""Decodes the reads of one connection, and says how many events they held."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a decoder went through the reads of one shape, or why it could not be tried."""

    decoder: str
    reads: str
    megabytes_per_second: float = 0.0
    events_per_second: float = 0.0
    missing: str = ""


def decoding_speeds() -> list[Speed]:
    """The best of a few rounds for each decoder: what disturbs a measurement only ever makes it slower."""
    stream = EVENT * EVENTS
    shapes = {
        "64 KiB": [stream[start : start + READ_SIZE] for start in range(0, len(stream), READ_SIZE)],
        "one event": [EVENT] * EVENTS,
    }
    return [
        _speed(name, shape, reads, load)
        for shape, reads in shapes.items()
        for name, load in (("mailroom", lambda: _mailroom), ("httpx-sse", _httpx), ("launchdarkly", _launchdarkly))
    ]


def _speed(name: str, shape: str, reads: Sequence[bytes], load: Callable[[], CountEvents]) -> Speed:
    try:
        count_events = load()
    except ImportError as error:
        return Speed(name, shape, missing=f"not installed ({error})")
    seconds = min(_timed(count_events, reads) for _round in range(ROUNDS))
    return Speed(name, shape, EVENTS * len(EVENT) / seconds / 1e6, EVENTS / seconds)


def _timed(count_events: CountEvents, reads: Sequence[bytes]) -> float:
    started = time.perf_counter()
    found = count_events(reads)
    seconds = time.perf_counter() - started
    if found != EVENTS:
        raise ValueError(f"{found} events came out of {EVENTS}: their time means nothing.")
    return seconds


def _mailroom(reads: Sequence[bytes]) -> int:
    decoder = EventStreamDecoder()
    return sum(len(decoder.feed(read)) for read in reads)


def _httpx() -> CountEvents:
    httpx, httpx_sse = import_module("httpx"), import_module("httpx_sse")

    def count_events(reads: Sequence[bytes]) -> int:
        response = httpx.Response(200, headers={"content-type": "text/event-stream"}, content=iter(reads))
        return _count(httpx_sse.EventSource(response).iter_sse())

    return count_events


def _launchdarkly() -> CountEvents:
    library, config = import_module("ld_eventsource"), import_module("ld_eventsource.config")

    def count_events(reads: Sequence[bytes]) -> int:
        connection = config.ConnectionResult(stream=iter(reads), closer=None)
        once = type("Once", (config.ConnectionClient,), {"connect": lambda _client, _last_event_id: connection})
        strategy = type("Local", (config.ConnectStrategy,), {"create_client": lambda _strategy, _logger: once()})
        # It would go on to connect again when the reads are over.
        return _count(islice(library.SSEClient(strategy()).events, EVENTS))

    return count_events


def _count(events: Iterable[Any]) -> int:
    return sum(1 for _event in events)
