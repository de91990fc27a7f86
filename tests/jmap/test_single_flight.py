from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from mailroom.jmap.single_flight import SingleFlight
from tests.deferreds import failure_of, is_waiting, result_of


class SingleFlightTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.flights: list[Deferred[str]] = []
        self.cancelled: list[Deferred[str]] = []
        self.single = SingleFlight(self.work)

    async def work(self) -> str:
        flight: Deferred[str] = Deferred(self.cancelled.append)
        self.flights.append(flight)
        return await flight

    def test_shared(self) -> None:
        """All who join while it runs have the result of one run."""
        waiting = [self.single.join() for _ in range(3)]
        self.flights[0].callback("done")
        assert ([result_of(each) for each in waiting], len(self.flights)) == (["done"] * 3, 1)

    def test_anew(self) -> None:
        """Whoever joins after it has ended starts it anew."""
        first = self.single.join()
        self.flights[0].callback("first")
        second = self.single.join()
        self.flights[1].callback("second")
        assert (result_of(first), result_of(second)) == ("first", "second")

    def test_failure_is_shared(self) -> None:
        """All who joined see it fail, and the next one starts anew."""
        waiting = [self.single.join() for _ in range(2)]
        self.flights[0].errback(OSError("down"))
        for each in waiting:
            failure_of(each, OSError)
        assert is_waiting(self.single.join())

    def test_one_leaves(self) -> None:
        """Whoever cancels leaves alone."""
        leaver, stayer = self.single.join(), self.single.join()
        leaver.cancel()
        failure_of(leaver, CancelledError)
        assert self.cancelled == []
        self.flights[0].callback("done")
        assert result_of(stayer) == "done"

    def test_all_leave(self) -> None:
        """When nobody waits any more, the work is cancelled."""
        waiting = [self.single.join() for _ in range(2)]
        for each in waiting:
            each.cancel()
            failure_of(each, CancelledError)
        assert self.cancelled == self.flights

    def test_joined_while_the_old_one_dies(self) -> None:
        """Whoever joins after all have left never gets their cancellation."""
        cleaned: Deferred[None] = Deferred()
        works = iter([self.reluctant(cleaned), self.work()])
        single: SingleFlight[str] = SingleFlight(lambda: next(works))
        leaver = single.join()
        leaver.cancel()
        failure_of(leaver, CancelledError)
        joined = single.join()
        cleaned.callback(None)
        self.flights[0].callback("second")
        assert result_of(joined) == "second"

    async def reluctant(self, cleaned: Deferred[None]) -> str:
        """Work that takes a while to end after it was cancelled."""
        try:
            return await Deferred()
        except CancelledError:
            await cleaned
            raise

    def test_done_at_once(self) -> None:
        """Work that needs no waiting is a result at once, and leaves nothing behind."""
        runs: list[int] = []

        async def work() -> int:
            runs.append(1)
            return len(runs)

        single = SingleFlight(work)
        assert [result_of(single.join()), result_of(single.join())] == [1, 2]

    def test_a_result_that_makes_another_leave(self) -> None:
        """Whoever reacts to the result by cancelling somebody else's wait breaks nothing."""
        first, second = self.single.join(), self.single.join()

        def cancel_the_other(result: str) -> Any:
            second.cancel()
            return result

        first.addCallback(cancel_the_other)
        self.flights[0].callback("done")
        failure_of(second, CancelledError)
        assert result_of(first) == "done"
