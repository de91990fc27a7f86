"""What becomes of the next mail: delivered over LMTP to a real Cyrus, whose Sieve does the rest."""

from typing import Any

from mailroom.routing.sieve import known_by_list
from mailroom.routing.sieve_syntax import Action, Branch
from tests.integration.real_time import on_reactor
from tests.integration.routing import IN_BOTH_MODES, ON_CYRUS, OWN_SCRIPT, deliver, install, rules_of
from tests.integration.servers import MailServer
from tests.integration.service import running
from tests.integration.service_user import User

pytestmark = ON_CYRUS
BOB, ANN = "bob@example.com", "ann@example.com"


@IN_BOTH_MODES
@on_reactor
async def test_after_a_tap_the_next_mail_is_filed_by_itself(server: MailServer, user: User, routing: str) -> None:
    """The whole story: screened, tapped once, and then filed at delivery, however the address is spelled."""
    await install(server, routing)
    deliver(server, One=BOB)
    await user.tap("@ToFeed", "One")
    async with running(server, routing=routing) as service:
        await service.log.expect("poll completed trigger=fallback senders=1 moved=1")
    deliver(server, Two='"Bob" <BOB@Example.COM>', Other=ANN, Similar="bob+tag@example.com")
    assert await user.mailboxes() == {
        "One": {"Feed"},
        "Two": {"Feed"},
        "Other": {"Screener"},
        "Similar": {"Screener"},
    }


@IN_BOTH_MODES
@on_reactor
async def test_a_retriage_changes_the_route(server: MailServer, user: User, routing: str) -> None:
    """The next mail goes where the last label says, and nowhere else."""
    await install(server, routing)
    deliver(server, One=BOB)
    await user.tap("@ToBillboard", "One")
    async with running(server, routing=routing) as service:
        await service.log.expect("triaged bob@example.com to Billboard")
        await service.settle()
        await user.tap("@ToFeed", "One")
        await service.log.expect("poll completed trigger=push senders=1")
    deliver(server, Two=BOB)
    assert (await user.mailboxes())["Two"] == {"Feed"}


@on_reactor
async def test_a_contact_made_later_is_known_at_once(server: MailServer, user: User) -> None:
    """Also in a script with addresses, where the server knows the contacts itself."""
    await install(server, "addresses")
    await user.knows(BOB)
    deliver(server, One=BOB)
    assert await user.mailboxes() == {"One": {"Inbox"}}


@on_reactor
async def test_a_renamed_mailbox_is_still_found(server: MailServer, user: User) -> None:
    """The script names mailboxes by their ids."""
    await install(server, "groups")
    await user.rename("Screener", "Waiting room")
    deliver(server, One=BOB)
    assert await user.mailboxes() == {"One": {"Waiting room"}}


@on_reactor
async def test_included_in_the_users_own_script(server: MailServer, user: User) -> None:
    """The two lines of the advice are enough, and the user's own rules go on."""
    rules = rules_of(server, routing="groups")
    await rules.write("mine", OWN_SCRIPT)
    await install(server, "groups")
    deliver(server, Before=BOB)
    await rules.write("mine", 'require ["include"];\r\n' + OWN_SCRIPT + 'include :personal "mailroom";\r\n')
    deliver(server, After=BOB, Secret=BOB)
    assert await user.mailboxes() == {"Before": {"Inbox"}, "After": {"Screener"}, "Secret": {"Jail", "Screener"}}
    state = await rules.router.state()
    assert (state.effective, state.active, state.other) == (True, False, "mine")


@pytest.mark.parametrize(
    ("rest", "included"),
    [
        ('include :once :personal "mail\\room"; # now', True),
        ('if false { stop; } include "mailroom";', True),
        ('if header :is "subject" text:\r\ninclude "mailroom";\r\n.\r\n { keep; }', False),
        ('if header :is "subject" "include \\"mailroom\\";" { keep; }', False),
        ('stop; include "mailroom";', False),
        ('if true { stop; } include "mailroom";', False),
        ('if false { include "mailroom"; }', False),
        ('if header :is "subject" "Other" { include "mailroom"; }', False),
    ],
)
@on_reactor
async def test_what_is_said_of_an_include_is_what_the_server_does(
    account: CyrusAccount,
    user: User,
    rest: str,
    included: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Mail is routed where Mailroom says so, and nowhere else."""
    rules = rules_of(account, routing="groups")
    await rules.write("mine", f'require ["include"];\r\n{rest}\r\n')
    await install(account, "groups")
    deliver(account, One=BOB)
    assert (await rules.router.state()).effective is included
    assert await user.mailboxes() == {"One": {"Screener" if included else "Inbox"}}


@on_reactor
async def test_removed_without_a_trace(server: MailServer, user: User) -> None:
    """Mail goes to the Inbox, as before Mailroom."""
    await install(server, "groups")
    assert await rules_of(server).router.remove()
    deliver(server, One=BOB)
    assert await user.mailboxes() == {"One": {"Inbox"}}


@on_reactor
async def test_contacts_that_the_mail_server_does_not_have(server: MailServer, user: User) -> None:
    """The script carries everybody's address, so that nobody known is screened, and is renewed by each triage."""
    elsewhere: dict[str, Any] = {"carddav_url": server.url.replace("127.0.0.1", "localhost")}
    await user.knows(ANN)
    state = await rules_of(server, **elsewhere).router.install()
    assert state.mode == "addresses"
    deliver(server, One=BOB, Known=ANN)
    await user.tap("@ToFeed", "One")
    async with running(server, **elsewhere) as service:
        await service.log.expect("poll completed trigger=fallback senders=1")
    deliver(server, Two=BOB, Other="cat@example.com")
    assert await user.mailboxes() == {"One": {"Feed"}, "Known": {"Inbox"}, "Two": {"Feed"}, "Other": {"Screener"}}


@on_reactor
async def test_the_default_address_book_as_a_list(server: MailServer, user: User) -> None:
    """Where a server has no other way to tell who is known, it still has that one."""
    await user.knows(BOB)
    rules = rules_of(server)
    strangers = Branch(~known_by_list(["cat@example.com"]), [Action('fileinto "Screener";')])
    script = "\r\n".join(['require ["extlists", "fileinto"];', *strangers.lines, ""])
    await rules.write("mine", script)
    deliver(server, Known=BOB, Listed="cat@example.com", Stranger=ANN)
    assert await user.mailboxes() == {"Known": {"Inbox"}, "Listed": {"Inbox"}, "Stranger": {"Screener"}}
