"""What a Deferred holds right now, for tests in which nothing takes real time."""

from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

_T = TypeVar("_T")
_E = TypeVar("_E", bound=BaseException)


def result_of(deferred: Deferred[_T]) -> _T:
    """Its result. One that has failed raises what it failed with."""
    outcome: list[Any] = []
    deferred.addBoth(outcome.append)
    assert outcome, "no result yet"
    if isinstance(outcome[0], Failure):
        outcome[0].raiseException()
    result: _T = outcome[0]
    return result


def failure_of(deferred: Deferred[Any], kind: type[_E]) -> _E:
    """The error of this kind that it failed with."""
    outcome: list[Any] = []
    deferred.addBoth(outcome.append)
    assert outcome, "no result yet"
    assert isinstance(outcome[0], Failure), outcome[0]
    error = outcome[0].value
    assert isinstance(error, kind), outcome[0]
    return error


def is_waiting(deferred: Deferred[Any]) -> bool:
    """Whether it has no result yet."""
    return not deferred.called or isinstance(deferred.result, Deferred)
