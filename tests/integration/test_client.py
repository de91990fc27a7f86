"""The service's own JMAP client, on servers that answer for themselves."""

import pytest

from mailroom.jmap.client import Client
from mailroom.jmap.get import Get
from mailroom.jmap.query import QueryAndGet
from mailroom.jmap.session import MAIL
from mailroom.jmap.set import Set
from tests.integration.conversation import login, transport
from tests.integration.messages import message
from tests.integration.real_time import on_reactor
from tests.integration.servers import MailServer


@pytest.fixture
def client(server: MailServer) -> Client:
    """Nothing is known but the host's well-known URL and a password."""
    return Client(transport(), f"{server.url}/.well-known/jmap", login(server.username, server.password))


@on_reactor
async def test_session_is_discovered(client: Client, server: MailServer) -> None:
    """The session is found behind redirects, and its URLs are whole, relative as the server may have written them."""
    session = await client.session()
    assert session.offers(MAIL)
    assert session.api_url.startswith(server.url)
    assert session.event_source_url is not None
    assert session.event_source_url.startswith(server.url)


@on_reactor
async def test_mail_is_found_and_moved(client: Client, server: MailServer) -> None:
    """Operations find a mailbox's mail and move it, and the write's states continue where the reading left off."""
    server.deliver(message("bob@example.com"), message("carol@example.com"))
    mailboxes, feed = Get("Mailbox"), Set("Mailbox", create={"feed": {"name": "Feed"}})
    await client.run(mailboxes, feed)
    inbox, target = mailboxes.objects[0]["id"], feed.created["feed"]["id"]

    found = QueryAndGet("Email", filter={"inMailbox": inbox}, properties=("from",))
    await client.run(found)
    move = {f"mailboxIds/{target}": True, f"mailboxIds/{inbox}": None}
    moved = Set("Email", update={email["id"]: move for email in found.objects})
    left = QueryAndGet("Email", filter={"inMailbox": inbox}, properties=("id",))
    await client.run(moved, left)

    assert {email["from"][0]["email"] for email in found.objects} == {"bob@example.com", "carol@example.com"}
    assert left.objects == []
    assert moved.states == [(found.state, left.state)]
