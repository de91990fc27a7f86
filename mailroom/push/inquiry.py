"""Has the event source moved? A question beside the stream, asked when the session has changed."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from mailroom.core.errors import MailroomError


class Inquiry:
    """Asks `has_moved`, one question at a time, and calls `leave` if the answer is yes.

    An answer that cannot be had is none: the stream is well meanwhile, and a session that cannot be had is for the
    polls to report.
    """

    _log: ClassVar[Logger] = Logger()

    def __init__(self, has_moved: Callable[[], Coroutine[Deferred[Any], Any, bool]], leave: Callable[[], None]) -> None:
        self._has_moved = has_moved
        self._leave = leave
        self._asking: Deferred[None] | None = None

    def begin(self) -> None:
        """Ask, unless that is being done."""
        if self._asking is not None:
            return
        # It is noted before it begins: the question itself may bring news of the session, which ask nothing more.
        asking = self._asking = Deferred[None]()
        asking.addCallback(lambda _begun: Deferred.fromCoroutine(self._ask()))
        asking.addErrback(self._broke_down)
        asking.callback(None)

    def cancel(self) -> None:
        """Leave the question unanswered, if there is one."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask(self) -> None:
        try:
            moved = await self._has_moved()
        except MailroomError:
            return
        finally:
            self._asking = None
        if moved:
            self._leave()

    def _broke_down(self, failure: Failure) -> None:
        if not failure.check(CancelledError):
            self._log.failure("the question whether the event source has moved failed", failure)
