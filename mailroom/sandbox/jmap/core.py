"""A request to the API: method calls in, method responses out (RFC 8620 section 3)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mailroom.sandbox.errors import MethodError, RequestError
from mailroom.sandbox.faults import Faults
from mailroom.sandbox.jmap.arguments import Arguments, Schema, checked
from mailroom.sandbox.jmap.references import resolve_references
from mailroom.sandbox.options import SandboxOptions

CORE: Final = "urn:ietf:params:jmap:core"

CreatedIds = dict[str, str]
"""The ids behind the creation ids of a request (RFC 8620 section 3.3)."""

Invocation = list[Any]
"""A method call or response: its name, its arguments, and the call's id."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method: the capability it needs, the arguments it knows, and what it does.

    It gets the arguments without the account's id, and the creation ids so far, to which it adds. Without a schema it
    has nothing to do with the account, and gets the arguments as they come.
    """

    capability: str
    schema: Schema | None
    run: Callable[[Arguments, CreatedIds], dict[str, Any]]


@dataclass(slots=True)
class Api:
    """Answers requests with the methods of one account."""

    methods: Mapping[str, Method]
    capabilities: frozenset[str]
    options: SandboxOptions
    faults: Faults = field(default_factory=Faults)

    def answer(self, body: bytes, session_state: str) -> dict[str, Any]:
        """The Response object; `RequestError` for what is refused as a whole."""
        request = self._parse(body)
        created: CreatedIds = dict(request.get("createdIds") or {})
        responses: list[Invocation] = []
        for name, arguments, call_id in request["methodCalls"]:
            try:
                result = self._call(name, resolve_references(arguments, responses), request["using"], created)
                responses.append([name, result, call_id])
            except MethodError as error:
                responses.append(["error", error.json, call_id])
        answer: dict[str, Any] = {"methodResponses": responses, "sessionState": session_state}
        return answer | ({"createdIds": created} if "createdIds" in request else {})

    def _parse(self, body: bytes) -> dict[str, Any]:
        limits = self.options.limits
        if len(body) > limits.max_size_request:
            raise RequestError("limit", "The request is too large.", status=413, limit="maxSizeRequest")
        try:
            request = json.loads(body)
        except ValueError as error:
            raise RequestError("notJSON", "The request is not JSON.") from error
        if not _is_request(request):
            raise RequestError("notRequest", "The request is JSON, but not a Request object.")
        unknown = set(request["using"]) - self.capabilities
        if unknown:
            raise RequestError("unknownCapability", f"Unknown: {', '.join(sorted(unknown))}")
        if len(request["methodCalls"]) > limits.max_calls_in_request:
            raise RequestError("limit", "Too many method calls.", limit="maxCallsInRequest")
        return dict(request)

    def _call(self, name: str, arguments: Arguments, using: list[str], created: CreatedIds) -> dict[str, Any]:
        method = self.methods.get(name)
        if method is None or method.capability not in using:
            raise MethodError("unknownMethod")
        self.faults.check_method(name)
        if method.schema is None:
            return method.run(arguments, created)
        checked_arguments = checked(self._without_account(arguments), method.schema)
        return {"accountId": self.options.account_id, **method.run(checked_arguments, created)}

    def _without_account(self, arguments: Arguments) -> Arguments:
        if arguments.get("accountId", self.options.account_id) != self.options.account_id:
            raise MethodError("accountNotFound")
        return {name: value for name, value in arguments.items() if name != "accountId"}


def _is_request(request: Any) -> bool:
    return (
        isinstance(request, dict)
        and _is_list_of(request.get("using"), str)
        and _is_list_of(request.get("methodCalls"), list)
        and all(map(_is_invocation, request["methodCalls"]))
    )


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(entry, kind) for entry in value)


def _is_invocation(call: list[Any]) -> bool:
    match call:
        case [str(), dict(), str()]:
            return True
        case _:
            return False
