"""A way around proxies that hand out an answer only when it is whole (RFC 8620 section 7.3)."""

from typing import Final

SILENT_CONNECTIONS: Final = 3
"""Connections in a row without an octet that give a buffering proxy away."""
LONG_POLL_TIME: Final = 4 * 3600.0
"""Seconds after which streaming gets another chance."""


class LongPoll:
    """Which `closeafter` to ask for: `no`, for a stream, or `state`, for answers that end with their first state event.

    RFC 8620 gives the sign: pings are due, and none arrives. But there are servers that never ping, and say nothing for
    as long as there are no news; so a silent connection counts only if there may have been some. `ping` is the interval
    asked for, in seconds; times are the clock's.
    """

    def __init__(self, ping: int) -> None:
        self._ping = ping
        self._silent_connections = 0
        self._began: float | None = None

    def closeafter(self, now: float) -> str:
        """What to ask for in a request made now."""
        if self._began is not None and now - self._began >= LONG_POLL_TIME:
            self._began = None
            self._silent_connections = 0
        return "no" if self._began is None else "state"

    def connection_ended(self, now: float, lasted: float, *, silent: bool, quiet: bool) -> bool:
        """A connection that was accepted is over, after so many seconds.

        It was `silent` if not one octet of it came, and it was `quiet` if there were no news meanwhile. Tells whether
        that was one too many, and long polls begin.
        """
        if not silent:
            self._silent_connections = 0
        elif lasted >= self._ping and not quiet:
            self._silent_connections += 1
        if self._began is not None or self._silent_connections < SILENT_CONNECTIONS:
            return False
        self._began = now
        return True
