"""Senders that a server's search reads as something else: their mail is found, and nobody else's is touched."""

import pytest

from tests.integration.real_time import on_reactor
from tests.integration.servers import MailServer
from tests.integration.service import running
from tests.integration.service_user import User

CROWD = {
    "bob@example.com": ("bob@example.com", "BOB@Example.COM", "Bob <Bob@example.com>"),
    "news@shop.example": ("news@shop.example <news@shop.example>", "NEWS@Shop.example <News@shop.EXAMPLE>"),
    "a b@example.com": ('"a b"@example.com', 'Spaced <"A B"@example.com>'),
    "x@y@z.example": ('"x@y"@z.example', '<"X@y"@Z.example>'),
    "josé@xn--exmple-cua.example": ("<josé@exämple.example>", "José <josé@xn--exmple-cua.example>"),
}
"""The ways in which each sender writes their From header."""
OTHERS = (
    "*@example.com",
    "bob@example.com.au",
    "bob+tag@example.com",
    '"bob@example.com" <mallory@attacker.example>',
    "a@example.com",
    "b@example.com",
    "y@z.example",
    "jose@xn--exmple-cua.example",
    "notbob@example.com",
)
"""Those who look like one of them. Once the last one's mail is indexed, all is."""


@pytest.mark.parametrize("sender", CROWD)
@on_reactor
async def test_exactly_the_senders_own_mail_is_swept(server: MailServer, user: User, sender: str) -> None:
    """From the screener, where new mail is that the server's index has not seen yet, and from elsewhere."""
    everybody = [header for headers in CROWD.values() for header in headers] + list(OTHERS)
    await user.receive({f"old {header}": header for header in everybody}, "Paper Trail")
    assert await user.is_found(OTHERS[-1], 1) == 1
    await user.receive({header: header for header in everybody})
    await user.tap("@ToFeed", CROWD[sender][0])
    async with running(server) as service:
        await service.log.expect(f"senders=1 moved={2 * len(CROWD[sender])}")
    own = {subject for header in CROWD[sender] for subject in (header, f"old {header}")}
    assert {subject for subject, mailboxes in (await user.mailboxes()).items() if mailboxes == {"Feed"}} == own
    assert await user.groups_of(sender) == ["Feed", "Mailroom"]


@on_reactor
async def test_a_sender_who_may_be_read_as_a_pattern_is_refused(server: MailServer, user: User) -> None:
    """A Cyrus would take the contact for everybody at that domain; so none is made, and the log says why."""
    await user.receive({"Star": "*@example.com", "Bob": "bob@example.com"})
    await user.tap("@ToJail", "Star")
    async with running(server) as service:
        await service.log.expect("may be read as a pattern")
    assert await user.mailboxes() == {"Star": {"Screener", "@ToJail", "@MailroomError"}, "Bob": {"Screener"}}
    assert await user.groups_of("*@example.com") == []
