"""Method calls and what comes back for them, without anything that only a connection knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mailroom.jmap.errors import MethodError


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
