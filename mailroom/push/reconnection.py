"""When to connect again. Pure: times are handed in, and so is the randomness."""

from typing import Final

from mailroom.core.retry import Uniform, heeded, jittered_delay, longest_delay, shortest_delay
from mailroom.push.failures import RetryPolicy, StreamFailure
from mailroom.push.memory import Memory

STABLE: Final = 60.0
"""Seconds after which a connection counts as a success, and what failed before it is forgotten."""
FIRST_UNAVAILABLE_TIME: Final = 5 * 60.0
"""Seconds after which a server without push is asked again at first: it may just be in the middle of a deploy."""
UNAVAILABLE_TIME: Final = 4 * 3600.0
"""Seconds after which it is asked again at last; they double until then."""
_MAX_DOUBLINGS: Final = 6
_AT_ONCE: Final = 1.0


class Reconnection:
    """Remembers over the connections of one stream how they went, and tells how many seconds to wait for the next.

    Only a stable connection ends a row of failures: a server that accepts connections and drops them right away must
    not be hammered. `memory` has the time that the server has set.
    """

    def __init__(self, uniform: Uniform, memory: Memory) -> None:
        self.refresh_session = False
        """Whether to fetch the session anew first."""
        self.awaits_change = False
        """Whether the last attempt failed for what time alone does not mend: another session is reason to try again."""
        self._uniform = uniform
        self._memory = memory
        self._failures = 0
        self._unavailable = 0
        self._tried_twice: set[int | None] = set()

    def connected(self) -> None:
        """The server accepted the connection."""
        self.awaits_change = False
        self._unavailable = 0
        self._tried_twice.clear()

    def failed(self, failure: StreamFailure, retry_after: float | None = None) -> float:
        """There is no connection; `retry_after` is how long the server wants to be left alone, if it says so."""
        self._failures += 1
        self.refresh_session = failure.session_is_suspect
        self.awaits_change = failure.retry_policy is not RetryPolicy.BACK_OFF
        if failure.retry_policy is RetryPolicy.RARELY:
            self._unavailable += 1
            doublings = min(self._unavailable - 1, _MAX_DOUBLINGS)
            return max(min(FIRST_UNAVAILABLE_TIME * 2.0**doublings, UNAVAILABLE_TIME), heeded(retry_after))
        # A server that wants to be left alone gets no second try, whatever that may cure.
        if failure.second_try and failure.status not in self._tried_twice and retry_after is None:
            self._tried_twice.add(failure.status)
            return 0.0
        floor = max((each for each in (self._memory.reconnection_time, retry_after) if each is not None), default=None)
        return (
            longest_delay(floor)
            if failure.retry_policy is RetryPolicy.SLOW
            else jittered_delay(self._failures, floor, self._uniform)
        )

    def ended(self, lasted: float) -> float:
        """The connection came to an end, clean or not, after so many seconds."""
        self._failures = 0 if lasted >= STABLE else self._failures + 1
        return jittered_delay(self._failures, self._memory.reconnection_time, self._uniform)

    def served(self, lasted: float) -> float:
        """The connection did what it was there for, after so many seconds, and the next one may follow.

        One that was over at once gets no such credit: there are servers that greet every connection with an event.
        """
        if lasted < _AT_ONCE:
            return self.ended(lasted)
        self._failures = 0
        return shortest_delay(self._memory.reconnection_time)
