"""Bodies unpacked, of which nobody knows the size before (RFC 9110 section 8.4).

A kilobyte can become a megabyte, and one that was packed twice a gigabyte. So one layer is taken, of gzip, which is all
that is ever asked for, and it is unpacked in small pieces: whoever counts them hangs up before there are many. treq
would unpack whole reads, layer upon layer. It is left with nothing to do: what it gets has no Content-Encoding.
"""

import zlib
from collections.abc import Iterator
from enum import Enum
from typing import Final, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocol, IPushProducer, ITransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.components import proxyForInterface
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH, IAgent, IBodyProducer, IResponse
from zope.interface import implementer

from mailroom.core.printable import quotation
from mailroom.http.body import abort
from mailroom.http.errors import AnswerUndecodable

PIECE: Final = 64 * 1024
"""How many octets are unpacked at once."""
_GZIP: Final = 16 + zlib.MAX_WBITS


class Accepted(Enum):
    """The content coding that an answer may come in."""

    GZIP = "gzip"
    IDENTITY = "identity"
    """As it is: what is to be read while it comes, a compressor would hold back."""


@implementer(IAgent)
class UnpackingAgent:
    """Asks for one content coding, and hands out bodies unpacked.

    A body in any other coding ends with `AnswerUndecodable`, and without an octet. Its status can be read all the same.
    Cookies are dropped: nothing here needs any, and a server could have ever more of them sent back.
    """

    def __init__(self, agent: IAgent, accepted: Accepted) -> None:
        self._agent = agent
        self._accepted = accepted

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803 - Twisted's name
    ) -> Deferred[IResponse]:
        headers = Headers() if headers is None else headers.copy()
        headers.setRawHeaders("accept-encoding", [self._accepted.value])
        return self._agent.request(method, uri, headers, bodyProducer).addCallback(self._unpacked)

    def _unpacked(self, response: IResponse) -> IResponse:
        codings = _codings(response.headers)
        response.headers.removeHeader("content-encoding")
        response.headers.removeHeader("set-cookie")
        if not codings:
            return response
        if codings == [Accepted.GZIP.value] and self._accepted is Accepted.GZIP:
            return _UnpackedResponse(response)
        stated = quotation(", ".join(codings))
        return _UnpackedResponse(response, f"compresses its answer as nobody asked it to (Content-Encoding: {stated}).")


def _codings(headers: Headers) -> list[str]:
    stated = ",".join(headers.getRawHeaders("content-encoding") or ()).lower().split(",")
    codings = [coding.strip().removeprefix("x-") for coding in stated]
    return [coding for coding in codings if coding not in {"", Accepted.IDENTITY.value}]


class _UnpackedResponse(proxyForInterface(IResponse)):  # type: ignore[misc]  # made at run time
    """A response whose body is unpacked, or where there is a problem, refused."""

    length = UNKNOWN_LENGTH

    def __init__(self, original: IResponse, problem: str | None = None) -> None:
        self.original = original
        self._problem = problem

    def deliverBody(self, protocol: IProtocol) -> None:
        self.original.deliverBody(_Unpacking(protocol, self._problem))


class _Unpacking(Protocol):
    """Stands between a connection and whoever reads the body that it delivers, who may hang up within any piece."""

    def __init__(self, reader: IProtocol, problem: str | None) -> None:
        self._reader = reader
        self._problem = problem
        self._gzip = zlib.decompressobj(_GZIP)
        self._began = False
        self._over = False

    def connectionMade(self) -> None:
        self._reader.makeConnection(cast("ITransport", self))

    def dataReceived(self, data: bytes) -> None:
        self._began = True
        if self._problem is not None:
            self.stopProducing()
            return
        try:
            for piece in self._pieces(data):
                if self._over:
                    return
                self._reader.dataReceived(piece)
        except zlib.error:
            self._problem = "says that its answer is compressed with gzip, and it is not."
            self.stopProducing()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        is_whole = reason.check(ResponseDone, PotentialDataLoss) is not None
        if self._began and is_whole and not self._gzip.eof and self._problem is None:
            self._problem = "ended in the middle of what it had compressed."
        problem = self._problem if self._began else None
        self._reader.connectionLost(reason if problem is None else Failure(AnswerUndecodable(problem)))

    def stopProducing(self) -> None:
        self._over = True
        abort(self)

    def pauseProducing(self) -> None:
        cast("IPushProducer", self.transport).pauseProducing()

    def resumeProducing(self) -> None:
        cast("IPushProducer", self.transport).resumeProducing()

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        """What these octets add. There may be several members one after another, and zeros behind (RFC 1952)."""
        piece = b""
        while data or len(piece) == PIECE:
            if self._gzip.eof:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._gzip = zlib.decompressobj(_GZIP)
            piece = self._gzip.decompress(data, PIECE)
            data = self._gzip.unused_data if self._gzip.eof else self._gzip.unconsumed_tail
            if piece:
                yield piece
