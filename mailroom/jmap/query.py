"""Finding objects and fetching them, however few of them a server gives at a time (RFC 8620 section 5.5)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from mailroom.jmap.answers import listed_ids, listed_objects, malformed, unaccounted
from mailroom.jmap.calls import Call, Chain, Outcome, Reference
from mailroom.jmap.errors import MethodError
from mailroom.jmap.json_values import identifier, unsigned
from mailroom.jmap.operation import Operation, properties_argument
from mailroom.jmap.session import Limits

MAX_RESTARTS: Final = 3
MAX_RESULTS: Final = 1_000_000
MAX_PAGES: Final = 20_000
MAX_REPEATS: Final = 3
"""How many pages in a row may bring nothing new, as they do where mails arrive meanwhile."""


class QueryAndGet(Operation):
    """Fetch every object that matches a filter, in the order of the sort: a query, and a get by result reference.

    Servers cut a page short without a word (RFC 8620 section 5.5), so a short page is no end: only the total is, or an
    empty page. Once the total is known, several pages travel in one request. Where the results change from one page to
    the next, positions no longer fit together and all begins anew, a few times; after that a page is taken as it comes,
    because an account that never rests has to be worked on too. Results without an end are an error.
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
        self._pages = 0
        self._may_be_all = False
        self._unreadable: list[str] = []
        self._repeats = 0
        self._state: str | None = None
        self._query_state: str | None = None

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What matched, each object once, in the order of the query.

        Raises a `MethodError` if the server told ids and not, of some, what is there or that nothing is any more.
        """
        readable = self.readable
        if self._unreadable:
            raise malformed(f"{self._type}/get", f"says nothing of {self._unreadable[0]}")
        return readable

    @property
    def readable(self) -> list[dict[str, Any]]:
        """The same, without what stands in the answer in such a way that nobody could tell which object it is."""
        self.check()
        return [self._found[id_] for id_ in self._ids if id_ in self._found]

    @property
    def unreadable(self) -> list[str]:
        """The ids of what `readable` leaves out."""
        self.check()
        return self._unreadable

    @property
    def state(self) -> str:
        """The state of the type (RFC 8620 section 5.1) that the first page was read in."""
        self.check()
        if self._state is None:
            raise malformed(f"{self._type}/get", "has no state")
        return self._state

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
            try:
                self._take(query, get)
            except MethodError as error:
                self._end(error)

    def _chain(self, position: int) -> Chain:
        query = Call(f"{self._type}/query", self._query | {"position": position, "limit": self._page_size})
        get = Call(f"{self._type}/get", properties_argument(self._properties), {"ids": Reference(0, "/ids")})
        return query, get

    def _take(self, query: dict[str, Any], get: dict[str, Any]) -> None:
        ids = listed_ids(f"{self._type}/query", query)
        news = [id_ for id_ in ids if id_ not in self._ids]
        is_whole = not self._ids and len(ids) < self._page_size
        self._ids.update(dict.fromkeys(ids))
        self._position += len(ids)
        self._total = unsigned(query.get("total"))
        self._check_end(ids, news)
        self._take_objects(ids, get)
        self._state = self._state or identifier(get.get("state"))
        self._query_state = self._query_state or identifier(query.get("queryState"))
        if not ids or (self._total is not None and self._position >= self._total) or self._is_all_again(ids, news):
            self._end()
        elif len(ids) < self._page_size:
            self._page_size = len(ids)
        self._may_be_all = is_whole or (self._may_be_all and not news)

    def _take_objects(self, ids: Sequence[str], get: dict[str, Any]) -> None:
        found = listed_objects(f"{self._type}/get", get)
        unknown = unaccounted(get, ids, found)
        if len(unknown) > len(get["list"]) - len(found):
            raise malformed(f"{self._type}/get", f"says nothing of {unknown[0]}")
        self._found.update(found)
        self._unreadable += unknown

    def _check_end(self, ids: Sequence[str], news: Collection[str]) -> None:
        """Raise a `MethodError` where a server's results have no end, or none at all although it counts some."""
        self._pages += 1
        self._repeats = 0 if news or self._is_all_again(ids, news) else self._repeats + 1
        if self._position > MAX_RESULTS or self._pages > MAX_PAGES or self._repeats > MAX_REPEATS:
            raise MethodError(f"{self._type}/query", "requestTooLarge", "The results have no end.")
        if not self._ids and self._total:
            raise malformed(f"{self._type}/query", f"has no ids of {self._total}")

    def _is_all_again(self, ids: Sequence[str], news: Collection[str]) -> bool:
        """Whether a server that does not count gives again the one short page that it gave at first: all it has."""
        return self._total is None and self._may_be_all and not news and len(ids) == len(self._ids)

    def _has_changed(self, query: dict[str, Any]) -> bool:
        return self._query_state is not None and identifier(query.get("queryState")) not in {self._query_state, None}

    def _refused(self, error: MethodError) -> None:
        if error.type == "requestTooLarge" and self._page_size > 1:
            self._page_size //= 2
        else:
            self._end(error)
