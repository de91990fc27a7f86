"""The agents behind the requests: real connections, and what every request needs added."""

from treq.client import HTTPClient
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IConsumer, IReactorCore, IReactorTime
from twisted.python.failure import Failure
from twisted.web.client import (
    URI,
    Agent,
    HTTPConnectionPool,
    RequestTransmissionFailed,
    ResponseNeverReceived,
)
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from zope.interface import Interface, implementer

from mailroom.http.content_encoding import Accepted, UnpackingAgent
from mailroom.http.endpoints import Endpoints
from mailroom.http.pool import ConnectionPool

CONNECT_TIMEOUT = 10.0


def request_client(agent: IAgent) -> HTTPClient:
    """A treq client for requests with an end."""
    return HTTPClient(UnpackingAgent(agent, Accepted.GZIP), data_to_body_producer=WholeBody)


def stream_client(agent: IAgent) -> HTTPClient:
    """A treq client for event streams: it never asks for compression, which would hold events back."""
    return HTTPClient(UnpackingAgent(agent, Accepted.IDENTITY), data_to_body_producer=WholeBody)


def request_agent(reactor: IReactorCore) -> IAgent:
    """Connects for requests, and keeps a few connections to save the next request a round trip or three."""
    pool = ConnectionPool(IReactorTime(reactor))
    return RenewingAgent(_connecting_agent(reactor, pool), pool)


def stream_agent(reactor: IReactorCore) -> IAgent:
    """Connects for event streams: a pool of its own, so that none ever holds up or outlives a request's connection."""
    return _connecting_agent(reactor, HTTPConnectionPool(reactor, persistent=False))


def _connecting_agent(reactor: IReactorCore, pool: HTTPConnectionPool) -> IAgent:
    agent: IAgent = Agent.usingEndpointFactory(reactor, Endpoints(reactor, CONNECT_TIMEOUT), pool)
    return agent


@implementer(IBodyProducer)
class WholeBody:
    """A body that is written at once.

    treq's own producer lives on the global cooperator, hence on the real reactor: under a Clock its body never goes
    out.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.length = len(data)

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        consumer.write(self._data)
        return succeed(None)

    def pauseProducing(self) -> None:
        """Nothing is left to pause."""

    def resumeProducing(self) -> None:
        """Nothing is left to resume."""

    def stopProducing(self) -> None:
        """Nothing is left to stop."""


class IConnectionKeeper(Interface):
    """An agent that can open connections before there are requests for them, and do without those it has."""

    def preconnect(url: str, count: int) -> None:  # noqa: N805 - a method of an interface
        """Have so many connections to the origin of a URL open that are not in use, if requests have gone there."""

    def drop_kept_connections() -> None:
        """Close the connections that are not in use: they may be dead."""


@implementer(IAgent, IConnectionKeeper)
class RenewingAgent:
    """Sends a request once more if the kept connection that it went out on turns out to have been closed meanwhile.

    Twisted does so for a GET only. Here it is safe for all: everything that Mailroom writes may be written twice. Where
    one kept connection is dead, its likes are too, so the second attempt has a new one.
    """

    def __init__(self, agent: IAgent, pool: ConnectionPool) -> None:
        self._agent = agent
        self._pool = pool

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803 - Twisted's name
    ) -> Deferred[IResponse]:
        def renew(failure: Failure) -> Deferred[IResponse]:
            if not _went_nowhere(failure.value):
                failure.raiseException()
            self._pool.closeCachedConnections()
            return self._agent.request(method, uri, headers, bodyProducer)

        return self._agent.request(method, uri, headers, bodyProducer).addErrback(renew)

    def preconnect(self, url: str, count: int) -> None:
        uri = URI.fromBytes(url.encode())
        self._pool.preconnect((uri.scheme, uri.host, uri.port), count)

    def drop_kept_connections(self) -> None:
        self._pool.closeCachedConnections()


def _went_nowhere(error: BaseException | None) -> bool:
    """Whether a connection was lost before a single byte of the answer came."""
    return isinstance(error, ResponseNeverReceived | RequestTransmissionFailed) and all(
        reason.check(ConnectionLost, ConnectionDone) for reason in error.reasons
    )
