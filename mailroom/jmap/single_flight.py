"""One piece of work for everybody who asks for it at the same time."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from twisted.internet.defer import Deferred

_T = TypeVar("_T")


@dataclass(eq=False, slots=True)
class _Flight(Generic[_T]):
    waiting: list[Deferred[_T]] = field(default_factory=list)
    work: Deferred[Any] | None = None


class SingleFlight(Generic[_T]):
    """Runs the work once for all who join while it runs.

    Whoever cancels leaves alone; when the last one has left, the work is cancelled too, so that nothing runs on for
    nobody.
    """

    def __init__(self, work: Callable[[], Coroutine[Deferred[Any], Any, _T]]) -> None:
        self._work = work
        self._flight: _Flight[_T] | None = None

    def join(self) -> Deferred[_T]:
        """The work's result, or its failure."""
        flight = self._flight or _Flight[_T]()
        waiter: Deferred[_T] = Deferred(lambda waiter: self._leave(flight, waiter))
        flight.waiting.append(waiter)
        if flight.work is None:
            self._flight = flight
            self._take_off(flight)
        return waiter

    def _take_off(self, flight: _Flight[_T]) -> None:
        def land(result: Any) -> None:
            self._forget(flight)
            while flight.waiting:
                flight.waiting.pop(0).callback(result)

        flight.work = Deferred.fromCoroutine(self._work())
        flight.work.addBoth(land)

    def _leave(self, flight: _Flight[_T], waiter: Deferred[_T]) -> None:
        flight.waiting.remove(waiter)
        if not flight.waiting and flight.work is not None:
            self._forget(flight)
            flight.work.cancel()

    def _forget(self, flight: _Flight[_T]) -> None:
        if self._flight is flight:
            self._flight = None
