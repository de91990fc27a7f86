"""What becomes of the next mail: delivered over LMTP to a real Cyrus, whose Sieve does the rest."""

from collections.abc import Iterator
from typing import Any

import pytest

from mailroom.routing.sieve import known_by_list
from mailroom.routing.sieve_syntax import Action, Branch
from tests.integration.cyrus.instance import Cyrus
from tests.integration.messages import message
from tests.integration.real_time import finish, on_reactor
from tests.integration.routing import OWN_SCRIPT, rules_of
from tests.integration.servers import CyrusAccount
from tests.integration.service import running, settings_for
from tests.integration.service_user import User

pytestmark = pytest.mark.cyrus
MODES = pytest.mark.parametrize("routing", ["groups", "addresses"])
BOB, ANN = "bob@example.com", "ann@example.com"


@pytest.fixture
def account(cyrus: Cyrus, usernames: Iterator[str]) -> CyrusAccount:
    return CyrusAccount(cyrus, next(usernames))


@pytest.fixture
def user(account: CyrusAccount) -> User:
    return finish(User(account, settings_for(account)).furnish())


def deliver(account: CyrusAccount, **mails: str) -> None:
    """Deliver mails, given by subject and From header."""
    account.deliver(*(message(sender, subject) for subject, sender in mails.items()))


async def install(account: CyrusAccount, routing: str, *, activate: bool = False) -> None:
    state = await rules_of(account, routing=routing).router.install(activate=activate)
    assert state.mode == routing


@MODES
@on_reactor
async def test_a_strangers_mail_lands_in_the_screener(account: CyrusAccount, user: User, routing: str) -> None:
    """Nobody is known yet, so everybody is looked at first."""
    await install(account, routing)
    deliver(account, One=BOB)
    assert await user.mailboxes() == {"One": {"Screener"}}


@MODES
@on_reactor
async def test_after_a_tap_the_next_mail_is_filed_by_itself(account: CyrusAccount, user: User, routing: str) -> None:
    """The whole story: screened, tapped once, and then filed at delivery, however the address is spelled."""
    await install(account, routing)
    deliver(account, One=BOB)
    await user.tap("@ToFeed", "One")
    async with running(account, routing=routing) as service:
        await service.log.expect("poll completed trigger=fallback senders=1 moved=1")
    deliver(account, Two='"Bob" <BOB@Example.COM>', Other=ANN, Similar="bob+tag@example.com")
    assert await user.mailboxes() == {
        "One": {"Feed"},
        "Two": {"Feed"},
        "Other": {"Screener"},
        "Similar": {"Screener"},
    }


@MODES
@on_reactor
async def test_a_childs_mail_lands_in_both_mailboxes(account: CyrusAccount, user: User, routing: str) -> None:
    """The parent files too, but whether mail stays in the Inbox is the child's to say."""
    await install(account, routing)
    deliver(account, Truck=BOB, Person=ANN, Imbox="cat@example.com")
    await user.tap("@ToTruck", "Truck")
    await user.tap("@ToPerson", "Person")
    await user.tap("@ToImbox", "Imbox")
    async with running(account, routing=routing) as service:
        await service.log.expect("poll completed trigger=fallback senders=3")
    deliver(account, Truck2=BOB, Person2=ANN, Imbox2="cat@example.com")
    mailboxes = await user.mailboxes()
    assert mailboxes["Truck2"] == {"Truck", "Paper Trail"}
    assert mailboxes["Person2"] == {"Person", "Imbox"}
    assert mailboxes["Imbox2"] == {"Imbox", "Inbox"}


@MODES
@on_reactor
async def test_a_retriage_changes_the_route(account: CyrusAccount, user: User, routing: str) -> None:
    """The next mail goes where the last label says, and nowhere else."""
    await install(account, routing)
    deliver(account, One=BOB)
    await user.tap("@ToBillboard", "One")
    async with running(account, routing=routing) as service:
        await service.log.expect("triaged bob@example.com to Billboard")
        await service.settle()
        await user.tap("@ToFeed", "One")
        await service.log.expect("poll completed trigger=push senders=1")
    deliver(account, Two=BOB)
    assert (await user.mailboxes())["Two"] == {"Feed"}


@MODES
@on_reactor
async def test_a_contact_in_no_group_goes_to_the_inbox(account: CyrusAccount, user: User, routing: str) -> None:
    """Whom the user knows already is no stranger."""
    await user.knows(BOB)
    await install(account, routing)
    deliver(account, One=BOB)
    assert await user.mailboxes() == {"One": {"Inbox"}}


@on_reactor
async def test_a_contact_made_later_is_known_at_once(account: CyrusAccount, user: User) -> None:
    """Also in a script with addresses, where the server knows the contacts itself."""
    await install(account, "addresses")
    await user.knows(BOB)
    deliver(account, One=BOB)
    assert await user.mailboxes() == {"One": {"Inbox"}}


@on_reactor
async def test_a_renamed_mailbox_is_still_found(account: CyrusAccount, user: User) -> None:
    """The script names mailboxes by their ids."""
    await install(account, "groups")
    await user.rename("Screener", "Waiting room")
    deliver(account, One=BOB)
    assert await user.mailboxes() == {"One": {"Waiting room"}}


@on_reactor
async def test_included_in_the_users_own_script(account: CyrusAccount, user: User) -> None:
    """The two lines of the advice are enough, and the user's own rules go on."""
    rules = rules_of(account, routing="groups")
    await rules.write("mine", OWN_SCRIPT)
    await install(account, "groups")
    deliver(account, Before=BOB)
    await rules.write("mine", 'require ["include"];\r\n' + OWN_SCRIPT + 'include :personal "mailroom";\r\n')
    deliver(account, After=BOB, Secret=BOB)
    assert await user.mailboxes() == {"Before": {"Inbox"}, "After": {"Screener"}, "Secret": {"Jail", "Screener"}}
    state = await rules.router.state()
    assert (state.effective, state.active, state.other) == (True, False, "mine")


@on_reactor
async def test_removed_without_a_trace(account: CyrusAccount, user: User) -> None:
    """Mail goes to the Inbox, as before Mailroom."""
    await install(account, "groups")
    assert await rules_of(account).router.remove()
    deliver(account, One=BOB)
    assert await user.mailboxes() == {"One": {"Inbox"}}


@on_reactor
async def test_contacts_that_the_mail_server_does_not_have(account: CyrusAccount, user: User) -> None:
    """The script carries everybody's address, so that nobody known is screened, and is renewed by each triage."""
    elsewhere: dict[str, Any] = {"carddav_url": account.url.replace("127.0.0.1", "localhost")}
    await user.knows(ANN)
    state = await rules_of(account, **elsewhere).router.install()
    assert state.mode == "addresses"
    deliver(account, One=BOB, Known=ANN)
    await user.tap("@ToFeed", "One")
    async with running(account, **elsewhere) as service:
        await service.log.expect("poll completed trigger=fallback senders=1")
    deliver(account, Two=BOB, Other="cat@example.com")
    assert await user.mailboxes() == {"One": {"Feed"}, "Known": {"Inbox"}, "Two": {"Feed"}, "Other": {"Screener"}}


@on_reactor
async def test_the_default_address_book_as_a_list(account: CyrusAccount, user: User) -> None:
    """Where a server has no other way to tell who is known, it still has that one."""
    await user.knows(BOB)
    rules = rules_of(account)
    strangers = Branch(~known_by_list(["cat@example.com"]), [Action('fileinto "Screener";')])
    script = "\r\n".join(['require ["extlists", "fileinto"];', *strangers.lines, ""])
    await rules.write("mine", script)
    deliver(account, Known=BOB, Listed="cat@example.com", Stranger=ANN)
    assert await user.mailboxes() == {"Known": {"Inbox"}, "Listed": {"Inbox"}, "Stranger": {"Screener"}}
