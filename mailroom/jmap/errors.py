"""What a JMAP server can refuse: a whole request, one method call, one object of a call (RFC 8620 section 3.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from mailroom.core.errors import MailroomError

_MAX_TYPE: Final = 64
"""How many characters of an error's type are kept: it is one word of a registry."""
_MAX_DESCRIPTION: Final = 200
_TEMPORARY_METHOD_ERRORS: Final = frozenset({"serverUnavailable", "rateLimit", "stateMismatch"})


class JmapError(MailroomError):
    """Something a JMAP server refused, or said in a way that cannot be used.

    `temporary` tells whether the same may work later although nobody changes anything.
    """

    temporary: bool = False


class NotRun(JmapError):
    """A result was read of an operation that has not come to its end."""


class NoAccount(JmapError):
    """No account is there to use: the login has none for this kind of data, or the configured one is not among them."""


class RequestError(JmapError):
    """The server refused a request as a whole: an HTTP status, and a problem type (RFC 7807) where it gave one."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        problem: str = "",
        limit: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.problem = problem
        self.limit = limit
        self.retry_after = retry_after


class Unauthorized(RequestError):
    """Nobody is logged in: the token or password is wrong, expired or revoked."""


class Forbidden(RequestError):
    """The login is good, but may not do this."""


class RateLimited(RequestError):
    """Too many requests, or too many at once (`maxConcurrentRequests`)."""

    temporary = True


class ServerUnavailable(RequestError):
    """The server is down or overloaded."""

    temporary = True


class LimitExceeded(RequestError):
    """The request was larger than the server takes; the same calls may pass in smaller ones."""


class NotJmap(RequestError):
    """The answer is not JMAP: most often a web page, from a URL that is not the right one."""


class MethodError(JmapError):
    """One method call failed (RFC 8620 section 3.6.2)."""

    def __init__(self, method: str, kind: str, description: str = "") -> None:
        self.method = method
        self.type = kind[:_MAX_TYPE]
        self.description = description[:_MAX_DESCRIPTION]
        super().__init__(f"{method}: {self.type}" + (f" ({self.description})" if self.description else ""))

    @property
    def temporary(self) -> bool:  # type: ignore[override]  # read only here, since the type decides it
        return self.type in _TEMPORARY_METHOD_ERRORS


@dataclass(frozen=True, slots=True)
class SetError:
    """Why one object was not created, updated or destroyed (RFC 8620 section 5.3)."""

    type: str
    description: str = ""
    properties: tuple[str, ...] = ()
    existing_id: str | None = None

    @classmethod
    def parse(cls, value: Any) -> Self:
        """The error that a server's answer describes, as far as it does."""
        error = value if isinstance(value, Mapping) else {}
        properties = error.get("properties")
        existing_id = error.get("existingId")
        return cls(
            type=str(error.get("type") or "serverFail")[:_MAX_TYPE],
            description=str(error.get("description") or "")[:_MAX_DESCRIPTION],
            properties=tuple(map(str, properties)) if isinstance(properties, list) else (),
            existing_id=existing_id if isinstance(existing_id, str) else None,
        )

    def __str__(self) -> str:
        about = f" {', '.join(self.properties)}" if self.properties else ""
        return f"{self.type}{about}" + (f" ({self.description})" if self.description else "")
