"""What a server may pack a body in, and what that may cost."""

import gzip
import zlib

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.server import Request as ServerRequest

from mailroom.http.agent import stream_client
from mailroom.http.body import abort
from mailroom.http.client import Answer, Request
from mailroom.http.content_encoding import PIECE
from mailroom.http.errors import AnswerTooLarge, AnswerUndecodable
from tests.deferreds import failure_of, result_of
from tests.http.servers import ScriptedServer


class Reader(Protocol):
    """Reads a body, and hangs up within the first piece if told to."""

    def __init__(self, *, hangs_up: bool = False) -> None:
        self.pieces: list[bytes] = []
        self.end: BaseException | None = None
        self._hangs_up = hangs_up

    def dataReceived(self, data: bytes) -> None:
        self.pieces.append(data)
        if self._hangs_up:
            abort(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.end = reason.value


class ContentEncodingTestCase(SynchronousTestCase):
    def serve(self, body: bytes, *codings: str, status: int = 200) -> None:
        def handler(request: ServerRequest) -> bytes:
            request.setResponseCode(status)
            request.responseHeaders.setRawHeaders("content-encoding", codings)
            return body

        self.server = ScriptedServer(handler)

    def fetch(self, max_size: int = 1_000_000) -> Deferred[Answer]:
        http = self.server.http(Clock())
        return Deferred.fromCoroutine(http.fetch(Request("GET", "https://mail.example/", max_size=max_size)))


class OneLayerTests(ContentEncodingTestCase):
    """At most one layer of gzip is taken off a body, whatever a server states."""

    def test_more_than_one_layer(self) -> None:
        """What was packed several times is refused: each layer multiplies."""
        twice = gzip.compress(gzip.compress(b"hello"))
        for codings in (["gzip, gzip"], ["gzip", "gzip"], ["GZIP", "x-gzip"], ["gzip", "deflate"]):
            self.serve(twice, *codings)
            failure_of(self.fetch(), AnswerUndecodable)

    def test_other_codings(self) -> None:
        """What nobody asked for is refused, by its name and that of the server."""
        for coding in ("br", "deflate", "zstd", "compress"):
            self.serve(zlib.compress(b"hello"), coding)
            error = failure_of(self.fetch(), AnswerUndecodable)
            assert "https://mail.example/" in str(error)
            assert coding in str(error)

    def test_refusal_in_another_coding(self) -> None:
        """A refused login is one, however the words about it are packed."""
        self.serve(b"?", "br", status=401)
        answer = result_of(self.fetch())
        assert (answer.status, answer.body) == (401, b"")

    def test_no_coding(self) -> None:
        """Identity is none, however often it is stated."""
        for codings in (["identity"], [""], ["identity, identity"]):
            self.serve(b"hello", *codings)
            assert result_of(self.fetch()).body == b"hello"

    def test_identity_beside_gzip(self) -> None:
        """Identity adds no layer to one of gzip."""
        self.serve(gzip.compress(b"hello"), "identity, x-gzip")
        assert result_of(self.fetch()).body == b"hello"

    def test_an_empty_body(self) -> None:
        """A body without an octet is empty, whatever is stated of it."""
        for coding in ("gzip", "br"):
            self.serve(b"", coding, status=204)
            assert result_of(self.fetch()).body == b""


class GzipTests(ContentEncodingTestCase):
    """What gzip has packed is unpacked as a whole, or not at all."""

    def test_several_members(self) -> None:
        """Members one after another are one body (RFC 1952 section 2.2); zeros that fill up a block add nothing."""
        self.serve(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 100, "gzip")
        assert result_of(self.fetch()).body == b"one two"

    def test_more_than_a_piece(self) -> None:
        """What takes several pieces to unpack is whole."""
        body = bytes(range(256)) * 10 * (PIECE // 256) + b"end"
        self.serve(gzip.compress(body), "gzip")
        assert result_of(self.fetch()).body == body

    def test_cut_short(self) -> None:
        """A body whose compression has no end is not taken for whole."""
        self.serve(gzip.compress(b"hello" * 1000)[:-9], "gzip")
        failure_of(self.fetch(), AnswerUndecodable)

    def test_something_behind(self) -> None:
        """What follows a member is another one, or the body is none."""
        self.serve(gzip.compress(b"hello") + b"more", "gzip")
        failure_of(self.fetch(), AnswerUndecodable)

    def test_bomb(self) -> None:
        """What becomes too large is refused."""
        self.serve(gzip.compress(b"\0" * 10_000_000), "gzip")
        failure_of(self.fetch(), AnswerTooLarge)

    def test_nothing_is_unpacked_for_who_has_hung_up(self) -> None:
        """The piece in which a reader hangs up is the last one that is unpacked."""
        self.serve(gzip.compress(b"\0" * 10_000_000), "gzip")
        response = result_of(self.server.client().get("https://mail.example/", unbuffered=True))
        reader = Reader(hangs_up=True)
        response.deliverBody(reader)
        self.server.flush()
        assert [len(piece) for piece in reader.pieces] == [PIECE]
        assert reader.end is not None


class StreamTests(ContentEncodingTestCase):
    """A stream, which nobody knows the end of, is not unpacked at all."""

    def test_refused(self) -> None:
        """A stream that comes packed, though it was asked for as it is, is hung up on, and says why."""
        self.serve(gzip.compress(b"data: 1\n\n"), "gzip")
        response = result_of(stream_client(self.server.agent).get("https://mail.example/", unbuffered=True))
        reader = Reader()
        response.deliverBody(reader)
        self.server.flush()
        assert reader.pieces == []
        assert isinstance(reader.end, AnswerUndecodable)


class CookieTests(SynchronousTestCase):
    """What a server wants to have sent back costs nothing later."""

    def test_none_are_sent_back(self) -> None:
        """Cookies are not kept, by one answer or by many."""

        def handler(request: ServerRequest) -> bytes:
            request.addCookie(b"a", b"b" * 1000, path=b"/")
            return b""

        server = ScriptedServer(handler)
        http = server.http(Clock())
        for _time in range(2):
            result_of(Deferred.fromCoroutine(http.fetch(Request("GET", "https://mail.example/"))))
        assert [received.headers.hasHeader("cookie") for received in server.received] == [False, False]
