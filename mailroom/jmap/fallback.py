"""Finding objects on servers that do not know every filter (RFC 8620 section 5.5: `unsupportedFilter`)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mailroom.jmap.calls import Chain, Outcome
from mailroom.jmap.errors import MethodError
from mailroom.jmap.operation import Operation
from mailroom.jmap.query import QueryAndGet
from mailroom.jmap.session import Limits

Filter = Mapping[str, Any] | None
"""A filter as JMAP writes it; None lets everything through."""

Alternatives = Sequence[Sequence[Filter]]
"""Filters that find the same or more, the dearer the later. Those of one alternative find it together."""


class FallbackQuery(Operation):
    """Fetch every object that matches a filter or, where the server does not know it, one of simpler filters.

    The queries of an alternative travel in one request. What they find may be more than was wanted: it is left to the
    caller to look at each object. `first` is the alternative to begin with: the one that the server took before.
    """

    def __init__(
        self, data_type: str, alternatives: Alternatives, properties: Sequence[str] = (), first: int = 0
    ) -> None:
        super().__init__(data_type)
        self._alternatives = alternatives
        self._properties = properties
        self._asked: list[int] = []
        self._choose(min(first, len(alternatives) - 1))

    def _choose(self, alternative: int) -> None:
        self.alternative = alternative
        """Which alternative is asked for, or was in the end."""
        filters = self._alternatives[alternative]
        self._queries = [QueryAndGet(self._type, each, self._properties) for each in filters]

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What was found, each object once; raises what `QueryAndGet.objects` raises."""
        self.check()
        return _once(each for query in self._queries for each in query.objects)

    @property
    def readable(self) -> list[dict[str, Any]]:
        """As `QueryAndGet.readable`."""
        self.check()
        return _once(each for query in self._queries for each in query.readable)

    @property
    def unreadable(self) -> list[str]:
        """As `QueryAndGet.unreadable`."""
        self.check()
        return [id_ for query in self._queries for id_ in query.unreadable]

    @property
    def state(self) -> str:
        """The state of the type that the first page was read in."""
        self.check()
        return self._queries[0].state

    def next_chains(self, limits: Limits) -> Sequence[Chain]:
        chains = [query.next_chains(limits) for query in self._queries]
        self._asked = [len(some) for some in chains]
        return [chain for some in chains for chain in some]

    def receive(self, outcomes: Sequence[Sequence[Outcome]]) -> None:
        start = 0
        for query, count in zip(self._queries, self._asked, strict=True):
            if count:
                query.receive(outcomes[start : start + count])
            start += count
        errors = [query.error for query in self._queries]
        if any(map(names_a_filter, errors)) and self.alternative + 1 < len(self._alternatives):
            self._choose(self.alternative + 1)
        elif all(query.is_done for query in self._queries):
            self._end(next(filter(None, errors), None))


def names_a_filter(error: MethodError | None) -> bool:
    """Whether a query failed because the server does not know its filter."""
    return error is not None and error.type == "unsupportedFilter"


def _once(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({each["id"]: each for each in objects}.values())
