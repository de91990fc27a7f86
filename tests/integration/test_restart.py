"""A server that dies and comes back: what was acknowledged is kept, and streams take up where they broke."""

from tests.integration.conversation import Conversation
from tests.integration.listening import listening
from tests.integration.messages import message
from tests.integration.real_time import on_reactor
from tests.integration.servers import MailServer


@on_reactor
async def test_acknowledged_mail_survives(jmap: Conversation, server: MailServer) -> None:
    """Mail and state after a crash are those from before it."""
    server.deliver(message(), message())
    before = await jmap.emails(), await jmap.email_state()
    await server.kill()
    await server.start()
    assert (await jmap.emails(), await jmap.email_state()) == before


@on_reactor
async def test_streams_break_with_the_server(jmap: Conversation, server: MailServer) -> None:
    """Whoever listens learns of the server's death at once, not by silence."""
    async with listening(jmap) as listener:
        await server.kill()
        await listener.ended
    await server.start()


@on_reactor
async def test_change_before_the_crash_is_replayed(jmap: Conversation, server: MailServer) -> None:
    """An id from before the crash asks for what has happened since."""
    async with listening(jmap) as listener:
        server.deliver(message())
        heard = await listener.next_event()
    server.deliver(message())
    await server.kill()
    await server.start()
    async with listening(jmap, last_event_id=heard.last_event_id) as listener:
        replayed = await listener.next_event()
    assert await jmap.email_state() in replayed.data
