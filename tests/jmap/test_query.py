from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.jmap.calls import Outcome
from mailroom.jmap.errors import MethodError, NotRun
from mailroom.jmap.get import Get
from mailroom.jmap.query import MAX_PAGES, MAX_RESTARTS, MAX_RESULTS, QueryAndGet
from mailroom.jmap.session import CONTACTS, MAIL, Limits
from tests.jmap.small_server import SmallServer

IDS = st.lists(st.text("abc", min_size=1, max_size=4), unique=True, max_size=30)


def ids_of(operation: Get | QueryAndGet) -> list[str]:
    return [each["id"] for each in operation.objects]


def finish(operation: Get | QueryAndGet, *outcomes: Outcome) -> None:
    """Answer the only chain that an operation has."""
    operation.next_chains(Limits())
    operation.receive([outcomes])


class TestGet:
    def test_some(self) -> None:
        """What exists is found with all its members, the rest is told."""
        get = Get("Email", ["a", "x", "b"])
        SmallServer("abc").run(get)
        assert sorted(ids_of(get)) == ["a", "b"]
        assert get.objects[0]["kept"]
        assert (get.not_found, get.state) == (["x"], "s1")

    def test_all(self) -> None:
        """No ids ask for all there are."""
        get = Get("Mailbox")
        SmallServer("abc").run(get)
        assert sorted(ids_of(get)) == ["a", "b", "c"]

    def test_none(self) -> None:
        """Not a single id still asks for the state."""
        get = Get("Email", [])
        SmallServer("abc").run(get)
        assert (get.objects, get.state) == ([], "s1")

    def test_properties(self) -> None:
        """Only the properties that are wanted are asked for."""
        ((wanting,),) = Get("Email", ["a"], ["from"]).next_chains(Limits())
        ((indifferent,),) = Get("Email", ["a"]).next_chains(Limits())
        assert wanting.arguments == {"ids": ["a"], "properties": ["from"]}
        assert indifferent.arguments == {"ids": ["a"]}

    @given(st.lists(st.text("abc", min_size=1, max_size=2)), st.integers(1, 5))
    def test_split(self, ids: list[str], limit: int) -> None:
        """Every id is asked for exactly once, in order, and never more at a time than the limit allows."""
        server = SmallServer()
        get = Get("Email", ids)
        server.run(get, Limits(max_objects_in_get=limit))
        asked = [call.arguments["ids"] for call in server.calls]
        assert [id_ for some in asked for id_ in some] == list(dict.fromkeys(ids)) == get.not_found
        assert all(len(some) <= limit for some in asked)

    def test_split_at_once(self) -> None:
        """What has to be split is still asked for in one round."""
        server = SmallServer("abcdef")
        server.run(Get("Email", "abcdef"), Limits(max_objects_in_get=2))
        assert server.rounds == 1

    def test_state_of_the_first(self) -> None:
        """The state is the first answer's: what changed before the last is news."""
        get = Get("Email", "abcdef")
        SmallServer("abcdef").run(get, Limits(max_objects_in_get=2))
        assert get.state == "s1"

    def test_server_takes_less_than_it_said(self) -> None:
        """Ids that are too many for the server are asked for in smaller parts."""
        get = Get("Email", "abcdefg")
        SmallServer("abcdefg", max_in_get=2).run(get)
        assert sorted(ids_of(get)) == list("abcdefg")

    def test_all_are_too_many(self) -> None:
        """All of a type are paged through where they are too many for one answer."""
        server = SmallServer("abcdefg", max_in_get=3)
        get = Get("Mailbox", None, ["name"])
        server.run(get, Limits(max_objects_in_get=3))
        assert (ids_of(get), get.not_found, get.state) == (list("abcdefg"), [], "s3")
        assert server.calls[-1].arguments["properties"] == ["name"]

    def test_paging_fails(self) -> None:
        """Where paging is refused as well, its refusal is the outcome."""
        get = Get("AddressBook")
        finish(get, MethodError("AddressBook/get", "requestTooLarge"))
        error = MethodError("AddressBook/query", "unknownMethod")
        finish(get, error, error)
        with pytest.raises(MethodError, match="unknownMethod"):
            _ = get.not_found

    def test_one_is_too_large(self) -> None:
        """A single object that is too large is a failure, not a reason to ask for ever."""
        get = Get("Email", ["a", "b"])
        SmallServer("ab", max_in_get=0).run(get)
        with pytest.raises(MethodError, match="requestTooLarge"):
            _ = get.objects

    def test_failure(self) -> None:
        """Reading any result of a get that failed raises its error."""
        get = Get("Email", ["a"])
        finish(get, MethodError("Email/get", "serverFail"))
        for read in (lambda: get.objects, lambda: get.not_found, lambda: get.state):
            with pytest.raises(MethodError, match="serverFail"):
                read()

    def test_failure_of_a_part(self) -> None:
        """A get of which a part failed has failed: what is missing cannot be told from what is not there."""
        get = Get("Email", "abcd")
        get.next_chains(Limits(max_objects_in_get=2))
        get.receive([[{"list": [{"id": "a"}], "state": "s"}], [MethodError("Email/get", "serverFail")]])
        assert not get.next_chains(Limits())
        with pytest.raises(MethodError):
            _ = get.objects

    def test_not_run(self) -> None:
        """Reading before the end is an error of the caller's."""
        with pytest.raises(NotRun):
            _ = Get("Email", ["a"]).objects

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            {"list": None, "notFound": None, "state": None},
            {"list": {"a": {"id": "a"}}, "notFound": []},
            {"list": [None, {}, {"id": None}], "notFound": [3]},
            {"list": [{"id": "b"}], "notFound": []},
            {"list": []},
        ],
    )
    def test_absent_is_not_empty(self, answer: dict[str, Any]) -> None:
        """An answer that does not say what became of an id is a failure, and no answer without objects."""
        get = Get("Email", ["a"])
        finish(get, answer)
        assert not get.next_chains(Limits())
        for read in (lambda: get.objects, lambda: get.not_found):
            with pytest.raises(MethodError, match="Email/get"):
                read()

    @pytest.mark.parametrize("answer", [{}, {"list": None}, {"list": "none"}])
    def test_absent_is_not_nothing_at_all(self, answer: dict[str, Any]) -> None:
        """Nor is an answer without a list one that says that there is nothing."""
        get = Get("Mailbox")
        finish(get, answer)
        with pytest.raises(MethodError, match="no list"):
            _ = get.objects

    def test_odd_one_among_all(self) -> None:
        """One of all that has no id keeps no other from being read."""
        get = Get("Mailbox")
        finish(get, {"list": [{"id": "a"}, None, {"name": "b"}], "state": "s"})
        assert ids_of(get) == ["a"]

    def test_no_state(self) -> None:
        """Whoever asks for a state that the server does not give is told so, and nobody else."""
        get = Get("Email", ["a"])
        finish(get, {"list": [{"id": "a"}], "notFound": []})
        assert ids_of(get) == ["a"]
        with pytest.raises(MethodError, match="no state"):
            _ = get.state

    def test_capability(self) -> None:
        """A type of data belongs to its capability."""
        assert (Get("Mailbox").capability, Get("ContactCard").capability) == (MAIL, CONTACTS)


class TestQueryAndGet:
    @given(IDS, st.integers(1, 8), st.integers(1, 8), st.integers(1, 8), st.booleans())
    def test_every_page(self, ids: list[str], limit: int, clamp: int, calls: int, tells_total: bool) -> None:  # noqa: FBT001 - from hypothesis
        """Everything is found once and in order, whatever the server cuts short and does not tell."""
        server = SmallServer(ids, clamp=clamp, tells_total=tells_total)
        query = QueryAndGet("Email", {"inMailbox": "M1"})
        server.run(query, Limits(max_objects_in_get=limit, max_calls_in_request=calls))
        assert ids_of(query) == ids

    def test_what_is_asked(self) -> None:
        """Filter, sort and properties are asked for, and no more objects than a get may return."""
        operation = QueryAndGet("Email", {"from": "x"}, ["id"], [{"property": "receivedAt"}])
        ((query, get),) = operation.next_chains(Limits(max_objects_in_get=7))
        assert query.arguments == {
            "filter": {"from": "x"},
            "sort": [{"property": "receivedAt"}],
            "calculateTotal": True,
            "position": 0,
            "limit": 7,
        }
        assert get.arguments == {"properties": ["id"]}

    @pytest.mark.parametrize("tells_total", [True, False])
    def test_nothing(self, tells_total: bool) -> None:  # noqa: FBT001 - both
        """Where nothing matches, one round shows it."""
        server = SmallServer(tells_total=tells_total)
        query = QueryAndGet("Email", None)
        server.run(query)
        assert (query.objects, query.state, server.rounds) == ([], "s2", 1)

    def test_pages_at_once(self) -> None:
        """Once the total is known, all pages that fit in a request are asked for at once."""
        server = SmallServer([str(number) for number in range(2_000)])
        server.run(QueryAndGet("Email", None), Limits(max_objects_in_get=250))
        assert server.rounds == 2

    def test_pages_cut_short(self) -> None:
        """A server that cuts pages short is asked for many short ones at once, and for none twice."""
        server = SmallServer([str(number) for number in range(40)], clamp=3)
        server.run(QueryAndGet("Email", None))
        positions = [call.arguments["position"] for call in server.calls if "position" in call.arguments]
        assert (positions, server.rounds) == (list(range(0, 40, 3)), 3)

    def test_pages_that_shrink(self) -> None:
        """Where pages asked for together come shorter than the first one, what they leave out is asked for again."""
        server = SmallServer([str(number) for number in range(40)], clamp=6)

        def shrink() -> None:
            server.clamp = 4

        server.between_rounds = shrink
        query = QueryAndGet("Email", None)
        server.run(query)
        assert ids_of(query) == server.ids

    def test_huge_total(self) -> None:
        """A total that cannot be true is not paged through: an empty page ends it."""
        query = QueryAndGet("Email", None)
        finish(query, {"ids": ["a"], "total": 10**15}, {"list": [{"id": "a"}]})
        pages = query.next_chains(Limits())
        query.receive([[{"ids": [], "total": 10**15}, {"list": []}] for _page in pages])
        assert (ids_of(query), len(pages)) == (["a"], 8)

    def test_server_without_paging(self) -> None:
        """A server that gives the same page for every position does not keep it busy for ever."""
        query = QueryAndGet("Email", None)
        for _ in range(2):
            finish(query, {"ids": ["a"]}, {"list": [{"id": "a"}]})
        assert (ids_of(query), query.next_chains(Limits())) == (["a"], ())

    def test_results_without_end(self) -> None:
        """Nor does one that always has more, and that is an error."""
        query = QueryAndGet("Email", None)
        finish(query, {"ids": ["a"] * (MAX_RESULTS + 1), "total": 10**15}, {})
        with pytest.raises(MethodError, match="no end"):
            _ = query.objects

    @pytest.mark.parametrize("total", [10**9, 10**40, None])
    @pytest.mark.parametrize("ring", ["a", "ab", "abc"])
    def test_ring_of_pages(self, total: int | None, ring: str) -> None:
        """Pages that come round again and again are an error, after few requests."""
        query = QueryAndGet("Email", None)
        rounds = 0
        while (chains := query.next_chains(Limits(max_objects_in_get=1))) and rounds < 20:
            position = rounds
            rounds += 1
            ids = [ring[(position + place) % len(ring)] for place in range(len(chains))]
            query.receive([[{"ids": [id_], "total": total}, {"list": [{"id": id_}]}] for id_ in ids])
        assert rounds < 20
        with pytest.raises(MethodError, match="no end"):
            _ = query.objects

    def test_pages_without_end(self) -> None:
        """So are small pages that always bring something new, before long."""
        query = QueryAndGet("Email", None)
        numbers = count()
        while chains := query.next_chains(Limits(max_objects_in_get=1)):
            ids = [str(next(numbers)) for _ in chains]
            query.receive([[{"ids": [id_], "total": 10**9}, {"list": [{"id": id_}]}] for id_ in ids])
        with pytest.raises(MethodError, match="no end"):
            _ = query.objects
        assert next(numbers) <= MAX_PAGES + 10

    def test_page_of_old_acquaintances(self) -> None:
        """A page on which nothing is new, because mails arrived meanwhile, is not the end while the total says more."""
        query = QueryAndGet("Email", None)
        one_each = Limits(max_objects_in_get=1, max_calls_in_request=2)
        for id_ in "aab":
            query.next_chains(one_each)
            query.receive([[{"ids": [id_], "total": 3}, {"list": [{"id": id_}]}]])
        assert ids_of(query) == ["a", "b"]

    def test_change_between_pages(self) -> None:
        """Where mails come and go between two pages, none that stayed is missed."""
        server = SmallServer("abcdef", clamp=2)
        changes = iter(["bcdef", "xbcdef"])

        def change() -> None:
            server.ids = list(next(changes, server.ids))
            server.query_state = min(server.query_state + 1, 2)

        server.between_rounds = change
        query = QueryAndGet("Email", None)
        server.run(query)
        assert ids_of(query) == list("xbcdef")

    def test_never_resting(self) -> None:
        """An account that changes all the time is read all the same, after a few attempts to catch it at rest."""
        server = SmallServer("abcdef", clamp=1, tells_total=False)

        def change() -> None:
            server.query_state += 1

        server.between_rounds = change
        query = QueryAndGet("Email", None)
        server.run(query)
        assert ids_of(query) == list("abcdef")
        first_pages = [call for call in server.calls if call.arguments.get("position") == 0]
        assert len(first_pages) == 1 + MAX_RESTARTS

    def test_gone_meanwhile(self) -> None:
        """A mail that went between query and get is left out."""
        query = QueryAndGet("Email", None)
        finish(query, {"ids": ["a", "b"], "total": 2}, {"list": [{"id": "b"}], "notFound": ["a"]})
        assert ids_of(query) == ["b"]

    def test_answers_too_large(self) -> None:
        """Pages that are too large for the server become smaller."""
        server = SmallServer("abcdefg", max_in_get=2)
        query = QueryAndGet("Email", None)
        server.run(query)
        assert ids_of(query) == list("abcdefg")

    @pytest.mark.parametrize("failed", [0, 1])
    def test_failure(self, failed: int) -> None:
        """A failed query is told by its own error, a failed get by its."""
        outcomes: list[Outcome] = [{"ids": ["a"], "total": 1}, {"list": [{"id": "a"}]}]
        outcomes[failed:] = [
            MethodError("Email/x", "unsupportedFilter"),
            MethodError("Email/get", "invalidResultReference"),
        ]
        query = QueryAndGet("Email", None)
        finish(query, *outcomes[:2])
        with pytest.raises(MethodError, match="unsupportedFilter"):
            _ = query.objects

    @pytest.mark.parametrize(
        ("page", "objects"),
        [
            ({}, {"list": []}),
            ({"ids": None, "total": None, "queryState": None}, {"list": []}),
            ({"ids": {"a": True}}, {"list": [{"id": "a"}]}),
            ({"ids": [3], "total": "many"}, {"list": []}),
            ({"ids": ["a", None]}, {"list": [{"id": "a"}]}),
            ({"ids": [], "total": 3}, {"list": []}),
            ({"ids": ["a"], "total": 1}, {}),
            ({"ids": ["a"], "total": 1}, {"list": None, "notFound": None}),
            ({"ids": ["a"], "total": 1}, {"list": [], "notFound": None}),
            ({"ids": ["a", "b"], "total": 2}, {"list": [{"id": "a"}], "notFound": ["c"]}),
            ({"ids": ["a", "b"], "total": 2}, {"list": [{"id": "a"}, {"id": None}], "notFound": []}),
        ],
    )
    def test_absent_is_not_empty(self, page: dict[str, Any], objects: dict[str, Any]) -> None:
        """An answer without what it must have, or silent about an id, is a failure, and no empty page."""
        query = QueryAndGet("Email", None)
        finish(query, page, objects)
        assert not query.next_chains(Limits())
        with pytest.raises(MethodError, match="The server's answer"):
            _ = query.objects

    def test_one_that_cannot_be_read(self) -> None:
        """Whoever can do without an object that stands in the answer without its id gets the others."""
        query = QueryAndGet("Email", None)
        finish(query, {"ids": ["a", "b"], "total": 2}, {"list": [{"id": "a"}, None], "notFound": []})
        assert ([each["id"] for each in query.readable], query.unreadable) == (["a"], ["b"])

    def test_not_run(self) -> None:
        """Reading before the end is an error of the caller's."""
        with pytest.raises(NotRun):
            _ = QueryAndGet("Email", None).state
