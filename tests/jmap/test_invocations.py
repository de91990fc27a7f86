import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.jmap.calls import Call, Chain, Outcome, Reference
from mailroom.jmap.errors import MethodError
from mailroom.jmap.invocations import InvocationChain, Response, fits, pack, request_body
from mailroom.jmap.session import CONTACTS, CORE, MAIL, Limits


def invocations_of(chains: list[Chain]) -> list[InvocationChain]:
    invocations: list[InvocationChain] = []
    for number, chain in enumerate(chains):
        first_id = sum(len(each.calls) for each in invocations)
        invocations.append(InvocationChain.build(chain, CONTACTS if number % 2 else MAIL, "A1", first_id))
    return invocations


def calls_in(request: list[InvocationChain]) -> list[Any]:
    calls: list[Any] = json.loads(request_body(request))["methodCalls"]
    return calls


class TestRequestBody:
    def test_request(self) -> None:
        """A request names core and what its calls need, and carries each call with its account and id."""
        chains: list[Chain] = [(Call("Email/get", {"ids": ["E1"]}),), (Call("ContactCard/get", {"ids": None}),)]
        assert json.loads(request_body(invocations_of(chains))) == {
            "using": [CORE, CONTACTS, MAIL],
            "methodCalls": [
                ["Email/get", {"accountId": "A1", "ids": ["E1"]}, "0"],
                ["ContactCard/get", {"accountId": "A1", "ids": None}, "1"],
            ],
        }

    def test_capability_once(self) -> None:
        """A capability that no call needs, or that several need, is not named, or named once."""
        chains: list[Chain] = [(Call("Email/get", {}), Call("Email/get", {}))]
        assert json.loads(request_body(invocations_of(chains)))["using"] == [CORE, MAIL]

    def test_references(self) -> None:
        """References are to the ids that the calls got."""
        query = Call("Email/query", {})
        get = Call("Email/get", {"properties": ["id"]}, {"ids": Reference(0, "/ids")})
        _first, second = invocations_of([(query, get), (query, get)])
        assert calls_in([second])[1] == [
            "Email/get",
            {
                "accountId": "A1",
                "properties": ["id"],
                "#ids": {"resultOf": "2", "name": "Email/query", "path": "/ids"},
            },
            "3",
        ]


CALLS = st.builds(
    Call,
    st.sampled_from(["Email/get", "Email/set"]),
    st.dictionaries(st.text(max_size=5), st.text(max_size=90), max_size=3),
)
CHAINS = st.lists(CALLS, min_size=1, max_size=3).map(tuple)
LIMITS = st.builds(Limits, max_calls_in_request=st.integers(1, 8), max_size_request=st.integers(50, 1500))


class TestPack:
    def test_to_the_octet(self) -> None:
        """A request may be as large as the limit, and not an octet larger."""
        invocations = invocations_of([(Call("Email/get", {"ids": [id_]}),) for id_ in "abc"])
        size = len(request_body(invocations))
        assert fits(invocations, Limits(max_size_request=size))
        assert not fits(invocations, Limits(max_size_request=size - 1))

    @given(st.lists(CHAINS, max_size=12), LIMITS)
    def test_every_call_once_in_order(self, chains: list[Chain], limits: Limits) -> None:
        """However they are packed, each call is sent once, in order, and chains stay whole."""
        invocations = invocations_of(chains)
        assert [each for request in pack(invocations, limits) for each in request] == invocations

    @given(st.lists(CHAINS, max_size=12), LIMITS)
    def test_within_the_limits(self, chains: list[Chain], limits: Limits) -> None:
        """A request keeps to both limits unless it is one chain that never could."""
        for request in pack(invocations_of(chains), limits):
            within = (
                len(calls_in(request)) <= limits.max_calls_in_request
                and len(request_body(request)) <= limits.max_size_request
            )
            assert within == fits(request, limits)
            assert within or len(request) == 1

    @given(st.lists(CHAINS, max_size=12), LIMITS)
    def test_no_more_requests_than_needed(self, chains: list[Chain], limits: Limits) -> None:
        """A request is only begun where the one before has no room."""
        requests = pack(invocations_of(chains), limits)
        for before, after in itertools.pairwise(requests):
            assert not fits([*before, after[0]], limits)


PARCEL = InvocationChain.build((Call("Email/query", {}), Call("Email/get", {})), MAIL, "A1", 0)


def outcomes(*responses: object, **members: object) -> list[Outcome]:
    response = Response.parse({"methodResponses": list(responses), **members})
    assert response is not None
    return response.outcomes(PARCEL)


def types(found: list[Outcome]) -> list[str | None]:
    return [each.type if isinstance(each, MethodError) else None for each in found]


class TestResponse:
    def test_by_id_not_by_place(self) -> None:
        """Answers are found by call id, in whatever order they come."""
        assert outcomes(["Email/get", {"n": 2}, "1"], ["Email/query", {"n": 1}, "0"]) == [{"n": 1}, {"n": 2}]

    def test_by_name_too(self) -> None:
        """One call may be answered several times; the answer to it has its name."""
        found = outcomes(["Email/set", {}, "0"], ["Email/query", {"n": 1}, "0"], ["Email/get", {}, "1"])
        assert found[0] == {"n": 1}

    def test_error(self) -> None:
        """An error is the outcome of its call alone."""
        found = outcomes(["error", {"type": "unknownMethod", "description": "no"}, "0"], ["Email/get", {"n": 2}, "1"])
        assert (types(found), found[1]) == (["unknownMethod", None], {"n": 2})
        assert str(found[0]) == "Email/query: unknownMethod (no)"

    def test_bare_error(self) -> None:
        """An error that says nothing is a failure of the server."""
        assert types(outcomes(["error", {}, "0"], ["error", {"type": None}, "1"])) == ["serverFail", "serverFail"]

    def test_no_answer(self) -> None:
        """A call that a faulty server leaves unanswered has failed."""
        assert types(outcomes(["Email/get", {}, "1"])) == ["serverFail", None]

    @pytest.mark.parametrize(
        "response", [None, [], ["Email/query"], ["Email/query", None, "0"], ["Email/query", {}, 0]]
    )
    def test_malformed(self, response: object) -> None:
        """What is not formed like an answer is none, and spoils no other."""
        assert types(outcomes(response, ["Email/get", {}, "1"])) == ["serverFail", None]

    @pytest.mark.parametrize("document", [None, [], {}, {"methodResponses": None}, {"methodResponses": {}}, "hello"])
    def test_no_response(self, document: object) -> None:
        """A document without answers is no response."""
        assert Response.parse(document) is None

    @pytest.mark.parametrize(
        ("members", "state"), [({"sessionState": "s"}, "s"), ({}, None), ({"sessionState": 3}, None)]
    )
    def test_session_state(self, members: dict[str, object], state: str | None) -> None:
        """The session's state is known where the server says it."""
        response = Response.parse({"methodResponses": [], **members})
        assert response is not None
        assert response.session_state == state
