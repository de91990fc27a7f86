"""States and changes (RFC 8620 section 5.2)."""

import pytest

from mailroom.sandbox.errors import MethodError
from mailroom.sandbox.store.journal import Journal


def journal_of(*ids: str) -> Journal:
    journal = Journal()
    for object_id in ids:
        journal.created("Email", object_id)
    return journal


def test_created_then_updated_is_created() -> None:
    """What is new since a state is told once, as created."""
    journal = journal_of("a")
    journal.updated("Email", "a")
    changes = journal.changes("Email", "0", None)
    assert (changes.created, changes.updated) == (["a"], [])


def test_created_then_destroyed_is_nothing() -> None:
    """What came and went since a state is not told at all."""
    journal = journal_of("a")
    journal.destroyed("Email", "a")
    assert journal.changes("Email", "0", None).destroyed == []


def test_pages_of_changes() -> None:
    """More changes than asked for are told in pages, each from the new state of the one before."""
    journal = journal_of("a", "b", "c")
    first = journal.changes("Email", "0", 2)
    second = journal.changes("Email", first.new_state, 2)
    assert (first.created, first.has_more) == (["a", "b"], True)
    assert (second.created, second.has_more, second.new_state) == (["c"], False, journal.state("Email"))


def test_pages_tell_of_creation_first() -> None:
    """What was created and updated since a state is not told as updated before it is told as created."""
    journal = journal_of("a", "b")
    journal.updated("Email", "a")
    first = journal.changes("Email", "0", 1)
    second = journal.changes("Email", first.new_state, None)
    assert first.created == ["a"]
    assert (second.created, second.updated) == (["b"], ["a"])


def test_state_that_is_none() -> None:
    """From something that never was a state, changes cannot be told."""
    with pytest.raises(MethodError, match="cannotCalculateChanges"):
        journal_of().changes("Email", "garbage", None)


def test_state_to_come() -> None:
    """Since a state to come nothing has changed, as on a Cyrus."""
    assert journal_of("a").changes("Email", "999", None).created == []


def test_types_have_states_of_their_own() -> None:
    """A change of one data type leaves the states of the others."""
    journal = journal_of("a")
    before, modseq = journal.state("Email"), journal.modseq
    journal.created("Mailbox", "x")
    assert journal.state("Email") == before
    assert journal.states_since(modseq) == {"Mailbox": journal.state("Mailbox")}
