"""The script kept in step with the groups, poll by poll."""

from typing import Any, ClassVar, Literal

from twisted.logger import LogLevel, capturedLogs

from mailroom.polling.report import PollReport, Trigger
from mailroom.routing.sync import RoutingSync
from mailroom.sandbox.faults import Answer, MethodFault
from mailroom.sandbox.options import SieveOptions
from tests.deferreds import result_of
from tests.routing.routed import RouterTestCase


class RoutingSyncTestCase(RouterTestCase):
    """A test whose rules are installed, and whose polls are those of a service just started."""

    def setUp(self) -> None:
        super().setUp()
        self.install()
        self.polls = self.new_polls()

    def new_polls(self) -> RoutingSync:
        return self.reached.polls()

    def poll(self, trigger: Trigger = Trigger.PUSH) -> PollReport:
        return result_of(self.run_to_end(self.polls.poll(trigger)))

    def triage(self, sender: str = "bob@example.com", label: str = "@ToFeed") -> PollReport:
        """A tap, and the poll that follows."""
        self.tap(self.deliver(sender), label)
        return self.poll()


class GroupsTests(RoutingSyncTestCase):
    """A server that looks into the groups."""

    def test_polls_take_no_longer(self) -> None:
        """Routing adds no round trip: one for an idle poll, four for a triage."""
        self.poll()
        assert (self.poll().round_trips, self.triage().round_trips) == (1, 4)

    def test_addresses_follow_with_the_next_scheduled_poll(self) -> None:
        """They are for senders whom the server's query does not see, and nobody waits for them."""
        self.triage()
        assert "bob@example.com" not in self.script
        self.poll(Trigger.SCHEDULED)
        assert "bob@example.com" in self.script
        assert self.poll(Trigger.SCHEDULED).round_trips == 1


class UnprovenTests(RoutingSyncTestCase):
    """A server that has to show first whether it has the contacts, which are reached over CardDAV."""

    contacts: ClassVar[Literal["jmap", "carddav"]] = "carddav"
    options: ClassVar[dict[str, Any]] = {"sieve": SieveOptions(group_filter="fromContactGroupId")}

    def test_the_first_poll_settles_it(self) -> None:
        """From then on a triage takes no longer than without routing."""
        self.poll()
        assert self.triage().round_trips == 4

    def test_without_a_script_nothing_is_to_be_settled(self) -> None:
        """Whoever has not set up routing does not wait for it."""
        result_of(self.run_to_end(self.router.remove()))
        self.poll()
        assert self.triage().round_trips == 4


class AddressesTests(RoutingSyncTestCase):
    """A server to which the script has to say who is in which group."""

    options: ClassVar[dict[str, Any]] = {"sieve": SieveOptions(extensions=("fileinto",))}

    def test_a_triage_renews_the_script(self) -> None:
        """Its sender's next mail is filed."""
        self.poll()
        assert self.triage().routing_error is None
        assert 'if address :is "from" ["bob@example.com"]' in self.script

    def test_a_retriage_moves_the_address(self) -> None:
        """It is in the new list, and no longer in the old one."""
        self.triage()
        self.triage(label="@ToJail")
        assert ("# Feed" in self.script, "# Jail" in self.script) == (False, True)

    def test_an_idle_poll_stays_what_it_is(self) -> None:
        """One round trip, once the first poll has looked after the script."""
        self.poll()
        assert self.poll().round_trips == 1

    def test_a_service_that_was_ended_too_early(self) -> None:
        """The first poll of the next one finds the script behind the groups, and renews it."""
        self.order(MethodFault("SieveScript/validate"), times=9)
        self.triage()
        self.order()
        self.polls = self.new_polls()
        self.poll()
        assert "bob@example.com" in self.script

    def test_a_failure_is_told_and_the_triage_counts(self) -> None:
        """The mail is filed, the report says what is wrong, and the log says it once."""
        self.poll()
        self.order(MethodFault("SieveScript/validate"), times=9)
        with capturedLogs() as events:
            report = self.triage()
            self.poll()
        assert (report.senders, report.failures) == (1, 0)
        assert "SieveScript/validate" in str(report.routing_error)
        warnings = [event for event in events if event["log_level"] is LogLevel.warn]
        assert len(warnings) == 1

    def test_what_may_pass_is_tried_again(self) -> None:
        """By the next poll, though that one has nothing to do."""
        self.poll()
        self.order(Answer(503, path="/jmap/upload"))
        assert self.triage().routing_error is not None
        assert self.poll().routing_error is None
        assert "bob@example.com" in self.script


class SmallServerTests(RoutingSyncTestCase):
    """A server that takes small scripts only."""

    options: ClassVar[dict[str, Any]] = {"sieve": SieveOptions(extensions=("fileinto",), max_size_script=1000)}
    settings: ClassVar[dict[str, Any]] = {"categories": ["Feed"]}

    def setUp(self) -> None:
        super().setUp()
        self.poll()
        for number in range(100):
            self.book.add_contact(f"Sender {number}", f"sender{number}@example.com")

    def test_too_large_is_told_until_it_fits(self) -> None:
        """Every report says so, without trying again at each poll."""
        error = self.triage().routing_error
        assert "octets" in str(error)
        idle = self.poll()
        assert (idle.routing_error, idle.round_trips) == (error, 1)

    def test_the_next_triage_tries_again(self) -> None:
        """The user may have made room."""
        self.triage()
        for card in tuple(self.book.cards.values()):
            if card.full_name.startswith("Sender"):
                self.book.remove(card.name)
        assert self.triage("ann@example.com").routing_error is None
        assert "ann@example.com" in self.script
