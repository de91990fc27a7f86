"""The body of one event stream, from its head to its end."""

from collections.abc import Callable
from enum import Enum
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss

from mailroom.http.body import abort
from mailroom.http.errors import AnswerUndecodable
from mailroom.push.idle_timeout import IdleTimeout
from mailroom.push.sse import EventStreamDecoder, EventTooLarge, ServerSentEvent

PING_EVENT: Final = "ping"
"""The type of the events that say nothing but that the server is there (RFC 8620 section 7.3)."""


class End(Enum):
    """How a connection came to its end."""

    CLOSED = "The server ended the stream."
    BROKEN = "The connection broke."
    SILENT = "The server has been silent for too long."
    TOO_LARGE = "The server sent an event that is too large to be one."
    COMPRESSED = "The server compresses the stream, though it was asked not to: a proxy may do so."
    MOVED = "The server's session names another event source or account now."
    LOGIN_CHANGED = "The login is another one now."


class Connection(Protocol):
    """Delivers the events of one connection.

    `ended` fires with how it ended; cancelling it hangs up. After that nothing more is delivered, and no timer is left.
    """

    def __init__(
        self,
        clock: IReactorTime,
        last_event_id: str,
        idle_timeout: IdleTimeout,
        deliver: Callable[[ServerSentEvent], None],
    ) -> None:
        self.ended: Deferred[End] = Deferred(lambda _ended: self._release())
        self.decoder = EventStreamDecoder(last_event_id)
        self.received = False
        """Whether a single octet has come."""
        self.delivered = False
        """Whether an event has come that is no ping."""
        self.heard_at = clock.seconds()
        """When the last octet came, or else the head."""
        self._clock = clock
        self._idle_timeout = idle_timeout
        self._deliver = deliver
        self._silence: IDelayedCall | None = None

    def end(self, how: End) -> None:
        """Hang up, unless it is over already."""
        if not self.ended.called:
            self._release()  # first: who hears of the end may stop everything, and expects no timer to be left
            self.ended.callback(how)

    def connectionMade(self) -> None:
        self._silence = self._clock.callLater(self._idle_timeout.seconds, self.end, End.SILENT)

    def dataReceived(self, data: bytes) -> None:
        if self.ended.called or self._silence is None:
            return
        self.received = True
        self.heard_at = self._clock.seconds()
        try:
            events = self.decoder.feed(data)
        except EventTooLarge as error:
            self._deliver_all(error.events)
            self.end(End.TOO_LARGE)
            return
        if not events:
            self._idle_timeout.pinged(self.heard_at)
        self._deliver_all(events)
        if not self.ended.called:  # an ended connection's timer is cancelled, and must not be reset
            # Moved on rather than set anew: one timer a connection, however many octets come.
            self._silence.reset(self._idle_timeout.seconds)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if reason.check(AnswerUndecodable):
            self.end(End.COMPRESSED)
        else:
            self.end(End.CLOSED if reason.check(ResponseDone, PotentialDataLoss) else End.BROKEN)

    def _deliver_all(self, events: list[ServerSentEvent]) -> None:
        for event in events:
            if self.ended.called:  # by whoever was told of the event before
                return
            if event.type == PING_EVENT:
                self._idle_timeout.pinged(self.heard_at, event.data)
            else:
                self.delivered = True
            self._deliver(event)

    def _release(self) -> None:
        if self._silence is not None and self._silence.active():
            self._silence.cancel()
        # Not loseConnection: a peer that is gone, which is what silence most often means, never answers a close.
        abort(self)
