"""Method calls and what comes back for them, without anything that only a connection knows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from mailroom.jmap.errors import MethodError
from mailroom.jmap.session import Limits


@dataclass(frozen=True, slots=True)
class Reference:
    """An argument that the server takes from its answer to an earlier call of the chain (RFC 8620 section 3.7).

    `call` is that call's place in the chain, `path` a JSON Pointer into its answer.
    """

    call: int
    path: str


@dataclass(frozen=True, slots=True)
class Call:
    """A method call as an operation wants it. Its account and id are added on the way out."""

    method: str
    arguments: Mapping[str, Any]
    references: Mapping[str, Reference] = field(default_factory=dict)


Chain = tuple[Call, ...]
"""Calls that refer to each other, and so have to travel in one request."""

Outcome = dict[str, Any] | MethodError
"""The arguments of a call's answer, or why there are none."""


class Operation(Protocol):
    """What a caller wants done, however many calls it takes: a state machine that a `Client` drives.

    The client asks for the chains to send now, sends them, and hands back the outcomes, one sequence a chain with one
    outcome a call, until there is none to send. What came of it is then read from the operation; reading raises the
    `MethodError` that it failed with, if it did.
    """

    @property
    def capability(self) -> str:
        """The capability (RFC 8620 section 2) that its calls belong to."""
        ...

    def next_chains(self, limits: Limits) -> Sequence[Chain]:
        """The chains to send now, each within the limits on objects; none once everything is done."""
        ...

    def receive(self, outcomes: Sequence[Sequence[Outcome]]) -> None:
        """Take the outcomes of the chains just asked for."""
        ...
