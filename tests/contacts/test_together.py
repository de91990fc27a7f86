"""Several steps at the same time."""

from twisted.internet.defer import CancelledError, Deferred

from mailroom.contacts.together import together
from tests.deferreds import failure_of, is_waiting, result_of


async def step(deferred: Deferred[str]) -> str:
    return await deferred


def test_results_come_in_order() -> None:
    """The results are in the order of the steps, whichever ended first."""
    first, second = Deferred[str](), Deferred[str]()
    both = Deferred.fromCoroutine(together(step(first), step(second)))
    second.callback("second")
    first.callback("first")
    assert result_of(both) == ["first", "second"]


def test_all_have_ended_when_one_has_failed() -> None:
    """A failure waits for the others, and is raised then."""
    first, second = Deferred[str](), Deferred[str]()
    both = Deferred.fromCoroutine(together(step(first), step(second)))
    first.errback(KeyError("first"))
    assert is_waiting(both)
    second.errback(ValueError("second"))
    failure_of(both, KeyError)


def test_cancelling_cancels_all() -> None:
    """Whoever cancels cancels every step."""
    cancelled: list[Deferred[str]] = []
    waiting = [Deferred[str](cancelled.append) for _step in range(2)]
    both = Deferred.fromCoroutine(together(*map(step, waiting)))
    both.cancel()
    failure_of(both, CancelledError)
    assert cancelled == waiting


def test_no_steps() -> None:
    """Nothing to do is done at once."""
    assert result_of(Deferred.fromCoroutine(together())) == []
