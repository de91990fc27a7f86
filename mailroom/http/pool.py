"""Connections kept for the next request, and connections opened before it.

What a connection costs is waiting: a round trip for TCP and one or two for TLS, before the first request is on its way.
So those that are open are kept for a while, and whoever knows that requests are coming has connections opened
meanwhile. That is no request: a server sees somebody who connects, and asks nothing yet.
"""

from collections import defaultdict
from collections.abc import Hashable
from typing import Any, Final

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
from twisted.python.failure import Failure
from twisted.web.client import HTTPConnectionPool

IDLE_CONNECTION_TIMEOUT: Final = 90
"""Seconds that a connection for requests is kept for the next one.

Longer than the interval between polls, so that a tap after a quiet hour need not wait for a new connection. A server
may well close it earlier.
"""
MAX_KEPT: Final = 10
"""Connections to one host that are kept at most: as many as are ever in use at the same time."""


class ConnectionPool(HTTPConnectionPool):
    """Twisted's pool of kept connections, but for which one it hands out, and with `preconnect`.

    It keeps its connections by origin, and gives a request the one that was used last: that one is the least likely to
    have been closed by the server, or forgotten by something on the way, and those that nobody needs any more reach
    their idle limit. Twisted's gives the oldest.
    """

    def __init__(self, reactor: IReactorTime) -> None:
        super().__init__(reactor, persistent=True)  # type: ignore[no-untyped-call]  # untyped in Twisted
        self.cachedConnectionTimeout = IDLE_CONNECTION_TIMEOUT
        self.maxPersistentPerHost = MAX_KEPT
        self.retryAutomatically = False
        self._endpoints: dict[Hashable, IStreamClientEndpoint] = {}
        self._opening: defaultdict[Hashable, list[Deferred[Any]]] = defaultdict(list)

    def getConnection(self, key: Hashable, endpoint: IStreamClientEndpoint) -> Deferred[Any]:  # noqa: N802
        """The connection that was used last, else one that is being opened already, else a new one."""
        self._endpoints[key] = endpoint
        kept = self._open(key)
        if kept:
            newest = kept.pop()
            self._timeouts.pop(newest).cancel()
            return succeed(newest)
        if self._opening[key]:
            return self._opening[key].pop(0)
        return self._newConnection(key, endpoint)

    def preconnect(self, key: Hashable, count: int) -> None:
        """Have so many connections open, or opening, that are not in use.

        That is for origins that a request has gone to before. A connection that fails to open is missed by nobody but
        the request that waits for it.
        """
        endpoint = self._endpoints.get(key)
        if endpoint is None:
            return
        for _missing in range(count - len(self._open(key)) - len(self._opening[key])):
            opening = self._newConnection(key, endpoint)
            self._opening[key].append(opening)
            opening.addBoth(self._opened, key, opening)

    def closeCachedConnections(self) -> Any:
        """Close all that are kept, and open none of those that nobody waits for."""
        for waiting in self._opening.values():
            while waiting:
                waiting[0].cancel()
        return super().closeCachedConnections()  # type: ignore[no-untyped-call]  # untyped in Twisted

    def _open(self, key: Hashable) -> list[Any]:
        """The kept connections of an origin, once those are forgotten that the server has closed meanwhile."""
        kept: list[Any] = self._connections.get(key, [])
        for closed in [each for each in kept if each.state != "QUIESCENT"]:
            kept.remove(closed)
            self._timeouts.pop(closed).cancel()
        return kept

    def _opened(self, outcome: Any, key: Hashable, opening: Deferred[Any]) -> Any:
        if opening not in self._opening[key]:
            return outcome  # a request has taken it
        self._opening[key].remove(opening)
        if not isinstance(outcome, Failure):
            self._putConnection(key, outcome)  # type: ignore[no-untyped-call]  # untyped in Twisted
        return None
