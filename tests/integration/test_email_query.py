"""Finding mail (RFC 8621 section 4.4): what the filters find, and what only looks as if they would."""

from typing import Any

import pytest

from tests.integration.conversation import Conversation, MethodFailed
from tests.integration.messages import message
from tests.integration.real_time import eventually, on_reactor
from tests.integration.servers import MailServer

NEIGHBOURS = {
    "bob": "bob@example.com",
    "BOB": "BOB@Example.COM",
    "named": "Bob Stone <bob@example.com>",
    "tag": "bob+tag@example.com",
    "notbob": "notbob@example.com",
    "longer": "bob@example.com.au",
    "display": '"bob@example.com" <mallory@attacker.example>',
    "two": "carol@example.com, bob@example.com",
}
"""Senders whose addresses hold or resemble one another, by the subject of their mail."""

ODD = {
    "star": "*@example.com",
    "space": '"a b"@example.com',
    "at": '<"x@y"@z.example>',
    "accent": "José <josé@example.com>",
    "percent": "100%@example.com",
}
"""Senders whose addresses a search may read as something else."""


async def deliver(jmap: Conversation, server: MailServer, senders: dict[str, str]) -> None:
    """One mail of each sender, findable by its words when this returns."""
    server.deliver(*(message(sender, subject) for subject, sender in senders.items()))
    last = list(senders)[-1]
    indexed = await eventually(lambda: jmap.emails(subject=last), bool)
    assert indexed, "the server does not index its mail"


async def found(jmap: Conversation, filter_: dict[str, Any]) -> list[str]:
    """The subjects of the mails that a filter finds, in the order of the alphabet."""
    answer = await jmap.ask("Email/get", ids=await jmap.emails(**filter_), properties=["subject"])
    return sorted(email["subject"] for email in answer["list"])


@on_reactor
async def test_new_mail_is_in_its_mailbox_at_once(jmap: Conversation, server: MailServer) -> None:
    """A mail is found by its mailbox as soon as its delivery is acknowledged: no index has a part in it."""
    inbox = (await jmap.mailboxes())["Inbox"]["id"]
    server.deliver(message(), message())
    assert len(await jmap.emails(inMailbox=inbox)) == 2


@on_reactor
async def test_mailboxes_are_alternatives_without_duplicates(jmap: Conversation, server: MailServer) -> None:
    """A mail in several of the mailboxes asked for is found once."""
    inbox = (await jmap.mailboxes())["Inbox"]["id"]
    feed = await jmap.create_mailbox("Feed")
    server.deliver(message(), message())
    both, _only_inbox = await jmap.emails()
    await jmap.ask("Email/set", update={both: {f"mailboxIds/{feed}": True}})
    conditions = [{"inMailbox": feed}, {"inMailbox": inbox}]
    assert len(await jmap.emails(operator="OR", conditions=conditions)) == 2


@pytest.mark.parametrize("spelling", ["bob@example.com", "BOB@EXAMPLE.COM"])
@on_reactor
async def test_from_finds_an_address_in_any_case(jmap: Conversation, server: MailServer, spelling: str) -> None:
    """The search for a plain address finds the mails of this address, also beside another one."""
    await deliver(jmap, server, NEIGHBOURS)
    assert await found(jmap, {"from": spelling}) == ["BOB", "bob", "named", "two"]


@on_reactor
async def test_from_reads_a_star_as_no_address(jmap: Conversation, server: MailServer) -> None:
    """The search for `*@example.com` finds mails of other senders: what it finds are candidates only."""
    await deliver(jmap, server, {"star": "*@example.com", "bob": "bob@example.com", "other": "bob@other.example"})
    assert await found(jmap, {"from": "*@example.com"}) == ["bob", "star"]


@on_reactor
async def test_from_may_miss_an_address(jmap: Conversation, server: MailServer) -> None:
    """The search for an address with two `@` does not find its own mails: it cannot be all that is asked."""
    await deliver(jmap, server, ODD)
    assert await found(jmap, {"from": "x@y@z.example"}) == []


@pytest.mark.parametrize("spelling", ["bob@example.com", "BOB@Example.com"])
@on_reactor
async def test_header_finds_a_substring_in_any_case(jmap: Conversation, server: MailServer, spelling: str) -> None:
    """The header filter finds the text anywhere in the header, in any case: candidates again, and no index needed."""
    await deliver(jmap, server, NEIGHBOURS)
    expected = ["BOB", "bob", "display", "longer", "named", "notbob", "two"]
    assert await found(jmap, {"header": ["From", spelling]}) == expected


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("*@example.com", "star"),
        ("a b@example.com", "space"),
        ("x@y@z.example", "at"),
        ("josé@example.com", "accent"),
        ("100%@example.com", "percent"),
    ],
)
@on_reactor
async def test_header_finds_odd_addresses(jmap: Conversation, server: MailServer, text: str, subject: str) -> None:
    """Every address is found by the header filter in the spelling that `from` shows, without quotes, and no other."""
    await deliver(jmap, server, ODD)
    assert await found(jmap, {"header": ["From", text]}) == [subject]


@on_reactor
async def test_header_does_not_know_quotes(jmap: Conversation, server: MailServer) -> None:
    """With the quotes that stand in the mail, the header filter finds nothing."""
    await deliver(jmap, server, ODD)
    assert await found(jmap, {"header": ["From", '"a b"@example.com']}) == []


@pytest.mark.parametrize(
    ("filter_", "error"),
    [
        ({"inMailbox": "nowhere"}, "invalidArguments"),
        ({"header": ["From", ""]}, "invalidArguments"),
        ({"frob": "x"}, "invalidArguments"),
    ],
    ids=["unknown mailbox", "empty header text", "unknown condition"],
)
@on_reactor
async def test_filters_that_make_no_sense(jmap: Conversation, filter_: dict[str, Any], error: str) -> None:
    """A filter that the server cannot evaluate is an error, never an empty result."""
    with pytest.raises(MethodFailed) as failed:
        await jmap.emails(**filter_)
    assert failed.value.args[0]["type"] == error


@on_reactor
async def test_pages_cover_everything_once(jmap: Conversation, server: MailServer) -> None:
    """Pages of two hold every mail once, and the page after the last one is empty."""
    server.deliver(*(message(subject=f"Mail {number}") for number in range(5)))
    pages = [await jmap.ask("Email/query", position=position, limit=2) for position in (0, 2, 4, 6)]
    assert [len(page["ids"]) for page in pages] == [2, 2, 1, 0]
    assert len({email for page in pages for email in page["ids"]}) == 5


@on_reactor
async def test_total_is_told_when_asked(jmap: Conversation, server: MailServer) -> None:
    """The number of all matches is given with a page of one."""
    server.deliver(message(), message(), message())
    answer = await jmap.ask("Email/query", limit=1, calculateTotal=True)
    assert (len(answer["ids"]), answer["total"]) == (1, 3)
