"""Finding objects and fetching them, however few of them a server gives at a time (RFC 8620 section 5.5)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mailroom.jmap.calls import Call, Chain, Outcome, Reference
from mailroom.jmap.errors import MethodError
from mailroom.jmap.json_values import number, objects_by_id, optional_text, texts
from mailroom.jmap.operation import Operation, properties_argument
from mailroom.jmap.session import Limits

MAX_RESTARTS: Final = 3
MAX_RESULTS: Final = 1_000_000


class QueryAndGet(Operation):
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
        get = Call(f"{self._type}/get", properties_argument(self._properties), {"ids": Reference(0, "/ids")})
        return query, get

    def _take(self, query: dict[str, Any], get: dict[str, Any]) -> None:
        ids = texts(query.get("ids"))
        news = dict.fromkeys(ids).keys() - self._ids.keys()
        self._state = self._state or optional_text(get.get("state"))
        self._query_state = self._query_state or optional_text(query.get("queryState"))
        self._ids.update(dict.fromkeys(ids))
        self._found.update(objects_by_id(get.get("list")))
        self._position += len(ids)
        self._total = number(query.get("total"))
        if not ids or (not news if self._total is None else self._position >= self._total):
            self._end()
        elif self._position > MAX_RESULTS:
            self._end(MethodError(f"{self._type}/query", "requestTooLarge", "The results have no end."))
        elif len(ids) < self._page_size:
            self._page_size = len(ids)

    def _has_changed(self, query: dict[str, Any]) -> bool:
        return self._query_state is not None and optional_text(query.get("queryState")) not in {self._query_state, None}

    def _refused(self, error: MethodError) -> None:
        if error.type == "requestTooLarge" and self._page_size > 1:
            self._page_size //= 2
        else:
            self._end(error)
