"""What the made-up user does, and when it counts as done."""

from itertools import islice
from random import Random

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from mailroom.sandbox.demo.visitor import Gesture, Visitor
from mailroom.sandbox.settings import SandboxSettings
from mailroom.sandbox.store.account import Account

BOB = "bob@example.com"


class VisitorTests(SynchronousTestCase):
    """A user with the default categories, and nobody to act on the labels but the test."""

    def setUp(self) -> None:
        self.account = Account(Clock())
        self.settings = SandboxSettings()
        names = {name for category in self.settings.categories for name in (category.label, category.name)}
        for name in (*sorted(names), "Screener", "Archive", "@MailroomError"):
            self.account.add_mailbox(name)
        self.visitor = Visitor(self.account, self.settings, Random(1))  # noqa: S311 - taps are no secret

    def deliver(self, sender: str, mailbox: str = "Screener") -> str:
        return self.account.deliver({"from": [{"email": sender}]}, [self.account.mailbox_id(mailbox)])

    def label(self, name: str) -> Gesture:
        """A gesture on a new mail of Bob's."""
        return Gesture("new sender", BOB, {self.deliver(BOB): name})

    def triage(self, gesture: Gesture) -> None:
        """What the service would do: file what the gesture labels under its category."""
        for mail, label in gesture.labels.items():
            category = self.settings.categories.by_label(label or "")
            self.account.refile(mail, [self.account.mailbox_id(category.name if category else "Archive")])

    def test_round(self) -> None:
        """The first round shows every kind of triage once."""
        for sender in (BOB, BOB, "ann@example.com", "ann@example.com", "cy@example.com", "cy@example.com"):
            self.deliver(sender)
        occasions = []
        for gesture in islice(self.visitor.gestures(), 5):
            occasions.append(gesture.occasion)
            self.triage(gesture)
        assert occasions == ["new sender", "new sender", "re-triage", "conflict", "decision"]

    def test_child_category(self) -> None:
        """The second new sender of a round goes to a category that has a parent."""
        self.deliver(BOB)
        _first, second = islice(self.visitor.gestures(), 2)
        category = self.settings.categories.by_label(next(iter(second.labels.values())) or "")
        assert category is not None
        assert category.parent is not None

    def test_empty_screener(self) -> None:
        """Once nobody waits, the user thinks again about those who are filed."""
        self.deliver(BOB, "Feed")
        assert next(self.visitor.gestures()).occasion == "re-triage"

    def test_category_of_now_is_not_chosen_again(self) -> None:
        """A triage to where the mail is already would show nothing."""
        mail = self.deliver(BOB, "Feed")
        labels = {next(self.visitor.gestures()).labels[mail] for _ in range(30)}
        assert labels == {"@ToImbox", "@ToPaperTrail", "@ToJail"}

    def test_mail_out_of_reach(self) -> None:
        """Senders whose mail is neither screened nor filed are left alone."""
        self.deliver("ann@example.com", "Archive")
        self.deliver(BOB)
        assert {next(self.visitor.gestures()).sender for _ in range(10)} == {BOB}

    def test_mail_without_a_sender(self) -> None:
        """A mail from nobody is not tapped."""
        self.account.deliver({"subject": "?"}, [self.account.mailbox_id("Screener")])
        self.deliver(BOB)
        assert {next(self.visitor.gestures()).sender for _ in range(10)} == {BOB}

    def test_labels_are_put_on(self) -> None:
        """A label on a mail leaves it where it is besides."""
        gesture = self.label("@ToFeed")
        self.visitor.act(gesture)
        assert self.account.names_of(next(iter(gesture.labels))) == {"Screener", "@ToFeed"}

    def test_labels_are_taken_off(self) -> None:
        """A decision for one label takes the other one off, and no mark of the service's."""
        mail = self.deliver(BOB)
        for name in ("@ToFeed", "@MailroomError"):
            self.account.label(mail, self.account.mailbox_id(name))
        self.visitor.act(Gesture("decision", BOB, {mail: None}))
        assert self.account.names_of(mail) == {"Screener", "@MailroomError"}

    def test_waiting_for_the_service(self) -> None:
        """A gesture is not done while its label is on the mail."""
        gesture = self.label("@ToFeed")
        self.visitor.act(gesture)
        assert not self.visitor.is_done(gesture)

    def test_done(self) -> None:
        """It is done once the label is gone."""
        gesture = self.label("@ToFeed")
        self.visitor.act(gesture)
        self.triage(gesture)
        assert self.visitor.is_done(gesture)

    def test_conflict_is_done_when_the_user_knows(self) -> None:
        """A conflict has had its effect when all its mails carry the error label."""
        one, other = self.deliver(BOB), self.deliver(BOB)
        conflict = Gesture("conflict", BOB, {one: "@ToFeed", other: "@ToJail"})
        self.visitor.act(conflict)
        error = self.account.mailbox_id("@MailroomError")
        self.account.label(one, error)
        assert not self.visitor.is_done(conflict)
        self.account.label(other, error)
        assert self.visitor.is_done(conflict)

    def test_mails_of_a_sender(self) -> None:
        """All mails of the sender count, however the address is spelled and wherever they are."""
        mails = {self.deliver("BOB@example.com"), self.deliver(BOB, "Archive")}
        self.deliver("bobby@example.com")
        assert {mail.id for mail in self.visitor.mails_from(BOB)} == mails
