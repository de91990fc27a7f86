"""What the answer to a method call must have (RFC 8620 section 5): absent is not empty.

An answer without its list says nothing about what there is. Read as an empty one it would look as if nothing were left
to do, so whoever asked has to see it fail.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from mailroom.jmap.calls import Outcome
from mailroom.jmap.errors import MethodError, SetError
from mailroom.jmap.json_values import Json, mapping, objects_by_id, texts

_REFUSALS: Final = ("notCreated", "notUpdated", "notDestroyed")


def is_throttled(outcome: Outcome) -> bool:
    """Whether the server puts off a call, or an object of it, because it has been asked for too much."""
    if isinstance(outcome, MethodError):
        return outcome.is_throttle
    refused = (mapping(outcome.get(name)).values() for name in _REFUSALS)
    return any(SetError.parse(error).is_throttle for errors in refused for error in errors)


def malformed(method: str, what: str) -> MethodError:
    """The error of an answer that is not as the RFC has it."""
    return MethodError(method, "serverFail", f"The server's answer {what}.")


def listed_ids(method: str, answer: Json) -> list[str]:
    """The ids that a query found."""
    ids = answer.get("ids")
    if not isinstance(ids, list) or not all(isinstance(id_, str) for id_ in ids):
        raise malformed(method, "has no list of ids")
    return ids


def listed_objects(method: str, answer: Json) -> dict[str, dict[str, Any]]:
    """The objects that a get found, by id. What has none is left out."""
    if not isinstance(answer.get("list"), list):
        raise malformed(method, "has no list of objects")
    return objects_by_id(answer["list"])


def unaccounted(answer: Json, ids: Collection[str], found: Mapping[str, Any]) -> list[str]:
    """Those of the ids asked for that a get neither lists nor calls not found."""
    not_found = set(texts(answer.get("notFound")))
    return [id_ for id_ in ids if id_ not in found and id_ not in not_found]
