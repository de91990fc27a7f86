"""What is read off an HTTP request, and how one is dropped."""

from typing import cast

from twisted.internet.interfaces import ITCPTransport
from twisted.web.server import Request


def path_of(request: Request) -> str:
    """The path as it was sent, still percent-encoded."""
    return request.path.decode()


def body_of(request: Request) -> bytes:
    return b"" if request.content is None else cast("bytes", request.content.read())


def drop(request: Request) -> None:
    """Close the connection, whatever the answer has come to."""
    cast("ITCPTransport", request.transport).abortConnection()
