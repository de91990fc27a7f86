"""Push over an event stream (RFC 8620 section 7.3)."""

import json

import pytest

from mailroom.push.sse import ServerSentEvent
from tests.integration.conversation import Conversation
from tests.integration.listening import Listener, listening
from tests.integration.messages import message
from tests.integration.real_time import on_reactor
from tests.integration.servers import MailServer


async def email_state_heard(listener: Listener, jmap: Conversation) -> str:
    """The Email state that the next event announces."""
    event = await listener.next_event()
    change = json.loads(event.data)
    assert (event.type, change["@type"]) == ("state", "StateChange")
    return str(change["changed"][await jmap.account_id()]["Email"])


@on_reactor
async def test_delivery_is_announced(jmap: Conversation, server: MailServer) -> None:
    """New mail makes a state event with an id, and the Email state that it tells is the one that a get tells."""
    async with listening(jmap) as listener:
        server.deliver(message())
        heard = await email_state_heard(listener, jmap)
    assert heard == await jmap.email_state()


@on_reactor
async def test_own_write_is_announced(jmap: Conversation, server: MailServer) -> None:
    """A write through the API comes back as an event with the new state of its answer: an echo is told by it."""
    server.deliver(message())
    (email,) = await jmap.emails()
    async with listening(jmap) as listener:
        answer = await jmap.ask("Email/set", update={email: {"keywords/$flagged": True}})
        assert await email_state_heard(listener, jmap) == answer["newState"]


@on_reactor
async def test_burst_is_announced_as_one(jmap: Conversation, server: MailServer) -> None:
    """A burst of mail makes fewer events than mails, and the last of them tells the last state."""
    async with listening(jmap) as listener:
        server.deliver(*(message(subject=f"Mail {number}") for number in range(20)))
        last = await jmap.email_state()
        events = 1
        while await email_state_heard(listener, jmap) != last:
            events += 1
    assert events < 20


@on_reactor
async def test_missed_change_is_replayed(jmap: Conversation, server: MailServer) -> None:
    """Whoever comes back with the id of the last event hears at once what was missed."""
    async with listening(jmap) as listener:
        server.deliver(message())
        heard = await listener.next_event()
    server.deliver(message(subject="Missed"))
    async with listening(jmap, last_event_id=heard.last_event_id) as listener:
        assert await email_state_heard(listener, jmap) == await jmap.email_state()


@on_reactor
async def test_any_old_id_tells_all_states(jmap: Conversation, server: MailServer) -> None:
    """The id 0, which no event had, asks for the state of now."""
    server.deliver(message())
    async with listening(jmap, last_event_id="0") as listener:
        assert await email_state_heard(listener, jmap) == await jmap.email_state()


@on_reactor
async def test_idle_stream_pings(jmap: Conversation) -> None:
    """Nothing is sent on connect; after the interval asked for comes a ping, which tells it and has no id."""
    async with listening(jmap, ping=1) as listener:
        assert await listener.next_event() == ServerSentEvent("ping", '{"interval":1}', "")


@on_reactor
async def test_closeafter_state_ends_the_stream(jmap: Conversation, server: MailServer) -> None:
    """With `closeafter=state` the server hangs up after one event."""
    async with listening(jmap, closeafter="state") as listener:
        server.deliver(message())
        await listener.next_event()
        assert await listener.ended
        assert listener.unheard == []


@pytest.mark.parametrize("types", ["Email", "Email,Mailbox", "Email,Bogus"])
@on_reactor
async def test_types_are_a_list(jmap: Conversation, server: MailServer, types: str) -> None:
    """Types may be named, with their comma percent-encoded; unknown ones do no harm."""
    async with listening(jmap, types=types) as listener:
        server.deliver(message())
        assert await email_state_heard(listener, jmap) == await jmap.email_state()


@on_reactor
async def test_stream_needs_credentials(jmap: Conversation) -> None:
    """A stream without valid credentials is answered by 401."""
    url = (await jmap.session())["eventSourceUrl"].partition("{")[0] + "*"
    answer = await jmap.fetch(url, credentials=jmap.wrong_login)
    assert answer.status == 401


@on_reactor
async def test_no_types_no_stream(jmap: Conversation) -> None:
    """A request that asks for no types is answered by 204: there is nothing to hear."""
    url = (await jmap.session())["eventSourceUrl"].partition("?")[0]
    answer = await jmap.fetch(url)
    assert answer.status == 204


@on_reactor
async def test_server_ends_streams_in_good_order(impatient_server: MailServer) -> None:
    """A server that limits the life of its streams ends them as any other body, pings or not."""
    async with listening(Conversation(impatient_server), ping=30) as listener:
        assert await listener.ended
