"""The JSON of JMAP: I-JSON (RFC 7493, required by RFC 8620 section 1.5).

What JSON becomes may be thirty times as large as its octets: `[],` is an array, of some hundred octets. So what it will
take is estimated before anything is made of it, from the octets that begin values, and what would take too much is
refused. A usual mail takes some 8 kB by this estimate, a mailbox as much, a member of a contact group 350 octets: 5,000
mails or mailboxes fit, or 100,000 members, ten times of what Mailroom asks for at once. The time that it takes, a
fraction of a second, is bounded by the same estimate.
"""

import json
import re
from typing import Any, Final, NoReturn

MAX_COST: Final = 48_000_000
"""How many octets of memory the text and the values of a document may take, as estimated."""
_COSTS: Final = {b"[": 100, b"{": 160, b":": 150, b",": 75}
"""Octets of memory for what each of these begins. Those within texts are counted too, which does little harm."""
_WIDE = re.compile(rb"[\xf0-\xff]")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class NotIJson(ValueError):
    """These octets are no I-JSON. They are not quoted: they may be anybody's mail."""


class TooMuchJson(NotIJson):
    """These octets may be JSON, but of more values than anybody has asked for."""


def encode(value: Any) -> bytes:
    """The octets to send, without white space."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def decode(data: bytes) -> Any:
    """What the octets say.

    Repeated members and the numbers that JSON has not are refused, and so is what is nested too deep to read, or would
    take too much memory (`TooMuchJson`). Half a surrogate pair, which no text may hold but a careless server's may,
    becomes U+FFFD: one odd mail must not keep all others from being read, and every string that is handed out can be
    encoded again.
    """
    has_surrogates = _ESCAPED_SURROGATE.search(data) is not None
    # Text without halves of pairs is made of that with them, so that for a moment there are two of everything.
    if _cost(data) * (2 if has_surrogates else 1) > MAX_COST:
        raise TooMuchJson("more values than can be read")
    try:
        value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse)
        return _whole(value) if has_surrogates else value
    except NotIJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotIJson(type(error).__name__) from error


def _cost(data: bytes) -> int:
    """How many octets of memory these take together with the text and with the values that they become.

    One character beyond U+FFFF makes four octets of each character of its text, and the values are cut out of the text.
    """
    width = 4 if _WIDE.search(data) or _ESCAPED_SURROGATE.search(data) else 1 if data.isascii() else 2
    return len(data) * (1 + 2 * width) + sum(data.count(mark) * cost for mark, cost in _COSTS.items())


def _whole(value: Any) -> Any:
    """The value with U+FFFD in place of halves of surrogate pairs."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return _unique([(_whole(name), _whole(member)) for name, member in value.items()])
    return value


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(members)
    if len(unique) < len(members):
        raise NotIJson("repeated member")
    return unique


def _refuse(constant: str) -> NoReturn:
    raise NotIJson(constant)
