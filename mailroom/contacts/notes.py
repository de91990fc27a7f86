"""The lines that Mailroom writes into the notes of a contact: the one record of who was triaged where, and when.

They are read back to list the senders and taken out again by a reset. So the user may write whatever else around them.
No I/O.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

_LINE = re.compile(r"(?P<verb>Triaged|Re-triaged) to (?P<category>.+) on (?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})")


@dataclass(frozen=True, slots=True)
class TriageNote:
    """That a sender was triaged to a category on a day. `retriage`: from another category."""

    category: str
    day: date
    retriage: bool = False

    def __str__(self) -> str:
        verb = "Re-triaged" if self.retriage else "Triaged"
        return f"{verb} to {self.category} on {self.day.isoformat()}"

    @classmethod
    def parse(cls, line: str) -> Self | None:
        """The note that a line is; None for a line of somebody else's."""
        match = _LINE.fullmatch(line.strip())
        if match is None:
            return None
        try:
            day = date.fromisoformat(match["day"])
        except ValueError:
            return None
        return cls(match["category"], day, match["verb"] == "Re-triaged")


def lines_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The lines of several notes, in their order."""
    return tuple(line for text in texts if text for line in text.split("\n"))


def triage_notes(lines: Iterable[str]) -> tuple[TriageNote, ...]:
    """Those of the lines that are Mailroom's, in their order."""
    return tuple(note for note in map(TriageNote.parse, lines) if note is not None)


def without_triage_notes(text: str) -> str:
    """The text of a note without Mailroom's lines, and with all others as they are, however many of them are empty."""
    return "\n".join(line for line in text.split("\n") if TriageNote.parse(line) is None)
