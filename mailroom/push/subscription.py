"""One stream kept alive: connect, listen, and when it ends or fails, wait and connect again.

The theory. `Subscription.status.state` is the state of it all, and each state waits for one thing:

- **connecting** waits for the URL from the session, then for the head of the answer. It leads to connected, or by a
  failure to waiting, or to unavailable if the server has no push to offer.
- **connected** waits for the end of the connection, which leads to waiting. News of the session start an inquiry beside
  it: an event source that has moved is a reason to end the connection. So is a secret that was replaced.
- **waiting** and **unavailable** wait for the time of the next attempt. News of the session cut it short where time
  alone does not mend what failed: a server without push may have some now, and a URL that is wrong may be right. Where
  the server itself has asked for a longer wait, they start an inquiry too: another server has not.
- **stopped** waits for nothing, and is for good.

So there is one Deferred to cancel at any moment, and one of an inquiry. What may happen in between is that somebody who
is told something stops the stream from within the call. That counts at once: no event behind the one that was told is
delivered, and nothing is asked for any more.
"""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, ClassVar, Final, Protocol, TypeVar

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred, maybeDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure
from twisted.web.iweb import IResponse

from mailroom.core.errors import MailroomError
from mailroom.core.retry import MAX_BACKOFF, Uniform
from mailroom.core.wall_clock import WallClock
from mailroom.push.connection import PING_EVENT, Connection, End
from mailroom.push.failures import NO_EVENT_SOURCE, RetryPolicy, StreamFailure, failure_of_error
from mailroom.push.inquiry import Inquiry
from mailroom.push.memory import Memory
from mailroom.push.reconnection import Reconnection
from mailroom.push.request import Opener, stream_url
from mailroom.push.sse import ServerSentEvent
from mailroom.push.status import StreamState, StreamStatus

_LEFT: Final = frozenset({End.MOVED, End.LOGIN_CHANGED})
"""Ends that come of there being another stream to follow."""
_T = TypeVar("_T")


class StreamListener(Protocol):
    """Hears what happens on a stream. What it raises is logged, and the stream goes on."""

    def stream_connected(self) -> None:
        """The stream is there, for the first time or again: what was missed meanwhile may never be announced."""

    def stream_event(self, event: ServerSentEvent) -> None:
        """The server sent an event, and it is no ping."""

    def stream_disconnected(self) -> None:
        """The stream is gone, and not because it was stopped."""


class Subscription:
    """Follows an event source until it is stopped, which is for good.

    One coroutine does all the waiting. `stop` cancels what it waits for, or the next thing it would wait for.
    """

    _log: ClassVar[Logger] = Logger()

    def __init__(  # noqa: PLR0913 - all that it works with
        self,
        opener: Opener,
        clock: IReactorTime,
        listener: StreamListener,
        uniform: Uniform,
        ping: int,
        *,
        connection_died: Callable[[], None],
        is_quiet: Callable[[], bool],
        wall_clock: WallClock,
    ) -> None:
        self.status = StreamStatus(StreamState.CONNECTING)
        self._opener = opener
        self._clock = clock
        self._wall_clock = wall_clock
        self._listener = listener
        self._connection_died = connection_died
        self._is_quiet = is_quiet
        self._ping = ping
        self._memory = Memory(ping)
        self._reconnection = Reconnection(uniform, self._memory)
        self._connections = 0
        self._connection: Connection | None = None
        self._last_logged: str | None = None
        """The message of the failure that was logged last, and has gone on since."""
        self._awaited: Deferred[Any] | None = None
        """What the coroutine waits for. It is kept, since a coroutine that is running cannot be cancelled itself."""
        self._inquiry = Inquiry(opener.has_moved, self._leave)
        self._has_news = False
        """Whether the session has changed while the stream was being opened."""

    @property
    def _stopped(self) -> bool:
        return self.status.state is StreamState.STOPPED

    @property
    def _waits(self) -> bool:
        return self.status.state in {StreamState.WAITING, StreamState.UNAVAILABLE}

    @property
    def _waits_long(self) -> bool:
        """Whether it waits for longer than failures alone would have it wait."""
        retry_at = self.status.retry_at
        return self._waits and retry_at is not None and retry_at - self._clock.seconds() > MAX_BACKOFF

    def start(self) -> None:
        """Connect as soon as the reactor runs: services are started before it does."""
        Deferred.fromCoroutine(self._run()).addErrback(self._broke_down)

    def stop(self) -> None:
        """Hang up, or give up connecting or waiting, at once."""
        # The state comes first: whatever a cancellation sets free looks at it before it does anything.
        self.status = replace(self.status, state=StreamState.STOPPED, connected_since=None, retry_at=None)
        self._inquiry.cancel()
        if self._awaited is not None:
            self._awaited.cancel()

    def session_changed(self) -> None:
        """The session is another one now: if it has moved the event source, or has one at last, follow it."""
        if self._reconnection.awaits_change and self._waits and self._awaited is not None:
            self._reconnection.refresh_session = False
            self._awaited.callback(None)
        elif self._connection is not None or self._waits_long:
            self._inquiry.begin()
        else:
            self._has_news = True

    def verify_login(self) -> None:
        """Look whether the secret was replaced: then the connection is another login's."""
        if self._connection is not None and self._opener.login_has_changed():
            self._reconnection.refresh_session = True  # the new login's may be another one
            self._connection.end(End.LOGIN_CHANGED)

    async def _run(self) -> None:
        seconds = 0.0
        while True:
            # Even for 0 s: services are started before the reactor runs, and a second try must not grow the stack.
            await self._pause(seconds)
            seconds = await self._attempt()

    async def _pause(self, seconds: float) -> None:
        over = Deferred[None]()
        timer = self._clock.callLater(seconds, over.callback, None)
        try:
            await self._until_stopped(over)
        finally:
            if timer.active():  # it was cut short
                timer.cancel()

    async def _attempt(self) -> float:
        """One connection, from asking for it to its end if it comes about; the seconds to wait for the next."""
        self.status = replace(self.status, state=StreamState.CONNECTING, retry_at=None)
        try:
            template = await self._locate()
            if template is None:
                return self._failed(NO_EVENT_SOURCE)
            closeafter = self._memory.long_poll.closeafter(self._clock.seconds())
            response = await self._until_stopped(self._opener.open(template, closeafter, self._memory))
        except Exception as error:
            if self._stopped:
                raise  # a CancelledError, or what a cancellation was turned into: no failure of the stream's
            failure = failure_of_error(error)
            if isinstance(error, MailroomError):
                return self._failed(failure, error.retry_after)
            if failure.message != self._last_logged:
                self._log.failure("cannot ask for the event stream")
            return self._failed(failure)
        return await self._listen(response, closeafter)

    async def _locate(self) -> str | None:
        refresh = self._reconnection.refresh_session
        source = await self._until_stopped(self._opener.locate(refresh=refresh))
        self._reconnection.refresh_session = False  # only now: a session that could not be had is wanted anew again
        self._has_news = False
        self._memory.located(source)
        url = None if source.template is None else self._opener.shown(stream_url(source.template))
        self.status = replace(self.status, url=url)
        return source.template

    def _failed(self, failure: StreamFailure, retry_after: float | None = None) -> float:
        if failure.drop_event_id:
            self._memory.last_event_id = ""
        seconds = self._reconnection.failed(failure, retry_after)
        hopeless = failure.retry_policy is RetryPolicy.RARELY
        self._wait(StreamState.UNAVAILABLE if hopeless else StreamState.WAITING, failure.message, seconds)
        if failure.message != self._last_logged:
            self._last_logged = failure.message
            self._log.emit(
                LogLevel.info if hopeless else LogLevel.warn,
                "no event stream: {error} The next attempt is in {seconds} s.",
                error=failure.message,
                seconds=round(seconds, 1),
            )
        return seconds

    async def _listen(self, response: IResponse, closeafter: str) -> float:
        connection = self._connection = Connection(
            self._clock, self._memory.last_event_id, self._memory.idle_timeout, self._receive
        )
        began = self._clock.seconds()
        # Before the body is delivered, which may bring events at once: the listener hears of the connection first.
        self._connected()
        response.deliverBody(connection)
        if self._has_news and not self._stopped:
            self._inquiry.begin()
        try:
            end = await self._until_stopped(connection.ended)
        finally:
            self._connection = None
        return self._ended(connection, end, began, closeafter)

    def _ended(self, connection: Connection, end: End, began: float, closeafter: str) -> float:
        """Learn from a connection that is over; the seconds to wait for the next."""
        now = self._clock.seconds()
        lasted = now - began
        self._memory.learn(connection.decoder)
        if end is End.SILENT:
            self._memory.idle_timeout.exceeded()
        silent, quiet = not connection.received, self._is_quiet()
        if self._memory.long_poll.connection_ended(now, lasted, silent=silent, quiet=quiet):
            self._log.info(
                "nothing has come over the event stream, as if a proxy held it back, so long polls take its place for "
                "some hours"
            )
        if end in _LEFT:
            self._memory.forget()
        served = end in _LEFT or (end is End.CLOSED and closeafter == "state" and connection.delivered)
        seconds = self._reconnection.served(lasted) if served else self._reconnection.ended(lasted)
        self._disconnected(end, seconds)
        # The system itself breaks a connection off whose peer does not answer it: by then, a ping is missing.
        if end is End.SILENT or (end is End.BROKEN and now - connection.heard_at > 1.5 * self._ping):
            self._tell(self._connection_died)
        return seconds

    def _connected(self) -> None:
        self._reconnection.connected()
        self.status = replace(
            self.status,
            state=StreamState.CONNECTED,
            connected_since=self._wall_clock(),
            reconnect_count=self._connections,
            error=None,
        )
        self._connections += 1
        self._last_logged = None
        self._log.info("event stream connected url={url}", url=self.status.url)
        if self._memory.idle_timeout.connected(self._clock.seconds()):
            self._log.info(
                "the server sends no pings at the interval asked for, so it takes longer from now on until its silence "
                "counts as loss"
            )
        # Last, when the status is what the listener is told, and so that a stop from within is not undone.
        self._tell(self._listener.stream_connected)

    def _disconnected(self, end: End, seconds: float) -> None:
        self._wait(StreamState.WAITING, end.value, seconds)
        self._log.info(
            "event stream lost: {reason} The next attempt is in {seconds} s.",
            reason=end.value,
            seconds=round(seconds, 1),
        )
        self._tell(self._listener.stream_disconnected)

    def _wait(self, state: StreamState, error: str, seconds: float) -> None:
        retry_at = self._clock.seconds() + seconds
        self.status = replace(self.status, state=state, connected_since=None, retry_at=retry_at, error=error)

    def _receive(self, event: ServerSentEvent) -> None:
        if self._stopped:
            return
        self.status = replace(self.status, last_event=self._wall_clock())
        if event.type == PING_EVENT:
            self.verify_login()
        else:
            self._tell(self._listener.stream_event, event)

    def _tell(self, hear: Callable[..., None], *news: ServerSentEvent) -> None:
        maybeDeferred(hear, *news).addErrback(
            lambda failure: self._log.failure("a listener of the stream failed", failure)
        )

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection.end(End.MOVED)
        elif self._waits_long and self._awaited is not None:
            self._awaited.callback(None)

    async def _until_stopped(self, outcome: Deferred[_T] | Coroutine[Deferred[Any], Any, _T]) -> _T:
        """The outcome, or a CancelledError if the stream has been stopped or is while waiting.

        Nothing else is awaited, so no step is taken, and no state set, after a stop. The second look is for what is
        cancelled and has a result all the same.
        """
        self._awaited = awaited = ensureDeferred(outcome)
        if self._stopped:
            awaited.cancel()
        result = await awaited
        if self._stopped:
            raise CancelledError
        return result

    def _broke_down(self, failure: Failure) -> None:
        if not self._stopped and not failure.check(CancelledError):
            self._log.failure("following the event stream failed", failure)
