"""Changing objects: as many as there are, however few of them a server takes at a time."""

from collections.abc import Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, Final, Literal, NamedTuple

from mailroom.core.chunks import chunked
from mailroom.jmap.calls import Call, Chain, Outcome
from mailroom.jmap.errors import MethodError, SetError
from mailroom.jmap.json_values import identifier, mapping, texts
from mailroom.jmap.operation import Operation
from mailroom.jmap.session import Limits

_UNANSWERED: Final = SetError("serverFail", "The server did not say what became of it.")


class _Change(NamedTuple):
    kind: Literal["create", "update", "destroy"]
    id: str
    value: Mapping[str, Any]


class Set(Operation):
    """Create, update and destroy objects, in this order, in as many calls as the server's limit asks for.

    Each object succeeds or fails by itself: it is afterwards in exactly one of the results. Where some of several calls
    fail as a whole, their objects carry the call's error; only when every call did is it raised. What a server that
    takes less than it says has refused (`requestTooLarge`) follows after the rest, in smaller calls. Creation ids may
    be referred to (`#id`) only within one call's worth of objects.

    With `if_in_state`, all of it is refused (`stateMismatch`) unless the type is in this state still (RFC 8620 section
    5.3). That makes sense for no more objects than one call takes: the first call changes the state.
    """

    def __init__(
        self,
        data_type: str,
        create: Mapping[str, Mapping[str, Any]] | None = None,
        update: Mapping[str, Mapping[str, Any]] | None = None,
        destroy: Iterable[str] = (),
        if_in_state: str | None = None,
    ) -> None:
        super().__init__(data_type)
        self._condition = {} if if_in_state is None else {"ifInState": if_in_state}
        changes = [_Change("create", id_, value) for id_, value in (create or {}).items()]
        changes += [_Change("update", id_, patch) for id_, patch in (update or {}).items()]
        changes += [_Change("destroy", id_, {}) for id_ in dict.fromkeys(destroy)]
        self._pending: list[list[_Change]] = [changes] if changes else []
        self._created: dict[str, dict[str, Any]] = {}
        self._updated: dict[str, dict[str, Any] | None] = {}
        self._destroyed: list[str] = []
        self._refusals: dict[str, dict[str, SetError]] = {"create": {}, "update": {}, "destroy": {}}
        self._states: list[tuple[str | None, str]] = []
        self._answered = False
        self._error: MethodError | None = None
        if not changes:
            self._end()

    @property
    def created(self) -> dict[str, dict[str, Any]]:
        """By creation id, what the server added to each object: its id at least."""
        self.check()
        return self._created

    @property
    def updated(self) -> dict[str, dict[str, Any] | None]:
        """By id, what the server changed besides; None where it did just what it was told."""
        self.check()
        return self._updated

    @property
    def destroyed(self) -> list[str]:
        self.check()
        return self._destroyed

    @property
    def not_created(self) -> dict[str, SetError]:
        self.check()
        return self._refusals["create"]

    @property
    def not_updated(self) -> dict[str, SetError]:
        self.check()
        return self._refusals["update"]

    @property
    def not_destroyed(self) -> dict[str, SetError]:
        self.check()
        return self._refusals["destroy"]

    @property
    def states(self) -> list[tuple[str | None, str]]:
        """The state of the type before and after each call, in their order: they tell own writes from news."""
        self.check()
        return self._states

    def next_chains(self, limits: Limits) -> Sequence[Chain]:
        size = limits.max_objects_in_set
        self._pending = [list(chunk) for changes in self._pending for chunk in chunked(changes, size)]
        return [(self._call(changes),) for changes in self._pending]

    def receive(self, outcomes: Sequence[Sequence[Outcome]]) -> None:
        asked, self._pending = self._pending, []
        for changes, (outcome,) in zip(asked, outcomes, strict=True):
            if isinstance(outcome, MethodError):
                self._refused(changes, outcome)
            else:
                self._take(changes, outcome)
        if not self._pending:
            self._end(None if self._answered else self._error)

    def _call(self, changes: Sequence[_Change]) -> Call:
        arguments: dict[str, Any] = dict(self._condition)
        for kind, id_, value in changes:
            if kind == "destroy":
                arguments.setdefault(kind, []).append(id_)
            else:
                arguments.setdefault(kind, {})[id_] = value
        return Call(f"{self._type}/set", arguments)

    def _take(self, changes: Sequence[_Change], answer: dict[str, Any]) -> None:
        self._answered = True
        created, updated = mapping(answer.get("created")), mapping(answer.get("updated"))
        destroyed = set(texts(answer.get("destroyed")))
        refused = {
            "create": mapping(answer.get("notCreated")),
            "update": mapping(answer.get("notUpdated")),
            "destroy": mapping(answer.get("notDestroyed")),
        }
        for kind, id_, _value in changes:
            if id_ in refused[kind]:
                self._refusals[kind][id_] = SetError.parse(refused[kind][id_])
            elif kind == "create" and isinstance(mapping(created.get(id_)).get("id"), str):
                self._created[id_] = created[id_]
            elif kind == "update" and isinstance(updated.get(id_, ""), dict | NoneType):
                self._updated[id_] = updated[id_]
            elif kind == "destroy" and id_ in destroyed:
                self._destroyed.append(id_)
            else:
                self._refusals[kind][id_] = _UNANSWERED
        if (state := identifier(answer.get("newState"))) is not None:
            self._states.append((identifier(answer.get("oldState")), state))

    def _refused(self, changes: Sequence[_Change], error: MethodError) -> None:
        if error.type == "requestTooLarge" and len(changes) > 1:
            self._pending += map(list, chunked(changes, (len(changes) + 1) // 2))
            return
        self._error = error
        for kind, id_, _value in changes:
            self._refusals[kind][id_] = SetError(error.type, error.description)
