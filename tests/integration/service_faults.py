"""What happens to a service's connections in the world: a line is cut, a server dies before its answer arrives."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.tcp import Port
from twisted.protocols.policies import WrappingFactory
from twisted.protocols.portforward import ProxyFactory
from twisted.python.failure import Failure
from twisted.web.client import URI, Agent, HTTPConnectionPool, ResponseNeverReceived
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IAgentEndpointFactory, IBodyProducer, IResponse
from zope.interface import implementer

from mailroom.http.agent import request_agent
from mailroom.push.connection import discard
from tests.integration.real_time import reactor
from tests.integration.servers import MailServer


@implementer(IAgentEndpointFactory)
class Line:
    """A line to a server that can be cut: whoever is connected through it loses the connection, and gets no other."""

    def __init__(self, server: MailServer) -> None:
        there = urlsplit(server.url)
        self._relay = WrappingFactory(ProxyFactory(there.hostname or "", there.port or 80))
        self._relay.noisy = False
        self._port: Port = reactor.listenTCP(0, self._relay, interface="127.0.0.1")
        self.agent = Agent.usingEndpointFactory(reactor, self, HTTPConnectionPool(reactor, persistent=False))

    def endpointForURI(self, _uri: URI) -> IStreamClientEndpoint:  # noqa: N802 - Twisted's name
        return TCP4ClientEndpoint(reactor, "127.0.0.1", self._port.getHost().port)

    async def cut(self) -> None:
        for connection in tuple(self._relay.protocols):
            connection.abortConnection()
        await maybeDeferred(self._port.stopListening)


@implementer(IAgent)
class Doomed:
    """Requests as ever, until the nth of a method is answered: then the server dies, and nobody hears the answer."""

    def __init__(self, method: str, number: int, kill: Callable[[], Awaitable[None]]) -> None:
        self._agent = request_agent(reactor)
        self._method = method.encode()
        self._left = number
        self._kill = kill
        self.died: Deferred[None] = Deferred()

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803 - Twisted's name
    ) -> Deferred[IResponse]:
        answered = self._agent.request(method, uri, headers, bodyProducer)
        if method == self._method:
            self._left -= 1
            if self._left == 0:
                answered.addCallback(lambda response: Deferred.fromCoroutine(self._die(response)))
        return answered

    async def _die(self, unheard: IResponse) -> IResponse:
        await self._kill()
        discard(unheard)
        reactor.callLater(0, self.died.callback, None)
        raise ResponseNeverReceived([Failure(ConnectionLost())])
