"""How routing is set up, in words."""

import pytest

from mailroom.routing.capability import Mode
from mailroom.routing.sieve_include import Inclusion
from mailroom.routing.state import RoutingState, RulesRemoval


def test_what_works_needs_no_advice() -> None:
    """A script that is current and followed, by itself or as a part of another."""
    active = RoutingState(Mode.GROUPS, exists=True, current=True, active=True)
    included = RoutingState(Mode.GROUPS, exists=True, current=True, other="mine", inclusion=Inclusion.YES)
    assert [(state.effective, state.advice) for state in (active, included)] == [(True, None)] * 2


@pytest.mark.parametrize(
    "state",
    [
        RoutingState(Mode.GROUPS),
        RoutingState(Mode.GROUPS, exists=True, active=True),
        RoutingState(Mode.GROUPS, exists=True, current=True),
        RoutingState(Mode.GROUPS, exists=True, current=True, other="mine"),
        RoutingState(Mode.GROUPS, exists=True, current=True, other="mine", inclusion=Inclusion.UNCERTAIN),
    ],
)
def test_what_does_not_work(state: RoutingState) -> None:
    """Nothing there, something old, or nobody who follows it."""
    assert not state.effective


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RoutingState(Mode.NONE, reason="No Sieve here."), "No Sieve here."),
        (RoutingState(Mode.GROUPS, problem="Too large.", other="mine"), "Too large."),
        (RoutingState(Mode.GROUPS, other="mine"), 'include :personal "mailroom";'),
        (RoutingState(Mode.GROUPS, other="mine"), "--activate"),
        (RoutingState(Mode.GROUPS, other="mine", inclusion=Inclusion.UNCERTAIN), "cannot tell"),
        (RoutingState(Mode.GROUPS, active=True, replaced="mine"), '"mine" was active'),
    ],
)
def test_advice(state: RoutingState, words: str) -> None:
    """The reason, the problem, the line to add, or the way back."""
    assert words in str(state.advice)


def test_what_was_switched_off_and_what_to_do() -> None:
    """After a removal a person knows which script is followed, and how to have another one followed."""
    words = [
        str(removal.advice)
        for removal in (
            RulesRemoval(reactivated="mine"),
            RulesRemoval(left_off="mine", others=("mine",)),
            RulesRemoval(others=("mine", "old")),
            RulesRemoval(),
        )
    ]
    assert "active again" in words[0]
    assert all("Activate it where you manage your scripts" in text for text in words[1:3])
    assert words[3] == "None"
