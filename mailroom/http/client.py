"""One exchange with a server, from the first byte sent to the last one read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NoReturn, TypeVar, cast
from urllib.parse import quote, urljoin, urlsplit

from OpenSSL import SSL
from service_identity import VerificationError
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from mailroom import USER_AGENT
from mailroom.core.credentials import Credentials
from mailroom.core.deferreds import cancellable
from mailroom.core.redaction import Redaction
from mailroom.core.wall_clock import WallClock
from mailroom.http.agent import IConnectionKeeper
from mailroom.http.body import discard, read_body
from mailroom.http.credential_scope import CredentialScope
from mailroom.http.errors import (
    AnswerUndecodable,
    CertificateRejected,
    ConnectionFailed,
    ExchangeTimedOut,
    HeadTooLarge,
    RedirectRefused,
    TransportError,
    UrlTooLong,
)
from mailroom.http.round_trips import RoundTrips
from mailroom.http.throttling import Throttling
from mailroom.http.urls import MAX_URL, redacted, same_origin, sendable

MAX_REDIRECTS: Final = 20
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_NAMED_CHARACTERS: Final = 200
_ERRORS: Final = 400
_ASCII: Final = bytes(range(128))
_OCTETS: Final = "surrogateescape"
"""How octets that are no UTF-8 pass through a text: headers may hold any (RFC 9110 section 5.5)."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a server. `timeout` is in seconds, `max_size` in octets of the answer's body, unpacked.

    What an answer may be made of is bounded more closely where it is read, by what that takes.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    credentials: Credentials | None = None
    timeout: float = 30.0
    max_size: int = 16 * 1024 * 1024
    headers_at: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Headers for a request of that URL alone, be it the first one or where a redirect leads."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A response whose head is here and whose body is not read yet, and the URL that it finally came from."""

    response: IResponse
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response, and the URL that it finally came from.

    It is as the server sent it. Who tells something of it tells it without what `redaction` knows to be secret.
    """

    status: int
    headers: Headers
    body: bytes
    url: str
    redaction: Redaction = field(default_factory=Redaction, repr=False, compare=False)

    def header(self, name: str) -> str | None:
        """The last value of a header, if there is one. Sent back in a request, it has the very octets that it had."""
        values: Sequence[bytes] | None = self.headers.getRawHeaders(name.encode())
        return values[-1].decode(errors=_OCTETS) if values else None


class Http:
    """Sends requests, follows redirects, and turns every way to fail into a `TransportError`.

    Credentials go to the origin of the request's own URL and to no other: a redirect elsewhere is followed without
    them, and answered by a 401 if they are needed there. No redirect leads to plain http beyond loopback, unless
    `allow_insecure_http` is set. `wall_clock` is for the dates in answers. `redaction` comes to know all credentials
    that are sent, and no error of this class holds any of them.
    """

    def __init__(  # noqa: PLR0913 - all that it works with
        self,
        client: HTTPClient,
        clock: IReactorTime,
        *,
        wall_clock: WallClock | None = None,
        preconnector: IConnectionKeeper | None = None,
        redaction: Redaction | None = None,
        allow_insecure_http: bool = False,
    ) -> None:
        self._client = client
        self._preconnector = preconnector
        self.clock = clock
        self.wall_clock = wall_clock or clock.seconds
        self.redaction = redaction or Redaction()
        self.allow_insecure_http = allow_insecure_http
        self.round_trips = RoundTrips()
        self.throttling = Throttling()

    async def fetch(self, request: Request) -> Answer:
        """The whole answer, within the request's time and size."""
        return await self._timed(Deferred.fromCoroutine(self._exchange(request)), request)

    async def open(self, request: Request) -> Opened:
        """The head of an answer whose body may never end. The request's time covers the head alone."""
        return await self._timed(Deferred.fromCoroutine(self._follow(request)), request)

    def preconnect(self, url: str, count: int) -> None:
        """Have so many connections to the origin of this URL open by the time that requests come, where that can be."""
        if self._preconnector is not None:
            self._preconnector.preconnect(url, count)

    def drop_kept_connections(self) -> None:
        """Let the next requests go over new connections: those that are kept may be dead."""
        if self._preconnector is not None:
            self._preconnector.drop_kept_connections()

    async def _exchange(self, request: Request) -> Answer:
        opened = await self._follow(request)
        try:
            body = await read_body(opened.response, request.max_size, redacted(opened.url))
        except AnswerUndecodable:
            if opened.response.code < _ERRORS:
                raise
            body = b""  # that it refuses is what a server says first; the words are missing
        return Answer(opened.response.code, opened.response.headers, body, opened.url, self.redaction)

    async def _timed(self, outcome: Deferred[_T], request: Request) -> _T:
        def timed_out(_result: object, seconds: float) -> NoReturn:
            # What became of this connection may have become of all, as when the network is another one.
            self.drop_kept_connections()
            raise ExchangeTimedOut(f"{redacted(request.url)} did not answer within {seconds:g} s.")

        with self.redaction.errors():
            return await outcome.addTimeout(request.timeout, self.clock, timed_out)

    async def _follow(self, request: Request) -> Opened:
        for _hop in range(MAX_REDIRECTS + 1):
            response = await self._send(request)
            if response.code not in _REDIRECTS:
                return Opened(response, request.url)
            discard(response)  # before anything is refused, and unread: it may be a body without end
            target = _redirect_target(response, request.url)
            if CredentialScope(request.url, self.allow_insecure_http).exposes(target):
                raise RedirectRefused(
                    f"{redacted(request.url)} redirects to {redacted(target)}, where everybody on the way could read "
                    "the mail. Check the URL, or set allow_insecure_http to true."
                )
            request = _redirected(request, target, response.code)
        raise RedirectRefused(f"{redacted(request.url)} redirects in circles. Check the URL.")

    async def _send(self, request: Request) -> IResponse:
        if len(request.url) > MAX_URL:
            raise UrlTooLong(f"{redacted(request.url)[:_NAMED_CHARACTERS]}... has more than {MAX_URL} characters.")
        given = {"User-Agent": USER_AGENT, **request.headers, **request.headers_at.get(request.url, {})}
        headers = Headers({name.encode(): [value.encode(errors=_OCTETS)] for name, value in given.items()})
        if request.credentials is not None:
            authorization = request.credentials.authorization()
            self.redaction.presented(authorization)
            headers.setRawHeaders("Authorization", [authorization])
        with self.round_trips.request():
            try:
                sent = self._client.request(
                    request.method,
                    sendable(request.url),
                    headers=headers,
                    data=request.body or None,
                    allow_redirects=False,
                    unbuffered=True,
                )
                response = await cancellable(sent)
            except CancelledError:
                raise
            except Exception as error:
                raise _transport_error(error, request.url, self.redaction) from error
        return cast("IResponse", response)


def _redirect_target(response: IResponse, url: str) -> str:
    locations: Sequence[bytes] | None = response.headers.getRawHeaders(b"location")
    if not locations:
        raise RedirectRefused(f"{redacted(url)} redirects without saying where to. Check the URL.")
    try:
        return urljoin(url, _location(locations[-1]))
    except ValueError as error:
        raise RedirectRefused(f"{redacted(url)} redirects to a malformed URL. Check the URL.") from error


def _location(octets: bytes) -> str:
    """A Location as a URL reference. Octets that are no UTF-8 are left to the server that wrote them, encoded."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return quote(octets, safe=_ASCII)


def _redirected(request: Request, target: str, status: int) -> Request:
    """The request for the next hop. A 303 asks for a GET; others keep the method, as PROPFIND and POST need."""
    if urlsplit(target).scheme not in {"https", urlsplit(request.url).scheme}:
        raise RedirectRefused(f"{redacted(request.url)} redirects to {redacted(target)}, out of https. Check the URL.")
    if not same_origin(request.url, target):
        request = replace(request, credentials=None)
    if status == 303:  # noqa: PLR2004 - See Other
        request = replace(request, method="GET", body=b"")
    return replace(request, url=target)


def _transport_error(error: Exception, url: str, redaction: Redaction) -> TransportError:
    """The error of ours that says what one of Twisted's means."""
    reasons = [reason.value for reason in getattr(error, "reasons", ())] or [error]
    if too_large := next((reason for reason in reasons if isinstance(reason, HeadTooLarge)), None):
        return HeadTooLarge(f"{redacted(url)} {too_large}")
    named = redaction.quotation(", ".join(dict.fromkeys(str(reason) or type(reason).__name__ for reason in reasons)))
    if any(isinstance(reason, SSL.Error | VerificationError) for reason in reasons):
        return CertificateRejected(
            f"{redacted(url)}: the secure connection failed ({named}). Check the URL and the certificate."
        )
    return ConnectionFailed(f"{redacted(url)}: no connection ({named}). Is the server up, and the URL right?")
