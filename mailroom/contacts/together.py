"""Several steps at the same time."""

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred, DeferredList


async def together(*steps: Coroutine[Deferred[Any], Any, Any]) -> list[Any]:
    """Run all of them at once. When this returns or raises, every one has ended; the first one's failure is raised.

    Cancelling it cancels them all.
    """
    outcomes = await DeferredList([Deferred.fromCoroutine(step) for step in steps], consumeErrors=True)
    for succeeded, outcome in outcomes:
        if not succeeded:
            outcome.raiseException()
    return [outcome for _succeeded, outcome in outcomes]
