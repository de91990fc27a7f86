"""Who a mail is from: what `from` says for each way to write a From header (RFC 8621 section 4.1.2.3)."""

from typing import Any

import pytest

from tests.integration.conversation import Conversation
from tests.integration.messages import message, message_with
from tests.integration.real_time import on_reactor
from tests.integration.servers import MailServer


async def only_mail(jmap: Conversation, *properties: str) -> dict[str, Any]:
    answer = await jmap.ask("Email/get", ids=await jmap.emails(), properties=list(properties))
    (email,) = answer["list"]
    return dict(email)


@pytest.mark.parametrize(
    ("header", "name", "email"),
    [
        ("bob@example.com", None, "bob@example.com"),
        ("Bob Stone <bob@example.com>", "Bob Stone", "bob@example.com"),
        ("bob@example.com (Bob Stone)", "Bob Stone", "bob@example.com"),
        ("Bob\r\n <bob@example.com>", "Bob", "bob@example.com"),
        ('"" <bob@example.com>', None, "bob@example.com"),
        ('"bob@example.com" <mallory@attacker.example>', "bob@example.com", "mallory@attacker.example"),
        ("=?utf-8?q?Jos=C3=A9?= <jose@example.com>", "José", "jose@example.com"),
        ("BOB@Example.COM", None, "BOB@example.com"),
        ("bob+tag@example.com", None, "bob+tag@example.com"),
        ("*@example.com", None, "*@example.com"),
        ('"a b"@example.com', None, "a b@example.com"),
        ('<"bob"@example.com>', None, "bob@example.com"),
        ('<"x@y"@z.example>', None, "x@y@z.example"),
        ("<x@y@z.example>", None, "x@y@z.example"),
        (r'<"a\"b"@example.com>', None, 'a"b@example.com'),
        ("<bob@example.com.>", None, "bob@example.com"),
        ("José <josé@exämple.example>", "José", "josé@xn--exmple-cua.example"),
        ("<jose@xn--exmple-cua.example>", None, "jose@xn--exmple-cua.example"),
        ("Bob <>", "Bob", ""),
    ],
)
@on_reactor
async def test_one_sender(jmap: Conversation, server: MailServer, header: str, name: str | None, email: str) -> None:
    """One address is one sender; quotes of the local part are notation, and domains come as A-labels in lower case."""
    server.deliver(message(header))
    mail = await only_mail(jmap, "from")
    assert mail["from"] == [{"name": name, "email": email}]


@pytest.mark.parametrize(
    ("headers", "last", "every"),
    [
        (["To: carol@example.com"], [], []),
        (["From: "], [], [[]]),
        (["From: root"], [], [[]]),
        (["From: undisclosed-recipients:;"], [], [[]]),
        (["From: Pals: a@x.example, b@x.example;"], ["a@x.example", "b@x.example"], [["a@x.example", "b@x.example"]]),
        (["From: a@x.example, b@x.example"], ["a@x.example", "b@x.example"], [["a@x.example", "b@x.example"]]),
        (["From: a@x.example", "From: b@x.example"], ["b@x.example"], [["a@x.example"], ["b@x.example"]]),
    ],
    ids=["no header", "empty", "no address", "empty group", "group", "two addresses", "two headers"],
)
@on_reactor
async def test_not_one_sender(
    jmap: Conversation, server: MailServer, headers: list[str], last: list[str], every: list[list[str]]
) -> None:
    """`from` tells of the last From header alone; `header:From:asAddresses:all` tells of each."""
    server.deliver(message_with(*headers))
    mail = await only_mail(jmap, "from", "header:From:asAddresses:all")
    assert spelled(mail["from"]) == last
    assert [spelled(addresses) for addresses in mail["header:From:asAddresses:all"]] == every


def spelled(addresses: list[dict[str, Any]] | None) -> list[str]:
    """The addresses of a list; null stands for none."""
    return [address["email"] for address in addresses or ()]
