"""Reading a body that somebody else decides the length of."""

from typing import Final, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.iweb import IResponse

from mailroom.http.errors import AnswerTooLarge, AnswerUndecodable, ConnectionFailed

_BLOCK_SIZE: Final = 64 * 1024


def abort(protocol: Protocol) -> None:
    """Close the connection that delivers a body to this protocol, now, whatever the peer does.

    `stopProducing` is the public way past TLS's close handshake, which a peer that has stopped reading never finishes;
    `loseConnection` would wait for it for ever. `connectionLost` follows in a later turn of the reactor.
    """
    if protocol.transport is not None:
        cast("IPushProducer", protocol.transport).stopProducing()


def discard(response: IResponse) -> None:
    """Close the connection of a response whose body nobody wants. It may be one without end, so it is not read."""
    unread = Protocol()
    response.deliverBody(unread)  # a body that is not delivered to anybody keeps its connection open
    abort(unread)


def read_body(response: IResponse, max_size: int, sender: str = "The server") -> Deferred[bytes]:
    """The whole body; `AnswerTooLarge` beyond `max_size` octets; cancelling hangs up. Errors speak of the sender."""
    body = _Body(max_size, sender)
    response.deliverBody(body)
    return body.whole


class _Body(Protocol):
    def __init__(self, max_size: int, sender: str) -> None:
        self._max_size = max_size
        self._sender = sender
        self._size = 0
        # Pieces may have two octets each, and as objects take fifty times that; a buffer that grows leaves the memory
        # behind that it has grown out of. So they are gathered in blocks.
        self._blocks: list[bytes] = []
        self._block = bytearray()
        self.whole: Deferred[bytes] = Deferred(lambda _whole: abort(self))

    def dataReceived(self, data: bytes) -> None:
        self._size += len(data)
        if self._size <= self._max_size:
            self._block += data
            if len(self._block) >= _BLOCK_SIZE:
                self._end_block()
        else:
            self._blocks.clear()
            abort(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.whole.called:
            return
        if self._size > self._max_size:
            self.whole.errback(
                AnswerTooLarge(f"{self._sender} sent more than {self._max_size} octets. Is the URL right?")
            )
        elif reason.check(ResponseDone, PotentialDataLoss):
            self._end_block()
            whole = b"".join(self._blocks)
            self._blocks.clear()  # before anybody makes something of it
            self.whole.callback(whole)
        elif isinstance(reason.value, AnswerUndecodable):
            self.whole.errback(AnswerUndecodable(f"{self._sender} {reason.value}"))
        else:
            self.whole.errback(ConnectionFailed(f"{self._sender} broke off in the middle of its answer."))

    def _end_block(self) -> None:
        self._blocks.append(bytes(self._block))
        self._block.clear()
