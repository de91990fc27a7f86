"""The lines of a vCard (RFC 6350 section 3.3, RFC 2426 section 2): how they are read, folded and escaped. No I/O.

The text of a line has line feeds alone, as XML leaves them. Whoever writes a card makes them CRLF.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple, Self

from mailroom.contacts.notes import TriageNote

_MAX_OCTETS: Final = 75
_FOLD = re.compile(r"\n[ \t]")
# Each character has one way to match. A looser grammar takes exponential time on a line made for it, and one that gives
# back what it has matched (without the `+` behind) a hundred times the line's memory.
_CONTENT_LINE = re.compile(
    r"""(?:[\w-]+\.)? (?P<name>[\w-]+) (?P<parameters>(?:;(?:[^":]|"[^"]*+")*+)?+) : (?P<value>.*)""",
    re.ASCII | re.DOTALL | re.VERBOSE,
)
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_SPECIAL = re.compile(r"[\\,;]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WRITTEN_ESCAPE = re.compile(r"(?:\n[ \t])?\\(?:\n[ \t])?(.)", re.DOTALL)
_CHARACTER = re.compile(r"(?:\n[ \t])*(.)", re.DOTALL)


class _WrittenLine(NamedTuple):
    """A line of a note with its escapes and folds, and the escape that divides it from the line before."""

    line_break: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A content line: its text with all folds, and what it says. The value is as written, escapes and all."""

    text: str
    name: str = ""
    spelled_name: str = ""
    parameters: str = ""
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The line in a text, folds and all. One that is no content line has no name: it is kept, and not read.

        Programs write such lines (`X-messaging/xmpp-All:x`, `X-GOOGLE TALK:x`), and servers store them.
        """
        match = _CONTENT_LINE.fullmatch(_FOLD.sub("", text))
        return (
            cls(text)
            if match is None
            else cls(text, match["name"].upper(), match["name"], match["parameters"].upper(), match["value"].strip())
        )

    @property
    def plain_text(self) -> str:
        """The value without its escapes (RFC 6350 section 3.4)."""
        return _plain(self.value)

    @property
    def is_open_text(self) -> bool:
        """Whether text may follow: the value is not encoded (as in vCard 2.1), and ends in no half an escape."""
        backslashes = len(self.value) - len(self.value.rstrip("\\"))
        return "ENCODING" not in self.parameters and backslashes % 2 == 0

    def without_triage_notes(self) -> Self | None:
        """A note without Mailroom's lines, and all else in it as it is written; None if nothing is left."""
        if not self.is_open_text:
            return self
        lines = list(_written_lines(self.text, self._head))
        kept = [line for line in lines if TriageNote.parse(_plain(line.text)) is None]
        if len(kept) == len(lines):
            return self
        if not kept:
            return None
        rest = "".join(line.line_break + line.text for line in kept[1:])
        return type(self).parse(self.text[: self._head] + kept[0].text + rest)

    @property
    def _head(self) -> int:
        """Where the value begins in the text."""
        unfolded = _CONTENT_LINE.fullmatch(_FOLD.sub("", self.text))
        length = unfolded.start("value") if unfolded else 0
        return next((match.end() for match in islice(_CHARACTER.finditer(self.text), length - 1, None)), 0)


def escaped(text: str) -> str:
    """A text as a value says it (RFC 6350 section 3.4): on one line, and with nothing that would divide it."""
    return _LINE_BREAK.sub(r"\\n", _SPECIAL.sub(r"\\\g<0>", text))


def folded(line: str) -> str:
    """A line in pieces of at most 75 octets, the space that marks a fold among them (RFC 6350 section 3.2).

    It is cut between characters: a fold within one, which the RFC forbids, makes some programs show rubbish.
    """
    pieces: list[str] = []
    room = _MAX_OCTETS
    for character in line:
        size = len(character.encode())
        if size > room:
            pieces.append("\n ")
            room = _MAX_OCTETS - 1
        pieces.append(character)
        room -= size
    return "".join(pieces)


def _plain(written: str) -> str:
    """What a value says, without folds and escapes (RFC 6350 section 3.4)."""
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], _FOLD.sub("", written))


def _written_lines(text: str, start: int) -> Iterator[_WrittenLine]:
    """The lines of the note that begins at a place in a text."""
    line_break = ""
    for match in _WRITTEN_ESCAPE.finditer(text, start):
        if match[1] in "nN":
            yield _WrittenLine(line_break, text[start : match.start()])
            line_break, start = match[0], match.end()
    yield _WrittenLine(line_break, text[start:])
