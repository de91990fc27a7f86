"""Mailboxes (RFC 8621 section 2)."""

import pytest

from tests.integration.conversation import Conversation, MethodFailed
from tests.integration.messages import message
from tests.integration.real_time import on_reactor
from tests.integration.servers import MailServer


@on_reactor
async def test_fresh_account_has_an_inbox_alone(jmap: Conversation) -> None:
    """A new account has one mailbox, whose role says that it is the Inbox."""
    mailboxes = await jmap.mailboxes()
    assert [(box["role"], box["parentId"], box["totalEmails"]) for box in mailboxes.values()] == [("inbox", None, 0)]


@on_reactor
async def test_created_mailbox_is_there(jmap: Conversation) -> None:
    """A mailbox exists as soon as its creation is answered, without a role unless one was asked for."""
    feed = await jmap.create_mailbox("Feed")
    trash = await jmap.create_mailbox("Trash", role="trash")
    mailboxes = await jmap.mailboxes()
    assert [(mailboxes[name]["id"], mailboxes[name]["role"]) for name in ("Feed", "Trash")] == [
        (feed, None),
        (trash, "trash"),
    ]


@on_reactor
async def test_label_like_names_are_names(jmap: Conversation) -> None:
    """A name that begins with `@` is kept as it is."""
    label = await jmap.create_mailbox("@ToFeed")
    assert (await jmap.mailboxes())["@ToFeed"]["id"] == label


@on_reactor
async def test_mailboxes_nest(jmap: Conversation) -> None:
    """A name may stand twice under different parents."""
    parent = await jmap.create_mailbox("Feed")
    await jmap.create_mailbox("News", parentId=parent)
    await jmap.create_mailbox("News")
    answer = await jmap.ask("Mailbox/get", ids=None, properties=["name", "parentId"])
    assert {box["parentId"] for box in answer["list"] if box["name"] == "News"} == {None, parent}


@on_reactor
async def test_second_sibling_of_a_name_is_refused(jmap: Conversation) -> None:
    """Names are unique among siblings, and the refusal is that mailbox's alone."""
    await jmap.create_mailbox("Feed")
    answer = await jmap.ask("Mailbox/set", create={"again": {"name": "Feed"}, "other": {"name": "Other"}})
    assert (answer["notCreated"]["again"]["type"], list(answer["created"])) == ("invalidProperties", ["other"])


@on_reactor
async def test_unknown_mailbox_is_not_found(jmap: Conversation) -> None:
    """An id that names nothing is in `notFound`, and the rest of the answer stands."""
    inbox = (await jmap.mailboxes())["Inbox"]["id"]
    answer = await jmap.ask("Mailbox/get", ids=[inbox, "nowhere"], properties=["name"])
    assert ([box["name"] for box in answer["list"]], answer["notFound"]) == (["Inbox"], ["nowhere"])


@on_reactor
async def test_mailbox_with_mail_is_not_destroyed(jmap: Conversation, server: MailServer) -> None:
    """A mailbox that holds mail is kept unless its mail is given up in so many words."""
    feed = await jmap.create_mailbox("Feed")
    server.deliver(message())
    (email,) = await jmap.emails()
    await jmap.ask("Email/set", update={email: {f"mailboxIds/{feed}": True}})
    answer = await jmap.ask("Mailbox/set", destroy=[feed])
    assert answer["notDestroyed"][feed]["type"] == "mailboxHasEmail"


@on_reactor
async def test_changes_tell_counts_from_names(jmap: Conversation, server: MailServer) -> None:
    """New mail is a change of the Inbox, of which only counts are named: its name needs no second look."""
    state = (await jmap.ask("Mailbox/get", ids=[]))["state"]
    server.deliver(message())
    changes = await jmap.ask("Mailbox/changes", sinceState=state)
    inbox = (await jmap.mailboxes())["Inbox"]["id"]
    assert changes["updated"] == [inbox]
    assert set(changes["updatedProperties"]) <= {"totalEmails", "unreadEmails", "totalThreads", "unreadThreads"}


@on_reactor
async def test_changes_since_an_unknown_state_cannot_be_told(jmap: Conversation) -> None:
    """A state that the server never gave is answered by an error: the client starts anew."""
    with pytest.raises(MethodFailed) as failed:
        await jmap.ask("Mailbox/changes", sinceState="never-given")
    assert failed.value.args[0]["type"] == "cannotCalculateChanges"
