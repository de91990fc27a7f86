"""When something comes true in an account, and where mail went."""

from collections import Counter

from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from mailroom.sandbox.demo.watch import Move, Whereabouts, when
from mailroom.sandbox.store.account import Account
from tests.deferreds import failure_of, is_waiting, result_of


class WhenTests(SynchronousTestCase):
    """The moment at which a mail is in a mailbox."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.account = Account(self.clock)
        self.feed = self.account.add_mailbox("Feed")
        self.mail = self.account.deliver({"subject": "News"}, [self.account.add_mailbox("Screener")])

    def in_feed(self) -> bool:
        return self.feed in self.account.emails[self.mail].mailbox_ids

    def test_moment_of_the_change(self) -> None:
        """It is the time of the change that made it true, not that of the watch."""
        moment = when(self.account, self.clock, self.in_feed)
        self.clock.advance(2.5)
        self.account.label(self.mail, self.feed)
        self.clock.advance(0)
        assert result_of(moment) == 2.5

    def test_change_that_matters_not(self) -> None:
        """As long as it is not true, changes are let pass."""
        moment = when(self.account, self.clock, self.in_feed)
        self.account.add_mailbox("Jail")
        self.clock.advance(0)
        assert is_waiting(moment)

    def test_never_within_the_change(self) -> None:
        """Whoever waits goes on only when the change is over and done."""
        moment = when(self.account, self.clock, self.in_feed)
        self.account.label(self.mail, self.feed)
        assert is_waiting(moment)

    def test_true_from_the_start(self) -> None:
        """What is so already need not change."""
        self.account.label(self.mail, self.feed)
        moment = when(self.account, self.clock, self.in_feed)
        self.clock.advance(0)
        assert result_of(moment) == 0

    def test_cancelled(self) -> None:
        """A cancelled watch leaves no listener behind."""
        moment = when(self.account, self.clock, self.in_feed)
        moment.cancel()
        failure_of(moment, CancelledError)
        assert self.account.journal.listeners == []

    def test_cancelled_at_the_last_instant(self) -> None:
        """Between the change and the news of it, cancelling is still in time."""
        moment = when(self.account, self.clock, self.in_feed)
        self.account.label(self.mail, self.feed)
        moment.cancel()
        self.clock.advance(0)
        failure_of(moment, CancelledError)


class WhereaboutsTests(SynchronousTestCase):
    """The difference between two looks at some mails."""

    def setUp(self) -> None:
        self.account = Account(Clock())
        self.screener, self.feed, self.label = map(self.account.add_mailbox, ("Screener", "Feed", "@ToFeed"))
        self.mails = [self.account.deliver({"subject": "News"}, [self.screener]) for _ in range(3)]
        self.whereabouts = Whereabouts(self.account, self.mails, ignored=["@ToFeed"])

    def test_moved_mails_are_counted_by_their_way(self) -> None:
        """Mails that went the same way are one entry, those that stayed are none."""
        for mail in self.mails[:2]:
            self.account.file(mail, add=[self.feed], remove=[self.screener])
        assert self.whereabouts.moves() == Counter({Move(("Screener",), ("Feed",)): 2})

    def test_ignored_mailboxes(self) -> None:
        """A label put on a mail is no move."""
        self.account.label(self.mails[0], self.label)
        assert self.whereabouts.moves() == Counter()

    def test_several_mailboxes_at_once(self) -> None:
        """Every mailbox that a mail left or entered is told, in the order of their names."""
        jail = self.account.add_mailbox("Jail")
        self.account.file(self.mails[0], add=[jail, self.feed], remove=[self.screener])
        assert [str(move) for move in self.whereabouts.moves()] == ["Screener -> Feed + Jail"]

    def test_mail_that_left_nothing(self) -> None:
        """A mail that is in one more mailbox than before is told as such."""
        self.account.label(self.mails[0], self.feed)
        assert [str(move) for move in self.whereabouts.moves()] == ["also in Feed"]
