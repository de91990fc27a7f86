"""Requests to a WebDAV server, and what its errors mean."""

from dataclasses import replace
from typing import Final

from mailroom.contacts.carddav.stored_card import MAX_CARD_SIZE
from mailroom.contacts.carddav.xml import Resource, address_book_request, parse_multistatus, property_request
from mailroom.contacts.errors import (
    AnswerCutShort,
    CollectionGone,
    DavBusy,
    DavError,
    DavLoginRefused,
    NoAddressBook,
    NotDav,
    PreconditionFailed,
    UidTaken,
)
from mailroom.core.credentials import Credentials
from mailroom.core.retry import retry_after
from mailroom.http.challenges import unknown_logins
from mailroom.http.client import Answer, Http, Request
from mailroom.http.errors import AnswerTooLarge
from mailroom.http.urls import redacted, same_origin

_XML: Final = "application/xml; charset=utf-8"
_VCARD: Final = "text/vcard; charset=utf-8"
_OK: Final = 200
_MULTI_STATUS: Final = 207
_REDIRECT_OR_WORSE: Final = 300
_UNAUTHORIZED: Final = 401
_PRECONDITION_FAILED: Final = 412
_GONE: Final = frozenset({404, 410})
_CONFLICTS: Final = frozenset({403, 409})
_BUSY: Final = frozenset({429, 502, 503, 504})


class WebDav:
    """One login at one server. It sends its credentials to the origin of `url` and to no other."""

    def __init__(self, http: Http, url: str, credentials: Credentials) -> None:
        self._http = http
        self._origin = url
        self._credentials = credentials
        self._accepted = ""

    def preconnect(self, count: int) -> None:
        """Have so many connections to the server open by the time that they are needed."""
        self._http.preconnect(self._origin, count)

    async def find_properties(self, url: str, names: tuple[str, ...], depth: int = 0) -> tuple[Resource, ...]:
        """The resource at a URL, and those right below it if the depth is 1 (PROPFIND)."""
        headers = {"Depth": str(depth), "Content-Type": _XML}
        answer = await self._send(Request("PROPFIND", url, headers, property_request(names)))
        return self._resources(answer)

    async def report(self, url: str, query: bytes) -> tuple[Resource, ...]:
        """The resources of a collection that a query finds (REPORT, RFC 6352 section 8).

        `AnswerCutShort` is raised where they are not all told, or are too many to be read at once.
        """
        try:
            answer = await self._send(Request("REPORT", url, {"Depth": "1", "Content-Type": _XML}, query))
        except AnswerTooLarge as error:
            raise AnswerCutShort(str(error), status=_MULTI_STATUS) from error
        return self._resources(answer)

    async def get(self, url: str, version: str) -> tuple[str, bytes]:
        """The ETag and the octets of a card, in a version of vCard (RFC 6352 section 5.1.1) if the server has it."""
        accept = {"Accept": f"text/vcard; version={version}"}
        try:
            answer = await self._send(Request("GET", url, accept, max_size=MAX_CARD_SIZE))
        except AnswerTooLarge as error:
            raise DavError(str(error), status=_OK) from error
        return answer.header("ETag") or "", answer.body

    async def put(self, url: str, card: str, condition: dict[str, str]) -> str | None:
        """Store a card under a condition (RFC 9110 section 13.1); its new ETag, if the server names one.

        `PreconditionFailed` is raised where the condition is not met.
        """
        headers = {"Content-Type": _VCARD, **condition}
        answer = await self._send(Request("PUT", url, headers, card.encode()))
        return answer.header("ETag")

    async def delete(self, url: str, etag: str) -> None:
        """Delete what has this ETag still; `PreconditionFailed` where it has another by now."""
        await self._send(Request("DELETE", url, {"If-Match": etag}))

    async def make_address_book(self, url: str, name: str) -> None:
        """Create an empty address book with a name for people (extended MKCOL, RFC 6352 section 6.3.1)."""
        await self._send(Request("MKCOL", url, {"Content-Type": _XML}, address_book_request(name)))

    def shown(self, url: str) -> str:
        """A URL of the server as it may be told."""
        return self._http.redaction.text(redacted(url))

    def _resources(self, answer: Answer) -> tuple[Resource, ...]:
        with self._http.redaction.errors():
            return _multistatus(answer)

    async def _send(self, request: Request) -> Answer:
        if not same_origin(request.url, self._origin):
            raise NoAddressBook(
                f"{redacted(self._origin)} points to {redacted(request.url)}, and credentials are not sent to another "
                "server. If it is the right one, put that URL into carddav_url."
            )
        presented = self._credentials.authorization()
        answer = await self._http.fetch(replace(request, credentials=self._credentials))
        if answer.status >= _REDIRECT_OR_WORSE:
            delay = retry_after(answer.headers, self._http.wall_clock())
            error = _dav_error(answer, request, delay, accepted_before=self._accepted == presented)
            if isinstance(error, DavBusy):
                self._http.throttling.note(error)
            self._http.redaction.clean(error)
            raise error
        self._accepted = presented
        return answer


def _multistatus(answer: Answer) -> tuple[Resource, ...]:
    if answer.status != _MULTI_STATUS:
        raise NotDav(
            f"{redacted(answer.url)}: the answer is no WebDAV multistatus (HTTP {answer.status}). Check carddav_url.",
            status=answer.status,
        )
    return parse_multistatus(answer.body, answer.url)


def _dav_error(answer: Answer, request: Request, delay: float | None, *, accepted_before: bool) -> DavError:
    """The error that a status stands for. `accepted_before` tells that this very login was let in already."""
    status, url = answer.status, redacted(answer.url)
    if status == _UNAUTHORIZED:
        message = _login_refused(answer, request, accepted_before=accepted_before)
        return DavLoginRefused(message, status=status, retry_after=delay, accepted_before=accepted_before)
    if status in _GONE:
        return CollectionGone(f"{url}: nothing is there (HTTP {status}). Check carddav_url.", status=status)
    if status == _PRECONDITION_FAILED:
        return PreconditionFailed(f"{url} was changed by somebody else meanwhile.", status=status)
    if status in _CONFLICTS and b"no-uid-conflict" in answer.body:
        return UidTaken(f"{url}: another card has this uid already.", status=status)
    said = answer.redaction.quotation(answer.body)
    message = f"{url}: the server refused a {request.method} (HTTP {status}{f': {said}' if said else ''})."
    if status in _BUSY:
        message += " That passes: the service tries again by itself, a command may be run again."
        return DavBusy(message, status=status, retry_after=delay)
    return DavError(message, status=status)


def _login_refused(answer: Answer, request: Request, *, accepted_before: bool) -> str:
    if not same_origin(answer.url, request.url):
        return (
            f"{redacted(request.url)} redirects to {redacted(answer.url)}, and credentials are not sent to another "
            "server. If it is the right one, put that URL into carddav_url."
        )
    if accepted_before:
        return (
            f"{redacted(answer.url)} refused the login, which it has accepted before. Either it wants fewer logins for "
            "a while, which passes by itself, or the password has been changed or revoked: check carddav_username and "
            "carddav_password."
        )
    advice = unknown_logins(answer.headers) or (
        "Check carddav_username and carddav_password; Fastmail wants the whole address and an app password that may "
        "use contacts."
    )
    return f"{redacted(answer.url)} refused the login. {advice}"
