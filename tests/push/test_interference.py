"""Whether the stream is blamed for polls that time out, and what comes of it."""

from collections.abc import Sequence

from twisted.internet.defer import CancelledError, Deferred

from mailroom.core.errors import MailroomError
from mailroom.http.errors import ExchangeTimedOut
from mailroom.push.interference import SUSPICIOUS_POLLS, Interference
from mailroom.push.status import StreamState
from tests.deferreds import failure_of, result_of
from tests.push.event_server import EVENT, StreamTestCase, status

HOUR = 3600
TIMEOUTS = (ExchangeTimedOut("No answer."),) * SUSPICIOUS_POLLS


class InterferenceTestCase(StreamTestCase):
    """A stream, and polls that end as a test says."""

    def setUp(self) -> None:
        super().setUp()
        self.asked_for = 0
        self.interference = Interference(self.source, self.ask)

    def ask(self) -> None:
        self.asked_for += 1

    def poll(self, *errors: Exception | None) -> None:
        """As many polls, each of which fails with an error or succeeds."""
        for error in errors:
            outcome = Deferred.fromCoroutine(self.interference.watch(self.poll_once(error)))
            if error is None:
                assert result_of(outcome) == "report"
            else:
                failure_of(outcome, type(error))
        self.flush()

    async def poll_once(self, error: Exception | None) -> str:
        if error is not None:
            raise error
        return "report"

    def suspend(self, *, hours: Sequence[int] = ()) -> None:
        """Let the stream be found guilty, and as often again as there are hours, which are how long it is closed."""
        self.poll(*TIMEOUTS, None)
        for each in hours:
            assert self.wait() == each * HOUR
            self.next_attempt()
            self.poll(*TIMEOUTS, None)


class SuspicionTests(InterferenceTestCase):
    """When the stream is closed to see."""

    def assert_connected(self) -> None:
        assert self.state() is StreamState.CONNECTED
        assert self.asked_for == 0

    def test_timeouts_in_a_row(self) -> None:
        """It is hung up on, a poll is asked for, and the status says why."""
        self.start()
        self.poll(*TIMEOUTS)
        assert (self.state(), self.asked_for) == (StreamState.UNAVAILABLE, 1)
        assert self.server.left == self.streams
        assert "time out" in (self.source.status.error or "")

    def test_a_single_timeout(self) -> None:
        """One poll may be slow by itself."""
        self.start()
        self.poll(*TIMEOUTS[1:])
        self.assert_connected()

    def test_a_success_in_between(self) -> None:
        """Only timeouts in a row count."""
        self.start()
        self.poll(*TIMEOUTS[1:], None, *TIMEOUTS[1:])
        self.assert_connected()

    def test_other_failures(self) -> None:
        """A server that answers, whatever it says, is not held up."""
        self.start()
        self.poll(*[MailroomError("down")] * 5)
        self.assert_connected()

    def test_a_success_before(self) -> None:
        """Reading may work where writing does not: polls that had nothing to write speak for nobody."""
        self.start()
        self.poll(None, *TIMEOUTS)
        assert self.state() is StreamState.UNAVAILABLE

    def test_without_a_stream(self) -> None:
        """A stream that is not connected harms nobody."""
        self.script.append(status(503))
        self.start()
        self.poll(*TIMEOUTS)
        assert (self.state(), self.asked_for) == (StreamState.WAITING, 0)

    def test_polls_that_were_cancelled(self) -> None:
        """A stop says nothing of the server."""
        self.start()
        self.poll(*[CancelledError()] * SUSPICIOUS_POLLS)
        self.assert_connected()


class TrialTests(InterferenceTestCase):
    """What the polls without the stream tell."""

    def test_conviction(self) -> None:
        """A poll that succeeds keeps it closed for an hour."""
        self.start()
        self.poll(*TIMEOUTS)
        self.advance(30)
        self.poll(None)
        assert (self.state(), self.wait()) == (StreamState.UNAVAILABLE, HOUR)
        self.advance(HOUR - 1)
        assert len(self.server.received) == 1
        self.advance(1)
        assert self.state() is StreamState.CONNECTED

    def test_acquittal(self) -> None:
        """As many failures without it, of whatever kind, and it is opened again: it had nothing to do with it."""
        for errors in (TIMEOUTS, [MailroomError("down")] * SUSPICIOUS_POLLS):
            with self.subTest(errors):
                self.setUp()
                self.start()
                self.poll(*TIMEOUTS, *errors)
                self.advance(0)
                assert self.state() is StreamState.CONNECTED

    def test_a_lock_that_outlives_the_stream(self) -> None:
        """One poll more may fail, until the server has noticed that the stream is gone."""
        self.start()
        self.poll(*TIMEOUTS, TIMEOUTS[0], None)
        assert (self.state(), self.wait()) == (StreamState.UNAVAILABLE, HOUR)

    def test_again_and_again(self) -> None:
        """Each conviction in a row closes it for twice as long, up to a day."""
        self.start()
        self.suspend(hours=[1, 2, 4, 8, 16, 24, 24])

    def test_a_poll_beside_the_stream_ends_the_row(self) -> None:
        """What was long ago does not count any more."""
        self.start()
        self.suspend(hours=[1, 2])
        self.next_attempt()
        self.poll(None)
        self.suspend(hours=[1])

    def test_polls_meanwhile(self) -> None:
        """While it is closed, polls may succeed or fail: that changes nothing."""
        self.start()
        self.suspend()
        self.advance(60)
        self.poll(None, *TIMEOUTS, None)
        assert self.wait() == HOUR - 60

    def test_a_new_session_meanwhile(self) -> None:
        """News of the session are none of the lock."""
        self.start()
        self.suspend()
        self.source.session_changed()
        self.flush()
        assert self.state() is StreamState.UNAVAILABLE


class StopTests(InterferenceTestCase):
    """The end of the service, and another beginning."""

    def test_nothing_is_left(self) -> None:
        """No timer outlives the service."""
        self.start()
        self.suspend()
        self.source.stopService()
        assert self.clock.getDelayedCalls() == []
        assert (self.state(), self.source.status.retry_at) == (StreamState.STOPPED, None)

    def test_stopped_on_trial(self) -> None:
        """A stream that begins afresh is not found guilty by the next poll."""
        self.start()
        self.poll(*TIMEOUTS)
        self.source.stopService()
        self.start()
        self.poll(None)
        assert self.state() is StreamState.CONNECTED

    def test_stopped_already(self) -> None:
        """A poll that ends after the service brings no stream back."""
        self.start()
        self.source.stopService()
        self.poll(*TIMEOUTS, *TIMEOUTS)
        self.source.resume()
        self.advance(24 * HOUR)
        assert (self.state(), len(self.server.received)) == (StreamState.STOPPED, 1)

    def test_afresh(self) -> None:
        """What comes after a suspension is told of the account as if for the first time."""
        self.start()
        self.send(EVENT)
        self.suspend()
        self.next_attempt()
        assert self.last_header("last-event-id") is None
        assert self.listener.heard == ["connected", "state {}", "connected"]
