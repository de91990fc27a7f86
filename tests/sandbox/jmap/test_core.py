"""Requests to the sandbox's API (RFC 8620 section 3)."""

from mailroom.sandbox.options import Limits, SandboxOptions
from tests.sandbox.driver import USING, SandboxTestCase

ECHO = ["Core/echo", {"hello": "world"}, "0"]


class Requests(SandboxTestCase):
    options = SandboxOptions(limits=Limits(max_size_request=2000, max_calls_in_request=2))

    def refusal(self, request: object) -> tuple[int, str, str | None]:
        status, problem = self.post(request)
        return status, problem["type"].rpartition(":")[2], problem.get("limit")

    def test_echo(self) -> None:
        """Core/echo gives back its arguments as they are."""
        assert self.call("Core/echo", hello=["world", None]) == {"hello": ["world", None]}

    def test_no_json(self) -> None:
        """A body that is no JSON is refused."""
        assert self.refusal(b"{") == (400, "notJSON", None)

    def test_no_request_object(self) -> None:
        """JSON of another shape than a Request's is refused."""
        assert self.refusal({"using": USING, "methodCalls": [["Core/echo", {}]]}) == (400, "notRequest", None)

    def test_unknown_capability(self) -> None:
        """A capability that the server does not offer is refused."""
        request = {"using": [*USING, "urn:example:other"], "methodCalls": [ECHO]}
        assert self.refusal(request) == (400, "unknownCapability", None)

    def test_too_many_calls(self) -> None:
        """One call more than the limit is refused, and none of them runs."""
        assert self.post({"using": USING, "methodCalls": [ECHO] * 2})[0] == 200
        assert self.refusal({"using": USING, "methodCalls": [ECHO] * 3}) == (400, "limit", "maxCallsInRequest")

    def test_too_large(self) -> None:
        """A body above the limit is refused."""
        assert self.refusal(b" " * 2001) == (413, "limit", "maxSizeRequest")

    def test_other_content_type(self) -> None:
        """Only JSON that says so is taken."""
        assert self.fetch("POST", "/jmap/api", b"{}", {"Content-Type": "text/plain"})[0] == 415


class Calls(SandboxTestCase):
    def test_unknown_method(self) -> None:
        """An unknown method fails alone: the calls after it still run."""
        first, second = self.run_calls(("Email/frobnicate", {}), ("Core/echo", {}))
        assert first == ["error", {"type": "unknownMethod"}]
        assert second == ["Core/echo", {}]

    def test_method_without_its_capability(self) -> None:
        """A method is unknown to requests that do not use its capability."""
        _, answer = self.post({"using": USING[:1], "methodCalls": [["Mailbox/get", {}, "0"]]})
        assert answer["methodResponses"] == [["error", {"type": "unknownMethod"}, "0"]]

    def test_other_account(self) -> None:
        """There is one account."""
        assert self.error("Mailbox/get", accountId="somebody")["type"] == "accountNotFound"

    def test_unknown_argument(self) -> None:
        """An argument that the method does not know is named."""
        assert self.error("Mailbox/get", frob=1) == {"type": "invalidArguments", "arguments": ["frob"]}

    def test_argument_of_another_type(self) -> None:
        """An argument of the wrong type is named."""
        assert self.error("Email/query", limit=-1) == {"type": "invalidArguments", "arguments": ["limit"]}

    def test_session_state(self) -> None:
        """Each answer tells the state of the Session."""
        before = self.post({"using": USING, "methodCalls": [ECHO]})[1]["sessionState"]
        self.sandbox.change_session()
        assert self.post({"using": USING, "methodCalls": [ECHO]})[1]["sessionState"] != before


class References(SandboxTestCase):
    def test_nested_arrays_are_flattened(self) -> None:
        """A star maps over an array, and lists within become one list."""
        calls = (
            ("Core/echo", {"list": [{"ids": ["a", "b"]}, {"ids": ["c"]}]}),
            (
                "Core/echo",
                {"#found": {"resultOf": "0", "name": "Core/echo", "path": "/list/*/ids"}},
            ),
        )
        assert self.run_calls(*calls)[1] == ["Core/echo", {"found": ["a", "b", "c"]}]

    def test_reference_to_a_failed_call(self) -> None:
        """What refers to a call that failed, fails."""
        reference = {"resultOf": "0", "name": "Mailbox/get", "path": "/ids"}
        results = self.run_calls(("Mailbox/get", {"accountId": "x"}), ("Email/get", {"#ids": reference}))
        assert results[1] == ["error", {"type": "invalidResultReference"}]

    def test_argument_given_twice(self) -> None:
        """An argument cannot be given both as it is and by reference."""
        reference = {"resultOf": "0", "name": "Core/echo", "path": "/ids"}
        assert self.error("Email/get", **{"ids": [], "#ids": reference})["type"] == "invalidArguments"

    def test_creation_ids_go_in_and_out(self) -> None:
        """Creation ids that a request brings along are known in it, and come back with its own."""
        calls = [
            ["Mailbox/set", {"create": {"a": {"name": "A"}}}, "0"],
            ["Mailbox/set", {"create": {"b": {"name": "B", "parentId": "#a"}}}, "1"],
        ]
        _, answer = self.post({"using": USING, "methodCalls": calls, "createdIds": {"x": "P0"}})
        child = self.account.mailbox_id("A/B")
        assert answer["createdIds"] == {"x": "P0", "a": self.account.mailbox_id("A"), "b": child}
