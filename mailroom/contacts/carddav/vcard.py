"""One vCard: what triage reads in it, and edits that leave every other line as it stands.

Cards belong to the user and to other programs. vobject would reorder, refold and re-encode what it does not know, and
its line grammar takes exponential time on a line made for it. So they are read line by line here (RFC 6350 section
3.3), and an edit adds or drops lines.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import NamedTuple, Self

import vobject

from mailroom.contacts.errors import UnreadableCard
from mailroom.contacts.notes import TriageNote
from mailroom.core.addresses import canonical_address

_LINE_END = re.compile(r"\n(?![ \t])")
_FOLD = re.compile(r"\n[ \t]")
_CONTENT_LINE = re.compile(
    r"""(?:[\w-]+\.)? (?P<name>[\w-]+) (?P<parameters>(?:;(?:[^":]|"[^"]*")*)?) : (?P<value>.*)""",
    re.ASCII | re.DOTALL | re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_WRITTEN_ESCAPE = re.compile(r"(?:\n[ \t])?\\(?:\n[ \t])?(.)", re.DOTALL)
_CHARACTER = re.compile(r"(?:\n[ \t])*(.)", re.DOTALL)
_URN = "urn:uuid:"
_KINDS = frozenset({"KIND", "X-ADDRESSBOOKSERVER-KIND"})
_MEMBERS = frozenset({"MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"})


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
        if not text.strip():
            return cls(text)
        match = _CONTENT_LINE.fullmatch(_FOLD.sub("", text))
        if match is None:
            raise UnreadableCard(f"A line of the card is no content line: {text[:40]!r}.")
        return cls(text, match["name"].upper(), match["name"], match["parameters"].upper(), match["value"].strip())

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


@dataclass(frozen=True, slots=True)
class VCard:
    """A card of version 3.0 or 4.0; two are equal if every octet is.

    A group is Apple's (`X-ADDRESSBOOKSERVER-KIND`) or the standard's (`KIND`, RFC 6350 section 6.1.4).
    """

    lines: tuple[Line, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """The card in a text, whatever its line ends: XML turns CRLF into LF.

        `UnreadableCard` is raised for a text that is not exactly one card, and for a card that nobody can refer to.
        """
        folded = text.replace("\r\n", "\n").strip("\n")
        card = cls(tuple(Line.parse(line) for line in _LINE_END.split(folded)))
        marks = [(at, line.value.upper()) for at, line in enumerate(card.lines) if line.name in {"BEGIN", "END"}]
        if marks != [(0, "VCARD"), (len(card.lines) - 1, "VCARD")]:
            raise UnreadableCard("The text is not one whole card.")
        if not card.uid:
            raise UnreadableCard("The card has no UID, so no group can name it.")
        return card

    def __str__(self) -> str:
        return "".join(f"{line.text}\n" for line in self.lines).replace("\n", "\r\n")

    @property
    def uid(self) -> str:
        """The card's uid as `Contact` and `Group` spell it, without the URN that 4.0 may dress it in."""
        return next((_bare(line.plain_text) for line in self._named("UID")), "")

    @property
    def name(self) -> str:
        return next((line.plain_text for line in self._named("FN")), "")

    @property
    def is_group(self) -> bool:
        return self._kind is not None

    @property
    def addresses(self) -> frozenset[str]:
        """Canonical addresses; what cannot be one is left out."""
        written = (line.plain_text.strip().removeprefix("mailto:") for line in self._named("EMAIL"))
        return frozenset(filter(None, map(canonical_address, written)))

    @property
    def note_texts(self) -> list[str]:
        """The text of each of the card's notes."""
        return [line.plain_text for line in self._named("NOTE")]

    @property
    def members(self) -> frozenset[str]:
        """The uids of a group's members."""
        return frozenset(_bare(line.plain_text) for line in self._named(*_MEMBERS))

    def joined_by(self, uids: Iterable[str]) -> Self:
        """The group with these members too, written in the form that the group has."""
        kind = self._kind
        if kind is None:
            raise UnreadableCard(f"The card {self.uid} is not a group.")
        prefix, _, last = kind.spelled_name.rpartition("-")
        member = "member" if last.islower() else "MEMBER"
        name = f"{prefix}-{member}" if prefix else member
        return self._with(f"{name}:{_URN}{_escape(uid)}" for uid in sorted(frozenset(uids) - self.members))

    def left_by(self, uids: Collection[str]) -> Self:
        """The group without these members."""
        return type(self)(
            tuple(line for line in self.lines if not (line.name in _MEMBERS and _bare(line.plain_text) in uids))
        )

    def with_note(self, note: str) -> Self:
        """The card with one more line at the end of its note, unless it is there already."""
        for at, line in enumerate(self.lines):
            if line.is_open_text and line.name == "NOTE":
                if line.plain_text.rpartition("\n")[2] == note:
                    return self
                added = _folded(f"\\n{_escape(note)}" if line.value else _escape(note))
                return type(self)((*self.lines[:at], Line.parse(f"{line.text}\n {added}"), *self.lines[at + 1 :]))
        return self._with([f"NOTE:{_escape(note)}"])

    def without_triage_notes(self) -> Self:
        """The card without Mailroom's lines of its notes, and without a note of which nothing is left."""
        lines = (line.without_triage_notes() if line.name == "NOTE" else line for line in self.lines)
        return type(self)(tuple(line for line in lines if line is not None))

    @property
    def _kind(self) -> Line | None:
        return next((line for line in self._named(*_KINDS) if line.value.lower() == "group"), None)

    def _named(self, *names: str) -> Iterator[Line]:
        return (line for line in self.lines if line.name in names)

    def _with(self, lines: Iterable[str]) -> Self:
        return type(self)((*self.lines[:-1], *(Line.parse(_folded(line)) for line in lines), self.lines[-1]))


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


def _bare(uid: str) -> str:
    return uid[len(_URN) :] if uid.lower().startswith(_URN) else uid


def _escape(text: str) -> str:
    return str(vobject.base.backslashEscape(text))


def _folded(line: str) -> str:
    folded = StringIO()
    vobject.base.foldOneLine(folded, line)
    return folded.getvalue().replace("\r\n", "\n").removesuffix("\n")
