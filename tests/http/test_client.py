import gzip
from collections.abc import Sequence
from typing import Any, cast

from OpenSSL import SSL
from pydantic import SecretStr
from service_identity import VerificationError
from twisted.internet import error
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import ResponseNeverReceived
from twisted.web.server import Request as ServerRequest
from zope.interface import implementer

from mailroom import __version__
from mailroom.core.credentials import BearerToken, Secret
from mailroom.http.agent import IConnectionKeeper, request_client
from mailroom.http.client import Answer, Http, Request
from mailroom.http.errors import (
    AnswerTooLarge,
    CertificateRejected,
    ConnectionFailed,
    ExchangeTimedOut,
    RedirectRefused,
    TransportError,
    UrlTooLong,
)
from mailroom.http.urls import MAX_URL
from tests.deferreds import failure_of, is_waiting, result_of
from tests.http.servers import NEVER, FailingAgent, Handler, ScriptedServer, by_url, redirect

TOKEN = BearerToken(Secret("jmap_token", SecretStr("hush")))


def hello(_request: ServerRequest) -> bytes:
    return b"hello"


def silent(_request: ServerRequest) -> int:
    return NEVER


def half(request: ServerRequest) -> int:
    request.write(b"half of ")
    return NEVER


def endless(head: Handler) -> Handler:
    """An answer whose body begins and never ends."""

    def handler(request: ServerRequest) -> int:
        begun = head(request)
        request.write(begun if isinstance(begun, bytes) else b"")
        return NEVER

    return handler


def octets_redirect(location: bytes) -> Handler:
    """Redirects the root there, and says hello everywhere else."""

    def handler(request: ServerRequest) -> bytes:
        if request.uri != b"/":
            return b"hello"
        request.setResponseCode(302)
        request.setHeader(b"location", location)
        return b""

    return handler


@implementer(IConnectionKeeper)
class Keeper:
    """Counts how often kept connections were dropped."""

    def __init__(self) -> None:
        self.dropped = 0

    def preconnect(self, _url: str, _count: int) -> None:
        raise NotImplementedError

    def drop_kept_connections(self) -> None:
        self.dropped += 1


class HttpTestCase(SynchronousTestCase):
    def serve(self, handler: Handler) -> None:
        self.clock = Clock()
        self.server = ScriptedServer(handler)
        self.http = self.server.http(self.clock)

    def fetch(self, url: str = "https://mail.example/", **options: Any) -> Deferred[Answer]:
        method = options.pop("method", "GET")
        return Deferred.fromCoroutine(self.http.fetch(Request(method, url, **options)))

    def urls(self) -> list[str]:
        return [received.url for received in self.server.received]


class FetchTests(HttpTestCase):
    def test_whole_answer(self) -> None:
        """An answer comes with its status, headers, body and URL."""

        def not_found(request: ServerRequest) -> bytes:
            request.setResponseCode(404)
            request.setHeader("x-reason", "gone")
            return b"nothing here"

        self.serve(not_found)
        answer = result_of(self.fetch("https://mail.example/a?b=c"))
        assert (answer.status, answer.header("X-Reason"), answer.body, answer.url) == (
            404,
            "gone",
            b"nothing here",
            "https://mail.example/a?b=c",
        )

    def test_absent_header(self) -> None:
        """A header that the server did not send is None."""
        self.serve(hello)
        assert result_of(self.fetch()).header("x-reason") is None

    def test_octets_of_a_header(self) -> None:
        """A header in any octets is read, and comes back as it was where it is sent again, as an ETag is."""

        def tagged(request: ServerRequest) -> bytes:
            request.setHeader(b"etag", b'"caf\xe9 \xc3\xa9"')
            return b""

        self.serve(tagged)
        etag = result_of(self.fetch()).header("ETag")
        assert etag is not None
        result_of(self.fetch(headers={"If-Match": etag}))
        assert self.server.received[-1].headers.getRawHeaders(b"if-match") == [b'"caf\xe9 \xc3\xa9"']

    def test_answer_without_body(self) -> None:
        """A 204 is an answer with an empty body."""

        def no_content(request: ServerRequest) -> bytes:
            request.setResponseCode(204)
            return b""

        self.serve(no_content)
        answer = result_of(self.fetch())
        assert (answer.status, answer.body) == (204, b"")

    def test_sends_what_was_asked(self) -> None:
        """Method, headers, body and credentials reach the server."""
        self.serve(hello)
        result_of(self.fetch(method="POST", headers={"X-Word": "yes"}, body=b"{}", credentials=TOKEN))
        (received,) = self.server.received
        assert (received.method, received.headers.getRawHeaders("x-word"), received.body, received.authorization) == (
            "POST",
            ["yes"],
            b"{}",
            "Bearer hush",
        )

    def test_round_trips(self) -> None:
        """Each hop of a redirect is a round trip that somebody waited for."""
        self.serve(by_url({"https://mail.example/": redirect("/there"), "https://mail.example/there": hello}))
        result_of(self.fetch())
        assert (self.http.round_trips.requests, self.http.round_trips.sequential) == (2, 2)


class SentTests(HttpTestCase):
    """What every request has, whoever sends it."""

    def test_it_says_who_asks(self) -> None:
        """Some servers refuse those that do not, on every hop."""
        self.serve(by_url({"https://a.example/x": redirect("/y"), "https://a.example/y": lambda _request: b""}))
        result_of(self.fetch("https://a.example/x", method="PROPFIND"))
        agents = [each.headers.getRawHeaders("user-agent") for each in self.server.received]
        assert agents == [[f"Mailroom/{__version__}"]] * 2

    def test_an_ipv6_address_is_asked(self) -> None:
        """With a Host header in brackets."""
        self.serve(lambda _request: b"")
        result_of(self.fetch("http://[::1]:8080/x?y"))
        assert self.urls() == ["http://[::1]:8080/x?y"]


class BoundTests(HttpTestCase):
    def test_answer_of_just_the_size(self) -> None:
        """A body of exactly the bound is whole."""
        self.serve(hello)
        assert result_of(self.fetch(max_size=5)).body == b"hello"

    def test_too_large_an_answer(self) -> None:
        """A body over the bound is an error."""
        self.serve(hello)
        failure_of(self.fetch(max_size=4), AnswerTooLarge)

    def test_too_large_an_answer_hangs_up(self) -> None:
        """The server is not left sending what nobody will read."""
        self.serve(half)
        outcome = self.fetch(max_size=4)
        self.server.flush()
        assert len(self.server.left) == 1
        failure_of(outcome, AnswerTooLarge)

    def test_time_is_up_before_the_head(self) -> None:
        """A server that says nothing within the time is given up, and hung up on."""
        self.serve(silent)
        outcome = self.fetch(timeout=7)
        self.clock.advance(6.9)
        assert is_waiting(outcome)
        self.clock.advance(0.1)
        failure_of(outcome, ExchangeTimedOut)
        self.server.flush()
        assert len(self.server.left) == 1

    def test_time_is_up_in_the_middle_of_the_body(self) -> None:
        """The time covers the body too: a server that stops half way is given up, and hung up on."""
        self.serve(half)
        outcome = self.fetch(timeout=7)
        self.clock.advance(7)
        failure_of(outcome, ExchangeTimedOut)
        self.server.flush()
        assert len(self.server.left) == 1

    def test_kept_connections_go_with_one_that_timed_out(self) -> None:
        """Before the head or after it: the others may hang as well. What ends in time leaves them alone."""
        for handler, dropped in ((silent, 1), (half, 1), (hello, 0)):
            with self.subTest(handler.__name__):
                self.serve(handler)
                keeper = Keeper()
                self.http = Http(self.server.client(), self.clock, preconnector=keeper)
                outcome = self.fetch(timeout=7)
                self.clock.advance(7)
                outcome.addErrback(lambda failure: failure.trap(ExchangeTimedOut))
                assert keeper.dropped == dropped

    def test_no_timer_is_left(self) -> None:
        """An exchange that has ended leaves no timer behind."""
        self.serve(hello)
        result_of(self.fetch())
        assert self.clock.getDelayedCalls() == []


class LongUrlTests(HttpTestCase):
    """A URL that a server names at length is not sent, again and again, by whichever way it was named."""

    def test_refused(self) -> None:
        """It is an error that names the bound, and the beginning of the URL alone."""
        self.serve(hello)
        error = failure_of(self.fetch("https://mail.example/" + "x" * MAX_URL), UrlTooLong)
        assert str(MAX_URL) in str(error)
        assert "https://mail.example/xxx" in str(error)
        assert len(str(error)) < 400
        assert self.urls() == []

    def test_of_a_redirect(self) -> None:
        """A Location may have more characters than a URL."""
        self.serve(redirect("/" + "x" * MAX_URL))
        failure_of(self.fetch(), UrlTooLong)
        assert len(self.urls()) == 1


class CompressionTests(HttpTestCase):
    def serve_as_gzip(self, body: bytes) -> None:
        def handler(request: ServerRequest) -> bytes:
            request.setHeader("content-encoding", "gzip")
            return body

        self.serve(handler)

    def test_unpacked(self) -> None:
        """A compressed body arrives unpacked."""
        self.serve_as_gzip(gzip.compress(b"hello"))
        assert result_of(self.fetch()).body == b"hello"

    def test_bound_holds_unpacked(self) -> None:
        """The bound is on what a body becomes, not on what was sent."""
        self.serve_as_gzip(gzip.compress(b"x" * 100_000))
        failure_of(self.fetch(max_size=10_000), AnswerTooLarge)

    def test_not_compressed_at_all(self) -> None:
        """A body that is not compressed as it claims is an error of ours."""
        self.serve_as_gzip(b"hello")
        failure_of(self.fetch(), ConnectionFailed)


class CancellationTests(HttpTestCase):
    def assert_cancelled(self, handler: Handler) -> None:
        self.serve(handler)
        outcome = self.fetch()
        outcome.cancel()
        failure_of(outcome, CancelledError)
        self.server.flush()
        assert len(self.server.left) == 1
        assert self.clock.getDelayedCalls() == []

    def test_before_the_head(self) -> None:
        """Cancelling closes a connection on which nothing came yet, and stays a cancellation."""
        self.assert_cancelled(silent)

    def test_in_the_middle_of_the_body(self) -> None:
        """Cancelling closes a connection in the middle of a body, and stays a cancellation."""
        self.assert_cancelled(half)

    def test_is_not_tried_again(self) -> None:
        """A cancelled request is not sent a second time."""
        self.assert_cancelled(silent)
        assert len(self.server.received) == 1


class RedirectTests(HttpTestCase):
    def test_followed(self) -> None:
        """A relative Location is followed, and the answer names the URL that it came from."""
        self.serve(by_url({"https://mail.example/a/b": redirect("../c"), "https://mail.example/c": hello}))
        answer = result_of(self.fetch("https://mail.example/a/b"))
        assert (answer.body, answer.url) == (b"hello", "https://mail.example/c")

    def test_same_origin_keeps_the_credentials(self) -> None:
        """A redirect within the origin is as good as the URL itself."""
        self.serve(
            by_url({"https://mail.example/": redirect("https://mail.example:443/b"), "https://mail.example/b": hello})
        )
        result_of(self.fetch(credentials=TOKEN))
        assert [received.authorization for received in self.server.received] == ["Bearer hush"] * 2

    def test_other_origin_gets_no_credentials(self) -> None:
        """A redirect to another host is followed without the secret."""
        self.serve(by_url({"https://mail.example/": redirect("https://evil.example/"), "https://evil.example/": hello}))
        result_of(self.fetch(credentials=TOKEN))
        assert [received.authorization for received in self.server.received] == ["Bearer hush", None]

    def test_other_port_gets_no_credentials(self) -> None:
        """Another port is another origin."""
        self.serve(
            by_url(
                {"https://mail.example/": redirect("https://mail.example:8443/"), "https://mail.example:8443/": hello}
            )
        )
        result_of(self.fetch(credentials=TOKEN))
        assert [received.authorization for received in self.server.received] == ["Bearer hush", None]

    def test_way_back_gets_no_credentials(self) -> None:
        """Once elsewhere, a redirect back does not bring the secret out again: the other host chose where to."""
        self.serve(
            by_url(
                {
                    "https://mail.example/": redirect("https://evil.example/"),
                    "https://evil.example/": redirect("https://mail.example/delete"),
                    "https://mail.example/delete": hello,
                }
            )
        )
        result_of(self.fetch(credentials=TOKEN))
        assert self.server.received[-1].authorization is None

    def test_method_and_body_are_kept(self) -> None:
        """A 307 repeats the request elsewhere as it was."""
        self.serve(by_url({"https://mail.example/": redirect("/b", 307), "https://mail.example/b": hello}))
        result_of(self.fetch(method="POST", body=b"{}"))
        assert [(received.method, received.body) for received in self.server.received] == [("POST", b"{}")] * 2

    def test_see_other_is_a_get(self) -> None:
        """A 303 asks to fetch the outcome elsewhere."""
        self.serve(by_url({"https://mail.example/": redirect("/b", 303), "https://mail.example/b": hello}))
        result_of(self.fetch(method="POST", body=b"{}"))
        assert [(received.method, received.body) for received in self.server.received] == [
            ("POST", b"{}"),
            ("GET", b""),
        ]

    def test_circle(self) -> None:
        """A circle of redirects ends in an error."""
        self.serve(redirect("/again"))
        failure_of(self.fetch(), RedirectRefused)

    def test_out_of_https(self) -> None:
        """A redirect from https to http is refused before anything is sent there."""
        self.serve(redirect("http://mail.example/"))
        failure_of(self.fetch(), RedirectRefused)
        assert self.urls() == ["https://mail.example/"]

    def test_other_scheme(self) -> None:
        """A redirect to what is not HTTP is refused."""
        self.serve(redirect("file:///etc/passwd"))
        failure_of(self.fetch("http://mail.example/"), RedirectRefused)

    def test_malformed_location(self) -> None:
        """A Location that is no URL is the server's error, and typed."""
        self.serve(redirect("https://[oops/"))
        failure_of(self.fetch(), RedirectRefused)

    def test_without_location(self) -> None:
        """A redirect that names no target is refused."""

        def nowhere(request: ServerRequest) -> bytes:
            request.setResponseCode(302)
            return b""

        self.serve(nowhere)
        failure_of(self.fetch(), RedirectRefused)

    def test_body_without_end(self) -> None:
        """A redirect is followed as soon as its head is there, and hung up on: nobody reads the body."""
        self.serve(by_url({"https://mail.example/": endless(redirect("/b")), "https://mail.example/b": hello}))
        assert result_of(self.fetch()).body == b"hello"
        self.server.flush()
        assert len(self.server.left) == 1

    def test_body_that_is_no_body(self) -> None:
        """Nor does anybody mind what the body is."""

        def garbled(request: ServerRequest) -> bytes:
            request.setHeader("content-encoding", "gzip")
            return bytes(cast("bytes", redirect("/b")(request)))

        self.serve(by_url({"https://mail.example/": garbled, "https://mail.example/b": hello}))
        assert result_of(self.fetch()).body == b"hello"

    def test_refused_is_hung_up_on(self) -> None:
        """However a redirect is refused, its connection does not stay behind."""
        targets = ("http://mail.example/", "file:///etc/passwd", "https://[oops/", "", "/")
        for target in targets:
            with self.subTest(target):
                self.serve(endless(redirect(target)))
                failure_of(self.fetch(), RedirectRefused)
                self.server.flush()
                assert len(self.server.left) == len(self.server.received)

    def test_octets_in_location(self) -> None:
        """A Location in UTF-8 or in anything else leads where its server meant it to: to these octets."""
        for location in ("/caf\u00e9".encode(), b"/caf\xe9", b"https://mail.example/\xff\xfe?\xe9#x"):
            with self.subTest(location):
                self.serve(octets_redirect(location))
                assert result_of(self.fetch()).body == b"hello"

    def test_octets_in_the_host_of_location(self) -> None:
        """A host that nobody could look up is an error of ours, whatever its octets are."""
        for location in (b"https://caf\xe9.example/", b"https://\xff/", b"https://mail.example:\xe9/"):
            with self.subTest(location):
                self.serve(octets_redirect(location))
                failure_of(self.fetch(), TransportError)

    def test_secret_of_the_query(self) -> None:
        """Messages about redirects leave out the query, which may hold a token."""
        self.serve(redirect("http://mail.example/?token=hush"))
        failure = failure_of(self.fetch("https://mail.example/?key=hush"), RedirectRefused)
        assert "hush" not in str(failure)


class FailureTests(SynchronousTestCase):
    def fetch(self, *errors: Exception, url: str = "https://mail.example/") -> Deferred[Answer]:
        self.agent = FailingAgent(errors, ScriptedServer(hello).agent)
        return Deferred.fromCoroutine(Http(request_client(self.agent), Clock()).fetch(Request("POST", url, body=b"{}")))

    def test_refused(self) -> None:
        """A refused connection is typed, and not tried again."""
        failure_of(self.fetch(error.ConnectionRefusedError()), ConnectionFailed)
        assert self.agent.attempts == 1

    def test_unknown_host(self) -> None:
        """A name without address is typed."""
        failure_of(self.fetch(error.DNSLookupError("no such host")), ConnectionFailed)

    def test_connect_takes_too_long(self) -> None:
        """A host that does not answer at all is typed."""
        failure_of(self.fetch(error.TimeoutError()), ConnectionFailed)

    def test_lost_without_an_answer(self) -> None:
        """A connection that is lost before the answer is typed."""
        failure_of(self.fetch(ResponseNeverReceived(_failures(error.ConnectionLost()))), ConnectionFailed)

    def test_cancelled_below(self) -> None:
        """A connection that somebody else gave up is one that failed: nobody here has cancelled anything."""
        failure_of(self.fetch(ResponseNeverReceived(_failures(CancelledError()))), ConnectionFailed)

    def test_bad_certificate(self) -> None:
        """A certificate that is not to be trusted is told apart from a server that is down."""
        for reason in (SSL.Error([("SSL routines", "", "certificate verify failed")]), VerificationError(errors=[])):
            failure_of(self.fetch(ResponseNeverReceived(_failures(reason))), CertificateRejected)

    def test_malformed_url(self) -> None:
        """A URL that is none is an error of ours, not of whatever stumbled over it."""
        for url in ("https://[oops/", "mailto:ann@example.com", "no url", "https://host:port/"):
            failure_of(self.fetch(url=url), TransportError)

    def test_secrets_of_the_url(self) -> None:
        """Messages leave out the query and the user's password."""
        failure = failure_of(
            self.fetch(error.ConnectionRefusedError(), url="https://ann:hush@mail.example/path?token=hush#hush"),
            ConnectionFailed,
        )
        assert "hush" not in str(failure)
        assert "https://mail.example/path" in str(failure)


class OpenTests(HttpTestCase):
    def open(self, url: str = "https://mail.example/", **options: Any) -> Deferred[Any]:
        return Deferred.fromCoroutine(self.http.open(Request("GET", url, **options)))

    def test_head(self) -> None:
        """The head is there while the body goes on, for as long as it likes."""
        self.serve(half)
        opened = result_of(self.open(timeout=7))
        self.clock.advance(100)
        assert (opened.response.code, opened.url) == (200, "https://mail.example/")
        assert self.server.left == []

    def test_time_is_up(self) -> None:
        """The time covers the head."""
        self.serve(silent)
        outcome = self.open(timeout=7)
        self.clock.advance(7)
        failure_of(outcome, ExchangeTimedOut)

    def test_redirect(self) -> None:
        """Redirects are followed as for a whole answer."""
        self.serve(by_url({"https://mail.example/": redirect("/b"), "https://mail.example/b": half}))
        assert result_of(self.open()).url == "https://mail.example/b"

    def test_cancelled(self) -> None:
        """Cancelling before the head closes the connection."""
        self.serve(silent)
        outcome = self.open()
        outcome.cancel()
        failure_of(outcome, CancelledError)
        self.server.flush()
        assert len(self.server.left) == 1


def _failures(*reasons: Exception) -> Sequence[Failure]:
    return [Failure(reason) for reason in reasons]
