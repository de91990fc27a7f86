"""The event stream of a JMAP account, kept alive for as long as the service runs."""

import random
from collections.abc import Callable
from dataclasses import replace

from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from mailroom.core.credentials import Credentials
from mailroom.core.retry import Uniform
from mailroom.http.client import Http
from mailroom.push.request import PING, Locate, Opener
from mailroom.push.status import StreamState, StreamStatus
from mailroom.push.subscription import StreamListener, Subscription


class EventSource(Service):
    """Tells a listener of changed states as the server announces them (RFC 8620 section 7.3).

    One connection at a time, replaced as the HTML standard's section 9.2.3 asks, for as long as it takes: nothing that
    a server does ends the attempts. Each start begins afresh, without the last event ID, which stands for states that
    the listener may not remember.

    `http` is for streams, and must not ask for compression. `locate` finds the URL of the event source, which may be a
    template, in the session, and fetches the session anew if its argument says so; None stands for a server without
    one. What it raises counts as a failed attempt. `account` tells whose account that session is of.
    `connection_died` is called when a connection has been silent for so long that others are likely to be dead too.
    `is_quiet` tells whether the stream had nothing to announce since it was connected, for all that is known.
    """

    def __init__(  # noqa: PLR0913 - all that it works with
        self,
        http: Http,
        clock: IReactorTime,
        locate: Locate,
        credentials: Credentials | None,
        *,
        listener: StreamListener,
        connection_died: Callable[[], None] = lambda: None,
        is_quiet: Callable[[], bool] = lambda: False,
        account: Callable[[], object] = lambda: None,
        uniform: Uniform = random.uniform,
        ping: int = PING,
    ) -> None:
        self._http = http
        self._clock = clock
        self._locate = locate
        self._credentials = credentials
        self._listener = listener
        self._connection_died = connection_died
        self._is_quiet = is_quiet
        self._account = account
        self._uniform = uniform
        self._ping = ping
        self._subscription: Subscription | None = None
        self._suspension: tuple[StreamStatus, IDelayedCall] | None = None

    @property
    def status(self) -> StreamStatus:
        """How the stream is doing now, or did when it was stopped."""
        if self._suspension is not None:
            return self._suspension[0]
        return StreamStatus(StreamState.STOPPED) if self._subscription is None else self._subscription.status

    @property
    def suspended(self) -> bool:
        """Whether it waits for the time of a suspension."""
        return self._suspension is not None

    def startService(self) -> None:
        """Begin to connect in the next turn of the reactor."""
        Service.startService(self)
        self._begin()

    def _begin(self) -> None:
        self._suspension = None
        opener = Opener(self._http, self._locate, self._credentials, self._ping, self._account)
        self._subscription = Subscription(
            opener,
            self._clock,
            self._listener,
            self._uniform,
            self._ping,
            connection_died=self._connection_died,
            is_quiet=self._is_quiet,
            wall_clock=self._http.wall_clock,
        )
        self._subscription.start()

    def stopService(self) -> None:
        """Hang up, whatever is going on. Nothing is left behind, and the listener hears nothing more."""
        Service.stopService(self)
        self._hang_up()

    def suspend(self, reason: str, seconds: float) -> None:
        """Hang up, as `stopService` does, and begin afresh after so many seconds, or when told to resume."""
        if not self.running:
            return
        self._hang_up()
        status = replace(self.status, state=StreamState.UNAVAILABLE, error=reason)
        timer = self._clock.callLater(seconds, self._begin)
        self._suspension = (replace(status, retry_at=self._clock.seconds() + seconds), timer)

    def resume(self) -> None:
        """Begin afresh now, if it is suspended."""
        if self._suspension is not None:
            self._hang_up()
            self._begin()

    def _hang_up(self) -> None:
        if self._suspension is not None:
            self._suspension[1].cancel()
            self._suspension = None
        if self._subscription is not None:
            self._subscription.stop()

    def session_changed(self) -> None:
        """Say that the session has changed: its event source may have moved, or be there at last."""
        if self._subscription is not None:
            self._subscription.session_changed()

    def verify_login(self) -> None:
        """Look whether the secret was replaced: the stream is to be the new login's then. Each ping does so too."""
        if self._subscription is not None:
            self._subscription.verify_login()
