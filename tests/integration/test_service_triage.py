"""Labels on a real account: what the service makes of them."""

from tests.integration.real_time import on_reactor
from tests.integration.servers import MailServer
from tests.integration.service import running
from tests.integration.service_user import User


@on_reactor
async def test_a_label_from_before_the_start_is_worked_off(server: MailServer, user: User) -> None:
    """The first poll needs nothing but the host and the login, and waits for no stream."""
    await user.receive({"One": "bob@example.com"})
    await user.tap("@ToFeed", "One")
    async with running(server) as service:
        await service.log.expect("poll completed trigger=fallback senders=1 moved=1")
    assert await user.mailboxes() == {"One": {"Feed"}}
    assert await user.groups_of("bob@example.com") == ["Feed", "Mailroom"]


@on_reactor
async def test_a_tap_is_acted_on_by_push(server: MailServer, user: User) -> None:
    """All mail of the sender, and nobody else's, is filed in four round trips, long before the interval is over."""
    await user.receive({"One": "Bob <bob@example.com>", "Two": "bob@example.com", "Other": "ann@example.com"})
    async with running(server) as service:
        await service.settle()
        await user.tap("@ToFeed", "One")
        await service.log.expect("poll completed trigger=push senders=1 moved=2 round_trips=4")
    assert await user.mailboxes() == {"One": {"Feed"}, "Two": {"Feed"}, "Other": {"Screener"}}


@on_reactor
async def test_own_writes_cause_no_poll(server: MailServer, user: User) -> None:
    """What the service changes comes back as an event, and is no news: two taps are two polls."""
    await user.receive({"One": "bob@example.com", "Two": "ann@example.com"})
    async with running(server) as service:
        await service.settle()
        before = service.account.polls.poll_count
        await user.tap("@ToFeed", "One")
        await service.log.expect("poll completed trigger=push senders=1")
        await service.hear_echo()
        await user.tap("@ToFeed", "Two")
        await service.log.expect("poll completed trigger=push senders=1")
    assert service.account.polls.poll_count - before == 2


@on_reactor
async def test_a_child_is_filed_in_its_parent_too(server: MailServer, user: User) -> None:
    """The contact joins the groups of the whole chain, and the mail is in both mailboxes."""
    await user.receive({"One": "bob@example.com", "Two": "bob@example.com"})
    await user.tap("@ToBillboard", "One")
    async with running(server) as service:
        await service.log.expect("senders=1 moved=2")
    assert await user.mailboxes() == {"One": {"Billboard", "Paper Trail"}, "Two": {"Billboard", "Paper Trail"}}
    assert await user.groups_of("bob@example.com") == ["Billboard", "Mailroom", "Paper Trail"]


@on_reactor
async def test_screened_mail_goes_to_the_inbox_where_the_category_says_so(server: MailServer, user: User) -> None:
    """Mail that was not in the screener does not; mail that was in the Inbox stays there."""
    await user.receive({"Screened": "bob@example.com"})
    await user.receive({"Archived": "bob@example.com"}, "Feed")
    await user.receive({"Inbox": "bob@example.com"}, "Inbox")
    await user.tap("@ToImbox", "Screened")
    assert await user.is_found("bob@example.com", 3) == 3
    async with running(server) as service:
        await service.log.expect("senders=1 moved=3")
    assert await user.mailboxes() == {
        "Screened": {"Imbox", "Inbox"},
        "Archived": {"Imbox"},
        "Inbox": {"Imbox", "Inbox"},
    }


@on_reactor
async def test_a_retriage_moves_the_sender(server: MailServer, user: User) -> None:
    """A second label takes the mail and the contact from the first category to the second."""
    await user.receive({"One": "bob@example.com", "Two": "bob@example.com"})
    await user.tap("@ToBillboard", "One")
    async with running(server) as service:
        await service.log.expect("triaged bob@example.com to Billboard")
        await service.settle()
        await user.tap("@ToFeed", "Two")
        await service.log.expect("re-triaged bob@example.com to Feed trigger=push moved=2")
    assert await user.mailboxes() == {"One": {"Feed"}, "Two": {"Feed"}}
    assert await user.groups_of("bob@example.com") == ["Feed", "Mailroom"]


@on_reactor
async def test_a_conflict_waits_for_the_user(server: MailServer, user: User) -> None:
    """Two labels for one sender, however spelled, get the error label, and nothing else happens."""
    await user.receive({"One": "bob@example.com", "Two": "BOB@Example.COM"})
    await user.tap("@ToFeed", "One")
    await user.tap("@ToJail", "Two")
    async with running(server) as service:
        await service.log.expect("senders=0 moved=0 conflicts=1")
    assert await user.mailboxes() == {
        "One": {"Screener", "@ToFeed", "@MailroomError"},
        "Two": {"Screener", "@ToJail", "@MailroomError"},
    }
    assert await user.groups_of("bob@example.com") == []


@on_reactor
async def test_a_resolved_conflict_is_triaged(server: MailServer, user: User) -> None:
    """Once the user has taken one of the labels off, the other one counts, and the error label goes."""
    await user.receive({"One": "bob@example.com", "Two": "bob@example.com"})
    await user.tap("@ToFeed", "One")
    await user.tap("@ToJail", "Two")
    async with running(server) as service:
        await service.log.expect("conflicts=1")
        await service.settle()
        await user.take_off("@ToJail", "Two")
        await service.log.expect("poll completed trigger=push senders=1")
    assert await user.mailboxes() == {"One": {"Feed"}, "Two": {"Feed"}}


@on_reactor
async def test_a_thousand_mails_are_swept(server: MailServer, user: User) -> None:
    """Every one of a sender's mails is filed, and nobody else's."""
    thousand = {f"Mail {number}": "bob@example.com" for number in range(1000)}
    await user.move_in_with(thousand | {"Other": "ann@example.com"})
    await user.tap("@ToFeed", "Mail 500")
    async with running(server) as service:
        await service.log.expect("senders=1 moved=1000")
    assert await user.mailboxes() == {mail: {"Feed"} for mail in thousand} | {"Other": {"Screener"}}
