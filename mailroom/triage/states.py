"""Which states of the account a poll knows all about."""

from collections.abc import Iterable


class OwnWrites:
    """The Email states (RFC 8620 section 5.1) that a poll saw, or brought about itself.

    Each write says which state it found and which one it left. As long as each finds what the one before left, nobody
    else has changed anything, and the announcement of any state in the chain is no news. The first write that finds
    another state ends the chain: what came in between is still to be looked at.
    """

    def __init__(self, seen: str | None) -> None:
        self._last = seen
        self.states = frozenset() if seen is None else frozenset({seen})

    def wrote(self, transitions: Iterable[tuple[str | None, str]]) -> None:
        """Take in the old and the new state that each call of a write reports."""
        for found, left in transitions:
            if self._last is None or found != self._last:
                self._last = None
                return
            self._last = left
            self.states |= {left}
