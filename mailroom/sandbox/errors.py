"""The three layers of JMAP errors (RFC 8620 sections 3.6 and 5.3), as the sandbox raises them."""

from typing import Any


class RequestError(Exception):
    """The whole request is refused: an HTTP error with a problem document (RFC 8620 section 3.6.1)."""

    def __init__(self, kind: str, detail: str, *, status: int = 400, **members: Any) -> None:
        super().__init__(kind, detail)
        self.status = status
        problem = {"type": f"urn:ietf:params:jmap:error:{kind}", "status": status, "detail": detail}
        self.json: dict[str, Any] = problem | members


class MethodError(Exception):
    """One method call fails; the others of its request still run (RFC 8620 section 3.6.2)."""

    def __init__(self, kind: str, **members: Any) -> None:
        super().__init__(kind, members)
        self.json: dict[str, Any] = {"type": kind} | members


class SetError(Exception):
    """One object is not created, updated or destroyed; the others of its call are (RFC 8620 section 5.3)."""

    def __init__(self, kind: str, **members: Any) -> None:
        super().__init__(kind, members)
        self.json: dict[str, Any] = {"type": kind} | members


def invalid_arguments(*names: str) -> MethodError:
    return MethodError("invalidArguments", arguments=list(names))


def invalid_properties(*names: str) -> SetError:
    return SetError("invalidProperties", properties=list(names))
