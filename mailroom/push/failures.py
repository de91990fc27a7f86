"""What to make of an answer that is no event stream."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from twisted.web.http_headers import Headers

from mailroom.core.errors import MailroomError
from mailroom.core.redaction import Redaction
from mailroom.http.challenges import unknown_logins
from mailroom.http.urls import redacted, same_origin
from mailroom.jmap.errors import JmapError

_OK: Final = 200
_UNAUTHORIZED: Final = 401
_SERVER_ERRORS: Final = 500
_QUOTED_CHARACTERS: Final = 100
_WHITE_SPACE: Final = " \t\r\n"
_LISTED: Final = re.compile(r'(?:"(?:\\.|[^"\\])*(?:"|\\?$)|[^,"])+', re.DOTALL)
"""An element of a header's list: a comma in a quoted string, which may lack its end, divides nothing."""
_ESSENCE: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class RetryPolicy(Enum):
    """How soon another attempt makes sense."""

    BACK_OFF = auto()
    """It may work in a moment: with backoff."""
    SLOW = auto()
    """Somebody has to change something first: at the longest delay."""
    RARELY = auto()
    """The server has no push to offer: after minutes at first, then after hours."""


@dataclass(frozen=True, slots=True)
class StreamFailure:
    """Why there is no stream, in words that say what to do, and what to try next.

    `second_try` allows one attempt at once, as the first of its status since the stream last worked. `drop_event_id`
    suspects the Last-Event-ID of having caused the failure.
    """

    message: str
    retry_policy: RetryPolicy
    status: int | None = None
    second_try: bool = False
    drop_event_id: bool = False

    @property
    def session_is_suspect(self) -> bool:
        """Whether another session may be the cure: its URL may have moved, its login may be another's.

        It may not where the server itself answers that this will pass, as by a 503.
        """
        return self.status is None or self.retry_policy is not RetryPolicy.BACK_OFF


class NoEventStream(MailroomError):
    """The server's answer is no event stream, for the reason that `failure` tells."""

    def __init__(self, failure: StreamFailure, retry_after: float | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.status = failure.status
        self.retry_after = retry_after


NO_EVENT_SOURCE: Final = StreamFailure(
    "The server's session names no event source, so Mailroom polls.", RetryPolicy.RARELY
)
_NO_PUSH: Final = StreamFailure("The server offers no push, so Mailroom polls.", RetryPolicy.RARELY)
_NOT_HERE: Final = StreamFailure(
    "There is no event stream here. Check jmap_url, and whether the server has push turned on.",
    RetryPolicy.SLOW,
    second_try=True,
)
_BUSY: Final = StreamFailure("The server asks for fewer requests.", RetryPolicy.BACK_OFF)
_DOWN: Final = StreamFailure("The server cannot answer now.", RetryPolicy.BACK_OFF)
_OTHER: Final = StreamFailure("That is no event stream. Check jmap_url.", RetryPolicy.SLOW)
_FAILURES: Final[Mapping[int, StreamFailure]] = {
    204: _NO_PUSH,
    400: StreamFailure(
        "The server does not understand the request for its event stream. Check jmap_url.",
        RetryPolicy.SLOW,
        drop_event_id=True,
    ),
    _UNAUTHORIZED: StreamFailure(
        "The server does not accept the login. "
        "Check jmap_token (or jmap_username and jmap_password): it may be wrong, expired or revoked.",
        RetryPolicy.SLOW,
        second_try=True,
    ),
    403: StreamFailure("The login may not use push. Give the token access to mail.", RetryPolicy.SLOW, second_try=True),
    404: _NOT_HERE,
    408: _DOWN,
    410: _NOT_HERE,
    429: _BUSY,
    431: StreamFailure("The server finds the request's headers too large.", RetryPolicy.BACK_OFF, drop_event_id=True),
    501: _NO_PUSH,
}


def failure_of_response(
    status: int, headers: Headers, asked: str, url: str, redaction: Redaction | None = None
) -> StreamFailure | None:
    """What keeps an answer from being an event stream, None if it is one (HTML standard section 9.2.2).

    `asked` is the URL that was asked for, `url` the one that answered, after any redirects. A server error that may
    pass is tried again, as the W3C's Recommendation of 2015 has it, which RFC 8620 cites: a daemon has nobody to reload
    the page. What `redaction` knows to be secret is not told.
    """
    redaction = redaction or Redaction()
    if status == _OK:
        return _wrong_type(_content_type(headers), url, redaction)
    kind = _FAILURES.get(status, _DOWN if status >= _SERVER_ERRORS else _OTHER)
    advice = (unknown_logins(headers) if status == _UNAUTHORIZED else "") or kind.message
    message = f"{redacted(url)}: HTTP {status}. {advice}"
    if status == _UNAUTHORIZED and not same_origin(asked, url):
        message += f" {redacted(asked)} redirects there, where the login is not sent."
    return replace(kind, message=redaction.text(message), status=status)


def failure_of_error(error: Exception) -> StreamFailure:
    """What keeps us from asking at all, from being answered, or from taking the answer for a stream."""
    if isinstance(error, NoEventStream):
        return error.failure
    if not isinstance(error, MailroomError):
        return StreamFailure(
            f"The attempt failed unexpectedly ({type(error).__name__}); the log has the details.", RetryPolicy.BACK_OFF
        )
    permanent = isinstance(error, JmapError) and not error.temporary
    return StreamFailure(str(error), RetryPolicy.SLOW if permanent else RetryPolicy.BACK_OFF)


def _wrong_type(content_type: str, url: str, redaction: Redaction) -> StreamFailure | None:
    """The type's essence decides (WHATWG MIME Sniffing section 4.1): a stream is UTF-8, whatever a parameter says."""
    if _essence(content_type) == "text/event-stream":
        return None
    said = ascii(redaction.text(content_type)[:_QUOTED_CHARACTERS]) if content_type else "no content type"
    message = f"{redacted(url)} answers with {said} instead of an event stream. Check jmap_url."
    return replace(_OTHER, message=redaction.text(message))


def _content_type(headers: Headers) -> str:
    return b", ".join(headers.getRawHeaders(b"content-type") or ()).decode("latin-1")


def _essence(content_type: str) -> str:
    """The last type that is one, of all that the headers name (WHATWG Fetch, "extract a MIME type")."""
    essences = (each.partition(";")[0].strip(_WHITE_SPACE) for each in _LISTED.findall(content_type))
    return next((each.lower() for each in reversed([*essences]) if _ESSENCE.fullmatch(each) and each != "*/*"), "")
