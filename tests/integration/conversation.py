"""JMAP with a server as it stands on the wire: what is asked and what is answered, and nothing in between.

The service's own client has no part in it, so that what the sandbox and Cyrus are compared by is theirs alone.
"""

import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urljoin

from pydantic import SecretStr

from mailroom.core.credentials import BasicLogin, Credentials, Secret
from mailroom.http.agent import request_client, stream_agent
from mailroom.http.client import Answer, Http, Opened, Request
from tests.integration.real_time import DEADLINE, reactor
from tests.integration.servers import Login

CORE = "urn:ietf:params:jmap:core"
MAIL = "urn:ietf:params:jmap:mail"


class Sparse(dict[str, Any]):
    """A JSON object. What is null may be left out, as James does."""

    def __missing__(self, name: str) -> None:
        return None


class MethodFailed(Exception):
    """A method answered with an error; `args[0]` is the error object (RFC 8620 section 3.6.2)."""


def transport() -> Http:
    """Requests on connections of their own: none is left open when a test ends."""
    return Http(request_client(stream_agent(reactor)), reactor)


def login(username: str, password: str) -> BasicLogin:
    return BasicLogin(username, Secret("password", SecretStr(password)))


class Conversation:
    """Requests for the account of a server, as its user."""

    def __init__(self, server: Login) -> None:
        self._server = server
        self._login = login(server.username, server.password)
        self.wrong_login = login(server.username, "wrong")
        self._http = transport()
        self._session: Mapping[str, Any] | None = None

    async def fetch(
        self,
        path: str,
        method: str = "GET",
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
    ) -> Answer:
        """Any request to the server, as the account's user unless other credentials are given."""
        url = urljoin(self._server.url, path)
        request = Request(method, url, headers or {}, body, credentials or self._login, timeout=DEADLINE)
        return await self._http.fetch(request)

    async def open(self, url: str, headers: Mapping[str, str]) -> Opened:
        """The head of an answer whose body may never end."""
        return await self._http.open(Request("GET", url, headers, credentials=self._login, timeout=DEADLINE))

    async def session(self) -> Mapping[str, Any]:
        """The Session object, found by discovery, with its URLs made whole."""
        if self._session is None:
            answer = await self.fetch("/.well-known/jmap")
            session = json.loads(answer.body)
            urls = {name: urljoin(answer.url, url) for name, url in session.items() if name.endswith("Url")}
            self._session = session | urls
        return self._session

    async def account_id(self) -> str:
        session = await self.session()
        return str(session["primaryAccounts"][MAIL])

    async def post(self, body: object) -> Answer:
        """A request to the API, whatever its body."""
        session = await self.session()
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.fetch(session["apiUrl"], "POST", data, {"Content-Type": "application/json"})

    async def ask(self, method: str, **arguments: Any) -> Sparse:
        """The answer to one method call. `MethodFailed` with what the server said if it is an error."""
        call = [method, {"accountId": await self.account_id(), **arguments}, "0"]
        answer = await self.post({"using": [CORE, MAIL], "methodCalls": [call]})
        ((name, result, _call_id),) = json.loads(answer.body, object_hook=Sparse)["methodResponses"]
        if name != method:
            raise MethodFailed(result)
        return cast("Sparse", result)

    async def create_mailbox(self, name: str, **properties: object) -> str:
        answer = await self.ask("Mailbox/set", create={"new": {"name": name, **properties}})
        return str(answer["created"]["new"]["id"])

    async def mailboxes(self) -> dict[str, dict[str, Any]]:
        """Every mailbox, by name. The Inbox has its name from here: each server calls it as it likes."""
        answer = await self.ask("Mailbox/get", ids=None)
        return {"Inbox" if each["role"] == "inbox" else each["name"]: each for each in answer["list"]}

    async def emails(self, **filter_: object) -> list[str]:
        """The ids of the mails that pass a filter."""
        answer = await self.ask("Email/query", filter=filter_ or None)
        return list(answer["ids"])

    async def email_state(self) -> str:
        answer = await self.ask("Email/get", ids=[])
        return str(answer["state"])
