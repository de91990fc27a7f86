"""The event source: tells listeners which states are new (RFC 8620 section 7.3)."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.web.server import Request

from mailroom.sandbox.options import SandboxOptions
from mailroom.sandbox.store.journal import Journal
from mailroom.sandbox.web.incoming import drop

ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a listener asked for. `ping` is in seconds, 0 for none; `told` is the modseq it has heard of."""

    types: Collection[str]
    closes_after_state: bool
    ping: int
    told: int


class Stream:
    """One listener, until it leaves or the server ends it."""

    def __init__(self, request: Request, wanted: Subscription, clock: IReactorTime) -> None:
        self._request = request
        self._clock = clock
        self._ping_call: IDelayedCall | None = None
        self._end_call: IDelayedCall | None = None
        self.wanted = wanted
        self.told = wanted.told
        self.ended: Deferred[None] = Deferred()

    def start(self, lifetime: float | None) -> None:
        """Send the head of the answer, which is all that a listener gets until something happens."""
        self._request.setHeader("content-type", "text/event-stream")
        self._request.setHeader("cache-control", "no-cache")
        self._request.write(b"")
        self._await_ping()
        if lifetime is not None:
            self._end_call = self._clock.callLater(lifetime, self.end)

    def send_states(self, envelope: dict[str, Any], modseq: int, event_id: str | None) -> None:
        self.told = modseq
        self._send("state", envelope, event_id)
        if self.wanted.closes_after_state:
            self.end()

    def end(self) -> None:
        """End the answer, as a server does that has nothing more to say."""
        if not self.ended.called:
            self.ended.callback(None)

    def abort(self) -> None:
        """Drop the connection in the middle of the answer."""
        drop(self._request)

    def stop(self) -> None:
        """Cancel what was still to come."""
        for call in (self._ping_call, self._end_call):
            if call is not None and call.active():
                call.cancel()

    def _send(self, event: str, data: dict[str, Any], event_id: str | None = None) -> None:
        head = "" if event_id is None else f"id: {event_id}\n"
        self._request.write(f"{head}event: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode())
        self._await_ping()

    def _ping(self) -> None:
        self._send("ping", {"interval": self.wanted.ping})

    def _await_ping(self) -> None:
        if self._ping_call is not None and self._ping_call.active():
            self._ping_call.reset(self.wanted.ping)
        elif self.wanted.ping:
            self._ping_call = self._clock.callLater(self.wanted.ping, self._ping)


class EventSource:
    """Every open stream of an account. Changes of one turn of the reactor become one event."""

    def __init__(self, clock: IReactorTime, journal: Journal, options: SandboxOptions) -> None:
        self._clock = clock
        self._journal = journal
        self._options = options
        self._announcement: IDelayedCall | None = None
        self.streams: list[Stream] = []
        journal.listeners.append(self._changed)

    async def serve(self, request: Request) -> None:
        """Answer a request for events, until the server ends the stream, or the listener leaves, which cancels this."""
        wanted = self._subscription(request)
        if wanted is None:
            request.setResponseCode(204)
            return
        stream = Stream(request, wanted, self._clock)
        self.streams.append(stream)
        try:
            stream.start(self._options.stream_lifetime)
            if self._options.announce_on_connect:
                self._tell(stream, "connect", since=0)
            else:
                self._tell(stream, "change", since=stream.told)
            await stream.ended
        finally:
            self.streams.remove(stream)
            stream.stop()

    def _subscription(self, request: Request) -> Subscription | None:
        """What the query asks for; None without `types`, to which a Cyrus answers 204."""
        query = {name.decode(): values[-1].decode() for name, values in request.args.items()}
        if "types" not in query:
            return None
        ping = int(query["ping"]) if query.get("ping", "").isdecimal() and self._options.pings else 0
        last_event_id = request.getHeader("last-event-id")
        told = self._journal.modseq if last_event_id is None else int(last_event_id.isdecimal() and last_event_id)
        return Subscription(
            types=frozenset(query["types"].split(",")),
            closes_after_state=query.get("closeafter") == "state",
            ping=ping and min(max(ping, self._options.min_ping), self._options.max_ping),
            told=told,
        )

    def _changed(self) -> None:
        if self.streams and not (self._announcement and self._announcement.active()):
            self._announcement = self._clock.callLater(self._options.push_delay, self._announce)

    def _announce(self) -> None:
        for stream in tuple(self.streams):
            self._tell(stream, "change", since=stream.told)

    def _tell(self, stream: Stream, why: str, since: int) -> None:
        states = self._journal.states_since(since)
        changed = {name: state for name, state in states.items() if {name, ANY} & set(stream.wanted.types)}
        if not changed:
            return
        modseq = self._journal.modseq
        envelope: dict[str, Any] = {"@type": "StateChange", "changed": {self._options.account_id: changed}}
        if self._options.announce_on_connect:
            envelope = {"changed": envelope["changed"], "type": why}
        stream.send_states(envelope, modseq, str(modseq) if self._options.event_ids else None)
