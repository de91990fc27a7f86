"""How long does the server take from a change to its announcement? Only a change tells.

The one that is made here is the least that the protocol knows: a mailbox's place in the order (RFC 8621 section 2) is
set to another number and, in the same request, back again. Nobody sees it, and no mail is touched.
"""

import math
from typing import Final

from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from mailroom.account import Account
from mailroom.core.errors import MailroomError
from mailroom.http.body import abort
from mailroom.jmap.client import Client
from mailroom.jmap.errors import MethodError
from mailroom.jmap.get import Get
from mailroom.jmap.json_values import number
from mailroom.jmap.session import MAIL
from mailroom.jmap.set import Set
from mailroom.jmap.state_change import changed_state
from mailroom.push.failures import NoEventStream
from mailroom.push.probe import ENDED, HEADER_TIMEOUT
from mailroom.push.request import open_stream, stream_url
from mailroom.push.sse import EventStreamDecoder, EventTooLarge

PATIENCE: Final = 5.0
"""Seconds to wait for the announcement."""


class NotSetBack(MailroomError):
    """The server did the change, and refused to undo it."""


async def announcement_delay(account: Account, event_source_url: str, mailbox_id: str) -> float | None:
    """The seconds from a change of this mailbox to its announcement; infinity if none came within `PATIENCE`.

    None where it cannot be told, because the server does not let the mailbox be changed, or takes it for no change.
    Raises a `MailroomError` if the server cannot be reached or has no stream.
    """
    clock, client = account.clock, account.client
    account_id = (await client.session()).account_id(MAIL)
    url = stream_url(event_source_url, types="Mailbox")
    opened = await open_stream(account.streams, url, account.credentials, header_timeout=HEADER_TIMEOUT)
    announced = _Announced(account_id)
    opened.response.deliverBody(announced)
    try:
        before = Get("Mailbox", [mailbox_id], ("sortOrder",))
        await client.run(before)
        began = clock.seconds()
        if not await _change(client, before):
            return None
        heard = Deferred.fromCoroutine(announced.other_than(before.state))
        delay: Deferred[float] = heard.addCallback(lambda _state: clock.seconds() - began)
        return await delay.addTimeout(PATIENCE, clock, lambda _result, _seconds: math.inf)
    finally:
        abort(announced)


async def _change(client: Client, before: Get) -> bool:
    """Change the place of a mailbox in the order, and change it back; whether the server took that for a change."""
    (mailbox,) = before.objects or [{}]
    place = number(mailbox.get("sortOrder"))
    if place is None:
        return False
    other = place - 1 if place else 1
    away, back = (Set("Mailbox", update={mailbox["id"]: {"sortOrder": each}}) for each in (other, place))
    await client.run(away, back)
    if not _done(away):
        return False
    if not _done(back):
        raise NotSetBack(f"The error label's place in the order of mailboxes is {other} now. Set it to {place} again.")
    return any(left != before.state for each in (away, back) for _found, left in each.states)


def _done(change: Set) -> bool:
    try:
        return bool(change.updated)
    except MethodError:
        return False


class _Announced(Protocol):
    """The states of the account's mailboxes that a stream announces."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._decoder = EventStreamDecoder()
        self._states: DeferredQueue[str | None] = DeferredQueue()

    async def other_than(self, known: str) -> str:
        """The first state that is another one. Raises `NoEventStream` if the stream ends before."""
        while (state := await self._states.get()) is not None:
            if state != known:
                return state
        raise NoEventStream(ENDED)

    def dataReceived(self, data: bytes) -> None:
        try:
            events = self._decoder.feed(data)
        except EventTooLarge as error:
            events = error.events
            abort(self)
        for event in events:
            state = changed_state(event.data, self._account_id, "Mailbox")
            if state is not None:
                self._states.put(state)

    def connectionLost(self, _reason: Failure = connectionDone) -> None:
        self._states.put(None)
