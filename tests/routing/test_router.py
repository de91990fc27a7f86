"""The rules of an account on their way to its server. What is the same on a real server is tested there."""

from typing import Any, ClassVar

from mailroom.account import Account
from mailroom.jmap.errors import MethodError
from mailroom.routing.capability import Mode
from mailroom.routing.errors import ScriptRefused, ScriptTooLarge
from mailroom.routing.state import RoutingState
from mailroom.sandbox.faults import MethodFault
from mailroom.sandbox.options import SieveOptions
from tests.deferreds import failure_of, result_of
from tests.routing.routed import RouterTestCase


class GroupsTests(RouterTestCase):
    """A server that looks into the groups."""

    def test_before_anything_is_installed(self) -> None:
        """The state says what there is to do, and a look at it stores nothing."""
        assert self.state() == RoutingState(Mode.GROUPS)
        assert (self.account.scripts.by_id, self.account.blobs) == ({}, {})

    def test_missing_pieces_leave_the_others(self) -> None:
        """The script has a rule for each category that is complete."""
        self.account.remove_mailbox(self.account.mailbox_id("Feed"))
        self.install()
        assert ("fileinto :mailboxid" in self.script, '"Feed";' in self.script) == (True, False)

    def test_a_group_that_came_later(self) -> None:
        """What is complete now is not what the script says: it is not current until it is installed anew."""
        self.account.change_mailbox(self.account.mailbox_id("Feed"), name="Elsewhere")
        self.install()
        self.account.add_mailbox("Feed")
        assert not self.state().current
        self.install()
        assert self.state().effective

    def test_no_renewal_is_urgent(self) -> None:
        """The server knows the groups by itself, and is not even asked."""
        self.install()
        before = len(self.sandbox.received)
        assert not self.successResultOf(self.run_to_end(self.router.is_urgent()))
        assert len(self.sandbox.received) == before

    def test_a_contact_moved_by_hand_leaves_it_current(self) -> None:
        """The server knows it at once; the addresses for rare cases follow."""
        self.install()
        self.book.add_contact("Ann", "ann@example.com")
        assert self.state().effective

    def test_nothing_is_stored_that_is_not_validated(self) -> None:
        """Should the server not get as far as a verdict, the next attempt begins anew."""
        self.order(MethodFault("SieveScript/validate"))
        failure_of(self.run_to_end(self.router.install()), MethodError)
        assert self.account.scripts.by_id == {}
        self.order()
        assert self.install().effective


class OlderServerTests(RouterTestCase):
    """A server that asks for groups in the older way."""

    options: ClassVar[dict[str, Any]] = {"sieve": SieveOptions(group_filter="fromContactGroupId")}

    def test_the_way_that_validates_is_taken(self) -> None:
        """And it is current afterwards, though it was not the first choice."""
        assert self.install().effective
        assert "fromContactGroupId" in self.script
        assert self.state().effective


class UnknownFilterTests(RouterTestCase):
    """A server with jmapquery, but neither way to ask for a group."""

    options: ClassVar[dict[str, Any]] = {"sieve": SieveOptions(group_filter="fromContactList")}

    def test_the_refusal_names_the_way_out(self) -> None:
        """Another mode may do."""
        refusal = self.refusal()
        assert isinstance(refusal, ScriptRefused)
        assert "Set routing" in str(refusal)


class ByTheBookTests(RouterTestCase):
    """A server that spells the argument for deactivation as RFC 9661 does."""

    options: ClassVar[dict[str, Any]] = {"sieve": SieveOptions(deactivation="onSuccessDeactivateScript")}

    def test_an_active_script_is_removed(self) -> None:
        """It is deactivated first, in a call of its own."""
        self.install()
        assert result_of(self.run_to_end(self.router.remove()))
        assert (self.account.scripts.by_id, self.account.scripts.active_id) == ({}, None)


class PlainSieveTests(RouterTestCase):
    """A server with nothing but fileinto."""

    options: ClassVar[dict[str, Any]] = {"sieve": SieveOptions(extensions=("fileinto",))}

    def test_addresses_are_the_way(self) -> None:
        """The script says who is in which group, and who is known."""
        self.book.add_contact("Ann", "ann@example.com")
        assert self.install().mode is Mode.ADDRESSES
        assert 'if not address :is "from" ["ann@example.com"]' in self.script
        assert self.successResultOf(self.run_to_end(self.router.is_urgent()))

    def test_renewal_brings_it_up_to_date(self) -> None:
        """And leaves one that is up to date alone."""
        self.install()
        self.book.add_contact("Ann", "ann@example.com")
        self.renew()
        assert "ann@example.com" in self.script
        blobs = len(self.account.blobs)
        self.renew()
        assert len(self.account.blobs) == blobs

    def test_renewal_installs_nothing(self) -> None:
        """Whoever has not set up routing has no script after a triage either."""
        self.renew()
        assert self.account.scripts.by_id == {}

    def test_renewal_leaves_activation_alone(self) -> None:
        """A script that its user has switched off stays off."""
        self.install()
        self.account.scripts.activate(None)
        self.book.add_contact("Ann", "ann@example.com")
        self.renew()
        (script,) = self.account.scripts.by_id.values()
        assert ("ann@example.com" in script.content, self.account.scripts.active_id) == (True, None)


class SmallServerTests(RouterTestCase):
    """A server that takes small scripts only."""

    options: ClassVar[dict[str, Any]] = {"sieve": SieveOptions(extensions=("fileinto",), max_size_script=2000)}

    def test_a_script_that_outgrows_it(self) -> None:
        """The error names the way out, and the last script that fitted stays in force."""
        self.install()
        before = self.script
        for number in range(200):
            self.book.add_contact(f"Sender {number}", f"sender{number}@example.com")
        assert isinstance(self.refusal(), ScriptTooLarge)
        assert "routing to" in str(self.state().advice)
        assert self.script == before


class NoSieveTests(RouterTestCase):
    """A server without Sieve for its clients."""

    options: ClassVar[dict[str, Any]] = {"sieve": None}

    def test_nothing_is_tried(self) -> None:
        """Everything says why, and nothing fails."""
        assert self.install() == self.state()
        assert self.state().mode is Mode.NONE
        assert "by hand" in str(self.state().advice)
        assert not result_of(self.run_to_end(self.router.remove()))


class NotWantedTests(RouterTestCase):
    """An account whose user wants no rules."""

    settings: ClassVar[dict[str, Any]] = {"routing": "none"}

    def test_nothing_is_stored(self) -> None:
        """Not by installing either."""
        assert self.install().mode is Mode.NONE
        assert self.account.scripts.by_id == {}

    def test_what_was_installed_before_can_be_removed(self) -> None:
        """A reset leaves nothing behind, whatever the settings say by now."""
        with_rules = Account(self.configured.model_copy(update={"routing": "auto"}), self.clock, self.agent)
        result_of(self.run_to_end(with_rules.router().install()))
        assert result_of(self.run_to_end(self.router.is_installed()))
        assert result_of(self.run_to_end(self.router.remove()))
        assert self.account.scripts.by_id == {}
