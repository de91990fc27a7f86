"""Answers as no server means them."""

import json
from typing import Any, Literal

Garbage = Literal["html", "nothing", "half", "without mail", "without contacts", "without push", "without sieve"]


def spoiled(kind: Garbage, body: bytes) -> bytes:
    """What arrives in place of a body. What a kind does not fit is left as it is."""
    match kind:
        case "html":
            return b"<html><title>Be right back</title></html>"
        case "nothing":
            return b""
        case "half":
            return body[: len(body) // 2]
        case _:
            return _session_without(kind.removeprefix("without "), body)


def _session_without(what: str, body: bytes) -> bytes:
    """A session that lacks a capability, or its event source."""
    try:
        session: dict[str, Any] = json.loads(body)
        accounts = session["accounts"].values()
    except (ValueError, KeyError, TypeError, AttributeError):
        return body
    if what == "push":
        session.pop("eventSourceUrl", None)
    capability = f"urn:ietf:params:jmap:{what}"
    for container in (session["capabilities"], session["primaryAccounts"]):
        container.pop(capability, None)
    for account in accounts:
        account["accountCapabilities"].pop(capability, None)
    return json.dumps(session).encode()
