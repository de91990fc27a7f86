"""What an event stream tells those who follow it."""

from typing import Protocol

from mailroom.push.sse import ServerSentEvent


class StreamListener(Protocol):
    """Hears what happens on a stream. What it raises is logged, and the stream goes on."""

    def stream_connected(self) -> None:
        """The stream is there, for the first time or again: what was missed meanwhile may never be announced."""

    def stream_event(self, event: ServerSentEvent) -> None:
        """The server sent an event, and it is no ping."""

    def stream_disconnected(self) -> None:
        """The stream is gone, and not because it was stopped."""
