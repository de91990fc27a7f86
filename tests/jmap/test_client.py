import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from mailroom.core.credentials import BearerToken, Secret
from mailroom.http.errors import AnswerTooLarge, ExchangeTimedOut
from mailroom.jmap.client import REQUEST_TIMEOUT, Client
from mailroom.jmap.errors import (
    Forbidden,
    LimitExceeded,
    MethodError,
    NoAccount,
    NotJmap,
    RateLimited,
    RequestError,
    ServerUnavailable,
    Unauthorized,
)
from mailroom.jmap.get import Get
from mailroom.jmap.operation import Operation
from mailroom.jmap.query import QueryAndGet
from mailroom.jmap.session import CONTACTS, CORE, MAIL, Session
from mailroom.jmap.set import Set
from tests.deferreds import failure_of, is_waiting, result_of
from tests.jmap.jmap_server import SESSION_URL, JmapServer

PROBLEM = "urn:ietf:params:jmap:error:"


def limit(name: str) -> tuple[int, bytes]:
    return 400, json.dumps({"type": f"{PROBLEM}limit", "limit": name}).encode()


class Token:
    """A secret that is replaced after it was read as often as `readings` says what it was."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.readings: list[str] = []

    def authorization(self) -> str:
        return f"Bearer {self.readings.pop(0) if self.readings else self.secret}"


class ClientTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.server = JmapServer({"Email/get": self.get, "ContactCard/get": self.get, "Email/set": self.set})
        self.http = self.server.http(self.clock)
        self.token = Token("hush")
        self.client = self.make_client()

    def make_client(self, account_id: str | None = None) -> Client:
        return Client(self.http, SESSION_URL, self.token, account_id)

    def get(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"list": [{"id": id_} for id_ in arguments["ids"]], "state": "s1", "notFound": []}

    def set(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"updated": dict.fromkeys(arguments["update"]), "oldState": "s1", "newState": "s2"}

    def run_all(self, *operations: Operation) -> Deferred[None]:
        return Deferred.fromCoroutine(self.client.run(*operations))

    def session(self, **options: bool) -> Deferred[Session]:
        return Deferred.fromCoroutine(self.client.session(**options))

    def get_one(self) -> Deferred[None]:
        return self.run_all(Get("Email", ["E1"]))


class RunTests(ClientTestCase):
    def test_one_request(self) -> None:
        """Several operations are one request, in their order, each for the account of its data."""
        mails, cards = Get("Email", ["E1"]), Get("ContactCard", ["C1"])
        result_of(self.run_all(mails, cards))
        assert self.server.api_requests == [
            {
                "using": [CORE, CONTACTS, MAIL],
                "methodCalls": [
                    ["Email/get", {"accountId": "A1", "ids": ["E1"]}, "0"],
                    ["ContactCard/get", {"accountId": "A2", "ids": ["C1"]}, "1"],
                ],
            }
        ]
        assert (mails.objects, cards.objects) == ([{"id": "E1"}], [{"id": "C1"}])

    def test_call_ids(self) -> None:
        """No two calls of a request have the same id, also where calls refer to each other."""
        self.server.methods = {"Email/query": lambda _arguments: {"ids": []}, "Email/get": lambda _arguments: {}}
        result_of(self.run_all(QueryAndGet("Email", None), QueryAndGet("Email", None)))
        assert [call_id for _name, _arguments, call_id in self.server.calls[0]] == ["0", "1", "2", "3"]

    def test_head_of_the_request(self) -> None:
        """A request is JSON, and says so."""
        result_of(self.get_one())
        received = self.server.received[-1]
        assert received.url == "https://mail.example/jmap/api"
        assert received.headers.getRawHeaders("content-type") == ["application/json"]

    def test_round_trips(self) -> None:
        """With the session at hand, operations within the limits are one round trip."""
        result_of(self.session())
        before = self.http.round_trips.sequential
        result_of(self.run_all(Get("Email", ["E1"]), Set("Email", update={"E1": {}})))
        assert self.http.round_trips.sequential - before == 1

    def test_nothing_to_run(self) -> None:
        """Operations without any call need no request."""
        result_of(self.run_all(Set("Email")))
        assert self.server.api_requests == []

    def test_max_calls(self) -> None:
        """More calls than a request may have go in several requests, in order."""
        self.server.limits = {"maxCallsInRequest": 2, "maxObjectsInGet": 1}
        get = Get("Email", ["E1", "E2", "E3"])
        result_of(self.run_all(get))
        sent = [[arguments["ids"] for _name, arguments, _id in calls] for calls in self.server.calls]
        assert sent == [[["E1"], ["E2"]], [["E3"]]]
        assert [each["id"] for each in get.objects] == ["E1", "E2", "E3"]

    def test_max_size(self) -> None:
        """No request is larger than the server takes."""
        self.server.limits = {"maxSizeRequest": 300, "maxObjectsInGet": 1}
        result_of(self.run_all(Get("Email", ["E" * 60, "F" * 60, "G" * 60, "H" * 60])))
        assert [len(calls) for calls in self.server.calls] == [2, 2]
        assert all(len(received.body) <= 300 for received in self.server.received)

    def test_call_over_the_size(self) -> None:
        """A call that is larger than a request may be is split before it is sent."""
        self.server.limits = {"maxSizeRequest": 250}
        write = Set("Email", update={f"E{number}": {"keywords/$seen": True} for number in range(8)})
        result_of(self.run_all(write))
        assert sorted(write.updated) == [f"E{number}" for number in range(8)]
        assert all(len(received.body) <= 250 for received in self.server.received)

    def test_object_over_the_size(self) -> None:
        """An object that no request can hold fails alone, without being sent."""
        self.server.limits = {"maxSizeRequest": 250}
        write, read = Set("Email", update={"E1": {"subject": "x" * 300}, "E2": {}}), Get("Email", ["E3"])
        result_of(self.run_all(write, read))
        assert ([*write.not_updated], [*write.updated], len(read.objects)) == (["E1"], ["E2"], 1)

    def test_chain_over_the_calls(self) -> None:
        """A query with its get, where a request may have one call only, is a failure of this operation."""
        self.server.limits = {"maxCallsInRequest": 1}
        query, read = QueryAndGet("Email", None), Get("Email", ["E3"])
        result_of(self.run_all(query, read))
        assert len(read.objects) == 1
        with pytest.raises(MethodError):
            _ = query.objects

    def test_requests_follow_each_other(self) -> None:
        """The requests of one run are never under way at the same time: writes keep their order."""
        self.server.limits = {"maxCallsInRequest": 1}
        result_of(self.session())
        self.server.holds = True
        running = self.run_all(Get("Email", ["E1"]), Set("Email", update={"E1": {}}))
        assert len(self.server.held) == 1
        self.server.release()
        result_of(running)
        assert [calls[0][0] for calls in self.server.calls] == ["Email/get", "Email/set"]

    def test_failure_of_one(self) -> None:
        """A method error is the matter of its operation and spoils no other."""
        self.server.methods = {"Email/get": lambda _arguments: {"error": "serverUnavailable"}, "Email/set": self.set}
        read, write = Get("Email", ["E1"]), Set("Email", update={"E1": {}})
        result_of(self.run_all(read, write))
        assert write.updated == {"E1": None}
        with pytest.raises(MethodError) as caught:
            _ = read.objects
        assert caught.value.temporary


class ConcurrencyTests(ClientTestCase):
    def test_at_most_so_many(self) -> None:
        """No more requests are under way than the server allows, whoever started them."""
        self.server.limits = {"maxConcurrentRequests": 2}
        result_of(self.session())
        self.server.holds = True
        running = [self.get_one() for _ in range(5)]
        assert len(self.server.held) == 2
        self.server.release()
        for each in running:
            result_of(each)
        assert len(self.server.api_requests) == 5

    def test_a_cancelled_one_makes_room(self) -> None:
        """A cancelled run frees its place, and one that waited for a place gives it up."""
        self.server.limits = {"maxConcurrentRequests": 1}
        result_of(self.session())
        self.server.holds = True
        first, second, third = (self.get_one() for _ in range(3))
        second.cancel()
        failure_of(second, CancelledError)
        first.cancel()
        failure_of(first, CancelledError)
        assert len(self.server.held) == 2
        self.server.release()
        result_of(third)

    def test_cancelled(self) -> None:
        """Cancelling a run hangs up and leaves no timer."""
        result_of(self.session())
        self.server.holds = True
        running = self.get_one()
        running.cancel()
        failure_of(running, CancelledError)
        self.server.flush()
        assert len(self.server.left) == 1
        assert self.clock.getDelayedCalls() == []

    def test_timed_out(self) -> None:
        """A server that does not answer is given up after the time for a request."""
        result_of(self.session())
        self.server.holds = True
        running = self.get_one()
        self.clock.advance(REQUEST_TIMEOUT)
        failure_of(running, ExchangeTimedOut)


class SessionTests(ClientTestCase):
    def test_lazy(self) -> None:
        """The session is fetched when it is first needed, and kept."""
        assert self.server.session_requests == 0
        for _ in range(3):
            result_of(self.get_one())
        assert self.server.session_requests == 1

    def test_past_caches(self) -> None:
        """No cache on the way may answer for the server."""
        result_of(self.session())
        assert self.server.received[0].headers.getRawHeaders("cache-control") == ["no-cache"]

    def test_refresh(self) -> None:
        """A session is fetched anew for whoever asks for that."""
        result_of(self.session())
        self.server.limits = {"maxObjectsInGet": 7}
        assert result_of(self.session(refresh=True)).limits.max_objects_in_get == 7

    def test_shared(self) -> None:
        """All who need it at the same time share one fetch."""
        self.server.holds = True
        first, second = self.session(), self.get_one()
        self.server.release()
        result_of(first)
        result_of(second)
        assert self.server.session_requests == 1

    def test_one_who_shares_leaves(self) -> None:
        """Whoever gives up waiting for a shared fetch does not end it for the other."""
        self.server.holds = True
        leaver, stayer = self.session(), self.session()
        leaver.cancel()
        failure_of(leaver, CancelledError)
        assert is_waiting(stayer)
        self.server.release()
        assert result_of(stayer).state == "1"

    def test_all_leave(self) -> None:
        """When nobody waits for it any more, the fetch is hung up on."""
        self.server.holds = True
        for waiting in [self.session(), self.session()]:
            waiting.cancel()
            failure_of(waiting, CancelledError)
        self.server.flush()
        assert len(self.server.left) == 1
        assert self.clock.getDelayedCalls() == []

    def test_failed_fetch(self) -> None:
        """A fetch that failed is tried again by the next one who needs it."""
        self.server.session_refusals = [(503, b"")]
        failure_of(self.session(), ServerUnavailable)
        assert result_of(self.session()).state == "1"

    def test_configured_account(self) -> None:
        """Calls are made for the configured account."""
        self.client = self.make_client("A2")
        result_of(self.get_one())
        assert self.server.calls[0][0][1]["accountId"] == "A2"

    def test_no_account(self) -> None:
        """Without an account for an operation, nothing is sent."""
        self.client = self.make_client("typo")
        failure_of(self.get_one(), NoAccount)
        assert self.server.api_requests == []


class SessionChangeTests(ClientTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.changes: list[Session] = []
        self.client.on_session_changed = self.changes.append

    def test_changed(self) -> None:
        """A new state in an answer has the session fetched once more, and once only, before it is used again."""
        result_of(self.get_one())
        self.server.state, self.server.event_source_url = "2", "/events"
        for _ in range(3):
            result_of(self.get_one())
        assert self.server.session_requests == 2
        assert [session.event_source_url for session in self.changes] == ["https://mail.example/events"]

    def test_states_that_never_agree(self) -> None:
        """A server whose answers and sessions never agree on a state is asked once."""
        self.server.session_state = lambda: "other"
        for _ in range(4):
            result_of(self.get_one())
        assert (self.server.session_requests, self.changes) == (2, [])

    def test_replicas_that_never_agree(self) -> None:
        """Nor is it asked again and again where replicas answer in turn."""
        states = iter(["1", "2", "3", "2", "1", "3", "2"])
        self.server.session_state = lambda: next(states)
        for _ in range(7):
            result_of(self.get_one())
        assert self.server.session_requests == 3

    def test_change_after_a_disagreement(self) -> None:
        """A state that did not agree once does not hide a later change."""
        self.server.session_state = lambda: "other"
        result_of(self.get_one())
        result_of(self.get_one())
        self.server.session_state, self.server.state = (lambda: "2"), "2"
        result_of(self.get_one())
        assert result_of(self.session()).state == "2"

    def test_late_answer(self) -> None:
        """An answer to a request from before the change, arriving after the fetch, has it fetched no second time."""
        result_of(self.session())
        self.server.holds = True
        first, second = self.get_one(), self.get_one()
        self.server.state = "2"
        self.server.release_one()
        result_of(first)
        self.server.holds = False
        result_of(self.session())
        self.server.release()
        result_of(second)
        result_of(self.session())
        assert self.server.session_requests == 2

    def test_back_to_an_old_state(self) -> None:
        """A state that was once confirmed is a change when it comes back."""
        result_of(self.session())
        for state, refresh in [("2", False), ("3", True), ("2", False)]:
            self.server.state = state
            if refresh:
                result_of(self.session(refresh=True))
            result_of(self.get_one())
            assert result_of(self.session()).state == state

    def test_no_state(self) -> None:
        """A server that says no state has not changed its session."""
        self.server.session_state = lambda: None
        result_of(self.get_one())
        result_of(self.get_one())
        assert self.server.session_requests == 1

    def test_account_gone(self) -> None:
        """An account that is not found has the session fetched before it is used again."""
        self.server.methods = {"Email/get": lambda _arguments: {"error": "accountNotFound"}}
        result_of(self.get_one())
        assert self.server.session_requests == 1
        result_of(self.session())
        assert self.server.session_requests == 2

    def test_api_moved(self) -> None:
        """An API that is not where it was has the session fetched before it is used again."""
        self.server.refusals = [(404, b"")]
        failure_of(self.get_one(), RequestError)
        result_of(self.get_one())
        assert self.server.session_requests == 2

    def test_server_down(self) -> None:
        """A server that is down is not asked for its session on top."""
        result_of(self.session())
        self.server.refusals = [(503, b""), (503, b"")]
        for _ in range(2):
            failure_of(self.get_one(), ServerUnavailable)
        assert self.server.session_requests == 1

    def test_limits_changed(self) -> None:
        """New limits hold from the next request on."""
        result_of(self.get_one())
        self.server.state, self.server.limits = "2", {"maxObjectsInGet": 1}
        result_of(self.get_one())
        result_of(self.run_all(Get("Email", ["E1", "E2"])))
        assert len(self.server.calls[-1]) == 2


class RefusalTests(ClientTestCase):
    def test_wrong_token(self) -> None:
        """A login that is not accepted is refused once and for all."""
        self.token.secret = "wrong"
        failure_of(self.session(), Unauthorized)
        assert len(self.server.received) == 1

    def test_accepted_before(self) -> None:
        """A refusal of a login that was good before is told apart from one of a login that never was."""
        assert not self.refusal().accepted_before
        result_of(self.session())
        assert self.refusal().accepted_before

    def test_another_login_was_not_accepted_before(self) -> None:
        """A secret that was replaced by a wrong one is a wrong one."""
        result_of(self.session())
        self.token.secret = "wrong"
        assert not failure_of(self.get_one(), Unauthorized).accepted_before

    def refusal(self) -> Unauthorized:
        accepted, self.server.token = self.server.token, "other"
        error = failure_of(self.session(refresh=True), Unauthorized)
        self.server.token = accepted
        return error

    def test_secret_stays_secret(self) -> None:
        """No message holds the secret."""
        self.server.token = "other"
        assert "hush" not in str(failure_of(self.session(), Unauthorized))

    def test_replaced_token(self) -> None:
        """A secret that was replaced while the request was under way is tried, once."""
        result_of(self.session())
        self.server.token = "new"
        self.token.secret, self.token.readings = "new", ["hush", "hush"]
        result_of(self.get_one())
        presented = [received.authorization for received in self.server.received]
        assert presented[1:] == ["Bearer hush", "Bearer new"]

    def test_retry_after(self) -> None:
        """How long the server wants to be left alone is known to the caller."""
        result_of(self.session())
        self.server.refusals = [(429, b"")]
        self.server.retry_after = "17"
        assert failure_of(self.get_one(), RateLimited).retry_after == 17

    def test_forbidden(self) -> None:
        """A token without the scope is told so."""
        result_of(self.session())
        self.server.refusals = [(403, b"Disallowed")]
        assert "Disallowed" in str(failure_of(self.get_one(), Forbidden))

    def test_too_many_at_once(self) -> None:
        """A limit on requests at once is a matter of time, not of their size."""
        result_of(self.session())
        self.server.refusals = [limit("maxConcurrentRequests")]
        assert failure_of(self.get_one(), RateLimited).temporary

    def test_request_too_large(self) -> None:
        """A request larger than the server really takes is not repeated, but sent in halves."""
        self.server.refusals = [limit("maxCallsInRequest")]
        gets = [Get("Email", [f"E{number}"]) for number in range(3)]
        result_of(self.run_all(*gets))
        assert [get.objects[0]["id"] for get in gets] == ["E0", "E1", "E2"]
        assert [len(calls) for calls in self.server.calls] == [3, 1, 2]

    def test_call_too_large(self) -> None:
        """A single call larger than the server really takes is sent in smaller calls."""
        for name in ("maxSizeRequest", "maxObjectsInGet"):
            self.server.refusals = [limit(name)]
            get = Get("Email", ["E1", "E2"])
            result_of(self.run_all(get))
            assert [each["id"] for each in get.objects] == ["E1", "E2"]
            assert [arguments["ids"] for _name, arguments, _id in self.server.calls[-1]] == [["E1"], ["E2"]]

    def test_session_too_large(self) -> None:
        """Nothing can be split where there is no call."""
        self.server.session_refusals = [(413, b"")]
        failure_of(self.session(), LimitExceeded)


class NotJmapTests(ClientTestCase):
    def assert_not_jmap(self, attempt: Callable[[], Deferred[Any]]) -> None:
        error = failure_of(attempt(), NotJmap)
        assert "jmap_url" in str(error)

    def test_web_page(self) -> None:
        """A web page where the session should be is told as what it is."""
        self.server.session_refusals = [(200, b"<!doctype html><title>Webmail</title>")]
        assert "a web page" in str(failure_of(self.session(), NotJmap))

    def test_no_session(self) -> None:
        """What is JSON but no session is refused, and so is nothing at all."""
        for body in (b"{}", b"[]", b"", b'{"apiUrl": "a", "apiUrl": "b"}'):
            self.server.session_refusals = [(200, body)]
            self.assert_not_jmap(self.session)

    def test_no_response(self) -> None:
        """What is no response to calls is refused."""
        result_of(self.session())
        for body in (b"{}", b"[]", b"", b"<html>", b'{"methodResponses": NaN}'):
            self.server.raw = body
            self.assert_not_jmap(self.get_one)

    def test_bare_response(self) -> None:
        """A response that leaves everything out answers none of the calls, and is one."""
        self.server.raw = b'{"methodResponses": []}'
        get = Get("Email", ["E1"])
        result_of(self.run_all(get))
        with pytest.raises(MethodError):
            _ = get.objects


class TooLargeAnAnswerTests(ClientTestCase):
    """An answer that is too large, or would become so, is asked for in parts, and is an error where it has none."""

    def padded(self, octets: str) -> None:
        """Each mail comes with so much beside it."""
        self.server.methods = {
            "Email/get": lambda arguments: {
                "list": [{"id": id_, "x": octets} for id_ in arguments["ids"]],
                "state": "s1",
                "notFound": [],
            }
        }

    def test_in_parts(self) -> None:
        """Neither the octets of an answer nor its values count for each mail, but for all together."""
        for octets in ("x" * 3_000_000, "," * 100_000):
            self.padded(octets)
            mails = Get("Email", [f"E{each}" for each in range(8)])
            result_of(self.run_all(mails))
            assert len(mails.objects) == 8

    def test_in_requests_of_their_own(self) -> None:
        """What several operations ask for is asked one after another."""
        self.padded("x" * 9_000_000)
        first, second = Get("Email", ["E1"]), Get("Email", ["E2"])
        result_of(self.run_all(first, second))
        assert [each["id"] for each in (*first.objects, *second.objects)] == ["E1", "E2"]

    def test_one_mail(self) -> None:
        """What cannot be asked for in parts fails, in words that name the server."""
        self.padded("," * 1_000_000)
        mails = Get("Email", ["E1"])
        result_of(self.run_all(mails))
        with pytest.raises(MethodError, match=r"https://mail\.example/jmap/api"):
            mails.check()

    def test_session(self) -> None:
        """A session is not asked for in parts."""
        self.server.limits = {f"limit{each}": each for each in range(100_000)}
        failure_of(self.session(), AnswerTooLarge)


class LongIdentifierTests(ClientTestCase):
    """An id or a state that is far too long is none: it would be kept, and sent back with each request."""

    def test_states(self) -> None:
        """No state of an answer, whatever asked for it, has more than a thousand characters."""
        long = "s" * 1001
        self.server.methods = {
            "Email/get": lambda arguments: self.get(arguments) | {"state": long},
            "Email/set": lambda arguments: self.set(arguments) | {"newState": long},
        }
        got, written = Get("Email", ["E1"]), Set("Email", update={"E1": {}})
        result_of(self.run_all(got, written))
        with pytest.raises(MethodError, match="no state"):
            _ = got.state
        assert written.states == []

    def test_session_state(self) -> None:
        """It has no session fetched again."""
        self.server.session_state = lambda: "s" * 1001
        for _request in range(3):
            result_of(self.get_one())
        assert self.server.session_requests == 1

    def test_ids(self) -> None:
        """What has such an id is listed without one."""
        self.server.methods = {
            "Email/get": lambda _arguments: {"list": [{"id": "E" * 1001}, {"id": "E1"}], "state": "s"}
        }
        every = Get("Email")
        result_of(self.run_all(every))
        assert ([each["id"] for each in every.objects], every.unreadable) == (["E1"], 1)


class CredentialsTests(ClientTestCase):
    def test_bearer(self) -> None:
        """The session and every call carry the credentials."""
        self.client = Client(self.http, SESSION_URL, BearerToken(Secret("jmap_token", SecretStr("hush"))))
        result_of(self.get_one())
        assert [received.authorization for received in self.server.received] == ["Bearer hush"] * 2
