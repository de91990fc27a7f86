"""Going through more objects than should be held at once, a page at a time, while they change."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mailroom.jmap.answers import listed_ids, listed_objects, malformed, unaccounted
from mailroom.jmap.calls import Call, Chain, Outcome, Reference
from mailroom.jmap.errors import MethodError
from mailroom.jmap.json_values import identifier, unsigned
from mailroom.jmap.operation import Operation, properties_argument
from mailroom.jmap.session import Limits

MAX_PAGES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Listing:
    """Which objects to list, what of them, and in which order: a filter, properties and a sort, as JMAP writes them."""

    data_type: str
    properties: Sequence[str] = ()
    filter: Mapping[str, Any] | None = None
    sort: Sequence[Mapping[str, Any]] = ()


class Page(Operation):
    """Some of a listing: a query, and a get by result reference.

    The page begins behind the object `after` (RFC 8620 section 5.5: an anchor), or else at `position`. It holds at most
    `size` objects, and fewer where the server gives fewer: only an empty page, or the total, tells the end.
    """

    def __init__(self, listing: Listing, size: int, *, after: str | None = None, position: int = 0) -> None:
        super().__init__(listing.data_type)
        self._listing = listing
        self._size = size
        self._place = {"position": position} if after is None else {"anchor": after, "anchorOffset": 1}
        self._ids: list[str] = []
        self._found: dict[str, dict[str, Any]] = {}
        self._position = position
        self._total: int | None = None
        self._state: str | None = None

    @property
    def ids(self) -> list[str]:
        """What matched, in the order of the sort."""
        self.check()
        return self._ids

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The objects of these ids, but for those that have gone meanwhile."""
        self.check()
        return [self._found[id_] for id_ in self._ids if id_ in self._found]

    @property
    def state(self) -> str | None:
        """The state of the type that the objects were read in, where the server told."""
        self.check()
        return self._state

    @property
    def start(self) -> int:
        """How many objects of the whole result come before this page."""
        self.check()
        return self._position

    @property
    def end(self) -> int:
        """How many objects of the whole result come before the end of this page."""
        self.check()
        return self._position + len(self._ids)

    @property
    def is_lost(self) -> bool:
        """Whether the object that the page was to begin behind is not there any more."""
        return isinstance(self._failure, MethodError) and self._failure.type == "anchorNotFound"

    @property
    def total(self) -> int | None:
        """How many objects match, where the server told."""
        self.check()
        return self._total

    def next_chains(self, limits: Limits) -> Sequence[Chain]:
        if self._done:
            return ()
        self._size = min(self._size, limits.max_objects_in_get)
        order = {"sort": list(self._listing.sort)} if self._listing.sort else {}
        arguments = {
            "filter": self._listing.filter,
            **order,
            **self._place,
            "limit": self._size,
            "calculateTotal": True,
        }
        query = Call(f"{self._type}/query", arguments)
        get = Call(f"{self._type}/get", properties_argument(self._listing.properties), {"ids": Reference(0, "/ids")})
        return [(query, get)]

    def receive(self, outcomes: Sequence[Sequence[Outcome]]) -> None:
        ((query, get),) = outcomes
        if isinstance(query, MethodError):
            self._refused(query)
            return
        if isinstance(get, MethodError):
            self._refused(get)
            return
        try:
            self._take(query, get)
        except MethodError as error:
            self._end(error)
        else:
            self._end()

    def _take(self, query: dict[str, Any], get: dict[str, Any]) -> None:
        self._ids = listed_ids(f"{self._type}/query", query)
        self._found = listed_objects(f"{self._type}/get", get)
        if unknown := unaccounted(get, self._ids, self._found):
            raise malformed(f"{self._type}/get", f"says nothing of {unknown[0]}")
        self._position = unsigned(query.get("position")) or self._position
        self._total = unsigned(query.get("total"))
        self._state = identifier(get.get("state"))
        if self._total and not self._ids and self._place == {"position": 0}:
            raise malformed(f"{self._type}/query", f"has no ids of {self._total}")

    def _refused(self, error: MethodError) -> None:
        if error.type == "requestTooLarge" and self._size > 1:
            self._size //= 2
        else:
            self._end(error)


async def pages(run: Callable[[Page], Awaitable[None]], listing: Listing, size: int) -> AsyncIterator[Page]:
    """All of a listing, page after page, of which only the latest is held. `run` is that of a client.

    Each page begins behind the last object of the one before, so that objects which come and go elsewhere put nothing
    out of place. Where that object is itself gone, the walk goes back to where the page before began: what it then sees
    again is left to the caller, and only the loss of more objects than a page holds would make it pass over any.

    Raises the `MethodError` that a page failed with, or one that says that the pages have no end: no two of them end
    with the same object, unless the server gives one page again and again, or several in a ring.
    """
    page = Page(listing, size)
    await run(page)
    ends: set[str] = set()
    while page.ids:
        if page.ids[-1] in ends or len(ends) >= MAX_PAGES:
            raise MethodError(f"{listing.data_type}/query", "serverFail", "The server gives pages without an end.")
        ends.add(page.ids[-1])
        yield page
        if page.total is not None and page.end >= page.total:
            return
        following = Page(listing, size, after=page.ids[-1])
        await run(following)
        if following.is_lost:
            following = Page(listing, size, position=page.start)
            await run(following)
        page = following
