"""Fetching objects by id, however few of them a server gives at a time (RFC 8620 section 5.1)."""

from collections.abc import Iterable, Sequence
from typing import Any

from mailroom.core.chunks import chunked
from mailroom.jmap.answers import listed_objects, malformed, unaccounted
from mailroom.jmap.calls import Call, Chain, Outcome
from mailroom.jmap.errors import MethodError
from mailroom.jmap.json_values import identifier, texts
from mailroom.jmap.operation import Operation, properties_argument
from mailroom.jmap.query import QueryAndGet
from mailroom.jmap.session import Limits


class Get(Operation):
    """Fetch objects by id, or all of a type.

    An id that is repeated is asked for once. Where the server refuses to give all of a type in one answer
    (`requestTooLarge`: `ids: null` is limited too), they are paged through instead. `state` is that of the first
    answer: what happens between the first and the last is news to whoever compares it.

    An id that the server neither lists nor calls not found is a failure: nobody could tell what became of its object.
    """

    def __init__(self, data_type: str, ids: Iterable[str] | None = None, properties: Sequence[str] = ()) -> None:
        super().__init__(data_type)
        self._method = f"{data_type}/get"
        self._properties = properties
        self._pending: list[Sequence[str] | None] = [None if ids is None else list(dict.fromkeys(ids))]
        self._paging: QueryAndGet | None = None
        self._found: dict[str, dict[str, Any]] = {}
        self._not_found: dict[str, None] = {}
        self._unreadable = 0
        self._state: str | None = None

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What was found, each object once."""
        self.check()
        return self._paging.objects if self._paging else list(self._found.values())

    @property
    def unreadable(self) -> int:
        """How many of all objects were listed without an id, and are left out."""
        self.check()
        return self._unreadable

    @property
    def not_found(self) -> list[str]:
        """The ids asked for that are no more, or never were."""
        self.check()
        return list(self._not_found)

    @property
    def state(self) -> str:
        """The state of the type (RFC 8620 section 5.1) that the objects were read in."""
        self.check()
        if self._paging:
            return self._paging.state
        if self._state is None:
            raise malformed(self._method, "has no state")
        return self._state

    def check(self) -> None:
        if self._paging:
            self._paging.check()
        else:
            super().check()

    def next_chains(self, limits: Limits) -> Sequence[Chain]:
        if self._paging:
            return self._paging.next_chains(limits)
        self._pending = [part for ids in self._pending for part in _split(ids, limits.max_objects_in_get)]
        return [(self._call(ids),) for ids in self._pending]

    def receive(self, outcomes: Sequence[Sequence[Outcome]]) -> None:
        if self._paging:
            self._paging.receive(outcomes)
            return
        asked, self._pending = self._pending, []
        for ids, (outcome,) in zip(asked, outcomes, strict=True):
            if isinstance(outcome, MethodError):
                self._refused(ids, outcome)
            else:
                self._take(ids, outcome)
            if self._done:
                return
        if not self._pending and not self._paging:
            self._end()

    def _call(self, ids: Sequence[str] | None) -> Call:
        return Call(self._method, {"ids": ids} | properties_argument(self._properties))

    def _take(self, ids: Sequence[str] | None, answer: dict[str, Any]) -> None:
        try:
            found = listed_objects(self._method, answer)
            if unknown := unaccounted(answer, ids or (), found):
                raise malformed(self._method, f"says nothing of {unknown[0]}")
        except MethodError as error:
            self._fail(error)
            return
        self._state = self._state or identifier(answer.get("state"))
        self._found.update(found)
        self._unreadable += len(answer["list"]) - len(found)
        self._not_found.update(dict.fromkeys(texts(answer.get("notFound"))))

    def _refused(self, ids: Sequence[str] | None, error: MethodError) -> None:
        if error.type != "requestTooLarge" or (ids is not None and len(ids) <= 1):
            self._fail(error)
        elif ids is None:
            self._paging = QueryAndGet(self._type, None, self._properties)
        else:
            self._pending += _split(ids, (len(ids) + 1) // 2)

    def _fail(self, error: MethodError) -> None:
        self._pending = []
        self._end(error)


def _split(ids: Sequence[str] | None, size: int) -> list[Sequence[str] | None]:
    """The ids in runs of at most `size`. No ids are one run of none: the state is asked for all the same."""
    return [None] if ids is None else [*chunked(ids, size)] or [[]]
