"""How the demo tells what happens."""

from collections import Counter

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from mailroom.commands.demo_output import DemoOutput
from mailroom.sandbox.demo.stage import Reaction
from mailroom.sandbox.demo.visitor import Gesture, Occasion
from mailroom.sandbox.demo.watch import Move
from mailroom.sandbox.store.account import Account


class DemoOutputTests(SynchronousTestCase):
    """Two mails of one sender."""

    def setUp(self) -> None:
        account = Account(Clock())
        sender = {"from": [{"name": "Orbit Digest", "email": "Digest@orbit.example"}], "Subject": "Issue 7"}
        self.mails = [account.deliver(sender, [account.add_mailbox(name)]) for name in ("Screener", "Feed")]
        self.output = DemoOutput(account)

    def gesture(self, occasion: Occasion, *labels: str | None) -> Gesture:
        return Gesture(occasion, "digest@orbit.example", dict(zip(self.mails, labels, strict=False)))

    def told(self, occasion: Occasion, *labels: str | None) -> str:
        """The gesture's line without the time."""
        return self.output.gesture(self.gesture(occasion, *labels), 0.0).partition("  ")[2]

    def test_tap(self) -> None:
        """A tap names the label, the mail and its sender."""
        expected = '@ToFeed on "Issue 7" from Orbit Digest <digest@orbit.example>'
        assert self.told("new sender", "@ToFeed") == expected

    def test_conflict(self) -> None:
        """A conflict names both labels."""
        expected = "@ToFeed and @ToJail on two mails from Orbit Digest <digest@orbit.example>"
        assert self.told("conflict", "@ToFeed", "@ToJail") == expected

    def test_decision(self) -> None:
        """A decision names the label that stays."""
        expected = "@ToFeed it is, for the mails from Orbit Digest <digest@orbit.example>"
        assert self.told("decision", "@ToFeed", None) == expected

    def test_reaction(self) -> None:
        """A reaction tells why the service looked, after how many milliseconds it was done, and what moved where."""
        moves = Counter({Move(("Screener",), ("Feed",)): 11, Move(("Jail",), ("Feed",)): 1})
        reaction = Reaction(self.gesture("new sender", "@ToFeed"), "push", 0.0634, moves)
        expected = "push, 63 ms: 11 mails Screener -> Feed, 1 mail Jail -> Feed"
        assert self.output.reaction(reaction).strip() == expected

    def test_reaction_without_moves(self) -> None:
        """That nothing moved is worth saying."""
        reaction = Reaction(self.gesture("re-triage", "@ToFeed"), "fallback", 1.0, Counter())
        assert self.output.reaction(reaction).strip() == "fallback, 1000 ms: no mail moved"

    def test_summary(self) -> None:
        """The summary has a line for each reaction below its headings."""
        reaction = Reaction(self.gesture("new sender", "@ToFeed"), "push", 0.0634, Counter())
        lines = self.output.summary([reaction, reaction]).splitlines()
        assert [line.split()[0] for line in lines] == ["occasion", "new", "new"]
