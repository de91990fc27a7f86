"""How scripts are stored, and whose is active: the same on the sandbox and on a real Cyrus."""

import pytest

from mailroom.routing.capability import Mode
from mailroom.routing.errors import NotOurScript, ScriptRefused, ScriptTooLarge
from tests.integration.real_time import on_reactor
from tests.integration.routing import OWN_SCRIPT, rules_of
from tests.integration.servers import MailServer
from tests.integration.service import running
from tests.integration.service_user import User

pytestmark = pytest.mark.usefixtures("user")
MODES = pytest.mark.parametrize("routing", ["groups", "addresses"])


@MODES
@on_reactor
async def test_the_script_is_stored_and_active(server: MailServer, routing: str) -> None:
    """What the server takes is there, byte for byte, and followed."""
    rules = rules_of(server, routing=routing)
    installed = await rules.router.install()
    assert await rules.scripts() == {"mailroom": True}
    assert installed.effective
    assert await rules.router.state() == installed


@on_reactor
async def test_groups_are_what_auto_means_here(server: MailServer) -> None:
    """A server with the test for groups, and the contacts, needs no renewals."""
    assert (await rules_of(server).router.state()).mode is Mode.GROUPS


@MODES
@on_reactor
async def test_installing_twice_writes_once(server: MailServer, routing: str) -> None:
    """What is there as it should be stays untouched: the script keeps its blob."""
    rules = rules_of(server, routing=routing)
    await rules.router.install()
    before = await rules.storage.all()
    await rules.router.install()
    assert await rules.storage.all() == before


@on_reactor
async def test_a_changed_script_is_written_anew(server: MailServer) -> None:
    """Other categories make another script, in the place of the old one, which stays active."""
    await rules_of(server).router.install()
    rules = rules_of(server, categories=["Feed", "Jail"])
    assert not (await rules.router.state()).current
    await rules.router.install()
    assert await rules.scripts() == {"mailroom": True}
    assert "Truck" not in await rules.text()


@on_reactor
async def test_somebody_elses_active_script_stays_active(server: MailServer) -> None:
    """Ours is stored beside it, and the advice holds the line to add."""
    rules = rules_of(server)
    await rules.write("mine", OWN_SCRIPT)
    state = await rules.router.install()
    assert await rules.scripts() == {"mine": True, "mailroom": False}
    assert await rules.text("mine") == OWN_SCRIPT
    assert (state.other, state.effective) == ("mine", False)
    assert 'include :personal "mailroom";' in str(state.advice)


@on_reactor
async def test_it_is_switched_off_only_when_asked(server: MailServer) -> None:
    """It stays stored as it was, and the advice names it."""
    rules = rules_of(server)
    await rules.write("mine", OWN_SCRIPT)
    state = await rules.router.install(activate=True)
    assert await rules.scripts() == {"mine": False, "mailroom": True}
    assert await rules.text("mine") == OWN_SCRIPT
    assert (state.replaced, state.effective) == ("mine", True)
    assert '"mine"' in str(state.advice)


@on_reactor
async def test_a_script_that_includes_ours_is_never_switched_off(server: MailServer) -> None:
    """Not even when asked: everything is as it should be."""
    rules = rules_of(server)
    await rules.router.install()
    await rules.write("mine", 'require ["include"];\r\ninclude :personal "mailroom";\r\n')
    state = await rules.router.install(activate=True)
    assert await rules.scripts() == {"mine": True, "mailroom": False}
    assert (state.included, state.effective, state.advice) == (True, True, None)


@on_reactor
async def test_a_script_of_our_name_that_is_not_ours_is_kept(server: MailServer) -> None:
    """Somebody else may have had the same idea for a name."""
    rules = rules_of(server)
    await rules.write("mailroom", OWN_SCRIPT)
    with pytest.raises(NotOurScript, match="Rename it"):
        await rules.router.install()
    assert "Rename it" in str((await rules.router.state()).advice)
    assert not await rules.router.remove()
    assert await rules.text("mailroom") == OWN_SCRIPT


@on_reactor
async def test_removal_takes_ours_alone(server: MailServer) -> None:
    """Active or not, it goes; a second time there is nothing to do."""
    rules = rules_of(server)
    await rules.write("mine", OWN_SCRIPT, activate=False)
    await rules.router.install()
    assert await rules.router.remove()
    assert await rules.scripts() == {"mine": False}
    assert not await rules.router.remove()


@on_reactor
async def test_removal_switches_the_users_own_script_on_again(server: MailServer) -> None:
    """As it was before ours took its place, also when ours has been renewed since."""
    rules = rules_of(server, routing="addresses")
    await rules.write("mine", OWN_SCRIPT)
    await rules.router.install(activate=True)
    await rules_of(server, routing="addresses", categories=["Feed"]).router.install()
    removal = await rules.router.remove()
    assert removal is not None
    assert (removal.reactivated, '"mine" is active again' in str(removal.advice)) == ("mine", True)
    assert await rules.scripts() == {"mine": True}
    assert await rules.text("mine") == OWN_SCRIPT


@on_reactor
async def test_removal_names_what_it_leaves_switched_off(server: MailServer) -> None:
    """A script that needs ours cannot be followed without it: the user is told which it is, and what to do."""
    rules = rules_of(server)
    await rules.write("mine", OWN_SCRIPT)
    await rules.router.install(activate=True)
    await rules.write("mine", 'require ["include"];\r\ninclude :personal "mailroom";\r\n')
    removal = await rules.router.remove()
    assert removal is not None
    assert (removal.left_off, "Activate it" in str(removal.advice)) == ("mine", True)
    assert await rules.scripts() == {"mine": False}


@on_reactor
async def test_removal_takes_nobodys_place_for_him(server: MailServer) -> None:
    """Ours was activated when no other was active: none is afterwards, and those that there are are named."""
    rules = rules_of(server)
    await rules.write("mine", OWN_SCRIPT)
    await rules.router.install(activate=True)
    await rules.switch_off()
    await rules.router.install()
    removal = await rules.router.remove()
    assert removal is not None
    assert (removal.reactivated, '"mine"' in str(removal.advice)) == (None, True)
    assert await rules.scripts() == {"mine": False}


@on_reactor
async def test_what_is_included_is_not_removed(server: MailServer) -> None:
    """The user's own script could not be run without it."""
    rules = rules_of(server)
    await rules.router.install()
    await rules.write("mine", 'require ["include"];\r\ninclude :personal "mailroom";\r\n')
    with pytest.raises(NotOurScript, match='"mine" includes'):
        await rules.router.remove()
    assert "mailroom" in await rules.scripts()


@on_reactor
async def test_what_may_be_included_is_not_removed(server: MailServer) -> None:
    """Where it depends on the mail, or cannot be told, the script stays, and the advice names what would be certain."""
    rules = rules_of(server)
    await rules.router.install()
    mine = 'require ["include"];\r\nif header :is "subject" "x" { include :personal "mailroom"; }\r\n'
    await rules.write("mine", mine)
    assert "cannot tell" in str((await rules.router.state()).advice)
    with pytest.raises(NotOurScript, match='"mine" may include'):
        await rules.router.remove()
    assert "mailroom" in await rules.scripts()


@on_reactor
async def test_what_is_only_spoken_of_is_removed(server: MailServer) -> None:
    """Neither a string nor a comment needs the script."""
    rules = rules_of(server)
    await rules.router.install()
    await rules.write("mine", 'if header :is "subject" "include \\"mailroom\\";" { keep; } # include "mailroom";\r\n')
    assert await rules.router.remove()
    assert "mailroom" not in await rules.scripts()


@on_reactor
async def test_a_bad_script_is_complained_about(server: MailServer) -> None:
    """Before it is stored, and when it is stored all the same."""
    storage = rules_of(server).storage
    blob_id = await storage.upload("keep;\r\nno sieve at all\r\n")
    assert "syntax error" in str(await storage.complaint(blob_id))
    with pytest.raises(ScriptRefused, match="syntax error"):
        await storage.create("bad", blob_id)


@on_reactor
async def test_a_script_that_is_too_large_is_refused(server: MailServer) -> None:
    """As an error of its own, which has a way out of its own."""
    storage = rules_of(server).storage
    blob_id = await storage.upload("#" * 40_000 + "\r\nkeep;\r\n")
    with pytest.raises(ScriptTooLarge):
        await storage.create("large", blob_id)


@on_reactor
async def test_an_account_full_of_scripts_says_so(server: MailServer) -> None:
    """The way out is to remove one."""
    rules = rules_of(server)
    for number in range(5):
        await rules.write(f"script{number}", OWN_SCRIPT, activate=False)
    with pytest.raises(ScriptRefused, match="remove one"):
        await rules.router.install()


@on_reactor
async def test_a_triage_renews_the_addresses(server: MailServer, user: User) -> None:
    """At the end of the poll the script names the new sender, and stays active."""
    rules = rules_of(server, routing="addresses")
    await rules.router.install()
    await user.receive({"One": "bob@example.com"})
    await user.tap("@ToFeed", "One")
    async with running(server, routing="addresses") as service:
        await service.log.expect("poll completed trigger=fallback senders=1")
        assert service.account.polls.routing_error is None
    assert '"bob@example.com"' in await rules.text()
    assert await rules.scripts() == {"mailroom": True}


@on_reactor
async def test_groups_need_no_renewal(server: MailServer, user: User) -> None:
    """A triage takes as many round trips as without routing, and leaves the script alone."""
    rules = rules_of(server, routing="groups")
    await rules.router.install()
    before = await rules.storage.all()
    await user.receive({"One": "bob@example.com"})
    async with running(server) as service:
        await service.settle()
        await user.tap("@ToFeed", "One")
        await service.log.expect("poll completed trigger=push senders=1 moved=1 round_trips=4")
    assert await rules.storage.all() == before
