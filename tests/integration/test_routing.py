"""What becomes of the next mail: delivered over LMTP to a real Cyrus, whose Sieve does the rest."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from mailroom.routing.sieve import contact_by_list
from mailroom.routing.sieve_syntax import Action, Branch
from tests.integration.address_book import APPLE_GROUP, AddressBook, card
from tests.integration.conversation import Conversation
from tests.integration.radicale import Radicale, RadicaleAccount
from tests.integration.real_time import on_reactor
from tests.integration.routing import IN_BOTH_MODES, ON_CYRUS, OWN_SCRIPT, deliver, install, rules_of
from tests.integration.servers import Login, MailServer
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
    server: MailServer,
    user: User,
    rest: str,
    included: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Mail is routed where Mailroom says so, and nowhere else."""
    rules = rules_of(server, routing="groups")
    await rules.write("mine", f'require ["include"];\r\n{rest}\r\n')
    await install(server, "groups")
    deliver(server, One=BOB)
    assert (await rules.router.state()).effective is included
    assert await user.mailboxes() == {"One": {"Screener" if included else "Inbox"}}


@IN_BOTH_MODES
@pytest.mark.parametrize(
    "sender",
    [
        "=?utf-8?q?=22Bob?= <bob@example.com>",
        "=?utf-8?b?IkJvYg==?= <bob@example.com>",
        '"=?utf-8?q?=22Bob?=" <bob@example.com>',
        "=?utf-8?q?Bob_=28the_man?= <bob@example.com>",
        "=?utf-8?q?Bob_=3C_x?= <bob@example.com>",
        "Bob@Home@Work <bob@example.com>",
    ],
)
@on_reactor
async def test_a_member_whom_the_query_does_not_see_is_filed(
    server: MailServer, user: User, routing: str, sender: str
) -> None:
    """And nowhere else: whom a rule has filed is no stranger, and a stranger is one however the name is written."""
    await install(server, routing)
    deliver(server, One=BOB)
    await user.tap("@ToJail", "One")
    async with running(server, routing=routing) as service:
        await service.log.expect("poll completed trigger=fallback senders=1")
    deliver(server, Two=sender, Stranger=sender.replace("bob@", "eve@"))
    mailboxes = await user.mailboxes()
    assert (mailboxes["Two"], mailboxes["Stranger"]) == ({"Jail"}, {"Screener"})


@IN_BOTH_MODES
@on_reactor
async def test_a_contact_whom_the_query_does_not_see_is_no_stranger(
    server: MailServer, user: User, routing: str
) -> None:
    """In no group either: its mail goes to the Inbox, also if the contact was made after the script."""
    await install(server, routing)
    await user.knows(BOB)
    deliver(server, One="=?utf-8?q?=22Bob?= <bob@example.com>")
    assert await user.mailboxes() == {"One": {"Inbox"}}


@on_reactor
async def test_whom_the_user_has_moved_by_hand_is_filed_anew_alone(server: MailServer, user: User) -> None:
    """The addresses in a script with groups do not hold against the groups."""
    await install(server, "groups")
    deliver(server, One=BOB)
    await user.tap("@ToJail", "One")
    async with running(server, routing="groups") as service:
        await service.log.expect("poll completed trigger=fallback senders=1")
    assert '"bob@example.com"' in await rules_of(server).text()
    await user.empties_the_groups()
    deliver(server, Two=BOB)
    assert (await user.mailboxes())["Two"] == {"Inbox"}


@IN_BOTH_MODES
@on_reactor
async def test_invisible_characters_make_another_sender(server: MailServer, user: User, routing: str) -> None:
    """One is filed, and the other is not taken for it: whichever of the two the contact has."""
    await install(server, routing)
    deliver(server, Hidden="ze\u200bro@example.org", Plain="one@example.org")
    await user.tap("@ToJail", "Hidden")
    await user.tap("@ToFeed", "Plain")
    async with running(server, routing=routing) as service:
        await service.log.expect("poll completed trigger=fallback senders=2")
    deliver(
        server,
        **{
            "Hidden 2": "ze\u200bro@example.org",
            "Plain 2": "one@example.org",
            "Like hidden": "zero@example.org",
            "Like plain": "o\u200bne@example.org",
        },
    )
    mailboxes = await user.mailboxes()
    assert [mailboxes[name] for name in ("Hidden 2", "Plain 2")] == [{"Jail"}, {"Feed"}]
    assert [mailboxes[name] for name in ("Like hidden", "Like plain")] == [{"Screener"}, {"Screener"}]


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


def contacts_at(contacts: Login) -> dict[str, Any]:
    """The settings of somebody whose contacts are not where the mail is."""
    password = SecretStr(contacts.password)
    return {"carddav_url": contacts.url, "carddav_username": contacts.username, "carddav_password": password}


@pytest.fixture
def radicale_account(radicale: Radicale, usernames: Iterator[str]) -> RadicaleAccount:
    return RadicaleAccount(radicale, next(usernames))


@on_reactor
async def test_another_server_at_the_same_host_is_another_address_book(
    server: MailServer, user: User, radicale_account: RadicaleAccount
) -> None:
    """The mail server has groups of the same names, but not these: the addresses of these decide."""
    elsewhere = contacts_at(radicale_account)
    book = AddressBook(Conversation(radicale_account))
    await (await book.discover()).put("ann.vcf", card("ann", f"EMAIL:{ANN}"))
    await user.make_groups(book, "radicale-")
    rules = rules_of(server, **elsewhere)
    assert (await rules.router.install()).mode == "addresses"
    deliver(server, One=BOB, Known=ANN)
    await user.tap("@ToFeed", "One")
    async with running(server, **elsewhere) as service:
        await service.log.expect("poll completed trigger=fallback senders=1")
        assert service.account.polls.routing_error is None
    deliver(server, Two=BOB, Other="cat@example.com")
    assert await user.mailboxes() == {"One": {"Feed"}, "Known": {"Inbox"}, "Two": {"Feed"}, "Other": {"Screener"}}
    assert (await rules.router.state()).effective


@on_reactor
async def test_groups_of_another_server_cannot_be_insisted_on(
    server: MailServer, user: User, radicale_account: RadicaleAccount
) -> None:
    """All mail would be a stranger's: nothing is stored, and the reason says what to do."""
    await user.make_groups(AddressBook(Conversation(radicale_account)), "radicale-")
    rules = rules_of(server, routing="groups", **contacts_at(radicale_account))
    state = await rules.router.install()
    assert (state.mode, "Set routing to auto" in str(state.advice)) == ("none", True)
    assert await rules.scripts() == {}


@on_reactor
async def test_copies_of_groups_are_other_groups(
    server: MailServer, user: User, radicale_account: RadicaleAccount
) -> None:
    """Somebody has moved to another address book with everything: as soon as the two differ, the new one decides."""
    elsewhere = contacts_at(radicale_account)
    book = AddressBook(Conversation(radicale_account))
    await user.make_groups(book)
    await install(server, "groups")
    await book.put("bob.vcf", card("bob", f"EMAIL:{BOB}"))
    await book.put("Feed.vcf", card("Feed", f"{APPLE_GROUP}:group", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:bob"))
    rules = rules_of(server, **elsewhere)
    assert not (await rules.router.state()).effective
    async with running(server, **elsewhere) as service:
        await service.log.expect("poll completed trigger=fallback")
    deliver(server, One=BOB)
    assert await user.mailboxes() == {"One": {"Feed"}}


@on_reactor
async def test_the_default_address_book_as_a_list(server: MailServer, user: User) -> None:
    """Where a server has no other way to tell who is known, it still has that one."""
    await user.knows(BOB)
    rules = rules_of(server)
    strangers = Branch(~contact_by_list(["cat@example.com"]), [Action('fileinto "Screener";')])
    script = "\r\n".join(['require ["extlists", "fileinto"];', *strangers.lines, ""])
    await rules.write("mine", script)
    deliver(server, Known=BOB, Listed="cat@example.com", Stranger=ANN)
    assert await user.mailboxes() == {"Known": {"Inbox"}, "Listed": {"Inbox"}, "Stranger": {"Screener"}}
