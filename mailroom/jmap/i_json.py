"""The JSON of JMAP: I-JSON (RFC 7493, required by RFC 8620 section 1.5)."""

import json
from typing import Any, NoReturn


class NotIJson(ValueError):
    """These octets are no I-JSON. They are not quoted: they may be anybody's mail."""


def encode(value: Any) -> bytes:
    """The octets to send, without white space."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def decode(data: bytes) -> Any:
    """What the octets say.

    Repeated members and the numbers that JSON has not are refused, and so is what is nested too deep to read. Half a
    surrogate pair, which no text may hold but a careless server's may, becomes U+FFFD: one odd mail must not keep all
    others from being read, and every string that is handed out can be encoded again.
    """
    try:
        value = _load(data.decode("utf-8-sig"))
        if rb"\ud" in data.lower():
            whole = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass")
            value = _load(whole.decode("utf-16", "replace"))
    except NotIJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotIJson(type(error).__name__) from error
    return value


def _load(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(members)
    if len(unique) < len(members):
        raise NotIJson("repeated member")
    return unique


def _refuse(constant: str) -> NoReturn:
    raise NotIJson(constant)
