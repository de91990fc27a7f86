"""What the connections of a stream have taught, for as long as they are to one URL of one login.

Nothing of it goes to another server, account or login: an event ID may be a secret, or mean something else there, and
how one server paces itself says nothing of the next. Where the session's URL is redirected, the server is the one that
it led to. Failures in a row are remembered elsewhere, and counted on: they are about our own manners.
"""

from dataclasses import dataclass, field

from mailroom.core.retry import MAX_BACKOFF, MAX_RETRY_AFTER
from mailroom.push.idle_timeout import IdleTimeout
from mailroom.push.long_poll import LongPoll
from mailroom.push.sse import EventStreamDecoder


@dataclass(frozen=True, slots=True)
class Source:
    """What a stream is asked for: the URL that the session names, whose account it is, and who asks."""

    template: str | None
    account: object
    authorization: str | None = field(repr=False)


class Memory:
    """The last event ID, the reconnection time, how long to bear silence, and whether to ask for a stream at all.

    `ping` is the interval asked for, in seconds.
    """

    def __init__(self, ping: int) -> None:
        self._ping = ping
        self._source: Source | None = None
        self.redirected_to = ""
        """Where the session's URL led to the last time, "" if nowhere."""
        self.long_poll = LongPoll(ping)
        self.forget()

    def forget(self) -> None:
        """Begin afresh: the next connection is another server's, or another login's."""
        self.last_event_id = ""
        """What to send as Last-Event-ID."""
        self.reconnection_time: float | None = None
        """The seconds that the server has set by a `retry` field: a minimum."""
        self.idle_timeout = IdleTimeout(self._ping)

    def located(self, source: Source) -> None:
        """The next connection is to this source."""
        if source != self._source:
            self._source = source
            self.redirected_to = ""
            self.long_poll = LongPoll(self._ping)
            self.forget()

    def opened(self, *, redirected_to: str) -> None:
        """It is there, at this URL or, if that is empty, at the session's."""
        if redirected_to != self.redirected_to:
            self.redirected_to = redirected_to
            self.forget()

    def learn(self, decoder: EventStreamDecoder) -> None:
        """Keep what a connection leaves for the next: the id of its last whole block, and a time that it set."""
        # The decoder's, not that of the last event delivered: an id may come in a block without data.
        self.last_event_id = decoder.last_event_id
        if decoder.retry is not None:
            seconds = decoder.retry / 1000
            # More than an hour is a slip, for it would mean no push at all.
            self.reconnection_time = seconds if seconds <= MAX_RETRY_AFTER else MAX_BACKOFF
