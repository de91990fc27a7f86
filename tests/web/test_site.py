"""What a connection to the web port may cost."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import capturedLogs

from mailroom.web.site import LIFETIME, LONGEST_BODY, MOST_CONNECTIONS
from tests.web.visiting import VisitTestCase

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
MEGABYTE = b"x" * 1024 * 1024


class TimeTests(VisitTestCase):
    """No connection lasts."""

    def test_silence_is_hung_up_on(self) -> None:
        """After some seconds."""
        visit = self.connect()
        self.clock.advance(LIFETIME - 0.1)
        assert not visit.hung_up_on
        self.clock.advance(0.1)
        assert visit.hung_up_on

    def test_dribbling_is_hung_up_on_as_soon(self) -> None:
        """An octet a second buys no time."""
        visit = self.connect()
        for _ in range(int(LIFETIME)):
            visit.send(b"G")
            self.clock.advance(1)
        assert visit.hung_up_on

    def test_so_is_a_body_that_does_not_come(self) -> None:
        """It was announced as a short one."""
        visit = self.visit(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n123")
        self.clock.advance(LIFETIME)
        assert (visit.answer, visit.hung_up_on) == (b"", True)

    def test_nothing_is_left_to_do_for_one_that_is_over(self) -> None:
        """Each had its own timer."""
        visit = self.visit(GET)
        visit.hang_up()
        assert self.clock.getDelayedCalls() == []


class NumberTests(VisitTestCase):
    """However many linger, whoever asks is answered."""

    def test_the_oldest_gives_way(self) -> None:
        """And no other one."""
        lingering = [self.connect() for _ in range(MOST_CONNECTIONS)]
        assert self.visit(GET).status == 200
        assert [each.hung_up_on for each in lingering] == [True] + [False] * (MOST_CONNECTIONS - 1)

    def test_what_is_over_does_not_count(self) -> None:
        """A probe a second is no crowd."""
        lingering = self.connect()
        for _ in range(2 * MOST_CONNECTIONS):
            self.visit(GET).hang_up()
        assert not lingering.hung_up_on


class RequestTests(VisitTestCase):
    """A connection carries one request, and of that little more than its head."""

    def test_it_ends_with_the_answer(self) -> None:
        """And says so."""
        visit = self.visit(GET)
        assert (visit.head["connection"], visit.hung_up_on) == ("close", True)

    def test_what_follows_is_dropped(self) -> None:
        """A pipeline is a way to have much answered for little."""
        visit = self.visit(GET * 1000)
        visit.send(GET * 1000)
        assert visit.answer.count(b"Connection: close") == 1

    def test_a_short_body_is_read_before_the_answer(self) -> None:
        """Some clients look for an answer only when they have sent all."""
        visit = self.visit(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345")
        assert visit.answer == b""
        visit.send(b"67890")
        assert visit.status == 405

    def test_all_others_are_not_waited_for(self) -> None:
        """Whatever length they have, or none that is told."""
        for length in (
            f"Content-Length: {LONGEST_BODY + 1}",
            f"Content-Length: {10**18}",
            f"Content-Length: {10**18}\r\nExpect: 100-continue",
            "Transfer-Encoding: chunked",
        ):
            visit = self.visit(f"POST /healthz HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n".encode())
            assert (b"HTTP/1.1 405" in visit.answer, visit.hung_up_on) == (True, True), length

    def test_a_form_is_not_read(self) -> None:
        """There is nobody behind it who would want it."""
        form = b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 5\r\n\r\n--x--"
        assert self.visit(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + form).status == 405

    def test_a_head_has_its_bounds(self) -> None:
        """In lines, in octets, and in what a line may hold."""
        start = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
        for head in (
            b"GET /" + MEGABYTE,
            start + b"X: " + MEGABYTE,
            start + b"X: y\r\n" * 1000,
            start + b"".join(b"X%d: %s\r\n" % (number, b"y" * 1000) for number in range(100)),
            start + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
            start + b"X: y\r\n" + b" folded\r\n" * 10_000,
        ):
            visit = self.visit(head)
            assert (visit.status, visit.hung_up_on) == (400, True), head[:60]

    def test_it_is_refused_once(self) -> None:
        """However much of it comes after that."""
        visit = self.connect()
        for _ in range(20):
            visit.send(MEGABYTE[:20_000])
        assert visit.answer.count(b"Connection: close") == 1

    @given(st.lists(st.sampled_from([GET, b"\r\n", b"GET", b" ", b":", b"\0", b"Content-Length: 3\r\n"]) | st.binary()))
    def test_no_octets_are_worth_a_line_in_the_log(self, pieces: list[bytes]) -> None:
        """In whatever pieces they come."""
        with capturedLogs() as events:
            visit = self.connect()
            for piece in pieces:
                visit.send(piece)
            self.clock.advance(LIFETIME)
        assert events == []
