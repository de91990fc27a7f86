"""How often somebody waited for the server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class RoundTrips:
    """Counts requests, and how many of them had to wait for one another.

    A request is one step deeper than the deepest one that had ended when it began, so ten requests at once are one
    sequential round trip, and two after each other are two, whatever runs beside them.
    """

    requests: int = 0
    sequential: int = 0

    @contextmanager
    def request(self) -> Iterator[None]:
        """Count what happens inside as one request."""
        self.requests += 1
        depth = self.sequential + 1
        try:
            yield
        finally:
            self.sequential = max(self.sequential, depth)
