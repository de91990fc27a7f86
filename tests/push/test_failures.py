"""What each answer that is no event stream means."""

import pytest
from twisted.web.http_headers import Headers

from mailroom.core.errors import MailroomError
from mailroom.http.errors import CertificateRejected, ConnectionFailed, RedirectRefused
from mailroom.jmap.errors import NoAccount, NotJmap, ServerUnavailable, Unauthorized
from mailroom.push.failures import RetryPolicy, StreamFailure, failure_of_error, failure_of_response

URL = "https://mail.example/events?types=Email"
STREAM = Headers({"Content-Type": ["text/event-stream"]})


def failure(status: int, headers: Headers = STREAM, url: str = URL) -> StreamFailure:
    found = failure_of_response(status, headers, URL, url)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "content_type",
    [
        "text/event-stream",
        "Text/Event-Stream",
        "text/event-stream;charset=utf-8",
        "text/event-stream; charset=iso-8859-1",
        " text/event-stream ;x",
        "text/html, text/event-stream",
        'text/html;x=",text/plain",text/event-stream;charset=utf-8',
        'text/event-stream; x="a, text/html"',
        'text/event-stream; x="a\\", text/html"',
        'text/event-stream; x="a, text/html',
        "text/event-stream, */*",
        "text/event-stream,",
        "text/event-stream, html, /html, text/, te xt/html, text/h(tml",
        ",,text/event-stream,,",
    ],
)
def test_an_event_stream(content_type: str) -> None:
    """A 200 whose type, the last valid one of several, is that of event streams, in any case, with any parameters."""
    assert failure_of_response(200, Headers({"Content-Type": [content_type]}), URL, URL) is None


def test_several_content_types() -> None:
    """Several header lines are as good as one with commas: the last one counts."""
    lines = ["text/html; charset=utf-8", "text/event-stream"]
    assert failure_of_response(200, Headers({"Content-Type": lines}), URL, URL) is None
    assert "text/html" in failure(200, Headers({"Content-Type": lines[::-1]})).message


def test_long_content_types() -> None:
    """A type of any length and any shape is read in time that grows no faster than it."""
    for piece in (",", '"', '\\"', 'a/b;c="', "a", " ", '",'):
        for last in ("", "\\"):
            failure(200, Headers({"Content-Type": [f'"{piece * 100_000}{last}']}))


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "text/event-streams",
        "text/event-stream, text/html",
        'text/html; x="a, text/event-stream"',
        'text/html; x="a, text/event-stream',
        "application/json",
        "text/event stream",
        "",
        "\u00e9",
    ],
)
def test_wrong_type(content_type: str) -> None:
    """Any other type is a failure, tried again slowly, and named."""
    found = failure(200, Headers({"Content-Type": [content_type]}))
    assert found.retry_policy is RetryPolicy.SLOW
    assert found.message.startswith("https://mail.example/events answers with ")
    assert found.message.isascii()


def test_no_type() -> None:
    """An answer without a type is no event stream."""
    assert "no content type" in failure(200, Headers()).message


def test_wrong_types_are_quoted_short() -> None:
    """Of a type of any length, little gets into the message."""
    assert len(failure(200, Headers({"Content-Type": ["x" * 10_000]})).message) < 250


@pytest.mark.parametrize(
    ("status", "retry_policy"),
    [
        (201, RetryPolicy.SLOW),
        (204, RetryPolicy.RARELY),
        (205, RetryPolicy.SLOW),
        (206, RetryPolicy.SLOW),
        (304, RetryPolicy.SLOW),
        (400, RetryPolicy.SLOW),
        (401, RetryPolicy.SLOW),
        (403, RetryPolicy.SLOW),
        (404, RetryPolicy.SLOW),
        (407, RetryPolicy.SLOW),
        (408, RetryPolicy.BACK_OFF),
        (410, RetryPolicy.SLOW),
        (418, RetryPolicy.SLOW),
        (429, RetryPolicy.BACK_OFF),
        (431, RetryPolicy.BACK_OFF),
        (500, RetryPolicy.BACK_OFF),
        (501, RetryPolicy.RARELY),
        (502, RetryPolicy.BACK_OFF),
        (503, RetryPolicy.BACK_OFF),
        (504, RetryPolicy.BACK_OFF),
        (522, RetryPolicy.BACK_OFF),
    ],
)
def test_pace(status: int, retry_policy: RetryPolicy) -> None:
    """What may pass is tried again with backoff, what needs a person slowly, and a server without push hardly ever."""
    assert failure(status).retry_policy is retry_policy


def test_second_tries() -> None:
    """A new token, or a URL that has moved, may help at once."""
    assert [status for status in range(201, 600) if failure(status).second_try] == [401, 403, 404, 410]


def test_suspicion_of_the_session() -> None:
    """Any answer may be the doing of a session that is out of date, but for those that say that they will pass."""
    trusted = [status for status in range(201, 600) if not failure(status).session_is_suspect]
    assert trusted == [408, 429, 431, *(status for status in range(500, 600) if status != 501)]


@pytest.mark.parametrize(
    "error", [ConnectionFailed("x"), RedirectRefused("x"), NoAccount("x"), NotJmap("x", status=200)]
)
def test_suspicion_of_the_session_without_an_answer(error: Exception) -> None:
    """So may a host that is not there any more, a redirect out of https, and a session without the account."""
    assert failure_of_error(error).session_is_suspect


def test_suspicion_of_the_event_id() -> None:
    """Only what may be the doing of a strange or long Last-Event-ID drops it."""
    assert [status for status in range(201, 600) if failure(status).drop_event_id] == [400, 431]


@pytest.mark.parametrize(("status", "remedy"), [(401, "jmap_token"), (403, "token access"), (404, "jmap_url")])
def test_messages_say_what_to_do(status: int, remedy: str) -> None:
    """Where a person is needed, the message names the setting, the status and the URL, without its query."""
    message = failure(status).message
    assert message.startswith(f"https://mail.example/events: HTTP {status}. ")
    assert remedy in message


def test_digest_only() -> None:
    """A login of a kind that Mailroom has not got is not told as a wrong one."""
    message = failure(401, Headers({"WWW-Authenticate": ['Digest realm="Mail", nonce="abc"']})).message
    assert message.startswith("https://mail.example/events: HTTP 401. The server takes only logins by Digest")


def test_login_lost_by_a_redirect() -> None:
    """A 401 from where a redirect led says that the login was not sent there."""
    message = failure(401, url="https://elsewhere.example/").message
    assert message.startswith("https://elsewhere.example/: HTTP 401.")
    assert message.endswith("https://mail.example/events redirects there, where the login is not sent.")


@pytest.mark.parametrize(
    ("error", "retry_policy"),
    [
        (CertificateRejected("x"), RetryPolicy.BACK_OFF),
        (MailroomError("x"), RetryPolicy.BACK_OFF),
        (ServerUnavailable("x", status=503), RetryPolicy.BACK_OFF),
        (Unauthorized("x", status=401), RetryPolicy.SLOW),
        (NoAccount("x"), RetryPolicy.SLOW),
    ],
)
def test_errors(error: Exception, retry_policy: RetryPolicy) -> None:
    """An error's own words are kept, and what a JMAP server refused for good is tried slowly."""
    assert failure_of_error(error) == StreamFailure("x", retry_policy)


def test_unforeseen_errors() -> None:
    """Of an error that nobody foresaw only the name is shown, for nobody vouches for its words."""
    found = failure_of_error(KeyError("sesame"))
    assert "KeyError" in found.message
    assert "sesame" not in found.message
