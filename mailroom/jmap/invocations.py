"""What goes over the wire: invocations packed into requests, and found again in responses (RFC 8620 section 3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from mailroom.core.redaction import Redaction
from mailroom.jmap.calls import Call, Chain, Outcome
from mailroom.jmap.errors import MethodError
from mailroom.jmap.i_json import encode
from mailroom.jmap.json_values import identifier, mapping
from mailroom.jmap.session import CORE, Limits

_MAX_PROPERTIES: Final = 20
"""How many properties at fault are told."""
_REFUSALS: Final = ("notCreated", "notUpdated", "notDestroyed")
_REQUEST: Final = b'{"using":%b,"methodCalls":[%b]}'


@dataclass(frozen=True, slots=True)
class InvocationChain:
    """A chain made ready to send: its invocations' names and ids, and their JSON. It travels in one request."""

    capability: str
    calls: tuple[tuple[str, str], ...]
    data: bytes

    @classmethod
    def build(cls, chain: Chain, capability: str, account_id: str, first_id: int) -> Self:
        """The chain whose calls carry the ids `first_id` and following."""
        ids = [str(first_id + place) for place in range(len(chain))]
        rendered = [
            [call.method, {"accountId": account_id, **call.arguments, **_references(call, chain, ids)}, id_]
            for call, id_ in zip(chain, ids, strict=True)
        ]
        calls = tuple((call.method, id_) for call, id_ in zip(chain, ids, strict=True))
        return cls(capability, calls, b",".join(map(encode, rendered)))

    def refused(self, kind: str, description: str) -> list[Outcome]:
        """The outcomes of a chain that the server has not taken."""
        return [MethodError(method, kind, description) for method, _id in self.calls]


def _references(call: Call, chain: Chain, ids: Sequence[str]) -> dict[str, Any]:
    return {
        f"#{argument}": {"resultOf": ids[source.call], "name": chain[source.call].method, "path": source.path}
        for argument, source in call.references.items()
    }


def request_body(chains: Sequence[InvocationChain]) -> bytes:
    """The Request object (RFC 8620 section 3.3), naming the core capability and those that its calls need."""
    return _REQUEST % (_using(chains), b",".join(chain.data for chain in chains))


def fits(chains: Sequence[InvocationChain], limits: Limits) -> bool:
    """Whether a request with these chains is one that the server takes."""
    calls = sum(len(chain.calls) for chain in chains)
    data = sum(len(chain.data) + 1 for chain in chains) - 1
    size = len(_REQUEST % (_using(chains), b"")) + data
    return calls <= limits.max_calls_in_request and size <= limits.max_size_request


def pack(chains: Iterable[InvocationChain], limits: Limits) -> list[list[InvocationChain]]:
    """The chains in as few requests as their order and the limits allow. One that never fits is alone in its own."""
    requests: list[list[InvocationChain]] = []
    for chain in chains:
        if requests and fits([*requests[-1], chain], limits):
            requests[-1].append(chain)
        else:
            requests.append([chain])
    return requests


def _using(chains: Iterable[InvocationChain]) -> bytes:
    return encode([CORE, *sorted({chain.capability for chain in chains})])


@dataclass(frozen=True, slots=True)
class Response:
    """The Response object (RFC 8620 section 3.4): what was answered to each call id, and the session's state.

    Why something was refused is told, and so it is without secrets. What else was answered is data, and untouched.
    """

    answers: Mapping[str, Sequence[tuple[str, dict[str, Any]]]]
    session_state: str | None
    redaction: Redaction = field(default_factory=Redaction, repr=False, compare=False)

    @classmethod
    def parse(cls, document: object, redaction: Redaction | None = None) -> Self | None:
        """The response that a JSON document is, if it is one. Answers that are not formed like one are left out."""
        if not isinstance(document, dict) or not isinstance(document.get("methodResponses"), list):
            return None
        answers: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        for response in document["methodResponses"]:
            match response:
                case [str(name), dict(arguments), str(id_)]:
                    answers.setdefault(id_, []).append((name, arguments))
        return cls(answers, identifier(document.get("sessionState")), redaction or Redaction())

    def outcomes(self, chain: InvocationChain) -> list[Outcome]:
        """What came of each call. One may be answered several times, or, by a faulty server, not at all."""
        return [self._outcome(method, id_) for method, id_ in chain.calls]

    def _outcome(self, method: str, id_: str) -> Outcome:
        answers = self.answers.get(id_, ())
        for name, arguments in answers:
            if name == method:
                return self._readable(arguments)
        for name, arguments in answers:
            if name == "error":
                kind, description = map(self._told, (arguments.get("type"), arguments.get("description")))
                return MethodError(method, str(kind or "serverFail"), str(description or ""))
        return MethodError(method, "serverFail", "The server gave no answer to this call.")

    def _readable(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """What was answered, its refusals (RFC 8620 section 5.3, RFC 9661 section 2.4) fit to be told."""
        refused = {
            name: {id_: self._refusal(refusal) for id_, refusal in arguments[name].items()}
            for name in _REFUSALS
            if mapping(arguments.get(name))
        }
        if mapping(arguments.get("error")):
            refused["error"] = self._refusal(arguments["error"])
        return arguments | refused

    def _refusal(self, refusal: Any) -> Any:
        members = mapping(refusal).items()
        return {name: member if name == "existingId" else self._told(member) for name, member in members}

    def _told(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._told(item) for item in value[:_MAX_PROPERTIES]]
        return self.redaction.quotation(value) if isinstance(value, str) else value
