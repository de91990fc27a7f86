"""A decision holds only for the state that it was made on, and mail that comes meanwhile is filed with the rest."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from mailroom.account import Account
from mailroom.model.mail import Mail
from mailroom.sandbox.faults import MethodFault
from mailroom.sandbox.options import Limits
from mailroom.triage.all_mail import patch_all_mail
from mailroom.triage.latecomers import REMEMBERED_FOR
from mailroom.triage.mailbox_patch import MailboxPatch
from mailroom.triage.snapshot import MAX_MISMATCHES
from tests.furnished import FurnishedTestCase
from tests.triage.screening import ScreenerTestCase

LOOK_UP, WRITE, FINISH = 2, 3, 4


class DisturbedTestCase(ScreenerTestCase):
    """A triage with somebody else at work while its requests are on their way."""

    def setUp(self) -> None:
        super().setUp()
        self.poll()
        self.tapped, self.other = self.tap(self.deliver()), self.deliver()

    def before(self, request: int, act: Callable[[], object]) -> None:
        """Let something happen while the poll's request of this number is on its way."""
        self.clock.callLater((request - 0.5) * self.ROUND_TRIP, act)

    def put(self, mail: str, *mailboxes: str) -> None:
        self.account.refile(mail, list(map(self.account.mailbox_id, mailboxes)))


class DecisionTests(DisturbedTestCase):
    """What the user does between a look and a write wins."""

    def test_mail_binned_meanwhile_stays_in_the_trash(self) -> None:
        """Whichever mail it is, and whichever request is on its way."""
        for request in (LOOK_UP, WRITE, FINISH):
            with self.subTest(request):
                tapped, other = self.tap(self.deliver()), self.deliver()
                self.before(request, partial(self.put, other, "Trash"))
                self.before(request, partial(self.put, tapped, "Trash", "@ToFeed"))
                self.poll()
                self.poll()
                self.assert_where([tapped, other], {"Trash"})

    def test_label_taken_off_before_the_look_up_is_no_tap(self) -> None:
        """The look-up is fresher than the scan."""
        self.before(LOOK_UP, lambda: self.put(self.tapped, "Screener"))
        assert self.poll().senders == 0
        self.assert_where([self.tapped, self.other], {"Screener"})
        assert self.members("Feed") == set()

    def test_label_taken_off_after_the_contact_is_written_comes_too_late(self) -> None:
        """The sender is in the group, and its mail is filed."""
        self.before(FINISH, lambda: self.put(self.tapped, "Screener"))
        self.poll()
        self.assert_where([self.tapped, self.other], {"Feed"})

    def test_label_changed_before_the_look_up_is_left_to_the_next_poll(self) -> None:
        """Nothing is done for the label that is gone."""
        self.before(LOOK_UP, lambda: self.put(self.tapped, "Screener", "@ToJail"))
        assert self.poll().senders == 0
        self.poll()
        self.assert_where([self.tapped, self.other], {"Jail"})

    def test_label_put_on_meanwhile_is_another_tap(self) -> None:
        """The one that was acted on comes off, and the other one stays for the next poll."""
        self.before(FINISH, lambda: self.tap(self.tapped, "@ToJail"))
        self.poll()
        assert self.where(self.tapped) == {"Feed", "@ToJail"}
        assert (self.poll().senders, self.where(self.tapped)) == (1, {"Jail"})

    def test_disturbance_elsewhere_costs_one_round_trip(self) -> None:
        """Mail of somebody else changes the state; nothing has to be looked at again."""
        self.before(WRITE, lambda: self.deliver("ann@example.com"))
        assert self.poll().round_trips == 5

    def test_account_that_never_rests_is_triaged_all_the_same(self) -> None:
        """Mail comes in with each request: after some refusals the write is made without a guard."""
        for step in range(1, 60):
            self.clock.callLater(step * self.ROUND_TRIP / 2, self.deliver, "ann@example.com")
        report = self.poll()
        assert (report.senders, report.round_trips) == (1, 4 + 2 * MAX_MISMATCHES)
        self.assert_where([self.tapped, self.other], {"Feed"})

    def test_server_that_refuses_every_guard_is_triaged_on_all_the_same(self) -> None:
        """Its states may not be comparable."""
        self.order(MethodFault("Email/set", "stateMismatch"), times=MAX_MISMATCHES)
        self.poll()
        self.assert_where([self.tapped, self.other], {"Feed"})

    def test_server_that_cannot_tell_changes_is_looked_at(self) -> None:
        """What has become of the mails is asked by their ids."""
        self.order(MethodFault("Email/changes", "cannotCalculateChanges"), times=9)
        self.before(WRITE, lambda: self.put(self.other, "Trash"))
        self.poll()
        assert (self.where(self.tapped), self.where(self.other)) == ({"Feed"}, {"Trash"})

    def test_mail_deleted_meanwhile_is_no_failure(self) -> None:
        """There is nothing left to do for it."""
        self.before(WRITE, lambda: self.account.remove_email(self.other))
        assert self.poll().failures == 0
        assert self.where(self.tapped) == {"Feed"}

    def test_mail_archived_once_its_sender_is_filed_stays_where_it_was_put(self) -> None:
        """It is not brought back into the destination."""
        self.before(FINISH, lambda: self.put(self.other, "Archive"))
        self.poll()
        assert self.where(self.other) == {"Archive"}


class SmallWritesTests(DisturbedTestCase):
    """A server that takes few mails at a time."""

    options: ClassVar[dict[str, Any]] = {"limits": Limits(max_objects_in_set=5)}

    def test_each_write_is_guarded_by_the_state_that_the_one_before_has_left(self) -> None:
        """Our own writes refuse none of ours."""
        self.deliver_several(18)
        assert self.poll().round_trips == 4 + 3

    def test_mail_binned_between_two_writes_stays_in_the_trash(self) -> None:
        """Its place is known before it is written."""
        mails = self.deliver_several(18)
        self.before(WRITE + 1, lambda: self.put(mails[-1], "Trash"))
        self.poll()
        assert self.where(mails[-1]) == {"Trash"}
        self.assert_where(mails[:-1], {"Feed"})


class ArrivalTests(DisturbedTestCase):
    """Mail that arrives while its sender is triaged."""

    def setUp(self) -> None:
        super().setUp()
        self.new: list[str] = []

    def deliver_new(self, *mailboxes: str) -> None:
        self.new.append(self.deliver("bob@example.com", *mailboxes))

    def test_mail_that_arrives_before_any_request_is_filed(self) -> None:
        """By this poll or the next one."""
        for request in (1, LOOK_UP, WRITE, FINISH):
            with self.subTest(request):
                self.tap(self.deliver())
                self.before(request, self.deliver_new)
                self.poll()
                self.poll()
                self.assert_where(self.new, {"Feed"})

    def test_mail_that_arrives_before_the_label_is_off_is_filed_by_the_same_poll(self) -> None:
        """And it is counted."""
        self.before(FINISH, self.deliver_new)
        assert self.poll().moved == 3
        self.assert_where(self.new, {"Feed"})

    def test_mail_that_arrives_in_the_old_place_of_a_retriage_follows(self) -> None:
        """The server goes by the old group until the sender has left it."""
        self.poll()
        self.tap(self.tapped, "@ToJail")
        self.before(FINISH, partial(self.deliver_new, "Feed"))
        self.poll()
        self.assert_where([*self.new, self.tapped, self.other], {"Jail"})

    def test_stream_of_mail_does_not_keep_a_poll_from_its_end(self) -> None:
        """What comes too late for it is filed by the next."""
        for step in range(1, 100):
            self.clock.callLater(step * self.ROUND_TRIP / 2, self.deliver_new)
        assert self.poll().senders == 1
        self.clock.advance(10)
        self.poll()
        self.assert_where(self.new, {"Feed"})

    def test_mail_that_arrives_just_after_is_filed_by_the_next_poll(self) -> None:
        """Before the server goes by the new groups or the new script: into the screener, or for a contact the Inbox."""
        self.poll()
        new = [self.deliver(), self.deliver("bob@example.com", "Inbox"), self.deliver("ann@example.com")]
        assert self.poll().moved == 2
        assert [self.where(mail) for mail in new] == [{"Feed"}, {"Feed", "Inbox"}, {"Screener"}]

    def test_latecomers_go_where_the_groups_say(self) -> None:
        """Nothing that is remembered decides about a mail."""
        self.poll()
        self.book.put({**self.book.group("Feed").json, "members": {}})
        new = self.deliver()
        self.poll()
        assert self.where(new) == {"Screener"}

    def test_mail_that_its_user_puts_back_is_no_latecomer(self) -> None:
        """Only what is new is looked for."""
        self.poll()
        self.put(self.other, "Screener")
        self.poll()
        assert self.where(self.other) == {"Screener"}

    def test_looking_for_latecomers_costs_no_round_trip(self) -> None:
        """Nor does it go on for ever."""
        self.poll()
        assert self.poll().round_trips == 1
        self.clock.advance(REMEMBERED_FOR)
        self.poll()
        new = self.deliver()
        self.poll()
        assert self.where(new) == {"Screener"}

    def test_first_poll_after_the_minute_still_looks(self) -> None:
        """However long the interval between polls is."""
        self.poll()
        new = self.deliver()
        self.clock.advance(10 * REMEMBERED_FOR)
        self.poll()
        assert self.where(new) == {"Feed"}


class CardDavDecisionTests(DecisionTests):
    contacts = "carddav"


class CardDavArrivalTests(ArrivalTests):
    contacts = "carddav"


class WalkTests(FurnishedTestCase):
    """All mail is gone through while somebody else is at work."""

    def test_mail_binned_between_the_reading_and_the_writing_of_a_page_stays_binned(self) -> None:
        """It is shown again as it is by then."""
        mails = self.deliver_several(3)
        feed, screener, trash = map(self.account.mailbox_id, ("Feed", "Screener", "Trash"))

        def to_feed(mail: Mail) -> MailboxPatch:
            if mail.id == mails[0] and trash not in mail.mailboxes:
                self.account.refile(mail.id, [trash])
            return {} if trash in mail.mailboxes or feed in mail.mailboxes else {screener: None, feed: True}

        async def walk(account: Account) -> None:
            await patch_all_mail(account.client, to_feed, lambda _done, _total: None, apply=True)

        self.do(walk)
        assert [self.where(mail) for mail in mails] == [{"Trash"}, {"Feed"}, {"Feed"}]
