"""The states of an account, and what changed between them.

One counter numbers every change, as a Cyrus's modseq does. The state of a data type is the number of its last change.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from mailroom.sandbox.errors import MethodError


@dataclass(slots=True)
class _Record:
    created: int
    changed: int
    changed_itself: int
    destroyed: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """The answer to "what changed since?" (RFC 8620 section 5.2).

    `only_counts` says of mailboxes that nothing but their counts differs (RFC 8621 section 2.2).
    """

    new_state: str
    has_more: bool = False
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)
    only_counts: bool = False


class Journal:
    """Numbers the changes of one account, and tells listeners that there are some."""

    def __init__(self) -> None:
        self.modseq = 1
        self.listeners: list[Callable[[], None]] = []
        self._records: dict[str, dict[str, _Record]] = {}
        self._last: dict[str, int] = {}

    def created(self, data_type: str, object_id: str) -> None:
        number = self._next(data_type)
        self._records.setdefault(data_type, {})[object_id] = _Record(number, number, number)

    def updated(self, data_type: str, object_id: str, *, only_counts: bool = False) -> None:
        record = self._records[data_type][object_id]
        record.changed = self._next(data_type)
        if not only_counts:
            record.changed_itself = record.changed

    def destroyed(self, data_type: str, object_id: str) -> None:
        self.updated(data_type, object_id)
        self._records[data_type][object_id].destroyed = True

    def state(self, data_type: str) -> str:
        return str(self._last.get(data_type, 0))

    def states_since(self, modseq: int) -> dict[str, str]:
        """The states of the data types that changed after a modseq."""
        return {data_type: str(number) for data_type, number in self._last.items() if number > modseq}

    def changes(self, data_type: str, since_state: str, max_changes: int | None) -> Changes:
        """The ids created, updated and destroyed since a state. A state still to come has no changes, as on Cyrus."""
        if not since_state.isdecimal():
            raise MethodError("cannotCalculateChanges", description="invalid sinceState")
        since = int(since_state)
        found = sorted(
            (record.created if record.created > since else record.changed, object_id, record)
            for object_id, record in self._records.get(data_type, {}).items()
            if record.changed > since and not (record.created > since and record.destroyed)
        )
        told = found[:max_changes]
        has_more = len(told) < len(found)
        old = [(object_id, record) for _, object_id, record in told if record.created <= since]
        updated = [(object_id, record) for object_id, record in old if not record.destroyed]
        return Changes(
            new_state=str(told[-1][0]) if has_more else self.state(data_type),
            has_more=has_more,
            created=[object_id for _, object_id, record in told if record.created > since],
            updated=[object_id for object_id, _ in updated],
            destroyed=[object_id for object_id, record in old if record.destroyed],
            only_counts=bool(updated) and all(record.changed_itself <= since for _, record in updated),
        )

    def _next(self, data_type: str) -> int:
        self.modseq += 1
        self._last[data_type] = self.modseq
        for listener in tuple(self.listeners):
            listener()
        return self.modseq
