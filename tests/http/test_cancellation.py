"""A cancellation is told from a failure."""

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import DNSLookupError

from mailroom.http.cancellation import cancellable
from tests.deferreds import failure_of, result_of


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
