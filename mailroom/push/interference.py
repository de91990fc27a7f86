"""Does the open stream keep the server from answering anything else?

The theory. A server may hold a lock on the account for as long as a stream is open, as an unreleased Cyrus did with its
user's. Then the stream is well, and every request runs into its timeout. Nobody can tell that from a server which is
slow, other than by trying without:

- **suspicion**: some polls in a row timed out, and the stream was connected when they did. It is closed, and a poll is
  to come soon.
- **conviction**: a poll succeeds without it. It stays closed, for an hour at first, and for longer each time that the
  next try leads here again. Polls go on by the interval.
- **acquittal**: as many polls fail without it. It had nothing to do with it, and is opened again at once.

A poll that succeeds while the stream is connected ends the row of convictions.
"""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from mailroom.core.errors import MailroomError
from mailroom.http.errors import ExchangeTimedOut
from mailroom.push.eventsource import EventSource

SUSPICIOUS_POLLS: Final = 2
"""Polls in a row that make the stream a suspect, and those that clear it: one may be slow by itself."""
FIRST_SUSPENSION: Final = 3600.0
"""Seconds until a stream that interferes is tried again for the first time."""
LONGEST_SUSPENSION: Final = 24 * 3600.0
"""The same at last; they double until then."""
_MAX_DOUBLINGS: Final = 5
_REASON: Final = "Polls time out while the event stream is open, so Mailroom closed it, and polls without it."

_T = TypeVar("_T")


class Interference:
    """Watches the polls for the harm that the stream may do them, and suspends it where it does.

    `poll_soon` is called for the poll that is to tell. Polls are watched one at a time.
    """

    _log: ClassVar[Logger] = Logger()

    def __init__(self, stream: EventSource, poll_soon: Callable[[], None]) -> None:
        self._stream = stream
        self._poll_soon = poll_soon
        self._failures = 0
        """Polls in a row that timed out beside the stream, or failed while it is on trial."""
        self._suspected = False
        self._convictions = 0

    async def watch(self, poll: Coroutine[Deferred[Any], Any, _T]) -> _T:
        """What comes of a poll."""
        try:
            result = await poll
        except MailroomError as error:
            self._poll_failed(error)
            raise
        self._poll_succeeded()
        return result

    def _poll_succeeded(self) -> None:
        self._failures = 0
        if self._on_trial:
            self._suspected = False
            self._convictions += 1
            seconds = min(FIRST_SUSPENSION * 2.0 ** min(self._convictions - 1, _MAX_DOUBLINGS), LONGEST_SUSPENSION)
            self._log.warn(
                "polls succeed without the event stream, so it stays closed. The next attempt is in {seconds} s.",
                seconds=round(seconds),
            )
            self._stream.suspend(_REASON, seconds)
        elif self._is_connected:
            self._convictions = 0

    def _poll_failed(self, error: MailroomError) -> None:
        on_trial = self._on_trial
        counts = on_trial or (isinstance(error, ExchangeTimedOut) and self._is_connected)
        self._failures = self._failures + 1 if counts else 0
        if self._failures < SUSPICIOUS_POLLS:
            return
        self._failures = 0
        self._suspected = not on_trial
        if on_trial:
            self._log.info("polls fail without the event stream as well, so it is opened again")
            self._stream.resume()
        else:
            self._log.warn("polls time out while the event stream is open. It is closed, to see whether it is to blame")
            self._stream.suspend(_REASON, FIRST_SUSPENSION)
            self._poll_soon()

    @property
    def _on_trial(self) -> bool:
        # The stream is asked too: a service that was stopped meanwhile has begun afresh.
        return self._suspected and self._stream.suspended

    @property
    def _is_connected(self) -> bool:
        return self._stream.status.connected_since is not None
