"""One stream kept alive, whatever the server does, under a Clock."""

from collections import Counter, deque
from functools import partial
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from OpenSSL import SSL
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.error import DNSLookupError
from twisted.python.failure import Failure
from twisted.web.client import ResponseNeverReceived
from twisted.web.server import NOT_DONE_YET, Request

from mailroom.core.credentials import BearerToken, Secret
from mailroom.core.errors import MailroomError
from mailroom.http.agent import stream_client
from mailroom.http.client import Http
from mailroom.jmap.errors import RateLimited, Unauthorized
from mailroom.push.eventsource import EventSource
from mailroom.push.sse import MAX_BLOCK_SIZE
from mailroom.push.status import StreamState, StreamStatus
from tests.http.servers import FailingAgent, Handler, redirect
from tests.push.event_server import EVENT, PING, START, StreamTestCase, never, status

URL = "https://mail.example/events"


class RequestTests(StreamTestCase):
    """How the stream is asked for."""

    def test_request(self) -> None:
        """It is a GET of the expanded template, authenticated, and for nothing but an event stream as it is."""
        self.start()
        request = self.server.received[-1]
        assert (request.method, request.url) == ("GET", f"{URL}?types=Email&closeafter=no&ping=30")
        assert request.authorization == "Bearer sesame"
        assert self.last_header("accept") == "text/event-stream"
        assert self.last_header("cache-control") == "no-store"
        assert self.last_header("accept-encoding") == "identity"
        assert self.last_header("last-event-id") is None

    def test_nothing_before_the_reactor_runs(self) -> None:
        """Starting the service alone asks for nothing yet."""
        self.source.startService()
        assert (self.located, self.server.received) == ([], [])

    def test_no_template(self) -> None:
        """A URL without variables gets the parameters appended."""
        self.template = f"{URL}/"
        self.start()
        assert self.server.received[-1].url == f"{URL}/?types=Email&closeafter=no&ping=30"

    def test_ping(self) -> None:
        """The interval of the pings is a matter of the service's."""
        self.source = self.new_source(ping=60)
        self.start()
        assert self.server.received[-1].url.endswith("&ping=60")

    def test_without_credentials(self) -> None:
        """A server that needs no login gets none."""
        http = Http(stream_client(self.server.agent), self.clock)
        self.source = EventSource(http, self.clock, self.locate, None, listener=self.listener)
        self.start()
        assert self.server.received[-1].authorization is None

    def test_fresh_credentials(self) -> None:
        """A token that was replaced on disk is used from the next attempt on, the second one after a 401 included."""
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        token = Path(folder.name) / "token"
        token.write_text("old")
        http = Http(stream_client(self.server.agent), self.clock)
        credentials = BearerToken(Secret("jmap_token", token))
        self.source = EventSource(http, self.clock, self.locate, credentials, listener=self.listener)

        def replace_token(request: Request) -> bytes | int:
            token.write_text("new")
            return status(401)(request)

        self.script.append(replace_token)
        self.start()
        self.advance(0)
        assert [request.authorization for request in self.server.received] == ["Bearer old", "Bearer new"]

    def test_unreadable_credentials(self) -> None:
        """A token that cannot be read is a failed attempt, and says so."""
        http = Http(stream_client(self.server.agent), self.clock)
        credentials = BearerToken(Secret("jmap_token", Path("/nowhere/token")))
        self.source = EventSource(http, self.clock, self.locate, credentials, listener=self.listener)
        self.start()
        assert self.state() is StreamState.WAITING
        assert "jmap_token" in (self.source.status.error or "")


class StatusTests(StreamTestCase):
    """What the service says about itself."""

    def test_stopped_at_first(self) -> None:
        """Before its first start the service is stopped."""
        assert self.source.status == StreamStatus(StreamState.STOPPED)

    def test_connecting(self) -> None:
        """While nobody has answered, it is connecting."""
        self.script.append(never)
        self.start()
        assert self.source.status == StreamStatus(StreamState.CONNECTING, url=URL)

    def test_connected(self) -> None:
        """With the head of the answer the stream is there, and its URL is shown without the query."""
        self.start()
        assert self.source.status == StreamStatus(StreamState.CONNECTED, url=URL, connected_since=START)

    def test_last_event(self) -> None:
        """Events and pings count as such, comments do not."""
        self.start()
        self.advance(5)
        self.send(EVENT)
        self.advance(5)
        self.send(PING)
        self.advance(5)
        self.send(b":\n\n")
        assert self.source.status.last_event == START + 10

    def test_waiting(self) -> None:
        """When it is lost, the status says why, and when the next attempt comes."""
        self.start()
        self.advance(10)
        self.end()
        assert self.source.status == StreamStatus(
            StreamState.WAITING, url=URL, retry_at=START + 12, error="The server ended the stream."
        )

    def test_reconnected(self) -> None:
        """With the next connection the error is over, and reconnections are counted."""
        self.start()
        self.end()
        self.next_attempt()
        assert self.source.status == StreamStatus(
            StreamState.CONNECTED, url=URL, connected_since=START + 2, reconnect_count=1
        )


class EventTests(StreamTestCase):
    """What the listener hears."""

    def test_connection_and_events(self) -> None:
        """It hears of the connection before the events, of every event, of no ping, and of the loss."""
        self.start()
        self.send(EVENT + PING + b"data: hello\n\n")
        self.end()
        assert self.listener.heard == ["connected", "state {}", "message hello", "disconnected"]

    def test_events_that_come_with_the_head(self) -> None:
        """Events in the first packet come after the news of the connection too."""

        def greet(request: Request) -> int:
            request.write(EVENT)
            return self.stream(request)

        def typed(request: Request) -> int:
            request.setHeader("content-type", "text/event-stream")
            return greet(request)

        self.script.append(typed)
        self.start()
        assert self.listener.heard == ["connected", "state {}"]

    def test_a_whole_stream_at_once(self) -> None:
        """A stream that is over before it is read is delivered all the same."""

        def all_of_it(request: Request) -> bytes:
            request.setHeader("content-type", "text/event-stream")
            return EVENT

        self.script.append(all_of_it)
        self.start()
        assert self.listener.heard == ["connected", "state {}", "disconnected"]

    def test_a_listener_that_raises(self) -> None:
        """What a listener raises is logged, and neither the stream nor later events suffer."""

        def fail(_what: str) -> None:
            raise ZeroDivisionError

        self.listener.on_hearing = fail
        self.start()
        self.send(EVENT + EVENT)
        self.end()
        self.next_attempt()
        assert self.state() is StreamState.CONNECTED
        assert self.listener.heard == ["connected", "state {}", "state {}", "disconnected", "connected"]
        assert len(self.logged(ZeroDivisionError)) == 5


class NoStreamTests(StreamTestCase):
    """Answers that are no event stream."""

    def waits_after(self, *codes: int, **headers: str) -> list[float]:
        """The waits after the answers with these statuses."""
        self.script.extend(status(code, **headers) for code in codes)
        self.source.startService()
        waits = [0.0]
        for _ in codes:
            self.advance(waits[-1])
            waits.append(self.wait())
        assert self.listener.heard == []
        return waits[1:]

    def second_try(self, code: int) -> list[bool]:
        """How the session was asked for, if this status was tried again at once, and then at a slow pace."""
        self.script.extend([status(code)] * 3)
        self.start()
        assert (len(self.server.received), self.wait()) == (2, 60)
        self.next_attempt()
        assert (len(self.server.received), self.wait()) == (3, 60)
        return self.located

    def test_wrong_type(self) -> None:
        """An endless answer of another type is hung up on unread, reported, and asked for again slowly."""
        self.script.append(partial(self.stream, content_type="text/html"))
        self.start()
        self.flush()
        assert self.server.left == self.streams
        assert self.listener.heard == []
        assert self.wait() == 60
        assert "text/html" in (self.source.status.error or "")

    def test_type_with_parameters(self) -> None:
        """Parameters of the type change nothing, and the stream stays UTF-8."""
        self.script.append(partial(self.stream, content_type="Text/Event-Stream; charset=iso-8859-1"))
        self.start()
        self.send("data: \u20ac\n\n".encode())
        assert self.listener.heard == ["connected", "message \u20ac"]

    def test_no_push(self) -> None:
        """204 and 501 mean that there is no push: it is asked for again after minutes, with a new session."""
        for code in (204, 501):
            with self.subTest(code):
                self.setUp()
                assert self.waits_after(code) == [300]
                assert self.state() is StreamState.UNAVAILABLE
                self.next_attempt()
                assert self.located == [False, True]
                assert self.state() is StreamState.CONNECTED

    def test_no_url(self) -> None:
        """So does a session without an event source, for which nobody is asked."""
        self.template = None
        self.start()
        assert (self.state(), self.source.status.url, self.wait()) == (StreamState.UNAVAILABLE, None, 300)
        assert self.server.received == []
        self.template = URL
        self.next_attempt()
        assert (self.state(), self.located) == (StreamState.CONNECTED, [False, True])

    def test_unauthorized(self) -> None:
        """A 401 is tried once more at once, then slowly; the error says what to do."""
        self.second_try(401)
        assert "jmap_token" in (self.source.status.error or "")

    def test_wrong_place(self) -> None:
        """401, 403, 404 and 410 have the session fetched anew for each attempt, for URL and login may have changed."""
        for code in (401, 403, 404, 410):
            with self.subTest(code):
                self.setUp()
                assert self.second_try(code) == [False, True, True]

    def test_wrong_place_of_a_busy_server(self) -> None:
        """So they do where the server wants to be left alone meanwhile, and what only a person can mend as well."""
        for code, headers in ((404, {"retry_after": "90"}), (410, {"retry_after": "90"}), (400, {}), (406, {})):
            with self.subTest(code):
                self.setUp()
                self.script.extend([status(code, **headers)] * 3)
                self.start()
                for _ in range(3):
                    self.next_attempt()
                assert self.located == [False, True, True, True]
                assert self.state() is StreamState.CONNECTED

    def test_moved_at_last(self) -> None:
        """A URL that the session names only after a while is found within a minute."""
        self.script.extend([status(404)] * 10)
        self.start()
        self.live(5 * 60)
        self.template = "https://new.example/events"
        self.script.clear()
        self.live(60)
        assert self.source.status.url == "https://new.example/events"
        assert self.state() is StreamState.CONNECTED

    def test_moved_meanwhile(self) -> None:
        """A URL that the new session names is asked in the second try."""

        def move(refresh: bool) -> None:  # noqa: FBT001 - as locate is called
            self.template = "https://new.example/events" if refresh else self.template

        self.on_locating = move
        self.script.append(status(404))
        self.start()
        self.advance(0)
        assert self.source.status.url == "https://new.example/events"
        assert self.state() is StreamState.CONNECTED

    def test_no_quick_retry(self) -> None:
        """What only a person can mend is asked for again slowly."""
        for code in (205, 304, 400, 406):
            with self.subTest(code):
                self.setUp()
                assert self.waits_after(code, code) == [60, 60]

    def test_server_errors(self) -> None:
        """What may pass is asked for again with backoff."""
        for code in (429, 500, 502, 503, 504):
            with self.subTest(code):
                self.setUp()
                assert self.waits_after(*[code] * 7) == [2, 4, 8, 16, 32, 60, 60]
                assert not any(self.located)

    def test_jitter(self) -> None:
        """Each wait is drawn from half a second to the ceiling."""
        self.waits_after(503, 503)
        assert self.draws == [(0.5, 2), (0.5, 4)]

    def test_retry_after_seconds(self) -> None:
        """Retry-After is a minimum that jitter comes on top of."""
        assert self.waits_after(429, 503, retry_after="90") == [92, 94]

    def test_retry_after_date(self) -> None:
        """So is one that is given as a date."""
        assert self.waits_after(503, retry_after="Tue, 24 Nov 2026 12:02:00 GMT") == [122]

    def test_useless_retry_after(self) -> None:
        """Garbage and the past count as nothing, and too much as an hour."""
        for value, wait in (("soon", 2), ("Tue, 24 Nov 2026 11:00:00 GMT", 2), ("9999999", 3602)):
            with self.subTest(value):
                self.setUp()
                assert self.waits_after(503, retry_after=value) == [wait]

    def test_retry_after_a_401(self) -> None:
        """A server that refuses the login and wants to be left alone is left alone."""
        assert self.waits_after(401, retry_after="600") == [600]


class RedirectTests(StreamTestCase):
    """Streams that are elsewhere."""

    def test_same_origin(self) -> None:
        """Every kind of redirect is followed at once, with the credentials; the next attempt starts over."""
        for code in (301, 302, 303, 307, 308):
            with self.subTest(code):
                self.setUp()
                self.script.append(redirect("/there", code))
                self.start()
                request = self.server.received[-1]
                assert (request.method, request.url) == ("GET", "https://mail.example/there")
                assert request.authorization == "Bearer sesame"
                self.end()
                self.next_attempt()
                assert self.server.received[-1].url.startswith(URL)

    def test_other_origin(self) -> None:
        """Another origin never sees the credentials; if it wants some, the status says what happened."""
        self.script.extend([redirect("https://elsewhere.example/"), status(401)] * 2)
        self.start()
        assert self.server.received[-1].authorization is None
        assert "redirects there" in (self.source.status.error or "")

    def test_out_of_https(self) -> None:
        """No redirect leads out of https."""
        self.script.append(redirect("http://mail.example/events"))
        self.start()
        assert len(self.server.received) == 1
        assert (self.state(), self.wait()) == (StreamState.WAITING, 2)

    def test_circle(self) -> None:
        """A circle of redirects is a failed attempt."""
        self.script.extend([redirect("/events")] * 30)
        self.start()
        assert len(self.server.received) == 21
        assert (self.state(), self.wait()) == (StreamState.WAITING, 2)


class FailureTests(StreamTestCase):
    """Attempts without an answer."""

    def fail_with(self, *errors: Exception) -> FailingAgent:
        agent = FailingAgent(errors, self.server.agent)
        http = Http(stream_client(agent), self.clock)
        self.source = EventSource(
            http, self.clock, self.locate, None, listener=self.listener, uniform=lambda _low, high: high
        )
        self.start()
        return agent

    def test_no_connection(self) -> None:
        """An unknown name, a closed port and a reset are tried again with backoff."""
        self.fail_with(DNSLookupError(), Refused(), ResponseNeverReceived([]))
        waits = []
        for _ in range(3):
            waits.append(self.wait())
            self.next_attempt()
        assert waits == [2, 4, 8]
        assert self.state() is StreamState.CONNECTED
        assert self.located == [False, True, True, True]

    def test_bad_certificate(self) -> None:
        """A certificate that is not to be trusted is reported as such."""
        self.fail_with(ResponseNeverReceived([Failure(SSL.Error())]))
        assert self.wait() == 2
        assert "certificate" in (self.source.status.error or "")

    def test_no_head(self) -> None:
        """A server that takes the request and says nothing is given up after half a minute."""
        self.script.append(never)
        self.start()
        self.live(29)
        assert self.state() is StreamState.CONNECTING
        self.live(1)
        assert (self.state(), self.wait()) == (StreamState.WAITING, 2)
        assert len(self.server.left) == 1

    def test_no_session(self) -> None:
        """A session that cannot be had is a failed attempt, at the pace that its error asks for."""
        for error, wait in (
            (MailroomError("down"), 2),
            (RateLimited("slower", status=429, retry_after=90), 92),
            (Unauthorized("who?", status=401), 60),
        ):
            with self.subTest(str(error)):
                self.setUp()
                self.on_locating = partial(self.raise_, error)
                self.start()
                assert (self.state(), self.source.status.error, self.wait()) == (StreamState.WAITING, str(error), wait)

    def test_a_new_session_stays_wanted(self) -> None:
        """If the session that is to be fetched anew cannot be had, the next attempt wants it anew again."""

        def fail(refresh: bool) -> None:  # noqa: FBT001 - as locate is called
            if refresh:
                raise MailroomError("down")

        self.on_locating = fail
        self.script.append(status(404))
        self.start()
        self.next_attempt()
        assert self.located == [False, True, True]

    def test_unforeseen_error(self) -> None:
        """An error that nobody foresaw is logged once, and the attempts go on."""
        self.on_locating = partial(self.raise_, ZeroDivisionError())
        self.start()
        self.next_attempt()
        assert "ZeroDivisionError" in (self.source.status.error or "")
        assert len(self.logged(ZeroDivisionError)) == 1
        self.on_locating = lambda _refresh: None
        self.next_attempt()
        assert self.state() is StreamState.CONNECTED

    @staticmethod
    def raise_(error: Exception, _refresh: bool) -> None:  # noqa: FBT001 - as locate is called
        raise error


class EndTests(StreamTestCase):
    """Connections that end."""

    def test_early_end(self) -> None:
        """A server that accepts and closes again and again is asked less and less often."""
        self.start()
        waits = []
        for _ in range(7):
            self.end()
            waits.append(self.wait())
            self.next_attempt()
        assert waits == [2, 4, 8, 16, 32, 60, 60]

    def test_stable_end(self) -> None:
        """The end of a connection that lasted a minute is no failure, and forgives those before it."""
        self.start()
        for how in (self.end, self.break_off):
            for _ in range(3):
                self.end()
                self.next_attempt()
            self.live(60)
            how()
            assert self.wait() == 1
            self.next_attempt()

    def test_broken(self) -> None:
        """A connection that breaks loses its half block together with the id in it."""
        self.start()
        self.send(b"id: 1\n\nid: 2\ndata: x\n")
        self.break_off()
        assert self.source.status.error == "The connection broke."
        self.next_attempt()
        assert self.last_header("last-event-id") == "1"
        assert self.listener.heard == ["connected", "disconnected", "connected"]

    def test_retry_field(self) -> None:
        """The server's reconnection time is a minimum from then on, for failed attempts too."""
        self.start()
        self.send(b"retry: 10000\n")
        self.end()
        assert self.wait() == 12
        self.script.append(status(503))
        self.next_attempt()
        assert self.wait() == 14

    def test_absurd_retry_fields(self) -> None:
        """No time, and far too much of it, are brought within reason."""
        for value, wait in ((b"0", 2.5), (b"3600000", 3602), (b"99999999999", 62), (b"9" * 5000, 62), (b"soon", 2)):
            with self.subTest(value[:4]):
                self.setUp()
                self.start()
                self.send(b"retry: " + value + b"\n\n")
                self.end()
                assert self.wait() == wait

    def test_too_large(self) -> None:
        """An event without end is hung up on, after the events before it."""
        self.start()
        self.send(EVENT + b"data: " + b"x" * MAX_BLOCK_SIZE)
        self.flush()
        assert self.listener.heard == ["connected", "state {}", "disconnected"]
        assert self.server.left == self.streams
        assert self.wait() == 2


class EventIdTests(StreamTestCase):
    """What the server is told to go on from."""

    def sent_after(self, *streams: bytes) -> str | None:
        """The Last-Event-ID after connections on which this came."""
        self.start()
        for stream in streams:
            self.send(stream)
            self.end()
            self.next_attempt()
        return self.last_header("last-event-id")

    def test_sent(self) -> None:
        """The id of the last event is sent with the next request."""
        assert self.sent_after(b"id: 1\ndata: x\n\nid: 2\ndata: y\n\n") == "2"

    def test_by_itself(self) -> None:
        """An id without data counts, as RFC 8620 suggests it after a state event."""
        assert self.sent_after(b"data: x\n\nid: 3\n\n") == "3"

    def test_kept(self) -> None:
        """A stream without ids leaves the id of the one before."""
        assert self.sent_after(EVENT, b"data: x\n\n", b"") == "7"

    def test_forgotten(self) -> None:
        """An empty id means to send none."""
        assert self.sent_after(EVENT, b"id\n\n") is None

    def test_octets(self) -> None:
        """The id is sent as UTF-8."""
        self.sent_after("id: \u20ac\u00e9\n\n".encode())
        assert self.server.received[-1].headers.getRawHeaders(b"last-event-id") == ["\u20ac\u00e9".encode()]

    def test_failed_attempts_in_between(self) -> None:
        """Failed attempts do not cost the id."""
        self.script.extend([self.stream, status(503), status(404), status(401)])
        self.start()
        self.send(EVENT)
        self.end()
        while self.state() is StreamState.WAITING:
            self.next_attempt()
        assert self.script == deque()
        assert self.last_header("last-event-id") == "7"

    def test_suspected(self) -> None:
        """An id that may be the reason of a failure is not sent again."""
        for code in (400, 431):
            with self.subTest(code):
                self.setUp()
                self.script.extend([self.stream, status(code)])
                self.start()
                self.send(EVENT)
                self.end()
                self.next_attempt()
                self.next_attempt()
                assert self.last_header("last-event-id") is None


class SilenceTests(StreamTestCase):
    """Connections that nobody may be at the other end of."""

    def test_dead(self) -> None:
        """Silence of two ping intervals and a bit is hung up on."""
        self.start()
        self.live(64)
        assert self.state() is StreamState.CONNECTED
        self.live(1)
        assert self.state() is StreamState.WAITING
        assert self.server.left == self.streams
        assert self.listener.heard == ["connected", "disconnected"]

    def test_death_is_told(self) -> None:
        """Whoever has other connections hears of silence, and of a break-off in it, which is the system's; of no other.

        The first two come after a minute, when a ping is missing.
        """
        for seconds, told in ((65, 1), (60, 1), (5, 0)):
            with self.subTest(seconds):
                self.setUp()
                deaths: list[float] = []
                self.source = self.new_source(connection_died=partial(deaths.append, seconds))
                self.start()
                self.live(seconds)
                self.break_off()
                assert len(deaths) == told

    def test_ends_in_order_are_no_death(self) -> None:
        """Nor is an end by the server, after whatever silence."""
        self.source = self.new_source(connection_died=self.fail)
        self.start()
        self.live(60)
        self.end()
        assert self.state() is StreamState.WAITING

    def test_any_octet_is_life(self) -> None:
        """Comments, and even pieces of lines, keep a connection alive, with one timer for all of it."""
        self.start()
        for piece in (b":", b" still", b" here\n", b"da", b"ta", b"\n"):
            self.live(64)
            self.send(piece)
            assert len(self.clock.getDelayedCalls()) == 1
        assert self.state() is StreamState.CONNECTED

    def test_one_lost_ping(self) -> None:
        """One lost ping does not end a connection."""
        self.start()
        self.send(PING)
        self.live(60)
        self.send(PING)
        self.live(60)
        assert self.state() is StreamState.CONNECTED

    def test_a_server_that_never_pings(self) -> None:
        """Within some hours its silences are taken for less and less, until reconnections are half an hour apart."""
        times: dict[str, list[float]] = {"connected": [], "disconnected": []}

        def note(what: str) -> None:
            if what == "connected":
                self.streams[-1].write(EVENT)
            if what in times:
                times[what].append(self.clock.seconds())

        self.listener.on_hearing = note
        self.start()
        self.live(3 * 3600)
        lifetimes = [end - begin for begin, end in zip(times["connected"], times["disconnected"], strict=False)]
        assert lifetimes == [65, 130, 260, 520, 1040, 1800, 1800, 1800, 1800]

    def test_a_server_that_begins_to_ping(self) -> None:
        """The first ping brings the short limit back."""
        self.start()
        self.live(65)
        self.next_attempt()
        self.live(100)
        self.send(PING)
        self.live(65)
        assert self.state() is StreamState.WAITING


class PingTests(StreamTestCase):
    """A living stream is never cut, and a dead one is noticed within 75 s, whatever the pings say."""

    WORDS = (
        b"",
        b"{}",
        b'{"interval":30}',
        b'{"interval":30000}',
        b'{"interval":300}',
        b'{"interval":1}',
        b'{"interval":0}',
        b'{"interval":-30}',
        b'{"interval":"30"}',
        b'{"interval":30.5}',
        b'{"interval":1e300}',
        b"30000",
    )

    def follow(self, seconds: int, real: int, *said: bytes, greets: bool = False) -> None:
        """Let time pass on a server that pings at the real interval and says this and that, one after the other."""
        words = cycle(said)

        def ping(_second: int = 0) -> None:
            if self.state() is StreamState.CONNECTED:
                self.streams[-1].write(b"event: ping\ndata: " + next(words) + b"\n\n")

        def ping_when_due(_second: int) -> None:
            connected_since = self.source.status.connected_since
            if connected_since is not None and (age := self.clock.seconds() - connected_since) and age % real == 0:
                ping()

        self.listener.on_hearing = lambda what: ping() if greets and what == "connected" else None
        self.start()
        self.live(seconds, ping_when_due)

    def verify_death_is_noticed(self) -> None:
        """From now on nothing comes."""
        assert self.state() is StreamState.CONNECTED
        self.live(75)
        assert "disconnected" in self.listener.heard

    def test_words(self) -> None:
        """Pings that come as asked for, whatever they say."""
        for said in (*((each,) for each in self.WORDS), self.WORDS):
            with self.subTest(said):
                self.setUp()
                self.follow(1800, 30, *said)
                assert self.listener.heard == ["connected"]
                self.verify_death_is_noticed()

    def test_another_pace(self) -> None:
        """Pings that come more often than they say, or less often, as long as no two of them are missed."""
        for real in (1, 10, 45, 60):
            with self.subTest(real):
                self.setUp()
                self.follow(1800, real, b'{"interval":30}')
                assert self.listener.heard == ["connected"]
                self.verify_death_is_noticed()

    def test_a_slow_pace(self) -> None:
        """Pings that come later than that: a few connections are lost until it is known, and no more."""
        for real in (90, 120, 300):
            for said in (b"", b'{"interval":30}', b'{"interval":%d}' % real):
                for greets in (False, True):
                    with self.subTest((real, said, greets)):
                        self.setUp()
                        self.follow(2 * 3600, real, said, greets=greets)
                        assert self.source.status.reconnect_count <= 6
                        assert self.clock.seconds() - (self.source.status.connected_since or 0) > 3600

    def keep_sending(self, data: bytes, every: int, seconds: int) -> None:
        self.live(seconds, lambda second: self.send(data) if second % every == 0 else None)

    def test_data_goes_on(self) -> None:
        """Pings that stop while something else goes on."""
        for data in (EVENT, b":\n"):
            with self.subTest(data):
                self.setUp()
                self.follow(300, 30, b"{}")
                self.keep_sending(data, 50, 1800)
                assert set(self.listener.heard) <= {"connected", "state {}"}
                self.verify_death_is_noticed()

    def test_one_death_after_another(self) -> None:
        """The next one is noticed as soon as the first, where pings came in between, or comments instead of them."""
        for data in (PING, b":\n"):
            with self.subTest(data):
                self.setUp()
                self.start()
                for _ in range(5):
                    self.keep_sending(data, 20, 100)
                    self.verify_death_is_noticed()
                    self.live(5)
                    self.listener.heard.clear()


class LongPollTests(StreamTestCase):
    """Proxies that hold streams back."""

    def closeafter(self) -> str:
        return self.server.received[-1].url.partition("closeafter=")[2].partition("&")[0]

    def begin_long_polls(self) -> None:
        self.start()
        for limit in (65, 130, 260):
            assert self.closeafter() == "no"
            self.live(limit)
            self.next_attempt()

    def test_begin(self) -> None:
        """After three connections without an octet, answers are asked for that end with their first state event."""
        self.begin_long_polls()
        assert self.closeafter() == "state"

    def test_normal_end(self) -> None:
        """The end of such an answer after a state event is no failure, and the next request follows at once."""
        self.begin_long_polls()
        for _ in range(20):
            self.live(5)
            self.send(EVENT)
            self.end()
            assert self.wait() == 0.5
            self.next_attempt()
        assert self.last_header("last-event-id") == "7"

    def test_early_end(self) -> None:
        """An end without a state event, or right after the beginning, is an early one as ever."""
        self.begin_long_polls()
        self.live(5)
        self.send(PING)
        self.end()
        assert self.wait() == 2
        self.next_attempt()
        self.send(EVENT)
        self.end()
        assert self.wait() == 4

    def test_end_of_long_polls(self) -> None:
        """After some hours a stream is asked for again."""
        self.begin_long_polls()
        self.live(4 * 3600 - 60, self.answer_every_minute)
        self.next_attempt()
        assert self.closeafter() == "state"
        self.live(60, self.answer_every_minute)
        self.next_attempt()
        assert self.closeafter() == "no"

    def answer_every_minute(self, second: int) -> None:
        if second % 60 == 0:
            self.send(EVENT)
            self.end()


class SessionTests(StreamTestCase):
    """News that the session is another one."""

    def test_moved(self) -> None:
        """A stream whose URL is another one now is replaced by one at the new URL."""
        self.start()
        self.live(5)
        self.template = "https://new.example/events"
        self.source.session_changed()
        self.flush()
        assert self.server.left == self.streams
        self.next_attempt()
        assert self.server.received[-1].url.startswith("https://new.example/events")
        assert self.listener.heard == ["connected", "disconnected", "connected"]

    def test_not_moved(self) -> None:
        """A stream whose URL is the same goes on."""
        self.start()
        self.source.session_changed()
        self.source.session_changed()
        self.flush()
        assert self.server.left == []
        assert self.listener.heard == ["connected"]

    def test_moved_later(self) -> None:
        """News that came to nothing, or could not be looked into, leave the next ones to be followed."""

        def fail(_refresh: bool) -> None:  # noqa: FBT001 - as locate is called
            raise MailroomError("down")

        self.start()
        self.source.session_changed()
        self.on_locating = fail
        self.source.session_changed()
        self.on_locating = lambda _refresh: None
        self.template = "https://new.example/events"
        self.source.session_changed()
        self.next_attempt()
        assert self.server.received[-1].url.startswith("https://new.example/events")

    def test_available_at_last(self) -> None:
        """A server that had no push is asked at once, without fetching the session yet again."""
        self.template = None
        self.start()
        self.template = URL
        self.source.session_changed()
        assert self.state() is StreamState.CONNECTED
        assert self.located == [False, False]

    def test_still_unavailable(self) -> None:
        """If the new session changes nothing, the next attempt is further away than before."""
        self.script.extend([status(204), status(204)])
        self.start()
        self.live(60)
        self.source.session_changed()
        assert (self.state(), self.wait()) == (StreamState.UNAVAILABLE, 600)

    def test_wrong_until_now(self) -> None:
        """A URL that only somebody else could put right is asked at once where the session is another one."""
        self.script.extend([status(404, retry_after="3000")])
        self.start()
        self.live(5)
        self.template = "https://new.example/events"
        self.source.session_changed()
        self.flush()
        assert self.state() is StreamState.CONNECTED
        assert self.located == [False, False]

    def test_asking_brings_more_news(self) -> None:
        """News that come out of the question whether the event source has moved do not lead to another one."""
        self.start()
        self.on_locating = lambda _refresh: self.source.session_changed()
        self.source.session_changed()
        assert self.located == [False, False]
        assert self.state() is StreamState.CONNECTED

    def test_session_out_of_reach(self) -> None:
        """A session that cannot be had leaves the stream alone."""
        self.start()

        def fail(_refresh: bool) -> None:  # noqa: FBT001 - as locate is called
            raise MailroomError("down")

        self.on_locating = fail
        self.source.session_changed()
        assert self.state() is StreamState.CONNECTED

    def test_while_not_connected(self) -> None:
        """While it connects, waits or is stopped, the service has nothing to change: it asks for the URL each time."""
        self.source.session_changed()
        self.script.extend([never, status(503)])
        self.start()
        self.source.session_changed()
        self.live(30)
        self.source.session_changed()
        self.source.stopService()
        self.source.session_changed()
        assert self.located == [False]

    def test_locating_changes_the_session(self) -> None:
        """The news may come out of the service's own question for the URL, which it does not ask again for that."""
        self.on_locating = lambda _refresh: self.source.session_changed()
        self.script.append(status(404))
        self.start()
        self.advance(0)
        assert self.located == [False, True]
        assert self.state() is StreamState.CONNECTED


class MemoryTests(StreamTestCase):
    """What one server of one login has taught goes to no other."""

    OTHER = "https://new.example/events"
    LESSONS = b"retry: 1800000\nid: 7\ndata: {}\n\n"

    def learn(self, answer: Handler | None = None) -> None:
        """A stream that teaches much, and ends."""
        self.script.append(answer or self.stream)
        self.start()
        self.live(65 if answer is None else 0)
        if self.state() is StreamState.WAITING:  # it died of silence, which counts for nothing elsewhere
            self.next_attempt()
        self.send(self.LESSONS)

    def ids(self) -> list[str | None]:
        """The event IDs that each request has brought."""
        return [
            next(iter(received.headers.getRawHeaders("last-event-id") or ()), None) for received in self.server.received
        ]

    def verify_fresh(self) -> None:
        """The last connection brought nothing with it, nor does it pace itself by what the one before had set."""
        assert self.ids()[-1] is None
        assert self.state() is StreamState.CONNECTED
        self.live(65)
        assert self.state() is StreamState.WAITING
        assert self.wait() == 1

    def test_another_url(self) -> None:
        """A session that names another event source: the new one is asked at once, and as for the first time."""
        self.learn()
        self.live(5)
        self.template = self.OTHER
        self.source.session_changed()
        assert self.wait() == 0.5
        self.next_attempt()
        assert self.server.received[-1].url.startswith(self.OTHER)
        self.verify_fresh()

    def test_another_url_while_waiting(self) -> None:
        """Nor does it have to wait for as long as the old one has asked for."""
        self.learn()
        self.end()
        assert self.wait() > 1800
        self.template = self.OTHER
        self.source.session_changed()
        self.flush()
        assert self.server.received[-1].url.startswith(self.OTHER)
        self.verify_fresh()

    def test_the_same_url_while_waiting(self) -> None:
        """News of a session whose event source is the same cut no such wait short."""
        self.learn()
        self.end()
        self.source.session_changed()
        assert (self.state(), self.wait() > 1800) == (StreamState.WAITING, True)

    def test_another_url_while_opening(self) -> None:
        """News that come while the head of the old one's answer is awaited are followed as soon as it is there."""
        opened: list[Request] = []

        def later(request: Request) -> int:
            opened.append(request)
            return NOT_DONE_YET

        self.script.append(later)
        self.start()
        self.template = self.OTHER
        self.source.session_changed()
        self.stream(opened[0])
        self.flush()
        self.next_attempt()
        assert self.server.received[-1].url.startswith(self.OTHER)

    def test_another_account(self) -> None:
        """A session that is another user's at the same URL."""
        account = ["ann"]
        self.source = self.new_source(account=lambda: account[0])
        self.learn()
        account[0] = "bob"
        self.source.session_changed()
        self.flush()
        assert len(self.server.left) >= 1
        self.next_attempt()
        self.verify_fresh()

    def test_another_secret(self) -> None:
        """A secret that was replaced is used within a ping, or when somebody looks; the session is fetched anew."""

        def ping() -> None:
            self.send(PING)

        def verify_login() -> None:
            self.source.verify_login()

        for look in (ping, verify_login):
            with self.subTest(look.__name__):
                self.setUp()
                folder = TemporaryDirectory()
                self.addCleanup(folder.cleanup)
                token = Path(folder.name) / "token"
                token.write_text("old")
                self.source = self.new_source(credentials=BearerToken(Secret("jmap_token", token)))
                self.learn()
                look()
                assert self.state() is StreamState.CONNECTED
                token.write_text("")  # in the middle of being replaced
                look()
                assert self.state() is StreamState.CONNECTED
                token.write_text("new")
                look()
                self.flush()
                assert self.source.status.error == "The login is another one now."
                self.next_attempt()
                assert self.server.received[-1].authorization == "Bearer new"
                assert self.located[-1]
                self.verify_fresh()

    def test_redirected_to_another_url(self) -> None:
        """What was learned where a redirect led goes there again, and neither to the redirecting URL nor elsewhere."""
        self.script.extend([redirect("https://b.example/"), self.stream])
        self.start()
        self.send(EVENT)
        for target in ("https://b.example/", "https://c.example/"):
            self.end()
            self.script.extend([redirect(target), self.stream])
            self.next_attempt()
        assert self.ids() == [None, None, None, "7", None, None]
        self.verify_fresh()

    def test_redirected_no_more(self) -> None:
        """Nor do the URL of the session and the one that it was redirected to know each other's."""
        self.script.extend([redirect("https://b.example/"), self.stream])
        self.start()
        self.send(self.LESSONS)
        self.end()
        self.next_attempt()
        self.verify_fresh()

    def test_long_polls(self) -> None:
        """A proxy that holds one server's streams back says nothing of the next server's."""
        self.start()
        for limit in (65, 130, 260):
            self.live(limit)
            self.next_attempt()
        assert "closeafter=state" in self.server.received[-1].url
        self.template = f"{self.OTHER}?closeafter={{closeafter}}"
        self.source.session_changed()
        self.next_attempt()
        assert self.server.received[-1].url == f"{self.OTHER}?closeafter=no"

    def test_long_polls_of_one_server(self) -> None:
        """A long poll goes on from where the stream was."""
        self.start()
        self.send(EVENT)
        self.live(65)
        for limit in (130, 260, 520):
            self.next_attempt()
            self.live(limit)
        self.next_attempt()
        assert "closeafter=state" in self.server.received[-1].url
        assert self.ids()[-1] == "7"

    def test_failures_are_counted_on(self) -> None:
        """A session that names another URL each time is no way to be asked more often."""
        self.script.extend([status(503)] * 7)
        self.start()
        waits = []
        for number in range(7):
            waits.append(self.wait())
            self.template = f"https://mail{number}.example/"
            self.next_attempt()
        assert waits == [2, 4, 8, 16, 32, 60, 60]


class HoursTests(StreamTestCase):
    """Long lives."""

    def test_a_server_that_hangs_up_every_five_minutes(self) -> None:
        """For hours each end is followed by a connection a second later, and nothing counts as failure."""
        self.start()

        def serve(second: int) -> None:
            if self.state() is StreamState.CONNECTED and second % 20 == 0:
                self.send(PING)
            if self.state() is StreamState.CONNECTED and second % 301 == 300:
                self.end()
                assert self.wait() == 1

        self.live(4 * 3600, serve)
        assert self.source.status.reconnect_count == 4 * 3600 // 301

    def test_a_server_that_is_down_for_hours(self) -> None:
        """It is asked once a minute, and the stream is back within a minute of the server."""
        self.script.extend([status(503)] * 10_000)
        self.start()
        self.live(4 * 3600)
        assert 230 < len(self.server.received) < 250
        self.script.clear()
        self.live(60)
        assert self.state() is StreamState.CONNECTED

    def test_a_login_that_is_refused_for_hours(self) -> None:
        """No more than one login a minute is tried."""
        self.script.extend([status(401)] * 10_000)
        self.start()
        minutes = Counter(int(second) // 60 for second in self.request_times(4 * 3600))
        assert max(minutes.values()) <= 1

    def request_times(self, seconds: int) -> list[int]:
        """The seconds at which requests came, without the first two."""
        times: list[int] = []

        def note(second: int) -> None:
            times.extend([second] * (len(self.server.received) - len(times) - 2))

        self.live(seconds, note)
        return times
