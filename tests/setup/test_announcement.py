"""How soon a server announces a change."""

import math
from typing import Any, ClassVar

from twisted.internet.defer import Deferred

from mailroom.account import Account
from mailroom.push.failures import NoEventStream
from mailroom.sandbox.faults import Answer, MethodFault, ObjectFault
from mailroom.setup.announcement import PATIENCE, NotSetBack, announcement_delay
from tests.deferreds import failure_of, result_of
from tests.furnished import FurnishedTestCase


class AnnouncementTestCase(FurnishedTestCase):
    """A test that measures, with the error label."""

    label = "@MailroomError"

    def setUp(self) -> None:
        super().setUp()
        self.mailbox = self.account.mailboxes[self.account.mailbox_id(self.label)]
        self.account.change_mailbox(self.mailbox.id, sort_order=7)
        self.clock.advance(60)

    def measure(self) -> Deferred[float | None]:
        """What is measured; nothing is left of it."""
        measuring = self.run_to_end(self.look(Account(self.configured, self.clock, self.agent)))
        self.agent.flush()  # type: ignore[no-untyped-call]  # untyped in treq
        assert self.sandbox.streams == ()
        return measuring

    async def look(self, account: Account) -> float | None:
        url = (await account.client.session()).event_source_url
        assert url is not None
        return await announcement_delay(account, url, self.mailbox.id)


class PromptTests(AnnouncementTestCase):
    """A server that announces at once."""

    def test_it_is_measured(self) -> None:
        """A round trip is the most that it takes."""
        assert 0 < (result_of(self.measure()) or math.inf) <= 2 * self.ROUND_TRIP

    def test_it_is_measured_where_the_place_is_the_first(self) -> None:
        """There is no place before it."""
        self.account.change_mailbox(self.mailbox.id, sort_order=0)
        assert 0 < (result_of(self.measure()) or math.inf) <= 2 * self.ROUND_TRIP
        assert self.mailbox.sort_order == 0

    def test_everything_is_as_before(self) -> None:
        """One mailbox's place is changed and changed back, by one request; no mail is touched."""
        mails = self.account.journal.states_since(0).get("Email")
        result_of(self.measure())
        assert self.mailbox.sort_order == 7
        assert self.account.journal.states_since(0).get("Email") == mails

    def test_a_refusal_tells_nothing(self) -> None:
        """A login that may not do it, or a server that does not know it, is no fault of the stream."""
        for fault in (ObjectFault("Mailbox/set"), MethodFault("Mailbox/set", "accountReadOnly")):
            with self.subTest(fault):
                self.order(fault, times=2)
                assert result_of(self.measure()) is None
                assert self.mailbox.sort_order == 7

    def test_a_mailbox_that_is_gone_tells_nothing(self) -> None:
        """Somebody has just deleted it."""
        self.account.remove_mailbox(self.mailbox.id)
        assert result_of(self.measure()) is None

    def test_what_cannot_be_undone_is_told(self) -> None:
        """With what to do about it."""
        self.account.journal.listeners.append(lambda: self.order(ObjectFault("Mailbox/set")))
        error = failure_of(self.measure(), NotSetBack)
        assert str(error).endswith("is 6 now. Set it to 7 again.")

    def test_no_stream_is_told(self) -> None:
        """Nothing is changed then."""
        self.order(Answer(403, path="/jmap/eventsource"))
        failure_of(self.measure(), NoEventStream)
        assert self.mailbox.sort_order == 7


class LateTests(AnnouncementTestCase):
    """A server that asks itself for changes now and then."""

    options: ClassVar[dict[str, Any]] = {"push_delay": 2.0}

    def test_it_is_measured(self) -> None:
        """From the change on."""
        assert 2 <= (result_of(self.measure()) or math.inf) <= 2 + 2 * self.ROUND_TRIP


class TooLateTests(AnnouncementTestCase):
    """A server that does so once a minute, as a Cyrus by default."""

    options: ClassVar[dict[str, Any]] = {"push_delay": 60.0}

    def test_nobody_waits_for_it(self) -> None:
        """Longer than for a bounded time."""
        began = self.clock.seconds()
        assert result_of(self.measure()) == math.inf
        assert self.clock.seconds() - began < PATIENCE + 1
        assert self.mailbox.sort_order == 7


class GreetingTests(AnnouncementTestCase):
    """A server that tells every listener all states at once."""

    options: ClassVar[dict[str, Any]] = {"announce_on_connect": True, "push_delay": 2.0}

    def test_the_states_of_before_do_not_count(self) -> None:
        """They announce no change."""
        assert 2 <= (result_of(self.measure()) or math.inf) <= 2 + 2 * self.ROUND_TRIP


class EndingTests(AnnouncementTestCase):
    """A server that ends its streams before it has announced anything."""

    options: ClassVar[dict[str, Any]] = {"stream_lifetime": 1.0, "push_delay": 2.0}

    def test_it_is_told(self) -> None:
        """As for any other look at a stream."""
        failure_of(self.measure(), NoEventStream)
        assert self.mailbox.sort_order == 7
