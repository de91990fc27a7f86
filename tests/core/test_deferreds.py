"""Coroutines at once, shared, and taken back."""

from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import DNSLookupError
from twisted.trial.unittest import SynchronousTestCase

from mailroom.core.deferreds import SharedCall, cancellable, gather
from tests.deferreds import failure_of, is_waiting, result_of


async def step(deferred: Deferred[str]) -> str:
    return await deferred


def test_results_come_in_order() -> None:
    """The results are in the order of the steps, whichever ended first."""
    first, second = Deferred[str](), Deferred[str]()
    both = Deferred.fromCoroutine(gather(step(first), step(second)))
    second.callback("second")
    first.callback("first")
    assert result_of(both) == ["first", "second"]


def test_all_have_ended_when_one_has_failed() -> None:
    """A failure waits for the others, and is raised then."""
    first, second = Deferred[str](), Deferred[str]()
    both = Deferred.fromCoroutine(gather(step(first), step(second)))
    first.errback(KeyError("first"))
    assert is_waiting(both)
    second.errback(ValueError("second"))
    failure_of(both, KeyError)


def test_cancelling_cancels_all() -> None:
    """Whoever cancels cancels every step."""
    cancelled: list[Deferred[str]] = []
    waiting = [Deferred[str](cancelled.append) for _step in range(2)]
    both = Deferred.fromCoroutine(gather(*map(step, waiting)))
    both.cancel()
    failure_of(both, CancelledError)
    assert cancelled == waiting


def test_no_steps() -> None:
    """Nothing to do is done at once."""
    assert result_of(Deferred.fromCoroutine(gather())) == []


def test_results_pass() -> None:
    """What nobody cancels has the result that it has."""
    work: Deferred[str] = Deferred()
    result = cancellable(work)
    work.callback("done")
    assert result_of(result) == "done"


def test_failures_pass() -> None:
    """And the failure."""
    work: Deferred[str] = Deferred()
    result = cancellable(work)
    work.errback(DNSLookupError())
    failure_of(result, DNSLookupError)


@pytest.mark.parametrize("failing", [True, False], ids=["work that fails", "work that says nothing"])
def test_a_cancellation_is_one(failing: bool) -> None:  # noqa: FBT001 - a table's column
    """Whatever the work makes of it, which is cancelled too."""
    heard = []

    def give_up(work: Deferred[str]) -> None:
        heard.append("cancelled")
        if failing:
            work.errback(DNSLookupError("the name was not found in time"))

    result: Deferred[str] = cancellable(Deferred(give_up))
    result.cancel()
    failure_of(result, CancelledError)
    assert heard == ["cancelled"]


class SharedCallTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.runs: list[Deferred[str]] = []
        self.cancelled: list[Deferred[str]] = []
        self.single = SharedCall(self.work)

    async def work(self) -> str:
        run: Deferred[str] = Deferred(self.cancelled.append)
        self.runs.append(run)
        return await run

    def test_shared(self) -> None:
        """All who join while it runs have the result of one run."""
        waiting = [self.single.join() for _ in range(3)]
        self.runs[0].callback("done")
        assert ([result_of(each) for each in waiting], len(self.runs)) == (["done"] * 3, 1)

    def test_anew(self) -> None:
        """Whoever joins after it has ended starts it anew."""
        first = self.single.join()
        self.runs[0].callback("first")
        second = self.single.join()
        self.runs[1].callback("second")
        assert (result_of(first), result_of(second)) == ("first", "second")

    def test_failure_is_shared(self) -> None:
        """All who joined see it fail, and the next one starts anew."""
        waiting = [self.single.join() for _ in range(2)]
        self.runs[0].errback(OSError("down"))
        for each in waiting:
            failure_of(each, OSError)
        assert is_waiting(self.single.join())

    def test_one_leaves(self) -> None:
        """Whoever cancels leaves alone."""
        leaver, stayer = self.single.join(), self.single.join()
        leaver.cancel()
        failure_of(leaver, CancelledError)
        assert self.cancelled == []
        self.runs[0].callback("done")
        assert result_of(stayer) == "done"

    def test_all_leave(self) -> None:
        """When nobody waits any more, the work is cancelled."""
        waiting = [self.single.join() for _ in range(2)]
        for each in waiting:
            each.cancel()
            failure_of(each, CancelledError)
        assert self.cancelled == self.runs

    def test_joined_while_the_old_one_dies(self) -> None:
        """Whoever joins after all have left never gets their cancellation."""
        cleaned: Deferred[None] = Deferred()
        works = iter([self.reluctant(cleaned), self.work()])
        single: SharedCall[str] = SharedCall(lambda: next(works))
        leaver = single.join()
        leaver.cancel()
        failure_of(leaver, CancelledError)
        joined = single.join()
        cleaned.callback(None)
        self.runs[0].callback("second")
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

        single = SharedCall(work)
        assert [result_of(single.join()), result_of(single.join())] == [1, 2]

    def test_a_result_that_makes_another_leave(self) -> None:
        """Whoever reacts to the result by cancelling somebody else's wait breaks nothing."""
        first, second = self.single.join(), self.single.join()

        def cancel_the_other(result: str) -> Any:
            second.cancel()
            return result

        first.addCallback(cancel_the_other)
        self.runs[0].callback("done")
        failure_of(second, CancelledError)
        assert result_of(first) == "done"
