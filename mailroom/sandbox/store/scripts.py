"""The Sieve scripts of one account. They are stored, and one of them is active; the sandbox never runs them."""

from dataclasses import dataclass

from mailroom.sandbox.store.journal import Journal

DATA_TYPE = "SieveScript"


@dataclass(slots=True)
class Script:
    """A script, and the blob that its content was uploaded as."""

    id: str
    name: str
    blob_id: str
    content: str


class Scripts:
    """Holds the scripts, and notes each change in the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._last_id = 0
        self.by_id: dict[str, Script] = {}
        self.active_id: str | None = None

    @property
    def active(self) -> Script | None:
        return self.by_id.get(self.active_id or "")

    def named(self, name: str) -> Script | None:
        return next((script for script in self.by_id.values() if script.name == name), None)

    def add(self, name: str, blob_id: str, content: str) -> Script:
        self._last_id += 1
        script = Script(f"S{self._last_id}", name, blob_id, content)
        self.by_id[script.id] = script
        self._journal.created(DATA_TYPE, script.id)
        return script

    def change(self, script: Script, *, name: str, blob_id: str, content: str) -> None:
        script.name, script.blob_id, script.content = name, blob_id, content
        self._journal.updated(DATA_TYPE, script.id)

    def remove(self, script: Script) -> None:
        del self.by_id[script.id]
        self._journal.destroyed(DATA_TYPE, script.id)

    def activate(self, script: Script | None) -> list[Script]:
        """Make a script the active one, or none; the answer are those for which that is a change."""
        changed = [each for each in (self.active, script) if each is not None and self.active is not script]
        self.active_id = None if script is None else script.id
        for each in changed:
            self._journal.updated(DATA_TYPE, each.id)
        return changed
