"""The pace of polls that a push asks for: a screenful of taps passes, and a server that changes for ever is spared."""

from typing import Final

from hypothesis import given
from hypothesis.strategies import floats, lists
from twisted.internet.task import Clock, deferLater
from twisted.trial.unittest import SynchronousTestCase

from mailroom.core.errors import MailroomError
from mailroom.polling.debounce import CREDIT, SETTLING, PollPolicy
from mailroom.polling.report import PollReport, Trigger
from mailroom.polling.scheduler import Scheduler
from mailroom.polling.status import PollStatus

_INTERVAL: Final = 1e6


class Account:
    """An account whose mail has a state, and polls of it that take some time and see the state at their beginning.

    `answered` tells how long each change waited for the end of a poll that saw it.
    """

    def __init__(self, debounce_seconds: float, poll_seconds: float) -> None:
        self.clock = Clock()
        self.poll_seconds = poll_seconds
        self.fails = False
        self.begun: list[float] = []
        self.answered: list[float] = []
        self._state = 0
        self._waiting: list[float] = []
        policy = PollPolicy(_INTERVAL, debounce_seconds)
        self.scheduler = Scheduler(self.clock, self._poll, PollStatus(self.clock), lambda: True, policy)
        self.scheduler.startService()
        self.live(10)
        self.begun.clear()

    async def _poll(self, trigger: Trigger) -> PollReport:
        self.begun.append(self.clock.seconds())
        state, asked = self._state, len(self._waiting)
        await deferLater(self.clock, self.poll_seconds)
        if self.fails:
            raise MailroomError("The server is down.")
        seen, self._waiting = self._waiting[:asked], self._waiting[asked:]
        self.answered += [self.clock.seconds() - at for at in seen]
        return PollReport(trigger, states=frozenset({str(state)}))

    def change(self) -> None:
        """Somebody changes something, and the stream says so."""
        self._state += 1
        self._waiting.append(self.clock.seconds())
        self.scheduler.email_state_changed(str(self._state))

    def live(self, seconds: float) -> None:
        """Let time pass, from one thing that happens to the next."""
        end = self.clock.seconds() + seconds
        while self.clock.seconds() < end:
            coming = min((call.getTime() for call in self.clock.getDelayedCalls()), default=end)
            self.clock.advance(max(0.0, min(coming, end) - self.clock.seconds()))
        self.clock.advance(0)


class ScreenfulOfTapsTests(SynchronousTestCase):
    """Whoever taps once a second has each tap worked off within that second, whatever `debounce_seconds` is."""

    def test_thirty_taps(self) -> None:
        """A poll of half a second begins with each of thirty taps, by any setting."""
        for debounce_seconds in (0.0, 0.5, 3.0, 60.0, 3600.0):
            account = Account(debounce_seconds, poll_seconds=0.5)
            for _tap in range(30):
                account.change()
                account.live(1)
            assert account.answered == [0.5] * 30, debounce_seconds

    def test_taps_of_an_uneven_hand(self) -> None:
        """Taps that come sooner or later than a second after another wait for the running poll alone."""

        @given(lists(floats(0.3, 2.0), min_size=1, max_size=30))
        def property_(pauses: list[float]) -> None:
            account = Account(3.0, poll_seconds=0.5)
            for pause in pauses:
                account.change()
                account.live(pause)
            account.live(2)
            assert len(account.answered) == len(pauses)
            assert max(account.answered) <= 1.0 + 1e-6

        property_()

    def test_polls_that_last_longer_than_the_taps_are_apart(self) -> None:
        """One poll follows another without a pause, and each answers all that was tapped before it."""
        account = Account(3.0, poll_seconds=1.5)
        for _tap in range(20):
            account.change()
            account.live(1)
        account.live(3)
        assert len(account.answered) == 20
        assert max(account.answered) <= 3.0

    def test_the_next_screenful(self) -> None:
        """After as long as it takes to earn it, the next screenful passes like the first."""
        account = Account(3.0, poll_seconds=0.5)
        for _screenful in range(3):
            for _tap in range(30):
                account.change()
                account.live(1)
            account.live(60)
        assert account.answered == [0.5] * 90


class SteadyChangeTests(SynchronousTestCase):
    """A server whose mail never stops changing is polled once in `debounce_seconds` in the long run."""

    def polls(self, debounce_seconds: float, pause: float, seconds: float, poll_seconds: float = 0.125) -> list[float]:
        account = Account(debounce_seconds, poll_seconds)
        end = account.clock.seconds() + seconds
        while account.clock.seconds() < end:
            account.change()
            account.live(pause)
        return account.begun

    def test_at_any_pace_of_change(self) -> None:
        """Polls are no more than the credit and what was earned since, in every stretch of time."""

        @given(floats(0.5, 10.0), floats(0.0625, 4.0))
        def property_(debounce_seconds: float, pause: float) -> None:
            begun = self.polls(debounce_seconds, pause, 120)
            for first in range(len(begun)):
                for last in range(first, len(begun)):
                    earned = (begun[last] - begun[first]) / debounce_seconds
                    assert last - first + 1 <= CREDIT + earned + 1e-6

        property_()

    def test_in_the_long_run(self) -> None:
        """Once the credit is spent, polls are `debounce_seconds` apart, and none is left out."""
        begun = self.polls(3.0, pause=0.5, seconds=600)
        pauses = {round(later - earlier, 3) for earlier, later in zip(begun[-100:], begun[-99:], strict=False)}
        assert pauses == {3.0}

    def test_quick_changes_cost_no_credit(self) -> None:
        """Changes that follow one another faster than any hand are polled at the steady pace from the beginning."""
        begun = self.polls(3.0, pause=SETTLING / 2, seconds=60)
        assert len(begun) <= 21

    def test_without_a_window(self) -> None:
        """Where `debounce_seconds` is 0, a poll follows each change that no poll has seen, and none waits."""
        begun = self.polls(0.0, pause=0.5, seconds=60)
        assert len(begun) == 120


class FailingServerTests(SynchronousTestCase):
    """A server in trouble is asked no sooner for all the credit in the bucket, and spends none of it."""

    def test_credit_is_not_for_failures(self) -> None:
        """Though changes are announced all the while, polls that fail come with growing delays."""
        account = Account(3.0, poll_seconds=0.125)
        account.fails = True
        for _change in range(120):
            account.change()
            account.live(0.5)
        pauses = [later - earlier for earlier, later in zip(account.begun, account.begun[1:], strict=False)]
        assert pauses == [3.0, 4.125, 8.125, 16.125]

    def test_streams_that_come_and_go(self) -> None:
        """Nor does a stream that connects again and again make failing polls come sooner than in `debounce_seconds`."""
        account = Account(3.0, poll_seconds=0.125)
        account.fails = True
        for _stream in range(60):
            account.scheduler.stream_opened()
            account.live(0.5)
        pauses = [later - earlier for earlier, later in zip(account.begun, account.begun[1:], strict=False)]
        assert min(pauses) >= 3.0

    def test_failures_are_free(self) -> None:
        """After an hour of failures a screenful passes as ever."""
        account = Account(60.0, poll_seconds=0.125)
        account.fails = True
        account.change()
        account.live(3600)
        account.fails = False
        account.live(60)
        account.answered.clear()
        for _tap in range(30):
            account.change()
            account.live(1)
        assert account.answered == [0.125] * 30
