"""What happens to a service's connections in the world: streams are broken, a server dies before its answer arrives."""

from collections.abc import Awaitable, Callable
from typing import cast
from urllib.parse import urlsplit

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import ITCPTransport
from twisted.internet.protocol import connectionDone
from twisted.internet.tcp import Port
from twisted.protocols.portforward import ProxyFactory, ProxyServer
from twisted.python.failure import Failure
from twisted.web.client import ResponseNeverReceived
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from zope.interface import implementer

from mailroom.http.agent import request_agent
from mailroom.http.body import discard
from tests.integration.real_time import reactor
from tests.integration.servers import MailLogin


class PushFilter:
    """A proxy before a server, as somebody's network may have one: it can stop letting event streams through."""

    def __init__(self, server: MailLogin) -> None:
        self.contacts = server.contacts
        self.username = server.username
        self.password = server.password
        there = urlsplit(server.url)
        self._relay = _Relay(there.hostname or "", there.port or 80)
        self._port: Port = reactor.listenTCP(0, self._relay, interface="127.0.0.1")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port.getHost().port}"

    @property
    def requests(self) -> int:
        """How many requests have come, streams among them."""
        return self._relay.requests

    def break_streams(self) -> None:
        """Break all streams that there are."""
        for connection in tuple(self._relay.streams):
            connection.abort()

    def drop_streams(self) -> None:
        """Break all streams that there are, and each one that is tried from now on."""
        self._relay.lets_streams_through = False
        self.break_streams()

    async def stop(self) -> None:
        """Listen no more."""
        await maybeDeferred(self._port.stopListening)


class _Connection(ProxyServer):
    factory: "_Relay"

    def dataReceived(self, data: bytes) -> None:
        self.factory.requests += data.count(b" HTTP/1.1\r\n")
        if b"eventsource" in data.partition(b"\r\n")[0].lower():
            self.factory.streams.add(self)
            if not self.factory.lets_streams_through:
                self.abort()
                return
        ProxyServer.dataReceived(self, data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.streams.discard(self)
        ProxyServer.connectionLost(self, reason)

    def abort(self) -> None:
        cast("ITCPTransport", self.transport).abortConnection()


class _Relay(ProxyFactory):
    protocol = _Connection
    noisy = False

    def __init__(self, host: str, port: int) -> None:
        ProxyFactory.__init__(self, host, port)
        self.streams: set[_Connection] = set()
        self.lets_streams_through = True
        self.requests = 0


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
