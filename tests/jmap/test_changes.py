"""What has changed since a state is asked for until there is no more of it."""

from typing import Any

import pytest

from mailroom.jmap.changes import MAX_ANSWERS, Changes
from mailroom.jmap.errors import MethodError
from mailroom.jmap.session import Limits


def answer(state: str, *, more: bool = False, **changed: list[str]) -> dict[str, Any]:
    return {"created": [], "updated": [], "destroyed": [], "newState": state, "hasMoreChanges": more, **changed}


def receive(changes: Changes, told: dict[str, Any] | MethodError, *new: str) -> None:
    changes.next_chains(Limits())
    changes.receive([[told, {"list": [{"id": id_} for id_ in new]}]])


def test_changes_are_asked_for_from_where_the_last_answer_ended() -> None:
    """A server tells some at a time; the new objects come along."""
    changes = Changes("Email", "s0", ["id"])
    receive(changes, answer("s1", more=True, created=["M1"], updated=["M2"]), "M1")
    ((asked, get),) = changes.next_chains(Limits())
    assert (asked.arguments["sinceState"], get.references["ids"].path) == ("s1", "/created")
    receive(changes, answer("s2", destroyed=["M3"]))
    assert [email["id"] for email in changes.created] == ["M1"]
    assert (set(changes.updated), set(changes.destroyed), changes.state) == ({"M2"}, {"M3"}, "s2")
    assert changes.next_chains(Limits()) == ()


@pytest.mark.parametrize("missing", ["created", "updated", "destroyed", "newState"])
def test_absent_is_not_unchanged(missing: str) -> None:
    """What the server left out is not known."""
    told = answer("s1")
    del told[missing]
    changes = Changes("Email", "s0")
    receive(changes, told)
    with pytest.raises(MethodError, match="has no"):
        _ = changes.state


def test_new_object_that_is_not_accounted_for_fails() -> None:
    """It is neither among the objects nor among those that are gone again."""
    changes = Changes("Email", "s0")
    receive(changes, answer("s1", created=["M1"]))
    with pytest.raises(MethodError, match="says nothing of M1"):
        _ = changes.created


def test_state_that_is_forgotten_is_told() -> None:
    """The caller has to look for itself."""
    changes = Changes("Email", "s0")
    receive(changes, MethodError("Email/changes", "cannotCalculateChanges"))
    with pytest.raises(MethodError, match="cannotCalculateChanges"):
        _ = changes.updated


def test_changes_that_lead_nowhere_end() -> None:
    """A server that always has more would be asked for ever."""
    changes = Changes("Email", "s0")
    receive(changes, answer("s0", more=True))
    assert changes.next_chains(Limits()) == ()
    with pytest.raises(MethodError, match="has no end"):
        _ = changes.created


def test_changes_without_end_end() -> None:
    """Even if each answer leads to another state."""
    changes = Changes("Email", "s0")
    for number in range(MAX_ANSWERS):
        receive(changes, answer(f"s{number + 1}", more=True))
    assert changes.next_chains(Limits()) == ()
