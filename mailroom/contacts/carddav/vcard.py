"""One vCard: what triage reads in it, edits that leave every other line as it stands, and new cards. No I/O.

Cards belong to the user and to other programs, and a library that makes an object of a card would write it back in
another order, fold and encoding. So an edit adds or drops lines, and the others stay as they are to the last octet.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Self

from mailroom.contacts.book import NewContact
from mailroom.contacts.carddav.content_line import Line, escaped, folded
from mailroom.contacts.errors import UnreadableCard
from mailroom.contacts.names import display_name, fingerprint, split_name
from mailroom.core.addresses import canonical_address

MAX_LINES: Final = 50_000
"""How many lines a card may have, whether the text has them or a value. A group has one for each member."""
_LINE_END = re.compile(r"\n(?![ \t])")
_URN = "urn:uuid:"
_KINDS = frozenset({"KIND", "X-ADDRESSBOOKSERVER-KIND"})
_MEMBERS = frozenset({"MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"})


@dataclass(frozen=True, slots=True)
class VCard:
    """A card of version 3.0 or 4.0; two are equal if every octet is.

    A group is Apple's (`X-ADDRESSBOOKSERVER-KIND`) or the standard's (`KIND`, RFC 6350 section 6.1.4).
    """

    lines: tuple[Line, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """The card in a text, whatever its line ends: XML turns CRLF into LF.

        `UnreadableCard` is raised for a text that is not exactly one card, for one of more lines than anybody has, and
        for a card that nobody can refer to.
        """
        if text.count("\n") + text.count("\\") - text.count("\n ") > MAX_LINES:
            raise UnreadableCard(f"The card has more than {MAX_LINES} lines.")
        folded = text.replace("\r\n", "\n").strip("\n")
        card = cls(tuple(_lines(folded)))
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
        return frozenset(filter(None, map(canonical_address, (line.plain_text for line in self._named("EMAIL")))))

    def has(self, name: str, text: str) -> bool:
        """Whether a property of this name holds this text somewhere, whatever its case."""
        return any(text.casefold() in line.plain_text.casefold() for line in self._named(name))

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
        return self._with(f"{name}:{_URN}{escaped(uid)}" for uid in sorted(frozenset(uids) - self.members))

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
                added = folded(f" \\n{escaped(note)}" if line.value else f" {escaped(note)}")
                return type(self)((*self.lines[:at], Line.parse(f"{line.text}\n{added}"), *self.lines[at + 1 :]))
        return self._with([f"NOTE:{escaped(note)}"])

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
        return type(self)((*self.lines[:-1], *(Line.parse(folded(line)) for line in lines), self.lines[-1]))


def new_card(contact: NewContact, note: str = "") -> VCard:
    """The card of a new contact, of version 3.0, which servers convert for nobody.

    It has N, even an empty one, which 3.0 demands (RFC 2426 section 3.1.2). The fingerprint of the name is in a
    property that no contacts app shows.
    """
    name = display_name(contact.name)
    full_name = escaped(name or contact.address)
    is_person = contact.contact_type == "person"
    given, surname = split_name(name) if is_person else ("", "")
    return _new(
        contact.uid,
        f"FN:{full_name}",
        f"N:{escaped(surname)};{escaped(given)};;;",
        f"EMAIL;TYPE=INTERNET:{escaped(contact.address)}",
        f"X-MAILROOM-SEAL:{fingerprint(name or contact.address)}",
        *([] if is_person else [f"ORG:{full_name}", "X-ABSHOWAS:COMPANY"]),
        *([f"NOTE:{escaped(note)}"] if note else []),
    )


def new_group(uid: str, name: str) -> VCard:
    """The card of a group with nobody in it, in Apple's form: the one that every server keeps as it is."""
    return _new(uid, f"FN:{escaped(name)}", f"N:{escaped(name)};;;;", "X-ADDRESSBOOKSERVER-KIND:group")


def _new(uid: str, *lines: str) -> VCard:
    said = ("BEGIN:VCARD", "VERSION:3.0", f"UID:{escaped(uid)}", *lines, "END:VCARD")
    return VCard(tuple(Line.parse(folded(line)) for line in said))


def _lines(text: str) -> Iterator[Line]:
    """The lines of a text. Those of a card within the card, as vCard 2.1 has it for an AGENT, are kept and not read."""
    is_within, after_agent = False, False
    for line in map(Line.parse, _LINE_END.split(text)):
        what = (line.name, line.value.upper())
        is_within = is_within or what == ("AGENT", "BEGIN:VCARD") or (after_agent and what == ("BEGIN", "VCARD"))
        after_agent = what == ("AGENT", "")
        yield Line(line.text) if is_within else line
        is_within = is_within and what != ("END", "VCARD")


def _bare(uid: str) -> str:
    return uid[len(_URN) :] if uid.lower().startswith(_URN) else uid
