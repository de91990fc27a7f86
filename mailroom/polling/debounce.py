"""Which poll comes next, apart from those of the interval. Pure: the caller reads the clock (times are its seconds).

The theory. A server gives each state of an account's mail a name (RFC 8620 section 5.1), which can be compared for
equality and nothing else. Four sets of them decide whether there is news:

- **announced**: the latest state that the event stream named. Only the latest counts: the server names states in their
  order, so whoever knows it knows those before it.
- **seen**: the state that the last complete poll read before it did anything.
- **own writes**: the states that the poll itself brought about, as far as each write found the state that the one
  before had left. The first write that finds another state ends the chain: somebody else's change lies in between, and
  is still to be looked at. `OwnWrites` collects seen and own.
- **owed**: not a state but a debt. A stream that was away may have missed an announcement, one that is suspended wants
  to know whether polls succeed without it, and a poll that broke off has not answered what it was begun for.

An announcement that is neither seen nor an own write is news, and so is a debt. Hence own writes cause no poll, though
the stream announces each of them: such an echo is in the set by the time that the poll has ended, and during a poll
nothing is decided.

News lead to a poll at once, unless a poll is running, or one of these is to be kept:

- **The pace**, a token bucket: it holds `CREDIT` polls, each that answers a push takes one out, and one comes back in
  `debounce_seconds`. So whoever taps once a second is answered at once for a screenful, while an account that changes
  without an end is polled once in `debounce_seconds`. A poll that broke off costs nothing, and the next one comes no
  sooner than `debounce_seconds` after its beginning: a burst is for people, not for a server in trouble.
- **The debounce window**, the `debounce_seconds` from the beginning of a poll: in it, changes that come within
  `SETTLING` of one another, as no person makes them, wait until the last of them has come, or until the window ends.

All that comes meanwhile is answered by the same poll.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mailroom.core.errors import MailroomError
from mailroom.core.retry import backoff, heeded, longest_delay

CREDIT: Final = 40
"""Polls in a row that need not wait: a screenful of thirty taps, and what else happens to mail while somebody taps."""
SETTLING: Final = 0.25
"""Seconds of quiet after which a series of changes is taken to be over."""
_REFUSED: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """How often to poll, in seconds, as the settings of these names say."""

    poll_interval: float
    debounce_seconds: float


class Debounce:
    """What the event stream announced, what the last poll saw of it, and how long to leave a failing server alone."""

    def __init__(self, policy: PollPolicy) -> None:
        self._policy = policy
        self._began = -math.inf
        self._full_at = self._full_before = -math.inf
        self._held_until = -math.inf
        self._retry_at = -math.inf
        self._failures = 0
        self._seen: frozenset[str] = frozenset()
        self._announced: str | None = None
        self._announced_at = -math.inf
        self._is_settling = False
        self._owed = False
        self._answering = False

    @property
    def push_is_due(self) -> bool:
        """Whether the stream gave a reason to poll that no poll has answered."""
        return self._owed or (self._announced is not None and self._announced not in self._seen)

    @property
    def next_poll(self) -> float | None:
        """When a poll has to come if the interval's own does not come first, or None if that one is early enough."""
        if self.push_is_due:
            return max(self._pause_end, self._retry_at, self._held_until)
        return self._held_until if self._held_until > self._began else None

    @property
    def _pause_end(self) -> float:
        """Until when the pace and the debounce window let a push wait."""
        window_end = self._began + self._policy.debounce_seconds
        if self._failures:
            return window_end
        settled = min(self._announced_at + SETTLING, window_end) if self._is_settling else -math.inf
        return max(self._full_at - (CREDIT - 1) * self._policy.debounce_seconds, settled)

    def admits_interval(self, now: float) -> bool:
        """Whether the interval's own poll may come now.

        It may not while the server has to be left alone, and it makes way for a push that only waits for its turn: that
        is no quiet.
        """
        return now >= self._held_until and not (now <= self._pause_end and self.next_poll == self._pause_end)

    def announce(self, state: str, now: float) -> None:
        """The stream named this Email state as the account's latest."""
        self._is_settling = now < self._announced_at + SETTLING
        self._announced, self._announced_at = state, now

    def stream_opened(self) -> None:
        """A stream begins: what changed before it may never be announced. A server that was down is up again."""
        self._owed = True
        self._retry_at = -math.inf

    def stream_suspended(self) -> None:
        """The stream is closed to see whether polls succeed without it: one is owed, as soon as failures allow."""
        self._owed = True

    def begin(self, now: float) -> None:
        """A poll begins, and answers all that was announced so far."""
        self._began = now
        self._answering = self.push_is_due
        self._full_before = self._full_at
        if self._answering:
            # The bucket as one number: when it will be full again.
            self._full_at = max(self._full_at, now) + self._policy.debounce_seconds
        # Cleared now, not at the end: what is announced from here on may be later than what this poll will read.
        self._owed = False
        self._announced = None

    def complete(self, states: frozenset[str]) -> None:
        """The poll saw, or itself produced, these states."""
        self._seen = states
        self._failures = 0

    def fail(self, error: BaseException, now: float) -> None:
        """The poll broke off, or a part of it was put off by the server.

        What it was to answer is due again, the later the more polls have failed in a row. The interval goes on
        meanwhile, as the way to recover. Only the server's own word holds it up: the seconds of the error's
        `retry_after`, or an HTTP `status` which says that the credentials are wrong or not enough, for servers count
        failed logins. A login that was good before may only have been used too often, and is tried again after the
        delays of any other failure.
        """
        self._failures += 1
        self._full_at = self._full_before
        self._owed = self._owed or self._answering
        delay = backoff(self._failures)
        self._retry_at = now + delay
        if not isinstance(error, MailroomError):
            return
        if error.status in _REFUSED and not error.accepted_before:
            self._held_until = now + max(longest_delay(error.retry_after), self._policy.poll_interval)
        elif error.status in _REFUSED or error.retry_after is not None:
            self._held_until = now + max(heeded(error.retry_after), delay)


class OwnWrites:
    """The Email states (RFC 8620 section 5.1) that a poll saw, or brought about itself.

    Each write says which state it found and which one it left; `seen` is the one that was read before them.
    """

    def __init__(self, seen: str | None) -> None:
        self._last = seen
        self.states = frozenset() if seen is None else frozenset({seen})

    def wrote(self, transitions: Iterable[tuple[str | None, str]]) -> None:
        """Take in the old and the new state that each call of a write reports."""
        for found, left in transitions:
            if self._last is None or found != self._last:
                self._last = None
                return
            self._last = left
            self.states |= {left}
