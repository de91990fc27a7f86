"""Faults on order."""

import math

from twisted.python.failure import Failure
from twisted.web.client import ResponseNeverReceived
from twisted.web.iweb import IResponse

from mailroom.sandbox.faults import Answer, Delay, HangUp, MethodFault, ObjectFault
from mailroom.sandbox.options import Limits, SandboxOptions
from tests.sandbox.driver import SandboxTestCase

ECHO = b'{"using": ["urn:ietf:params:jmap:core"], "methodCalls": [["Core/echo", {}, "0"]]}'
JSON = {"Content-Type": "application/json"}


def is_broken_off(outcome: list[IResponse | Failure]) -> bool:
    """Whether a request has come to its end without an answer."""
    [failure] = outcome
    return isinstance(failure, Failure) and failure.check(ResponseNeverReceived) is not None


class FaultsOnOrder(SandboxTestCase):
    options = SandboxOptions(limits=Limits(max_concurrent_requests=1))

    def test_answer(self) -> None:
        """The next request to a path is answered with a fault, and the one after it properly."""
        self.sandbox.fail_next(Answer(503, {"Retry-After": "7"}, b"Busy.", path="/jmap/api"))
        assert self.fetch("GET", "/jmap/session")[0] == 200
        status, headers, body = self.fetch("POST", "/jmap/api", ECHO, JSON)
        assert (status, headers.getRawHeaders("retry-after"), body) == (503, ["7"], b"Busy.")
        assert self.fetch("POST", "/jmap/api", ECHO, JSON)[0] == 200

    def test_as_often_as_ordered(self) -> None:
        """A fault strikes as often as ordered, or until it is taken back."""
        self.sandbox.fail_next(Answer(500), times=2)
        self.sandbox.fail_next(Answer(502), times=math.inf)
        statuses = [self.fetch("GET", "/jmap/session")[0] for _ in range(4)]
        self.sandbox.faults.clear()
        assert [*statuses, self.fetch("GET", "/jmap/session")[0]] == [500, 500, 502, 502, 200]

    def test_hang_up(self) -> None:
        """The connection closes without an answer."""
        self.sandbox.fail_next(HangUp())
        assert is_broken_off(self.outcome(self.ask("GET", "/jmap/session")))

    def test_hang_up_after_the_deed(self) -> None:
        """A request may be done all the same when its answer is lost."""
        self.sandbox.fail_next(HangUp(acted=True))
        body = (
            b'{"using": ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"],'
            b' "methodCalls": [["Mailbox/set", {"create": {"a": {"name": "Feed"}}}, "0"]]}'
        )
        assert is_broken_off(self.outcome(self.ask("POST", "/jmap/api", body, JSON)))
        assert self.account.mailbox_id("Feed")

    def test_delay(self) -> None:
        """An answer may be late."""
        self.sandbox.fail_next(Delay(5.0))
        outcome = self.outcome(self.ask("GET", "/jmap/session"))
        self.advance(4.9)
        assert outcome == []
        self.advance(0.1)
        assert [getattr(answer, "code", None) for answer in outcome] == [200]

    def test_nobody_waits_any_more(self) -> None:
        """Nothing is left of a late request whose client has gone."""
        self.sandbox.fail_next(Delay(5.0))
        answer = self.ask("GET", "/jmap/session")
        outcome = self.outcome(answer)
        answer.cancel()
        self.flush()
        assert is_broken_off(outcome)
        assert self.clock.getDelayedCalls() == []

    def test_too_many_at_a_time(self) -> None:
        """While a request is late, others above the limit are refused."""
        self.sandbox.fail_next(Delay(5.0))
        late = self.ask("POST", "/jmap/api", ECHO, JSON)
        status, _, body = self.fetch("POST", "/jmap/api", ECHO, JSON)
        assert status == 400
        assert b"maxConcurrentRequests" in body
        self.advance(5.0)
        assert self.successResultOf(late).code == 200
        assert self.fetch("POST", "/jmap/api", ECHO, JSON)[0] == 200

    def test_method(self) -> None:
        """The next call of a method fails with the error ordered."""
        self.sandbox.fail_next(MethodFault("Mailbox/get", "serverUnavailable"))
        assert self.error("Mailbox/get") == {"type": "serverUnavailable"}
        assert self.call("Mailbox/get")["list"] == []

    def test_object(self) -> None:
        """A set refuses one object, and does the others."""
        one, other = self.account.add_mailbox("One"), self.account.add_mailbox("Other")
        self.sandbox.fail_next(ObjectFault("Mailbox/set", one, "rateLimit"))
        answer = self.call("Mailbox/set", destroy=[one, other])
        assert answer["destroyed"] == [other]
        assert answer["notDestroyed"] == {one: {"type": "rateLimit"}}

    def test_received(self) -> None:
        """The sandbox remembers what was asked, and when."""
        self.clock.advance(3)
        self.sandbox.fail_next(Answer(500))
        self.fetch("GET", "/jmap/session")
        [received] = self.sandbox.received
        assert (received.method, received.path, received.at) == ("GET", "/jmap/session", 3.0)
