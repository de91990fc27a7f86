"""What a JMAP server can refuse: a whole request, one method call, one object of a call (RFC 8620 section 3.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from mailroom.core.errors import MailroomError

_MAX_TYPE: Final = 64
"""How many characters of an error's type are kept: it is one word of a registry."""
_MAX_DESCRIPTION: Final = 200
PROBLEM_PREFIX: Final = "urn:ietf:params:jmap:error:"
"""What names of errors begin with in problem details (RFC 8620 section 3.6.1), and at some servers elsewhere too."""
_THROTTLES: Final = frozenset({"serverUnavailable", "rateLimit", "limit"})
"""What a server says instead of a 429 or a 503 where it refuses a call or an object alone."""
_PASSES: Final = "That passes by itself: it may work later"


class JmapError(MailroomError):
    """Something a JMAP server refused, or said in a way that cannot be used."""


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
    """Nobody is logged in: the token or password is wrong, expired or revoked, or the server wants fewer logins."""


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
        self.type = _type(kind)
        self.description = description[:_MAX_DESCRIPTION]
        text = f"{method}: {self.type}" + (f" ({self.description})" if self.description else "")
        super().__init__(f"{text}. {_PASSES}." if self.is_throttle else text)

    @property
    def is_throttle(self) -> bool:
        """Whether the server refuses for now what it would do at another time."""
        return self.type in _THROTTLES

    @property
    def temporary(self) -> bool:  # type: ignore[override]  # read only here, since the type decides it
        return self.is_throttle or self.type == "stateMismatch"


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
            type=_type(str(error.get("type") or "serverFail")),
            description=str(error.get("description") or "")[:_MAX_DESCRIPTION],
            properties=tuple(map(str, properties)) if isinstance(properties, list) else (),
            existing_id=existing_id if isinstance(existing_id, str) else None,
        )

    @property
    def is_throttle(self) -> bool:
        """Whether the server refuses for now what it would do at another time."""
        return self.type in _THROTTLES

    def __str__(self) -> str:
        about = f" {', '.join(self.properties)}" if self.properties else ""
        text = f"{self.type}{about}" + (f" ({self.description})" if self.description else "")
        return f"{text}. {_PASSES}" if self.is_throttle else text


def _type(said: str) -> str:
    return said.removeprefix(PROBLEM_PREFIX)[:_MAX_TYPE]
