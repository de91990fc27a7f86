"""A method called once."""

import pytest

from mailroom.jmap.calls import Call
from mailroom.jmap.errors import MethodError, NotRun
from mailroom.jmap.operation import SingleCall
from mailroom.jmap.session import SIEVE, Limits


def validation() -> SingleCall:
    return SingleCall("SieveScript", "validate", {"blobId": "B1"})


def test_one_call_with_its_arguments() -> None:
    """And no more once it is answered."""
    operation = validation()
    assert operation.capability == SIEVE
    assert operation.next_chains(Limits()) == [(Call("SieveScript/validate", {"blobId": "B1"}),)]
    operation.receive([[{"error": None}]])
    assert (list(operation.next_chains(Limits())), operation.answer) == ([], {"error": None})


def test_an_error_is_raised_by_reading() -> None:
    """As with every operation."""
    operation = validation()
    operation.receive([[MethodError("SieveScript/validate", "blobNotFound")]])
    with pytest.raises(MethodError, match="blobNotFound"):
        _ = operation.answer


def test_read_before_it_was_run() -> None:
    """There is no answer yet."""
    with pytest.raises(NotRun):
        _ = validation().answer
