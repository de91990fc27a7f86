"""Discovery, the Session object and request-level errors (RFC 8620 sections 2 and 3)."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from mailroom.core.credentials import BearerToken, Secret
from tests.integration.conversation import CORE, MAIL, Conversation, MethodFailed
from tests.integration.real_time import on_reactor
from tests.integration.servers import MailServer


@on_reactor
async def test_discovery_leads_to_the_session(jmap: Conversation) -> None:
    """The well-known URL leads to a Session with a mail account, a place for method calls and one for push."""
    session = await jmap.session()
    account = session["accounts"][session["primaryAccounts"][MAIL]]
    assert MAIL in account["accountCapabilities"]
    assert session["apiUrl"]
    assert {"{types}", "{closeafter}", "{ping}"} <= set(session["eventSourceUrl"].replace("&", "=").split("="))


@on_reactor
async def test_limits_are_announced(jmap: Conversation) -> None:
    """The core capability names every limit that a client must keep."""
    session = await jmap.session()
    limits = session["capabilities"][CORE]
    assert {"maxCallsInRequest", "maxObjectsInGet", "maxObjectsInSet", "maxSizeRequest"} <= limits.keys()


@on_reactor
async def test_bearer_token_is_accepted(jmap: Conversation, server: MailServer) -> None:
    """A bearer token opens the session that the password opens."""
    token = BearerToken(Secret("token", SecretStr(server.token)))
    answer = await jmap.fetch("/.well-known/jmap", credentials=token)
    assert json.loads(answer.body)["username"] == (await jmap.session())["username"]


@on_reactor
async def test_wrong_password_is_refused(jmap: Conversation) -> None:
    """Wrong credentials are answered by 401 and the scheme to use."""
    answer = await jmap.fetch("/.well-known/jmap", credentials=jmap.wrong_login)
    assert (answer.status, (answer.header("WWW-Authenticate") or "").partition(" ")[0]) == (401, "Basic")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"{", "urn:ietf:params:jmap:error:notJSON"),
        ({"methodCalls": []}, "urn:ietf:params:jmap:error:notRequest"),
        ({"using": [CORE, "urn:example:none"], "methodCalls": []}, "urn:ietf:params:jmap:error:unknownCapability"),
    ],
    ids=["no JSON", "no request", "unknown capability"],
)
@on_reactor
async def test_malformed_requests_are_refused_whole(jmap: Conversation, body: object, problem: str) -> None:
    """What is no JMAP request is answered by status 400 and a problem document that names the reason."""
    answer = await jmap.post(body)
    assert (answer.status, json.loads(answer.body)["type"]) == (400, problem)


@on_reactor
async def test_too_many_calls_are_refused_whole(jmap: Conversation) -> None:
    """One call more than the limit fails the request, and the answer names the limit."""
    limits = (await jmap.session())["capabilities"][CORE]
    calls = [["Core/echo", {}, str(number)] for number in range(limits["maxCallsInRequest"] + 1)]
    answer = await jmap.post({"using": [CORE], "methodCalls": calls})
    problem = json.loads(answer.body)
    assert (answer.status, problem["type"], problem["limit"]) == (
        400,
        "urn:ietf:params:jmap:error:limit",
        "maxCallsInRequest",
    )


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("Email/frob", {}, "unknownMethod"),
        ("Email/get", {"accountId": "nobody-here", "ids": []}, "accountNotFound"),
        ("Email/get", {"ids": [], "properties": ["frob"]}, "invalidArguments"),
    ],
)
@on_reactor
async def test_method_errors(jmap: Conversation, method: str, arguments: dict[str, Any], error: str) -> None:
    """A call that cannot be done gets an error of its own, in an answer of status 200."""
    with pytest.raises(MethodFailed) as failed:
        await jmap.ask(method, **arguments)
    assert failed.value.args[0]["type"] == error


@on_reactor
async def test_result_references_are_resolved(jmap: Conversation) -> None:
    """A call may take its ids from the answer of one before it (RFC 8620 section 3.7)."""
    account = await jmap.account_id()
    reference = {"resultOf": "0", "name": "Mailbox/query", "path": "/ids"}
    calls = [
        ["Mailbox/query", {"accountId": account}, "0"],
        ["Mailbox/get", {"accountId": account, "#ids": reference, "properties": ["role"]}, "1"],
    ]
    answer = await jmap.post({"using": [CORE, MAIL], "methodCalls": calls})
    _query, (_name, mailboxes, _call_id) = json.loads(answer.body)["methodResponses"]
    assert [mailbox["role"] for mailbox in mailboxes["list"]] == ["inbox"]
