"""Fetching objects: as many as there are, however few of them a server gives at a time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mailroom.jmap.calls import Call, Chain, Outcome, Reference
from mailroom.jmap.data_type import DataTypeOperation, objects_by_id, parts, strings, text, wanted
from mailroom.jmap.errors import MethodError
from mailroom.jmap.session import Limits

MAX_RESTARTS: Final = 3
MAX_RESULTS: Final = 1_000_000


class Get(DataTypeOperation):
    """Fetch objects by id, or all of a type.

    An id that is repeated is asked for once. Where the server refuses to give all of a type in one answer
    (`requestTooLarge`: `ids: null` is limited too), they are paged through instead. `state` is that of the first
    answer: what happens between the first and the last is news to whoever compares it.
    """

    def __init__(self, data_type: str, ids: Iterable[str] | None = None, properties: Sequence[str] = ()) -> None:
        super().__init__(data_type)
        self._properties = properties
        self._pending: list[list[str] | None] = [None if ids is None else list(dict.fromkeys(ids))]
        self._paging: QueryAndGet | None = None
        self._found: dict[str, dict[str, Any]] = {}
        self._not_found: dict[str, None] = {}
        self._state: str | None = None

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What was found, each object once."""
        self.check()
        return self._paging.objects if self._paging else list(self._found.values())

    @property
    def not_found(self) -> list[str]:
        """The ids asked for that are no more, or never were."""
        self.check()
        return list(self._not_found)

    @property
    def state(self) -> str:
        """The state of the type (RFC 8620 section 5.1) that the objects were read in."""
        self.check()
        return self._paging.state if self._paging else self._state or ""

    def check(self) -> None:
        if self._paging:
            self._paging.check()
        else:
            super().check()

    def next_chains(self, limits: Limits) -> Sequence[Chain]:
        if self._paging:
            return self._paging.next_chains(limits)
        self._pending = [part for ids in self._pending for part in _parts(ids, limits.max_objects_in_get)]
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
                self._take(outcome)
            if self._done:
                return
        if not self._pending and not self._paging:
            self._end()

    def _call(self, ids: Sequence[str] | None) -> Call:
        return Call(f"{self._type}/get", {"ids": ids} | wanted(self._properties))

    def _take(self, answer: dict[str, Any]) -> None:
        self._state = self._state or text(answer, "state")
        self._found.update(objects_by_id(answer))
        self._not_found.update(dict.fromkeys(strings(answer, "notFound")))

    def _refused(self, ids: Sequence[str] | None, error: MethodError) -> None:
        if error.type != "requestTooLarge" or (ids is not None and len(ids) <= 1):
            self._pending = []
            self._end(error)
        elif ids is None:
            self._paging = QueryAndGet(self._type, None, self._properties)
        else:
            self._pending += parts(ids, (len(ids) + 1) // 2)


class QueryAndGet(DataTypeOperation):
    """Fetch every object that matches a filter, in the order of the sort: a query, and a get by result reference.

    Servers cut a page short without a word (RFC 8620 section 5.5), so a short page is no end: only the total is, or an
    empty page. Once the total is known, several pages travel in one request. Where the results change from one page to
    the next, positions no longer fit together and all begins anew, a few times; after that a page is taken as it comes,
    because an account that never rests has to be worked on too.
    """

    def __init__(
        self,
        data_type: str,
        filter: Mapping[str, Any] | None,  # noqa: A002 - JMAP's name for it
        properties: Sequence[str] = (),
        sort: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(data_type)
        self._query: dict[str, Any] = {"filter": filter, "calculateTotal": True}
        if sort:
            self._query["sort"] = list(sort)
        self._properties = properties
        self._restarts = 0
        self._total: int | None = None
        self._page_size = MAX_RESULTS
        self._begin()

    def _begin(self) -> None:
        self._ids: dict[str, None] = {}
        self._found: dict[str, dict[str, Any]] = {}
        self._position = 0
        self._state: str | None = None
        self._query_state: str | None = None

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What matched, each object once, in the order of the query."""
        self.check()
        return [self._found[id_] for id_ in self._ids if id_ in self._found]

    @property
    def state(self) -> str:
        """The state of the type (RFC 8620 section 5.1) that the first page was read in."""
        self.check()
        return self._state or ""

    def next_chains(self, limits: Limits) -> Sequence[Chain]:
        if self._done:
            return ()
        self._page_size = min(self._page_size, limits.max_objects_in_get)
        end = self._position + 1 if self._total is None else self._total
        positions = range(self._position, max(end, self._position + 1), self._page_size)
        self._asked = positions[: max(1, limits.max_calls_in_request // 2)]
        return [self._chain(position) for position in self._asked]

    def receive(self, outcomes: Sequence[Sequence[Outcome]]) -> None:
        for position, (query, get) in zip(self._asked, outcomes, strict=True):
            if self._done or position != self._position:
                return
            if isinstance(query, MethodError) or isinstance(get, MethodError):
                self._refused(next(each for each in (query, get) if isinstance(each, MethodError)))
                return
            if self._has_changed(query) and self._restarts < MAX_RESTARTS:
                self._restarts += 1
                self._begin()
                return
            self._take(query, get)

    def _chain(self, position: int) -> Chain:
        query = Call(f"{self._type}/query", self._query | {"position": position, "limit": self._page_size})
        get = Call(f"{self._type}/get", wanted(self._properties), {"ids": Reference(0, "/ids")})
        return query, get

    def _take(self, query: dict[str, Any], get: dict[str, Any]) -> None:
        ids = strings(query, "ids")
        news = dict.fromkeys(ids).keys() - self._ids.keys()
        self._state = self._state or text(get, "state")
        self._query_state = self._query_state or text(query, "queryState")
        self._ids.update(dict.fromkeys(ids))
        self._found.update(objects_by_id(get))
        self._position += len(ids)
        total = query.get("total")
        self._total = total if isinstance(total, int) else None
        if not ids or (not news if self._total is None else self._position >= self._total):
            self._end()
        elif self._position > MAX_RESULTS:
            self._end(MethodError(f"{self._type}/query", "requestTooLarge", "The results have no end."))
        elif len(ids) < self._page_size:
            self._page_size = len(ids)

    def _has_changed(self, query: dict[str, Any]) -> bool:
        return self._query_state is not None and text(query, "queryState") not in {self._query_state, None}

    def _refused(self, error: MethodError) -> None:
        if error.type == "requestTooLarge" and self._page_size > 1:
            self._page_size //= 2
        else:
            self._end(error)


def _parts(ids: list[str] | None, size: int) -> Sequence[list[str] | None]:
    return [None] if ids is None else parts(ids, size)
