"""A JMAP server, spoken to: sessions fetched, operations carried, limits kept (RFC 8620 sections 2 and 3).

A session is kept, and what it says decides what is asked at all. So it is fetched anew when the server hints that it
has changed, and when something fails that may be the fault of what it says, or it lacks what was there before: there
are servers that leave out an account or a capability for once. Such a doubt is followed at a pace, for it may last.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from twisted.internet.defer import Deferred, DeferredSemaphore

from mailroom.core.credentials import Credentials
from mailroom.core.deferreds import SharedCall
from mailroom.core.retry import retry_after
from mailroom.http.client import Answer, Http, Request
from mailroom.http.credential_scope import CredentialScope
from mailroom.http.errors import AnswerTooLarge, TransportError
from mailroom.http.urls import redacted
from mailroom.jmap.answers import is_throttled
from mailroom.jmap.calls import Chain, Outcome
from mailroom.jmap.errors import (
    JmapError,
    LimitExceeded,
    MethodError,
    NotJmap,
    RateLimited,
    ServerUnavailable,
)
from mailroom.jmap.i_json import NotIJson, TooMuchJson, decode
from mailroom.jmap.invocations import InvocationChain, Response, fits, pack, request_body
from mailroom.jmap.operation import Operation
from mailroom.jmap.request_errors import request_error
from mailroom.jmap.session import CONTACTS, MAIL, SIEVE, Session, parse_session
from mailroom.jmap.uri_template import expand

REQUEST_TIMEOUT: Final = 30.0
MAX_SESSION_SIZE: Final = 1024 * 1024
_UNAUTHORIZED: Final = 401
_ACCOUNT_ERRORS: Final = frozenset({"accountNotFound", "accountNotSupportedByMethod"})
_REMEMBERED_STATES: Final = 16
_SECONDS_BETWEEN_DOUBTS: Final = 20.0
_TIMES_PASSING: Final = 3
"""How often in a row a server may be down before the session is doubted."""


class Client:
    """Runs operations for one login.

    `on_session_changed`, if set, is called with the new session whenever a refetch brought one that differs: its URLs,
    accounts or limits may have changed.
    """

    def __init__(self, http: Http, url: str, credentials: Credentials, account_id: str | None = None) -> None:
        self.on_session_changed: Callable[[Session], None] | None = None
        self.throttling = http.throttling
        self._http = http
        self._url = url
        self._credentials = credentials
        self._account_id = account_id
        self._accepted = ""
        self._session: Session | None = None
        self._outdated = False
        self._doubted = False
        self._doubt_followed = -math.inf
        self._times_unavailable = 0
        self._offered: frozenset[str] = frozenset()
        self._hinted_state: str | None = None
        self._unconfirmed_states: deque[str] = deque(maxlen=_REMEMBERED_STATES)
        self._slots = DeferredSemaphore(1)
        self._session_fetch = SharedCall(self._fetch_session)

    async def session(self, *, refresh: bool = False) -> Session:
        """The session, fetched when first needed, when the server hinted at a change, in doubt, or when asked to.

        Whoever asks while it is being fetched shares that fetch. Raises a `TransportError` or a `RequestError`.
        """
        session = self._session
        if session is None or self._outdated or refresh:
            return await self._session_fetch.join()
        now = self._http.clock.seconds()
        if not self._doubted or now - self._doubt_followed < _SECONDS_BETWEEN_DOUBTS:
            return session
        self._doubt_followed = now
        try:
            return await self._session_fetch.join()
        except (NotJmap, ServerUnavailable) as error:
            # A doubt is no reason to do without what may still be good.
            if error.retry_after is not None:
                raise
            return session

    def doubt_session(self) -> None:
        """Something failed that may be the fault of what the session says: it is to be looked at again.

        That is done before it is next used, and not more often than every 20 s.
        """
        self._doubted = True

    async def run(self, *operations: Operation) -> None:
        """Carry the operations to their ends, in one request where the limits allow.

        Their calls are sent in the order given. What a call failed with is read from its operation and spoils no other;
        raised is what concerns the request: a `TransportError` or a `RequestError`, after which operations are as good
        as not run, although the server may have acted on them, and `NoAccount`, before anything is sent.
        """
        session = await self.session()
        while True:
            asked = [(operation, operation.next_chains(session.limits)) for operation in operations]
            invocations = self._invocations(session, asked)
            if not invocations:
                return
            outcomes = iter(await self._carry(session, invocations))
            for operation, chains in asked:
                if chains:
                    operation.receive([next(outcomes) for _chain in chains])

    async def upload(self, capability: str, media_type: str, data: bytes) -> str:
        """Give the account for this capability a blob (RFC 8620 section 6.1); its id.

        The server keeps it for an hour at least. Raises a `TransportError` or a `RequestError`, as does `download`.
        """
        session = await self.session()
        with self._doubting_session():
            url = expand(_offered(session.upload_url, session, "uploads"), accountId=session.account_id(capability))
            answer = await self._exchange(
                Request("POST", url, {"Content-Type": media_type}, data, self._credentials, timeout=REQUEST_TIMEOUT)
            )
            match _json(answer):
                case {"blobId": str(blob_id)}:
                    return blob_id
            raise _not_jmap(answer)

    async def download(self, capability: str, blob_id: str, media_type: str, max_size: int) -> bytes:
        """A blob of the account for this capability (RFC 8620 section 6.2), of at most so many octets."""
        session = await self.session()
        with self._doubting_session():
            url = expand(
                _offered(session.download_url, session, "downloads"),
                accountId=session.account_id(capability),
                blobId=blob_id,
                name="blob",
                type=media_type,
            )
            request = Request("GET", url, credentials=self._credentials, timeout=REQUEST_TIMEOUT, max_size=max_size)
            return (await self._exchange(request)).body

    async def _carry(self, session: Session, chains: Sequence[InvocationChain]) -> list[list[Outcome]]:
        outcomes: list[list[Outcome]] = []
        for request in pack(chains, session.limits):
            outcomes += await self._send(session, request)
        every = [each for some in outcomes for each in some]
        if any(isinstance(each, MethodError) and each.type in _ACCOUNT_ERRORS for each in every):
            self.doubt_session()
        if any(map(is_throttled, every)):
            self.throttling.note(
                RateLimited(f"{redacted(session.api_url)} puts off some of what was asked.", status=200)
            )
        return outcomes

    async def _send(self, session: Session, chains: Sequence[InvocationChain]) -> list[list[Outcome]]:
        """The outcomes of the chains, sent in one request or, where that or its answer is too large, in several."""
        if not fits(chains, session.limits):
            self.doubt_session()
            return [chain.refused("requestTooLarge", "More than the server takes in a request.") for chain in chains]
        try:
            response = await self._post(session, request_body(chains))
        except (LimitExceeded, AnswerTooLarge) as error:
            if len(chains) == 1:
                return [chains[0].refused("requestTooLarge", str(error))]
            middle = len(chains) // 2
            return await self._send(session, chains[:middle]) + await self._send(session, chains[middle:])
        return [response.outcomes(chain) for chain in chains]

    async def _post(self, session: Session, body: bytes) -> Response:
        request = Request(
            "POST",
            session.api_url,
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            body=body,
            credentials=self._credentials,
            timeout=REQUEST_TIMEOUT,
        )
        with self._doubting_session():
            answer = await self._slots.run(lambda: Deferred.fromCoroutine(self._exchange(request)))
            response = Response.parse(_json(answer), self._http.redaction)
            if response is None:
                raise _not_jmap(answer)
        self._times_unavailable = 0
        self._compare(session, response.session_state)
        return response

    def _invocations(
        self, session: Session, asked: Sequence[tuple[Operation, Sequence[Chain]]]
    ) -> list[InvocationChain]:
        """Each chain made ready for the account that it is about. Call ids count on from one chain to the next."""
        invocations: list[InvocationChain] = []
        next_id = 0
        for operation, chains in asked:
            for chain in chains:
                with self._doubting_session():
                    account_id = session.account_id(operation.capability)
                invocations.append(InvocationChain.build(chain, operation.capability, account_id, next_id))
                next_id += len(chain)
        return invocations

    @contextmanager
    def _doubting_session(self) -> Iterator[None]:
        """What fails in here may be the session's fault, but for having asked too often or too much.

        A server that is down is not asked for its session on top, unless that lasts: it may serve elsewhere by now.
        """
        try:
            with self._http.redaction.errors():
                yield
        except (RateLimited, LimitExceeded, AnswerTooLarge):
            raise
        except (JmapError, TransportError) as error:
            self._times_unavailable += 1
            if not isinstance(error, ServerUnavailable) or self._times_unavailable > _TIMES_PASSING:
                self.doubt_session()
            raise

    def _compare(self, session: Session, state: str | None) -> None:
        """Note a hint at a changed session. One that a refetch has not confirmed is never followed again.

        Some servers answer behind proxies or replicas that never agree on a state.
        """
        if session is self._session and state is not None and state not in {session.state, *self._unconfirmed_states}:
            self._outdated = True
            self._hinted_state = state

    async def _fetch_session(self) -> Session:
        answer = await self._exchange(
            Request(
                "GET",
                self._url,
                headers={"Accept": "application/json", "Cache-Control": "no-cache"},
                credentials=self._credentials,
                timeout=REQUEST_TIMEOUT,
                max_size=MAX_SESSION_SIZE,
            )
        )
        scope = CredentialScope(self._url, self._http.allow_insecure_http)
        with self._http.redaction.errors():
            session = parse_session(
                _json(answer), answer.url, self._account_id, scope=scope, redaction=self._http.redaction
            )
        self._replace(session)
        return session

    def _replace(self, session: Session) -> None:
        previous, self._session = self._session, session
        self._outdated = False
        offered = frozenset(filter(session.offers, (MAIL, CONTACTS, SIEVE)))
        self._doubted = not self._offered <= offered
        self._offered |= offered
        if self._hinted_state not in {None, session.state}:
            self._unconfirmed_states.append(self._hinted_state)
        self._hinted_state = None
        if previous is None or previous.limits != session.limits:
            self._slots = DeferredSemaphore(session.limits.max_concurrent_requests)
        if previous is not None and previous != session and self.on_session_changed is not None:
            self.on_session_changed(session)

    async def _exchange(self, request: Request) -> Answer:
        """The answer, once more if the secret was replaced since it was read. Raises what a refusal stands for."""
        presented = self._credentials.authorization()
        answer = await self._http.fetch(request)
        if answer.status == _UNAUTHORIZED and self._credentials.authorization() != presented:
            presented = self._credentials.authorization()
            answer = await self._http.fetch(request)
        delay = retry_after(answer.headers, self._http.wall_clock())
        error = request_error(answer, request.url, delay, accepted_before=self._accepted == presented)
        if error is not None:
            self._http.redaction.clean(error)
            raise error
        self._accepted = presented
        return answer


def _offered(url: str | None, session: Session, what: str) -> str:
    if url is None:
        raise NotJmap(f"{redacted(session.url)} names no URL for {what}. Check jmap_url.", status=200)
    return url


def _json(answer: Answer) -> Any:
    try:
        return decode(answer.body)
    except TooMuchJson as error:
        raise AnswerTooLarge(f"{redacted(answer.url)} answers with {error}.") from error
    except NotIJson as error:
        raise _not_jmap(answer) from error


def _not_jmap(answer: Answer) -> NotJmap:
    what = "a web page" if answer.body.lstrip().startswith(b"<") else "something that is not JMAP"
    return NotJmap(f"{redacted(answer.url)} answers with {what}. Check jmap_url.", status=answer.status)
