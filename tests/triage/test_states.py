"""Which announcements are a poll's own echo."""

from mailroom.triage.states import OwnWrites


def test_what_the_scan_saw_is_known() -> None:
    """A state that the poll itself looked at is no news."""
    assert OwnWrites("7").states == {"7"}


def test_own_writes_are_known_as_long_as_they_follow_each_other() -> None:
    """Each write that found what the one before left belongs to the chain."""
    chain = OwnWrites("7")
    chain.wrote([("7", "8"), ("8", "9")])
    chain.wrote([("9", "10")])
    assert chain.states == {"7", "8", "9", "10"}


def test_somebody_elses_change_ends_the_chain() -> None:
    """After a write that found an unknown state, no state is known, however well later writes fit together."""
    chain = OwnWrites("7")
    chain.wrote([("7", "8"), ("9", "10")])
    chain.wrote([("10", "11")])
    assert chain.states == {"7", "8"}


def test_a_server_that_does_not_say_what_it_found_is_not_trusted() -> None:
    """A missing old state may hide somebody else's change."""
    chain = OwnWrites("7")
    chain.wrote([(None, "8")])
    assert chain.states == {"7"}


def test_without_a_state_seen_nothing_is_known() -> None:
    """A poll that has not read a state cannot tell its own writes from others'."""
    chain = OwnWrites(None)
    chain.wrote([("7", "8")])
    assert chain.states == frozenset()
