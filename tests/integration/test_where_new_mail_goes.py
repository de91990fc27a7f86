"""Each row of the README's table "Where new mail goes", by its name and in its order, in both modes on a real Cyrus."""

from tests.integration.commanding import triage
from tests.integration.real_time import on_reactor
from tests.integration.routing import IN_BOTH_MODES, ON_CYRUS, deliver, install
from tests.integration.servers import MailServer
from tests.integration.service_user import User

pytestmark = [ON_CYRUS, IN_BOTH_MODES]
BOB, ANN = "bob@example.com", "ann@example.com"


@on_reactor
async def test_a_member_of_a_categorys_contact_group(server: MailServer, user: User, routing: str) -> None:
    """However the address is spelled; Truck's parent is Paper Trail, Feed has none."""
    await triage(server, BOB, "Truck")
    await triage(server, ANN, "Feed")
    await install(server, routing)
    deliver(server, Truck='"Bob" <BOB@Example.COM>', Feed=ANN)
    assert await user.mailboxes() == {"Truck": {"Truck", "Paper Trail"}, "Feed": {"Feed"}}


@on_reactor
async def test_a_member_whose_own_category_has_add_to_inbox(server: MailServer, user: User, routing: str) -> None:
    """Imbox has it; its child Person has not."""
    await triage(server, BOB, "Imbox")
    await triage(server, ANN, "Person")
    await install(server, routing)
    deliver(server, Imbox=BOB, Person=ANN)
    assert await user.mailboxes() == {"Imbox": {"Imbox", "Inbox"}, "Person": {"Person", "Imbox"}}


@on_reactor
async def test_a_contact_in_none_of_the_groups(server: MailServer, user: User, routing: str) -> None:
    """Whom the user knows already is no stranger."""
    await user.knows(BOB)
    await install(server, routing)
    deliver(server, One=BOB)
    assert await user.mailboxes() == {"One": {"Inbox"}}


@on_reactor
async def test_anybody_else(server: MailServer, user: User, routing: str) -> None:
    """Also one whose address only resembles a member's."""
    await triage(server, BOB, "Feed")
    await install(server, routing)
    deliver(server, Stranger=ANN, Similar="bob+tag@example.com")
    assert await user.mailboxes() == {"Stranger": {"Screener"}, "Similar": {"Screener"}}
