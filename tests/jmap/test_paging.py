"""A long list is gone through a page at a time."""

from collections.abc import Coroutine, Sequence
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from mailroom.jmap.calls import Call, Outcome
from mailroom.jmap.errors import MethodError
from mailroom.jmap.paging import Listing, Page, pages
from mailroom.jmap.session import Limits
from tests.deferreds import failure_of, result_of
from tests.jmap.small_server import SmallServer

OLDEST_FIRST = Listing("Email", ("id",), sort=({"property": "receivedAt", "isAscending": True},))


class AnchoringServer(SmallServer):
    """A small server that knows anchors, unless it is told to ignore them."""

    ignores_anchors = False

    def query(self, call: Call) -> Outcome:
        anchor = call.arguments.get("anchor")
        if anchor is None:
            return super().query(call)
        if anchor not in self.ids:
            return MethodError(call.method, "anchorNotFound")
        position = 0 if self.ignores_anchors else self.ids.index(anchor) + call.arguments["anchorOffset"]
        return super().query(Call(call.method, {**call.arguments, "position": position}))

    def get(self, call: Call, earlier: Sequence[Outcome]) -> Outcome:
        if isinstance(earlier[0], MethodError):
            return MethodError(call.method, "invalidResultReference")
        return super().get(call, earlier)

    async def serve(self, page: Page) -> None:
        self.run(page, Limits())


async def walk(server: AnchoringServer, size: int) -> list[list[str]]:
    return [page.ids async for page in pages(server.serve, OLDEST_FIRST, size)]


def walked(server: AnchoringServer, size: int = 2) -> list[list[str]]:
    return result_of(start(walk(server, size)))


def start(coroutine: Coroutine[Any, Any, list[list[str]]]) -> "Deferred[list[list[str]]]":
    return Deferred.fromCoroutine(coroutine)


@given(
    ids=st.lists(st.text("abc", min_size=1, max_size=4), unique=True, max_size=30),
    size=st.integers(1, 7),
    clamp=st.integers(1, 7),
    max_in_get=st.integers(1, 7),
    tells_total=st.booleans(),
)
def test_every_object_is_seen_once(
    ids: list[str], size: int, clamp: int, max_in_get: int, *, tells_total: bool
) -> None:
    """In the order of the sort, whatever the server gives at a time, and whether or not it counts."""
    server = AnchoringServer(ids, clamp=clamp, max_in_get=max_in_get, tells_total=tells_total)
    seen = walked(server, size)
    assert [id_ for page in seen for id_ in page] == ids
    assert max(map(len, seen), default=0) <= min(size, clamp, max_in_get)


def test_the_sort_is_the_callers() -> None:
    """New objects must come last for a walk to meet them."""
    server = AnchoringServer("abc")
    walked(server)
    assert all(
        call.arguments["sort"] == list(OLDEST_FIRST.sort) for call in server.calls if call.method == "Email/query"
    )


def test_objects_that_come_meanwhile_are_seen() -> None:
    """They stand at the end of the list."""
    server = AnchoringServer("abcd")
    server.between_rounds = lambda: server.ids.append("e") if "e" not in server.ids else None
    assert walked(server) == [["a", "b"], ["c", "d"], ["e"]]


def test_objects_that_go_meanwhile_hide_no_other() -> None:
    """The place in the list is told by an object, and not by a number."""
    server = AnchoringServer("abcdef")
    server.between_rounds = lambda: server.ids.remove("a") if "a" in server.ids else None
    assert walked(server) == [["a", "b"], ["c", "d"], ["e", "f"]]


def test_the_loss_of_the_last_object_hides_no_other() -> None:
    """The walk steps back, and sees some of the others twice."""
    server = AnchoringServer("abcdef")
    server.between_rounds = lambda: server.ids.remove("b") if "b" in server.ids else None
    assert walked(server) == [["a", "b"], ["a", "c"], ["d", "e"], ["f"]]


def test_a_server_that_knows_no_anchors_is_an_error() -> None:
    """A walk that would never end, or leave most of the list out, says so."""
    server = AnchoringServer("abcdef")
    server.ignores_anchors = True
    assert failure_of(start(walk(server, 2)), MethodError).type == "serverFail"


@pytest.mark.parametrize("tells_total", [True, False])
@pytest.mark.parametrize("ring", [["a"], ["a", "b"], ["ab", "ca", "bc"], ["ab", "c", "ab", "d"]])
def test_pages_in_a_ring_are_an_error(ring: list[str], *, tells_total: bool) -> None:
    """A walk ends also where the server gives the same pages for ever, and counts a thousand million objects."""
    pages_given = cycle(ring)

    class Ring(AnchoringServer):
        def query(self, _call: Call) -> Outcome:
            total = {"total": 10**9} if tells_total else {}
            return {"ids": list(next(pages_given)), "position": 0, **total}

    server = Ring("abcd")
    assert "end" in str(failure_of(start(walk(server, 2)), MethodError))
    assert server.rounds < 10


@pytest.mark.parametrize(
    ("page", "objects"),
    [
        ({}, {"list": []}),
        ({"ids": None}, {"list": []}),
        ({"ids": [], "total": 2}, {"list": []}),
        ({"ids": ["a"]}, {"list": None}),
        ({"ids": ["a"]}, {"list": [], "notFound": []}),
    ],
)
def test_absent_is_not_empty(page: Outcome, objects: Outcome) -> None:
    """A page without what it must have is no end of the list."""

    class Bare(AnchoringServer):
        def query(self, _call: Call) -> Outcome:
            return page

        def get(self, _call: Call, _earlier: Sequence[Outcome]) -> Outcome:
            return objects

    assert "The server's answer" in str(failure_of(start(walk(Bare(), 2)), MethodError))


def test_a_failed_page_is_an_error() -> None:
    """Nothing is taken for the end of the list but the end of the list."""

    class Broken(AnchoringServer):
        def get(self, call: Call, _earlier: Sequence[Outcome]) -> Outcome:
            return MethodError(call.method, "serverFail")

    assert failure_of(start(walk(Broken("abc"), 2)), MethodError).method == "Email/get"


@pytest.mark.parametrize(("ids", "total"), [("abc", 3), ("", 0)])
def test_the_total_is_told(ids: str, total: int) -> None:
    """For whoever shows how far the walk is."""
    page = Page(Listing("Email"), 2)
    SmallServer(ids).run(page)
    assert page.total == total
