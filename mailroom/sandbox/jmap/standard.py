"""What the get, changes, set and query methods of every data type have in common (RFC 8620 section 5)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from mailroom.sandbox.errors import MethodError, RequestError, SetError, invalid_arguments
from mailroom.sandbox.faults import Faults
from mailroom.sandbox.jmap.arguments import Arguments
from mailroom.sandbox.jmap.core import CreatedIds
from mailroom.sandbox.options import SandboxOptions
from mailroom.sandbox.store.journal import Journal

_Record = TypeVar("_Record")
Json = dict[str, Any]


def _forbidden(*_arguments: Any) -> NoReturn:
    raise SetError("forbidden")


@dataclass(frozen=True, slots=True)
class SetActions:
    """How objects of one type are created, updated and destroyed; each raises a SetError for what it refuses.

    `create` and `update` return what the client does not know yet; an update may have nothing to tell.
    """

    create: Callable[[Json], Json]
    update: Callable[[str, Json], Json | None] = _forbidden
    destroy: Callable[[str], None] = _forbidden


@dataclass(frozen=True, slots=True)
class DataType:
    """One data type of an account: its name, the journal with its states, and how strict the sandbox is."""

    name: str
    journal: Journal
    options: SandboxOptions
    faults: Faults

    @property
    def state(self) -> str:
        return self.journal.state(self.name)

    def get(self, arguments: Arguments, records: Mapping[str, _Record], read: Callable[[_Record], Json]) -> Json:
        """The answer to a get of these ids, or of all records."""
        ids = list(dict.fromkeys(arguments.get("ids", records)))
        if len(ids) > self.options.limits.max_objects_in_get:
            raise self._too_many("maxObjectsInGet", whole_request="ids" in arguments)
        return {
            "state": self.state,
            "list": [read(records[object_id]) for object_id in ids if object_id in records],
            "notFound": [object_id for object_id in ids if object_id not in records],
        }

    def changes(self, arguments: Arguments) -> Json:
        since = arguments.get("sinceState")
        if since is None:
            raise invalid_arguments("sinceState")
        changes = self.journal.changes(self.name, since, arguments.get("maxChanges"))
        return {
            "oldState": since,
            "newState": changes.new_state,
            "hasMoreChanges": changes.has_more,
            "created": changes.created,
            "updated": changes.updated,
            "destroyed": changes.destroyed,
        }

    def set(self, arguments: Arguments, actions: SetActions, created_ids: CreatedIds) -> Json:
        """Create, update and destroy, in this order. Maps that stay empty are null, as on a Cyrus."""
        if self.options.read_only:
            raise MethodError("accountReadOnly")
        wanted = [arguments.get(kind, ()) for kind in ("create", "update", "destroy")]
        if sum(map(len, wanted)) > self.options.limits.max_objects_in_set:
            raise self._too_many("maxObjectsInSet", whole_request=True)
        old_state = self.state
        if arguments.get("ifInState", old_state) != old_state:
            raise MethodError("stateMismatch")
        created, updated, destroyed = {}, {}, []
        not_created: Json = {}
        not_updated: Json = {}
        not_destroyed: Json = {}
        for creation_id, json in arguments.get("create", {}).items():
            with _refusals(not_created, creation_id):
                self._check(creation_id)
                created[creation_id] = actions.create(json)
                created_ids[creation_id] = created[creation_id]["id"]
        for object_id, patch in arguments.get("update", {}).items():
            with _refusals(not_updated, object_id):
                self._check(object_id)
                updated[object_id] = actions.update(object_id, patch)
        for object_id in arguments.get("destroy", ()):
            with _refusals(not_destroyed, object_id):
                self._check(object_id)
                actions.destroy(object_id)
                destroyed.append(object_id)
        return {
            "oldState": old_state,
            "newState": self.state,
            "created": created or None,
            "updated": updated or None,
            "destroyed": destroyed or None,
            "notCreated": not_created or None,
            "notUpdated": not_updated or None,
            "notDestroyed": not_destroyed or None,
        }

    def _check(self, object_id: str) -> None:
        self.faults.check_object(f"{self.name}/set", object_id)

    def _too_many(self, limit: str, *, whole_request: bool) -> Exception:
        if whole_request and self.options.refuse_whole_request:
            return RequestError("limit", f"Too many objects for {limit}.", limit=limit)
        return MethodError("requestTooLarge", description=limit)


@contextmanager
def _refusals(refused: Json, key: str) -> Iterator[None]:
    try:
        yield
    except SetError as error:
        refused[key] = error.json


def window(ids: list[str], arguments: Arguments, max_limit: int | None) -> Json:
    """The part of a query's result that was asked for (RFC 8620 section 5.5).

    The total is told also unasked when no limit is given, as a Cyrus does.
    """
    total = len(ids)
    position = _position(ids, arguments)
    asked = arguments.get("limit")
    limits = [limit for limit in (asked, max_limit) if limit is not None]
    limit = min(limits, default=total)
    answer: Json = {"position": position, "ids": ids[position : position + limit]}
    if arguments.get("calculateTotal") or asked is None:
        answer["total"] = total
    if max_limit is not None and limit != asked:
        answer["limit"] = limit
    return answer


def _position(ids: list[str], arguments: Arguments) -> int:
    if "anchor" in arguments:
        if arguments["anchor"] not in ids:
            raise MethodError("anchorNotFound")
        return max(0, ids.index(arguments["anchor"]) + int(arguments.get("anchorOffset", 0)))
    position = int(arguments.get("position", 0))
    return min(len(ids), position if position >= 0 else max(0, len(ids) + position))


def check_properties(arguments: Arguments, knows: Callable[[str], bool]) -> None:
    """`invalidArguments` for a property that the data type does not have, named as a Cyrus names it."""
    asked = arguments.get("properties", ())
    unknown = [f"properties[{index}:{name}]" for index, name in enumerate(asked) if not knows(name)]
    if unknown:
        raise invalid_arguments(*unknown)


def resolve_id(object_id: str, created_ids: CreatedIds) -> str:
    """The id behind a creation id; any other id is itself."""
    return created_ids.get(object_id[1:], object_id) if object_id.startswith("#") else object_id


def resolve_ids(arguments: Arguments, created: CreatedIds) -> Arguments:
    """The arguments of a get, with creation ids replaced."""
    if "ids" not in arguments:
        return arguments
    return arguments | {"ids": [resolve_id(object_id, created) for object_id in arguments["ids"]]}


def cannot_calculate_changes(_arguments: Arguments, _created_ids: CreatedIds) -> Json:
    """queryChanges: the sandbox keeps no past results."""
    raise MethodError("cannotCalculateChanges")
