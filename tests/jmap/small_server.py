"""A server that takes and gives little at a time: what operations are driven against, without any transport."""

from collections.abc import Callable, Sequence
from typing import Any

from mailroom.jmap.calls import Call, Chain, Outcome
from mailroom.jmap.errors import MethodError
from mailroom.jmap.operation import Operation
from mailroom.jmap.session import Limits


class SmallServer:
    """Holds objects of one type by id, answers chains, and keeps the calls it was asked."""

    def __init__(
        self,
        ids: Sequence[str] = (),
        *,
        clamp: int = 1_000,
        max_in_get: int = 1_000,
        tells_total: bool = True,
    ) -> None:
        self.ids = list(ids)
        self.clamp = clamp
        self.max_in_get = max_in_get
        self.tells_total = tells_total
        self.query_state = 0
        self.calls: list[Call] = []
        self.rounds = 0
        self.between_rounds: Callable[[], None] = lambda: None

    def run(self, operation: Operation, limits: Limits | None = None) -> None:
        """Drive an operation to its end."""
        while chains := operation.next_chains(limits or Limits()):
            operation.receive([self.answer(chain) for chain in chains])
            self.rounds += 1
            self.between_rounds()

    def answer(self, chain: Chain) -> list[Outcome]:
        self.calls += chain
        outcomes: list[Outcome] = []
        for call in chain:
            outcomes.append(self.query(call) if call.method.endswith("/query") else self.get(call, outcomes))
        return outcomes

    def query(self, call: Call) -> Outcome:
        position, limit = call.arguments["position"], min(call.arguments["limit"], self.clamp)
        total = {"total": len(self.ids)} if self.tells_total else {}
        page = self.ids[position : position + limit]
        return {"ids": page, "position": position, "queryState": f"q{self.query_state}", **total}

    def get(self, call: Call, earlier: Sequence[Outcome]) -> Outcome:
        ids = call.arguments.get("ids")
        if call.references:
            query = earlier[call.references["ids"].call]
            assert isinstance(query, dict)
            ids = query["ids"]
        elif ids is None:
            ids = self.ids
        if len(ids) > self.max_in_get:
            return MethodError(call.method, "requestTooLarge")
        found: list[dict[str, Any]] = [{"id": id_, "kept": True} for id_ in reversed(ids) if id_ in self.ids]
        missing = [id_ for id_ in ids if id_ not in self.ids]
        return {"list": found, "notFound": missing, "state": f"s{len(self.calls)}"}
