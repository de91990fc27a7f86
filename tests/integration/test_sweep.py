"""Senders triaged by hand, and whole accounts swept."""

import pytest
from twisted.internet.defer import CancelledError, Deferred

from mailroom.triage.all_mail import Progress
from mailroom.triage.senders import triaged_senders
from mailroom.triage.sweep import SweepReport, sweep
from tests.integration.commanding import SEVERAL_PAGES, TODAY, connect, triage
from tests.integration.real_time import on_reactor, reactor
from tests.integration.servers import MailLogin, MailServer
from tests.integration.service_user import User


async def swept(
    login: MailLogin, progress: Progress = lambda _done, _total: None, *, apply: bool = True
) -> SweepReport:
    connection = connect(login)
    return await sweep(connection.client, await connection.open_book(), connection.settings, progress, apply=apply)


@on_reactor
async def test_a_sender_is_triaged_by_hand(server: MailServer, user: User) -> None:
    """Mail and groups are as after a tap."""
    await user.receive({"One": "Bob Stone <bob@example.com>", "Other": "ann@example.com"})
    assert len((await triage(server, "bob@example.com", "Truck")).moved) == 1
    assert await user.mailboxes() == {"One": {"Truck", "Paper Trail"}, "Other": {"Screener"}}
    assert await user.groups_of("bob@example.com") == ["Mailroom", "Paper Trail", "Truck"]


@on_reactor
async def test_senders_are_listed(server: MailServer, user: User) -> None:
    """With the name that their mail has, and the day."""
    await user.receive({"One": "Bob Stone <bob@example.com>"})
    await triage(server, "bob@example.com", "Feed")
    await triage(server, "ann@example.com", "Truck")
    connection = connect(server)
    directory = await (await connection.open_book()).everyone()
    listed = triaged_senders(directory, connection.settings)
    assert [(each.addresses[0], each.categories[0].name, each.day, each.created) for each in listed] == [
        ("ann@example.com", "Truck", TODAY, True),
        ("bob@example.com", "Feed", TODAY, True),
    ]
    assert listed[1].name == "Bob Stone"


@on_reactor
async def test_mail_is_swept_to_where_the_groups_say(server: MailServer, user: User) -> None:
    """Of everybody in a group, at once, and of nobody else."""
    await triage(server, "bob@example.com", "Truck")
    await triage(server, "ann@example.com", "Feed")
    await user.receive({"One": "Bob@Example.com", "Two": "Ann <ann@example.com>", "Other": "eve@example.com"})
    counted = await swept(server, apply=False)
    assert (await user.mailboxes())["One"] == {"Screener"}
    report = await swept(server)
    assert (counted.swept, counted.moved) == (report.swept, 2)
    assert await user.mailboxes() == {"One": {"Truck", "Paper Trail"}, "Two": {"Feed"}, "Other": {"Screener"}}
    assert (await swept(server)).moved == 0


@on_reactor
async def test_a_sweep_may_be_broken_off(server: MailServer, user: User) -> None:
    """After some of several pages; the next one does the rest, and nothing twice."""
    await triage(server, "bob@example.com", "Feed")
    mails = {f"Mail {number}": "bob@example.com" for number in range(SEVERAL_PAGES)}
    await user.move_in_with(mails)

    def break_off(_done: int, _total: int) -> None:
        reactor.callLater(0, sweeping.cancel)

    sweeping = Deferred.fromCoroutine(swept(server, break_off))
    with pytest.raises(CancelledError):
        await sweeping
    done = sum(mailboxes == {"Feed"} for mailboxes in (await user.mailboxes()).values())
    assert 0 < done < SEVERAL_PAGES
    report = await swept(server)
    assert (report.looked_at, report.moved) == (SEVERAL_PAGES, SEVERAL_PAGES - done)
    assert await user.mailboxes() == {key: {"Feed"} for key in mails}
