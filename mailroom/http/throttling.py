"""What a server puts off although the exchange goes on: one object of many, one card beside others.

An answer that refuses the whole exchange is raised, and ends whatever it belongs to. One that refuses a part for now,
such as a SetError `rateLimit` (RFC 8620 section 5.3), must not: the rest of the work is good. But the server asks to be
left alone all the same, and that is noted here by whoever reads the answer, for whoever began the work.
"""

from mailroom.core.errors import MailroomError


class Throttling:
    """Holds what was put off since somebody last took it."""

    def __init__(self) -> None:
        self._error: MailroomError | None = None

    def note(self, error: MailroomError) -> None:
        """A part was put off. Of several errors, the one counts that asks for the longest time."""
        if self._error is None or (error.retry_after or 0.0) > (self._error.retry_after or 0.0):
            self._error = error

    def take(self) -> MailroomError | None:
        """What was put off, which is forgotten then; None if nothing was."""
        error, self._error = self._error, None
        return error
