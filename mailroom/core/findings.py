"""What a look at something came to."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How something is, in a word: colours alone would tell nothing to a script, a log or a colour-blind person."""

    OK = "ok"
    WARN = "warn"
    """It works, though not as well as it could."""
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and what to do about it if anything is to be done."""

    severity: Severity
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}"
