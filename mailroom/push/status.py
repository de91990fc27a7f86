"""How an event stream is doing, in words that a person understands."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class StreamState(StrEnum):
    """What an event stream is up to."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"
    """An attempt failed or the stream ended; the next attempt has its time."""
    UNAVAILABLE = "unavailable"
    """There is no push to be had for now, or none wanted; if it is asked for again, then after a longer time."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """An event stream at one moment.

    `connected_since` and `last_event` are seconds since the epoch, `retry_at` is seconds of the clock that measures.
    `url` is without its query. `last_event` is when the last event or ping came, `reconnect_count` how many
    connections followed the first one, `error` why there is none now, or why there was none a moment ago.
    """

    state: StreamState
    url: str | None = None
    connected_since: float | None = None
    last_event: float | None = None
    reconnect_count: int = 0
    retry_at: float | None = None
    error: str | None = None


NOT_WANTED: Final = StreamStatus(StreamState.UNAVAILABLE, error="The settings want no push, so Mailroom polls.")
"""Where the setting `push` is `none`, and no stream is ever asked for."""
