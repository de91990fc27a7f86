"""A server whose answers are not what it meant to say: an agent that alters them on their way to the client."""

import json
from collections.abc import Callable
from typing import Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ITransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.components import proxyForInterface
from twisted.python.failure import Failure
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from zope.interface import implementer

Alter = Callable[[str, bytes], bytes]
"""From the URL that was asked and what it was answered with to what arrives: whole JSON, or a piece of a stream."""


def alter_json(alter: Callable[[str, Any], Any]) -> Alter:
    """Alter documents, and leave streams and empty answers alone."""

    def alter_body(url: str, body: bytes) -> bytes:
        return json.dumps(alter(url, json.loads(body))).encode() if body[:1] == b"{" else body

    return alter_body


def alter_answers(alter: Callable[[str, dict[str, Any]], Any]) -> Alter:
    """Alter the answers to method calls: from a method and the arguments of its answer to other ones.

    What is a text is the method error of this type in place of the answer.
    """

    def alter_answer(method: str, arguments: dict[str, Any], call_id: str) -> list[Any]:
        altered = alter(method, arguments)
        return ["error", {"type": altered}, call_id] if isinstance(altered, str) else [method, altered, call_id]

    def alter_response(_url: str, document: dict[str, Any]) -> Any:
        responses = document.get("methodResponses")
        return document if responses is None else document | {"methodResponses": [alter_answer(*r) for r in responses]}

    return alter_json(alter_response)


@implementer(IAgent)
class AlteringAgent:
    """Asks another agent. `alter` may be replaced at any time; None lets all through."""

    def __init__(self, agent: Any) -> None:
        self.alter: Alter | None = None
        self._agent = agent

    def flush(self) -> None:
        self._agent.flush()

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,  # noqa: N803 - IAgent's
    ) -> Deferred[IResponse]:
        asked: Deferred[IResponse] = self._agent.request(method, uri, headers, bodyProducer)
        return asked.addCallback(lambda response: cast("IResponse", _Altered(response, self._alter, uri.decode())))

    def _alter(self, url: str, body: bytes) -> bytes:
        return body if self.alter is None else self.alter(url, body)


class _Altered(proxyForInterface(IResponse)):  # type: ignore[misc]  # a class made at run time
    def __init__(self, response: IResponse, alter: Alter, url: str) -> None:
        super().__init__(response)
        self._alter = lambda body: alter(url, body)

    def deliverBody(self, protocol: Protocol) -> None:
        content_type = self.original.headers.getRawHeaders("content-type", [""])[0]
        self.original.deliverBody(_Body(protocol, self._alter, streams="event-stream" in content_type))


class _Body(Protocol):
    def __init__(self, reader: Protocol, alter: Callable[[bytes], bytes], *, streams: bool) -> None:
        self._reader = reader
        self._alter = alter
        self._streams = streams
        self._whole = b""

    def makeConnection(self, transport: ITransport) -> None:  # noqa: N802 - Twisted's
        self._reader.makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:
        if self._streams:
            self._reader.dataReceived(self._alter(data))
        else:
            self._whole += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._whole:
            self._reader.dataReceived(self._alter(self._whole))
        self._reader.connectionLost(reason)
