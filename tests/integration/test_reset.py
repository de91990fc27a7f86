"""An account put back as if Mailroom had never been there."""

import pytest
from twisted.internet.defer import CancelledError, Deferred

from mailroom.account import Account
from mailroom.setup.reset import Reset, ResetPlan, ResetReport
from tests.integration.address_book import AddressBook
from tests.integration.commanding import SEVERAL_PAGES, connect, triage
from tests.integration.conversation import Conversation
from tests.integration.real_time import on_reactor, reactor
from tests.integration.servers import MailLogin, MailServer
from tests.integration.service_user import User


async def reset_of(account: Account) -> Reset:
    return Reset(account.client, await account.open_book(), account.router(), account.settings)


async def plan(login: MailLogin) -> ResetPlan:
    return await (await reset_of(connect(login))).plan(lambda _done, _total: None)


async def reset(login: MailLogin, *, remove_mailboxes: bool = False) -> ResetReport:
    undo = await reset_of(connect(login))
    report = await undo.apply(lambda _done, _total: None, remove_mailboxes=remove_mailboxes)
    assert report.failures == ()
    return report


async def traces(login: MailLogin) -> int:
    """How much of Mailroom's there is in the account."""
    found = await plan(login)
    contacts = found.contacts
    groups = len(contacts.members) + len(contacts.provenance)
    return sum(found.mails.values()) + len(contacts.deleted + contacts.kept + contacts.adopted) + groups + found.rules


@on_reactor
async def test_everything_is_taken_back(server: MailServer, user: User) -> None:
    """Mail, contacts, groups and rules; another reset has nothing to do."""
    await user.receive({"One": "Bob Stone <bob@example.com>", "Other": "ann@example.com"})
    await user.receive({"Kept": "bob@example.com"}, "Inbox")
    await connect(server).router().install(activate=True)
    assert await user.is_found("bob@example.com", 2) == 2
    await triage(server, "bob@example.com", "Truck")
    assert await user.mailboxes() == {
        "One": {"Truck", "Paper Trail"},
        "Kept": {"Truck", "Paper Trail", "Inbox"},
        "Other": {"Screener"},
    }
    found = (await reset(server)).plan
    assert (len(found.contacts.deleted), found.rules) == (1, True)
    assert await user.mailboxes() == {"One": {"Screener"}, "Kept": {"Inbox"}, "Other": {"Screener"}}
    assert await user.groups_of("bob@example.com") == []
    assert await traces(server) == 0


@on_reactor
async def test_what_the_user_has_is_kept(server: MailServer, user: User, jmap: Conversation) -> None:
    """A contact that was there before is as before, byte for byte of what matters: its lines."""
    book = await AddressBook(jmap).discover()
    await user.knows("bob@example.com")
    before = (await book.get("known.vcf")).body
    await triage(server, "bob@example.com", "Feed")
    assert b"Triaged to Feed" in (await book.get("known.vcf")).body
    assert len((await reset(server)).plan.contacts.adopted) == 1
    assert set((await book.get("known.vcf")).body.splitlines()) == set(before.splitlines())


@on_reactor
async def test_empty_mailboxes_are_removed_if_asked_for(server: MailServer, user: User, jmap: Conversation) -> None:
    """Those with mail in them are left, and so is every mailbox of the user's own."""
    await user.receive({"One": "bob@example.com"})
    await triage(server, "bob@example.com", "Feed")
    report = await reset(server, remove_mailboxes=True)
    assert report.left == ('mailbox "Screener"',)
    assert set(await jmap.mailboxes()) == {"Inbox", "Screener"}
    assert await user.mailboxes() == {"One": {"Screener"}}


@on_reactor
async def test_a_reset_may_be_broken_off(server: MailServer, user: User) -> None:
    """In the middle of the mail; the next one does the rest."""
    mails = {f"Mail {number}": "bob@example.com" for number in range(SEVERAL_PAGES)}
    await user.move_in_with(mails, "Feed")
    await triage(server, "ann@example.com", "Feed")

    def break_off(_done: int, _total: int) -> None:
        reactor.callLater(0, resetting.cancel)

    undo = await reset_of(connect(server))
    resetting = Deferred.fromCoroutine(undo.apply(break_off, remove_mailboxes=False))
    with pytest.raises(CancelledError):
        await resetting
    done = sum(mailboxes == {"Screener"} for mailboxes in (await user.mailboxes()).values())
    assert 0 < done < SEVERAL_PAGES
    await reset(server)
    assert await user.mailboxes() == {key: {"Screener"} for key in mails}
    assert await traces(server) == 0
