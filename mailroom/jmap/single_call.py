"""One call of a method that is none of the standard ones, or has arguments of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from mailroom.jmap.calls import Call, Chain, Outcome
from mailroom.jmap.data_type import DataTypeOperation
from mailroom.jmap.errors import MethodError
from mailroom.jmap.session import Limits


class SingleCall(DataTypeOperation):
    """Call a method of a data type once: `SingleCall("SieveScript", "validate", {"blobId": "B1"})`."""

    def __init__(self, data_type: str, method: str, arguments: Mapping[str, Any]) -> None:
        super().__init__(data_type)
        self._call = Call(f"{data_type}/{method}", arguments)
        self._answer: dict[str, Any] = {}

    @property
    def answer(self) -> dict[str, Any]:
        """The arguments of the answer, as the server gave them."""
        self.check()
        return self._answer

    def next_chains(self, limits: Limits) -> Sequence[Chain]:  # noqa: ARG002 - one call has nothing to split
        return () if self._done else [(self._call,)]

    def receive(self, outcomes: Sequence[Sequence[Outcome]]) -> None:
        ((outcome,),) = outcomes
        if isinstance(outcome, MethodError):
            self._end(outcome)
        else:
            self._answer = outcome
            self._end()
