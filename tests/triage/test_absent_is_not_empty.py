"""An answer without what it must have is no sign that there is nothing: the label stays until it is known."""

from collections.abc import Callable
from typing import Any

from tests.triage.altered import AlteredScreenerTestCase

Answer = dict[str, Any]


def without(method: str, member: str) -> Callable[[str, Answer], Answer]:
    return lambda answered, answer: (
        {name: value for name, value in answer.items() if name != member} if answered == method else answer
    )


def null(method: str, member: str) -> Callable[[str, Answer], Answer]:
    return lambda answered, answer: answer | {member: None} if answered == method else answer


def empty(method: str, member: str) -> Callable[[str, Answer], Answer]:
    return lambda answered, answer: answer | {member: []} if answered == method else answer


ALTERATIONS = [
    (f"{alter.__name__} {method} {member}", alter(method, member))
    for alter, method, member in [
        *((alter, method, "list") for alter in (without, null, empty) for method in ("Email/get", "ContactCard/get")),
        *((alter, method, "ids") for alter in (without, null) for method in ("Email/query", "ContactCard/query")),
        *((empty, method, "ids") for method in ("Email/query", "ContactCard/query")),
        *((alter, "Mailbox/get", "list") for alter in (without, null)),
        *((alter, "Email/set", "updated") for alter in (without, null)),
        *((alter, "ContactCard/set", "updated") for alter in (without, null)),
        *((alter, "ContactCard/set", "created") for alter in (without, null)),
    ]
]


class AbsentIsNotEmptyTests(AlteredScreenerTestCase):
    """One member is missing in every answer to one method, at any moment of a poll."""

    def test_label_stays(self) -> None:
        """Whatever is missing, and from whichever request on: the sender is filed whole, or the label waits."""
        for name, alter in ALTERATIONS:
            for first_altered in range(4):
                with self.subTest(name, first_altered=first_altered):
                    self.assert_whole(alter, first_altered)

    def assert_whole(self, alter: Callable[[str, Answer], Any], first_altered: int) -> None:
        sender = f"sender-{self.clock.seconds()}@example.com"
        mails = [self.tap(self.deliver(sender)), self.deliver(sender)]
        before = len(self.sandbox.received)
        self.answers(
            lambda method, answer: (
                alter(method, answer) if len(self.sandbox.received) - before > first_altered else answer
            )
        )
        self.screener = self.new_screener()
        self.attempt()
        if "@ToFeed" not in self.where(mails[0]):
            self.assert_where(mails, {"Feed"})
        self.answers(None)
        self.poll()
        self.assert_where(mails, {"Feed"})
        assert sum(sender in card.addresses for card in self.book.cards.values()) == 1
