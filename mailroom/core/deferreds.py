"""Several at once, one for several, and one that can be taken back: what Deferreds need around coroutines."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from twisted.internet.defer import Deferred, DeferredList
from twisted.python.failure import Failure

_T = TypeVar("_T")


async def gather(*steps: Coroutine[Deferred[Any], Any, Any]) -> list[Any]:
    """Run all of them at once. When this returns or raises, every one has ended; the first one's failure is raised.

    Cancelling it cancels them all.
    """
    outcomes = await DeferredList([Deferred.fromCoroutine(step) for step in steps], consumeErrors=True)
    for succeeded, outcome in outcomes:
        if not succeeded:
            outcome.raiseException()
    return [outcome for _succeeded, outcome in outcomes]


def cancellable(work: Deferred[_T]) -> Deferred[_T]:
    """What comes of the work; cancelled, a CancelledError whatever the work then fails with.

    A request that is cancelled fails as a lost connection, an unknown name or a cancelled connect, depending on how far
    it got: as if the server were to blame.
    """
    is_wanted = True

    def cancel(_result: Deferred[_T]) -> None:
        nonlocal is_wanted
        is_wanted = False
        work.cancel()

    def forward(outcome: _T | Failure) -> None:
        if is_wanted:
            result.callback(outcome)

    result: Deferred[_T] = Deferred(cancel)
    work.addBoth(forward)
    return result


@dataclass(eq=False, slots=True)
class _Call(Generic[_T]):
    waiting: list[Deferred[_T]] = field(default_factory=list)
    work: Deferred[Any] | None = None


class SharedCall(Generic[_T]):
    """Runs the work once for all who join while it runs.

    Whoever cancels leaves alone; when the last one has left, the work is cancelled too, so that nothing runs on for
    nobody.
    """

    def __init__(self, work: Callable[[], Coroutine[Deferred[Any], Any, _T]]) -> None:
        self._work = work
        self._call: _Call[_T] | None = None

    def join(self) -> Deferred[_T]:
        """The work's result, or its failure."""
        call = self._call or _Call[_T]()
        waiter: Deferred[_T] = Deferred(lambda waiter: self._leave(call, waiter))
        call.waiting.append(waiter)
        if call.work is None:
            self._call = call
            self._begin(call)
        return waiter

    def _begin(self, call: _Call[_T]) -> None:
        def end(result: Any) -> None:
            self._forget(call)
            while call.waiting:
                call.waiting.pop(0).callback(result)

        call.work = Deferred.fromCoroutine(self._work())
        call.work.addBoth(end)

    def _leave(self, call: _Call[_T], waiter: Deferred[_T]) -> None:
        call.waiting.remove(waiter)
        if not call.waiting and call.work is not None:
            self._forget(call)
            call.work.cancel()

    def _forget(self, call: _Call[_T]) -> None:
        if self._call is call:
            self._call = None
