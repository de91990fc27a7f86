"""The way from one process to the server: in memory, by a clock, and with all that may go wrong on it.

A request takes half of the latency to the server and half of it back. In between it is handled at once, so that a
process that dies may do so before its request is applied or after it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.interfaces import IDelayedCall, IReactorTime, ITransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.components import proxyForInterface
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed, ResponseNeverReceived
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from twisted.web.resource import IResource
from zope.interface import implementer

from mailroom.http.agent import WholeBody
from tests.simulation.garbage import Garbage, spoiled

Way = Literal["session", "api", "events", "dav", "other"]
Harm = Literal["refused", "lost", "answer lost", "cut short", "late", "answer late", "unheard", "unanswered", "garbage"]


@dataclass(slots=True)
class Trouble:
    """What goes wrong with the next so many requests of a kind, at most until a time.

    `seconds` is how late something comes; `garbage` is what comes in place of an answer.
    """

    harm: Harm
    way: Way | None
    times: float
    until: float
    seconds: float = 0.0
    garbage: Garbage = "html"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request on its way."""

    method: str
    path: str
    body: bytes

    @property
    def way(self) -> Way:
        if self.path.startswith("/jmap/"):
            name = self.path.split("/")[2].partition("?")[0]
            return {"session": "session", "api": "api", "eventsource": "events"}.get(name, "other")  # type: ignore[return-value]
        return "dav" if self.path.startswith("/dav") else "session" if "jmap" in self.path else "other"


@dataclass(slots=True)
class Watch:
    """Who looks on: `arrives` before a request is handled, `handled` after it, `answered` with the whole answer."""

    arrives: Callable[[Sent], None]
    handled: Callable[[Sent], None]
    answered: Callable[[Sent, str], None]


@implementer(IAgent)
class Network:
    """An agent for one process. `severed`, nothing goes either way any more."""

    def __init__(self, server: IResource, clock: IReactorTime, latency: float, watch: Watch) -> None:
        self.clock = clock
        self.latency = latency
        self.watch = watch
        self.troubles: list[Trouble] = []
        self.exchanges: set[Exchange] = set()
        self.severed = False
        self.most_streams = 0
        self._agent = RequestTraversalAgent(server)  # type: ignore[no-untyped-call]  # untyped in treq

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803 - IAgent's
    ) -> Deferred[IResponse]:
        written = _Written()
        if bodyProducer is not None:
            bodyProducer.startProducing(written)
        parts = urlsplit(uri.decode())
        sent = Sent(method.decode(), parts.path + (f"?{parts.query}" if parts.query else ""), bytes(written.data))
        exchange = Exchange(self, sent, lambda: self._ask(method, uri, headers, sent))
        if not self.severed:
            self.exchanges.add(exchange)
            self.most_streams = max(self.most_streams, sum(each.sent.way == "events" for each in self.exchanges))
            exchange.start(self._trouble(sent))
        return exchange.outcome

    def _ask(self, method: bytes, uri: bytes, headers: Headers | None, sent: Sent) -> Deferred[IResponse]:
        asked: Deferred[IResponse] = self._agent.request(method, uri, headers, _body(sent))  # type: ignore[no-untyped-call]
        return asked

    def flush(self) -> None:
        self._agent.flush()  # type: ignore[no-untyped-call]  # untyped in treq

    def break_connections(self) -> None:
        """Every connection breaks, and the network stays."""
        for exchange in self._in_order():
            exchange.break_off()

    def sever(self) -> None:
        """The process is gone: its connections break, and nobody hears of it."""
        self.severed = True
        for exchange in self._in_order():
            exchange.vanish()
        self.exchanges.clear()
        self.flush()

    def streams(self) -> "list[Exchange]":
        return [each for each in self._in_order() if each.sent.way == "events"]

    def _in_order(self) -> "list[Exchange]":
        return sorted(self.exchanges, key=lambda each: each.number)

    def _trouble(self, sent: Sent) -> Trouble | None:
        now = self.clock.seconds()
        for trouble in self.troubles:
            if trouble.times > 0 and trouble.until > now and trouble.way in {None, sent.way}:
                trouble.times -= 1
                return trouble
        return None


@dataclass(eq=False)
class Exchange:
    """One request, and its answer to the last octet, or what becomes of it instead."""

    network: Network
    sent: Sent
    send: Callable[[], Deferred[IResponse]]
    number: int = 0
    muted: bool = False
    body: "Body | None" = None
    timer: IDelayedCall | None = None
    asked: Deferred[IResponse] | None = None
    trouble: Trouble | None = None
    outcome: Deferred[IResponse] = field(init=False)

    _numbers = 0

    def __post_init__(self) -> None:
        Exchange._numbers += 1
        self.number = Exchange._numbers
        self.outcome = Deferred(lambda _outcome: self.vanish())

    def start(self, trouble: Trouble | None) -> None:
        self.trouble = trouble
        half = self.network.latency / 2
        harm = trouble.harm if trouble else ""
        if trouble and harm == "refused":
            self._later(half, lambda: self._fail(Refused()))
        elif trouble and harm == "lost":
            self._later(half, lambda: self._fail(_never(ConnectionLost())))
        elif harm != "unheard":  # what nobody hears is never answered
            self._later(half + (trouble.seconds if trouble and harm == "late" else 0.0), self._arrive)

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        self.timer = self.network.clock.callLater(seconds, do)

    def _arrive(self) -> None:
        self.network.watch.arrives(self.sent)
        self.asked = self.send()
        self.network.watch.handled(self.sent)
        self.asked.addCallbacks(self._answered, self._failed)

    def _answered(self, response: IResponse) -> None:
        half, trouble = self.network.latency / 2, self.trouble
        self.asked = None
        self.response = response
        harm = trouble.harm if trouble else ""
        if harm == "unanswered":
            self._swallow(response)
        elif harm == "answer lost":
            self._swallow(response)
            self._later(half, lambda: self._fail(_never(ConnectionLost())))
        else:
            late = trouble.seconds if trouble and harm == "answer late" else 0.0
            self._later(half + late, lambda: self._deliver(response))

    def _swallow(self, response: IResponse) -> None:
        reader = Protocol()
        response.deliverBody(reader)
        self.body = Body(self, reader)
        self.body.transport = reader.transport

    def _deliver(self, response: IResponse) -> None:
        if not self.outcome.called:
            self.network.watch.answered(self.sent, f"{response.code}")
            self.outcome.callback(Response(response, self))

    def _failed(self, failure: Failure) -> None:
        self.asked = None
        if not self.outcome.called:
            self._later(self.network.latency / 2, lambda: self._fail(failure))

    def _fail(self, error: Exception | Failure) -> None:
        self.network.exchanges.discard(self)
        if not self.outcome.called:
            name = type(error.value if isinstance(error, Failure) else error).__name__
            self.network.watch.answered(self.sent, name)
            self.outcome.errback(error)

    def break_off(self) -> None:
        """The connection breaks, wherever the exchange is."""
        self.vanish()
        if self.body is not None and self.body.reader is not None:
            reader, self.body.reader = self.body.reader, None
            reader.connectionLost(Failure(ResponseFailed([Failure(ConnectionLost())])))
        else:
            self._fail(_never(ConnectionLost()))

    def vanish(self) -> None:
        """The connection goes, and the process hears nothing."""
        self.network.exchanges.discard(self)
        if self.timer is not None and self.timer.active():
            self.timer.cancel()
        if self.asked is not None:
            self.asked.addErrback(lambda _failure: None)
            self.asked.cancel()
        if self.body is not None and self.body.transport is not None:
            self.body.transport.stopProducing()  # type: ignore[attr-defined]  # a push producer
        elif self.body is None and getattr(self, "response", None) is not None:
            self._swallow(self.response)
            assert self.body is not None
            self.body.transport.stopProducing()


class Response(proxyForInterface(IResponse)):  # type: ignore[misc]  # a class made at run time
    """An answer whose body passes through the network."""

    def __init__(self, response: IResponse, exchange: Exchange) -> None:
        super().__init__(response)
        self._exchange = exchange

    def deliverBody(self, protocol: Protocol) -> None:
        self._exchange.body = Body(self._exchange, protocol)
        self.original.deliverBody(self._exchange.body)


class Body(Protocol):
    """Hands a body on: an answer as a whole, a stream as it comes."""

    def __init__(self, exchange: Exchange, reader: Protocol) -> None:
        self.exchange = exchange
        self.reader: Protocol | None = reader
        self._whole = b""

    def makeConnection(self, transport: ITransport) -> None:  # noqa: N802 - Twisted's
        self.transport = transport
        assert self.reader is not None
        self.reader.makeConnection(_Hangup(transport, self))

    def dataReceived(self, data: bytes) -> None:
        if self.exchange.sent.way != "events":
            self._whole += data
        elif self.reader is not None and not self.exchange.muted:
            self.reader.dataReceived(data)

    def inject(self, data: bytes) -> None:
        """Octets that no server has sent."""
        if self.reader is not None:
            self.reader.dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.exchange.network.exchanges.discard(self.exchange)
        reader, self.reader = self.reader, None
        if reader is None:
            return
        trouble, whole = self.exchange.trouble, self._whole
        if trouble and trouble.harm == "garbage":
            whole = spoiled(trouble.garbage, whole)
        if trouble and trouble.harm == "cut short":
            whole = whole[: len(whole) // 2]
            reason = Failure(ResponseFailed([Failure(ConnectionLost())]))
        if whole:
            reader.dataReceived(whole)
        reader.connectionLost(reason)


class _Hangup:
    """What the reader of a body has for a transport."""

    def __init__(self, transport: Any, body: Body) -> None:
        self._transport = transport
        self._body = body

    def stopProducing(self) -> None:
        self._body.exchange.network.exchanges.discard(self._body.exchange)
        self._transport.stopProducing()

    def pauseProducing(self) -> None:
        self._transport.pauseProducing()

    def resumeProducing(self) -> None:
        self._transport.resumeProducing()

    def loseConnection(self) -> None:  # noqa: N802 - Twisted's
        self.stopProducing()


class _Written:
    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> None:
        self.data += data


def _body(sent: Sent) -> WholeBody | None:
    return WholeBody(sent.body) if sent.body else None


def _never(reason: Exception) -> ResponseNeverReceived:
    return ResponseNeverReceived([Failure(reason)])
