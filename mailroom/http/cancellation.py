"""Cancellations that can be told from failures."""

from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

_T = TypeVar("_T")


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
