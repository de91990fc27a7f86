import json
from collections.abc import Mapping

import pytest
from twisted.web.http_headers import Headers

from mailroom.http.client import Answer
from mailroom.jmap.errors import (
    Forbidden,
    LimitExceeded,
    RateLimited,
    RequestError,
    ServerUnavailable,
    Unauthorized,
)
from mailroom.jmap.request_errors import request_error

URL = "https://mail.example/jmap"
PROBLEM = "urn:ietf:params:jmap:error:"


def answer(status: int, body: bytes | Mapping[str, object] = b"", url: str = URL) -> Answer:
    return Answer(status, Headers(), body if isinstance(body, bytes) else json.dumps(body).encode(), url)


def refused(status: int, body: bytes | Mapping[str, object] = b"", asked: str = URL, url: str = URL) -> RequestError:
    error = request_error(answer(status, body, url), asked)
    assert error is not None
    return error


@pytest.mark.parametrize("status", [200, 201, 204])
def test_success(status: int) -> None:
    """A success is no refusal."""
    assert request_error(answer(status), URL) is None


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"type": "about:blank"}, Unauthorized),
        (403, b"Forbidden", Forbidden),
        (413, b"<html>too large</html>", LimitExceeded),
        (429, b"", RateLimited),
        (503, b"", ServerUnavailable),
        (500, {"type": "about:blank"}, ServerUnavailable),
        (304, b"", RequestError),
        (404, b"<html>", RequestError),
        (400, {"type": f"{PROBLEM}unknownCapability"}, RequestError),
        (400, {"type": f"{PROBLEM}limit", "limit": "maxSizeRequest"}, LimitExceeded),
        (400, {"type": f"{PROBLEM}limit", "limit": "maxCallsInRequest"}, LimitExceeded),
        (400, {"type": f"{PROBLEM}limit", "limit": "maxObjectsInGet"}, LimitExceeded),
        (400, {"type": f"{PROBLEM}limit", "limit": "maxObjectsInSet"}, LimitExceeded),
        (400, {"type": f"{PROBLEM}limit", "limit": "maxConcurrentRequests"}, RateLimited),
        (503, {"type": f"{PROBLEM}limit", "limit": "maxConcurrentRequests"}, RateLimited),
        (400, {"type": f"{PROBLEM}limit"}, RateLimited),
        (403, {"type": f"{PROBLEM}rateLimit"}, RateLimited),
        (400, b"[]", RequestError),
        (400, {"type": None, "limit": None, "detail": None}, RequestError),
    ],
)
def test_kinds(status: int, body: bytes | Mapping[str, object], kind: type[RequestError]) -> None:
    """Status and problem type decide what the error is, and with it what to do."""
    assert type(refused(status, body)) is kind


def test_fields() -> None:
    """Status, problem type, limit and waiting time can be read from the error."""
    problem = {"type": f"{PROBLEM}limit", "limit": "maxSizeRequest"}
    error = request_error(answer(400, problem), URL, retry_after=3.0)
    assert error is not None
    assert (error.status, error.problem, error.limit, error.retry_after) == (400, "limit", "maxSizeRequest", 3.0)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "Wrong\n  phase", "title": "Oops"}, "(Wrong phase)"),
        ({"title": "Oops"}, "(Oops)"),
        ({"type": f"{PROBLEM}notJSON"}, f"({PROBLEM}notJSON)"),
        (
            b"Disallowed capabilities for this type/client: urn:x\n",
            "(Disallowed capabilities for this type/client: urn:x)",
        ),
        (b" <!doctype html><p>Sorry", "(a web page)"),
        (b"", "HTTP 400. "),
        (b"\xff\x1b[31m", "(\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[31m)"),
    ],
)
def test_words(body: bytes | Mapping[str, object], said: str) -> None:
    """The server's own words are quoted on one line, whatever form they come in."""
    assert said in str(refused(400, body))


def test_short() -> None:
    """However much the server says, little of it is quoted."""
    bodies: list[bytes | Mapping[str, object]] = [b"x" * 100_000, {"detail": "x" * 100_000}]
    for body in bodies:
        assert len(str(refused(400, body))) < 400


@pytest.mark.parametrize(
    ("status", "remedy"), [(401, "jmap_token"), (403, "access to mail and contacts"), (404, "jmap_url")]
)
def test_remedies(status: int, remedy: str) -> None:
    """A refusal that a person has to act on says which setting to look at."""
    assert remedy in str(refused(status))


def test_digest_only() -> None:
    """A login of a kind that Mailroom has not got is not told as a wrong one."""
    headers = Headers({"WWW-Authenticate": ['Digest realm="Mail", nonce="abc"']})
    message = str(request_error(Answer(401, headers, b"", URL), URL))
    assert "takes only logins by Digest" in message
    assert "wrong, expired" not in message


def test_a_login_that_was_accepted_before() -> None:
    """Both reasons are told: the server may want fewer logins, or the login is no longer good."""
    error = request_error(answer(401), URL, accepted_before=True)
    assert isinstance(error, Unauthorized)
    assert error.accepted_before
    assert "passes by itself" in str(error)
    assert "jmap_token" in str(error)


def test_a_login_that_was_never_accepted() -> None:
    """A wrong token is told as such."""
    error = refused(401)
    assert not error.accepted_before
    assert "passes by itself" not in str(error)


def test_redirected_elsewhere() -> None:
    """A 401 from where a redirect led, and the login did not, says so."""
    error = refused(401, asked="https://mail.example/", url="https://jmap.example/session")
    assert "set jmap_url to https://jmap.example/session" in str(error)


def test_redirected_and_refused_otherwise() -> None:
    """Where the login is not what is missing, a redirect is not to blame."""
    assert "redirects" not in str(refused(404, asked="https://mail.example/", url="https://jmap.example/session"))


def test_no_secrets() -> None:
    """The query of a URL stays out of the message."""
    assert "hush" not in str(refused(401, asked=f"{URL}?t=hush", url="https://jmap.example/?t=hush"))
