"""The agents behind the requests: real connections, and what every request needs added."""

from treq.client import HTTPClient
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IConsumer, IReactorCore
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from zope.interface import implementer

CONNECT_TIMEOUT = 10.0
IDLE_CONNECTION_TIMEOUT = 15
"""Seconds that a connection for requests is kept for the next one: shorter than what servers usually grant."""


def request_client(agent: IAgent) -> HTTPClient:
    """A treq client for requests with an end."""
    return HTTPClient(agent, data_to_body_producer=WholeBody)


def stream_client(agent: IAgent) -> HTTPClient:
    """A treq client for event streams: it never asks for compression, which would hold events back."""
    return HTTPClient(_IdentityAgent(agent), data_to_body_producer=WholeBody)


def request_agent(reactor: IReactorCore) -> Agent:
    """Connects for requests, and keeps a few connections to save the next request a round trip or three."""
    pool = HTTPConnectionPool(reactor, persistent=True)
    pool.cachedConnectionTimeout = IDLE_CONNECTION_TIMEOUT
    pool.maxPersistentPerHost = 8
    return Agent(reactor, connectTimeout=CONNECT_TIMEOUT, pool=pool)


def stream_agent(reactor: IReactorCore) -> Agent:
    """Connects for event streams: a pool of its own, so that none ever holds up or outlives a request's connection."""
    return Agent(reactor, connectTimeout=CONNECT_TIMEOUT, pool=HTTPConnectionPool(reactor, persistent=False))


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


@implementer(IAgent)
class _IdentityAgent:
    def __init__(self, agent: IAgent) -> None:
        self._agent = agent

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803 - Twisted's name
    ) -> Deferred[IResponse]:
        headers = Headers() if headers is None else headers.copy()
        headers.setRawHeaders("accept-encoding", ["identity"])
        return self._agent.request(method, uri, headers, bodyProducer)
