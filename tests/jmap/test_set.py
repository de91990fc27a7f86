from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.jmap.calls import Call, Chain, Outcome
from mailroom.jmap.errors import MethodError, NotRun, SetError
from mailroom.jmap.operation import Operation
from mailroom.jmap.session import Limits
from mailroom.jmap.set import Set

IDS = st.lists(st.text("abc", min_size=1, max_size=3), unique=True, max_size=12)
FAIL = MethodError("Email/set", "serverFail", "oops")


class Obedient:
    """Does all that it is told, at most so many changes in a call, and keeps what it was told."""

    def __init__(self, takes: int = 1_000) -> None:
        self.takes = takes
        self.calls: list[Call] = []

    def run(self, operation: Operation, limits: Limits) -> None:
        while chains := operation.next_chains(limits):
            operation.receive([self.answer(chain) for chain in chains])

    def answer(self, chain: Chain) -> Sequence[Outcome]:
        (call,) = chain
        if len(changes_in(call)) > self.takes:
            return [MethodError(call.method, "requestTooLarge")]
        self.calls.append(call)
        return [
            {
                "created": {id_: {"id": f"new {id_}"} for id_ in call.arguments.get("create", {})} or None,
                "updated": dict.fromkeys(call.arguments.get("update", {})) or None,
                "destroyed": call.arguments.get("destroy"),
                "oldState": f"s{len(self.calls) - 1}",
                "newState": f"s{len(self.calls)}",
            }
        ]


def changes_in(call: Call) -> list[tuple[str, str]]:
    return [(kind, id_) for kind in ("create", "update", "destroy") for id_ in call.arguments.get(kind, ())]


def answered(operation: Set, *outcomes: Outcome, limits: Limits | None = None) -> Set:
    operation.next_chains(limits or Limits())
    operation.receive([[outcome] for outcome in outcomes])
    return operation


class TestSplitting:
    @given(IDS, IDS, IDS, st.integers(1, 6))
    def test_every_change_once_in_order(
        self, create: list[str], update: list[str], destroy: list[str], limit: int
    ) -> None:
        """Creates, updates and destroys count together; each is sent once, in this order."""
        server = Obedient()
        operation = Set("Email", {id_: {} for id_ in create}, {id_: {} for id_ in update}, destroy)
        server.run(operation, Limits(max_objects_in_set=limit))
        sent = [changes_in(call) for call in server.calls]
        wanted = [("create", id_) for id_ in create] + [("update", id_) for id_ in update]
        assert [change for some in sent for change in some] == wanted + [("destroy", id_) for id_ in destroy]
        assert all(len(some) <= limit for some in sent)
        assert (list(operation.created), list(operation.updated), operation.destroyed) == (create, update, destroy)

    @given(IDS, IDS, st.integers(1, 6))
    def test_server_takes_less_than_it_said(self, create: list[str], destroy: list[str], takes: int) -> None:
        """Changes that are too many for the server are sent in smaller parts, none of them twice."""
        server = Obedient(takes)
        operation = Set("Email", create={id_: {} for id_ in create}, destroy=destroy)
        server.run(operation, Limits())
        sent = [change for call in server.calls for change in changes_in(call)]
        assert sorted(sent) == sorted([("create", id_) for id_ in create] + [("destroy", id_) for id_ in destroy])
        assert (set(operation.created), set(operation.destroyed)) == (set(create), set(destroy))

    def test_one_is_too_large(self) -> None:
        """A single change that is too large fails alone."""
        operation = Set("Email", create={"a": {}})
        Obedient(takes=0).run(operation, Limits())
        with pytest.raises(MethodError, match="requestTooLarge"):
            _ = operation.created

    def test_nothing_to_do(self) -> None:
        """Nothing to do is done without a call."""
        operation = Set("Email")
        assert not operation.next_chains(Limits())
        assert (operation.created, operation.updated, operation.destroyed, operation.states) == ({}, {}, [], [])

    def test_condition(self) -> None:
        """What may be done in one state only says so, in each call."""
        server = Obedient()
        server.run(Set("Email", destroy=["a", "b"], if_in_state="7"), Limits(max_objects_in_set=1))
        assert [call.arguments["ifInState"] for call in server.calls] == ["7", "7"]

    def test_what_is_sent(self) -> None:
        """Objects and patches are sent as they are, and kinds without any are left out."""
        ((call,),) = Set("Email", update={"E1": {"mailboxIds/M1": None}}).next_chains(Limits())
        assert call == Call("Email/set", {"update": {"E1": {"mailboxIds/M1": None}}})


class TestResults:
    def test_each_by_itself(self) -> None:
        """Each object succeeds or fails by itself."""
        operation = answered(
            Set("Email", {"a": {}, "b": {}}, {"c": {}, "d": {}}, ["e", "f"]),
            {
                "created": {"a": {"id": "A"}},
                "notCreated": {"b": {"type": "overQuota"}},
                "updated": {"c": {"size": 3}},
                "notUpdated": {"d": {"type": "notFound"}},
                "destroyed": ["e"],
                "notDestroyed": {"f": {"type": "forbidden"}},
                "oldState": "s1",
                "newState": "s2",
            },
        )
        assert (operation.created, operation.not_created) == ({"a": {"id": "A"}}, {"b": SetError("overQuota")})
        assert (operation.updated, operation.not_updated) == ({"c": {"size": 3}}, {"d": SetError("notFound")})
        assert (operation.destroyed, operation.not_destroyed) == (["e"], {"f": SetError("forbidden")})
        assert operation.states == [("s1", "s2")]

    def test_null_is_success(self) -> None:
        """An update whose value is null went well."""
        assert answered(Set("Email", update={"a": {}}), {"updated": {"a": None}}).updated == {"a": None}

    @pytest.mark.parametrize("answer", [{}, {"updated": None, "notUpdated": None}, {"notUpdated": []}])
    def test_unmentioned(self, answer: dict[str, Any]) -> None:
        """What the server does not mention has failed: nobody knows that it was done."""
        operation = answered(Set("Email", {"a": {}}, {"b": {}}, ["c"]), answer)
        for failures in (operation.not_created, operation.not_updated, operation.not_destroyed):
            assert [error.type for error in failures.values()] == ["serverFail"]

    @pytest.mark.parametrize("created", [{"a": None}, {"a": {}}, {"a": {"id": 3}}, {"a": "A1"}, ["a"], "a"])
    def test_created_without_an_id(self, created: Any) -> None:
        """A creation of which the server gives no id has not certainly been one."""
        assert [*answered(Set("Email", {"a": {}}), {"created": created}).not_created] == ["a"]

    @pytest.mark.parametrize("updated", [["a"], "a", {"a": False}, {"a": "done"}, 3])
    def test_updated_in_no_sense(self, updated: Any) -> None:
        """Nor is it an update what the server mentions in another form than the RFC's."""
        assert [*answered(Set("Email", update={"a": {}}), {"updated": updated}).not_updated] == ["a"]

    def test_both_done_and_refused(self) -> None:
        """What is called done and refused in one answer counts as refused: it can be done again."""
        answer = {"updated": {"a": None}, "notUpdated": {"a": {"type": "forbidden"}}}
        operation = answered(Set("Email", update={"a": {}}), answer)
        assert (operation.updated, operation.not_updated) == ({}, {"a": SetError("forbidden")})

    def test_not_asked_for(self) -> None:
        """What the server mentions without having been asked is no result."""
        assert answered(Set("Email", update={"a": {}}), {"updated": {"a": None, "z": None}}).updated == {"a": None}

    def test_bare_failure(self) -> None:
        """A failure without explanation is one."""
        operation = answered(Set("Email", update={"a": {}}), {"notUpdated": {"a": None}})
        assert operation.not_updated == {"a": SetError("serverFail")}

    def test_states(self) -> None:
        """Each call's states are kept, in order; an old state may be unknown, and without a new one there is none."""
        operation = answered(
            Set("Email", update={"a": {}, "b": {}, "c": {}}),
            {"oldState": None, "newState": "s1"},
            {"oldState": "s1", "newState": "s2"},
            {},
            limits=Limits(max_objects_in_set=1),
        )
        assert operation.states == [(None, "s1"), ("s1", "s2")]

    def test_failure(self) -> None:
        """Reading any result of a set that failed as a whole raises its error."""
        operation = answered(Set("Email", update={"a": {}}), FAIL)
        with pytest.raises(MethodError, match="oops"):
            _ = operation.not_updated

    def test_failure_of_one_call(self) -> None:
        """Where one of several calls fails, its objects have failed and the others have not."""
        operation = answered(
            Set("Email", update={"a": {}, "b": {}}), FAIL, {"updated": {"b": None}}, limits=Limits(max_objects_in_set=1)
        )
        assert (operation.updated, operation.not_updated) == ({"b": None}, {"a": SetError("serverFail", "oops")})

    def test_not_run(self) -> None:
        """Reading before the end is an error of the caller's."""
        with pytest.raises(NotRun):
            _ = Set("Email", destroy=["a"]).destroyed
