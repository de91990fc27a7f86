"""What every request to the web port has to pass, and what every answer carries.

What is behind this only reads, so it is asked with GET and HEAD alone, and by a name that `web.host` lets in.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.python.compat import nativeString
from twisted.web.http import BAD_REQUEST, NOT_ALLOWED
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource, Resource
from twisted.web.server import Request

from mailroom.web.host import is_loopback, named_host

HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
)
"""On every answer: nothing keeps it, no page of another site shows it, and no browser runs anything in it."""
_METHODS: Final = ("GET", "HEAD")
_MISDIRECTED_REQUEST: Final = 421
"""RFC 9110 section 15.5.20."""


_ASK_FOR_LOCALHOST: Final = "On this machine, ask for localhost or 127.0.0.1. A proxy has to send that as the Host."


class Front(Resource):
    """Refuses in a sentence what has no business here, and leaves the rest to what is behind it."""

    isLeaf = True  # noqa: N815 - the name is Twisted's

    def __init__(self, behind: IResource) -> None:
        Resource.__init__(self)
        self._behind = behind

    def render(self, request: Request) -> int | bytes:
        # Which server this is, and of which version, is nobody's business. The request has set it a moment ago.
        request.responseHeaders.removeHeader("Server")
        for name, value in HEADERS.items():
            request.setHeader(name, value)
        refusal = _bad_host(request) or _bad_path(request) or _bad_method(request)
        if refusal is not None:
            status, reason = refusal
            request.setResponseCode(status)
            return text_answer(request, reason)
        answer: int | bytes = self._behind.render(request)
        return answer


def text_answer(request: IRequest, text: str) -> bytes:
    """A sentence as the body of an answer."""
    return _answer(request, "text/plain; charset=utf-8", text)


def json_answer(request: IRequest, value: object) -> bytes:
    """A value as the body of an answer, set out so that people can read it."""
    return _answer(request, "application/json", json.dumps(value, indent=2))


def _answer(request: IRequest, content_type: str, text: str) -> bytes:
    body = f"{text}\n".encode()
    request.setHeader("Content-Type", content_type)
    request.setHeader("Content-Length", str(len(body)))
    return body


def _bad_host(request: Request) -> tuple[int, str] | None:
    values = [value.decode("latin-1") for value in request.requestHeaders.getRawHeaders(b"Host", [])]
    # HTTP/1.0 knows no Host, and no browser speaks it.
    if not values and request.clientproto == b"HTTP/1.0":
        return None
    host = named_host(values)
    if host is None:
        return BAD_REQUEST, "A request has one Host header, with a host name or an address."
    if not is_loopback(host) and _came_over_loopback(request):
        return (
            _MISDIRECTED_REQUEST,
            _ASK_FOR_LOCALHOST,
        )
    return None


def _came_over_loopback(request: Request) -> bool:
    address = request.getHost()
    return isinstance(address, IPv4Address | IPv6Address) and is_loopback(address.host)


def _bad_path(request: Request) -> tuple[int, str] | None:
    try:
        path = b"/".join(request.postpath or []).decode()
    except UnicodeDecodeError:
        path = "\0"
    return None if path.isprintable() else (BAD_REQUEST, "The path of a request is printable text in UTF-8.")


def _bad_method(request: Request) -> tuple[int, str] | None:
    if nativeString(request.method) in _METHODS:
        return None
    allowed = ", ".join(_METHODS)
    request.setHeader("Allow", allowed)
    return NOT_ALLOWED, f"Only {allowed} are answered here."
