"""When is a silent connection dead? Pure: times are handed in.

The theory. One lost ping must not kill a connection, two must: so the limit is twice the interval of the pings and a
little more. But which interval is that? A server may not use another one than Mailroom asks for, which is within 30 to
300 s (RFC 8620 section 7.3), and each ping says which one is in use. Some servers say it in milliseconds, some say one
thing and do another, some send comments instead, and some never ping, however they are asked. So words that differ from
what was asked for count for nothing, and those that agree with it, only until deeds refute them:

- **The base limit** is that of the interval asked for.
- **A beat** is a ping or comment that comes no later after the one before than the base limit allows. It puts the base
  limit in force, whatever it says.
- **A needless death** is that of a connection which died of its silence without having had a beat, and could be
  replaced: the server is there, and silent for longer than it should be. The limit doubles, up to half an hour; not for
  ever, since silence may well be death. Where there were beats before, one such death is forgiven: a network that is
  about to break down for longer causes it too.
"""

from typing import Final

from mailroom.jmap.i_json import NotIJson, decode

_GRACE: Final = 5.0
_LONGEST: Final = 30 * 60.0


class IdleTimeout:
    """How many seconds without a single octet mean that nobody is there any more.

    It belongs to one URL of one login, and outlives its connections. `ping` is the interval asked for, in seconds;
    times are the clock's.
    """

    def __init__(self, ping: int) -> None:
        self._interval = ping
        self._base = min(2 * ping + _GRACE, 3.0 * ping)
        self.seconds = self._base
        """The limit as of now."""
        self._connected_at = 0.0
        self._heard_at = 0.0
        self._beats = False
        """Whether this connection had a beat."""
        self._has_beaten = False
        """Whether there was one before, and no death since that had to be forgiven."""
        self._agrees = False
        """Whether a ping of this connection said the interval that was asked for."""
        self._is_believed = True
        self._died_needlessly = False

    def connected(self, now: float) -> bool:
        """A connection is there. Tells whether that has just shown, for the first time, that the pings do not come."""
        needless, self._died_needlessly = self._died_needlessly, False
        if needless and self._agrees:
            self._is_believed = False
        is_forgiven, self._has_beaten = self._has_beaten, self._has_beaten and not needless
        self._connected_at = self._heard_at = now
        self._beats = self._agrees = False
        if not needless or is_forgiven:
            return False
        first = self.seconds == self._base
        self.seconds = min(2 * self.seconds, max(self.seconds, _LONGEST))
        return first

    def pinged(self, now: float, data: str = "") -> None:
        """A ping came, and may say which interval is in use, or a comment, which says nothing."""
        last, self._heard_at = self._heard_at, now
        # The first ones may come all at once, with the connection: they tell of no interval.
        if now - self._connected_at >= self._interval / 2 and now - last <= self._base:
            self._beats = self._has_beaten = self._is_believed = True
            self.seconds = self._base
        elif _interval(data) == self._interval:
            self._agrees = True
            if self._is_believed:
                self.seconds = self._base

    def exceeded(self) -> None:
        """A connection was given up for its silence."""
        self._died_needlessly = not self._beats


def _interval(data: str) -> object:
    """The interval that a ping names, in whichever unit and of whichever type."""
    try:
        return decode(data.encode())["interval"]
    except (NotIJson, TypeError, LookupError):
        return None
