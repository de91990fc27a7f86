"""An event stream as it stands on the wire (RFC 8620 section 7.3), event by event."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.iweb import IResponse

from mailroom.http.body import abort
from mailroom.push.sse import EventStreamDecoder, ServerSentEvent
from tests.integration.conversation import Conversation
from tests.integration.real_time import DEADLINE, reactor


class Listener(Protocol):
    """Takes events until one side hangs up."""

    def __init__(self, response: IResponse) -> None:
        self.status = response.code
        self._decoder = EventStreamDecoder()
        self._events: DeferredQueue[ServerSentEvent] = DeferredQueue()
        self.ended: Deferred[bool] = Deferred()
        """Fires when the stream is over, with whether the server ended it in good order."""
        response.deliverBody(self)

    def dataReceived(self, data: bytes) -> None:
        for event in self._decoder.feed(data):
            self._events.put(event)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.ended.callback(reason.check(ResponseDone, PotentialDataLoss) is not None)

    def next_event(self) -> Deferred[ServerSentEvent]:
        return self._events.get().addTimeout(DEADLINE, reactor)

    @property
    def unheard(self) -> list[ServerSentEvent]:
        """What has come and was not asked for yet."""
        return list(self._events.pending)


@asynccontextmanager
async def listening(
    jmap: Conversation, *, types: str = "*", closeafter: str = "no", ping: int = 0, last_event_id: str = ""
) -> AsyncIterator[Listener]:
    """A stream with these parameters, hung up in the end."""
    url = (await jmap.session())["eventSourceUrl"]
    for variable, value in (("types", types), ("closeafter", closeafter), ("ping", str(ping))):
        url = url.replace(f"{{{variable}}}", quote(value, safe=""))
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    opened = await jmap.open(url, {"Accept": "text/event-stream", **headers})
    listener = Listener(opened.response)
    try:
        yield listener
    finally:
        abort(listener)
        await listener.ended
