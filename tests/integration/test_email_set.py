"""Moving mail (RFC 8621 section 4.6, patches of RFC 8620 section 5.3), and the states that tell of it."""

from typing import Any

import pytest

from tests.integration.conversation import Conversation, MethodFailed
from tests.integration.messages import message
from tests.integration.real_time import on_reactor
from tests.integration.servers import MailServer


class OneMail:
    """An account with one mail in the Inbox and two more mailboxes."""

    def __init__(self, jmap: Conversation, server: MailServer) -> None:
        self._jmap = jmap
        self._server = server

    async def prepare(self) -> "OneMail":
        self._server.deliver(message())
        (self.id,) = await self._jmap.emails()
        self.inbox = (await self._jmap.mailboxes())["Inbox"]["id"]
        self.label = await self._jmap.create_mailbox("@ToFeed")
        self.feed = await self._jmap.create_mailbox("Feed")
        return self

    async def patch(self, patch: dict[str, Any], **arguments: object) -> dict[str, Any]:
        return await self._jmap.ask("Email/set", update={self.id: patch}, **arguments)

    async def mailboxes(self) -> set[str] | None:
        """Where the mail is; None if it is no more."""
        answer = await self._jmap.ask("Email/get", ids=[self.id], properties=["mailboxIds"])
        return set(answer["list"][0]["mailboxIds"]) if answer["list"] else None


@on_reactor
async def test_label_is_added(jmap: Conversation, server: MailServer) -> None:
    """A patch adds one mailbox and leaves the others; the answer's value for the mail may be null."""
    mail = await OneMail(jmap, server).prepare()
    answer = await mail.patch({f"mailboxIds/{mail.label}": True})
    assert list(answer["updated"]) == [mail.id]
    assert await mail.mailboxes() == {mail.inbox, mail.label}


@on_reactor
async def test_one_patch_moves(jmap: Conversation, server: MailServer) -> None:
    """Adding one mailbox and removing another in one patch is a move."""
    mail = await OneMail(jmap, server).prepare()
    await mail.patch({f"mailboxIds/{mail.inbox}": None, f"mailboxIds/{mail.feed}": True})
    assert await mail.mailboxes() == {mail.feed}


@on_reactor
async def test_same_patch_twice_changes_nothing(jmap: Conversation, server: MailServer) -> None:
    """A patch that is already true is answered as done, and moves no state."""
    mail = await OneMail(jmap, server).prepare()
    patch = {f"mailboxIds/{mail.feed}": True, f"mailboxIds/{mail.label}": None}
    first = await mail.patch(patch)
    second = await mail.patch(patch)
    assert list(second["updated"]) == [mail.id]
    assert first["oldState"] != first["newState"] == second["oldState"] == second["newState"]


@on_reactor
async def test_leaving_the_only_mailbox_destroys(jmap: Conversation, server: MailServer) -> None:
    """A mail that was elsewhere before and is patched out of its last mailbox is gone, and the answer calls it updated.

    Cyrus refuses the same patch for a mail that has been in no other mailbox yet. So neither may be relied on.
    """
    mail = await OneMail(jmap, server).prepare()
    await mail.patch({f"mailboxIds/{mail.label}": True})
    await mail.patch({f"mailboxIds/{mail.label}": None})
    answer = await mail.patch({f"mailboxIds/{mail.inbox}": None})
    assert list(answer["updated"]) == [mail.id]
    assert await mail.mailboxes() is None


@on_reactor
async def test_no_mailboxes_at_all_is_refused(jmap: Conversation, server: MailServer) -> None:
    """Setting an empty map of mailboxes is refused, and the mail stays."""
    mail = await OneMail(jmap, server).prepare()
    answer = await mail.patch({"mailboxIds": {}})
    assert answer["notUpdated"][mail.id]["type"] == "invalidProperties"
    assert await mail.mailboxes() == {mail.inbox}


@pytest.mark.parametrize("value", [True, None])
@on_reactor
async def test_unknown_mailbox_is_refused(jmap: Conversation, server: MailServer, value: object) -> None:
    """A patch that names a mailbox which is no more fails whole: the rest of it is not done."""
    mail = await OneMail(jmap, server).prepare()
    answer = await mail.patch({f"mailboxIds/{mail.feed}": True, "mailboxIds/nowhere": value})
    assert answer["notUpdated"][mail.id]["type"] == "invalidProperties"
    assert await mail.mailboxes() == {mail.inbox}


@on_reactor
async def test_false_is_no_value(jmap: Conversation, server: MailServer) -> None:
    """A mailbox is left by null; false is refused."""
    mail = await OneMail(jmap, server).prepare()
    answer = await mail.patch({f"mailboxIds/{mail.feed}": True, f"mailboxIds/{mail.inbox}": False})
    assert answer["notUpdated"][mail.id]["type"] == "invalidProperties"


@on_reactor
async def test_one_failure_is_one_mails(jmap: Conversation, server: MailServer) -> None:
    """A mail that is no more is not found, and the other mails of the call are updated."""
    mail = await OneMail(jmap, server).prepare()
    patch = {f"mailboxIds/{mail.feed}": True}
    answer = await jmap.ask("Email/set", update={"Mgone": patch, mail.id: patch})
    assert (answer["notUpdated"]["Mgone"]["type"], list(answer["updated"])) == ("notFound", [mail.id])


@on_reactor
async def test_states_form_a_chain(jmap: Conversation, server: MailServer) -> None:
    """The state that a get tells is the old state of the next write, whose new state the next get tells."""
    mail = await OneMail(jmap, server).prepare()
    before = await jmap.email_state()
    answer = await mail.patch({f"mailboxIds/{mail.feed}": True})
    assert (answer["oldState"], answer["newState"]) == (before, await jmap.email_state())


@on_reactor
async def test_stale_state_is_refused(jmap: Conversation, server: MailServer) -> None:
    """`ifInState` with another state fails the whole call."""
    mail = await OneMail(jmap, server).prepare()
    before = await jmap.email_state()
    await mail.patch({f"mailboxIds/{mail.feed}": True})
    with pytest.raises(MethodFailed) as failed:
        await mail.patch({f"mailboxIds/{mail.label}": True}, ifInState=before)
    assert failed.value.args[0]["type"] == "stateMismatch"


@on_reactor
async def test_label_on_an_old_mail_is_an_update(jmap: Conversation, server: MailServer) -> None:
    """Email/changes tells of a label as an update, and of new mail as a creation."""
    mail = await OneMail(jmap, server).prepare()
    state = await jmap.email_state()
    await mail.patch({f"mailboxIds/{mail.label}": True})
    server.deliver(message(subject="Another"))
    changes = await jmap.ask("Email/changes", sinceState=state)
    assert (changes["updated"], len(changes["created"]), changes["newState"]) == (
        [mail.id],
        1,
        await jmap.email_state(),
    )


@on_reactor
async def test_keywords_are_patched(jmap: Conversation, server: MailServer) -> None:
    """A keyword is set and taken away by patches of its own."""
    mail = await OneMail(jmap, server).prepare()
    await mail.patch({"keywords/$seen": True, "keywords/$flagged": True})
    await mail.patch({"keywords/$seen": None})
    answer = await jmap.ask("Email/get", ids=[mail.id], properties=["keywords"])
    assert answer["list"][0]["keywords"] == {"$flagged": True}
