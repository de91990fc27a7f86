"""When is a silent connection dead?"""

from typing import Final

from mailroom.jmap.i_json import NotIJson, decode

_GRACE: Final = 5.0
_LONGEST_INTERVAL: Final = 3600
_LONGEST_WITHOUT_PINGS: Final = 30 * 60.0


class IdleTimeout:
    """How many seconds without a single octet mean that nobody is there any more.

    It follows the pings (RFC 8620 section 7.3): one lost ping must not kill a connection, two must. Some servers never
    ping, however they are asked. So as long as no ping has ever come, the limit doubles with each connection that died
    of it and could be replaced, up to half an hour; not for ever, since silence may well be death.

    It belongs to a server, and outlives its connections. `ping` is the interval asked for, in seconds.
    """

    def __init__(self, ping: int) -> None:
        self._interval = ping
        self._pinged = False
        self._without_pings = self._with_pings
        self._died_of_silence = False

    @property
    def seconds(self) -> float:
        """The limit as of now."""
        return self._with_pings if self._pinged else self._without_pings

    @property
    def _with_pings(self) -> float:
        return min(2 * self._interval + _GRACE, 3.0 * self._interval)

    def pinged(self, data: str) -> None:
        """A ping came, and may say which interval the server really uses."""
        self._pinged = True
        try:
            interval = decode(data.encode())["interval"]
        except (NotIJson, TypeError, LookupError):
            return
        if type(interval) is int and interval > 0:
            self._interval = min(interval, _LONGEST_INTERVAL)

    def exceeded(self) -> None:
        """A connection was given up for its silence."""
        self._died_of_silence = True

    def connected(self) -> bool:
        """A connection is there. Tells whether that has just shown the server, for the first time, to ping never."""
        needless, self._died_of_silence = self._died_of_silence and not self._pinged, False
        if not needless:
            return False
        first = self._without_pings == self._with_pings
        self._without_pings = min(2 * self._without_pings, max(self._without_pings, _LONGEST_WITHOUT_PINGS))
        return first
