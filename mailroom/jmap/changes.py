"""What has become of a type since a state that is known (RFC 8620 section 5.2)."""

from collections.abc import Sequence
from typing import Any, Final

from mailroom.jmap.answers import listed_objects, malformed, unaccounted
from mailroom.jmap.calls import Call, Chain, Outcome, Reference
from mailroom.jmap.errors import MethodError
from mailroom.jmap.json_values import Json, identifier, texts
from mailroom.jmap.operation import Operation, properties_argument
from mailroom.jmap.session import Limits

MAX_ANSWERS: Final = 1000


class Changes(Operation):
    """Tell which objects are new, changed and gone since a state, and fetch the new ones.

    A server tells as many changes at a time as it likes; they are asked for until there are no more. One that no longer
    knows the state says so (`cannotCalculateChanges`).
    """

    def __init__(self, data_type: str, since: str, properties: Sequence[str] = ()) -> None:
        super().__init__(data_type)
        self._properties = properties
        self._state = since
        self._answers = 0
        self._created: dict[str, dict[str, Any]] = {}
        self._updated: set[str] = set()
        self._destroyed: set[str] = set()

    @property
    def created(self) -> list[dict[str, Any]]:
        """The new objects, but for those that are gone again."""
        self.check()
        return list(self._created.values())

    @property
    def updated(self) -> frozenset[str]:
        """The ids of the objects that were there before, and are not as they were."""
        self.check()
        return frozenset(self._updated)

    @property
    def destroyed(self) -> frozenset[str]:
        """The ids of the objects that are gone."""
        self.check()
        return frozenset(self._destroyed)

    @property
    def state(self) -> str:
        """The state that the changes lead to."""
        self.check()
        return self._state

    def next_chains(self, limits: Limits) -> Sequence[Chain]:
        if self._done:
            return ()
        since = {"sinceState": self._state, "maxChanges": limits.max_objects_in_get}
        created = {"ids": Reference(0, "/created")}
        return [
            (
                Call(f"{self._type}/changes", since),
                Call(f"{self._type}/get", properties_argument(self._properties), created),
            )
        ]

    def receive(self, outcomes: Sequence[Sequence[Outcome]]) -> None:
        ((changes, get),) = outcomes
        try:
            if isinstance(changes, MethodError):
                raise changes
            if isinstance(get, MethodError):
                raise get
            self._take(changes, get)
        except MethodError as error:
            self._end(error)

    def _take(self, changes: dict[str, Any], get: dict[str, Any]) -> None:
        method, state = f"{self._type}/changes", identifier(changes.get("newState"))
        if state is None:
            raise malformed(method, "has no new state")
        created, updated, destroyed = (_listed(method, changes, kind) for kind in ("created", "updated", "destroyed"))
        found = listed_objects(f"{self._type}/get", get)
        if unknown := unaccounted(get, created, found):
            raise malformed(f"{self._type}/get", f"says nothing of {unknown[0]}")
        self._created |= found
        self._updated |= updated
        self._destroyed |= destroyed
        self._answers += 1
        has_more = changes.get("hasMoreChanges") is True
        if has_more and (state == self._state or self._answers >= MAX_ANSWERS):
            raise malformed(method, "has no end")
        self._state = state
        if not has_more:
            self._end()


def _listed(method: str, answer: Json, kind: str) -> set[str]:
    ids = answer.get(kind)
    if not isinstance(ids, list):
        raise malformed(method, f"has no list of what was {kind}")
    return set(texts(ids))
