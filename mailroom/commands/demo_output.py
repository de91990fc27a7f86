"""The demo in words: what the user did, and what the service made of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from mailroom.commands.table import table
from mailroom.core.printable import counted
from mailroom.sandbox.demo.stage import Reaction
from mailroom.sandbox.demo.visitor import Gesture
from mailroom.sandbox.store.account import Account, Email

_INDENT: Final = " " * 10


class DemoOutput:
    """What the demo prints for whoever looks on."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def gesture(self, gesture: Gesture, seconds: float) -> str:
        """A line on what the user does, at a time in seconds since the epoch."""
        time = datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S")
        return f"{time}  {self._deed(gesture)} from {self._sender(gesture)}"

    def reaction(self, reaction: Reaction) -> str:
        """A line on what came of it."""
        return f"{_INDENT}{reaction.trigger}, {_milliseconds(reaction)} ms: {_effect(reaction)}"

    def summary(self, reactions: Iterable[Reaction]) -> str:
        """A table with a line for each reaction."""
        rows = [
            (
                reaction.gesture.occasion,
                " + ".join(_labels(reaction.gesture)),
                self._sender(reaction.gesture),
                reaction.trigger,
                _milliseconds(reaction),
                _effect(reaction),
            )
            for reaction in reactions
        ]
        return table(("occasion", "label", "sender", "trigger", "ms", "effect"), rows)

    def _deed(self, gesture: Gesture) -> str:
        labels = _labels(gesture)
        match gesture.occasion:
            case "conflict":
                return f"{' and '.join(labels)} on two mails"
            case "decision":
                return f"{labels[0]} it is, for the mails"
            case _:
                return f'{labels[0]} on "{self._mail(gesture).message.last_text("subject")}"'

    def _sender(self, gesture: Gesture) -> str:
        name = self._mail(gesture).message.address_lists("from")[-1][0]["name"]
        return f"{name} <{gesture.sender}>" if name else gesture.sender

    def _mail(self, gesture: Gesture) -> Email:
        return self._account.emails[next(iter(gesture.labels))]


def _effect(reaction: Reaction) -> str:
    """How many mails went where, the most first."""
    if reaction.gesture.occasion == "conflict":
        return "the mails are marked as contradictory and stay where they are"
    moves = [f"{counted(count, 'mail')} {move}" for move, count in reaction.moves.most_common()]
    return ", ".join(moves) or "no mail moved"


def _labels(gesture: Gesture) -> list[str]:
    return [label for label in gesture.labels.values() if label is not None]


def _milliseconds(reaction: Reaction) -> str:
    return f"{reaction.seconds * 1000:.0f}"
