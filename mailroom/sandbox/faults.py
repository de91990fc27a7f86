"""Faults on order: what goes wrong next, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mailroom.sandbox.errors import MethodError, SetError


@dataclass(frozen=True, slots=True)
class Answer:
    """A request is answered with this instead. It is told by the start of its path."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    path: str = "/"


@dataclass(frozen=True, slots=True)
class HangUp:
    """The connection closes without an answer; with `acted`, after the server did what was asked."""

    path: str = "/"
    acted: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """The request is taken up this many seconds late."""

    seconds: float
    path: str = "/"


@dataclass(frozen=True, slots=True)
class MethodFault:
    """A method call fails with an error of this type."""

    method: str
    kind: str = "serverFail"
    members: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObjectFault:
    """A set method refuses one object, told by its id or creation id; any one for None."""

    method: str
    object_id: str | None = None
    kind: str = "forbidden"


HttpFault = Answer | HangUp | Delay
Fault = HttpFault | MethodFault | ObjectFault


@dataclass(slots=True)
class Faults:
    """The faults still to come, each with the number of times left; the oldest that fits strikes."""

    pending: list[tuple[Fault, float]] = field(default_factory=list)

    def add(self, fault: Fault, times: float = 1) -> None:
        """Let the next so many requests, calls or objects that it fits run into a fault; `math.inf` for all."""
        self.pending.append((fault, times))

    def clear(self) -> None:
        self.pending.clear()

    def for_request(self, path: str) -> HttpFault | None:
        """The fault that a request to this path runs into."""
        for fault, _ in self.pending:
            if isinstance(fault, Answer | HangUp | Delay) and path.startswith(fault.path):
                self._strike(fault)
                return fault
        return None

    def check_method(self, method: str) -> None:
        """Raise the MethodError that a call runs into."""
        for fault, _ in self.pending:
            if isinstance(fault, MethodFault) and fault.method == method:
                self._strike(fault)
                raise MethodError(fault.kind, **fault.members)

    def check_object(self, method: str, object_id: str) -> None:
        """Raise the SetError that an object runs into."""
        for fault, _ in self.pending:
            if isinstance(fault, ObjectFault) and fault.method == method and fault.object_id in {None, object_id}:
                self._strike(fault)
                raise SetError(fault.kind)

    def _strike(self, fault: Fault) -> None:
        index = next(index for index, (pending, _) in enumerate(self.pending) if pending is fault)
        times = self.pending[index][1] - 1
        self.pending[index : index + 1] = [(fault, times)] if times > 0 else []
