"""A JMAP server in memory whose every answer a test decides: session, method answers, refusals."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from twisted.web.server import Request

from mailroom.jmap.session import CONTACTS, CORE, MAIL
from tests.http.servers import NEVER, ScriptedServer

SESSION_URL = "https://mail.example/jmap/session"

Method = Callable[[dict[str, Any]], dict[str, Any]]
"""From a call's arguments to the arguments of its answer; a dict with `error` is a method error of this type."""


class JmapServer(ScriptedServer):
    """Answers sessions and method calls. What it refuses, holds back or claims is set on it."""

    def __init__(self, methods: Mapping[str, Method]) -> None:
        super().__init__(self.answer)
        self.methods = methods
        self.limits: dict[str, int] = {}
        self.state = "1"
        self.session_state: Callable[[], str | None] = lambda: self.state
        self.event_source_url: str | None = None
        self.refusals: list[tuple[int, bytes]] = []
        """Answers to the next API requests, in place of the calls' own."""
        self.session_refusals: list[tuple[int, bytes]] = []
        self.retry_after: str | None = None
        """What every refusal asks to wait for."""
        self.token = "hush"
        self.holds = False
        self.held: list[tuple[Request, bytes]] = []
        self.raw: bytes | None = None
        """If set, what every API request is answered with."""

    def session(self) -> dict[str, Any]:
        account = {"name": "Ann", "accountCapabilities": {MAIL: {}, CONTACTS: {}}}
        return {
            "apiUrl": "/jmap/api",
            "eventSourceUrl": self.event_source_url,
            "state": self.state,
            "capabilities": {CORE: self.limits, MAIL: {}, CONTACTS: {}},
            "accounts": {"A1": account, "A2": account},
            "primaryAccounts": {MAIL: "A1", CONTACTS: "A2"},
        }

    @property
    def session_requests(self) -> int:
        return sum(received.url == SESSION_URL for received in self.received)

    @property
    def api_requests(self) -> list[dict[str, Any]]:
        """The bodies of the API requests."""
        return [json.loads(received.body) for received in self.received if received.method == "POST"]

    @property
    def calls(self) -> list[list[list[Any]]]:
        """The method calls of each API request."""
        return [body["methodCalls"] for body in self.api_requests]

    def answer(self, request: Request) -> bytes | int:
        refusals = self.session_refusals if request.method == b"GET" else self.refusals
        if request.getHeader("authorization") != f"Bearer {self.token}":
            return self.refuse(request, 401, b"")
        if refusals:
            return self.refuse(request, *refusals.pop(0))
        if self.holds:
            self.held.append((request, self.received[-1].body))
            return NEVER
        return self.respond(self.received[-1].body)

    def respond(self, asked: bytes) -> bytes:
        """The session where nothing was asked, else the response to the calls."""
        if not asked:
            return json.dumps(self.session()).encode()
        if self.raw is not None:
            return self.raw
        responses = [self.call(*call) for call in json.loads(asked)["methodCalls"]]
        body = {"methodResponses": responses, "sessionState": self.session_state()}
        return json.dumps({name: value for name, value in body.items() if value is not None}).encode()

    def call(self, method: str, arguments: dict[str, Any], call_id: str) -> list[Any]:
        answer = self.methods[method](arguments)
        return ["error", {"type": answer["error"]}, call_id] if "error" in answer else [method, answer, call_id]

    def release(self) -> None:
        """Answer all that was held, and hold no longer."""
        self.holds = False
        while self.held:
            self.release_one()

    def release_one(self) -> None:
        """Answer what was held first."""
        request, asked = self.held.pop(0)
        request.write(self.respond(asked))
        request.finish()
        self.flush()

    def refuse(self, request: Request, status: int, body: bytes) -> bytes:
        request.setResponseCode(status)
        if self.retry_after is not None:
            request.setHeader("retry-after", self.retry_after)
        return body
