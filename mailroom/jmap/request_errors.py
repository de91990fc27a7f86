"""What it means that an HTTP answer is no success, said so that a person knows what to do (RFC 8620 section 3.6.1)."""

from collections.abc import Mapping
from typing import Any, Final

from mailroom.http.challenges import unknown_logins
from mailroom.http.client import Answer
from mailroom.http.urls import redacted, same_origin
from mailroom.jmap.errors import (
    PROBLEM_PREFIX,
    Forbidden,
    LimitExceeded,
    RateLimited,
    RequestError,
    ServerUnavailable,
    Unauthorized,
)
from mailroom.jmap.i_json import NotIJson, decode

_SPLITTABLE: Final = frozenset({"maxSizeRequest", "maxCallsInRequest", "maxObjectsInGet", "maxObjectsInSet"})
"""The last two are a matter of one method call (RFC 8620 section 5), but Cyrus refuses the whole request for them."""
_KINDS: Final[Mapping[int, type[RequestError]]] = {
    401: Unauthorized,
    403: Forbidden,
    413: LimitExceeded,
    429: RateLimited,
}
_REMEDIES: Final[Mapping[type[RequestError], str]] = {
    Unauthorized: (
        "The server does not accept the login. "
        "Check jmap_token (or jmap_username and jmap_password): it may be wrong, expired or revoked."
    ),
    Forbidden: "The login may not do this. Give the token access to mail and contacts, and not for reading only.",
    RateLimited: "The server asks for fewer requests. The service tries again by itself, a command may be run again.",
    ServerUnavailable: "The server cannot answer now. The service tries again by itself, a command may be run again.",
    LimitExceeded: "The request was larger than the server takes.",
    RequestError: "The server refused the request. Check jmap_url.",
}

_LOGIN_NO_LONGER_ACCEPTED: Final = (
    "The server has accepted this login before. Either it wants fewer logins for a while, which passes by itself, or "
    "the login has been changed, has expired or was revoked: check jmap_token (or jmap_username and jmap_password)."
)


def request_error(
    answer: Answer, asked: str, retry_after: float | None = None, *, accepted_before: bool = False
) -> RequestError | None:
    """The error that an answer stands for, None for a success.

    Servers SHOULD explain themselves with problem details, but also send plain text, web pages and nothing at all.
    `asked` is the URL that was asked for, before any redirect; `retry_after` is in seconds. `accepted_before` tells
    that the server has let this very login in already.
    """
    if 200 <= answer.status < 300:  # noqa: PLR2004 - the successes
        return None
    details = _problem_details(answer.body)
    problem = str(details.get("type") or "").removeprefix(PROBLEM_PREFIX)
    limit = str(details.get("limit") or "")
    kind = _kind(answer.status, problem, limit)
    said = _said(answer, details)
    remedy = _remedy(kind, answer, accepted_before=accepted_before)
    message = f"{redacted(answer.url)}: HTTP {answer.status}{f' ({said})' if said else ''}. {remedy}"
    if kind is Unauthorized and not same_origin(asked, answer.url):
        message += (
            f" {redacted(asked)} redirects there, where the login is not sent: set jmap_url to {redacted(answer.url)}."
        )
    error = kind(message, status=answer.status, problem=problem, limit=limit, retry_after=retry_after)
    error.accepted_before = kind is Unauthorized and accepted_before
    return error


def _remedy(kind: type[RequestError], answer: Answer, *, accepted_before: bool) -> str:
    if kind is not Unauthorized:
        return _REMEDIES[kind]
    if accepted_before:
        return _LOGIN_NO_LONGER_ACCEPTED
    return unknown_logins(answer.headers) or _REMEDIES[kind]


def _kind(status: int, problem: str, limit: str) -> type[RequestError]:
    if problem == "rateLimit":
        return RateLimited
    if problem == "limit":
        return LimitExceeded if limit in _SPLITTABLE else RateLimited
    if status >= 500:  # noqa: PLR2004 - the server's own failures
        return ServerUnavailable
    return _KINDS.get(status, RequestError)


def _problem_details(body: bytes) -> dict[str, Any]:
    try:
        details = decode(body)
    except NotIJson:
        return {}
    return details if isinstance(details, dict) else {}


def _said(answer: Answer, details: Mapping[str, Any]) -> str:
    """The server's own words."""
    if details:
        return answer.redaction.quotation(
            str(details.get("detail") or details.get("title") or details.get("type") or "")
        )
    return "a web page" if answer.body.lstrip().startswith(b"<") else answer.redaction.quotation(answer.body)
